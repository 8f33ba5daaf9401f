// Owns: proof of section 5: who may vote for whom, until when, and that power counts once, in its
// own chamber, by whoever spoke last for it.
#include "dao/power/delegation.h"

#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/constitution.h"
#include "dao/governance/casting.h"
#include "dao/lists.h"
#include "dao/power/power.h"
#include "dao/power/tables.h"

namespace salus::dao::test {
namespace {

using power::kMicro;

constexpr std::uint64_t kTerm = 100'000 * kSecond;

// p1 to p6, all with open profiles.
class Delegations : public testing::Test {
 protected:
  Delegations() {
    for (int i = 1; i <= 6; ++i) expect("p" + std::to_string(i), delegate_profile(true), "Ok");
    dao_.end_block();
  }

  void expect(const std::string& who, const v1::Action& action, const std::string& said) {
    EXPECT_EQ(dao_.apply(who, action).error(), said) << who;
  }
  AccountId id(const std::string& name) { return dao_.account(name); }
  std::uint64_t term() { return dao_.now_ms() + kTerm; }
  std::uint64_t received(const std::string& name) {
    const auto hops = power::received_now(dao_.state(), id(name), 2);
    return hops[0] + hops[1] + hops[2];
  }

  std::vector<Person> people_ = patients(7);
  Dao dao_{a_chamber_of_patients(people_), people_};
};

TEST_F(Delegations, go_to_one_to_four_open_delegates_with_whole_percents) {
  struct Case {
    const char* name;
    Targets targets;
    const char* said;
  };
  const AccountId p2 = id("p2");
  const AccountId p3 = id("p3");
  const Case cases[] = {
      {"nobody", {}, "SharesInvalid"},
      {"a share of 0", {{p2, 0}}, "SharesInvalid"},
      {"a share of 1", {{p2, 1}}, "Ok"},
      {"100 together", {{p2, 60}, {p3, 40}}, "Ok"},
      {"one over 100", {{p2, 60}, {p3, 41}}, "SharesInvalid"},
      {"101", {{p2, 101}}, "SharesInvalid"},
      {"one twice", {{p2, 10}, {p2, 10}}, "SharesInvalid"},
      {"four", {{p2, 25}, {p3, 25}, {id("p4"), 25}, {id("p5"), 25}}, "Ok"},
      {"five",
       {{p2, 20}, {p3, 20}, {id("p4"), 20}, {id("p5"), 20}, {id("p6"), 20}},
       "TooManyTargets"},
      {"himself", {{id("p1"), 100}}, "DelegationLoop"},
      // G-5.3: p7 never opened a profile.
      {"no delegate", {{id("p7"), 100}}, "DelegateClosed"},
      {"no member", {{id("olga"), 100}}, "NotSameChamber"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    expect("p1", delegate_to(row.targets, term()), row.said);
  }
  dao_.end_block();
  expect("olga", delegate_to({{p2, 100}}, term()), "NoWeight");
  expect("p1", delegate_to({{p2, 100}}, term(), 7), "TrackUnknown");
  v1::Action malformed = delegate_to({{p2, 100}}, term());
  malformed.mutable_set_delegation()->mutable_targets(0)->set_to("short");
  expect("p1", malformed, "Malformed");
  v1::Action no_statement = delegate_profile(true);
  no_statement.mutable_set_delegate_profile()->set_statement_hash("short");
  expect("p1", no_statement, "Limit");
  expect("olga", delegate_profile(true), "NoWeight");
}

TEST_F(Delegations, last_at_most_one_term_and_are_over_at_its_end) {
  const std::uint64_t max = constitution::value(dao_.state(), "governance.delegation_term_max");
  // G-5.3, G-1.1: now < until <= now + delegation_term_max.
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms()), "TermTooLong");
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms() + max + 1), "TermTooLong");
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms() + max), "Ok");
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms() + 10 * kSecond), "Ok");
  dao_.end_block();
  dao_.pass_ms(10 * kSecond - 1);
  EXPECT_EQ(received("p2"), kMicro);
  dao_.pass_ms(1);
  EXPECT_EQ(received("p2"), 0U);
  EXPECT_FALSE(power::find_delegation(dao_.state(), id("p1"), 2).has_value());
  expect("p1", clear_delegation(), "DelegationNone");
}

