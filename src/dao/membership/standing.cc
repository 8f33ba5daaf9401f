// Owns: how a membership pauses and ends: suspension, exit, expulsion. Each stops weight for later
// power snapshots at once and touches nothing that was decided or promised before (G-4.8, G-4.9).
#include "dao/constitution.h"
#include "dao/membership/records.h"
#include "dao/power/power.h"

namespace salus::dao::membership {

namespace {

// A membership that exists: Result so that every action refuses alike.
Result<v1::Member, Error> get_member_of(const state::Overlay& state, const AccountId& account) {
  auto member = find_member(state, account);
  if (!member || !is_member(state, account)) return refuse(Error::NotMember);
  return *member;
}

bool probation_runs(const v1::Member& member, std::uint64_t now_ms) {
  return now_ms < member.weight_from_ms();
}

void leave_suspension(state::Overlay& state, v1::Member member, const Change& change) {
  member.set_suspended_until_ms(0);
  member.set_suspended_by(v1::SUSPENDED_BY_UNSPECIFIED);
  member.set_state(probation_runs(member, change.now_ms) ? v1::MEMBER_STATE_PROBATION
                                                         : v1::MEMBER_STATE_ACTIVE);
  regain_weight(state, member, change);
  emit(change.events, v1::EVENT_KIND_MEMBER_REINSTATED, {id_of(member.account())}, {}, true);
}

// Ends a membership: no probation, suspension, office or weight is left of it.
void end_membership(state::Overlay& state, v1::Member member, v1::MemberState state_after,
                    const Change& change) {
  const AccountId account = id_of(member.account());
  stop_probation(state, member);
  if (member.state() == v1::MEMBER_STATE_SUSPENDED) {
    due::cancel(state, due::Class::Lapses, member.suspended_until_ms(), due::Kind::SuspensionEnd,
                account.view());
  }
  end_offices(state, account, change);
  member.set_state(state_after);
  member.set_suspended_until_ms(0);
  member.set_suspended_by(v1::SUSPENDED_BY_UNSPECIFIED);
  settle_weight(state, member, change);
}

// Vouchers answer for a year: whose protege is expelled may not vouch for a year (G-4.4).
void bar_vouchers(state::Overlay& state, const v1::Member& expelled, std::uint64_t now_ms) {
  if (now_ms >= expelled.joined_ms() + kVouchAnswersForMs) return;
  for (const std::string& id : expelled.vouchers()) {
    auto voucher = find_member(state, id_of(id));
    if (!voucher) continue;
    voucher->set_vouch_barred_until_ms(now_ms + kVouchAnswersForMs);
    put_member(state, *voucher);
  }
}

struct Suspension {
  AccountId account;
  std::uint64_t until_ms;
  std::uint32_t cause;
  v1::SuspendedBy by;
};

Outcome suspend(const Suspension& order, ActionContext& context, state::Overlay& state) {
  const std::uint64_t now = context.now_ms();
  auto member = get_member_of(state, order.account);
  if (!member) return refuse(member.error());
  if (member->state() == v1::MEMBER_STATE_SUSPENDED) return refuse(Error::AlreadySuspended);
  const bool by_case = order.by == v1::SUSPENDED_BY_CASE;
  const bool again =
      member->case_suspended_ms() != 0 && now < member->case_suspended_ms() + kCaseAgainMs;
  if (by_case && again) return refuse(Error::SuspensionRepeated);
  if (order.until_ms <= now) return refuse(Error::Limit);
  const std::uint64_t longest = constitution::value(
      state, by_case ? "membership.suspend_case_max" : "membership.suspend_vote_max");
  if (order.until_ms - now > longest) return refuse(Error::SuspensionTooLong);

  member->set_state(v1::MEMBER_STATE_SUSPENDED);
  member->set_suspended_until_ms(order.until_ms);
  member->set_suspended_by(order.by);
  if (by_case) member->set_case_suspended_ms(now);
  due::schedule(state, due::Class::Lapses, order.until_ms, due::Kind::SuspensionEnd,
                order.account.view());
  settle_weight(state, *member, {now, context.events});
  emit(context.events, v1::EVENT_KIND_MEMBER_SUSPENDED, {order.account},
       {{v1::EVENT_FIELD_UNTIL_MS, order.until_ms}, {v1::EVENT_FIELD_CAUSE, order.cause}}, true);
  return {};
}

// What a vote suspended, no case may lift; the DAO may lift both.
Outcome lift(const AccountId& account, v1::SuspendedBy by, ActionContext& context,
             state::Overlay& state) {
  const auto member = get_member_of(state, account);
  if (!member) return refuse(member.error());
  if (member->state() != v1::MEMBER_STATE_SUSPENDED) return refuse(Error::NotSuspended);
  const bool may = by == v1::SUSPENDED_BY_DAO || member->suspended_by() == by;
  if (!may) return refuse(Error::NotAuthorized);
  due::cancel(state, due::Class::Lapses, member->suspended_until_ms(), due::Kind::SuspensionEnd,
              account.view());
  leave_suspension(state, *member, {context.now_ms(), context.events});
  return {};
}

}  // namespace

Outcome apply(const v1::Exit& /*action*/, ActionContext& context, state::Overlay& state) {
  const auto member = get_member_of(state, context.signer);
  if (!member) return refuse(member.error());
  if (member->obligations() > 0) return refuse(Error::ExitBound);
  // The same person may come back at once, by probation (G-4.12).
  state::erase(state, nullifier_key(member->nullifier()));
  const Change change{context.now_ms(), context.events};
  end_membership(state, *member, v1::MEMBER_STATE_EXITED, change);
  emit(context.events, v1::EVENT_KIND_MEMBER_EXITED, {context.signer}, {});
  return {};
}

Outcome check(const v1::SuspendMember& action) { return check_id(action.account()); }

Outcome apply(const v1::SuspendMember& action, ActionContext& context, state::Overlay& state) {
  return suspend({.account = id_of(action.account()),
                  .until_ms = action.until_ms(),
                  .cause = action.cause(),
                  .by = v1::SUSPENDED_BY_DAO},
                 context, state);
}

Outcome suspend_by_case(const CaseSuspension& order, ActionContext& context,
                        state::Overlay& state) {
  return suspend({.account = order.account,
                  .until_ms = order.until_ms,
                  .cause = order.cause,
                  .by = v1::SUSPENDED_BY_CASE},
                 context, state);
}

Outcome check(const v1::Reinstate& action) { return check_id(action.account()); }

Outcome apply(const v1::Reinstate& action, ActionContext& context, state::Overlay& state) {
  return lift(id_of(action.account()), v1::SUSPENDED_BY_DAO, context, state);
}

Outcome reinstate_by_case(const AccountId& account, ActionContext& context, state::Overlay& state) {
  return lift(account, v1::SUSPENDED_BY_CASE, context, state);
}

Outcome check(const v1::SetSeats& action) {
  if (action.seats() == 0 || action.seats() > kSeatsMax) return refuse(Error::SeatsOutOfRange);
  return check_id(action.account());
}

Outcome apply(const v1::SetSeats& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  auto member = get_member_of(state, account);
  if (!member) return refuse(member.error());
  const auto chamber = find_chamber(state, member->chamber());
  if (!chamber || chamber->rule() != v1::CHAMBER_RULE_SEAT) return refuse(Error::SeatsOutOfRange);
  const std::uint64_t before = power::weight_now(state, account).units;
  member->set_seats(action.seats());
  reweigh(state, *member, {context.now_ms(), context.events});
  const std::uint64_t after = power::weight_now(state, account).units;
  // A chamber at its bound takes no more (G-8.23); the whole action is undone.
  if (before > 0 && after != action.seats()) return refuse(Error::WeightLimit);
  emit(context.events, v1::EVENT_KIND_SEATS_SET, {account},
       {{v1::EVENT_FIELD_SEATS, action.seats()}, {v1::EVENT_FIELD_BEFORE, before}}, true);
  return {};
}

void stake_changed(const AccountId& account, ActionContext& context, state::Overlay& state) {
  roles_changed(state, account, {context.now_ms(), context.events});
}

Outcome check(const v1::ExpelMember& action) {
  if (action.bar_ms() > kBarMsMax) return refuse(Error::Limit);
  return check_id(action.account());
}

Outcome apply(const v1::ExpelMember& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  auto member = get_member_of(state, account);
  if (!member) return refuse(member.error());
  const std::uint64_t bar_ms = action.bar_ms() != 0
                                   ? action.bar_ms()
                                   : constitution::value(state, "membership.readmission_bar");
  member->set_bar_until_ms(context.now_ms() + bar_ms);
  end_membership(state, *member, v1::MEMBER_STATE_EXPELLED, {context.now_ms(), context.events});
  bar_vouchers(state, *member, context.now_ms());
  emit(
      context.events, v1::EVENT_KIND_MEMBER_EXPELLED, {account},
      {{v1::EVENT_FIELD_CAUSE, action.cause()}, {v1::EVENT_FIELD_UNTIL_MS, member->bar_until_ms()}},
      true);
  return {};
}

void end_probation(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events) {
  auto member = find_member(state, id_of(as_chars(ref)));
  if (!member || probation_runs(*member, block.time.value())) return;
  // While suspended nothing changes: the end of the suspension finds the probation over.
  const bool was_on_probation = member->state() == v1::MEMBER_STATE_PROBATION;
  if (was_on_probation) member->set_state(v1::MEMBER_STATE_ACTIVE);
  if (member->state() != v1::MEMBER_STATE_ACTIVE) return;
  const std::uint32_t chamber = member->chamber();
  regain_weight(state, *member, {block.time.value(), events});
  member = find_member(state, id_of(member->account()));
  // In another chamber it begins anew, and its end tells of itself.
  if (member->chamber() != chamber && member->chamber() != 0) {
    if (!was_on_probation || !probation_runs(*member, block.time.value())) return;
    member->set_state(v1::MEMBER_STATE_PROBATION);
    return put_member(state, *member);
  }
  emit(events, v1::EVENT_KIND_PROBATION_ENDED, {id_of(member->account())},
       {{v1::EVENT_FIELD_CHAMBER, member->chamber()}, {v1::EVENT_FIELD_WEIGHT, member->weight()}},
       true);
}

void end_suspension(state::Overlay& state, const BlockContext& block, ByteView ref,
                    Events& events) {
  const auto member = find_member(state, id_of(as_chars(ref)));
  if (!member || member->state() != v1::MEMBER_STATE_SUSPENDED) return;
  if (block.time.value() < member->suspended_until_ms()) return;
  leave_suspension(state, *member, {block.time.value(), events});
}

}  // namespace salus::dao::membership
