// Owns: the routing of actions to their modules, and the facts that cross modules.
#include "dao/dispatcher.h"

#include <algorithm>

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/accounts/recovery.h"
#include "dao/acts/acts.h"
#include "dao/assets/assets.h"
#include "dao/assets/schedules.h"
#include "dao/assets/stakes.h"
#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/interest.h"
#include "dao/membership/membership.h"
#include "dao/pauses/pauses.h"
#include "dao/power/delegation.h"
#include "dao/power/power.h"
#include "dao/treasury/treasury.h"
#include "dao/validators/upgrades.h"
#include "dao/validators/validators.h"

namespace salus::dao {

namespace {

using v1::Action;

Outcome apply_open_account(const v1::OpenAccount& action, ActionContext& context,
                           state::Overlay& state) {
  const bool member = membership::is_active(state, context.signer, context.now_ms());
  if (member && accounts::has_open_quota(state, context.signer, context.now_ms())) {
    return accounts::apply(action, accounts::Opener::Member, context, state);
  }
  if (!membership::find_issuer(state, context.signer)) {
    return refuse(member ? Error::OpenQuotaUsed : Error::NotAuthorized);
  }
  const Outcome within = membership::use_issuer_quota(state, context.signer, context.now_ms());
  if (!within) return within;
  return accounts::apply(action, accounts::Opener::Issuer, context, state);
}

assets::Ends ends_of(const ActionContext& context, std::string_view receiver,
                     const state::Overlay& state) {
  const auto to = AccountId::from(receiver);
  return {.from_is_member = membership::is_member(state, context.signer),
          .to_is_member = to && membership::is_member(state, *to)};
}

Outcome apply_close_account(const v1::CloseAccount& action, ActionContext& context,
                            state::Overlay& state) {
  const AccountId& account = context.signer;
  const accounts::Bonds bonds{.holds_money = !assets::balances(state, account).empty(),
                              .is_member = membership::is_member(state, account),
                              .applies = membership::find_application(state, account).has_value()};
  return accounts::apply(action, bonds, context, state);
}

// A stake weighs only in a chamber of rule STAKE, so nobody else locks one.
Outcome apply_lock_stake(const v1::LockStake& action, ActionContext& context,
                         state::Overlay& state) {
  const auto member = membership::find_member(state, context.signer);
  const auto chamber = member ? membership::find_chamber(state, member->chamber()) : std::nullopt;
  const bool may_lock = membership::is_member(state, context.signer) && chamber &&
                        chamber->rule() == v1::CHAMBER_RULE_STAKE;
  const Outcome locked = assets::apply(action, may_lock, context, state);
  if (!locked) return locked;
  membership::stake_changed(context.signer, context, state);
  // Money that gives no weight because the chamber is at its bound stays where it is (G-8.23).
  const auto after = membership::find_member(state, context.signer);
  const bool counts = membership::is_active(state, context.signer, context.now_ms()) &&
                      context.now_ms() >= after->weight_from_ms();
  // Asked of the stake, as the record of who is in it says what the chamber lets him weigh.
  const std::uint64_t units =
      assets::staked(state, context.signer) / constitution::value(state, "membership.stake_unit");
  const bool weighs = after->chamber() == chamber->id();
  if (counts && weighs && power::weight_now(state, context.signer).units != units) {
    return refuse(Error::WeightLimit);
  }
  return {};
}

Outcome apply_unlock_stake(const v1::UnlockStake& action, ActionContext& context,
                           state::Overlay& state) {
  const Outcome unlocked = assets::apply(action, context, state);
  if (unlocked) membership::stake_changed(context.signer, context, state);
  return unlocked;
}

constitution::TrackUse use_of(const v1::SetTrack& action, const state::Overlay& state) {
  return {.leads_open = governance::open_of_track(state, action.track().id()) > 0};
}

// Whom an action promises money, if anybody: he must exist already when it is proposed (G-9.4).
std::string_view payee_of(const Action& action) {
  if (action.has_pay()) return action.pay().payee();
  if (action.has_award_grant()) return action.award_grant().payee();
  if (action.has_open_stream()) return action.open_stream().payee();
  return {};
}

// What can be known of one frozen action before anybody votes on it (G-6.1, G-10.3).
Outcome check_proposed(const Action& action, const state::Overlay& state) {
  if (const auto payee = AccountId::from(payee_of(action))) {
    if (!accounts::is_open(state, *payee)) return refuse(Error::PayeeUnknown);
  }
  if (action.has_change_set()) return validators::check_proposed(action.change_set(), state);
  if (action.has_schedule_upgrade()) {
    return validators::check_proposed(action.schedule_upgrade(), state);
  }
  if (action.has_set_track()) {
    return constitution::check_change(action.set_track(), use_of(action.set_track(), state), state);
  }
  return {};
}

// Governance comes before these modules, so what it freezes is judged here.
Outcome check_proposed(const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options,
                       const state::Overlay& state) {
  for (const v1::ProposalOption& option : options) {
    for (const Action& action : option.actions()) {
      const Outcome passes = check_proposed(action, state);
      if (!passes) return passes;
    }
  }
  return {};
}

Outcome apply_submit(const v1::Submit& submit, ActionContext& context, state::Overlay& state) {
  const Outcome passes = check_proposed(submit.options(), state);
  if (!passes) return passes;
  return governance::apply(submit, context, state, dispatch());
}

Outcome apply_amend(const v1::Amend& amend, ActionContext& context, state::Overlay& state) {
  const Outcome passes = check_proposed(amend.options(), state);
  if (!passes) return passes;
  return governance::apply(amend, context, state, dispatch());
}

// A proposal's own actions, each of which the DAO must be able to apply (G-7.1).
Outcome check_options(const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options) {
  for (const v1::ProposalOption& option : options) {
    for (const Action& action : option.actions()) {
      const Access* access = find_access(action.kind_case());
      if (access == nullptr) return refuse(Error::ActionInvalid);
      // No proposal inside a proposal: a member's right is not the DAO's.
      if (!access->dao) return refuse(Error::ActionNotAllowed);
      const Outcome checked = check_action(action);
      if (!checked) return checked;
    }
  }
  return {};
}

Outcome check_submit(const v1::Submit& submit) {
  const Outcome shape = governance::check(submit);
  if (!shape) return shape;
  return check_options(submit.options());
}

Outcome check_amend(const v1::Amend& amend) {
  const Outcome shape = governance::check(amend);
  if (!shape) return shape;
  return check_options(amend.options());
}

// A co-signer applies the content in his own name, so its module judges him like the first.
Outcome apply_co_sign(const v1::CoSign& action, ActionContext& context, state::Overlay& state) {
  const auto content = acts::content_of(action, context.now_ms(), state);
  if (!content) return refuse(content.error());
  return apply_action(*content, context, state);
}

// Whether the proposal is about the signer, and may still be answered, governance knows (G-4.7).
Outcome apply_file_defence(const v1::FileDefence& action, ActionContext& context,
                           state::Overlay& state) {
  const auto proposal = governance::find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (!governance::is_open(proposal->state())) return refuse(Error::TooLate);
  const auto is_about = [&](const Action& one) {
    return membership::concerned_member(one) == context.signer;
  };
  const bool concerned = std::ranges::any_of(proposal->options(), [&](const auto& option) {
    return std::ranges::any_of(option.actions(), is_about);
  });
  if (!concerned) return refuse(Error::NotAuthorized);
  return membership::apply(action, proposal->version(), context, state);
}

Outcome apply_set_track(const v1::SetTrack& action, ActionContext& context, state::Overlay& state) {
  return constitution::apply(action, use_of(action, state), context, state);
}

}  // namespace

const std::vector<Access>& access_table() {
  using accounts::kScopeAccounts;
  using accounts::kScopeAssets;
  using accounts::kScopeBallots;
  using accounts::kScopeMembership;
  using accounts::kScopePropose;
  using accounts::kScopeTreasury;
  using accounts::kScopeValidators;
  // Who may apply what: the tables of governance.md, sections 2, 3, 4, 7, 9 and 10.
  static const std::vector<Access> table = {
      {.kind = Action::kOpenAccount, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kRotateKeys, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kSetRecovery, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kStartRecovery, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kSupportRecovery, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kCancelRecovery, .member = true, .dao = false, .scope = kScopeAccounts},
      {.kind = Action::kCloseAccount, .member = true, .dao = false, .scope = kScopeAccounts},
      // Nothing the DAO decides can move a member's balance (G-3.6).
      {.kind = Action::kTransfer, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kMint, .member = true, .dao = true, .scope = kScopeAssets},
      {.kind = Action::kBurn, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kCreateAsset, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kSetAsset, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kOpenSchedule, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kAcceptSchedule, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kClaimSchedule, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kCancelSchedule, .member = true, .dao = true, .scope = kScopeAssets},
      {.kind = Action::kLockStake, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kUnlockStake, .member = true, .dao = false, .scope = kScopeAssets},
      {.kind = Action::kApply, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kAttest, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kVouch, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kWithdrawApplication,
       .member = true,
       .dao = false,
       .scope = kScopeMembership},
      {.kind = Action::kRefuseApplication, .member = true, .dao = true, .scope = kScopeMembership},
      {.kind = Action::kAdmitMember, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kExit, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kIssueCredential, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kRevokeCredential, .member = true, .dao = true, .scope = kScopeMembership},
      {.kind = Action::kSetIssuer, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kGrantOffice, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kEndOffice, .member = true, .dao = true, .scope = kScopeMembership},
      {.kind = Action::kSuspendMember, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kReinstate, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kExpelMember, .member = false, .dao = true, .scope = 0},
      // Which keys a joint act needs, its content says: scope_of.
      {.kind = Action::kCoSign, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kSetSeats, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kFileDefence, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kRecheck, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kWithdrawAct, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kRenewCredential, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kSuspendCredential, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kReinstateCredential,
       .member = true,
       .dao = false,
       .scope = kScopeMembership},
      {.kind = Action::kSubmit, .member = true, .dao = false, .scope = kScopePropose},
      {.kind = Action::kTopUp, .member = true, .dao = false, .scope = kScopePropose},
      {.kind = Action::kEndorse, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kCancel, .member = true, .dao = false, .scope = kScopePropose},
      {.kind = Action::kVote, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kRetryExecution, .member = true, .dao = false, .scope = kScopePropose},
      {.kind = Action::kDeclareConflict, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kCancelProposal, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kSetParameter, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kAmend, .member = true, .dao = false, .scope = kScopePropose},
      {.kind = Action::kSetDelegation, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kClearDelegation, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kSetDelegateProfile, .member = true, .dao = false, .scope = kScopeBallots},
      {.kind = Action::kSetTrack, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kSetChamber, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kPause, .member = true, .dao = false, .scope = kScopeMembership},
      {.kind = Action::kEndPause, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kRenewCharges, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kCreateFund, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kMoveFunds, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kDonate, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kPay, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kAcceptPayout, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kMarkPayee, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kSetBudget, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kRenewBudget, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kEndBudget, .member = false, .dao = true, .scope = 0},
      // Joint acts: nothing of a budget or a grant is decided by one signature of the DAO's.
      {.kind = Action::kSpendBudget, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kAwardGrant, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kAcceptGrant, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kClaimTranche, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kApproveTranche, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kReturnTranche, .member = true, .dao = false, .scope = kScopeTreasury},
      {.kind = Action::kCancelGrant, .member = true, .dao = true, .scope = kScopeTreasury},
      {.kind = Action::kOpenStream, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kCancelStream, .member = true, .dao = true, .scope = kScopeTreasury},
      {.kind = Action::kCancelPayout, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kRegisterNominee, .member = true, .dao = false, .scope = kScopeValidators},
      {.kind = Action::kProveReady, .member = true, .dao = false, .scope = kScopeValidators},
      {.kind = Action::kRekey, .member = true, .dao = false, .scope = kScopeValidators},
      {.kind = Action::kLeave, .member = true, .dao = false, .scope = kScopeValidators},
      {.kind = Action::kChangeSet, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kWithdrawChange, .member = true, .dao = true, .scope = kScopeValidators},
      {.kind = Action::kReseat, .member = true, .dao = false, .scope = kScopeValidators},
      {.kind = Action::kReportEquivocation,
       .member = true,
       .dao = false,
       .scope = kScopeValidators},
      {.kind = Action::kScheduleUpgrade, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kCancelUpgrade, .member = false, .dao = true, .scope = 0},
      {.kind = Action::kSignalReady, .member = true, .dao = false, .scope = kScopeValidators},
  };
  return table;
}

std::uint32_t scope_of(const Action& action, const Access& access, const state::Overlay& state) {
  std::uint64_t act = 0;
  if (action.has_co_sign()) act = action.co_sign().act();
  if (action.has_withdraw_act()) act = action.withdraw_act().act();
  const auto joint = act != 0 ? acts::find_act(state, act) : std::nullopt;
  if (!joint) return access.scope;
  const Access* content = find_access(static_cast<Action::KindCase>(joint->kind()));
  return content != nullptr ? content->scope : access.scope;
}

const Access* find_access(Action::KindCase kind) {
  const std::vector<Access>& table = access_table();
  const auto row = std::ranges::find(table, kind, &Access::kind);
  return row == table.end() ? nullptr : &*row;
}

Outcome check_action(const Action& action) {
  switch (action.kind_case()) {
    case Action::kOpenAccount:
      return accounts::check(action.open_account());
    case Action::kRotateKeys:
      return accounts::check(action.rotate_keys());
    case Action::kSetRecovery:
      return accounts::check(action.set_recovery());
    case Action::kStartRecovery:
      return accounts::check(action.start_recovery());
    case Action::kSupportRecovery:
      return accounts::check(action.support_recovery());
    case Action::kTransfer:
      return assets::check(action.transfer());
    case Action::kMint:
      return assets::check(action.mint());
    case Action::kBurn:
      return assets::check(action.burn());
    case Action::kCreateAsset:
      return assets::check(action.create_asset());
    case Action::kSetAsset:
      return assets::check(action.set_asset());
    case Action::kOpenSchedule:
      return assets::check(action.open_schedule());
    case Action::kLockStake:
      return assets::check(action.lock_stake());
    case Action::kApply:
      return membership::check(action.apply());
    case Action::kAttest:
      return membership::check(action.attest());
    case Action::kVouch:
      return membership::check(action.vouch());
    case Action::kRefuseApplication:
      return membership::check(action.refuse_application());
    case Action::kAdmitMember:
      return membership::check(action.admit_member());
    case Action::kIssueCredential:
      return membership::check(action.issue_credential());
    case Action::kRevokeCredential:
      return membership::check(action.revoke_credential());
    case Action::kSetIssuer:
      return membership::check(action.set_issuer());
    case Action::kGrantOffice:
      return membership::check(action.grant_office());
    case Action::kEndOffice:
      return membership::check(action.end_office());
    case Action::kSuspendMember:
      return membership::check(action.suspend_member());
    case Action::kReinstate:
      return membership::check(action.reinstate());
    case Action::kExpelMember:
      return membership::check(action.expel_member());
    case Action::kCoSign:
      return acts::check(action.co_sign());
    case Action::kSetSeats:
      return membership::check(action.set_seats());
    case Action::kFileDefence:
      return membership::check(action.file_defence());
    case Action::kRecheck:
      return membership::check(action.recheck());
    case Action::kWithdrawAct:
      return acts::check(action.withdraw_act());
    case Action::kRenewCredential:
      return membership::check(action.renew_credential());
    case Action::kSuspendCredential:
      return membership::check(action.suspend_credential());
    case Action::kReinstateCredential:
      return membership::check(action.reinstate_credential());
    case Action::kSubmit:
      return check_submit(action.submit());
    case Action::kTopUp:
      return governance::check(action.top_up());
    case Action::kEndorse:
      return governance::check(action.endorse());
    case Action::kCancel:
      return governance::check(action.cancel());
    case Action::kVote:
      return governance::check(action.vote());
    case Action::kRetryExecution:
      return governance::check(action.retry_execution());
    case Action::kDeclareConflict:
      return governance::check(action.declare_conflict());
    case Action::kCancelProposal:
      return governance::check(action.cancel_proposal());
    case Action::kSetParameter:
      return governance::check(action.set_parameter());
    case Action::kAmend:
      return check_amend(action.amend());
    case Action::kSetDelegation:
      return power::check(action.set_delegation());
    case Action::kClearDelegation:
      return power::check(action.clear_delegation());
    case Action::kSetDelegateProfile:
      return power::check(action.set_delegate_profile());
    case Action::kSetTrack:
      return constitution::check(action.set_track());
    case Action::kSetChamber:
      return membership::check(action.set_chamber());
    case Action::kPause:
      return pauses::check(action.pause());
    case Action::kEndPause:
      return pauses::check(action.end_pause());
    case Action::kCreateFund:
      return treasury::check(action.create_fund());
    case Action::kMoveFunds:
      return treasury::check(action.move_funds());
    case Action::kDonate:
      return treasury::check(action.donate());
    case Action::kPay:
      return treasury::check(action.pay());
    case Action::kAcceptPayout:
      return treasury::check(action.accept_payout());
    case Action::kMarkPayee:
      return treasury::check(action.mark_payee());
    case Action::kSetBudget:
      return treasury::check(action.set_budget());
    case Action::kSpendBudget:
      return treasury::check(action.spend_budget());
    case Action::kAwardGrant:
      return treasury::check(action.award_grant());
    case Action::kClaimTranche:
      return treasury::check(action.claim_tranche());
    case Action::kApproveTranche:
      return treasury::check(action.approve_tranche());
    case Action::kReturnTranche:
      return treasury::check(action.return_tranche());
    case Action::kOpenStream:
      return treasury::check(action.open_stream());
    case Action::kRegisterNominee:
      return validators::check(action.register_nominee());
    case Action::kProveReady:
      return validators::check(action.prove_ready());
    case Action::kRekey:
      return validators::check(action.rekey());
    case Action::kChangeSet:
      return validators::check(action.change_set());
    case Action::kReseat:
      return validators::check(action.reseat());
    case Action::kReportEquivocation:
      return validators::check(action.report_equivocation());
    case Action::kScheduleUpgrade:
      return validators::check(action.schedule_upgrade());
    case Action::kCancelUpgrade:
      return validators::check(action.cancel_upgrade());
    case Action::kSignalReady:
      return validators::check(action.signal_ready());
    case Action::kCancelRecovery:
    case Action::kCloseAccount:
    case Action::kAcceptSchedule:
    case Action::kClaimSchedule:
    case Action::kCancelSchedule:
    case Action::kUnlockStake:
    case Action::kRenewBudget:
    case Action::kEndBudget:
    case Action::kAcceptGrant:
    case Action::kCancelGrant:
    case Action::kCancelStream:
    case Action::kCancelPayout:
    case Action::kWithdrawApplication:
    case Action::kExit:
    case Action::kLeave:
    case Action::kWithdrawChange:
    case Action::kRenewCharges:
      return {};
    case Action::KIND_NOT_SET:
      return refuse(Error::ActionUnset);
  }
  return refuse(Error::ActionUnset);
}

Outcome apply_action(const Action& action, ActionContext& context, state::Overlay& state) {
  const Access* access = find_access(action.kind_case());
  if (access == nullptr) return refuse(Error::ActionUnset);
  const bool accepted = context.authority == Authority::Dao ? access->dao : access->member;
  if (!accepted) return refuse(Error::NotAuthorized);
  if (pauses::is_paused(state, action.kind_case(), context.now_ms())) {
    return refuse(Error::ActionPaused);
  }

  switch (action.kind_case()) {
    case Action::kOpenAccount:
      return apply_open_account(action.open_account(), context, state);
    case Action::kRotateKeys:
      return accounts::apply(action.rotate_keys(), context, state);
    case Action::kSetRecovery:
      return accounts::apply(action.set_recovery(), context, state);
    case Action::kStartRecovery:
      return accounts::apply(action.start_recovery(), context, state);
    case Action::kSupportRecovery:
      return accounts::apply(action.support_recovery(), context, state);
    case Action::kCancelRecovery:
      return accounts::apply(action.cancel_recovery(), context, state);
    case Action::kCloseAccount:
      return apply_close_account(action.close_account(), context, state);
    case Action::kTransfer:
      return assets::apply(action.transfer(), ends_of(context, action.transfer().to(), state),
                           context, state);
    case Action::kMint:
      return assets::apply(action.mint(), context, state);
    case Action::kBurn:
      return assets::apply(action.burn(), context, state);
    case Action::kCreateAsset:
      return assets::apply(action.create_asset(), context, state);
    case Action::kSetAsset:
      return assets::apply(action.set_asset(), context, state);
    case Action::kOpenSchedule:
      return assets::apply(action.open_schedule(),
                           ends_of(context, action.open_schedule().payee(), state), context, state);
    case Action::kAcceptSchedule:
      return assets::apply(action.accept_schedule(), context, state);
    // A stream's fund keeps books of it (G-9.9).
    case Action::kClaimSchedule:
      return treasury::apply(action.claim_schedule(), context, state);
    case Action::kCancelSchedule:
      return treasury::apply(action.cancel_schedule(), context, state);
    case Action::kLockStake:
      return apply_lock_stake(action.lock_stake(), context, state);
    case Action::kUnlockStake:
      return apply_unlock_stake(action.unlock_stake(), context, state);
    case Action::kApply:
      return membership::apply(action.apply(), context, state);
    case Action::kAttest:
      return membership::apply(action.attest(), context, state);
    case Action::kVouch:
      return membership::apply(action.vouch(), context, state);
    case Action::kWithdrawApplication:
      return membership::apply(action.withdraw_application(), context, state);
    case Action::kRefuseApplication:
      return membership::apply(action.refuse_application(), context, state);
    case Action::kAdmitMember:
      return membership::apply(action.admit_member(), context, state);
    case Action::kExit:
      return membership::apply(action.exit(), context, state);
    case Action::kIssueCredential:
      return membership::apply(action.issue_credential(), context, state);
    case Action::kRevokeCredential:
      return membership::apply(action.revoke_credential(), context, state);
    case Action::kSetIssuer:
      return membership::apply(action.set_issuer(), context, state);
    case Action::kGrantOffice:
      return membership::apply(action.grant_office(), context, state);
    case Action::kEndOffice:
      return membership::apply(action.end_office(), context, state);
    case Action::kSuspendMember:
      return membership::apply(action.suspend_member(), context, state);
    case Action::kReinstate:
      return membership::apply(action.reinstate(), context, state);
    case Action::kExpelMember:
      return membership::apply(action.expel_member(), context, state);
    case Action::kCoSign:
      return apply_co_sign(action.co_sign(), context, state);
    case Action::kSetSeats:
      return membership::apply(action.set_seats(), context, state);
    case Action::kFileDefence:
      return apply_file_defence(action.file_defence(), context, state);
    case Action::kRecheck:
      return membership::apply(action.recheck(), context, state);
    case Action::kWithdrawAct:
      return acts::apply(action.withdraw_act(), context, state);
    case Action::kRenewCredential:
      return membership::apply(action.renew_credential(), context, state);
    case Action::kSuspendCredential:
      return membership::apply(action.suspend_credential(), context, state);
    case Action::kReinstateCredential:
      return membership::apply(action.reinstate_credential(), context, state);
    case Action::kSubmit:
      return apply_submit(action.submit(), context, state);
    case Action::kTopUp:
      return governance::apply(action.top_up(), context, state);
    case Action::kEndorse:
      return governance::apply(action.endorse(), context, state);
    case Action::kCancel:
      return governance::apply(action.cancel(), context, state);
    case Action::kVote:
      return governance::apply(action.vote(), context, state);
    case Action::kRetryExecution:
      return governance::apply(action.retry_execution(), context, state, dispatch());
    case Action::kDeclareConflict:
      return governance::apply(action.declare_conflict(), context, state);
    case Action::kCancelProposal:
      return governance::apply(action.cancel_proposal(), context, state);
    case Action::kSetParameter:
      return constitution::apply(action.set_parameter(), context, state);
    case Action::kAmend:
      return apply_amend(action.amend(), context, state);
    case Action::kSetDelegation:
      return power::apply(action.set_delegation(), context, state);
    case Action::kClearDelegation:
      return power::apply(action.clear_delegation(), context, state);
    case Action::kSetDelegateProfile:
      return power::apply(action.set_delegate_profile(), context, state);
    case Action::kSetTrack:
      return apply_set_track(action.set_track(), context, state);
    case Action::kSetChamber:
      return membership::apply(action.set_chamber(), context, state);
    case Action::kPause:
      return pauses::apply(action.pause(), context, state);
    case Action::kEndPause:
      return pauses::apply(action.end_pause(), context, state);
    case Action::kRenewCharges:
      return pauses::apply(action.renew_charges(), context, state);
    case Action::kCreateFund:
      return treasury::apply(action.create_fund(), context, state);
    case Action::kMoveFunds:
      return treasury::apply(action.move_funds(), context, state);
    case Action::kDonate:
      return treasury::apply(action.donate(), context, state);
    case Action::kPay:
      return treasury::apply(action.pay(), context, state);
    case Action::kAcceptPayout:
      return treasury::apply(action.accept_payout(), context, state);
    case Action::kMarkPayee:
      return treasury::apply(action.mark_payee(), context, state);
    case Action::kSetBudget:
      return treasury::apply(action.set_budget(), context, state);
    case Action::kRenewBudget:
      return treasury::apply(action.renew_budget(), context, state);
    case Action::kEndBudget:
      return treasury::apply(action.end_budget(), context, state);
    case Action::kSpendBudget:
      return treasury::apply(action.spend_budget(), context, state);
    case Action::kAwardGrant:
      return treasury::apply(action.award_grant(), context, state);
    case Action::kAcceptGrant:
      return treasury::apply(action.accept_grant(), context, state);
    case Action::kClaimTranche:
      return treasury::apply(action.claim_tranche(), context, state);
    case Action::kApproveTranche:
      return treasury::apply(action.approve_tranche(), context, state);
    case Action::kReturnTranche:
      return treasury::apply(action.return_tranche(), context, state);
    case Action::kCancelGrant:
      return treasury::apply(action.cancel_grant(), context, state);
    case Action::kOpenStream:
      return treasury::apply(action.open_stream(), context, state);
    case Action::kCancelStream:
      return treasury::apply(action.cancel_stream(), context, state);
    case Action::kCancelPayout:
      return treasury::apply(action.cancel_payout(), context, state);
    case Action::kRegisterNominee:
      return validators::apply(action.register_nominee(), context, state);
    case Action::kProveReady:
      return validators::apply(action.prove_ready(), context, state);
    case Action::kRekey:
      return validators::apply(action.rekey(), context, state);
    case Action::kLeave:
      return validators::apply(action.leave(), context, state);
    case Action::kChangeSet:
      return validators::apply(action.change_set(), context, state);
    case Action::kWithdrawChange:
      return validators::apply(action.withdraw_change(), context, state);
    case Action::kReseat:
      return validators::apply(action.reseat(), context, state);
    case Action::kReportEquivocation:
      return validators::apply(action.report_equivocation(), context, state);
    case Action::kScheduleUpgrade:
      return validators::apply(action.schedule_upgrade(), context, state);
    case Action::kCancelUpgrade:
      return validators::apply(action.cancel_upgrade(), context, state);
    case Action::kSignalReady:
      return validators::apply(action.signal_ready(), context, state);
    case Action::KIND_NOT_SET:
      break;
  }
  return refuse(Error::ActionUnset);
}

const Dispatch& dispatch() {
  static const Dispatch table{
      .check = check_action,
      .accepts_dao =
          [](const Action& action) {
            const Access* access = find_access(action.kind_case());
            return access != nullptr && access->dao;
          },
      .apply = apply_action,
      .interested = interested,
  };
  return table;
}

}  // namespace salus::dao
