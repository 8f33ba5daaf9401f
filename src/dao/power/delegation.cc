// Owns: SetDelegation, ClearDelegation, SetDelegateProfile, and the end of a delegation's term.
#include "dao/power/delegation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dao/constitution.h"
#include "dao/due.h"
#include "dao/power/flow.h"
#include "dao/power/history.h"
#include "dao/power/tables.h"
#include "state/record.h"

namespace salus::dao::power {

namespace {

using state::Overlay;

Bytes due_ref(const AccountId& account, std::uint32_t track) {
  ByteWriter out;
  out.bytes(account.view());
  out.u8(static_cast<std::uint8_t>(track));
  return std::move(out).out();
}

// A member with weight signs; weight implies ACTIVE (G-4.10).
Outcome require_weight(const Overlay& state, const ActionContext& context) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (weight_now(state, context.signer).units == 0) return refuse(Error::NoWeight);
  return {};
}

// Whether power that goes over `from`'s live edges comes by `self` within `hops` (G-5.7).
bool reaches(const Overlay& state, const AccountId& from, const AccountId& self,
             std::uint32_t track, std::size_t hops) {
  if (from == self) return true;
  if (hops == 0) return false;
  return std::ranges::any_of(live_edges_now(state, from, track), [&](const Edge& edge) {
    return reaches(state, edge.to, self, track, hops - 1);
  });
}

Outcome check_target(const Overlay& state, const AccountId& to, const AccountId& signer,
                     std::uint32_t track) {
  // The edge to him is the first of the three hops.
  if (reaches(state, to, signer, track, kHopsMax - 1)) return refuse(Error::DelegationLoop);
  const Weight own = weight_now(state, signer);
  const Weight his = weight_now(state, to);
  if (his.chamber != own.chamber) return refuse(Error::NotSameChamber);
  const auto profile = find_profile(state, to);
  if (!profile || !profile->open()) return refuse(Error::DelegateClosed);
  return {};
}

// Takes the old flow back, stores, sends the new one; the due item and the index follow (G-12.4).
void replace(Overlay& state, const AccountId& account, std::uint32_t track,
             v1::DelegationPoint next) {
  withdraw_flow(state, account, track);
  if (const auto old = find_delegation(state, account, track)) {
    due::cancel(state, due::Class::Lapses, old->until_ms(), due::Kind::DelegationEnd,
                due_ref(account, track));
    for (const v1::DelegationEdge& edge : old->targets()) {
      state::erase(state, delegators_key(*AccountId::from(edge.to()), track).bytes(account.view()));
    }
  }
  for (const v1::DelegationEdge& edge : next.targets()) {
    state.put(delegators_key(*AccountId::from(edge.to()), track).bytes(account.view()).str(), "");
  }
  if (!next.targets().empty()) {
    due::schedule(state, due::Class::Lapses, next.until_ms(), due::Kind::DelegationEnd,
                  due_ref(account, track));
  }

  const state::Key key = delegation_key(account, track);
  auto history = state::find_or_default<v1::DelegationHistory>(state, key);
  const bool ends = next.targets().empty();
  write_point(history, std::move(next), clock_of(state));
  if (ends && history.points_size() == 1) {
    state::erase(state, key);
  } else {
    state::put(state, key, history);
  }
  send_flow(state, account, track);
}

// Every edge to him is dead from now on, in one write (G-5.4).
void end_inbound(Overlay& state, const AccountId& account) {
  const std::vector<std::uint32_t> tracks = tracks_of(state, account);
  for (const std::uint32_t track : tracks) withdraw_flow(state, account, track);
  Weight weight = weight_now(state, account);
  weight.serial += 1;
  put_weight(state, account, weight);
  for (const std::uint32_t track : tracks) {
    forget_received(state, account, track);
    send_flow(state, account, track);
  }
}

}  // namespace

std::optional<v1::DelegationPoint> find_delegation(const Overlay& state, const AccountId& account,
                                                   std::uint32_t track) {
  const auto history = state::find<v1::DelegationHistory>(state, delegation_key(account, track));
  if (!history) return std::nullopt;
  auto point = point_at(*history, clock_of(state).next_snapshot());
  if (point.targets().empty()) return std::nullopt;
  return point;
}

bool is_live(const Overlay& state, const AccountId& from, const v1::DelegationEdge& edge) {
  const Weight his = weight_now(state, *AccountId::from(edge.to()));
  const Weight own = weight_now(state, from);
  return own.units > 0 && his.serial == edge.serial() && his.chamber == own.chamber;
}

std::optional<v1::DelegateProfile> find_profile(const Overlay& state, const AccountId& account) {
  return state::find<v1::DelegateProfile>(state, profile_key(account));
}

