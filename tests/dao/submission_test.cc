// Owns: proof of what a proposal must be and put down to be heard: its frozen actions, deposits and
// endorsers, duplicates and limits, each at equality and one beside it (G-7.1 to G-7.4, G-7.11,
// G-7.12, G-8.17).
#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "dao/a_proposal.h"
#include "dao/governance/proposals.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;

std::vector<v1::Action> many_funds(int count) {
  std::vector<v1::Action> list;
  for (int i = 0; i < count; ++i) list.push_back(create_fund("fund-" + std::to_string(i)));
  return list;
}

TEST(Submit, freezes_only_what_the_dao_may_do_and_what_could_apply) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  const AccountId nobody{crypto::hash("salus.test.none", {}).bytes};
  const auto with = [](auto change) {
    v1::Action action = submit({create_fund("study")});
    change(*action.mutable_submit());
    return action;
  };
  struct Case {
    const char* name;
    v1::Action action;
    const char* error;
  };
  const Case cases[] = {
      {"an unknown action", submit({v1::Action{}}), "ActionInvalid"},
      {"a member's action", submit({transfer(zed, 1)}), "ActionNotAllowed"},
      {"a proposal in a proposal", submit({submit({})}), "ActionNotAllowed"},
      {"a ballot", submit({vote(1, v1::CHOICE_YES)}), "ActionNotAllowed"},
      {"an action that is wrong in itself", submit({pay(1, 0, zed)}), "AmountZero"},
      {"a payee that is no account", submit({pay(1, 1, nobody)}), "PayeeUnknown"},
      {"a parameter nobody knows", submit({set_parameter("governance.magic", 0, 1)}),
       "ParameterUnknown"},
      {"a parameter that has another value",
       submit({set_parameter("governance.max_open_per_member", 3, 4)}), "StaleValue"},
      {"a parameter beyond its bounds",
       submit({set_parameter("governance.max_open_per_member", 2, 17)}), "OutOfBounds"},
      {"an unknown proposal to cancel", submit({cancel_proposal(9)}), "ProposalUnknown"},
      {"no option", with([](v1::Submit& s) { s.clear_options(); }), "OptionsInvalid"},
      {"two options", with([](v1::Submit& s) { s.add_options(); }), "OptionsInvalid"},
      {"17 actions", submit(many_funds(17)), "TooManyProposalActions"},
      {"more than 64 KiB",
       submit(std::vector(16, set_parameter(std::string(4'200, 'p'), 0, 1))), "PayloadTooLarge"},
      {"from a fund to itself", submit({move_funds(1, 1, 5)}), "SameFund"},
      {"no scheme", with([](v1::Submit& s) { s.set_scheme(v1::SCHEME_UNSPECIFIED); }),
       "SchemeNotAllowed"},
      {"a choice of one", with([](v1::Submit& s) { s.set_scheme(v1::SCHEME_CHOICE); }),
       "OptionsInvalid"},
      {"a scheme of a later release", with([](v1::Submit& s) { s.set_scheme(v1::SCHEME_RANKED); }),
       "NotYet"},
      {"a text hash of 31 bytes",
       with([](v1::Submit& s) { s.set_text_hash(std::string(31, 't')); }), "Limit"},
      {"a predecessor that does not exist", with([](v1::Submit& s) { s.add_prerequisites(7); }),
       "ProposalUnknown"},
      {"a predecessor twice", with([](v1::Submit& s) {
         s.add_prerequisites(7);
         s.add_prerequisites(7);
       }),
       "Limit"},
      {"five predecessors", with([](v1::Submit& s) {
         for (std::uint64_t id = 1; id <= 5; ++id) s.add_prerequisites(id);
       }),
       "Limit"},
      {"endorsed and paid", with([](v1::Submit& s) { s.set_by_endorsement(true); }),
       "DepositExceeds"},
  };
  for (const Case& row : cases) {
    const Applied applied = dao.as("mira").apply(row.action);
    EXPECT_EQ(applied.error(), row.error) << row.name;
    EXPECT_EQ(applied.result.events_size(), 0) << row.name;
  }
  EXPECT_EQ(governance::last_proposal_id(dao.state()), 0U);
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.as("mira").apply(submit(many_funds(16))).error(), "Ok");
  dao.end_block();
}

TEST(Submit, is_for_active_members_with_weight) {
  Dao dao;
  EXPECT_EQ(dao.as("zed").apply(submit({create_fund("study")})).error(), "NotMember");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(submit({create_fund("study")})).error(), "NotMember");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), bit(Role::Patient))).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(submit({create_fund("study")})).error(), "NotMember");
  dao.end_block();
  dao.pass_ms(14 * kSecond);
  EXPECT_EQ(dao.as("zed").apply(submit({create_fund("study")})).error(), "Ok");
}

