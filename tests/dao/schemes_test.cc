// Owns: proof that the schemes with several options, and the optimistic one, take the ballots that
// are theirs, and execute what won and nothing else (section 8).
#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/governance/casting.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "dao/power/power.h"
#include "dao/treasury/funds.h"

namespace salus::dao::test {
namespace {

using power::kMicro;

// Ten patients decide alone; each option creates a fund of its own.
class Schemes : public testing::Test {
 protected:
  std::uint64_t open(v1::Scheme scheme, std::size_t options, std::uint32_t winners = 0) {
    std::vector<std::vector<v1::Action>> list;
    for (std::size_t i = 1; i <= options; ++i) {
      list.push_back({create_fund("option-" + std::to_string(i))});
    }
    EXPECT_EQ(dao_.apply("p1", submit_options(scheme, list, winners)).error(), "Ok");
    const std::uint64_t id = governance::last_proposal_id(dao_.state());
    dao_.end_block();
    dao_.pass_ms(kNoticeMs);
    EXPECT_EQ(state_of(dao_, id), "VOTING");
    return id;
  }
  void expect(const std::string& who, const v1::Action& action, const std::string& said) {
    EXPECT_EQ(dao_.apply(who, action).error(), said) << who;
  }
  void close(std::uint64_t id) {
    dao_.end_block();
    pass_to(dao_, proposal(dao_, id).phase_until_ms());
  }
  void execute(std::uint64_t id) {
    pass_to(dao_, proposal(dao_, id).eta_ms());
    EXPECT_EQ(state_of(dao_, id), "EXECUTED");
  }
  bool has_fund(const std::string& code) {
    for (std::uint32_t id = 1; id <= 10; ++id) {
      const auto fund = treasury::find_fund(dao_.state(), id);
      if (fund && fund->code() == code) return true;
    }
    return false;
  }
  std::vector<std::uint32_t> winners(std::uint64_t id) {
    const auto outcome = proposal(dao_, id).outcome();
    return {outcome.winners().begin(), outcome.winners().end()};
  }