TEST_F(Delegations, travel_three_hops_and_never_back) {
  // G-5.5, G-5.7: p1 -> p2 -> p3 -> p4; the fourth hop stays out.
  expect("p1", delegate_to({{id("p2"), 100}}, term()), "Ok");
  expect("p2", delegate_to({{id("p3"), 100}}, term()), "Ok");
  expect("p3", delegate_to({{id("p1"), 100}}, term()), "DelegationLoop");
  expect("p2", delegate_to({{id("p1"), 1}}, term()), "DelegationLoop");
  expect("p3", delegate_to({{id("p4"), 50}}, term()), "Ok");
  expect("p4", delegate_to({{id("p5"), 100}}, term()), "Ok");
  dao_.end_block();
  EXPECT_EQ(power::received_now(dao_.state(), id("p4"), 2),
            (power::Hops{kMicro / 2, kMicro / 2, kMicro / 2}));
  EXPECT_EQ(power::received_now(dao_.state(), id("p5"), 2),
            (power::Hops{kMicro, kMicro / 2, kMicro / 2}));
  // A ring of five: longer than power travels, so it does no harm.
  expect("p5", delegate_to({{id("p1"), 100}}, term()), "Ok");
  dao_.end_block();
  // Another track is another matter.
  EXPECT_EQ(power::received_now(dao_.state(), id("p2"), 3), power::Hops{});
  EXPECT_EQ(accounts_below(dao_.state(), power::delegators_key(id("p2"), 2), 10),
            std::vector<AccountId>{id("p1")});
}

TEST_F(Delegations, end_at_once_when_the_delegate_closes_and_do_not_come_back) {
  expect("p1", delegate_to({{id("p2"), 100}}, term()), "Ok");
  expect("p2", delegate_to({{id("p3"), 100}}, term()), "Ok");
  dao_.end_block();
  EXPECT_EQ(received("p3"), 2 * kMicro);
  expect("p2", delegate_profile(false), "Ok");
  dao_.end_block();
  // G-5.4: what came to him is back with p1; what is his own still goes on.
  EXPECT_EQ(received("p2"), 0U);
  EXPECT_EQ(received("p3"), kMicro);
  expect("p2", delegate_profile(true), "Ok");
  dao_.end_block();
  EXPECT_EQ(received("p2"), 0U);
  // Dead, but on record until it is replaced.
  const auto dead = power::find_delegation(dao_.state(), id("p1"), 2);
  ASSERT_TRUE(dead.has_value());
  EXPECT_FALSE(power::is_live(dao_.state(), id("p1"), dead->targets(0)));
  expect("p1", delegate_to({{id("p2"), 100}}, term()), "Ok");
  dao_.end_block();
  EXPECT_EQ(received("p3"), 2 * kMicro);
}

TEST_F(Delegations, of_who_votes_himself_are_taken_back_in_whatever_order) {
  // G-5.10.
  for (const bool delegate_first : {true, false}) {
    std::vector<Person> people = patients(3);
    Dao dao(a_chamber_of_patients(people), people);
    ASSERT_EQ(dao.apply("p2", delegate_profile(true)).error(), "Ok");
    ASSERT_EQ(
        dao.apply("p1", delegate_to({{dao.account("p2"), 100}}, dao.now_ms() + kTerm)).error(),
        "Ok");
    const std::uint64_t proposal = open_voting(dao, "p3", {create_fund("study")});
    const auto cast = [&](const char* who, v1::Choice choice) {
      EXPECT_EQ(dao.apply(who, vote(proposal, choice)).error(), "Ok");
      dao.end_block();
    };
    if (delegate_first) {
      cast("p2", v1::CHOICE_YES);
      EXPECT_EQ(tally(dao, proposal, kPatients).yes(), 2 * kMicro);
      cast("p1", v1::CHOICE_NO);
    } else {
      cast("p1", v1::CHOICE_NO);
      cast("p2", v1::CHOICE_YES);
    }
    EXPECT_EQ(tally(dao, proposal, kPatients).yes(), kMicro) << delegate_first;
    EXPECT_EQ(tally(dao, proposal, kPatients).no(), kMicro) << delegate_first;
    // Attendance of the delegate: one proposal, however often he changes his ballot.
    cast("p2", v1::CHOICE_NO);
    EXPECT_EQ(power::find_profile(dao.state(), dao.account("p2"))->ballots(), 1U);
  }
}

TEST_F(Delegations, of_a_recused_member_count_nowhere) {
  // G-7.10: a payee cannot vote through a delegate, nor be a delegate.
  expect("p1", delegate_to({{id("p2"), 100}}, term()), "Ok");
  expect("p3", delegate_to({{id("p1"), 100}}, term()), "Ok");
  const std::uint64_t proposal = open_voting(dao_, "p4", {create_fund("study")});
  expect("p2", vote(proposal, v1::CHOICE_YES), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, proposal, kPatients).yes(), 3 * kMicro);
  expect("p1", declare_conflict(proposal), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, proposal, kPatients).yes(), kMicro);
  EXPECT_EQ(tally(dao_, proposal, kPatients).recused(), kMicro);
  // The owner of what was delegated to him still may speak.
  expect("p3", vote(proposal, v1::CHOICE_NO), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, proposal, kPatients).no(), kMicro);
}

