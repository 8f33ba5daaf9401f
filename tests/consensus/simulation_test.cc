// Owns: progress and pace of cores on a network whose delay is known: every size finalizes, and the
// targets of section 17 hold in virtual time, where they are exact.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "consensus/harness.h"

namespace salus::consensus::testing {
namespace {

constexpr std::uint64_t kDelayMs = 50;

ClusterOptions fixed_delay(std::size_t n) {
  ClusterOptions options;
  options.n = n;
  options.faults.delay_ms_min = options.faults.delay_ms_max = kDelayMs;
  options.faults.sync_ms_min = options.faults.sync_ms_max = 1;
  return options;
}

std::uint64_t quantile(std::vector<std::uint64_t> values, std::size_t percent) {
  EXPECT_FALSE(values.empty());
  std::ranges::sort(values);
  return values[(values.size() - 1) * percent / 100];
}

double in_delays(std::uint64_t span_ms) {
  return static_cast<double>(span_ms) / static_cast<double>(kDelayMs);
}

// From build to final on a quorum, for heights built from `from_ms` to `to_ms`.
std::vector<std::uint64_t> finality_ms(const Cluster& cluster, std::uint64_t from_ms,
                                       std::uint64_t to_ms) {
  std::vector<std::uint64_t> spans;
  for (const auto& [height, built] : cluster.built_at()) {
    const auto done = cluster.final_at().find(height);
    if (built < from_ms || built >= to_ms || done == cluster.final_at().end()) continue;
    spans.push_back(done->second - built);
  }
  return spans;
}

std::vector<std::uint64_t> block_ms(const Cluster& cluster, std::uint64_t from_ms,
                                    std::uint64_t to_ms) {
  std::vector<std::uint64_t> spans;
  std::optional<std::uint64_t> last;
  for (const auto& [height, built] : cluster.built_at()) {
    if (built < from_ms || built >= to_ms) continue;
    if (last) spans.push_back(built - *last);
    last = built;
  }
  return spans;
}

TEST(Simplex, finalizes_a_transaction_on_every_node) {
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 7U}) {
    Cluster cluster(fixed_delay(n));
    cluster.start_all();
    const int transaction = cluster.submit();
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 5'000))
        << "n = " << n;
    EXPECT_EQ(cluster.violations(), "");
  }
}

TEST(Simplex, keeps_the_pace_of_section_17_at_every_size) {
  fmt::print("{:>3} {:>14} {:>14} {:>16} {:>16}\n", "n", "finality p50", "finality p99",
             "block time p50", "block time p99");
  for (const std::size_t n : {1U, 3U, 4U, 5U, 7U, 10U}) {
    ClusterOptions options = fixed_delay(n);
    options.under_load = true;
    Cluster cluster(options);
    cluster.start_all();
    cluster.run_for(20'000);
    const auto finality = finality_ms(cluster, 2'000, 20'000);
    const auto blocks = block_ms(cluster, 2'000, 20'000);
    fmt::print("{:>3} {:>10.2f} δ   {:>10.2f} δ   {:>12.2f} δ   {:>12.2f} δ\n", n,
               in_delays(quantile(finality, 50)), in_delays(quantile(finality, 99)),
               in_delays(quantile(blocks, 50)), in_delays(quantile(blocks, 99)));
    EXPECT_LE(in_delays(quantile(finality, 50)), 3.3) << "n = " << n;
    EXPECT_LE(in_delays(quantile(blocks, 50)), 2.2) << "n = " << n;
    EXPECT_EQ(cluster.violations(), "");
  }
}

TEST(Simplex, waits_for_a_dead_leader_once_and_then_skips_it) {
  ClusterOptions options = fixed_delay(4);
  options.under_load = true;
  Cluster cluster(options);
  cluster.start_all();
  cluster.run_for(5'000);
  cluster.crash(2);
  const std::uint64_t died = cluster.now();
  cluster.run_for(10'000);

  const std::uint64_t leader_timeout_ms = 2 * options.parameters.delta_ms;
  // Blocks that were on the way when it died wait for its first turn; then one pace again.
  const std::uint64_t first_turn_over = died + leader_timeout_ms + 6 * kDelayMs;
  const auto first = finality_ms(cluster, died, first_turn_over);
  const auto later_finality = finality_ms(cluster, first_turn_over, cluster.now() - 1'000);
  const auto later_blocks = block_ms(cluster, first_turn_over, cluster.now() - 1'000);
  fmt::print(
      "one of 4 dead: first turn p99 {:.2f} δ (t_l = {:.0f} δ), later finality p99 {:.2f} δ, "
      "block time p99 {:.2f} δ\n",
      in_delays(quantile(first, 100)), in_delays(leader_timeout_ms),
      in_delays(quantile(later_finality, 99)), in_delays(quantile(later_blocks, 99)));
  EXPECT_LE(quantile(first, 100), leader_timeout_ms + 6 * kDelayMs);
  EXPECT_LE(in_delays(quantile(later_blocks, 99)), 2.2 + 2.0);
  EXPECT_GT(later_blocks.size(), 40U);
  EXPECT_EQ(cluster.violations(), "");
}

TEST(Simplex, is_silent_on_an_idle_chain_but_for_status_and_repeats) {
  Cluster cluster(fixed_delay(4));
  cluster.start_all();
  const int transaction = cluster.submit();
  ASSERT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 5'000));
  cluster.run_for(5'000);
  const std::uint64_t height = cluster.height(0);
  const View view = cluster.core(0).view();
  cluster.run_for(25'000);
  EXPECT_EQ(cluster.height(0), height);
  EXPECT_EQ(cluster.core(0).view(), view);
  EXPECT_EQ(cluster.core(0).status().waiting, Waiting::Idle);
}

// From build to final everywhere there are three delays, and one sync each for the leader's
// notarize, the followers' notarize, the notarization, the finalize and the finalization; a stage
// that meets another one in flight waits for one more.
TEST(Simplex, waits_for_five_syncs_and_nothing_else) {
  constexpr std::uint64_t kSyncMs = 10;
  ClusterOptions options = fixed_delay(4);
  options.faults.sync_ms_min = options.faults.sync_ms_max = kSyncMs;
  options.under_load = true;
  Cluster cluster(options);
  cluster.start_all();
  cluster.run_for(20'000);
  EXPECT_LE(quantile(finality_ms(cluster, 2'000, 20'000), 50), 3 * kDelayMs + 6 * kSyncMs);
  EXPECT_LE(quantile(block_ms(cluster, 2'000, 20'000), 50), 2 * kDelayMs + 4 * kSyncMs);
}

}  // namespace
}  // namespace salus::consensus::testing
