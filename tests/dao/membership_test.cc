// Owns: proof of who is a member, in which chamber and with what weight (G-4.1 to G-4.12).
#include "dao/membership/membership.h"

#include "dao/a_dao.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;

constexpr std::uint32_t kPatient = bit(Role::Patient);
constexpr std::uint32_t kClinician = bit(Role::Clinician);
constexpr std::uint32_t kResearcher = bit(Role::Researcher);
constexpr std::uint32_t kInstitution = bit(Role::Institution);
constexpr std::uint64_t kProbationMs = 14 * kSecond;
constexpr std::uint64_t kMonthMs = 30 * membership::kDayMs;

std::uint64_t weight(const Dao& dao, std::string_view name) {
  return power::weight_now(dao.state(), dao.account(name)).units;
}

std::uint64_t credential_of(const Dao& dao, std::string_view name) {
  for (std::uint64_t id = 1; id < 100; ++id) {
    const auto credential = membership::find_credential(dao.state(), id);
    if (credential && credential->account() == dao.account(name).to_string()) return id;
  }
  return 0;
}

TEST(Admission, of_a_patient_is_attested_and_weighs_after_probation) {
  Dao dao;
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_APPLIED);
  const Applied attested = dao.as("registry").apply(attest(dao.account("zed"), kPatient));
  ASSERT_EQ(attested.error(), "Ok");
  EXPECT_TRUE(attested.told(v1::EVENT_KIND_MEMBER_ADMITTED));
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_PROBATION);
  EXPECT_EQ(dao.member("zed").chamber(), kPatients);
  dao.pass_ms(kProbationMs - 1);
  EXPECT_EQ(weight(dao, "zed"), 0U);
  dao.pass_ms(1);
  EXPECT_EQ(weight(dao, "zed"), 1U);
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_ACTIVE);
}

TEST(Admission, of_a_clinician_needs_the_credential) {
  Dao dao;
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kClinician)).error(), "Ok");
  EXPECT_EQ(dao.as("registry").apply(attest(dao.account("zed"), kClinician)).error(),
            "RoleUnknown");
  EXPECT_EQ(dao.as("registry").apply(attest(dao.account("zed"), kPatient)).error(), "RoleNotHeld");
  const auto licence =
      issue(dao.account("zed"), v1::CREDENTIAL_KIND_CLINICIAN, dao.now_ms() + kMonthMs);
  EXPECT_EQ(dao.as("registry").apply(licence).error(), "Ok");
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_PROBATION);
  EXPECT_EQ(dao.member("zed").chamber(), kClinicians);
  dao.end_block();
}

TEST(Admission, of_a_researcher_needs_vouchers_of_the_chamber) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  const auto affiliation = issue(zed, v1::CREDENTIAL_KIND_RESEARCHER, dao.now_ms() + kMonthMs);
  ASSERT_EQ(dao.as("registry").apply(affiliation).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kResearcher)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(vouch(zed)).error(), "NotVoucher");
  EXPECT_EQ(dao.as("ada").apply(vouch(zed)).error(), "Ok");
  EXPECT_EQ(dao.as("ada").apply(vouch(zed)).error(), "AlreadyVouched");
  dao.end_block();
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_APPLIED);
  EXPECT_EQ(dao.as("kofi").apply(vouch(zed)).error(), "Ok");
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_PROBATION);
  EXPECT_EQ(dao.as("kofi").apply(vouch(zed)).error(), "ApplicationUnknown");
  dao.end_block();
}

TEST(Admission, asking_for_less_does_not_slip_past_the_vouchers) {
  Dao dao;
  const auto affiliation =
      issue(dao.account("zed"), v1::CREDENTIAL_KIND_RESEARCHER, dao.now_ms() + kMonthMs);
  ASSERT_EQ(dao.as("registry").apply(affiliation).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), kPatient)).error(), "Ok");
  // He would vote with the researchers, so their rule holds.
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_APPLIED);
}

