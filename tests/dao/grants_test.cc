// Owns: proof that a grant pays its milestones in order, once, on the word of others than its payee
// (G-9.7, G-9.8), and that a stream pays over time from a fund (G-9.9).
#include "dao/treasury/grants.h"

#include <numeric>
#include <random>

#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/assets/schedules.h"
#include "dao/lists.h"
#include "dao/treasury/treasury.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kFund = 100'000 * kToken;
constexpr std::uint64_t kWindowMs = 100 * kSecond;

v1::Grant grant_of(const Dao& dao) { return *treasury::find_grant(dao.state(), 1); }
std::string grant_state(const Dao& dao) {
  return v1::GrantState_Name(grant_of(dao).state()).substr(std::string("GRANT_STATE_").size());
}
std::uint64_t promised(const Dao& dao) { return treasury::totals(dao.state(), 1, 0).promised(); }

Dao with_grant() {
  Dao dao;
  EXPECT_EQ(dao.apply_as_dao(award_grant(dao)), "Ok");
  EXPECT_EQ(dao.as("pavel").apply(accept_grant(1)).error(), "Ok");
  dao.end_block();
  return dao;
}

void pay_part(Dao& dao, std::uint32_t tranche) {
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, tranche)).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(approve_tranche(1, tranche)).error(), "Ok");
  ASSERT_EQ(dao.as("ada").apply(approve_tranche(1, tranche)).error(), "Ok");
}

TEST(Grant, pays_its_milestones_in_order_and_is_complete_with_the_last) {
  Dao dao = with_grant();
  EXPECT_EQ(fund_balance(dao, 1), kFund - 1'000);
  EXPECT_EQ(promised(dao), 1'000U);
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 2)).error(), "TrancheOrder");
  EXPECT_EQ(dao.as("chen").apply(approve_tranche(1, 1)).error(), "TrancheState");
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, 1)).error(), "Ok");
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 1)).error(), "TrancheState");
  ASSERT_EQ(dao.as("chen").apply(approve_tranche(1, 1)).error(), "Ok");
  EXPECT_EQ(dao.tokens("pavel"), 0U);
  const Applied paid = dao.as("ada").apply(co_sign(dao, 1));
  ASSERT_EQ(paid.error(), "Ok");
  EXPECT_TRUE(paid.told(v1::EVENT_KIND_TRANCHE_PAID));
  EXPECT_EQ(dao.tokens("pavel"), 250U);
  EXPECT_EQ(promised(dao), 750U);
  EXPECT_EQ(dao.as("zed").apply(approve_tranche(1, 1)).error(), "TrancheOrder") << "paid once";
  dao.end_block();
  pay_part(dao, 2);
  pay_part(dao, 3);
  EXPECT_EQ(dao.tokens("pavel"), 1'000U);
  EXPECT_EQ(grant_state(dao), "COMPLETED");
  EXPECT_EQ(promised(dao), 0U);
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 3)).error(), "GrantClosed");
  EXPECT_EQ(dao.as("chen").apply(approve_tranche(1, 3)).error(), "GrantClosed");
  EXPECT_EQ(dao.apply_as_dao(cancel_grant(1)), "GrantClosed");
  dao.end_block();
}

TEST(Grant, waits_for_its_payee_and_lapses) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(award_grant(dao)), "Ok");
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 1)).error(), "GrantClosed");
  EXPECT_EQ(dao.as("mira").apply(accept_grant(1)).error(), "NotPayee");
  EXPECT_EQ(dao.as("pavel").apply(accept_grant(2)).error(), "GrantUnknown");
  dao.end_block();
  dao.pass_ms(kWindowMs - 1);
  EXPECT_EQ(grant_state(dao), "PENDING");
  dao.advance_ms(1);
  EXPECT_EQ(dao.as("pavel").apply(accept_grant(1)).error(), "GrantClosed") << "G-8.19";
  dao.end_block();
  EXPECT_EQ(grant_state(dao), "LAPSED");
  EXPECT_EQ(fund_balance(dao, 1), kFund);
  EXPECT_EQ(promised(dao), 0U);
}