TEST(Submit, of_nothing_is_a_resolution_that_executes_as_done) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {});
  pass_vote(dao, id);
  pass_to(dao, proposal(dao, id).eta_ms());
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
}

TEST(Submit, takes_the_strictest_track_of_its_actions) {
  // G-6.5 to G-6.7: nothing strict hides in a batch; 50,000 tokens are the cap of *spend*.
  struct Case {
    const char* name;
    std::vector<v1::Action> frozen;
    std::uint32_t lead;
  };
  Dao dao;
  const AccountId zed = dao.account("zed");
  const std::uint64_t cap = 50'000 * kToken;
  const Case cases[] = {
      {"an office", {grant_office(zed, Role::Treasurer, kSecond)}, 2},
      {"exactly the cap", {pay(1, cap, zed)}, 3},
      {"one over the cap", {pay(1, cap + 1, zed)}, 4},
      {"two payments, together one over the cap", {pay(1, cap, zed), pay(1, 1, zed)}, 4},
      {"a payment and a move, together one over", {pay(1, cap, zed), move_funds(1, 2, 1)}, 4},
      {"one over the cap of large", {pay(1, 1'000'000 * kToken + 1, zed)}, 8},
      {"a parameter of the network", {set_parameter("validators.per_operator_max", 1, 2)}, 6},
      {"an expulsion", {expel(dao.account("pavel"))}, 5},
      {"a harmless act and a parameter",
       {create_fund("study"), set_parameter("governance.slash_below_bp", 500, 400)},
       8},
  };
  for (const Case& row : cases) {
    Dao fresh;
    ASSERT_EQ(fresh.as("mira").apply(submit_by_endorsement(row.frozen)).error(), "Ok") << row.name;
    EXPECT_EQ(proposal(fresh, 1).lead(), row.lead) << row.name;
    fresh.end_block();
  }
}

TEST(FirstDeposit, is_at_least_its_share_and_at_most_all) {
  struct Case {
    const char* name;
    std::uint64_t deposit;
    const char* error;
    const char* state;
  };
  // G-7.3: ceil(20 tokens * 25 %).
  constexpr std::uint64_t kLeast = 5 * kToken;
  const Case cases[] = {{"nothing", 0, "DepositTooSmall", "UNSPECIFIED"},
                        {"one under", kLeast - 1, "DepositTooSmall", "UNSPECIFIED"},
                        {"exactly", kLeast, "Ok", "SUBMITTED"},
                        {"one under all", kStandardDeposit - 1, "Ok", "SUBMITTED"},
                        {"all", kStandardDeposit, "Ok", "NOTICE"},
                        {"one over all", kStandardDeposit + 1, "DepositExceeds", "UNSPECIFIED"}};
  for (const Case& row : cases) {
    Dao dao;
    const std::uint64_t before = dao.tokens("mira");
    EXPECT_EQ(dao.as("mira").apply(submit({create_fund("study")}, row.deposit)).error(), row.error)
        << row.name;
    EXPECT_EQ(state_of(dao, 1), row.state) << row.name;
    EXPECT_EQ(dao.tokens("mira"), row.error == std::string{"Ok"} ? before - row.deposit : before);
    dao.end_block();
  }
}

