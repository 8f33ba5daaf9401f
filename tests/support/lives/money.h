// Owns: amounts and points that fit: what members and the DAO draw alike of money.
#pragma once

#include "dao/assets/schedules.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

// Two to four points from about now on, each later and not less; the last sum is `total`, which is
// at least 1. Now and then they fall or lie in the wrong order.
template <typename Points>
void add_points(const Pen& pen, std::uint64_t total, Points& points) {
  std::uint64_t at_ms = pen.now() + pen.below(20 * kSecond);
  std::uint64_t sum = 0;
  const std::uint64_t steps = 1 + pen.below(3);
  for (std::uint64_t i = 0; i <= steps; ++i) {
    v1::SchedulePoint& point = *points.Add();
    point.set_at_ms(at_ms);
    point.set_sum(i == steps ? total : sum);
    if (pen.percent(98)) at_ms += 1 + pen.below(90 * kSecond);
    sum += pen.below(total - std::min(sum, total) + 1);
  }
}

// Mostly the native one.
std::uint32_t an_asset(const Pen& pen);

}  // namespace salus::dao::lives
