// Owns: proof of what membership gained beyond admission: seats, stakes, chambers by vote, ended
// issuers and their walk, credentials that pause, suspensions by case, and defences (section 4).
#include "dao/a_people.h"
#include "dao/assets/stakes.h"
#include "dao/constitution.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;
constexpr std::uint64_t kMonthMs = 30 * membership::kDayMs;
constexpr std::uint64_t kProbationMs = 14 * kSecond;

std::uint64_t weight(const Dao& dao, std::string_view name) {
  return power::weight_now(dao.state(), dao.account(name)).units;
}

std::uint64_t issued_to(Dao& dao, std::string_view name, v1::CredentialKind kind) {
  const Applied applied =
      dao.as("registry").apply(issue(dao.account(name), kind, dao.now_ms() + kMonthMs));
  EXPECT_EQ(applied.error(), "Ok");
  for (const v1::Event& event : applied.result.events()) {
    for (const v1::EventAttribute& one : event.attributes()) {
      if (one.field() == v1::EVENT_FIELD_CREDENTIAL) return one.value();
    }
  }
  return 0;
}

TEST(Seats, are_changed_by_the_dao_and_weigh_at_once_for_later_snapshots) {
  Dao dao;
  const AccountId hope = dao.account("hope");
  EXPECT_EQ(dao.as("hope").apply(set_seats(hope, 5)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(set_seats(hope, 0)), "SeatsOutOfRange");
  EXPECT_EQ(dao.apply_as_dao(set_seats(hope, 1'001)), "SeatsOutOfRange");
  EXPECT_EQ(dao.apply_as_dao(set_seats(dao.account("mira"), 5)), "SeatsOutOfRange");
  EXPECT_EQ(dao.apply_as_dao(set_seats(dao.account("zed"), 5)), "NotMember");
  ASSERT_EQ(dao.apply_as_dao(set_seats(hope, 1'000)), "Ok");
  EXPECT_EQ(weight(dao, "hope"), 1'000U);
  ASSERT_EQ(dao.apply_as_dao(set_seats(hope, 1)), "Ok");
  EXPECT_EQ(weight(dao, "hope"), 1U);
  dao.end_block();
}

v1::GenesisDocument a_document_with_stakes() {
  v1::GenesisDocument document = a_document();
  document.mutable_chambers(kResearchers - 1)->set_rule(v1::CHAMBER_RULE_STAKE);
  return document;
}

// Regression: more was locked than a chamber at its bound lets weigh, of who had weight in it
// already (G-8.23).
TEST(Stake, that_gives_no_more_weight_is_not_locked) {
  Dao dao(a_document_with_stakes());
  v1::Action lock;
  lock.mutable_lock_stake()->set_amount(kToken);
  ASSERT_EQ(dao.as("ada").apply(lock).error(), "Ok");
  const std::uint64_t rest = power::kChamberWeightMax - 3;
  ASSERT_TRUE(power::set_weight(dao.state(), dao.account("zed"), kResearchers, rest));
  const std::uint64_t before = dao.tokens("ada");
  lock.mutable_lock_stake()->set_amount(5 * kToken);
  EXPECT_EQ(dao.as("ada").apply(lock).error(), "WeightLimit");
  EXPECT_EQ(dao.tokens("ada"), before);
  EXPECT_EQ(weight(dao, "ada"), 1U);
  lock.mutable_lock_stake()->set_amount(kToken);
  EXPECT_EQ(dao.as("ada").apply(lock).error(), "Ok");
  EXPECT_EQ(weight(dao, "ada"), 2U);
}

TEST(Stake, weighs_whole_units_and_falls_at_once) {
  Dao dao(a_document_with_stakes());
  EXPECT_EQ(weight(dao, "ada"), 0U) << "nothing is locked yet";
  v1::Action lock;
  lock.mutable_lock_stake()->set_amount(3 * kToken - 1);
  ASSERT_EQ(dao.as("ada").apply(lock).error(), "Ok");
  EXPECT_EQ(weight(dao, "ada"), 2U) << "floor(locked / stake_unit)";
  lock.mutable_lock_stake()->set_amount(1);
  ASSERT_EQ(dao.as("ada").apply(lock).error(), "Ok");
  EXPECT_EQ(weight(dao, "ada"), 3U);
  dao.end_block();
  v1::Action unlock;
  unlock.mutable_unlock_stake();
  ASSERT_EQ(dao.as("ada").apply(unlock).error(), "Ok");
  EXPECT_EQ(weight(dao, "ada"), 0U);
  dao.end_block();
}

TEST(Chamber, by_vote_stays_what_members_and_tracks_rest_on) {
  Dao dao;
  const auto chamber = [&](std::uint32_t id) { return *membership::find_chamber(dao.state(), id); };
  v1::Chamber renamed = chamber(kClinicians);
  renamed.set_opened(false);
  renamed.set_min_members(2);
  renamed.set_admission(v1::ADMISSION_VOUCH);
  EXPECT_EQ(dao.as("chen").apply(set_chamber(renamed)).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(set_chamber(renamed)), "Ok");
  EXPECT_TRUE(chamber(kClinicians).opened()) << "once open, always open (G-6.8)";

  v1::Chamber moved = renamed;
  moved.set_precedence(9);
  EXPECT_EQ(dao.apply_as_dao(set_chamber(moved)), "ChamberInUse");
  moved = renamed;
  moved.set_precedence(chamber(kPatients).precedence());
  EXPECT_EQ(dao.apply_as_dao(set_chamber(moved)), "ChamberInUse");
  moved = renamed;
  moved.set_min_members(0);
  EXPECT_EQ(dao.apply_as_dao(set_chamber(moved)), "OutOfBounds");
  moved.set_id(9);
  EXPECT_EQ(dao.apply_as_dao(set_chamber(moved)), "ChamberUnknown");
  EXPECT_EQ(dao.apply_as_dao(set_chamber(chamber(kClinicians), true)), "ChamberInUse");

  v1::Chamber patients = chamber(kPatients);
  patients.set_opened(false);
  patients.set_code("people");
  EXPECT_EQ(dao.apply_as_dao(set_chamber(patients)), "Entrenched");
  EXPECT_EQ(dao.apply_as_dao(set_chamber(chamber(kPatients), true)), "Entrenched");
  dao.end_block();
}

TEST(Chamber, is_added_and_removed_while_nobody_needs_it) {
  Dao dao;
  v1::Chamber nurses;
  nurses.set_id(5);
  nurses.set_code("nurses");
  nurses.set_rule(v1::CHAMBER_RULE_PERSON);
  nurses.set_roles(bit(Role::Clinician));
  nurses.set_precedence(9);
  nurses.set_admission(v1::ADMISSION_ATTEST);
  nurses.set_min_members(1);
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses)), "Ok");
  // Nobody is moved by it but who asks to be weighed anew, and then he is silent for a probation.
  EXPECT_EQ(dao.member("chen").chamber(), kClinicians);
  ASSERT_EQ(dao.as("zed").apply(recheck(dao.account("chen"))).error(), "Ok");
  EXPECT_EQ(dao.member("chen").chamber(), 5U);
  EXPECT_EQ(weight(dao, "chen"), 0U);
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "chen"), 1U);
  EXPECT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "ChamberInUse");
  ASSERT_EQ(dao.apply_as_dao(expel(dao.account("chen"))), "Ok");
  nurses.set_code("other");
  EXPECT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "ChamberUnknown");
  nurses.set_code("nurses");
  EXPECT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "Ok");
  EXPECT_FALSE(membership::find_chamber(dao.state(), 5).has_value());
  dao.end_block();
}