TEST(FirstDeposit, is_money_that_the_proposer_has) {
  Dao dao;
  EXPECT_EQ(dao.as("pavel").apply(submit({create_fund("study")})).error(), "InsufficientFunds");
  EXPECT_EQ(dao.as("pavel").apply(submit_by_endorsement({create_fund("study")})).error(), "Ok");
  dao.end_block();
}

TEST(TopUp, is_at_least_its_share_or_completes_the_sum) {
  struct Case {
    const char* name;
    std::uint64_t first;
    std::uint64_t amount;
    const char* error;
    const char* state;
  };
  // G-7.3: 1 % of 20 tokens.
  constexpr std::uint64_t kLeast = kToken / 5;
  constexpr std::uint64_t kFirst = 5 * kToken;
  constexpr std::uint64_t kMissing = kStandardDeposit - kFirst;
  const Case cases[] = {
      {"nothing", kFirst, 0, "AmountZero", "SUBMITTED"},
      {"one under", kFirst, kLeast - 1, "TopUpTooSmall", "SUBMITTED"},
      {"exactly", kFirst, kLeast, "Ok", "SUBMITTED"},
      {"all that is missing", kFirst, kMissing, "Ok", "NOTICE"},
      {"one over what is missing", kFirst, kMissing + 1, "DepositExceeds", "SUBMITTED"},
      {"little, but all that is missing", kStandardDeposit - 1, 1, "Ok", "NOTICE"},
  };
  for (const Case& row : cases) {
    Dao dao;
    ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")}, row.first)).error(), "Ok");
    EXPECT_EQ(dao.as("noor").apply(top_up(1, row.amount)).error(), row.error) << row.name;
    EXPECT_EQ(state_of(dao, 1), row.state) << row.name;
    dao.end_block();
  }
}

TEST(TopUp, comes_from_at_most_32_members) {
  std::vector<Person> people = everybody();
  for (int i = 0; i < 33; ++i) {
    people.push_back({"donor" + std::to_string(i), bit(Role::Patient), 0, 10});
  }
  Dao dao(a_document(people), people);
  ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")}, 5 * kToken)).error(), "Ok");
  constexpr std::uint64_t kLeast = kToken / 5;
  for (int i = 0; i < 31; ++i) {
    ASSERT_EQ(dao.apply("donor" + std::to_string(i), top_up(1, kLeast)).error(), "Ok") << i;
  }
  EXPECT_EQ(dao.as("donor31").apply(top_up(1, kLeast)).error(), "TooManyDepositors");
  // One of the 32 may add to his own, and complete it.
  EXPECT_EQ(dao.as("donor30").apply(top_up(1, kLeast)).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).deposits_size(), 32);
  EXPECT_EQ(dao.as("mira").apply(top_up(1, 15 * kToken - 32 * kLeast)).error(), "Ok");
  EXPECT_EQ(state_of(dao, 1), "NOTICE");
  dao.end_block();
}

