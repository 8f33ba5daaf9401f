// Owns: the proof that a chain that stands still says so, and an idle one does not.
#include "node/watch.h"

#include <gtest/gtest.h>

namespace salus::node {
namespace {

replica::ReplicaStatus stuck_status() {
  replica::ReplicaStatus status;
  status.tip.height = Height{7};
  status.waiting_transactions = 1;
  status.consensus.view = View{9};
  status.consensus.finalized = View{8};
  status.consensus.waiting = consensus::Waiting::Nullification;
  status.consensus.seen.resize(4);
  status.consensus.views.push_back({.view = View{9},
                                    .leader = ValidatorIndex{1},
                                    .candidate = std::nullopt,
                                    .notarize = {ValidatorIndex{0}},
                                    .nullify = {ValidatorIndex{2}, ValidatorIndex{3}},
                                    .finalize = {}});
  return status;
}

TEST(Watch, says_after_a_while_what_a_standing_chain_waits_for) {
  Watch watch;
  const auto status = stuck_status();
  EXPECT_FALSE(watch.look(status, MonoMs{1'000}));
  EXPECT_FALSE(watch.look(status, MonoMs{5'000}));
  const auto line = watch.look(status, MonoMs{6'500});
  ASSERT_TRUE(line);
  EXPECT_NE(line->find("No block for 5 s"), std::string::npos) << *line;
  EXPECT_NE(line->find("9:N.XX"), std::string::npos) << *line;
  EXPECT_NE(line->find("height=7"), std::string::npos) << *line;
  EXPECT_FALSE(watch.look(status, MonoMs{7'000})) << "not again at once";
  EXPECT_TRUE(watch.look(status, MonoMs{12'000}));
}

TEST(Watch, is_silent_while_the_chain_is_idle_or_moves) {
  Watch watch;
  auto status = stuck_status();
  status.waiting_transactions = 0;
  status.consensus.waiting = consensus::Waiting::Idle;
  for (std::uint64_t now = 0; now < 60'000; now += 1'000) {
    EXPECT_FALSE(watch.look(status, MonoMs{now}));
  }
  status = stuck_status();
  for (std::uint64_t now = 60'000; now < 120'000; now += 1'000) {
    status.tip.height = status.tip.height.next();
    EXPECT_FALSE(watch.look(status, MonoMs{now}));
  }
}

}  // namespace
}  // namespace salus::node
