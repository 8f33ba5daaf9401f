// Owns: a quorum that is lost costs progress and nothing else: no memory grows, no view moves, and
// the length of the outage does not matter (besu-eth/besu#7642; section 14.6).
#include <gtest/gtest.h>
#include <malloc.h>

#include "sim/actions.h"

namespace salus::sim {
namespace {

struct Case {
  std::uint64_t outage_ms;
  std::uint64_t retry_ms;
};
class Outage : public ::testing::TestWithParam<Case> {};

TEST_P(Outage, without_quorum_nothing_moves_and_with_it_all_goes_on_at_once) {
  const Case& row = GetParam();
  NetworkOptions options = validators(4);
  options.parameters = {{"consensus.retry_ms", row.retry_ms},
                        {"consensus.standstill_ms", 10 * row.retry_ms}};
  Network network{options};
  network.start_all();
  network.run_for(100);
  pay(network, 0);
  ASSERT_TRUE(network.run_until([&] { return network.are_all_final(); }, 1'000));
  network.run_for(1'000);

  network.crash(2);
  network.crash(3);
  pay(network, 0);
  network.run_for(30'000);
  const Height before = network.oracle().height();
  const auto view = network.replica(0).status().consensus.view;
  const std::size_t bytes = mallinfo2().uordblks;
  const LogPosition journal = network.disk(0).journal_end();

  network.run_for(row.outage_ms);
  EXPECT_EQ(network.oracle().height(), before);
  EXPECT_EQ(network.replica(0).status().consensus.view, view);
  EXPECT_EQ(network.disk(0).journal_end(), journal);
  EXPECT_LT(mallinfo2().uordblks, bytes + 100'000);

  network.start(2);
  network.start(3);
  // t_r and a few delays of 1 ms; two leaders that have just returned may cost a t_l each.
  EXPECT_TRUE(
      network.run_until([&] { return network.are_all_final(); }, row.retry_ms + 2'000 + 20));
  EXPECT_EQ(network.oracle().report(), "");
}

INSTANTIATE_TEST_SUITE_P(of_ms, Outage,
                         ::testing::Values(Case{.outage_ms = 1'000, .retry_ms = 1'000},
                                           Case{.outage_ms = 1'000, .retry_ms = 10'000},
                                           Case{.outage_ms = 3 * 24 * 3'600'000,
                                                .retry_ms = 10'000}));

TEST(CatchUp, a_node_that_missed_500_blocks_fetches_them_by_height) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(100);
  network.crash(3);
  for (int i = 0; i < 300; ++i) {
    pay(network, static_cast<std::uint16_t>(i % 3));
    network.run_for(300);
  }
  ASSERT_TRUE(network.run_until([&] { return network.are_all_final(); }, 10'000));
  ASSERT_GT(network.oracle().height().value(), 500U);
  network.start(3);
  EXPECT_TRUE(network.run_until([&] { return network.all_equal(); }, 10'000))
      << network.height(3).value() << " of " << network.oracle().height().value();
  const auto votes = network.replica(3).status().consensus.counters.notarize_cast;
  pay(network, 3);
  EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 5'000));
  network.run_for(3'000);
  EXPECT_GT(network.replica(3).status().consensus.counters.notarize_cast, votes);
  EXPECT_EQ(network.oracle().report(), "");
}

// What it fetches ends where the others were when it asked; the tail comes by itself.
TEST(CatchUp, a_node_catches_up_while_the_chain_goes_on) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(100);
  network.crash(3);
  for (int i = 0; i < 300; ++i) {
    if (i == 200) network.start(3);
    pay(network, static_cast<std::uint16_t>(i % 3));
    network.run_for(300);
  }
  EXPECT_TRUE(
      network.run_until([&] { return network.are_all_final() && network.all_equal(); }, 10'000));
  EXPECT_EQ(network.oracle().report(), "");
}

// The newest final block, held before those below it, is no reason to ask for the same blocks
// again.
TEST(CatchUp, what_an_answer_proves_is_kept_though_a_higher_block_is_here) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(100);
  network.crash(3);
  for (int i = 0; i < 200; ++i) {
    pay(network, static_cast<std::uint16_t>(i % 3));
    network.run_for(300);
  }
  // More than one answer holds.
  ASSERT_GT(network.oracle().height().value(), 300U);
  bool holds_newest = false;
  network.watch([&](const Frame& frame) {
    const bool is_chain = frame.type == FrameType::Answer && frame.payload.front() == 3;
    return frame.to != 3 || !is_chain || holds_newest;
  });
  network.start(3);
  network.run_for(1'000);
  for (int i = 0; i < 5 && !holds_newest; ++i) {
    pay(network, 0);
    network.run_for(1'500);
    const ledger::Ledger& ledger = network.replica(3).ledger();
    holds_newest = ledger.has(network.replica(0).ledger().finalized().digest);
  }
  ASSERT_TRUE(holds_newest);
  EXPECT_TRUE(network.run_until([&] { return network.all_equal(); }, 15'000));
  EXPECT_EQ(network.oracle().report(), "");
}

}  // namespace
}  // namespace salus::sim