TEST(Grant, is_reviewed_by_its_reviewers_on_what_they_saw) {
  Dao dao = with_grant();
  EXPECT_EQ(dao.as("mira").apply(claim_tranche(1, 1)).error(), "NotPayee");
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(2, 1)).error(), "GrantUnknown");
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 0)).error(), "TrancheOrder");
  EXPECT_EQ(dao.as("pavel").apply(claim_tranche(1, 17)).error(), "TrancheOrder");
  v1::Action short_hash = claim_tranche(1, 1);
  short_hash.mutable_claim_tranche()->set_deliverable_hash("short");
  EXPECT_EQ(dao.as("pavel").apply(short_hash).error(), "Limit");
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, 1, 'a')).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(approve_tranche(1, 1, 'a')).error(), "NotReviewer");
  EXPECT_EQ(dao.as("pavel").apply(approve_tranche(1, 1, 'a')).error(), "NotReviewer");
  EXPECT_EQ(dao.as("chen").apply(approve_tranche(2, 1, 'a')).error(), "GrantUnknown");
  EXPECT_EQ(dao.as("chen").apply(approve_tranche(1, 1, 'b')).error(), "ContentMismatch");
  ASSERT_EQ(dao.as("chen").apply(approve_tranche(1, 1, 'a')).error(), "Ok");
  // Two send it back: chen's approval dies with the deliverable.
  ASSERT_EQ(dao.as("ada").apply(return_tranche(1, 1, 'a')).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(return_tranche(1, 1, 'a')).error(), "Ok");
  EXPECT_EQ(acts::find_act(dao.state(), 1)->state(), v1::ACT_STATE_WITHDRAWN);
  EXPECT_EQ(grant_of(dao).tranches(0).state(), v1::TRANCHE_STATE_OPEN);
  EXPECT_EQ(dao.as("ada").apply(return_tranche(1, 1, 'a')).error(), "TrancheState");
  dao.end_block();
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, 1, 'b')).error(), "Ok");
  ASSERT_EQ(dao.as("ada").apply(approve_tranche(1, 1, 'b')).error(), "Ok");
  EXPECT_EQ(dao.tokens("pavel"), 0U) << "one of two";
  ASSERT_EQ(dao.as("zed").apply(approve_tranche(1, 1, 'b')).error(), "Ok");
  EXPECT_EQ(dao.tokens("pavel"), 250U);
  dao.end_block();
}

TEST(Grant, is_cancelled_by_the_dao_with_its_open_acts) {
  Dao dao = with_grant();
  pay_part(dao, 1);
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, 2)).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(approve_tranche(1, 2)).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(cancel_grant(1)), "Ok");
  EXPECT_EQ(grant_state(dao), "CANCELLED");
  EXPECT_EQ(acts::find_act(dao.state(), 2)->state(), v1::ACT_STATE_WITHDRAWN);
  EXPECT_EQ(dao.as("ada").apply(co_sign(dao, 2)).error(), "ActClosed");
  EXPECT_EQ(fund_balance(dao, 1), kFund - 250);
  EXPECT_EQ(dao.apply_as_dao(cancel_grant(1)), "GrantClosed");
  EXPECT_EQ(dao.apply_as_dao(cancel_grant(2)), "GrantUnknown");
  EXPECT_EQ(accounts::find_account(dao.state(), dao.account("pavel"))->obligations(), 0U);
  dao.end_block();
}

TEST(Grant, left_alone_for_90_days_is_ended_by_two_treasurers) {
  Dao dao = with_grant();
  for (const char* name : {"mira", "hope", "pavel"}) {
    ASSERT_EQ(dao.apply_as_dao(grant_office(dao.account(name), membership::Role::Treasurer,
                                            300 * membership::kDayMs)),
              "Ok");
  }
  pay_part(dao, 1);
  const std::uint64_t due = grant_of(dao).tranches(1).due_ms();
  EXPECT_EQ(dao.as("ada").apply(cancel_grant(1)).error(), "NotAuthorized");
  pass_to(dao, due + 90 * membership::kDayMs - 1);
  EXPECT_EQ(dao.as("mira").apply(cancel_grant(1)).error(), "GrantNotOverdue");
  dao.pass_ms(1);
  EXPECT_EQ(dao.as("pavel").apply(cancel_grant(1)).error(), "SignerConflicted");
  ASSERT_EQ(dao.as("mira").apply(cancel_grant(1)).error(), "Ok");
  // He wakes up: what was signed against his silence is void.
  ASSERT_EQ(dao.as("pavel").apply(claim_tranche(1, 2)).error(), "Ok");
  EXPECT_EQ(dao.as("hope").apply(cancel_grant(1)).error(), "GrantNotOverdue");
  EXPECT_EQ(grant_state(dao), "ACTIVE");
  ASSERT_EQ(dao.as("ada").apply(return_tranche(1, 2)).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(return_tranche(1, 2)).error(), "Ok");
  ASSERT_EQ(dao.as("hope").apply(cancel_grant(1)).error(), "Ok");
  EXPECT_EQ(grant_state(dao), "ACTIVE") << "mira has to look again";
  ASSERT_EQ(dao.as("mira").apply(cancel_grant(1)).error(), "Ok");
  EXPECT_EQ(grant_state(dao), "CANCELLED");
  EXPECT_EQ(fund_balance(dao, 1), kFund - 250);
  dao.end_block();
}

