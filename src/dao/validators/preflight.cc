// Owns: Q1 to Q5, and what of the state they are asked about.
#include "dao/validators/preflight.h"

#include <algorithm>
#include <map>
#include <set>

#include "dao/constitution.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

bool inside(const std::optional<std::uint64_t>& last, std::uint64_t height, std::uint64_t window) {
  return last && height - *last < window;
}

PreflightLine size_line(const PreflightInput& input, std::uint64_t n) {
  const bool small = n < input.size_min;
  return {.rule = v1::PREFLIGHT_RULE_Q1,
          .have = n,
          .need = small ? input.size_min : input.size_max,
          .holds = !small && n <= input.size_max};
}

PreflightLine churn_line(const PreflightInput& input, std::uint64_t adds) {
  const std::uint64_t before = input.size_before;
  const std::uint64_t faulty = before == 0 ? 0 : (before - 1) / 3;
  PreflightLine line{.rule = v1::PREFLIGHT_RULE_Q3,
                     .have = adds + input.removes,
                     .need = std::max<std::uint64_t>(1, faulty)};
  line.holds = line.have <= line.need;
  line.forced = !line.holds && input.force;
  return line;
}

// The most seats of any operator or organisation; a key that stands twice counts as two of one.
PreflightLine share_line(const PreflightInput& input) {
  std::map<std::string_view, std::uint64_t> operators;
  std::map<std::string_view, std::uint64_t> orgs;
  std::set<std::string_view> keys;
  std::uint64_t most = 0;
  bool distinct = true;
  for (const Seat& seat : input.seats) {
    most = std::max({most, ++operators[seat.operator_account], ++orgs[seat.org]});
    for (const std::string* key : {&seat.validator_key, &seat.node_key}) {
      distinct = keys.insert(*key).second && distinct;
    }
  }
  return {.rule = v1::PREFLIGHT_RULE_Q5,
          .have = distinct ? most : std::max<std::uint64_t>(most, 2),
          .need = distinct ? input.per_operator_max : 1,
          .holds = distinct && most <= input.per_operator_max};
}

bool is_removed(const v1::SetChange& change, const v1::ValidatorInfo& member) {
  return std::ranges::find(change.remove(), member.operator_account()) != change.remove().end();
}

Presence presence_of(const v1::Validator& validator, const v1::ValidatorLiveness& liveness) {
  Presence presence;
  // Genesis vouches for the keys it names; of any others the first block counts from when it is.
  const bool of_genesis = validator.registered_height() == 0 && validator.old_keys().empty();
  if (liveness.last_proposed_height() > 0 || of_genesis) {
    presence.last_proposed = liveness.last_proposed_height();
  }
  if (liveness.last_ready_height() > 0) presence.last_ready = liveness.last_ready_height();
  return presence;
}

Presence presence_of_new_key(const v1::ValidatorLiveness& liveness) {
  Presence presence;
  if (liveness.new_key_ready_height() > 0) presence.last_ready = liveness.new_key_ready_height();
  return presence;
}

bool is_live(const state::Overlay& state, const Presence& presence, Height height) {
  const auto n = static_cast<std::uint64_t>(current_set(state).validators_size());
  return is_live(presence, height.value(), n, constitution::value(state, "consensus.ready_window"));
}

}  // namespace

bool is_live(const Presence& presence, std::uint64_t height, std::uint64_t n,
             std::uint64_t ready_window) {
  return inside(presence.last_proposed, height, 4 * n) ||
         inside(presence.last_ready, height, ready_window);
}

bool is_live(const state::Overlay& state, const AccountId& operator_account, Height height) {
  const auto validator = find_validator(state, operator_account);
  return validator && is_live(state, validator->info(), height);
}

bool is_live(const state::Overlay& state, const v1::ValidatorInfo& member, Height height) {
  const AccountId id = id_of(member.operator_account());
  const auto validator = find_validator(state, id);
  const auto liveness = find_liveness(state, id).value_or(v1::ValidatorLiveness{});
  if (!validator) return false;
  const bool rekeyed = validator->info().validator_key() != member.validator_key();
  return is_live(state, rekeyed ? presence_of_new_key(liveness) : presence_of(*validator, liveness),
                 height);
}

const PreflightLine* Preflight::refusal() const {
  for (const std::size_t i : {0U, 2U, 4U}) {
    if (!lines[i].holds && !lines[i].forced) return &lines[i];
  }
  return nullptr;
}

const PreflightLine* Preflight::wait() const {
  for (const std::size_t i : {1U, 3U}) {
    if (!lines[i].holds && !lines[i].forced) return &lines[i];
  }
  return nullptr;
}

const PreflightLine* Preflight::obstacle() const {
  const PreflightLine* refused = refusal();
  return refused != nullptr ? refused : wait();
}

