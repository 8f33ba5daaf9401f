// Owns: a sample of the Twins cases (section 16); salus-sim --twins runs them all.
#include "sim/twins.h"

#include <gtest/gtest.h>

#include "sim/sweep.h"

namespace salus::sim {
namespace {

// Of 4^9 masks of n = 4: every so-manieth, a prime, so that each place takes each value.
constexpr std::uint64_t kStep = 1'021;

void expect_that_all_hold(std::size_t n, std::uint64_t count, std::uint64_t step) {
  const SweepTotals totals = sweep(
      0, count - 1, 2,
      [&](std::uint64_t number) { return play_twins(twins_case(n, number * step)); }, nullptr);
  EXPECT_EQ(totals.seeds, count);
  EXPECT_GT(totals.alarms, 0U) << "no twin was ever caught";
  for (const Outcome& failure : totals.failures) {
    ADD_FAILURE() << failure.failure << "replay: salus-sim --twins --n " << n << " --seed "
                  << failure.seed;
  }
}

TEST(Twins, masks_of_one_doubled_key_of_four_stay_safe_and_finish) {
  expect_that_all_hold(4, 256, kStep);
}

TEST(Twins, masks_of_two_doubled_keys_of_seven_stay_safe_and_finish) {
  expect_that_all_hold(7, 48, 1);
}

TEST(Twins, each_number_is_a_mask_of_its_own) {
  std::set<std::vector<std::vector<Hears>>> masks;
  for (std::uint64_t number = 0; number < 4'096; ++number) {
    masks.insert(twins_case(4, number).masks);
  }
  EXPECT_EQ(masks.size(), 4'096U);
}

}  // namespace
}  // namespace salus::sim
