// Owns: the one-time right to pause, and that a pause ends by itself (G-11.1, G-11.4).
#include "dao/pauses/pauses.h"

#include <algorithm>

#include "dao/acts/acts.h"
#include "dao/constitution.h"
#include "dao/membership/membership.h"
#include "state/record.h"

namespace salus::dao::pauses {

namespace {

using state::Key;
using state::Overlay;
using state::Table;
using v1::Action;

// Numbers of the actions of module accounts (action.proto).
constexpr std::uint32_t kAccountsFirst = 10;
constexpr std::uint32_t kAccountsLast = 29;
// Above all of them.
constexpr std::uint32_t kTypesEnd = 1'000;

Key pause_key(std::uint64_t id) { return Key{Table::Pauses}.u64(id); }
Key type_key(std::uint32_t type) { return Key{Table::PausedTypes}.u32(type); }
Key charge_key(const AccountId& account) { return Key{Table::Charges}.bytes(account.view()); }

bool is_sentinel(const Overlay& state, const AccountId& account, std::uint64_t now_ms) {
  const std::uint32_t roles = membership::live_roles(state, account, now_ms);
  return (roles & membership::bit(membership::Role::Sentinel)) != 0;
}

// The same type again needs charges renewed since, whoever signs (G-11.2).
Outcome check_again(const v1::Pause& action, std::uint64_t now_ms, const Overlay& state) {
  for (const std::uint32_t type : action.types()) {
    const auto last = find_paused_type(state, type);
    if (!last || now_ms >= last->from_ms() + kAgainMs) continue;
    if (charge_clock(state).renewals() <= last->renewals()) return refuse(Error::NoCharge);
  }
  return {};
}

void spend_charge(Overlay& state, const AccountId& account, std::uint64_t now_ms) {
  v1::Sentinel spent;
  spent.set_account(account.to_string());
  spent.set_renewals(charge_clock(state).renewals());
  spent.set_spent_ms(now_ms);
  state::put(state, charge_key(account), spent);
}

v1::PauseRecord start(const v1::Pause& action, const std::vector<AccountId>& signers,
                      std::uint64_t now_ms, Overlay& state) {
  v1::PauseRecord pause;
  pause.set_id(state::take_number(state, Key{Table::PauseCounters}));
  *pause.mutable_types() = action.types();
  pause.set_from_ms(now_ms);
  pause.set_until_ms(now_ms + action.span_ms());
  for (const AccountId& signer : signers) pause.add_by(signer.to_string());
  state::put(state, pause_key(pause.id()), pause);
  for (const std::uint32_t type : action.types()) {
    v1::PausedType record;
    record.set_type(type);
    record.set_pause(pause.id());
    record.set_from_ms(pause.from_ms());
    record.set_until_ms(pause.until_ms());
    record.set_renewals(charge_clock(state).renewals());
    state::put(state, type_key(type), record);
  }
  for (const AccountId& signer : signers) spend_charge(state, signer, now_ms);
  return pause;
}

}  // namespace

// G-11.3. A kind that is not listed may be paused; a new one is thought about here.
bool is_pausable(Type type) {
  // Everything of accounts: keys, recovery and guardians are how members help themselves.
  if (type >= kAccountsFirst && type <= kAccountsLast) return false;
  // A number of no action of this version stops nothing that it could name.
  const bool known = type < kTypesEnd &&
                     Action::descriptor()->FindFieldByNumber(static_cast<int>(type)) != nullptr;
  if (!known) return false;
  switch (static_cast<Action::KindCase>(type)) {
    // Voting, and what undoes a pause.
    case Action::kVote:
    case Action::kEndorse:
    case Action::kSetDelegation:
    case Action::kClearDelegation:
    case Action::kDeclareConflict:
    case Action::kSubmit:
    case Action::kRetryExecution:
    case Action::kCancelProposal:
    case Action::kPause:
    case Action::kEndPause:
    case Action::kRenewCharges:
    // Leaving, answering, and what only lowers access.
    case Action::kExit:
    case Action::kFileDefence:
    case Action::kCoSign:
    case Action::kWithdrawAct:
    case Action::kWithdrawApplication:
    case Action::kRevokeCredential:
    case Action::kSuspendCredential:
    case Action::kEndOffice:
    case Action::kRecheck:
    // The network's own safety.
    case Action::kProveReady:
    case Action::kReseat:
    case Action::kReportEquivocation:
    case Action::kLeave:
    // Claims that are paid.
    case Action::kAcceptPayout:
    case Action::kAcceptSchedule:
    case Action::kClaimSchedule:
    case Action::kAcceptGrant:
    case Action::kClaimTranche:
    case Action::kUnlockStake:
    case Action::KIND_NOT_SET:
      return false;
    default:
      return true;
  }
}

std::optional<std::uint64_t> paused_until(const Overlay& state, Type type, std::uint64_t now_ms) {
  const auto record = find_paused_type(state, type);
  if (!record || now_ms >= record->until_ms()) return std::nullopt;
  return record->until_ms();
}

Outcome check(const v1::Pause& action) {
  if (action.types().empty() || action.types_size() > kTypesMax) {
    return refuse(Error::TooManyTypes);
  }
  std::uint32_t last = 0;
  for (const std::uint32_t type : action.types()) {
    if (type <= last) return refuse(Error::TooManyTypes);
    last = type;
    if (!is_pausable(type)) return refuse(Error::NotPausable);
  }
  if (action.span_ms() == 0) return refuse(Error::Limit);
  return {};
}

Outcome apply(const v1::Pause& action, ActionContext& context, Overlay& state) {
  const std::uint64_t now = context.now_ms();
  if (!is_sentinel(state, context.signer, now)) return refuse(Error::NotAuthorized);
  if (!has_charge(state, context.signer)) return refuse(Error::NoCharge);
  // A limit may be used up (G-1.2).
  if (action.span_ms() > constitution::value(state, "governance.pause_max")) {
    return refuse(Error::PauseTooLong);
  }
  if (auto again = check_again(action, now, state); !again) return again;

  acts::Ask ask;
  *ask.content.mutable_pause() = action;
  ask.needed = static_cast<std::uint32_t>(constitution::value(state, "governance.pause_needed"));
  ask.entitled = [&state, now](const AccountId& account) {
    return is_sentinel(state, account, now) && has_charge(state, account);
  };
  const auto progress = acts::sign(ask, context, state);
  if (!progress) return refuse(progress.error());
  if (progress->step != acts::Step::Reached) return {};

  const v1::PauseRecord pause = start(action, progress->signers, now, state);
  for (const std::uint32_t type : action.types()) {
    emit(context.events, v1::EVENT_KIND_PAUSED, progress->signers,
         {{v1::EVENT_FIELD_PAUSE, pause.id()},
          {v1::EVENT_FIELD_TYPE, type},
          {v1::EVENT_FIELD_UNTIL_MS, pause.until_ms()}},
         true);
  }
  return {};
}

Outcome check(const v1::EndPause& action) {
  if (action.pause() == 0) return refuse(Error::PauseUnknown);
  return {};
}

Outcome apply(const v1::EndPause& action, ActionContext& context, Overlay& state) {
  auto pause = find_pause(state, action.pause());
  if (!pause || context.now_ms() >= pause->until_ms()) return refuse(Error::PauseUnknown);
  pause->set_until_ms(context.now_ms());
  state::put(state, pause_key(pause->id()), *pause);
  for (const std::uint32_t type : pause->types()) {
    auto record = find_paused_type(state, type);
    // A later pause of the same type is not this one's to end.
    if (!record || record->pause() != pause->id()) continue;
    record->set_until_ms(context.now_ms());
    state::put(state, type_key(type), *record);
  }
  emit(context.events, v1::EVENT_KIND_PAUSE_ENDED, {}, {{v1::EVENT_FIELD_PAUSE, pause->id()}});
  return {};
}

Outcome apply(const v1::RenewCharges& /*action*/, ActionContext& context, Overlay& state) {
  v1::ChargeClock clock = charge_clock(state);
  clock.set_renewals(clock.renewals() + 1);
  clock.set_renewed_ms(context.now_ms());
  state::put(state, Key{Table::ChargeClock}, clock);
  emit(context.events, v1::EVENT_KIND_CHARGES_RENEWED, {},
       {{v1::EVENT_FIELD_COUNT, clock.renewals()}});
  return {};
}

bool has_charge(const Overlay& state, const AccountId& account) {
  const auto spent = find_spent(state, account);
  return !spent || spent->renewals() < charge_clock(state).renewals();
}

v1::ChargeClock charge_clock(const Overlay& state) {
  return state::find_or_default<v1::ChargeClock>(state, Key{Table::ChargeClock});
}

std::optional<v1::Sentinel> find_spent(const Overlay& state, const AccountId& account) {
  return state::find<v1::Sentinel>(state, charge_key(account));
}

std::optional<v1::PauseRecord> find_pause(const Overlay& state, std::uint64_t id) {
  return state::find<v1::PauseRecord>(state, pause_key(id));
}

std::optional<v1::PausedType> find_paused_type(const Overlay& state, Type type) {
  return state::find<v1::PausedType>(state, type_key(type));
}

std::uint64_t last_pause(const Overlay& state) {
  const auto stored = state.get(Key{Table::PauseCounters}.str());
  if (!stored) return 0;
  ByteReader in(as_bytes(*stored));
  return in.u64();
}

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  for (std::uint64_t id = 1; id <= last_pause(state); ++id) {
    const auto pause = find_pause(state, id);
    const std::string place = " (pause " + std::to_string(id) + ")";
    if (!pause) {
      broken.push_back("G-11.4: a pause has no record" + place);
      continue;
    }
    const bool fits = pause->until_ms() >= pause->from_ms() &&
                      pause->until_ms() - pause->from_ms() <= kPauseMsMax;
    if (!fits) broken.push_back("G-11.4: it lasts more than 7 d" + place);
    for (const std::uint32_t type : pause->types()) {
      if (!is_pausable(type)) {
        broken.push_back("G-11.3: it stops what can never be paused" + place);
      }
    }
  }
  const std::string prefix = Key{Table::Charges}.str();
  const std::uint64_t renewals = charge_clock(state).renewals();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto spent = state::decode<v1::Sentinel>(value);
    if (spent.renewals() > renewals)
      broken.emplace_back("G-11.4: a charge was spent later than now");
    return true;
  });
  return broken;
}

}  // namespace salus::dao::pauses
