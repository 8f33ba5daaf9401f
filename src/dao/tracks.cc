// Owns: tracks as records of the constitution: where they stand, and the bounds no vote passes
// (G-6.4, "Compiled bounds for any track").
#include <algorithm>
#include <set>

#include "dao/codes.h"
#include "dao/constitution.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::constitution {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr std::uint64_t kHour = 3'600'000;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint32_t kSchemeBits = (1U << 6U) - 1;

Key track_key(std::uint32_t id) { return Key{Table::Tracks}.u8(static_cast<std::uint8_t>(id)); }

bool within(std::uint64_t value, std::uint64_t min, std::uint64_t max) {
  return min <= value && value <= max;
}

std::optional<std::string> span_flaw(const v1::Track& track, v1::GenesisClass genesis_class) {
  struct Row {
    std::string_view name;
    std::uint64_t value;
    Bounds bounds;
  };
  const std::uint64_t window = track.window_ms();
  const Row rows[] = {
      {"notice", track.notice_ms(), {kHour, 60 * kDay}},
      {"voting", track.voting_ms(), {24 * kHour, 60 * kDay}},
      {"objection", track.objection_ms(), {0, 30 * kDay}},
      {"timelock_min", track.timelock_min_ms(), {kHour, 90 * kDay}},
      {"timelock_max", track.timelock_max_ms(), {kHour, 90 * kDay}},
      {"grace", track.grace_ms(), {kDay, 90 * kDay}},
      {"window", window, {track.spend_caps().empty() ? 0 : kDay, 365 * kDay}},
  };
  for (const Row& row : rows) {
    if (!check_value(bounds_in(genesis_class, Unit::Span, row.bounds), row.value)) {
      return std::string{row.name} + " is out of its bounds";
    }
  }
  return std::nullopt;
}

std::optional<std::string> chamber_flaw(const v1::TrackChamber& chamber) {
  const bool required = chamber.mode() == v1::CHAMBER_MODE_REQUIRED;
  if (!within(chamber.chamber(), 1, 8)) return "a chamber id is not 1 to 8";
  if (!required && chamber.mode() != v1::CHAMBER_MODE_ADVISORY) return "a chamber has no mode";
  if (chamber.if_small() != v1::IF_SMALL_FAIL && chamber.if_small() != v1::IF_SMALL_SKIP) {
    return "a chamber does not say what holds when it is small";
  }
  if (!within(chamber.approval_bp(), required ? 5'000 : 0, 9'500)) return "approval_bp";
  if (chamber.support_bp() > 9'000) return "support_bp";
  if (!within(chamber.min_approval_bp(), required ? 10 : 0, 9'000)) return "min_approval_bp";
  if (chamber.objection_bp() != 0 && !within(chamber.objection_bp(), 10, 5'000)) {
    return "objection_bp";
  }
  if (chamber.reserved_veto_bp() != 0 && !within(chamber.reserved_veto_bp(), 1'000, 5'000)) {
    return "reserved_veto_bp";
  }
  return std::nullopt;
}

std::optional<std::string> chambers_flaw(const v1::Track& track) {
  if (!within(static_cast<std::uint64_t>(track.chambers_size()), 1, 8)) return "1 to 8 chambers";
  std::uint32_t last = 0;
  bool required = false;
  for (const v1::TrackChamber& chamber : track.chambers()) {
    if (chamber.chamber() <= last) return "chambers must ascend by id";
    last = chamber.chamber();
    if (auto flaw = chamber_flaw(chamber)) return *flaw + " is out of its bounds";
    required = required || chamber.mode() == v1::CHAMBER_MODE_REQUIRED;
  }
  if (!required) return "no chamber is required, so nobody could decide";
  return std::nullopt;
}

std::optional<std::string> number_flaw(const v1::Track& track) {
  if (!within(track.id(), 1, kTracksMax)) return "the id must be 1 to 16";
  if (!is_code(track.code())) return "the code must be 1 to 32 of [a-z0-9-]";
  if (track.rank() > 255) return "the rank must be at most 255";
  if (track.schemes() == 0 || track.schemes() > kSchemeBits) return "unknown schemes";
  if (track.deposit() > (std::uint64_t{1} << 40U)) return "the deposit is out of its bounds";
  if (!within(track.endorsers(), 1, 200)) return "endorsers must be 1 to 200";
  if (!within(track.max_open(), 1, 64)) return "max_open must be 1 to 64";
  if (track.spend_caps_size() > 8) return "at most 8 spend caps";
  std::set<std::uint32_t> assets;
  for (const v1::SpendCap& cap : track.spend_caps()) {
    if (!assets.insert(cap.asset()).second) return "an asset has two spend caps";
  }
  return std::nullopt;
}

}  // namespace

std::optional<v1::Track> find_track(const Overlay& state, std::uint32_t id) {
  // A key holds eight bits of it.
  if (!within(id, 1, kTracksMax)) return std::nullopt;
  return state::find<v1::Track>(state, track_key(id));
}

std::optional<v1::Track> find_track(const Overlay& state, std::string_view code) {
  for (std::uint32_t id = 1; id <= kTracksMax; ++id) {
    auto track = find_track(state, id);
    if (track && track->code() == code) return track;
  }
  return std::nullopt;
}

void put_track(Overlay& state, const v1::Track& track) {
  state::put(state, track_key(track.id()), track);
}

std::vector<v1::Track> tracks(const Overlay& state) {
  std::vector<v1::Track> all;
  for (std::uint32_t id = 1; id <= kTracksMax; ++id) {
    if (auto track = find_track(state, id)) all.push_back(std::move(*track));
  }
  return all;
}

// G-6.4: what only an upgrade may change.
std::optional<std::string> entrenched_flaw(const v1::Track& track, v1::GenesisClass genesis_class,
                                           std::uint32_t patients) {
  const bool constitution = track.code() == "constitution";
  const bool reserved = constitution || track.code() == "consent";
  if (!reserved && track.code() != "people") return std::nullopt;
  const auto seat = std::ranges::find(track.chambers(), patients, &v1::TrackChamber::chamber);
  if (patients != 0) {
    if (seat == track.chambers().end() || seat->mode() != v1::CHAMBER_MODE_REQUIRED ||
        seat->if_small() != v1::IF_SMALL_FAIL) {
      return "the patients' chamber must be required, and fail when small";
    }
    if (reserved && seat->reserved_veto_bp() == 0) return "patients must hold a reserved veto";
  }
  if (!constitution) return std::nullopt;
  const Bounds timelock = bounds_in(genesis_class, Unit::Span, {7 * kDay, 90 * kDay});
  if (!check_value(timelock, track.timelock_min_ms())) return "timelock_min must be 7 d or more";
  for (const v1::TrackChamber& chamber : track.chambers()) {
    if (chamber.mode() == v1::CHAMBER_MODE_REQUIRED && chamber.approval_bp() < 6'000) {
      return "approval must be 6000 bp or more";
    }
  }
  return std::nullopt;
}

std::optional<std::string> track_flaw(const v1::Track& track, v1::GenesisClass genesis_class,
                                      std::uint32_t patients) {
  if (auto flaw = number_flaw(track)) return flaw;
  if (auto flaw = span_flaw(track, genesis_class)) return flaw;
  if (auto flaw = chambers_flaw(track)) return flaw;
  return entrenched_flaw(track, genesis_class, patients);
}

}  // namespace salus::dao::constitution
