// Owns: how one becomes a member: an application claims a nullifier, gathers what its roles need
// (G-4.3), and ends admitted, taken back, refused or lapsed. One nullifier, one person (G-4.6).
#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/membership/records.h"
#include "dao/power/power.h"

namespace salus::dao::membership {

namespace {

constexpr std::size_t kNullifierBytes = 32;

bool contains(const google::protobuf::RepeatedPtrField<std::string>& list,
              const AccountId& account) {
  return std::find(list.begin(), list.end(), account.to_string()) != list.end();
}

// An application that may still be completed.
Result<v1::Application, Error> open_application(const state::Overlay& state,
                                                const AccountId& applicant, std::uint64_t now_ms) {
  auto application = find_application(state, applicant);
  if (!application) return refuse(Error::ApplicationUnknown);
  if (now_ms >= application->until_ms()) return refuse(Error::ApplicationLapsed);
  return *application;
}

// The chambers whose admission rules the applicant must satisfy: those of the roles asked for, and
// the one where he would vote, so that nobody slips past the vouchers of a chamber by asking less.
std::vector<v1::Chamber> concerned_chambers(const state::Overlay& state,
                                            const v1::Application& application, std::uint32_t seats,
                                            std::uint64_t now_ms) {
  const std::uint32_t shown = shown_roles(state, id_of(application.account()), now_ms);
  const auto landing = chamber_for(state, application.roles() | shown, seats);
  std::vector<v1::Chamber> concerned;
  for (const v1::Chamber& chamber : chambers(state)) {
    const bool asked = (chamber.roles() & application.roles()) != 0;
    if (asked || (landing && landing->id() == chamber.id())) concerned.push_back(chamber);
  }
  return concerned;
}

bool any_needs(const std::vector<v1::Chamber>& concerned, v1::Admission admission) {
  return std::ranges::any_of(
      concerned, [&](const v1::Chamber& chamber) { return chamber.admission() == admission; });
}

// Attestation gives the patient role alone; every other needs its credential (decisions.md).
bool has_all_roles(const state::Overlay& state, const v1::Application& application,
                   std::uint64_t now_ms) {
  const std::uint32_t have = shown_roles(state, id_of(application.account()), now_ms) |
                             (application.attested() & bit(Role::Patient));
  return (application.roles() & ~have) == 0;
}

// Removes the application with its due item and releases its vouchers.
void close_application(state::Overlay& state, const v1::Application& application) {
  const AccountId applicant = id_of(application.account());
  state::erase(state, application_key(applicant));
  due::cancel(state, due::Class::Lapses, application.until_ms(), due::Kind::ApplicationLapse,
              applicant.view());
  for (const std::string& id : application.vouchers()) {
    auto voucher = find_member(state, id_of(id));
    if (!voucher) continue;
    voucher->set_open_vouches(voucher->open_vouches() - 1);
    put_member(state, *voucher);
  }
}

// The applicant is again what he was before; who was expelled keeps his nullifier (G-4.6).
void restore(state::Overlay& state, const v1::Application& application) {
  close_application(state, application);
  const AccountId applicant = id_of(application.account());
  if (application.before() != v1::MEMBER_STATE_EXPELLED) {
    state::erase(state, nullifier_key(application.nullifier()));
  }
  if (application.before() == v1::MEMBER_STATE_UNSPECIFIED) {
    return drop_member(state, applicant);
  }
  auto member = find_member(state, applicant);
  member->set_state(application.before());
  put_member(state, *member);
}

void admit(state::Overlay& state, const v1::Application& application, std::uint32_t seats,
           const Change& change) {
  close_application(state, application);
  const AccountId account = id_of(application.account());
  v1::Member member = *find_member(state, account);
  member.set_state(v1::MEMBER_STATE_PROBATION);
  member.set_patient((application.roles() & bit(Role::Patient)) != 0);
  member.set_nullifier(application.nullifier());
  member.set_joined_ms(change.now_ms);
  member.set_suspended_until_ms(0);
  member.set_bar_until_ms(0);
  member.set_seats(seats);
  *member.mutable_vouchers() = application.vouchers();
  // An earlier membership must not count as the same chamber: probation always starts anew
  // (G-4.12).
  member.set_chamber(0);
  start_probation(state, member, change.now_ms);
  reweigh(state, member, change);
  emit(change.events, v1::EVENT_KIND_MEMBER_ADMITTED, {account},
       {{v1::EVENT_FIELD_CHAMBER, find_member(state, account)->chamber()},
        {v1::EVENT_FIELD_AT_MS, find_member(state, account)->weight_from_ms()}},
       true);
}

// Who holds the nullifier, if anybody else than the applicant does.
Outcome check_nullifier(const state::Overlay& state, const std::string& nullifier,
                        const AccountId& applicant, const std::optional<v1::Member>& before) {
  if (before && before->state() == v1::MEMBER_STATE_EXPELLED && before->nullifier() != nullifier) {
    return refuse(Error::PersonBarred);
  }
  const auto holder = state.get(nullifier_key(nullifier).str());
  if (!holder || *holder == applicant.to_string()) return {};
  const auto member = find_member(state, id_of(*holder));
  const bool expelled = member && member->state() == v1::MEMBER_STATE_EXPELLED;
  return refuse(expelled ? Error::PersonBarred : Error::PersonKnown);
}

}  // namespace

bool complete_if_ready(state::Overlay& state, const v1::Application& application, bool by_dao,
                       std::uint32_t seats, const Change& change) {
  if (!has_all_roles(state, application, change.now_ms)) return false;
  if (!by_dao) {
    const auto concerned = concerned_chambers(state, application, seats, change.now_ms);
    const bool needs_vote = any_needs(concerned, v1::ADMISSION_VOTE) ||
                            application.before() == v1::MEMBER_STATE_EXPELLED;
    if (needs_vote) return false;
    const auto vouchers = static_cast<std::uint64_t>(application.vouchers_size());
    const std::uint64_t needed = constitution::value(state, "membership.vouchers_needed");
    if (any_needs(concerned, v1::ADMISSION_VOUCH) && !reached(vouchers, needed)) return false;
  }
  admit(state, application, seats, change);
  return true;
}

Outcome check(const v1::Apply& action) {
  if (action.nullifier().size() != kNullifierBytes) return refuse(Error::Limit);
  if (action.roles() == 0) return refuse(Error::RoleUnknown);
  if ((action.roles() & ~kApplicableRoles) != 0) return refuse(Error::RoleUnknown);
  return {};
}

Outcome apply(const v1::Apply& action, ActionContext& context, state::Overlay& state) {
  const AccountId& applicant = context.signer;
  if (is_member(state, applicant)) return refuse(Error::AlreadyMember);
  if (find_application(state, applicant)) return refuse(Error::ApplicationOpen);
  const auto before = find_member(state, applicant);
  if (before && context.now_ms() < before->bar_until_ms()) return refuse(Error::BarNotOver);
  std::uint32_t placed = 0;
  for (const v1::Chamber& chamber : chambers(state)) placed |= chamber.roles();
  if ((action.roles() & ~placed) != 0) return refuse(Error::RoleUnknown);
  const Outcome free = check_nullifier(state, action.nullifier(), applicant, before);
  if (!free) return free;

  v1::Application application;
  application.set_account(applicant.to_string());
  application.set_roles(action.roles());
  application.set_nullifier(action.nullifier());
  application.set_attested(shown_roles(state, applicant, context.now_ms()) & action.roles());
  application.set_opened_ms(context.now_ms());
  application.set_until_ms(context.now_ms() + kApplicationMs);
  application.set_before(before ? before->state() : v1::MEMBER_STATE_UNSPECIFIED);
  put_application(state, application);
  due::schedule(state, due::Class::Lapses, application.until_ms(), due::Kind::ApplicationLapse,
                applicant.view());
  state.put(nullifier_key(action.nullifier()).str(), applicant.to_string());

  v1::Member member = before.value_or(v1::Member{});
  member.set_account(applicant.to_string());
  member.set_state(v1::MEMBER_STATE_APPLIED);
  put_member(state, member);
  emit(
      context.events, v1::EVENT_KIND_APPLIED, {applicant},
      {{v1::EVENT_FIELD_ROLE, action.roles()}, {v1::EVENT_FIELD_UNTIL_MS, application.until_ms()}});
  complete_if_ready(state, application, false, 0, {context.now_ms(), context.events});
  return {};
}

Outcome check(const v1::Attest& action) {
  if (action.roles() == 0) return refuse(Error::RoleUnknown);
  // What a credential must show, nobody attests (decisions.md).
  if (action.roles() != bit(Role::Patient)) return refuse(Error::RoleUnknown);
  return check_id(action.account());
}

Outcome apply(const v1::Attest& action, ActionContext& context, state::Overlay& state) {
  const AccountId applicant = id_of(action.account());
  const auto issuer = find_issuer(state, context.signer);
  if (!issuer || (action.roles() & ~issuer->roles()) != 0) return refuse(Error::NotIssuer);
  if (applicant == context.signer) return refuse(Error::SelfAttest);
  auto application = open_application(state, applicant, context.now_ms());
  if (!application) return refuse(application.error());
  if ((action.roles() & ~application->roles()) != 0) return refuse(Error::RoleNotHeld);
  if (!contains(application->attesters(), context.signer)) {
    if (application->attesters_size() >= kAttestersMax) return refuse(Error::Limit);
    application->add_attesters(context.signer.to_string());
  }
  const Outcome within = use_issuer_quota(state, context.signer, context.now_ms());
  if (!within) return within;

  application->set_attested(application->attested() | action.roles());
  put_application(state, *application);
  emit(context.events, v1::EVENT_KIND_ATTESTED, {context.signer, applicant},
       {{v1::EVENT_FIELD_ROLE, action.roles()}});
  complete_if_ready(state, *application, false, 0, {context.now_ms(), context.events});
  return {};
}

Outcome check(const v1::Vouch& action) { return check_id(action.account()); }

Outcome apply(const v1::Vouch& action, ActionContext& context, state::Overlay& state) {
  const AccountId applicant = id_of(action.account());
  auto application = open_application(state, applicant, context.now_ms());
  if (!application) return refuse(application.error());
  auto voucher = find_member(state, context.signer);
  if (!voucher || voucher->state() != v1::MEMBER_STATE_ACTIVE) return refuse(Error::NotVoucher);
  const power::Weight weight = power::weight_now(state, context.signer);
  const auto concerned = concerned_chambers(state, *application, 0, context.now_ms());
  const bool same_chamber = std::ranges::any_of(concerned, [&](const v1::Chamber& chamber) {
    return chamber.admission() == v1::ADMISSION_VOUCH && chamber.id() == weight.chamber;
  });
  const bool barred = context.now_ms() < voucher->vouch_barred_until_ms();
  if (weight.units == 0 || !same_chamber || barred) return refuse(Error::NotVoucher);
  if (contains(application->vouchers(), context.signer)) return refuse(Error::AlreadyVouched);
  const std::uint64_t open_max = constitution::value(state, "membership.vouch_open_max");
  if (voucher->open_vouches() >= open_max) return refuse(Error::VouchLimit);
  if (application->vouchers_size() >= kVouchersMax) return refuse(Error::VouchLimit);

  voucher->set_open_vouches(voucher->open_vouches() + 1);
  put_member(state, *voucher);
  application->add_vouchers(context.signer.to_string());
  put_application(state, *application);
  emit(context.events, v1::EVENT_KIND_VOUCHED, {context.signer, applicant},
       {{v1::EVENT_FIELD_COUNT, static_cast<std::uint64_t>(application->vouchers_size())}});
  complete_if_ready(state, *application, false, 0, {context.now_ms(), context.events});
  return {};
}

Outcome apply(const v1::WithdrawApplication& /*action*/, ActionContext& context,
              state::Overlay& state) {
  const auto application = find_application(state, context.signer);
  if (!application) return refuse(Error::ApplicationUnknown);
  restore(state, *application);
  emit(context.events, v1::EVENT_KIND_APPLICATION_WITHDRAWN, {context.signer}, {});
  return {};
}

Outcome check(const v1::RefuseApplication& action) { return check_id(action.account()); }

Outcome apply(const v1::RefuseApplication& action, ActionContext& context, state::Overlay& state) {
  const AccountId applicant = id_of(action.account());
  const auto application = find_application(state, applicant);
  if (!application) return refuse(Error::ApplicationUnknown);
  const bool attested = find_issuer(state, context.signer).has_value() &&
                        contains(application->attesters(), context.signer);
  if (context.authority != Authority::Dao && !attested) return refuse(Error::NotIssuer);
  restore(state, *application);
  emit(context.events, v1::EVENT_KIND_APPLICATION_REFUSED, {context.signer, applicant}, {}, true);
  return {};
}

Outcome check(const v1::AdmitMember& action) {
  if (action.seats() > kSeatsMax) return refuse(Error::SeatsOutOfRange);
  return check_id(action.account());
}

Outcome apply(const v1::AdmitMember& action, ActionContext& context, state::Overlay& state) {
  const AccountId applicant = id_of(action.account());
  const auto application = open_application(state, applicant, context.now_ms());
  if (!application) return refuse(application.error());
  const bool seated = std::ranges::any_of(chambers(state), [&](const v1::Chamber& chamber) {
    return chamber.rule() == v1::CHAMBER_RULE_SEAT && (chamber.roles() & application->roles()) != 0;
  });
  if (seated != (action.seats() > 0)) return refuse(Error::SeatsOutOfRange);
  const Change change{context.now_ms(), context.events};
  const bool admitted = complete_if_ready(state, *application, true, action.seats(), change);
  if (!admitted) return refuse(Error::RoleNotHeld);
  return {};
}

void lapse_application(state::Overlay& state, const BlockContext& block, ByteView ref,
                       Events& events) {
  const AccountId applicant = id_of(as_chars(ref));
  const auto application = find_application(state, applicant);
  if (!application || block.time.value() < application->until_ms()) return;
  restore(state, *application);
  emit(events, v1::EVENT_KIND_APPLICATION_LAPSED, {applicant}, {}, true);
}

}  // namespace salus::dao::membership