TEST(Credential, renewed_in_time_keeps_chamber_and_weight) {
  Dao dao;
  const std::uint64_t id = issued_to(dao, "zed", v1::CREDENTIAL_KIND_CLINICIAN);
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Clinician))).error(), "Ok");
  dao.pass_ms(kProbationMs);
  ASSERT_EQ(weight(dao, "zed"), 1U);
  const std::uint64_t end = membership::find_credential(dao.state(), id)->until_ms();
  EXPECT_EQ(dao.as("mira").apply(renew(id, end + kMonthMs)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("registry").apply(renew(id, end)).error(), "CredentialInactive");
  EXPECT_EQ(dao.as("registry").apply(renew(99, end + 1)).error(), "CredentialUnknown");
  ASSERT_EQ(dao.as("registry").apply(renew(id, end + kMonthMs)).error(), "Ok");
  dao.pass_ms(end - dao.now_ms());
  EXPECT_EQ(weight(dao, "zed"), 1U) << "G-4.2";
  dao.pass_ms(kMonthMs);
  EXPECT_EQ(weight(dao, "zed"), 0U);
  EXPECT_EQ(dao.as("registry").apply(renew(id, dao.now_ms() + kMonthMs)).error(),
            "CredentialInactive")
      << "at its end it is over (G-1.1)";
}

