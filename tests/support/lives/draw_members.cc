// Owns: transactions of membership, joint acts and pauses: admissions, credentials, offices, exits,
// defences, the co-signing of whatever waits, and the sentinels' pauses.
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/acts/acts.h"
#include "dao/constitution.h"
#include "dao/governance/proposals.h"
#include "dao/pauses/pauses.h"
#include "dao/power/power.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/streams.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using membership::bit;
using membership::Role;

std::optional<AccountId> an_issuer(const Pen& pen) {
  return pen.somebody([&](const AccountId& account) {
    return membership::find_issuer(pen.state(), account).has_value();
  });
}

std::optional<AccountId> an_applicant(const Pen& pen) {
  return pen.somebody([&](const AccountId& account) {
    return membership::find_application(pen.state(), account).has_value();
  });
}

MaybeMove ask_admission(const Pen& pen) {
  static constexpr Role kRoles[] = {Role::Patient, Role::Patient, Role::Clinician, Role::Researcher,
                                    Role::Institution};
  const auto outsider = pen.somebody([&](const AccountId& account) {
    return accounts::is_open(pen.state(), account) &&
           !membership::is_member(pen.state(), account) &&
           !membership::find_application(pen.state(), account);
  });
  const AccountId who = outsider && pen.percent(97) ? *outsider : pen.anybody();
  v1::Action action;
  v1::Apply& apply = *action.mutable_apply();
  apply.set_roles(bit(pen.chance.of(kRoles)) | (pen.percent(20) ? bit(Role::Patient) : 0));
  const AccountId& person = pen.percent(95) ? who : pen.anybody();
  apply.set_nullifier(test::nullifier_of(pen.people.name_of(person)));
  return by(who, std::move(action));
}

MaybeMove attest(const Pen& pen) {
  const auto applicant = pen.somebody([&](const AccountId& account) {
    const auto application = membership::find_application(pen.state(), account);
    return application && (application->roles() & bit(Role::Patient)) != 0;
  });
  const auto issuer = an_issuer(pen);
  if (!applicant || !issuer) return std::nullopt;
  v1::Action action;
  action.mutable_attest()->set_account(applicant->to_string());
  action.mutable_attest()->set_roles(bit(Role::Patient));
  return by(*issuer, std::move(action));
}

MaybeMove vouch(const Pen& pen) {
  const auto applicant = an_applicant(pen);
  if (!applicant) return std::nullopt;
  const auto application = membership::find_application(pen.state(), *applicant);
  const auto voucher = pen.somebody([&](const AccountId& account) {
    const power::Weight weight = power::weight_now(pen.state(), account);
    const auto chamber = membership::find_chamber(pen.state(), weight.chamber);
    return weight.units > 0 && chamber && chamber->admission() == v1::ADMISSION_VOUCH &&
           (chamber->roles() & application->roles()) != 0 &&
           std::ranges::find(application->vouchers(), account.to_string()) ==
               application->vouchers().end();
  });
  if (!voucher && pen.percent(95)) return std::nullopt;
  v1::Action action;
  action.mutable_vouch()->set_account(applicant->to_string());
  return by(voucher ? *voucher : pen.a_member(), std::move(action));
}

MaybeMove withdraw_application(const Pen& pen) {
  const auto applicant = an_applicant(pen);
  if (!applicant) return std::nullopt;
  v1::Action action;
  action.mutable_withdraw_application();
  return by(*applicant, std::move(action));
}

MaybeMove refuse_application(const Pen& pen) {
  const auto applicant = pen.somebody([&](const AccountId& account) {
    const auto application = membership::find_application(pen.state(), account);
    return application && application->attesters_size() > 0;
  });
  if (!applicant) return std::nullopt;
  v1::Action action;
  action.mutable_refuse_application()->set_account(applicant->to_string());
  const auto attester =
      pen.one_of(membership::find_application(pen.state(), *applicant)->attesters());
  return by(attester ? *attester : pen.anybody(), std::move(action));
}

