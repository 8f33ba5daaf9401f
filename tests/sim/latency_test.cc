// Owns: the targets of section 17 hold at the sizes that a test has time for; salus-sim --latency
// measures all of them.
#include "sim/latency.h"

#include <gtest/gtest.h>

namespace salus::sim {
namespace {

TEST(Latency, targets_of_section_17_hold_at_small_sizes) {
  for (const Measure& measure : measure_latency({4, 16})) {
    EXPECT_LE(measure.value, measure.bound) << measure.name << ", " << measure.unit;
  }
}

}  // namespace
}  // namespace salus::sim