TEST(Credential, suspended_and_reinstated_by_its_issuer_moves_the_weight_at_once) {
  Dao dao;
  const std::uint64_t id = issued_to(dao, "zed", v1::CREDENTIAL_KIND_CLINICIAN);
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Clinician))).error(), "Ok");
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(dao.as("zed").apply(suspend_credential(id)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("registry").apply(reinstate_credential(id)).error(), "CredentialInactive");
  ASSERT_EQ(dao.as("registry").apply(suspend_credential(id)).error(), "Ok");
  EXPECT_EQ(weight(dao, "zed"), 0U);
  EXPECT_EQ(dao.member("zed").chamber(), 0U);
  EXPECT_EQ(dao.as("registry").apply(suspend_credential(id)).error(), "CredentialInactive");
  dao.end_block();
  ASSERT_EQ(dao.as("registry").apply(reinstate_credential(id)).error(), "Ok");
  EXPECT_EQ(weight(dao, "zed"), 0U) << "a new chamber, a new probation (G-4.2)";
  dao.pass_ms(kProbationMs);
  EXPECT_EQ(weight(dao, "zed"), 1U);
  // Ends while suspended: it ends anyway.
  ASSERT_EQ(dao.as("registry").apply(suspend_credential(id)).error(), "Ok");
  dao.pass_ms(kMonthMs);
  EXPECT_EQ(dao.as("registry").apply(reinstate_credential(id)).error(), "CredentialInactive");
}

// More researchers than one piece of a walk ends.
constexpr int kWalked = 300;