TEST(Grant, whose_terms_do_not_fit_is_refused) {
  Dao dao;
  const std::string zed = dao.account("zed").to_string();
  const std::string pavel = dao.account("pavel").to_string();
  struct Case {
    const char* name;
    std::function<void(v1::AwardGrant&)> change;
    const char* error;
  };
  const Case cases[] = {
      {"nothing", [](v1::AwardGrant& g) { g.set_total(0); }, "AmountZero"},
      {"not whole", [](v1::AwardGrant& g) { g.mutable_tranches(0)->set_bp(2'499); },
       "TranchesNotWhole"},
      {"a part of nothing",
       [](v1::AwardGrant& g) {
         g.mutable_tranches(0)->set_bp(0);
         g.mutable_tranches(1)->set_bp(5'000);
       },
       "TranchesNotWhole"},
      {"no parts", [](v1::AwardGrant& g) { g.clear_tranches(); }, "TranchesNotWhole"},
      {"times fall", [](v1::AwardGrant& g) { g.mutable_tranches(2)->set_due_ms(1); },
       "TrancheOrder"},
      {"no reviewer", [](v1::AwardGrant& g) { g.clear_reviewers(); }, "NotReviewer"},
      {"nobody must sign", [](v1::AwardGrant& g) { g.set_needed(0); }, "NotReviewer"},
      {"more than there are", [](v1::AwardGrant& g) { g.set_needed(4); }, "NotReviewer"},
      {"a reviewer twice", [](v1::AwardGrant& g) { g.add_reviewers(g.reviewers(2)); },
       "NotReviewer"},
      {"a reviewer who does not exist",
       [](v1::AwardGrant& g) { g.add_reviewers(std::string(32, '\xff')); }, "NotReviewer"},
      {"a reviewer without an id", [](v1::AwardGrant& g) { g.set_reviewers(0, "short"); }, "Limit"},
      {"the payee reviews",
       [&](v1::AwardGrant& g) {
         g.clear_reviewers();
         g.add_reviewers(pavel);
         g.set_needed(1);
       },
       "ReviewerConflicted"},
      {"no payee", [](v1::AwardGrant& g) { g.set_payee("short"); }, "PayeeUnknown"},
      {"a payee who does not exist",
       [](v1::AwardGrant& g) { g.set_payee(std::string(32, '\xff')); }, "PayeeUnknown"},
      {"no fund", [](v1::AwardGrant& g) { g.set_fund(9); }, "FundUnknown"},
      {"no asset", [](v1::AwardGrant& g) { g.set_asset(9); }, "AssetUnknown"},
      {"members only",
       [&](v1::AwardGrant& g) {
         g.set_asset(7);
         g.set_payee(zed);
         g.mutable_reviewers()->RemoveLast();
         g.set_needed(1);
         g.clear_reviewers();
         g.add_reviewers(pavel);
       },
       "MembersOnly"},
      {"an empty fund", [](v1::AwardGrant& g) { g.set_fund(2); }, "FundShort"},
      {"one over the fund", [](v1::AwardGrant& g) { g.set_total(kFund + 1); }, "FundShort"},
      {"no budget", [](v1::AwardGrant& g) { g.set_budget(1); }, "BudgetUnknown"},
      {"the whole fund", [](v1::AwardGrant& g) { g.set_total(kFund); }, "Ok"},
  };
  for (const Case& row : cases) {
    v1::Action action = award_grant(dao);
    row.change(*action.mutable_award_grant());
    EXPECT_EQ(dao.apply_as_dao(action), row.error) << row.name;
  }
  EXPECT_EQ(dao.as("mira").apply(award_grant(dao)).error(), "NotAuthorized");
  dao.end_block();
}

TEST(Grant, is_charged_to_the_budget_it_names_and_credited_when_it_lapses_in_time) {
  Dao dao;
  v1::Action budget = set_budget(dao);
  budget.mutable_set_budget()->set_cap(1'500);
  budget.mutable_set_budget()->set_per_payment(1'000);
  budget.mutable_set_budget()->set_period_ms(200 * kSecond);
  budget.mutable_set_budget()->set_length_ms(200 * kSecond);
  ASSERT_EQ(dao.apply_as_dao(budget), "Ok");
  v1::Action award = award_grant(dao);
  award.mutable_award_grant()->set_budget(1);
  v1::Action other_fund = award;
  other_fund.mutable_award_grant()->set_fund(2);
  ASSERT_EQ(dao.as("hope").apply(donate(2, 1'000)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(other_fund), "BudgetInvalid");
  ASSERT_EQ(dao.apply_as_dao(award), "Ok");
  EXPECT_EQ(dao.apply_as_dao(award), "BudgetExceeded");
  EXPECT_EQ(treasury::find_budget(dao.state(), 1)->spent(), 1'000U);
  dao.end_block();
  dao.pass_ms(kWindowMs);
  EXPECT_EQ(grant_state(dao), "LAPSED");
  EXPECT_EQ(treasury::find_budget(dao.state(), 1)->spent(), 0U);
}

TEST(Tranches, add_up_to_the_total_for_any_split) {
  // G-9.7.
  std::mt19937_64 random(20'160'617);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<std::uint32_t> bps;
    std::uint32_t left = treasury::kWholeBp;
    while (left > 0 && bps.size() < 15) {
      bps.push_back(1 + static_cast<std::uint32_t>(random() % left));
      left -= bps.back();
    }
    if (left > 0) bps.push_back(left);
    ASSERT_TRUE(treasury::check_tranches(bps).has_value());
    const std::uint64_t total = i % 2 == 0 ? random() % 100 : random();
    const auto amounts = treasury::tranche_amounts(total, bps);
    EXPECT_EQ(std::accumulate(amounts.begin(), amounts.end(), std::uint64_t{0}), total);
  }
}

TEST(Grant, part_of_nothing_is_paid_with_nothing) {
  Dao dao;
  v1::Action award = award_grant(dao);
  award.mutable_award_grant()->set_total(1);
  ASSERT_EQ(dao.apply_as_dao(award), "Ok");
  ASSERT_EQ(dao.as("pavel").apply(accept_grant(1)).error(), "Ok");
  pay_part(dao, 1);
  EXPECT_EQ(grant_of(dao).tranches(0).state(), v1::TRANCHE_STATE_PAID);
  EXPECT_EQ(dao.tokens("pavel"), 0U);
  pay_part(dao, 2);
  pay_part(dao, 3);
  EXPECT_EQ(dao.tokens("pavel"), 1U);
  EXPECT_EQ(grant_state(dao), "COMPLETED");
  dao.end_block();
}

const std::vector<Point> kLine{{0, 0}, {100 * kSecond, 100}};

TEST(Stream, pays_over_time_from_its_fund) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(open_stream(dao.account("pavel"), kLine)), "Ok");
  EXPECT_EQ(fund_balance(dao, 1), kFund - 100);
  EXPECT_EQ(promised(dao), 100U);
  ASSERT_EQ(dao.as("pavel").apply(accept_schedule(1)).error(), "Ok");
  dao.pass_ms(40 * kSecond);
  ASSERT_EQ(dao.as("pavel").apply(claim_schedule(1, 30)).error(), "Ok");
  EXPECT_EQ(promised(dao), 70U);
  // The fund's schedule is cancelled by its own action, which keeps the books.
  EXPECT_EQ(dao.apply_as_dao(cancel_schedule(1)), "NotCancellable");
  EXPECT_EQ(dao.as("mira").apply(cancel_stream(1)).error(), "NotAuthorized") << "no budget";
  EXPECT_EQ(dao.apply_as_dao(cancel_stream(2)), "ScheduleUnknown");
  ASSERT_EQ(dao.apply_as_dao(cancel_stream(1)), "Ok");
  EXPECT_EQ(dao.tokens("pavel"), 40U) << "what is due is paid first";
  EXPECT_EQ(fund_balance(dao, 1), kFund - 40);
  EXPECT_EQ(promised(dao), 0U);
  EXPECT_EQ(dao.apply_as_dao(cancel_stream(1)), "ScheduleClosed");
  dao.end_block();
  EXPECT_EQ(streams(dao.state(), 0, 10).size(), 1U);
}

TEST(Stream, that_nobody_accepts_returns_to_fund_and_budget) {
  Dao dao;
  v1::Action budget = set_budget(dao);
  budget.mutable_set_budget()->set_per_payment(100);
  budget.mutable_set_budget()->set_period_ms(200 * kSecond);
  budget.mutable_set_budget()->set_length_ms(200 * kSecond);
  ASSERT_EQ(dao.apply_as_dao(budget), "Ok");
  ASSERT_EQ(dao.apply_as_dao(open_stream(dao.account("pavel"), kLine, 1)), "Ok");
  EXPECT_EQ(treasury::find_budget(dao.state(), 1)->spent(), 100U);
  EXPECT_EQ(dao.apply_as_dao(open_stream(dao.account("pavel"), kLine, 1)), "BudgetExceeded");
  EXPECT_EQ(dao.apply_as_dao(open_stream(dao.account("pavel"), kLine, 2)), "BudgetUnknown");
  dao.end_block();
  dao.pass_ms(kWindowMs);
  EXPECT_EQ(assets::find_schedule(dao.state(), 1)->state(), v1::SCHEDULE_STATE_LAPSED);
  EXPECT_EQ(fund_balance(dao, 1), kFund);
  EXPECT_EQ(promised(dao), 0U);
  EXPECT_EQ(treasury::find_budget(dao.state(), 1)->spent(), 0U);
}

TEST(Stream, of_a_budget_is_cancelled_by_its_holders_together) {
  Dao dao;
  v1::Action budget = set_budget(dao);
  budget.mutable_set_budget()->set_per_payment(100);
  ASSERT_EQ(dao.apply_as_dao(budget), "Ok");
  ASSERT_EQ(dao.apply_as_dao(open_stream(dao.account("pavel"), kLine, 1)), "Ok");
  ASSERT_EQ(dao.as("pavel").apply(accept_schedule(1)).error(), "Ok");
  dao.pass_ms(50 * kSecond);
  EXPECT_EQ(dao.as("chen").apply(cancel_stream(1)).error(), "NotHolder");
  ASSERT_EQ(dao.as("mira").apply(cancel_stream(1)).error(), "Ok");
  EXPECT_EQ(assets::find_schedule(dao.state(), 1)->state(), v1::SCHEDULE_STATE_RUNNING);
  ASSERT_EQ(dao.as("noor").apply(co_sign(dao, 1)).error(), "Ok");
  EXPECT_EQ(assets::find_schedule(dao.state(), 1)->state(), v1::SCHEDULE_STATE_CANCELLED);
  EXPECT_EQ(dao.tokens("pavel"), 50U);
  dao.end_block();
}

TEST(Stream, is_refused_where_the_fund_or_the_payee_does_not_serve) {
  Dao dao;
  const AccountId pavel = dao.account("pavel");
  v1::Action no_fund = open_stream(pavel, kLine);
  no_fund.mutable_open_stream()->set_fund(9);
  v1::Action empty = open_stream(pavel, kLine);
  empty.mutable_open_stream()->set_fund(2);
  v1::Action short_payee = open_stream(pavel, kLine);
  short_payee.mutable_open_stream()->set_payee("short");
  EXPECT_EQ(dao.apply_as_dao(no_fund), "FundUnknown");
  EXPECT_EQ(dao.apply_as_dao(empty), "FundShort");
  EXPECT_EQ(dao.apply_as_dao(short_payee), "PayeeUnknown");
  EXPECT_EQ(dao.apply_as_dao(open_stream(AccountId{}, kLine)), "PayeeUnknown");
  EXPECT_EQ(dao.apply_as_dao(open_stream(pavel, {{5, 0}, {5, 1}})), "PointsUnordered");
  EXPECT_EQ(dao.as("mira").apply(open_stream(pavel, kLine)).error(), "NotAuthorized");
  dao.end_block();
}

}  // namespace
}  // namespace salus::dao::test