TEST(Admission, of_an_institution_is_the_vote_of_the_dao_with_seats) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kInstitution)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(admit(zed, 4)), "RoleNotHeld");
  const auto charter = issue(zed, v1::CREDENTIAL_KIND_INSTITUTION, dao.now_ms() + kMonthMs);
  ASSERT_EQ(dao.as("registry").apply(charter).error(), "Ok");
  EXPECT_EQ(dao.member("zed").state(), v1::MEMBER_STATE_APPLIED);
  EXPECT_EQ(dao.apply_as_dao(admit(zed, 0)), "SeatsOutOfRange");
  EXPECT_EQ(dao.apply_as_dao(admit(zed, 1'001)), "SeatsOutOfRange");
  EXPECT_EQ(dao.as("hope").apply(admit(zed, 4)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(admit(zed, 4)), "Ok");
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "zed"), 4U);
}

TEST(Admission, refuses_what_does_not_belong_together) {
  Dao dao;
  EXPECT_EQ(dao.as("mira").apply(ask_admission("mira", kPatient)).error(), "AlreadyMember");
  EXPECT_EQ(dao.as("zed").apply(ask_admission("zed", 0)).error(), "RoleUnknown");
  EXPECT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Issuer))).error(), "RoleUnknown");
  EXPECT_EQ(dao.as("zed").apply(ask_admission("mira", kPatient)).error(), "PersonKnown");
  v1::Action nameless = ask_admission("zed", kPatient);
  nameless.mutable_apply()->set_nullifier("short");
  EXPECT_EQ(dao.as("zed").apply(nameless).error(), "Limit");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "ApplicationOpen");
  // Of two applications with one nullifier the first wins.
  EXPECT_EQ(dao.as("olga").apply(ask_admission("zed", kPatient)).error(), "PersonKnown");
  EXPECT_EQ(dao.as("mira").apply(attest(dao.account("zed"), kPatient)).error(), "NotIssuer");
  EXPECT_EQ(dao.as("registry").apply(attest(dao.account("olga"), kPatient)).error(),
            "ApplicationUnknown");
  EXPECT_EQ(dao.as("registry").apply(ask_admission("registry", kPatient)).error(), "Ok");
  EXPECT_EQ(dao.as("registry").apply(attest(dao.account("registry"), kPatient)).error(),
            "SelfAttest");
  dao.end_block();
}

TEST(Application, ends_taken_back_refused_or_lapsed) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  EXPECT_EQ(dao.as("zed").apply(withdraw_application()).error(), "ApplicationUnknown");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(withdraw_application()).error(), "Ok");
  EXPECT_FALSE(membership::find_member(dao.state(), zed));
  // The nullifier is free again.
  ASSERT_EQ(dao.as("olga").apply(ask_admission("zed", kPatient)).error(), "Ok");
  ASSERT_EQ(dao.as("olga").apply(withdraw_application()).error(), "Ok");

  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient | kClinician)).error(), "Ok");
  EXPECT_EQ(dao.as("registry").apply(refuse_application(zed)).error(), "NotIssuer");
  ASSERT_EQ(dao.as("registry").apply(attest(zed, kPatient)).error(), "Ok");
  EXPECT_EQ(dao.as("registry").apply(refuse_application(zed)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(refuse_application(zed)), "ApplicationUnknown");

  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  dao.advance_ms(membership::kApplicationMs);
  // Over at its end, though the due work of this block has yet to run (G-1.1).
  EXPECT_EQ(dao.as("registry").apply(attest(zed, kPatient)).error(), "ApplicationLapsed");
  EXPECT_EQ(dao.apply_as_dao(admit(zed)), "ApplicationLapsed");
  dao.end_block();
  EXPECT_FALSE(membership::find_application(dao.state(), zed));
}

TEST(Vouch, is_limited_and_released_when_the_application_ends) {
  v1::GenesisDocument document = a_document();
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name("membership.vouch_open_max");
  parameter.set_value(1);
  Dao dao(document);
  for (const char* name : {"zed", "olga"}) {
    ASSERT_EQ(dao.apply(name, ask_admission(name, kResearcher)).error(), "Ok");
  }
  ASSERT_EQ(dao.as("ada").apply(vouch(dao.account("zed"))).error(), "Ok");
  EXPECT_EQ(dao.as("ada").apply(vouch(dao.account("olga"))).error(), "VouchLimit");
  ASSERT_EQ(dao.as("zed").apply(withdraw_application()).error(), "Ok");
  EXPECT_EQ(dao.as("ada").apply(vouch(dao.account("olga"))).error(), "Ok");
  dao.end_block();
}

TEST(Credential, another_chamber_starts_a_probation_and_the_same_one_does_not) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  const auto licence = issue(mira, v1::CREDENTIAL_KIND_CLINICIAN, dao.now_ms() + 100 * kSecond);
  ASSERT_EQ(dao.as("registry").apply(licence).error(), "Ok");
  EXPECT_EQ(dao.member("mira").chamber(), kClinicians);
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_ACTIVE);
  EXPECT_EQ(weight(dao, "mira"), 0U);
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "mira"), 1U);

  // Renewed in time: chamber and weight stay when the first one ends (G-4.2).
  const auto renewal = issue(mira, v1::CREDENTIAL_KIND_CLINICIAN, dao.now_ms() + 200 * kSecond);
  ASSERT_EQ(dao.as("registry").apply(renewal).error(), "Ok");
  dao.pass_ms(100 * kSecond);
  EXPECT_EQ(dao.member("mira").chamber(), kClinicians);
  EXPECT_EQ(weight(dao, "mira"), 1U);
  // The last one ends: back among the patients, silent for one probation.
  dao.pass_ms(100 * kSecond);
  EXPECT_EQ(dao.member("mira").chamber(), kPatients);
  EXPECT_EQ(weight(dao, "mira"), 0U);
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "mira"), 1U);
}

