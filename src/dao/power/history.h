// Owns: how a history is written, read and shortened (G-5.1, G-5.2): a short list of points,
// ascending by the snapshot number from which each is valid. Used inside power only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "dao/power/power.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::power {

v1::SnapshotClock clock_of(const state::Overlay& state);

// The last point with `since <= snapshot`; before the first point everything is zero.
template <typename History>
auto point_at(const History& history, std::uint64_t snapshot) {
  typename std::remove_cvref_t<decltype(history.points(0))> none;
  const auto& points = history.points();
  const auto after =
      std::upper_bound(points.begin(), points.end(), snapshot,
                       [](std::uint64_t s, const auto& point) { return s < point.since(); });
  return after == points.begin() ? none : *std::prev(after);
}

// Replaces the point of the present number or appends one, then drops what no live snapshot reads.
template <typename History, typename Point>
void write_point(History& history, Point point, const v1::SnapshotClock& clock) {
  auto* points = history.mutable_points();
  point.set_since(clock.next_snapshot());
  if (!points->empty() && points->rbegin()->since() == clock.next_snapshot()) points->RemoveLast();
  *points->Add() = std::move(point);

  const std::uint64_t oldest = clock.live().empty() ? clock.next_snapshot() : clock.live(0);
  int needless = 0;
  while (needless + 1 < points->size() && points->at(needless + 1).since() <= oldest) ++needless;
  points->DeleteSubrange(0, needless);
  SALUS_ASSERT(static_cast<std::size_t>(points->size()) <= kPointsMax,
               "a history has one point more than there are live snapshots at most");
}

}  // namespace salus::dao::power
