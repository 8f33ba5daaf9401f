// Owns: regressions of section 15 about time: deadlines, back-off, idleness and outages cost what
// section 5 says and nothing more.
#include <gtest/gtest.h>

#include <set>

#include "consensus/harness.h"
#include "consensus/rig.h"
#include "regressions/consensus/moves.h"

namespace salus::consensus::testing {
namespace {

constexpr std::uint64_t kLeaderTimeoutMs = 2 * Parameters{}.delta_ms;

// From ton-blockchain/ton#2104.
TEST(Regressions, deadline_dies_with_its_view) {
  Rig rig{4, 0};
  rig.open_gate();
  for (std::uint16_t peer = 2; peer <= 3; ++peer) rig.vote(peer, Rig::skip(1));
  ASSERT_EQ(rig.core().status().leader_deadline, MonoMs{Rig::kStartMs + kLeaderTimeoutMs});
  rig.tick(Rig::kStartMs + kLeaderTimeoutMs - 1);
  skip(rig, 1);
  ASSERT_EQ(rig.core().view(), View{2});

  // Both deadlines of view 1 pass; view 2 is idle, and later has deadlines of its own.
  const std::uint64_t much_later = Rig::kStartMs + 10'000;
  for (std::uint64_t now = Rig::kStartMs + kLeaderTimeoutMs; now <= much_later; now += 100) {
    rig.tick(now);
  }
  rig.flush();
  EXPECT_TRUE(rig.cast.empty());
  EXPECT_FALSE(rig.core().status().ready);
  for (const std::uint16_t peer : {std::uint16_t{1}, std::uint16_t{3}}) {
    rig.vote(peer, Rig::skip(2));
  }
  rig.tick(much_later + kLeaderTimeoutMs - 1);
  rig.flush();
  EXPECT_TRUE(rig.cast.empty());
  rig.tick(much_later + kLeaderTimeoutMs);
  rig.flush();
  EXPECT_TRUE(rig.has_cast(Rig::skip(2)));
}

// From ton-blockchain/simplex-docs, Simplex.md 4.2.
TEST(Regressions, backoff_resets_on_finalization_only) {
  Rig rig{4, 0};
  for (std::uint64_t view = 1; view <= 9; ++view) skip(rig, view);
  ASSERT_EQ(rig.core().view(), View{10});
  EXPECT_EQ(rig.core().status().backoff, 8U);
  const std::uint64_t slow = rig.core().status().delay_ms;
  EXPECT_GT(slow, Parameters{}.delta_ms);

  const Candidate notarized = Rig::candidate(10, 0, 'A');
  certify(rig, notarized, 'A');
  ASSERT_EQ(rig.core().view(), View{11});
  EXPECT_EQ(rig.core().status().backoff, 9U) << "a notarization does not lower it";
  EXPECT_GT(rig.core().status().delay_ms, slow);
  rig.tick(Rig::kStartMs + 3'600'000);
  EXPECT_EQ(rig.core().status().backoff, 9U) << "nor does time, nor raise it";

  rig.certificate_in(finalize(notarized), {1, 2, 3});
  rig.flush();
  skip(rig, 11);
  EXPECT_EQ(rig.core().status().backoff, 0U);
  EXPECT_EQ(rig.core().status().delay_ms, Parameters{}.delta_ms);
}

constexpr std::uint64_t kDayMs = 24 * 3'600'000;

// How long the first finalization takes after `outage_ms` without quorum.
std::uint64_t time_to_finality_after(std::uint64_t outage_ms) {
  ClusterOptions options;
  options.faults.delay_ms_min = options.faults.delay_ms_max = 10;
  Cluster cluster(options);
  cluster.start_all();
  const int first = cluster.submit();
  EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(first); }, 5'000));
  cluster.run_for(2'000);
  cluster.crash(2);
  cluster.crash(3);
  const int second = cluster.submit();
  cluster.run_for(20'000);
  const View view = cluster.core(0).view();
  cluster.run_for(outage_ms);
  EXPECT_EQ(cluster.core(0).view(), view) << "without a quorum no view moves (C2)";
  const std::uint64_t back = cluster.now();
  cluster.start(2);
  cluster.start(3);
  EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(second); }, 30'000));
  EXPECT_EQ(cluster.violations(), "");
  return cluster.now() - back;
}

// From besu-eth/besu#7642.
TEST(Regressions, outage_length_does_not_matter) {
  const std::uint64_t after_a_second = time_to_finality_after(1'000);
  EXPECT_LT(after_a_second, kLeaderTimeoutMs + Parameters{}.retry_ms);
  EXPECT_EQ(time_to_finality_after(kDayMs), after_a_second);
}

// From besu-eth/besu#10917 and #11031.
TEST(Regressions, idle_chain_serves_followers_transaction) {
  constexpr std::uint64_t kDelayMs = 10;
  struct Case {
    std::set<std::uint16_t> holders;
    std::uint64_t skipped_within_ms;
  };
  const Case kCases[] = {
      {.holders = {0, 2, 3}, .skipped_within_ms = kLeaderTimeoutMs},
      // The third hears of it by the nullify votes of f+1 others, and waits for as long again.
      {.holders = {2, 3}, .skipped_within_ms = 2 * kLeaderTimeoutMs},
  };
  for (const Case& row : kCases) {
    ClusterOptions options;
    options.faults.delay_ms_min = options.faults.delay_ms_max = kDelayMs;
    Cluster cluster(options);
    // View 1 is led by a validator that is not there.
    for (const std::uint16_t node : {std::uint16_t{0}, std::uint16_t{2}, std::uint16_t{3}}) {
      cluster.start(node);
    }
    cluster.run_for(60'000);
    ASSERT_EQ(cluster.core(0).view(), View{1}) << "an idle view never times out (C20)";
    const int transaction = cluster.submit(row.holders);
    const std::uint64_t skipped = cluster.now() + row.skipped_within_ms;
    ASSERT_TRUE(cluster.run_until([&] { return cluster.core(2).view() == View{2}; }, 60'000));
    EXPECT_LE(cluster.now(), skipped + 3 * kDelayMs);
    ASSERT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 60'000));
    EXPECT_LE(cluster.now(), skipped + 7 * kDelayMs);
  }
}

}  // namespace
}  // namespace salus::consensus::testing
