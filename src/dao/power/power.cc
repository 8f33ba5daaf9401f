// Owns: the histories of weights and totals, and the clock of snapshots (G-5.1, G-5.2).
#include "dao/power/power.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/power/delegation.h"
#include "dao/power/flow.h"
#include "dao/power/history.h"
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

v1::SnapshotClock clock_of(const Overlay& state) {
  auto clock = state::find_or_default<v1::SnapshotClock>(state, kClockKey);
  if (clock.next_snapshot() == 0) clock.set_next_snapshot(1);
  return clock;
}

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

  // A smaller weight that is not zero ends no delegation (G-5.4).
  const bool moved = old.units > 0 && old.chamber != place;
  const std::vector<std::uint32_t> tracks = tracks_of(state, account);
  for (const std::uint32_t track : tracks) withdraw_flow(state, account, track);
  put_weight(state, account,
             {.chamber = place, .units = units, .serial = old.serial + (moved ? 1U : 0U)});
  for (const std::uint32_t track : tracks) {
    if (moved) forget_received(state, account, track);
    send_flow(state, account, track);
  }
  return {};
}

void put_weight(Overlay& state, const AccountId& account, const Weight& weight) {
  auto history = state::find_or_default<v1::WeightHistory>(state, weight_key(account));
  v1::WeightPoint point;
  point.set_chamber(weight.chamber);
  point.set_weight(weight.units);
  point.set_serial(weight.serial);
  write_point(history, std::move(point), clock_of(state));
  state::put(state, weight_key(account), history);
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

}  // namespace salus::dao::power
