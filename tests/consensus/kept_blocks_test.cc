// Owns: which bytes finality rests on, and that bytes which made room for others are fetched again
// when somebody names them (C36, C37, section 10).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "rig.h"

namespace salus::consensus::testing {
namespace {

using Digests = std::set<Digest>;

bool is_fetched(const Rig& rig, char name) {
  return std::ranges::any_of(rig.asked<FetchBlock>(), [&](const FetchBlock& fetch) {
    return fetch.digest == Rig::block(name);
  });
}

// Bytes that a leader showed early, before anybody named them.
struct KeptBlocks : ::testing::Test {
  KeptBlocks() {
    rig.open_gate();
    rig.bring('A');
  }
  void wait() { rig.tick(Rig::kStartMs + 1'000); }

  Rig rig{4, 0};
  Candidate candidate = Rig::candidate(1, 0, 'A');
};

// Regression: the core went on believing that the bytes were here, so nobody fetched them.
TEST_F(KeptBlocks, what_is_gone_is_fetched_when_a_vote_names_it) {
  rig.step(BlockGone{Rig::block('A')});
  rig.vote(1, notarize(candidate));
  wait();
  EXPECT_TRUE(is_fetched(rig, 'A'));
  rig.bring('A');
  EXPECT_EQ(rig.asked<Check>().size(), 1U);
}

TEST_F(KeptBlocks, what_is_gone_is_fetched_when_a_quorum_names_it) {
  rig.vote(1, notarize(candidate));
  rig.step(BlockGone{Rig::block('A')});
  rig.certificate_in(notarize(candidate), {1, 2, 3});
  rig.flush();
  EXPECT_TRUE(rig.records.end() ==
              std::ranges::find_if(rig.records,
                                   [](const Record& record) {
                                     return std::holds_alternative<CandidateRecord>(record);
                                   }))
      << "bytes that are not here are not staged";
  wait();
  EXPECT_TRUE(is_fetched(rig, 'A'));
}

TEST_F(KeptBlocks, what_is_here_is_not_fetched) {
  rig.vote(1, notarize(candidate));
  wait();
  EXPECT_FALSE(is_fetched(rig, 'A'));
}

TEST_F(KeptBlocks, an_offer_is_needed_once_its_view_is_open) {
  EXPECT_EQ(rig.core().needed_blocks(), Digests{});
  rig.vote(1, notarize(candidate));
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('A')});
  rig.certificate_in(Rig::skip(1), {1, 2, 3});
  rig.flush();
  EXPECT_EQ(rig.core().needed_blocks(), Digests{}) << "neither voted for nor certified";
}

// C36, and S3: from the vote on, whichever way the view ends.
TEST_F(KeptBlocks, what_was_voted_for_is_needed_until_a_finalization_passes_it) {
  rig.vote(1, notarize(candidate));
  rig.answer(candidate, Purpose::Notarize, true);
  rig.certificate_in(Rig::skip(1), {1, 2, 3});
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('A')}) << "before its stage is out";
  rig.flush();
  ASSERT_TRUE(rig.has_cast(notarize(candidate)));
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('A')});
  const Candidate next = Rig::candidate(2, 0, 'B');
  rig.certificate_in(finalize(next), {1, 2, 3});
  rig.flush();
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('B')});
}

// Regression: its record waited behind a stage in flight while its bytes went, and the process
// aborted where the next stage was made. Here a certificate has decided for another block (C5).
TEST_F(KeptBlocks, what_waits_for_a_stage_is_needed) {
  const Candidate other = Rig::candidate(1, 0, 'B');
  rig.certificate_in(notarize(other), {1, 2, 3});
  const auto in_flight = rig.core().take_stage();
  ASSERT_TRUE(in_flight);
  rig.vote(1, notarize(candidate));
  rig.answer(candidate, Purpose::Notarize, true);
  rig.step(Durable{.stage = in_flight->stage, .signatures = {}});
  EXPECT_EQ(rig.core().needed_blocks(), (Digests{Rig::block('A'), Rig::block('B')}));
  rig.flush();
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('B')});
}

TEST_F(KeptBlocks, what_a_quorum_notarized_is_needed_though_nobody_here_voted_for_it) {
  rig.certificate_in(notarize(candidate), {1, 2, 3});
  rig.flush();
  rig.certificate_in(Rig::skip(1), {1, 2, 3});
  rig.flush();
  EXPECT_EQ(rig.core().needed_blocks(), Digests{Rig::block('A')});
}

}  // namespace
}  // namespace salus::consensus::testing
