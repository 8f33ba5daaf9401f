// Owns: the proof that a chain that stands still says so, and an idle one does not.
#include "node/watch.h"

#include <gtest/gtest.h>

namespace salus::node {
namespace {

// Two of four are not linked, and a transaction waits.
replica::Situation stuck(std::uint64_t now_ms) {
  replica::Situation situation;
  situation.now = MonoMs{now_ms};
  replica::ReplicaStatus& status = situation.status;
  status.tip.height = Height{7};
  status.waiting_transactions = 1;
  status.consensus.own_index = ValidatorIndex{0};
  status.consensus.quorum = 3;
  status.consensus.heard_enough = true;
  status.consensus.view = View{9};
  status.consensus.finalized = View{8};
  status.consensus.waiting = consensus::Waiting::Nullification;
  status.consensus.seen.resize(4);
  status.consensus.views.push_back({.view = View{9},
                                    .leader = ValidatorIndex{1},
                                    .candidate = std::nullopt,
                                    .notarize = {ValidatorIndex{0}},
                                    .nullify = {ValidatorIndex{1}},
                                    .finalize = {}});
  for (const char* name : {"ada", "bea", "cyd", "dov"}) {
    situation.members.push_back({.name = name, .node = {}});
  }
  situation.members[0].own = true;
  situation.members[1].linked = true;
  return situation;
}

TEST(Watch, says_after_a_while_why_the_chain_stands_and_what_to_do) {
  Watch watch;
  EXPECT_FALSE(watch.look(stuck(1'000)));
  EXPECT_FALSE(watch.look(stuck(5'000)));
  const auto line = watch.look(stuck(6'500));
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->starts_with("No block for 5 s. Too few links: ")) << *line;
  EXPECT_NE(line->find("cyd (never linked), dov"), std::string::npos) << *line;
  EXPECT_NE(line->find("verdict=links"), std::string::npos) << *line;
  EXPECT_NE(line->find("votes=[9:N,X,.,.]"), std::string::npos) << *line;
  EXPECT_NE(line->find("height=7"), std::string::npos) << *line;
  EXPECT_FALSE(watch.look(stuck(7'000))) << "not again at once";
  EXPECT_TRUE(watch.look(stuck(12'000)));
}

TEST(Watch, is_silent_while_the_chain_is_idle_or_moves) {
  Watch watch;
  for (std::uint64_t now = 1'000; now < 60'000; now += 1'000) {
    replica::Situation idle = stuck(now);
    idle.status.waiting_transactions = 0;
    idle.status.consensus.waiting = consensus::Waiting::Idle;
    EXPECT_FALSE(watch.look(idle));
  }
  for (std::uint64_t now = 60'000; now < 120'000; now += 1'000) {
    replica::Situation moving = stuck(now);
    moving.status.tip.height = Height{now};
    EXPECT_FALSE(watch.look(moving));
  }
}

TEST(Watch, counts_the_blocks_of_the_last_ten_seconds) {
  Watch watch;
  EXPECT_EQ(watch.blocks_last_10_s(), 0U);
  for (std::uint64_t second = 1; second <= 30; ++second) {
    replica::Situation moving = stuck(second * 1'000);
    moving.status.tip.height = Height{second * 3};
    watch.look(moving);
  }
  EXPECT_EQ(watch.blocks_last_10_s(), 30U);
}

}  // namespace
}  // namespace salus::node