Preflight judge(const PreflightInput& input) {
  const std::uint64_t size = input.seats.size();
  Preflight out;
  out.size = size;
  out.quorum = quorum(size);
  std::uint64_t adds = 0;
  std::uint64_t newcomers = 0;
  std::uint64_t live_newcomers = 0;
  for (const Seat& seat : input.seats) {
    if (seat.live) ++out.live;
    if (seat.added) ++adds;
    if (!seat.added && !seat.rekeyed) continue;
    ++newcomers;
    if (seat.live) ++live_newcomers;
  }
  const bool has_quorum = out.live >= out.quorum;
  out.lines = {size_line(input, size),
               PreflightLine{.rule = v1::PREFLIGHT_RULE_Q2,
                             .have = out.live,
                             .need = out.quorum,
                             .holds = has_quorum,
                             .forced = !has_quorum && input.force},
               churn_line(input, adds),
               PreflightLine{.rule = v1::PREFLIGHT_RULE_Q4,
                             .have = live_newcomers,
                             .need = newcomers,
                             .holds = live_newcomers == newcomers},
               share_line(input)};
  return out;
}

v1::ValidatorSet changed(const state::Overlay& state, const v1::ValidatorSet& before,
                         const v1::SetChange& change) {
  v1::ValidatorSet after;
  after.set_epoch(before.epoch() + 1);
  for (const v1::ValidatorInfo& member : before.validators()) {
    if (is_removed(change, member)) continue;
    v1::ValidatorInfo& kept = *after.add_validators();
    kept = member;
    for (const v1::ValidatorRekey& rekey : change.rekey()) {
      if (rekey.operator_account() != member.operator_account()) continue;
      kept.set_validator_key(rekey.validator_key());
      kept.set_node_key(rekey.node_key());
    }
  }
  for (const v1::NomineeRef& nominee : change.add()) {
    const auto id = AccountId::from(nominee.operator_account());
    const auto validator = id ? find_validator(state, *id) : std::nullopt;
    if (validator) *after.add_validators() = validator->info();
  }
  return after;
}

Preflight preflight(const state::Overlay& state, const v1::ValidatorSet& before,
                    const v1::SetChange& change, Height height) {
  const v1::ValidatorSet after = changed(state, before, change);
  std::map<std::string_view, std::string_view> stood;
  for (const v1::ValidatorInfo& member : before.validators()) {
    stood[member.operator_account()] = member.validator_key();
  }

  PreflightInput input{
      .size_before = static_cast<std::uint64_t>(before.validators_size()),
      .size_min = constitution::value(state, "validators.min"),
      .size_max = constitution::value(state, "validators.max"),
      .per_operator_max = constitution::value(state, "validators.per_operator_max"),
      .removes = static_cast<std::uint64_t>(change.remove_size()),
      .force = change.force(),
      .seats = {}};
  for (const v1::ValidatorInfo& member : after.validators()) {
    const auto place = stood.find(member.operator_account());
    const bool added = place == stood.end();
    input.seats.push_back({.operator_account = member.operator_account(),
                           .org = member.org().empty() ? member.operator_account() : member.org(),
                           .validator_key = member.validator_key(),
                           .node_key = member.node_key(),
                           .live = is_live(state, member, height),
                           .added = added,
                           .rekeyed = !added && place->second != member.validator_key()});
  }
  return judge(input);
}

Preflight preflight(const state::Overlay& state, const v1::SetChange& change, Height height) {
  return preflight(state, coming_set(state), change, height);
}

v1::SetChange as_set_change(const v1::ChangeSet& action) {
  v1::SetChange change;
  *change.mutable_add() = action.add();
  *change.mutable_remove() = action.remove();
  change.set_force(action.force());
  change.set_cause(v1::SET_CHANGE_CAUSE_DAO);
  return change;
}

std::string_view name(v1::PreflightRule rule) {
  switch (rule) {
    case v1::PREFLIGHT_RULE_Q1:
      return "Q1";
    case v1::PREFLIGHT_RULE_Q2:
      return "Q2";
    case v1::PREFLIGHT_RULE_Q3:
      return "Q3";
    case v1::PREFLIGHT_RULE_Q4:
      return "Q4";
    case v1::PREFLIGHT_RULE_Q5:
      return "Q5";
    default:
      return "";
  }
}

std::string sentence(const PreflightLine& line) {
  const std::string have = std::to_string(line.have);
  const std::string need = std::to_string(line.need);
  switch (line.rule) {
    case v1::PREFLIGHT_RULE_Q1:
      if (line.holds) return "The set would have " + have + " validators, at most " + need + ".";
      return "The set would have " + have + " validators; the limit is " + need +
             " (validators.min and validators.max).";
    case v1::PREFLIGHT_RULE_Q2:
      return have + " validators of the new set are live; its quorum is " + need + ".";
    case v1::PREFLIGHT_RULE_Q3:
      return have + " validators are added or removed; at most " + need + " at once.";
    case v1::PREFLIGHT_RULE_Q4:
      return have + " of " + need +
             " added nominees and new keys are live (salus validator ready).";
    case v1::PREFLIGHT_RULE_Q5:
      return "One operator or organisation would have " + have + " validators, at most " + need +
             ", and no key may stand twice.";
    default:
      return "";
  }
}

std::string verdict(const Preflight& preflight) {
  std::string out = "n " + std::to_string(preflight.size) + ", quorum " +
                    std::to_string(preflight.quorum) + ", live " + std::to_string(preflight.live);
  if (const PreflightLine* refused = preflight.refusal()) {
    return out + ": would be refused by " + std::string{name(refused->rule)};
  }
  if (const PreflightLine* waits = preflight.wait()) {
    return out + ": would wait for " + std::string{name(waits->rule)};
  }
  return out + ": would pass";
}

}  // namespace salus::dao::validators