TEST(Issuer, that_ended_takes_along_what_it_issued_later_at_256_a_block) {
  v1::GenesisDocument document = a_document();
  std::vector<Person> people = everybody();
  for (int i = 0; i < kWalked; ++i) {
    people.push_back({.name = "p" + std::to_string(i), .roles = 0, .seats = 0, .tokens = 0});
  }
  Dao dao(a_document(people), people);
  const std::uint64_t early = issued_to(dao, "zed", v1::CREDENTIAL_KIND_AUDITOR);
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  dao.pass_ms(kSecond);
  const std::uint64_t void_after = dao.now_ms();
  std::uint64_t last = 0;
  for (int i = 0; i < kWalked; ++i) {
    last = issued_to(dao, "p" + std::to_string(i), v1::CREDENTIAL_KIND_CLINICIAN);
  }
  for (const char* name : {"p0", "p299"}) {
    ASSERT_EQ(dao.as(name).apply(ask_admission(name, bit(Role::Clinician))).error(), "Ok");
  }
  dao.pass_ms(kProbationMs);
  ASSERT_EQ(weight(dao, "p0"), 1U);
  const AccountId registry = dao.account("registry");
  const v1::Action both = [&] {
    v1::Action action = set_issuer(registry, bit(Role::Patient), 10);
    action.mutable_set_issuer()->set_void_after_ms(void_after);
    return action;
  }();
  EXPECT_EQ(dao.apply_as_dao(both), "Limit");
  ASSERT_EQ(dao.apply_as_dao(end_issuer(registry, void_after)), "Ok");
  EXPECT_EQ(
      dao.as("registry")
          .apply(issue(dao.account("olga"), v1::CREDENTIAL_KIND_AUDITOR, dao.now_ms() + kMonthMs))
          .error(),
      "NotIssuer");
  // Void at once for roles; the weight follows when the walk comes by, or when anybody asks.
  EXPECT_EQ(membership::live_roles(dao.state(), dao.account("p0"), dao.now_ms()), 0U);
  EXPECT_EQ(weight(dao, "p0"), 1U);
  EXPECT_EQ(dao.as("mira").apply(recheck(dao.account("olga"))).error(), "NotMember");
  ASSERT_EQ(dao.as("mira").apply(recheck(dao.account("p0"))).error(), "Ok");
  EXPECT_EQ(weight(dao, "p0"), 0U);
  EXPECT_EQ(weight(dao, "p299"), 1U);
  EXPECT_EQ(dao.apply_as_dao(set_issuer(registry, bit(Role::Patient), 10)), "WalkRunning");

  dao.end_block();  // from the newest back: 256 of them
  EXPECT_EQ(weight(dao, "p299"), 0U);
  EXPECT_EQ(membership::find_credential(dao.state(), last)->state(), v1::CREDENTIAL_STATE_REVOKED);
  EXPECT_EQ(membership::find_issuer_record(dao.state(), registry)->walk_next(),
            static_cast<std::uint64_t>(kWalked - 256 + 1));
  dao.pass_ms(1);
  EXPECT_EQ(membership::find_issuer_record(dao.state(), registry)->walk_next(), 0U);
  EXPECT_EQ(membership::find_credential(dao.state(), early)->state(), v1::CREDENTIAL_STATE_LIVE)
      << "issued before void_after";
  // Accredited anew, what it issues now counts, and what was ended stays so.
  ASSERT_EQ(dao.apply_as_dao(set_issuer(registry, membership::kCredentialRoles, 1'000)), "Ok");
  issued_to(dao, "p1", v1::CREDENTIAL_KIND_CLINICIAN);
  EXPECT_EQ(membership::find_credential(dao.state(), last)->state(), v1::CREDENTIAL_STATE_REVOKED);
  dao.end_block();
}

// What a board's case will do, as soon as there are boards.
class ByCase {
 public:
  explicit ByCase(Dao& dao) : dao_(dao) {}
  std::string suspend(std::string_view name, std::uint64_t span_ms) {
    return said([&](ActionContext& context, state::Overlay& state) {
      return membership::suspend_by_case(
          {.account = dao_.account(name), .until_ms = dao_.now_ms() + span_ms, .cause = 3}, context,
          state);
    });
  }
  std::string reinstate(std::string_view name) {
    return said([&](ActionContext& context, state::Overlay& state) {
      return membership::reinstate_by_case(dao_.account(name), context, state);
    });
  }

 private:
  template <typename Apply>
  std::string said(const Apply& apply) {
    std::vector<v1::Event> events;
    const BlockContext block = dao_.block();
    ActionContext context{.block = block,
                          .authority = Authority::Dao,
                          .signer = {},
                          .proposal = 0,
                          .execution_id = {},
                          .action_index = 0,
                          .events = events};
    const Outcome outcome = apply(context, dao_.state());
    return outcome ? "Ok" : std::string{name(outcome.error())};
  }
  Dao& dao_;
};

TEST(Suspension, by_case_is_short_and_not_repeated_within_180_days) {
  Dao dao;
  ByCase by_case(dao);
  EXPECT_EQ(by_case.suspend("mira", 30 * membership::kDayMs + 1), "SuspensionTooLong");
  ASSERT_EQ(by_case.suspend("mira", kSecond), "Ok");
  EXPECT_EQ(by_case.suspend("mira", kSecond), "AlreadySuspended");
  EXPECT_EQ(weight(dao, "mira"), 0U);
  const std::uint64_t first = dao.now_ms();
  dao.pass_ms(kSecond);
  EXPECT_EQ(weight(dao, "mira"), 1U);
  dao.pass_ms(first + membership::kCaseAgainMs - 1 - dao.now_ms());
  EXPECT_EQ(by_case.suspend("mira", kSecond), "SuspensionRepeated");
  // The DAO decides then.
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("mira"), dao.now_ms() + 1)), "Ok");
  dao.pass_ms(1);
  EXPECT_EQ(by_case.suspend("mira", kSecond), "Ok");
  ASSERT_EQ(by_case.reinstate("mira"), "Ok");
  dao.end_block();
}

