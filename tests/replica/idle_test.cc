// Owns: an idle chain settles: one trailing empty block, then only heartbeats (C27), and nothing on
// the disk in between.
#include <gtest/gtest.h>

#include "replica/diagnosis.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

class IdleChain : public ::testing::TestWithParam<std::size_t> {};

TEST_P(IdleChain, makes_one_empty_block_and_then_only_heartbeats) {
  Network network{validators(GetParam())};
  network.start_all();
  const auto handle = pay(network, 0);
  ASSERT_TRUE(network.run_until([&] { return network.is_final(handle); }, 2'000));
  network.run_for(5'000);
  const Height settled = network.height_of(1);
  EXPECT_EQ(settled, network.client(handle).height.next());
  EXPECT_EQ(network.oracle().empty_blocks(), 1U);

  std::uint64_t votes = 0;
  network.watch([&](const Frame& frame) {
    if (frame.type == FrameType::Vote) ++votes;
    return true;
  });
  const std::uint64_t syncs = network.syncs(0);
  network.run_for(20'000);
  EXPECT_EQ(network.height_of(1), settled);
  EXPECT_EQ(network.syncs(0), syncs);
  EXPECT_EQ(votes, 0U);

  network.run_for(70'000);
  EXPECT_EQ(network.height_of(1).value(), settled.value() + 3);
  EXPECT_TRUE(network.all_equal());
  EXPECT_EQ(network.oracle().report(), "");
}

INSTANTIATE_TEST_SUITE_P(of_validators, IdleChain, ::testing::Values(1, 4));

// C20 (iii): what f+1 hold starts the timers of all, though the leader knows nothing of it.
TEST(IdleChain, serves_a_transaction_that_only_followers_hold) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(3'000);
  const auto led_by = network.replica(0).status().consensus.leader.value();
  const auto holder = static_cast<std::uint16_t>((led_by + 2) % 4);
  const auto other = static_cast<std::uint16_t>((led_by + 3) % 4);
  network.watch([](const Frame& frame) { return frame.type != FrameType::Transaction; });
  const auto handle = pay(network, holder);
  network.submit_again(other, handle);
  EXPECT_TRUE(network.run_until([&] { return network.is_final(handle); }, 10'000));
  EXPECT_EQ(network.oracle().report(), "");
}

// A lost frame does not lose the transaction: its node says it again.
TEST(IdleChain, a_transaction_whose_first_relay_is_lost_is_said_again) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(3'000);
  const auto led_by = network.replica(0).status().consensus.leader.value();
  const auto holder = static_cast<std::uint16_t>((led_by + 2) % 4);
  network.watch([](const Frame& frame) { return frame.type != FrameType::Transaction; });
  const auto handle = pay(network, holder);
  network.run_for(10);
  network.watch(nullptr);
  EXPECT_TRUE(network.run_until([&] { return network.is_final(handle); }, 3'000));
  EXPECT_EQ(network.oracle().report(), "");
}

// Each view that it skipped would cost the journal some of the space that it lacks (S16).
TEST(IdleChain, a_lone_validator_whose_journal_is_full_waits_in_its_view) {
  Network network{validators(1)};
  network.start_all();
  network.run_for(3'000);
  Faults full = network.faults();
  full.declined = 1'000;
  network.set_faults(full);
  network.run_for(2'000);
  const View view = network.replica(0).view();
  const std::uint64_t syncs = network.syncs(0);
  const auto handle = pay(network, 0);
  network.run_for(600'000);
  EXPECT_FALSE(network.is_final(handle));
  EXPECT_EQ(network.replica(0).view(), view);
  EXPECT_EQ(network.syncs(0), syncs);
  const Verdict verdict = diagnose(network.replica(0).situation());
  EXPECT_EQ(verdict.stall, Stall::Disk) << verdict.sentence;
  EXPECT_NE(verdict.sentence.find("waits with its blocks"), std::string::npos) << verdict.sentence;

  full.declined = 0;
  network.set_faults(full);
  EXPECT_TRUE(network.run_until([&] { return network.is_final(handle); }, 2'000));
  EXPECT_EQ(network.oracle().report(), "");
}

}  // namespace
}  // namespace salus::sim
