// Owns: what the DAO decides on members, issuers and offices.
#include "dao/membership/records.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using membership::bit;
using membership::Role;

constexpr Role kOffices[] = {Role::Treasurer, Role::Operator, Role::Sentinel};

std::optional<AccountId> an_applicant(const Pen& pen) {
  return pen.somebody([&](const AccountId& account) {
    return membership::find_application(pen.state(), account).has_value();
  });
}

MaybeAction admit(const Pen& pen) {
  const auto applicant = an_applicant(pen);
  if (!applicant) return std::nullopt;
  const auto application = membership::find_application(pen.state(), *applicant);
  const std::uint32_t shown =
      application->attested() | membership::shown_roles(pen.state(), *applicant, pen.now());
  if ((application->roles() & ~shown) != 0 && pen.percent(90)) return std::nullopt;
  v1::Action action;
  action.mutable_admit_member()->set_account(applicant->to_string());
  if ((application->roles() & bit(Role::Institution)) != 0) {
    action.mutable_admit_member()->set_seats(1 + pen.chance.small(5));
  }
  return action;
}

MaybeAction refuse(const Pen& pen) {
  const auto applicant = an_applicant(pen);
  if (!applicant) return std::nullopt;
  v1::Action action;
  action.mutable_refuse_application()->set_account(applicant->to_string());
  return action;
}

MaybeAction revoke(const Pen& pen) {
  const auto credential =
      pen.recent([&](std::uint64_t id) { return membership::find_credential(pen.state(), id); },
                 [&](const v1::Credential& one) {
                   return one.state() != v1::CREDENTIAL_STATE_REVOKED &&
                          pen.now() + 200 * kSecond < one.until_ms();
                 });
  if (!credential) return std::nullopt;
  v1::Action action;
  action.mutable_revoke_credential()->set_id(credential->id());
  return action;
}

MaybeAction set_issuer(const Pen& pen) {
  v1::Action action;
  v1::SetIssuer& issuer = *action.mutable_set_issuer();
  const auto present = pen.somebody([&](const AccountId& account) {
    return membership::find_issuer(pen.state(), account).has_value();
  });
  if (present && pen.percent(30)) {
    issuer.set_account(present->to_string());
    if (pen.percent(60)) issuer.set_void_after_ms(pen.now() - pen.below(300 * kSecond));
    return action;
  }
  issuer.set_account(pen.anybody().to_string());
  issuer.set_roles(bit(Role::Patient) | membership::kCredentialRoles);
  issuer.set_per_day(1 + pen.chance.small(500));
  return action;
}

MaybeAction grant_office(const Pen& pen) {
  v1::Action action;
  v1::GrantOffice& office = *action.mutable_grant_office();
  office.set_account(pen.a_member().to_string());
  office.set_role(static_cast<std::uint32_t>(pen.chance.of(kOffices)));
  office.set_term_ms(1 + pen.below(10'000 * kSecond));
  return action;
}

MaybeAction end_office(const Pen& pen) {
  const auto role = static_cast<std::uint32_t>(pen.chance.of(kOffices));
  const auto holder = pen.somebody([&](const AccountId& account) {
    return membership::find_office(pen.state(), account, role).has_value();
  });
  if (!holder) return std::nullopt;
  v1::Action action;
  action.mutable_end_office()->set_account(holder->to_string());
  action.mutable_end_office()->set_role(role);
  return action;
}

std::optional<AccountId> in_state(const Pen& pen, v1::MemberState state) {
  return pen.somebody([&](const AccountId& account) {
    const auto member = membership::find_member(pen.state(), account);
    return member && member->state() == state;
  });
}

MaybeAction suspend(const Pen& pen) {
  v1::Action action;
  action.mutable_suspend_member()->set_account(pen.a_member().to_string());
  action.mutable_suspend_member()->set_until_ms(pen.now() + 250 * kSecond +
                                                pen.below(400 * kSecond));
  action.mutable_suspend_member()->set_cause(pen.chance.small(9));
  return action;
}

MaybeAction reinstate(const Pen& pen) {
  const auto suspended = in_state(pen, v1::MEMBER_STATE_SUSPENDED);
  if (!suspended) return std::nullopt;
  v1::Action action;
  action.mutable_reinstate()->set_account(suspended->to_string());
  return action;
}

MaybeAction expel(const Pen& pen) {
  v1::Action action;
  action.mutable_expel_member()->set_account(pen.a_member().to_string());
  action.mutable_expel_member()->set_bar_ms(1 + pen.below(100 * kSecond));
  return action;
}

MaybeAction set_seats(const Pen& pen) {
  const auto seated = pen.somebody([&](const AccountId& account) {
    const auto chamber =
        membership::find_chamber(pen.state(), membership::chamber_of(pen.state(), account));
    return chamber && chamber->rule() == v1::CHAMBER_RULE_SEAT;
  });
  if (!seated) return std::nullopt;
  v1::Action action;
  action.mutable_set_seats()->set_account(seated->to_string());
  action.mutable_set_seats()->set_seats(1 + pen.chance.small(8));
  return action;
}

}  // namespace

MaybeAction decide_on_people(const Pen& pen, v1::Action::KindCase kind) {
  switch (kind) {
    case v1::Action::kAdmitMember:
      return admit(pen);
    case v1::Action::kRefuseApplication:
      return refuse(pen);
    case v1::Action::kRevokeCredential:
      return revoke(pen);
    case v1::Action::kSetIssuer:
      return set_issuer(pen);
    case v1::Action::kGrantOffice:
      return grant_office(pen);
    case v1::Action::kEndOffice:
      return end_office(pen);
    case v1::Action::kSuspendMember:
      return suspend(pen);
    case v1::Action::kReinstate:
      return reinstate(pen);
    case v1::Action::kExpelMember:
      return pen.percent(50) ? expel(pen) : std::nullopt;
    case v1::Action::kSetSeats:
      return set_seats(pen);
    default:
      return std::nullopt;
  }
}

}  // namespace salus::dao::lives