TEST(Suspension, by_vote_is_lifted_by_a_vote_alone) {
  Dao dao;
  ByCase by_case(dao);
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("noor"), dao.now_ms() + kMonthMs)), "Ok");
  EXPECT_EQ(by_case.reinstate("noor"), "NotAuthorized");
  EXPECT_EQ(by_case.reinstate("mira"), "NotSuspended");
  ASSERT_EQ(dao.apply_as_dao(reinstate(dao.account("noor"))), "Ok");
  ASSERT_EQ(by_case.suspend("noor", kSecond), "Ok");
  EXPECT_EQ(dao.apply_as_dao(reinstate(dao.account("noor"))), "Ok") << "the DAO may lift both";
  dao.end_block();
}

// Juno 20 and the confiscation before it: a member is judged without being heard, by others.
TEST(Incident, juno_a_member_is_heard_and_his_own_chamber_decides_with_the_others) {
  Dao dao;
  const AccountId pavel = dao.account("pavel");
  ASSERT_EQ(dao.as("mira").apply(submit({expel(pavel)}, 50 * kToken)).error(), "Ok");
  EXPECT_EQ(dao.as("noor").apply(file_defence(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("pavel").apply(file_defence(2)).error(), "ProposalUnknown");
  ASSERT_EQ(dao.as("pavel").apply(file_defence(1)).error(), "Ok");
  EXPECT_EQ(dao.as("pavel").apply(file_defence(1, 'e')).error(), "DefenceFiled");
  EXPECT_EQ(membership::find_defence(dao.state(), 1, pavel)->statement_hash(),
            std::string(32, 'd'));
  dao.pass_ms(kNoticeMs);
  ASSERT_EQ(state_of(dao, 1), "VOTING");
  // G-4.7: he is recused, and the patients' chamber is among the required ones.
  EXPECT_EQ(dao.as("pavel").apply(vote(1, v1::CHOICE_NO)).error(), "Recused");
  const auto rules = proposal(dao, 1).effective().rules();
  const auto own = std::ranges::find(rules.chambers(), membership::chamber_of(dao.state(), pavel),
                                     &v1::TrackChamber::chamber);
  ASSERT_NE(own, rules.chambers().end());
  EXPECT_EQ(own->mode(), v1::CHAMBER_MODE_REQUIRED);
  // His balance is beyond any vote (G-3.6).
  EXPECT_EQ(dao.tokens("pavel"), 0U);
}

TEST(Defence, comes_before_the_voting_closes) {
  Dao dao;
  const AccountId pavel = dao.account("pavel");
  ASSERT_EQ(dao.as("mira").apply(submit({expel(pavel)}, 50 * kToken)).error(), "Ok");
  dao.pass_ms(kNoticeMs);
  dao.pass_ms(kVotingMs);
  EXPECT_EQ(state_of(dao, 1), "REJECTED");
  EXPECT_EQ(dao.as("pavel").apply(file_defence(1)).error(), "TooLate");
}

TEST(Members, are_counted_by_state_and_office) {
  Dao dao(a_watched_document());
  EXPECT_EQ(membership::members_in(dao.state(), v1::MEMBER_STATE_ACTIVE), 9U);
  EXPECT_EQ(membership::holders_of(dao.state(), Role::Sentinel), 3U);
  EXPECT_EQ(membership::counts(dao.state()).issuers(), 1U);
  ASSERT_EQ(dao.as("mira").apply(exit_dao()).error(), "Ok");
  EXPECT_EQ(membership::members_in(dao.state(), v1::MEMBER_STATE_ACTIVE), 8U);
  EXPECT_EQ(membership::members_in(dao.state(), v1::MEMBER_STATE_EXITED), 1U);
  EXPECT_EQ(membership::holders_of(dao.state(), Role::Sentinel), 2U);
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  EXPECT_EQ(membership::members_in(dao.state(), v1::MEMBER_STATE_APPLIED), 1U);
  ASSERT_EQ(dao.as("zed").apply(withdraw_application()).error(), "Ok");
  EXPECT_EQ(membership::members_in(dao.state(), v1::MEMBER_STATE_APPLIED), 0U);
  ASSERT_EQ(dao.apply_as_dao(end_issuer(dao.account("registry"), 0)), "Ok");
  EXPECT_EQ(membership::counts(dao.state()).issuers(), 0U);
  dao.end_block();
}

}  // namespace
}  // namespace salus::dao::test
