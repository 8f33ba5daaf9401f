// Owns: proof that each submission of a client is answered once, whatever the replica says and when.
#include "node/submissions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "crypto/hash.h"

namespace salus::node {
namespace {

using replica::SubmissionState;
using std::chrono::milliseconds;

class SubmissionsTest : public ::testing::Test {
 protected:
  void submit(bool wait_finalized, milliseconds deadline) {
    submissions_.submit({}, wait_finalized, std::chrono::steady_clock::now() + deadline,
                        [this](rpc::SubmitOutcome outcome) { answers_.push_back(outcome); });
  }
  void reply(std::uint64_t ticket, SubmissionState state,
             v1::ErrorCode code = v1::ERROR_CODE_UNSPECIFIED) {
    submissions_.on_reply({.ticket = replica::Ticket{ticket},
                           .id = id_,
                           .state = state,
                           .code = code,
                           .height = Height{7},
                           .result = {}});
  }
  std::size_t abandoned() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(queued_, [](const replica::Event& event) {
          return std::holds_alternative<replica::Abandon>(event);
        }));
  }

  boost::asio::io_context io_;
  std::vector<replica::Event> queued_;
  std::vector<rpc::SubmitOutcome> answers_;
  TxId id_{crypto::hash("test.tx", {}).bytes};
  Submissions submissions_{io_, Driver::Strand{io_.get_executor()},
                           [this](replica::Event event) { queued_.push_back(std::move(event)); }};
};

TEST_F(SubmissionsTest, that_nobody_looked_at_end_at_their_deadline_as_not_ready) {
  submit(true, milliseconds{1});
  io_.run();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].refused, dao::Error::NotReady);
  EXPECT_EQ(abandoned(), 1U);
  reply(1, SubmissionState::Finalized);
  EXPECT_EQ(answers_.size(), 1U) << "once";
}

TEST_F(SubmissionsTest, that_were_admitted_say_so_at_their_deadline) {
  submit(true, milliseconds{1});
  reply(1, SubmissionState::Admitted);
  io_.run();
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].id, id_);
  EXPECT_FALSE(answers_[0].refused);
  EXPECT_FALSE(answers_[0].finalized);
}

TEST_F(SubmissionsTest, end_with_their_block_for_who_waits_and_at_admission_for_who_does_not) {
  submit(true, milliseconds{60'000});
  submit(false, milliseconds{60'000});
  reply(1, SubmissionState::Admitted);
  EXPECT_TRUE(answers_.empty());
  reply(2, SubmissionState::Admitted);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(abandoned(), 1U) << "nobody waits for the second any more";
  reply(1, SubmissionState::Finalized);
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_EQ(answers_[1].finalized, Height{7});
  EXPECT_EQ(submissions_.finality().count(), 1U);
}

TEST_F(SubmissionsTest, that_are_refused_say_why) {
  submit(true, milliseconds{60'000});
  reply(1, SubmissionState::Refused, v1::ERROR_CODE_AUTH_VERSION_STALE);
  ASSERT_EQ(answers_.size(), 1U);
  EXPECT_EQ(answers_[0].refused, dao::Error::AuthVersionStale);
}

TEST_F(SubmissionsTest, that_wait_are_answered_when_the_node_stops) {
  submit(true, milliseconds{60'000});
  submit(true, milliseconds{60'000});
  reply(2, SubmissionState::Admitted);
  submissions_.stop();
  ASSERT_EQ(answers_.size(), 2U);
  EXPECT_TRUE(answers_[0].id.is_zero());
  EXPECT_EQ(answers_[1].id, id_);
}

}  // namespace
}  // namespace salus::node
