// Owns: the table of parameters and their bounds; how a change is judged.
#include "dao/constitution.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/application.h"
#include "salus/v1/validators.pb.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::constitution {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr std::uint64_t kSecond = 1'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

constexpr Rule span(std::string_view name, std::uint64_t min, std::uint64_t standard,
                    std::uint64_t max) {
  return {.name = name, .unit = Unit::Span, .bounds = {min, max}, .standard = standard};
}
constexpr Rule heights(std::string_view name, std::uint64_t min, std::uint64_t standard,
                       std::uint64_t max) {
  return {.name = name, .unit = Unit::Heights, .bounds = {min, max}, .standard = standard};
}
constexpr Rule count(std::string_view name, std::uint64_t min, std::uint64_t standard,
                     std::uint64_t max) {
  return {.name = name, .unit = Unit::Count, .bounds = {min, max}, .standard = standard};
}

// Name, least, standard, greatest. Section 6 of governance.md, section 5 of consensus.md.
constexpr Rule kRules[] = {
    count("accounts.window", 1, 64, 1'024),
    heights("accounts.ttl_max", 10, 100'000, 10'000'000),
    count("accounts.open_per_day", 0, 20, 100'000),
    span("accounts.recovery_delay_min", kDay, 3 * kDay, 30 * kDay),
    span("accounts.recovery_cooldown", kDay, 30 * kDay, 180 * kDay),
    count("assets.mint_cap_bp", 0, 200, 2'000),
    span("assets.unlock_delay", 0, 7 * kDay, 90 * kDay),
    span("membership.probation", 0, 14 * kDay, 180 * kDay),
    count("membership.vouchers_needed", 1, 2, 10),
    count("membership.vouch_open_max", 1, 10, 100),
    count("membership.attest_per_day", 1, 10'000, 1'000'000),
    span("membership.office_term_max", 30 * kDay, 1'095 * kDay, 3'650 * kDay),
    span("membership.defence", 7 * kDay, 14 * kDay, 60 * kDay),
    span("membership.readmission_bar", 0, 365 * kDay, 3'650 * kDay),
    span("membership.suspend_case_max", kDay, 30 * kDay, 60 * kDay),
    span("membership.suspend_vote_max", 7 * kDay, 365 * kDay, 730 * kDay),
    count("membership.stake_unit", 1, 1'000'000, 1'000'000'000'000),
    span("governance.delegation_term_max", kDay, 365 * kDay, 730 * kDay),
    count("governance.opposition_lo_bp", 0, 500, 9'999),
    count("governance.opposition_hi_bp", 1, 2'500, 10'000),
    count("governance.veto_floor_bp", 0, 100, 2'000),
    count("governance.veto_groups_2_bp", 500, 1'700, 5'000),
    count("governance.veto_groups_3_bp", 500, 1'400, 5'000),
    count("governance.veto_groups_4_bp", 500, 1'100, 5'000),
    count("governance.appeal_groups_2_bp", 500, 2'300, 6'000),
    count("governance.appeal_groups_3_bp", 500, 2'000, 6'000),
    count("governance.appeal_groups_4_bp", 500, 1'700, 6'000),
    span("governance.resubmit_bar", 0, 30 * kDay, 365 * kDay),
    count("governance.slash_below_bp", 0, 500, 2'000),
    count("governance.cancel_fee_bp", 0, 1'000, 5'000),
    count("governance.initial_bp", 0, 2'500, 10'000),
    count("governance.topup_min_bp", 0, 100, 10'000),
    count("governance.throttle_step", 1, 8, 64),
    span("governance.deposit_window", kDay, 14 * kDay, 60 * kDay),
    count("governance.max_open_per_member", 1, 2, 16),
    span("governance.retry_gap", kMinute, 10 * kMinute, kDay),
    span("governance.outage_gap", 5 * kMinute, kHour, kDay),
    span("governance.stance_retention", 30 * kDay, 180 * kDay, 3'650 * kDay),
    span("governance.pause_max", kHour, 72 * kHour, 7 * kDay),
    count("governance.pause_needed", 1, 2, 5),
    count("governance.quadratic_credits", 1, 100, 10'000),
    count("governance.due_lapses", 64, 512, 4'096),
    count("governance.due_ends", 8, 64, 512),
    count("governance.due_starts", 1, 8, 64),
    count("governance.due_executions", 1, 4, 16),
    span("treasury.acceptance_window", kDay, 30 * kDay, 180 * kDay),
    count("validators.min", 1, 4, 64),
    count("validators.max", 4, 64, 128),
    count("validators.per_operator_max", 1, 1, 10),
    count("validators.ready_bp", 6'667, 9'000, 10'000),
    heights("validators.upgrade_notice", 100, 100'000, 10'000'000),
    heights("validators.upgrade_window", 100, 100'000, 10'000'000),
    count("validators.remove_equivocators", 0, 1, 1),
    span("consensus.delta_ms", 10, 500, 10'000),
    span("consensus.delta_ms_max", 10, 10'000, 60'000),
    span("consensus.retry_ms", 50, 1'000, 10'000),
    span("consensus.standstill_ms", 150, 10'000, 600'000),
    span("consensus.fetch_ms", 50, 400, 10'000),
    count("consensus.skip_turns", 1, 1, 16),
    span("consensus.block_interval_ms", 0, 20, 10'000),
    span("consensus.heartbeat_ms", 1'000, 30'000, 3'600'000),
    span("consensus.clock_ahead_ms", 50, 1'000, 60'000),
    count("consensus.block_bytes_max", 64 * 1'024, 2 * 1'024 * 1'024, 8 * 1'024 * 1'024),
    heights("consensus.epoch_blocks_min", 1, 16, 100'000),
    heights("consensus.ready_window", 16, 200, 10'000),
    // A block of the smallest transactions is still bounded in signatures to check.
    count("ledger.block_txs_max", 1, 4'096, 65'536),
};

Key parameter_key(std::string_view name) { return Key{Table::Parameters}.bytes(as_bytes(name)); }

const v1::Track* find_in(const std::vector<v1::Track>& tracks, std::string_view code) {
  const auto it = std::ranges::find(tracks, code, &v1::Track::code);
  return it == tracks.end() ? nullptr : &*it;
}

std::optional<Constraint> broken_track_constraint(const Draft& draft) {
  std::uint64_t open = 0;
  for (const v1::Track& track : draft.tracks) {
    if (track.extension_ms() > track.voting_ms() || track.confirmation_ms() > track.voting_ms()) {
      return Constraint::X1;
    }
    if (track.timelock_min_ms() > track.timelock_max_ms()) return Constraint::X2;
    if (U128{track.grace_ms()} < U128{2} * draft.value("governance.retry_gap")) {
      return Constraint::X13;
    }
    open += track.max_open();
  }
  if (open > 256) return Constraint::X4;
  const v1::Track* people = find_in(draft.tracks, "people");
  if (people != nullptr && people->notice_ms() < draft.value("membership.defence")) {
    return Constraint::X5;
  }
  const v1::Track* urgent = find_in(draft.tracks, "urgent");
  if (urgent != nullptr) {
    for (const v1::TrackChamber& chamber : urgent->chambers()) {
      if (chamber.mode() == v1::CHAMBER_MODE_REQUIRED && chamber.approval_bp() < 6'667) {
        return Constraint::X12;
      }
    }
  }
  return std::nullopt;
}

bool veto_groups_hold(const Draft& draft) {
  const auto& value = draft.value;
  const std::uint64_t veto[] = {value("governance.veto_groups_2_bp"),
                                value("governance.veto_groups_3_bp"),
                                value("governance.veto_groups_4_bp")};
  const std::uint64_t appeal[] = {value("governance.appeal_groups_2_bp"),
                                  value("governance.appeal_groups_3_bp"),
                                  value("governance.appeal_groups_4_bp")};
  for (std::size_t i = 0; i < 3; ++i) {
    if (appeal[i] < veto[i]) return false;
    if (i > 0 && (veto[i] > veto[i - 1] || appeal[i] > appeal[i - 1])) return false;
  }
  return true;
}

}  // namespace

std::span<const Rule> rules() { return kRules; }

const Rule* find_rule(std::string_view name) {
  const auto* it = std::ranges::find(kRules, name, &Rule::name);
  return it == std::end(kRules) ? nullptr : it;
}

Bounds bounds_in(v1::GenesisClass genesis_class, Unit unit, Bounds bounds) {
  if (genesis_class != v1::GENESIS_CLASS_TEST) return bounds;
  switch (unit) {
    case Unit::Span:
      return {std::min(bounds.min, kSecond), bounds.max};
    case Unit::Heights:
      return {std::min<std::uint64_t>(bounds.min, 1), bounds.max};
    case Unit::Count:
      return bounds;
  }
  return bounds;
}

Outcome check_value(Bounds bounds, std::uint64_t value) {
  if (value < bounds.min || value > bounds.max) return refuse(Error::OutOfBounds);
  return {};
}

std::uint64_t value(const Overlay& state, std::string_view name) {
  const auto record = state::find<v1::Parameter>(state, parameter_key(name));
  SALUS_ASSERT(record.has_value(), "genesis writes every parameter of the table");
  return record->value();
}

void put_value(Overlay& state, std::string_view name, std::uint64_t value) {
  v1::Parameter record;
  record.set_name(std::string{name});
  record.set_value(value);
  state::put(state, parameter_key(name), record);
}

std::string_view name(Constraint constraint) {
  switch (constraint) {
    case Constraint::X1:
      return "X1";
    case Constraint::X2:
      return "X2";
    case Constraint::X3:
      return "X3";
    case Constraint::X4:
      return "X4";
    case Constraint::X5:
      return "X5";
    case Constraint::X6:
      return "X6";
    case Constraint::X7:
      return "X7";
    case Constraint::X8:
      return "X8";
    case Constraint::X9:
      return "X9";
    case Constraint::X10:
      return "X10";
    case Constraint::X11:
      return "X11";
    case Constraint::X12:
      return "X12";
    case Constraint::X13:
      return "X13";
    case Constraint::DeltaCeiling:
      return "delta_ms_max >= delta_ms";
    case Constraint::StandstillFloor:
      return "standstill_ms >= 3 * retry_ms";
  }
  return "";
}

std::optional<Constraint> broken_constraint(const Draft& draft) {
  if (const auto broken = broken_track_constraint(draft)) return broken;
  const auto& value = draft.value;
  if (value("governance.opposition_lo_bp") >= value("governance.opposition_hi_bp")) {
    return Constraint::X3;
  }
  if (value("membership.suspend_case_max") > value("membership.suspend_vote_max")) {
    return Constraint::X6;
  }
  if (value("governance.outage_gap") <= value("consensus.heartbeat_ms")) return Constraint::X7;
  for (const std::uint64_t n : {draft.validators, draft.pending_validators}) {
    if (n > 0 && (n < value("validators.min") || n > value("validators.max"))) {
      return Constraint::X8;
    }
  }
  if (!veto_groups_hold(draft)) return Constraint::X9;
  if (draft.sentinels && value("governance.pause_needed") > *draft.sentinels) {
    return Constraint::X10;
  }
  if (value("consensus.delta_ms_max") < value("consensus.delta_ms")) {
    return Constraint::DeltaCeiling;
  }
  if (value("consensus.standstill_ms") < 3 * value("consensus.retry_ms")) {
    return Constraint::StandstillFloor;
  }
  return std::nullopt;
}

Outcome check_change(const v1::SetParameter& action, std::uint64_t present, Bounds bounds,
                     const Draft& after) {
  if (action.from() != present) return refuse(Error::StaleValue);
  if (auto outcome = check_value(bounds, action.to()); !outcome) return outcome;
  if (broken_constraint(after)) return refuse(Error::ConstraintBroken);
  return {};
}

Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document, Overlay& state) {
  for (const Rule& rule : kRules) put_value(state, rule.name, rule.standard);
  for (const v1::Parameter& given : document.parameters()) {
    const Rule* rule = find_rule(given.name());
    if (rule == nullptr) return std::unexpected("there is no parameter " + given.name());
    if (!check_value(bounds_in(document.class_(), rule->unit, rule->bounds), given.value())) {
      return std::unexpected("parameter " + given.name() + " is out of its bounds");
    }
    put_value(state, rule->name, given.value());
  }

  std::uint32_t patients = 0;
  for (const v1::Chamber& chamber : document.chambers()) {
    if (chamber.code() == "patients") patients = chamber.id();
  }
  if (document.tracks_size() == 0) return std::unexpected("a constitution needs a track");
  std::uint32_t last = 0;
  for (const v1::Track& track : document.tracks()) {
    const std::string place = "track " + track.code() + ": ";
    if (track.id() <= last) return std::unexpected(place + "ids must ascend");
    last = track.id();
    if (find_track(state, track.code())) return std::unexpected(place + "the code is in use");
    if (auto flaw = track_flaw(track, document.class_(), patients)) {
      return std::unexpected(place + *flaw);
    }
    for (const v1::TrackChamber& chamber : track.chambers()) {
      const auto known = [&](const v1::Chamber& c) { return c.id() == chamber.chamber(); };
      if (!std::ranges::any_of(document.chambers(), known)) {
        return std::unexpected(place + "names a chamber that does not exist");
      }
    }
    put_track(state, track);
  }
  if (!find_track(state, "standard")) return std::unexpected("there must be a track `standard`");

  Draft draft = draft_of(state);
  draft.validators = static_cast<std::uint64_t>(document.validators_size());
  if (const auto broken = broken_constraint(draft)) {
    return std::unexpected("constraint " + std::string{name(*broken)} + " does not hold");
  }
  return {};
}

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  for (const Rule& rule : kRules) {
    const Bounds bounds = bounds_in(genesis_class(state), rule.unit, rule.bounds);
    if (!check_value(bounds, value(state, rule.name))) {
      broken.push_back("G-6.1: parameter " + std::string{rule.name} + " is out of its bounds");
    }
  }
  if (const auto constraint = broken_constraint(draft_of(state))) {
    broken.push_back("G-6.1: constraint " + std::string{name(*constraint)} + " does not hold");
  }
  return broken;
}

}  // namespace salus::dao::constitution