TEST(Credential, revocation_takes_the_weight_at_once) {
  Dao dao;
  const std::uint64_t id = credential_of(dao, "chen");
  EXPECT_EQ(dao.as("registry").apply(revoke(id)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(revoke(id)), "Ok");
  EXPECT_EQ(weight(dao, "chen"), 0U);
  EXPECT_EQ(dao.member("chen").chamber(), 0U);
  EXPECT_EQ(dao.apply_as_dao(revoke(id)), "CredentialInactive");
  EXPECT_EQ(dao.apply_as_dao(revoke(9'999)), "CredentialUnknown");
  dao.end_block();

  const auto licence =
      issue(dao.account("zed"), v1::CREDENTIAL_KIND_AUDITOR, dao.now_ms() + kSecond);
  ASSERT_EQ(dao.as("registry").apply(licence).error(), "Ok");
  const std::uint64_t own = credential_of(dao, "zed");
  EXPECT_EQ(dao.as("mira").apply(revoke(own)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("registry").apply(revoke(own)).error(), "Ok");
  dao.end_block();
}

TEST(Credential, is_refused_where_it_would_mean_nothing) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  const std::uint64_t until = dao.now_ms() + kSecond;
  constexpr auto kKind = v1::CREDENTIAL_KIND_AUDITOR;
  EXPECT_EQ(dao.as("mira").apply(issue(zed, kKind, until)).error(), "NotIssuer");
  EXPECT_EQ(dao.as("registry").apply(issue(dao.account("registry"), kKind, until)).error(),
            "SelfAttest");
  EXPECT_EQ(dao.as("registry").apply(issue(AccountId{}, kKind, until)).error(), "AccountUnknown");
  EXPECT_EQ(dao.as("registry").apply(issue(zed, kKind, dao.now_ms())).error(),
            "CredentialInactive");
  EXPECT_EQ(dao.as("registry").apply(issue(zed, kKind, membership::kWithoutEnd)).error(), "Limit");
  const auto unset = v1::CREDENTIAL_KIND_UNSPECIFIED;
  EXPECT_EQ(dao.as("registry").apply(issue(zed, unset, until)).error(), "CredentialUnknown");
  for (std::size_t i = 0; i < membership::kCredentialsOfKindMax; ++i) {
    ASSERT_EQ(dao.as("registry").apply(issue(zed, kKind, until)).error(), "Ok");
  }
  EXPECT_EQ(dao.as("registry").apply(issue(zed, kKind, until)).error(), "Limit");
  dao.pass_ms(kSecond);
  EXPECT_EQ(dao.as("registry").apply(issue(zed, kKind, until + 9 * kSecond)).error(), "Ok");
}

TEST(Issuer, is_accredited_by_the_dao_within_a_quota) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.as("mira").apply(set_issuer(mira, kPatient, 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(mira, 0, 0)), "NotIssuer");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(mira, kPatient, 0)), "Limit");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(mira, kPatient, 10'001)), "Limit");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(mira, bit(Role::Operator), 1)), "RoleUnknown");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(AccountId{}, kPatient, 1)), "AccountUnknown");
  ASSERT_EQ(dao.apply_as_dao(set_issuer(mira, kPatient, 1)), "Ok");
  EXPECT_NE(membership::live_roles(dao.state(), mira, dao.now_ms()) & bit(Role::Issuer), 0U);

  for (const char* name : {"zed", "olga"}) {
    ASSERT_EQ(dao.apply(name, ask_admission(name, kPatient)).error(), "Ok");
  }
  EXPECT_EQ(dao.as("mira").apply(attest(dao.account("zed"), kPatient)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(attest(dao.account("olga"), kPatient)).error(), "IssuerQuota");
  dao.advance_ms(membership::kDayMs);
  EXPECT_EQ(dao.as("mira").apply(attest(dao.account("olga"), kPatient)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(set_issuer(mira, 0, 0)), "Ok");
  EXPECT_EQ(dao.as("mira").apply(attest(dao.account("olga"), kPatient)).error(), "NotIssuer");
  dao.end_block();
}

TEST(Office, lasts_for_its_term) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  constexpr auto kRole = Role::Treasurer;
  EXPECT_EQ(dao.as("mira").apply(grant_office(mira, kRole, kSecond)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(grant_office(dao.account("zed"), kRole, kSecond)), "NotMember");
  EXPECT_EQ(dao.apply_as_dao(grant_office(mira, Role::Issuer, kSecond)), "RoleUnknown");
  EXPECT_EQ(dao.apply_as_dao(grant_office(mira, kRole, 0)), "Limit");
  const std::uint64_t longest = parameter(dao.state(), "membership.office_term_max");
  EXPECT_EQ(dao.apply_as_dao(grant_office(mira, kRole, longest + 1)), "OfficeTermTooLong");
  ASSERT_EQ(dao.apply_as_dao(grant_office(mira, kRole, 10 * kSecond)), "Ok");
  ASSERT_EQ(dao.apply_as_dao(grant_office(mira, kRole, 20 * kSecond)), "Ok");
  dao.pass_ms(10 * kSecond);
  EXPECT_NE(membership::live_roles(dao.state(), mira, dao.now_ms()) & bit(kRole), 0U);
  dao.advance_ms(10 * kSecond);
  EXPECT_EQ(membership::live_roles(dao.state(), mira, dao.now_ms()) & bit(kRole), 0U);
  dao.end_block();
  EXPECT_EQ(dao.as("mira").apply(end_office(mira, kRole)).error(), "OfficeUnknown");

  ASSERT_EQ(dao.apply_as_dao(grant_office(mira, kRole, kSecond)), "Ok");
  EXPECT_EQ(dao.as("noor").apply(end_office(mira, kRole)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("mira").apply(end_office(mira, kRole)).error(), "Ok");
  dao.end_block();
}

TEST(Suspension, stops_weight_and_roles_until_its_end) {
  Dao dao;
  const AccountId hope = dao.account("hope");
  const std::uint64_t longest = parameter(dao.state(), "membership.suspend_vote_max");
  EXPECT_EQ(dao.as("mira").apply(suspend(hope, dao.now_ms() + 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(suspend(dao.account("zed"), dao.now_ms() + 1)), "NotMember");
  EXPECT_EQ(dao.apply_as_dao(suspend(hope, dao.now_ms())), "Limit");
  EXPECT_EQ(dao.apply_as_dao(suspend(hope, dao.now_ms() + longest + 1)), "SuspensionTooLong");
  EXPECT_EQ(dao.apply_as_dao(reinstate(hope)), "NotSuspended");
  ASSERT_EQ(dao.apply_as_dao(suspend(hope, dao.now_ms() + 30 * kSecond)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(suspend(hope, dao.now_ms() + kSecond)), "AlreadySuspended");
  EXPECT_EQ(weight(dao, "hope"), 0U);
  EXPECT_EQ(membership::live_roles(dao.state(), hope, dao.now_ms()), 0U);
  dao.pass_ms(30 * kSecond - 1);
  EXPECT_EQ(dao.member("hope").state(), v1::MEMBER_STATE_SUSPENDED);
  dao.pass_ms(1);
  EXPECT_EQ(dao.member("hope").state(), v1::MEMBER_STATE_ACTIVE);
  EXPECT_EQ(weight(dao, "hope"), 3U);

  ASSERT_EQ(dao.apply_as_dao(suspend(hope, dao.now_ms() + 30 * kSecond)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(reinstate(hope)), "Ok");
  EXPECT_EQ(weight(dao, "hope"), 3U);
  dao.end_block();
}

TEST(Exit, ends_the_membership_and_frees_the_person) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(grant_office(dao.account("mira"), Role::Sentinel, kMonthMs)), "Ok");
  const Applied left = dao.as("mira").apply(exit_dao());
  ASSERT_EQ(left.error(), "Ok");
  EXPECT_TRUE(left.told(v1::EVENT_KIND_OFFICE_ENDED));
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_EXITED);
  EXPECT_EQ(weight(dao, "mira"), 0U);
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.as("mira").apply(exit_dao()).error(), "NotMember");
  dao.end_block();
  // The same person may come back at once, by probation (G-4.12).
  ASSERT_EQ(dao.as("mira").apply(ask_admission("mira", kPatient)).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("mira"), kPatient)).error(), "Ok");
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_PROBATION);
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "mira"), 1U);
}