void note_ballot(Overlay& state, const AccountId& account) {
  auto profile = find_profile(state, account);
  if (!profile || !profile->open()) return;
  profile->set_ballots(profile->ballots() + 1);
  state::put(state, profile_key(account), *profile);
}

Outcome check(const v1::SetDelegation& action) {
  if (action.targets_size() > kTargetsMax) return refuse(Error::TooManyTargets);
  if (action.targets().empty()) return refuse(Error::SharesInvalid);
  std::uint64_t sum = 0;
  std::set<std::string> distinct;
  for (const v1::DelegationTarget& target : action.targets()) {
    if (target.to().size() != AccountId::kSize) return refuse(Error::Malformed);
    if (target.share() == 0 || target.share() > 100) return refuse(Error::SharesInvalid);
    sum += target.share();
    distinct.insert(target.to());
  }
  if (sum > 100 || distinct.size() != static_cast<std::size_t>(action.targets_size())) {
    return refuse(Error::SharesInvalid);
  }
  return {};
}

Outcome check(const v1::ClearDelegation& action) {
  if (action.track() > constitution::kTracksMax) return refuse(Error::TrackUnknown);
  return {};
}

Outcome check(const v1::SetDelegateProfile& action) {
  if (action.statement_hash().size() != Hash::kSize) return refuse(Error::Limit);
  return {};
}

Outcome apply(const v1::SetDelegation& action, ActionContext& context, Overlay& state) {
  if (auto outcome = require_weight(state, context); !outcome) return outcome;
  if (!constitution::find_track(state, action.track())) return refuse(Error::TrackUnknown);
  const std::uint64_t now = context.now_ms();
  // Over at `until` (G-1.1); the longest term may be used up (G-1.2).
  if (action.until_ms() <= now ||
      action.until_ms() - now > constitution::value(state, "governance.delegation_term_max")) {
    return refuse(Error::TermTooLong);
  }
  v1::DelegationPoint next;
  next.set_until_ms(action.until_ms());
  std::vector<AccountId> accounts{context.signer};
  std::vector<EventNumber> numbers{{v1::EVENT_FIELD_TRACK, action.track()},
                                   {v1::EVENT_FIELD_UNTIL_MS, action.until_ms()}};
  for (const v1::DelegationTarget& target : action.targets()) {
    const AccountId to = *AccountId::from(target.to());
    if (auto outcome = check_target(state, to, context.signer, action.track()); !outcome) {
      return outcome;
    }
    v1::DelegationEdge& edge = *next.add_targets();
    edge.set_to(target.to());
    edge.set_share(target.share());
    edge.set_serial(weight_now(state, to).serial);
    accounts.push_back(to);
    numbers.push_back({v1::EVENT_FIELD_SHARE, target.share()});
  }
  replace(state, context.signer, action.track(), std::move(next));
  emit(context.events, v1::EVENT_KIND_DELEGATION_SET, std::move(accounts), std::move(numbers),
       true);
  return {};
}

Outcome apply(const v1::ClearDelegation& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!find_delegation(state, context.signer, action.track())) {
    return refuse(Error::DelegationNone);
  }
  replace(state, context.signer, action.track(), {});
  emit(context.events, v1::EVENT_KIND_DELEGATION_CLEARED, {context.signer},
       {{v1::EVENT_FIELD_TRACK, action.track()}});
  return {};
}

Outcome apply(const v1::SetDelegateProfile& action, ActionContext& context, Overlay& state) {
  const auto old = find_profile(state, context.signer);
  // Whoever lost his weight may still close his profile.
  if (action.open() || !old) {
    if (auto outcome = require_weight(state, context); !outcome) return outcome;
  }
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (old && old->open() && !action.open()) end_inbound(state, context.signer);
  v1::DelegateProfile profile = old.value_or(v1::DelegateProfile{});
  profile.set_account(context.signer.to_string());
  profile.set_open(action.open());
  profile.set_statement_hash(action.statement_hash());
  state::put(state, profile_key(context.signer), profile);
  emit(context.events, v1::EVENT_KIND_DELEGATE_PROFILE_SET, {context.signer},
       {{v1::EVENT_FIELD_VALUE, action.open() ? 1U : 0U}}, old && old->open() && !action.open());
  return {};
}

void end_delegation(Overlay& state, ByteView ref, std::vector<v1::Event>& events) {
  ByteReader in(ref);
  const AccountId account = *AccountId::from(as_chars(in.bytes(AccountId::kSize)));
  const std::uint32_t track = in.u8();
  if (!find_delegation(state, account, track)) return;
  replace(state, account, track, {});
  emit(events, v1::EVENT_KIND_DELEGATION_ENDED, {account}, {{v1::EVENT_FIELD_TRACK, track}}, true);
}

}  // namespace salus::dao::power
