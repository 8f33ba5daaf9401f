// Owns: the crash at every durable operation of one block's life, of one epoch's end, and of a
// recovery (consensus.md, section 16). `salus-sim --crash-everywhere` plays many scenarios.
#include "sim/crash_everywhere.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace salus::sim {
namespace {

// The tests that ctest runs side by side have two cores.
constexpr unsigned kJobs = 2;

Scenario a_scenario(Life life) {
  Scenario scenario{.life = life, .payments = 1, .has_first_start = false, .faults = {}};
  scenario.faults.delay_ms_max = 4;
  scenario.faults.disk_ms_min = 1;
  scenario.faults.disk_ms_max = 3;
  return scenario;
}

void crash_at_every_operation_of(const Scenario& scenario, std::uint64_t subsets) {
  const Recording recording = record(scenario);
  ASSERT_EQ(recording.failure, "");
  const SweepTotals totals = crash_everywhere(scenario, recording, subsets, kJobs);
  fmt::print("{}: N {}, {} cases\n", describe(scenario), recording.operations, totals.seeds);
  EXPECT_EQ(totals.seeds, recording.operations * kCasesPerOperation * subsets / kSectorSubsets);
  for (const Outcome& failure : totals.failures) ADD_FAILURE() << failure.failure;
}

TEST(CrashEverywhere, in_the_life_of_blocks) {
  crash_at_every_operation_of(a_scenario(Life::Block), kSectorSubsets);
}

TEST(CrashEverywhere, around_the_end_of_an_epoch) {
  crash_at_every_operation_of(a_scenario(Life::Boundary), 2);
}

TEST(CrashEverywhere, in_a_recovery) { crash_at_every_operation_of(a_scenario(Life::Recovery), 2); }

TEST(CrashEverywhere, every_kind_of_operation_is_among_those_recorded) {
  const Recording recording = record(draw_scenario(1));
  for (std::size_t i = 0; i < kDurableOperations; ++i) {
    EXPECT_GT(recording.counts[i], 0U) << name(static_cast<DurableOperation>(i));
  }
}

}  // namespace
}  // namespace salus::sim