// An applicant's role, or anybody's.
MaybeMove issue(const Pen& pen) {
  static constexpr v1::CredentialKind kKinds[] = {
      v1::CREDENTIAL_KIND_CLINICIAN,   v1::CREDENTIAL_KIND_RESEARCHER, v1::CREDENTIAL_KIND_SPONSOR,
      v1::CREDENTIAL_KIND_INSTITUTION, v1::CREDENTIAL_KIND_CUSTODIAN,  v1::CREDENTIAL_KIND_AUDITOR};
  const auto issuer = an_issuer(pen);
  if (!issuer) return std::nullopt;
  const auto applicant = an_applicant(pen);
  const AccountId account = applicant && pen.percent(70) ? *applicant : pen.anybody();
  v1::CredentialKind kind = pen.chance.of(kKinds);
  if (const auto application = membership::find_application(pen.state(), account)) {
    if ((application->roles() & bit(Role::Clinician)) != 0) kind = kKinds[0];
    if ((application->roles() & bit(Role::Researcher)) != 0) kind = kKinds[1];
    if ((application->roles() & bit(Role::Institution)) != 0) kind = kKinds[3];
  }
  v1::Action action;
  action.mutable_issue_credential()->set_account(account.to_string());
  action.mutable_issue_credential()->set_kind(kind);
  action.mutable_issue_credential()->set_until_ms(pen.soon(2'000));
  return by(*issuer, std::move(action));
}

// What its issuer does with a credential afterwards.
MaybeMove change_credential(const Pen& pen) {
  const auto credential =
      pen.recent([&](std::uint64_t id) { return membership::find_credential(pen.state(), id); },
                 [&](const v1::Credential& one) {
                   return one.state() != v1::CREDENTIAL_STATE_REVOKED &&
                          pen.now() < one.until_ms() && pen.known(one.issuer()).has_value();
                 });
  if (!credential) return std::nullopt;
  const std::uint64_t id = credential->id();
  v1::Action action;
  if (credential->state() == v1::CREDENTIAL_STATE_SUSPENDED && pen.percent(70)) {
    action.mutable_reinstate_credential()->set_id(id);
  } else if (pen.percent(35)) {
    action.mutable_suspend_credential()->set_id(id);
  } else if (pen.percent(75)) {
    action.mutable_renew_credential()->set_id(id);
    action.mutable_renew_credential()->set_until_ms(credential->until_ms() +
                                                    pen.below(500 * kSecond));
  } else {
    action.mutable_revoke_credential()->set_id(id);
  }
  return by(*pen.known(credential->issuer()), std::move(action));
}

MaybeMove leave_office(const Pen& pen) {
  static constexpr Role kOffices[] = {Role::Treasurer, Role::Operator, Role::Sentinel};
  const Role role = pen.chance.of(kOffices);
  const auto holder = pen.somebody([&](const AccountId& account) {
    return membership::find_office(pen.state(), account, static_cast<std::uint32_t>(role))
        .has_value();
  });
  if (!holder || pen.style.keeps_network) return std::nullopt;
  v1::Action action;
  action.mutable_end_office()->set_account(holder->to_string());
  action.mutable_end_office()->set_role(static_cast<std::uint32_t>(role));
  return by(*holder, std::move(action));
}

MaybeMove exit_dao(const Pen& pen) {
  if (pen.style.keeps_network) return std::nullopt;
  v1::Action action;
  action.mutable_exit();
  return by(pen.a_member(), std::move(action));
}

MaybeMove recheck(const Pen& pen) {
  v1::Action action;
  action.mutable_recheck()->set_account(pen.a_member().to_string());
  return by(pen.anybody(), std::move(action));
}

// Whoever a proposal wants to suspend or expel may answer it.
MaybeMove file_defence(const Pen& pen) {
  const auto accused = [](const v1::Proposal& proposal) -> std::optional<AccountId> {
    for (const v1::ProposalOption& option : proposal.options()) {
      for (const v1::Action& action : option.actions()) {
        if (const auto member = membership::concerned_member(action)) return member;
      }
    }
    return std::nullopt;
  };
  const auto proposal = pen.a_proposal([&](const v1::Proposal& one) {
    return governance::is_open(one.state()) && accused(one).has_value();
  });
  if (!proposal) return std::nullopt;
  const auto member = accused(*proposal);
  v1::Action action;
  action.mutable_file_defence()->set_proposal(proposal->id());
  action.mutable_file_defence()->set_statement_hash(pen.a_hash());
  return by(pen.people.knows(*member) ? *member : pen.anybody(), std::move(action));
}

std::optional<v1::JointAct> an_open_act(const Pen& pen) {
  return pen.recent([&](std::uint64_t id) { return acts::find_act(pen.state(), id); },
                    [&](const v1::JointAct& act) {
                      return act.state() == v1::ACT_STATE_OPEN && pen.now() < act.until_ms();
                    });
}

// Who may sign, judged by what it is about; anybody where that is not known.
AccountId a_signer_of(const Pen& pen, const v1::Action& content) {
  std::optional<AccountId> signer;
  if (content.has_pause()) signer = pen.holder_of(Role::Sentinel);
  if (content.has_cancel_grant()) signer = pen.holder_of(Role::Treasurer);
  std::uint64_t grant = 0;
  if (content.has_approve_tranche()) grant = content.approve_tranche().grant();
  if (content.has_return_tranche()) grant = content.return_tranche().grant();
  if (const auto found = treasury::find_grant(pen.state(), grant)) {
    signer = pen.one_of(found->reviewers());
  }
  std::uint32_t budget = content.spend_budget().budget();
  if (const auto stream = treasury::find_stream(pen.state(), content.cancel_stream().schedule())) {
    budget = stream->budget();
  }
  if (const auto found = treasury::find_budget(pen.state(), budget)) {
    signer = found->holder_role() != 0 ? pen.holder_of(static_cast<Role>(found->holder_role()))
                                       : pen.one_of(found->holders());
  }
  return signer ? *signer : pen.anybody();
}

MaybeMove co_sign(const Pen& pen) {
  const auto act = an_open_act(pen);
  if (!act) return std::nullopt;
  v1::Action action;
  action.mutable_co_sign()->set_act(act->id());
  action.mutable_co_sign()->set_content_hash(pen.percent(97) ? act->content_hash() : pen.a_hash());
  AccountId signer = a_signer_of(pen, act->content());
  for (int tries = 0; tries < 4; ++tries) {
    const auto& signers = act->signers();
    if (std::ranges::find(signers, signer.to_string()) == signers.end()) break;
    signer = a_signer_of(pen, act->content());
  }
  return by(signer, std::move(action));
}

MaybeMove withdraw_act(const Pen& pen) {
  const auto act = an_open_act(pen);
  if (!act) return std::nullopt;
  v1::Action action;
  action.mutable_withdraw_act()->set_act(act->id());
  const auto opener = pen.known(act->opened_by());
  return by(opener ? *opener : pen.anybody(), std::move(action));
}

// Now and then of something that others are about to do.
MaybeMove pause(const Pen& pen) {
  static constexpr v1::Action::KindCase kKinds[] = {
      v1::Action::kTransfer,     v1::Action::kMint,     v1::Action::kBurn, v1::Action::kDonate,
      v1::Action::kLockStake,    v1::Action::kApply,    v1::Action::kPay,  v1::Action::kTopUp,
      v1::Action::kOpenSchedule, v1::Action::kSetTrack, v1::Action::kVouch};
  const auto sentinel = pen.somebody([&](const AccountId& account) {
    const std::uint32_t roles = membership::live_roles(pen.state(), account, pen.now());
    return (roles & bit(Role::Sentinel)) != 0 && pauses::has_charge(pen.state(), account);
  });
  if (!sentinel && pen.percent(95)) return std::nullopt;
  std::set<std::uint32_t> types;
  for (std::uint64_t i = 1 + pen.below(2); i > 0; --i) {
    types.insert(static_cast<std::uint32_t>(pen.chance.of(kKinds)));
  }
  if (pen.percent(3)) types.insert(std::uint32_t{v1::Action::kVote});
  // Others live by payments.
  if (pen.style.keeps_network) types.erase(std::uint32_t{v1::Action::kTransfer});
  if (types.empty()) return std::nullopt;
  v1::Action action;
  v1::Pause& pause = *action.mutable_pause();
  for (const std::uint32_t type : types) pause.add_types(type);
  pause.set_span_ms(1 + pen.below((pen.percent(40) ? 600 : 20) * kSecond));
  return by(sentinel ? *sentinel : pen.anybody(), std::move(action));
}

}  // namespace

MaybeMove draw_of_members(const Pen& pen) {
  switch (pen.below(24)) {
    case 0:
    case 1:
    case 2:
      return ask_admission(pen);
    case 3:
    case 4:
      return attest(pen);
    case 5:
    case 6:
      return vouch(pen);
    case 7:
      return pen.percent(25) ? withdraw_application(pen) : refuse_application(pen);
    case 8:
    case 9:
      return issue(pen);
    case 10:
    case 11:
      return change_credential(pen);
    case 12:
      return pen.percent(40) ? leave_office(pen) : exit_dao(pen);
    case 13:
      return recheck(pen);
    case 14:
    case 15:
      return file_defence(pen);
    case 16:
      return withdraw_act(pen);
    case 17:
      return pause(pen);
    default:
      return co_sign(pen);
  }
}

}  // namespace salus::dao::lives
