// Owns: the histories: how a point is written, found and dropped (G-5.1, G-5.2).
#include "dao/power/power.h"

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "base/u128.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::power {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key weight_key(const AccountId& account) { return Key{Table::Weights}.bytes(account.view()); }
Key total_key(std::uint32_t chamber) {
  return Key{Table::Totals}.u8(static_cast<std::uint8_t>(chamber));
}
const Key kClockKey{Table::SnapshotClock};

v1::SnapshotClock clock_of(const Overlay& state) {
  auto clock = state::find_or_default<v1::SnapshotClock>(state, kClockKey);
  if (clock.next_snapshot() == 0) clock.set_next_snapshot(1);
  return clock;
}

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

void move_total(Overlay& state, std::uint32_t chamber, const v1::SnapshotClock& clock,
                std::uint64_t minus, std::uint64_t plus) {
  auto history = state::find_or_default<v1::TotalHistory>(state, total_key(chamber));
  const Total now = total_now(state, chamber);
  SALUS_ASSERT(now.units >= minus, "a chamber weighs at least what each of its members does");
  v1::TotalPoint point;
  point.set_weight(now.units - minus + plus);
  point.set_members(now.members - (minus > 0 ? 1U : 0U) + (plus > 0 ? 1U : 0U));
  write_point(history, std::move(point), clock);
  state::put(state, total_key(chamber), history);
}

Weight weight_of(const v1::WeightPoint& point) {
  return {.chamber = point.chamber(), .units = point.weight(), .serial = point.serial()};
}

Total total_of(const v1::TotalPoint& point) {
  return {.units = point.weight(), .members = point.members()};
}

}  // namespace

Outcome set_weight(Overlay& state, const AccountId& account, std::uint32_t chamber,
                   std::uint64_t units) {
  SALUS_ASSERT(units == 0 || (chamber >= 1 && chamber <= 8), "weight stands in a chamber");
  const Weight old = weight_now(state, account);
  const std::uint32_t place = units == 0 ? 0 : chamber;
  if (old.chamber == place && old.units == units) return {};

  const std::uint64_t leaving = old.chamber == place ? old.units : 0;
  const auto grown = checked_add(total_now(state, place).units - leaving, units);
  if (units > 0 && (!grown || *grown > kChamberWeightMax)) return refuse(Error::WeightLimit);

  const v1::SnapshotClock clock = clock_of(state);
  if (old.units > 0 && old.chamber == place) {
    move_total(state, place, clock, old.units, units);
  } else {
    if (old.units > 0) move_total(state, old.chamber, clock, old.units, 0);
    if (units > 0) move_total(state, place, clock, 0, units);
  }

  auto history = state::find_or_default<v1::WeightHistory>(state, weight_key(account));
  v1::WeightPoint point;
  point.set_chamber(place);
  point.set_weight(units);
  const bool moved = old.units > 0 && (old.chamber != place || units < old.units);
  point.set_serial(old.serial + (moved ? 1U : 0U));
  write_point(history, std::move(point), clock);
  state::put(state, weight_key(account), history);
  return {};
}

Weight weight_now(const Overlay& state, const AccountId& account) {
  return weight_at(state, account, clock_of(state).next_snapshot());
}

Weight weight_at(const Overlay& state, const AccountId& account, std::uint64_t snapshot) {
  return weight_of(
      point_at(state::find_or_default<v1::WeightHistory>(state, weight_key(account)), snapshot));
}

Total total_now(const Overlay& state, std::uint32_t chamber) {
  return total_at(state, chamber, clock_of(state).next_snapshot());
}

Total total_at(const Overlay& state, std::uint32_t chamber, std::uint64_t snapshot) {
  return total_of(
      point_at(state::find_or_default<v1::TotalHistory>(state, total_key(chamber)), snapshot));
}

std::uint64_t take_snapshot(Overlay& state) {
  auto clock = clock_of(state);
  SALUS_ASSERT(static_cast<std::size_t>(clock.live_size()) < kLiveMax,
               "tracks keep open proposals within the number of live snapshots (X4)");
  const std::uint64_t snapshot = clock.next_snapshot();
  clock.add_live(snapshot);
  clock.set_next_snapshot(snapshot + 1);
  state::put(state, kClockKey, clock);
  return snapshot;
}

void release_snapshot(Overlay& state, std::uint64_t snapshot) {
  auto clock = clock_of(state);
  auto* live = clock.mutable_live();
  const auto place = std::find(live->begin(), live->end(), snapshot);
  SALUS_ASSERT(place != live->end(), "a snapshot is released once");
  live->erase(place);
  state::put(state, kClockKey, clock);
}

std::vector<std::uint64_t> live_snapshots(const Overlay& state) {
  const auto clock = clock_of(state);
  return {clock.live().begin(), clock.live().end()};
}

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  std::map<std::uint32_t, Total> sums;
  const std::string weights = Key{Table::Weights}.str();
  state.scan(weights, weights, [&](std::string_view, std::string_view value) {
    const auto history = state::decode<v1::WeightHistory>(value);
    for (int i = 1; i < history.points_size(); ++i) {
      if (history.points(i - 1).since() >= history.points(i).since()) {
        broken.emplace_back("G-5.1: the points of a weight history do not ascend");
      }
    }
    if (static_cast<std::size_t>(history.points_size()) > kPointsMax) {
      broken.emplace_back("G-5.2: a weight history is longer than the live snapshots need");
    }
    if (history.points().empty() || history.points().rbegin()->weight() == 0) return true;
    Total& sum = sums[history.points().rbegin()->chamber()];
    sum.units += history.points().rbegin()->weight();
    sum.members += 1;
    return true;
  });
  for (std::uint32_t chamber = 1; chamber <= 8; ++chamber) {
    const Total total = total_now(state, chamber);
    const Total sum = sums[chamber];
    if (total.units != sum.units || total.members != sum.members) {
      broken.push_back("G-4.10: the total of chamber " + std::to_string(chamber) +
                       " is not the sum of its members' weights");
    }
  }
  return broken;
}

}  // namespace salus::dao::power