TEST(Endorse, starts_a_proposal_when_enough_do) {
  Dao dao;
  ASSERT_EQ(dao.as("pavel").apply(submit_by_endorsement({create_fund("study")})).error(), "Ok");
  EXPECT_EQ(dao.as("pavel").apply(endorse(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("zed").apply(endorse(1)).error(), "NotMember");
  EXPECT_EQ(dao.as("mira").apply(endorse(2)).error(), "ProposalUnknown");
  EXPECT_EQ(dao.as("mira").apply(endorse(1)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(endorse(1)).error(), "AlreadyEndorsed");
  // G-8.17: one of two is not enough; two are.
  EXPECT_EQ(state_of(dao, 1), "SUBMITTED");
  EXPECT_EQ(dao.as("chen").apply(endorse(1)).error(), "Ok");
  EXPECT_EQ(state_of(dao, 1), "NOTICE");
  EXPECT_EQ(dao.as("ada").apply(endorse(1)).error(), "TooLate");
  dao.end_block();
}

TEST(Cancel, is_for_the_proposer_before_voting_and_costs_the_fee) {
  Dao dao;
  const std::uint64_t before = dao.tokens("mira");
  ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")})).error(), "Ok");
  EXPECT_EQ(dao.as("noor").apply(cancel(1)).error(), "NotProposer");
  EXPECT_EQ(dao.as("mira").apply(cancel(1)).error(), "Ok");
  EXPECT_EQ(state_of(dao, 1), "CANCELLED");
  EXPECT_EQ(dao.tokens("mira"), before - 2 * kToken);
  EXPECT_EQ(dao.as("mira").apply(cancel(1)).error(), "TooLate");
  dao.end_block();
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  EXPECT_EQ(dao.as("mira").apply(cancel(id)).error(), "TooLate");
}

TEST(Duplicates, are_refused_while_one_is_open_and_for_a_while_after_its_defeat) {
  auto document = a_document();
  v1::Parameter& bar = *document.add_parameters();
  bar.set_name("governance.resubmit_bar");
  bar.set_value(300 * kSecond);
  Dao dao(document);
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  v1::Action reworded = submit({create_fund("study")});
  reworded.mutable_submit()->set_text_hash(std::string(32, 'u'));
  // A reworded copy is still a copy (section 7, Record).
  EXPECT_EQ(dao.as("noor").apply(reworded).error(), "DuplicateOpen");
  pass_to(dao, proposal(dao, id).phase_until_ms());
  ASSERT_EQ(state_of(dao, id), "REJECTED");
  const std::uint64_t ended = dao.now_ms();
  advance_to(dao, ended + 300 * kSecond - 1);
  EXPECT_EQ(dao.as("noor").apply(submit({create_fund("study")}, 40 * kToken)).error(),
            "DuplicateRecent");
  dao.advance_ms(1);
  // G-7.2: a payload that failed once costs twice as much.
  EXPECT_EQ(dao.as("noor").apply(submit({create_fund("study")}, 40 * kToken + 1)).error(),
            "DepositExceeds");
  EXPECT_EQ(dao.as("noor").apply(submit({create_fund("study")}, 40 * kToken)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id + 1), "NOTICE");
  EXPECT_EQ(proposal(dao, id + 1).endorsers_needed(), 4U);
  dao.end_block();
}

TEST(OpenProposals, are_limited_by_member_and_by_track) {
  auto document = a_document();
  for (v1::Track& track : *document.mutable_tracks()) {
    if (track.code() == "standard") track.set_max_open(3);
  }
  Dao dao(document);
  const auto open = [&](std::string_view name, std::string_view code) {
    return dao.apply(name, submit_by_endorsement({create_fund(code)})).error();
  };
  // G-7.12: two a member.
  EXPECT_EQ(open("mira", "a"), "Ok");
  EXPECT_EQ(open("mira", "b"), "Ok");
  EXPECT_EQ(open("mira", "c"), "TooManyOpen");
  EXPECT_EQ(open("noor", "c"), "Ok");
  EXPECT_EQ(open("noor", "d"), "TrackFull");
  // Another track is not concerned.
  EXPECT_EQ(dao.as("noor").apply(submit_by_endorsement({pay(1, 1, dao.account("zed"))})).error(),
            "Ok");
  EXPECT_EQ(dao.as("mira").apply(cancel(1)).error(), "Ok");
  EXPECT_EQ(open("mira", "d"), "Ok");
  dao.end_block();
}

TEST(Interested, are_at_most_32) {
  // Two batches of distinct payees: 16 actions fit in an option, so 32 cannot be passed by payees
  // alone; conflicts that members declare fill the list (G-7.10).
  std::vector<Person> people = everybody();
  for (int i = 0; i < 33; ++i) {
    people.push_back({"friend" + std::to_string(i), bit(Role::Patient), 0, 0});
  }
  Dao dao(a_document(people), people);
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  for (int i = 0; i < 32; ++i) {
    ASSERT_EQ(dao.apply("friend" + std::to_string(i), declare_conflict(id)).error(), "Ok") << i;
  }
  EXPECT_EQ(dao.as("friend32").apply(declare_conflict(id)).error(), "TooManyInterested");
  dao.end_block();
  EXPECT_EQ(tally(dao, id, kPatients).recused_members(), 32U);
}

}  // namespace
}  // namespace salus::dao::test
