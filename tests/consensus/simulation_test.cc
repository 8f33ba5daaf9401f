// Owns: the promises of whole runs: safety under every fault the harness knows, progress when
// faults end, and the pace of section 17. A failure prints the seed that replays it.
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/harness.h"

namespace salus::consensus::testing {
namespace {

ClusterOptions fixed_delay(std::size_t n, std::uint64_t delay_ms) {
  ClusterOptions options;
  options.n = n;
  options.faults.delay_ms_min = options.faults.delay_ms_max = delay_ms;
  options.faults.sync_ms_min = options.faults.sync_ms_max = 1;
  return options;
}

TEST(Simplex, finalizes_a_transaction_on_every_node) {
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 7U}) {
    Cluster cluster(fixed_delay(n, 10));
    cluster.start_all();
    const int transaction = cluster.submit();
    EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 5'000))
        << "n = " << n;
    EXPECT_EQ(cluster.violations(), "");
  }
}

}  // namespace
}  // namespace salus::consensus::testing