TEST_F(Delegations, as_they_stand_at_the_power_snapshot_decide) {
  // G-5.6, G-5.8.
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms() + kNoticeMs + 1), "Ok");
  const std::uint64_t proposal = open_voting(dao_, "p4", {create_fund("study")});
  dao_.pass_ms(kSecond);
  EXPECT_EQ(received("p2"), 0U) << "ended since";
  expect("p3", delegate_to({{id("p2"), 100}}, term()), "Ok");
  expect("p2", vote(proposal, v1::CHOICE_YES), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, proposal, kPatients).yes(), 2 * kMicro) << "p1's, not p3's";
}

TEST_F(Delegations, that_end_when_voting_starts_have_ended) {
  // G-5.8, G-12.2: the lapse of that time comes before the start.
  expect("p1", delegate_to({{id("p2"), 100}}, dao_.now_ms() + kNoticeMs), "Ok");
  const std::uint64_t proposal = open_voting(dao_, "p4", {create_fund("study")});
  expect("p2", vote(proposal, v1::CHOICE_YES), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, proposal, kPatients).yes(), kMicro);
}

TEST_F(Delegations, that_wait_to_lapse_hold_up_the_start_that_came_later) {
  // G-12.1, G-12.2: one lapse a block, three of them due when the notice is over.
  for (const char* who : {"p1", "p2", "p3"}) {
    expect(who, delegate_to({{id("p4"), 100}}, dao_.now_ms() + kNoticeMs), "Ok");
  }
  expect("p5", submit({create_fund("study")}), "Ok");
  dao_.end_block();
  constitution::put_value(dao_.state(), "governance.due_lapses", 1);
  dao_.advance_ms(kNoticeMs);
  // The parameter is out of its bounds here, so the whole recount waits until it is put back.
  for (const char* state : {"NOTICE", "NOTICE", "VOTING"}) {
    salus::dao::end_block(dao_.block(), dao_.state());
    EXPECT_EQ(state_of(dao_, 1), state);
  }
  constitution::put_value(dao_.state(), "governance.due_lapses", 512);
  expect("p4", vote(1, v1::CHOICE_YES), "Ok");
  dao_.end_block();
  EXPECT_EQ(tally(dao_, 1, kPatients).yes(), kMicro);
}

TEST(Power, of_one_chamber_never_counts_in_another) {
  // G-4.2, G-5.3: a patient who became a clinician left a delegation behind among the patients.
  Dao dao(voting_document());
  for (const char* name : {"noor", "diaz"}) {
    ASSERT_EQ(dao.apply(name, delegate_profile(true)).error(), "Ok");
  }
  EXPECT_EQ(
      dao.apply("mira", delegate_to({{dao.account("diaz"), 100}}, dao.now_ms() + kTerm)).error(),
      "NotSameChamber");
  ASSERT_EQ(
      dao.apply("mira", delegate_to({{dao.account("noor"), 100}}, dao.now_ms() + kTerm)).error(),
      "Ok");
  dao.end_block();
  state::Overlay moved = dao.state().branch();
  const AccountId mira = dao.account("mira");
  ASSERT_TRUE(power::set_weight(moved, mira, kClinicians, 1).has_value());
  EXPECT_EQ(power::received_now(moved, dao.account("noor"), 2), power::Hops{});
  EXPECT_TRUE(power::broken_invariants(moved).empty());
  // Back among the patients she is heard through her delegate again.
  ASSERT_TRUE(power::set_weight(moved, mira, kPatients, 1).has_value());
  EXPECT_EQ(power::received_now(moved, dao.account("noor"), 2), (power::Hops{kMicro, 0, 0}));
  EXPECT_TRUE(power::broken_invariants(moved).empty());
}

TEST(Power, that_was_delegated_is_ignored_on_a_track_without_delegation) {
  // G-5.11.
  std::vector<Person> people = patients(3);
  v1::GenesisDocument document = a_chamber_of_patients(people);
  for (v1::Track& track : *document.mutable_tracks()) track.set_delegation(false);
  Dao dao(document, people);
  ASSERT_EQ(dao.apply("p2", delegate_profile(true)).error(), "Ok");
  ASSERT_EQ(dao.apply("p1", delegate_to({{dao.account("p2"), 100}}, dao.now_ms() + kTerm)).error(),
            "Ok");
  const std::uint64_t proposal = open_voting(dao, "p3", {create_fund("study")});
  ASSERT_EQ(dao.apply("p2", vote(proposal, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(tally(dao, proposal, kPatients).yes(), kMicro);
}

}  // namespace
}  // namespace salus::dao::test
