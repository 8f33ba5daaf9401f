// Owns: the verdicts of whole replicas in trouble that was really made: what each cause of a
// standing chain looks like from inside a node (consensus.md, section 12).
#include "replica/situation.h"

#include <gtest/gtest.h>

#include "replica/diagnosis.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

using replica::Stall;
using replica::Verdict;

class AStandingChain : public ::testing::Test {
 protected:
  AStandingChain() {
    network.start_all();
    network.run_for(100);
    pay(network, 0);
    EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 2'000));
    // Nobody has work.
    network.run_for(3'000);
  }

  Verdict ask(std::uint16_t node) const {
    return replica::diagnose(network.replica(node).situation());
  }
  std::string name(std::uint16_t node) const {
    return network.replica(node).situation().members[node].name;
  }
  // What the node says at the first moment when it says `stall`.
  std::string wait_for(std::uint16_t node, Stall stall, std::uint64_t span_ms) {
    Verdict last;
    const bool said = network.run_until(
        [&] {
          last = ask(node);
          return last.stall == stall;
        },
        span_ms);
    EXPECT_TRUE(said) << "instead: " << last.sentence;
    return last.sentence;
  }

  Network network{validators(4)};
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(AStandingChain, is_idle_without_work_and_healthy_with_it) {
  const Verdict idle = ask(0);
  EXPECT_EQ(idle.stall, Stall::Idle) << idle.sentence;
  EXPECT_TRUE(holds(idle.sentence, "next heartbeat in ")) << idle.sentence;
  pay(network, 0);
  wait_for(1, Stall::Healthy, 2'000);
}

TEST_F(AStandingChain, without_its_quorum_names_the_missing_and_is_healthy_when_they_are_back) {
  const std::string first = name(2);
  const std::string second = name(3);
  network.crash(2);
  network.crash(3);
  pay(network, 0);
  const std::string said = wait_for(0, Stall::Links, 5'000);
  EXPECT_TRUE(holds(said, first) && holds(said, second)) << said;
  EXPECT_FALSE(holds(said, name(1))) << said;
  network.start(2);
  network.start(3);
  wait_for(0, Stall::Healthy, 10'000);
}

TEST_F(AStandingChain, whose_validators_are_linked_and_unheard_names_them_as_silent) {
  for (const std::uint16_t quiet : {std::uint16_t{2}, std::uint16_t{3}}) {
    for (std::uint16_t to = 0; to < 4; ++to) {
      if (to != quiet) network.set_cut(quiet, to, true);
    }
  }
  pay(network, 0);
  const std::string said = wait_for(0, Stall::Silent, 10'000);
  EXPECT_TRUE(holds(said, name(2)) && holds(said, name(3))) << said;
}

TEST_F(AStandingChain, whose_leader_is_gone_names_it) {
  const auto leader = network.replica(0).status().consensus.leader.value();
  const auto other = static_cast<std::uint16_t>((leader + 1) % 4);
  const std::string gone = name(leader);
  network.crash(leader);
  pay(network, other);
  const std::string said = wait_for(other, Stall::NoLeader, 5'000);
  EXPECT_TRUE(holds(said, gone)) << said;
}

TEST_F(AStandingChain, of_a_node_to_whom_no_block_comes_is_behind_what_it_knows_to_be_final) {
  network.watch([](const Frame& frame) {
    const bool brings_blocks = frame.type == FrameType::Block || frame.type == FrameType::Answer;
    return frame.to != 3 || !brings_blocks;
  });
  pay(network, 0);
  const std::string said = wait_for(3, Stall::Behind, 5'000);
  EXPECT_TRUE(holds(said, "and not the blocks above height ")) << said;
}

TEST_F(AStandingChain, that_missed_blocks_is_behind) {
  network.crash(3);
  for (int i = 0; i < 40; ++i) {
    pay(network, 0);
    network.run_for(300);
  }
  network.start(3);
  const std::string said = wait_for(3, Stall::Behind, 5'000);
  EXPECT_TRUE(holds(said, "the others ")) << said;
}

TEST_F(AStandingChain, that_has_just_started_alone_says_whom_it_has_not_heard) {
  for (std::uint16_t node = 0; node < 4; ++node) network.crash(node);
  network.start(0);
  network.run_for(500);
  const Verdict verdict = ask(0);
  EXPECT_EQ(verdict.stall, Stall::NotVoting) << verdict.sentence;
  EXPECT_TRUE(holds(verdict.sentence, "0 of the 2")) << verdict.sentence;
}

TEST_F(AStandingChain, knows_its_peers_heights_and_clocks) {
  network.shift_clock(2, 700);
  network.run_for(3'000);
  const replica::Situation situation = network.replica(0).situation();
  ASSERT_TRUE(situation.members[2].said);
  EXPECT_EQ(situation.members[2].said->height, network.height(2));
  EXPECT_NEAR(static_cast<double>(situation.members[2].said->clock_offset_ms), 700, 50);
  EXPECT_FALSE(situation.members[0].said);
  EXPECT_TRUE(situation.members[0].own);
}

}  // namespace
}  // namespace salus::sim
