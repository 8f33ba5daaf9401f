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

// Drops every point that neither a live number nor the present reads: what is left is one point for
// each live number at most, and the last.
template <typename History>
void keep_read_points(History& history, const v1::SnapshotClock& clock) {
  auto* points = history.mutable_points();
  const auto is_read = [&](int i) {
    if (i + 1 == points->size()) return true;
    const auto reader = std::ranges::lower_bound(clock.live(), points->at(i).since());
    return reader != clock.live().end() && *reader < points->at(i + 1).since();
  };
  int kept = 0;
  for (int i = 0; i < points->size(); ++i) {
    if (!is_read(i)) continue;
    // Swaps only with what is dropped, or was looked at before it moved here.
    if (kept != i) points->SwapElements(kept, i);
    ++kept;
  }
  points->DeleteSubrange(kept, points->size() - kept);
}

// Replaces the point of the present number or appends one, then drops what is older than any live
// snapshot; and where one snapshot lives so long that too many points follow it, also what no other
// reads (G-5.2).
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
  if (static_cast<std::size_t>(points->size()) > kPointsMax) keep_read_points(history, clock);
  SALUS_ASSERT(static_cast<std::size_t>(points->size()) <= kPointsMax,
               "a history has one point more than there are live snapshots at most");
}

}  // namespace salus::dao::power