  std::vector<Person> people_ = patients(10);
  Dao dao_{a_chamber_of_patients(people_), people_};
};

TEST_F(Schemes, choice_executes_the_one_option_that_is_first) {
  const std::uint64_t id = open(v1::SCHEME_CHOICE, 3);
  for (const char* who : {"p1", "p2", "p3"}) expect(who, choose(id, 2), "Ok");
  for (const char* who : {"p4", "p5"}) expect(who, choose(id, 1), "Ok");
  expect("p6", choose(id, 0), "Ok");
  EXPECT_EQ(tally(dao_, id, kPatients).options(1), 3 * kMicro);
  EXPECT_EQ(tally(dao_, id, kPatients).none(), kMicro);
  close(id);
  EXPECT_EQ(winners(id), std::vector<std::uint32_t>{2});
  execute(id);
  EXPECT_TRUE(has_fund("option-2"));
  EXPECT_FALSE(has_fund("option-1"));
  EXPECT_FALSE(has_fund("option-3"));
}

TEST_F(Schemes, choice_refuses_a_tie_and_what_is_not_above_none) {
  // G-8.10: strictly first, strictly above none.
  const std::uint64_t tie = open(v1::SCHEME_CHOICE, 2);
  expect("p1", choose(tie, 1), "Ok");
  expect("p2", choose(tie, 2), "Ok");
  close(tie);
  EXPECT_EQ(state_of(dao_, tie), "REJECTED");
  EXPECT_EQ(rule_of(dao_, tie), "TIE");
  const std::uint64_t none = open(v1::SCHEME_CHOICE, 3);
  expect("p1", choose(none, 1), "Ok");
  expect("p2", choose(none, 0), "Ok");
  close(none);
  EXPECT_EQ(rule_of(dao_, none), "NONE_OF_ABOVE");
  // Of the sum and of the chamber alike: equal is not above.
  const v1::Outcome outcome = proposal(dao_, none).outcome();
  int refused = 0;
  for (const v1::OutcomeLine& line : outcome.lines()) {
    if (line.rule() != v1::VERDICT_RULE_NONE_OF_ABOVE) continue;
    EXPECT_FALSE(line.ok()) << line.chamber();
    ++refused;
  }
  EXPECT_EQ(refused, 2);
  EXPECT_FALSE(proposal(dao_, none).outcome().slashed()) << "G-8.18 knows yes/no only";
}

TEST_F(Schemes, choice_splits_a_ballot_in_the_order_of_the_document) {
  // G-8.2: options by number, none, abstain; prefix floors.
  const std::uint64_t id = open(v1::SCHEME_CHOICE, 3);
  v1::Action action = choose(id, 3);
  v1::BallotPart& abstain = *action.mutable_vote()->add_parts();
  abstain.set_choice(v1::CHOICE_ABSTAIN);
  abstain.set_part(1);
  v1::BallotPart& first = *action.mutable_vote()->add_parts();
  first.set_choice(v1::CHOICE_OPTION);
  first.set_option(1);
  first.set_part(1);
  expect("p1", action, "Ok");
  const v1::Tally counted = tally(dao_, id, kPatients);
  EXPECT_EQ(counted.options(0), 333'333U);
  EXPECT_EQ(counted.options(2), 333'333U);
  EXPECT_EQ(counted.abstain(), 333'334U);
  dao_.end_block();
}

TEST_F(Schemes, approval_executes_as_many_acceptable_options_as_may_win) {
  const std::uint64_t id = open(v1::SCHEME_APPROVAL, 4, 2);
  expect("p1", approve(id, {1, 3}), "Ok");
  expect("p2", approve(id, {3}), "Ok");
  expect("p3", approve(id, {1, 3, 4}), "Ok");
  expect("p4", approve(id, {}), "Ok");
  const v1::Tally counted = tally(dao_, id, kPatients);
  EXPECT_EQ(counted.cast(), 4 * kMicro);
  EXPECT_EQ(counted.empty(), kMicro);
  close(id);
  // Option 4 has as much as the empty ballots: not more (G-8.11).
  EXPECT_EQ(winners(id), (std::vector<std::uint32_t>{3, 1}));
  execute(id);
  EXPECT_TRUE(has_fund("option-1"));
  EXPECT_TRUE(has_fund("option-3"));
  EXPECT_FALSE(has_fund("option-4"));
}

TEST_F(Schemes, approval_without_an_acceptable_option_is_rejected) {
  const std::uint64_t id = open(v1::SCHEME_APPROVAL, 2, 1);
  expect("p1", approve(id, {1}), "Ok");
  expect("p2", approve(id, {}), "Ok");
  close(id);
  EXPECT_EQ(rule_of(dao_, id), "NONE_ACCEPTABLE");
}

TEST_F(Schemes, equal_options_are_decided_by_the_lot_that_was_fixed_before) {
  const std::uint64_t id = open(v1::SCHEME_APPROVAL, 2, 1);
  for (const char* who : {"p1", "p2"}) expect(who, approve(id, {1, 2}), "Ok");
  close(id);
  ASSERT_EQ(winners(id).size(), 1U);
  const v1::Proposal decided = proposal(dao_, id);
  governance::Decision decision = governance::decision_of(decided);
  const auto again = governance::verdict(decided.effective(),
                                         governance::tallies(dao_.state(), decided), decision);
  EXPECT_EQ(again.winners(0), winners(id)[0]);
  // Some other lot decides otherwise.
  bool other = false;
  for (std::uint8_t i = 0; i < 32 && !other; ++i) {
    decision.lot.bytes[0] = i;
    const auto outcome = governance::verdict(decided.effective(),
                                             governance::tallies(dao_.state(), decided), decision);
    other = outcome.winners(0) != winners(id)[0];
  }
  EXPECT_TRUE(other);
}

TEST_F(Schemes, quadratic_counts_persons_not_power) {
  // Full credits are valid, one more is not (G-8.11): 36 + 64 = 100.
  const std::uint64_t id = open(v1::SCHEME_QUADRATIC, 2, 1);
  expect("p1", give(id, {{1, 6}, {2, 8}}), "Ok");
  expect("p1", give(id, {{1, 10}, {2, 1}}), "BallotInvalid");
  expect("p2", give(id, {{1, 10}}), "Ok");
  expect("p3", give(id, {{0, 5}}), "Ok");
  const v1::Tally counted = tally(dao_, id, kPatients);
  EXPECT_EQ(counted.options(0), 16U);
  EXPECT_EQ(counted.options(1), 8U);
  EXPECT_EQ(counted.none(), 5U);
  // Who gives nothing to any option carries no support (G-8.21).
  EXPECT_EQ(counted.voters(), 2U);
  close(id);
  EXPECT_EQ(winners(id), std::vector<std::uint32_t>{1});
  execute(id);
  EXPECT_TRUE(has_fund("option-1"));
}

TEST_F(Schemes, quadratic_needs_an_option_above_none) {
  const std::uint64_t id = open(v1::SCHEME_QUADRATIC, 2, 1);
  expect("p1", give(id, {{1, 5}}), "Ok");
  expect("p2", give(id, {{0, 5}}), "Ok");
  close(id);
  EXPECT_EQ(rule_of(dao_, id), "NONE_OF_ABOVE");
}

TEST_F(Schemes, optimistic_passes_by_silence_and_fails_at_the_objection) {
  // G-8.9: reached at equality, 1 of 10 at 1000 bp.
  const std::uint64_t silent = open(v1::SCHEME_OPTIMISTIC, 1);
  close(silent);
  EXPECT_EQ(state_of(dao_, silent), "TIMELOCK");
  execute(silent);
  EXPECT_TRUE(has_fund("option-1"));
  EXPECT_EQ(dao_.apply("p1", submit_options(v1::SCHEME_OPTIMISTIC, {{create_fund("b")}})).error(),
            "Ok");
  const std::uint64_t objected = governance::last_proposal_id(dao_.state());
  dao_.end_block();
  dao_.pass_ms(kNoticeMs);
  expect("p2", vote(objected, v1::CHOICE_NO), "Ok");
  close(objected);
  EXPECT_EQ(rule_of(dao_, objected), "OBJECTED");
}

TEST_F(Schemes, take_the_ballots_of_their_own_form_only) {
  struct Case {
    const char* name;
    v1::Action ballot;
    v1::Scheme scheme;
    const char* said;
  };
  const auto part = [](v1::Choice choice, std::uint32_t option) {
    v1::Action action;
    v1::BallotPart& one = *action.mutable_vote()->add_parts();
    one.set_choice(choice);
    one.set_option(option);
    one.set_part(1);
    return action;
  };
  const Case cases[] = {
      {"yes in a choice", part(v1::CHOICE_YES, 0), v1::SCHEME_CHOICE, "BallotInvalid"},
      {"option 0", part(v1::CHOICE_OPTION, 0), v1::SCHEME_CHOICE, "BallotInvalid"},
      {"the last option", part(v1::CHOICE_OPTION, 3), v1::SCHEME_CHOICE, "Ok"},
      {"one beyond", part(v1::CHOICE_OPTION, 4), v1::SCHEME_CHOICE, "BallotInvalid"},
      {"a word with an option", part(v1::CHOICE_NONE, 1), v1::SCHEME_CHOICE, "BallotInvalid"},
      {"a set in a choice", approve(0, {1}), v1::SCHEME_CHOICE, "BallotInvalid"},
      {"parts in approval", part(v1::CHOICE_YES, 0), v1::SCHEME_APPROVAL, "BallotInvalid"},
      {"the empty set", approve(0, {}), v1::SCHEME_APPROVAL, "Ok"},
      {"an option twice", approve(0, {1, 1}), v1::SCHEME_APPROVAL, "BallotInvalid"},
      {"descending", approve(0, {2, 1}), v1::SCHEME_APPROVAL, "BallotInvalid"},
      {"beyond the options", approve(0, {1, 4}), v1::SCHEME_APPROVAL, "BallotInvalid"},
      {"no votes", approve(0, {}), v1::SCHEME_QUADRATIC, "BallotInvalid"},
      {"votes for 0 credits", give(0, {{1, 0}}), v1::SCHEME_QUADRATIC, "Ok"},
      {"an option twice", give(0, {{1, 1}, {1, 1}}), v1::SCHEME_QUADRATIC, "BallotInvalid"},
      {"beyond the options", give(0, {{4, 1}}), v1::SCHEME_QUADRATIC, "BallotInvalid"},
      {"so many that squares overflow", give(0, {{1, 0xffff'ffffU}}), v1::SCHEME_QUADRATIC,
       "BallotInvalid"},
  };
  std::map<v1::Scheme, std::uint64_t> ids;
  ids[v1::SCHEME_CHOICE] = open(v1::SCHEME_CHOICE, 3);
  ids[v1::SCHEME_APPROVAL] = open(v1::SCHEME_APPROVAL, 3, 1);
  expect("p2", submit_options(v1::SCHEME_QUADRATIC, {{}, {}, {}}, 1), "Ok");
  ids[v1::SCHEME_QUADRATIC] = governance::last_proposal_id(dao_.state());
  dao_.end_block();
  dao_.pass_ms(kNoticeMs);
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    v1::Action ballot = row.ballot;
    ballot.mutable_vote()->set_proposal(ids[row.scheme]);
    expect("p3", ballot, row.said);
  }
  v1::Action two_forms = approve(ids[v1::SCHEME_APPROVAL], {1});
  two_forms.mutable_vote()->add_votes()->set_option(1);
  expect("p3", two_forms, "BallotInvalid");
  dao_.end_block();
}

TEST_F(Schemes, are_submitted_with_options_and_winners_that_make_sense) {
  struct Case {
    const char* name;
    v1::Scheme scheme;
    std::size_t options;
    std::uint32_t winners;
    const char* said;
  };
  const Case cases[] = {
      {"yes/no of two", v1::SCHEME_YES_NO, 2, 0, "OptionsInvalid"},
      {"yes/no with winners", v1::SCHEME_YES_NO, 1, 1, "OptionsInvalid"},
      {"choice of one", v1::SCHEME_CHOICE, 1, 0, "OptionsInvalid"},
      {"choice of 15", v1::SCHEME_CHOICE, 15, 0, "Ok"},
      {"choice of 16", v1::SCHEME_CHOICE, 16, 0, "OptionsInvalid"},
      {"approval of 16", v1::SCHEME_APPROVAL, 16, 8, "Ok"},
      {"approval of 17", v1::SCHEME_APPROVAL, 17, 8, "OptionsInvalid"},
      {"9 winners", v1::SCHEME_APPROVAL, 16, 9, "OptionsInvalid"},
      {"no winner", v1::SCHEME_APPROVAL, 3, 0, "OptionsInvalid"},
      {"more winners than options", v1::SCHEME_APPROVAL, 2, 3, "OptionsInvalid"},
      {"quadratic of 16", v1::SCHEME_QUADRATIC, 16, 1, "OptionsInvalid"},
      {"ranked", v1::SCHEME_RANKED, 3, 0, "NotYet"},
      {"no scheme", v1::SCHEME_UNSPECIFIED, 1, 0, "SchemeNotAllowed"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    const std::vector<std::vector<v1::Action>> options(row.options);
    // A fresh proposer each time, so that only the row decides.
    Dao dao(a_chamber_of_patients(people_), people_);
    EXPECT_EQ(dao.apply("p1", submit_options(row.scheme, options, row.winners)).error(), row.said);
  }
}

TEST(Quadratic, is_not_allowed_where_a_chamber_of_seats_must_agree) {
  v1::GenesisDocument document = voting_document();
  Dao dao(document);
  const std::vector<std::vector<v1::Action>> on_spend = {{pay(1, kToken, dao.account("zed"))},
                                                         {pay(1, kToken, dao.account("mira"))}};
  EXPECT_EQ(dao.apply("mira", submit_options(v1::SCHEME_QUADRATIC, on_spend, 1)).error(),
            "SchemeNotAllowed");
  EXPECT_EQ(dao.apply("mira", submit_options(v1::SCHEME_APPROVAL, on_spend, 1)).error(), "Ok");
}

TEST(Objection, takes_ballots_against_only_whatever_the_scheme) {
  // G-7.5: no and veto; none of the options; the empty set.
  std::vector<Person> people = patients(10);
  v1::GenesisDocument document = a_chamber_of_patients(people);
  for (v1::Track& track : *document.mutable_tracks()) track.set_objection_ms(50 * kSecond);
  struct Case {
    v1::Scheme scheme;
    std::uint32_t winners;
    v1::Action (*for_it)(std::uint64_t);
    v1::Action (*against_it)(std::uint64_t);
  };
  const Case cases[] = {
      {v1::SCHEME_CHOICE, 0, [](std::uint64_t id) { return choose(id, 1); },
       [](std::uint64_t id) { return choose(id, 0); }},
      {v1::SCHEME_APPROVAL, 1, [](std::uint64_t id) { return approve(id, {1}); },
       [](std::uint64_t id) { return approve(id, {}); }},
      {v1::SCHEME_QUADRATIC, 1, [](std::uint64_t id) { return give(id, {{1, 2}}); },
       [](std::uint64_t id) { return give(id, {{0, 2}}); }},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(v1::Scheme_Name(row.scheme));
    Dao dao(document, people);
    ASSERT_EQ(dao.apply("p1", submit_options(row.scheme, {{}, {}}, row.winners)).error(), "Ok");
    dao.end_block();
    dao.pass_ms(kNoticeMs);
    for (const char* who : {"p1", "p2", "p3"}) {
      EXPECT_EQ(dao.apply(who, row.for_it(1)).error(), "Ok");
    }
    dao.end_block();
    pass_to(dao, proposal(dao, 1).phase_until_ms());
    ASSERT_EQ(state_of(dao, 1), "OBJECTION");
    EXPECT_EQ(dao.apply("p4", row.for_it(1)).error(), "OnlyAgainst");
    EXPECT_EQ(dao.apply("p4", row.against_it(1)).error(), "Ok");
    dao.end_block();
    pass_to(dao, proposal(dao, 1).phase_until_ms());
    EXPECT_EQ(state_of(dao, 1), "TIMELOCK");
  }
}

}  // namespace
}  // namespace salus::dao::test