TEST(Exit, waits_until_nothing_binds_the_member) {
  std::vector<Person> people = everybody();
  for (Person& person : people) {
    if (person.name == "olga") person.roles = kPatient;
  }
  Dao dao(a_document(people), people);
  EXPECT_EQ(dao.as("olga").apply(exit_dao()).error(), "ExitBound");
}

TEST(Expulsion, bars_the_person_under_any_account) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.apply_as_dao(expel(dao.account("zed"))), "NotMember");
  EXPECT_EQ(dao.apply_as_dao(expel(mira, membership::kBarMsMax + 1)), "Limit");
  EXPECT_EQ(dao.as("noor").apply(expel(mira)).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(expel(mira, 50 * kSecond)), "Ok");
  EXPECT_EQ(weight(dao, "mira"), 0U);
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.as("zed").apply(ask_admission("mira", kPatient)).error(), "PersonBarred");
  EXPECT_EQ(dao.as("mira").apply(ask_admission("mira", kPatient)).error(), "BarNotOver");
  dao.pass_ms(50 * kSecond);
  EXPECT_EQ(dao.as("mira").apply(ask_admission("other", kPatient)).error(), "PersonBarred");
  ASSERT_EQ(dao.as("mira").apply(ask_admission("mira", kPatient)).error(), "Ok");
  // After an expulsion only a vote admits, whatever the chamber.
  ASSERT_EQ(dao.as("registry").apply(attest(mira, kPatient)).error(), "Ok");
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_APPLIED);
  EXPECT_EQ(dao.apply_as_dao(admit(mira)), "Ok");
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_PROBATION);
  dao.end_block();
}

TEST(Expulsion, within_a_year_bars_the_vouchers_from_vouching) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  ASSERT_EQ(dao.as("registry")
                .apply(issue(zed, v1::CREDENTIAL_KIND_RESEARCHER, dao.now_ms() + kMonthMs))
                .error(),
            "Ok");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kResearcher)).error(), "Ok");
  ASSERT_EQ(dao.as("ada").apply(vouch(zed)).error(), "Ok");
  ASSERT_EQ(dao.as("kofi").apply(vouch(zed)).error(), "Ok");
  dao.pass_ms(kProbationMs);
  ASSERT_EQ(dao.apply_as_dao(expel(zed)), "Ok");
  ASSERT_EQ(dao.as("olga").apply(ask_admission("olga", kResearcher)).error(), "Ok");
  EXPECT_EQ(dao.as("ada").apply(vouch(dao.account("olga"))).error(), "NotVoucher");
  dao.end_block();
}

TEST(Chamber, opens_once_when_it_reaches_its_size) {
  v1::GenesisDocument document = a_document();
  document.mutable_chambers(kPatients - 1)->set_min_members(4);
  Dao dao(document);
  EXPECT_FALSE(membership::find_chamber(dao.state(), kPatients)->opened());
  EXPECT_TRUE(membership::find_chamber(dao.state(), kClinicians)->opened());
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", kPatient)).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), kPatient)).error(), "Ok");
  dao.take_events();
  dao.pass_ms(kProbationMs);
  EXPECT_TRUE(membership::find_chamber(dao.state(), kPatients)->opened());
  bool told = false;
  for (const v1::Event& event : dao.take_events()) {
    told = told || event.kind() == v1::EVENT_KIND_CHAMBER_OPENED;
  }
  EXPECT_TRUE(told);
  ASSERT_EQ(dao.as("zed").apply(exit_dao()).error(), "Ok");
  EXPECT_TRUE(membership::find_chamber(dao.state(), kPatients)->opened());
}

TEST(Member, with_two_roles_stands_in_the_chamber_of_higher_precedence) {
  Dao dao;
  EXPECT_EQ(dao.member("diaz").chamber(), kClinicians);
  EXPECT_TRUE(dao.member("diaz").patient());
  EXPECT_EQ(membership::chambers(dao.state()).size(), 4U);
}

// G-8.23: the bound may be reached and not exceeded.
TEST(Weight, fills_a_chamber_up_to_its_bound) {
  Dao dao;
  state::Overlay attempt = dao.state().branch();
  const AccountId hope = dao.account("hope");
  const AccountId anne = dao.account("anne");
  const std::uint64_t others =
      power::total_now(attempt, kInstitutions).units - power::weight_now(attempt, hope).units;
  const std::uint64_t room = power::kChamberWeightMax - others;
  EXPECT_EQ(power::set_weight(attempt, hope, kInstitutions, room + 1).error(),
            Error::WeightLimit);
  ASSERT_TRUE(power::set_weight(attempt, hope, kInstitutions, room));
  EXPECT_EQ(power::set_weight(attempt, anne, kInstitutions, 3).error(), Error::WeightLimit);
  EXPECT_TRUE(power::set_weight(attempt, anne, kInstitutions, 1));
}

}  // namespace
}  // namespace salus::dao::test
