// Owns: what the reads of recoveries, schedules, budgets, grants and books answer, each proven.
#include "rpc/a_dao_node.h"

namespace salus::rpc {
namespace {

TEST_F(Decided, a_recovery_plan_is_found_from_both_ends) {
  v1::GetRecoveryRequest request;
  request.set_account(person("mira"));
  const auto plan = proven(request);
  ASSERT_TRUE(plan.has_plan());
  EXPECT_EQ(plan.plan().needed(), 1U);
  EXPECT_EQ(plan.open_guardians(), 1U);
  EXPECT_FALSE(plan.has_recovery());
  v1::ListGuardedRequest guarded;
  guarded.set_guardian(person("noor"));
  const auto accounts = proven(guarded);
  ASSERT_EQ(accounts.accounts_size(), 1);
  EXPECT_EQ(accounts.accounts(0), person("mira"));
  request.set_account(person("noor"));
  EXPECT_FALSE(proven(request).has_plan());
  request.set_account(std::string(32, 'x'));
  EXPECT_EQ(refused(request), "AccountUnknown");
}

TEST_F(Decided, schedules_say_what_is_due) {
  v1::ListSchedulesRequest of_noor;
  of_noor.set_account(person("noor"));
  const auto schedules = proven(of_noor);
  ASSERT_EQ(schedules.schedules_size(), 1);
  const v1::ScheduleInfo& info = schedules.schedules(0);
  EXPECT_EQ(info.schedule().state(), v1::SCHEDULE_STATE_PENDING);
  EXPECT_EQ(info.claimable(), 0U);
  EXPECT_FALSE(info.has_stream());
  v1::GetVestedRequest vested;
  vested.set_schedule(info.schedule().id());
  vested.set_at_ms(kGenesisMs + 500 * kSecond);
  EXPECT_EQ(proven(vested).vested(), 5 * kToken);
  vested.set_at_ms(kGenesisMs);
  EXPECT_EQ(proven(vested).vested(), 0U);
  vested.set_at_ms(kGenesisMs + 1'000 * kSecond);
  EXPECT_EQ(proven(vested).vested(), 10 * kToken);
  vested.set_schedule(99);
  EXPECT_EQ(refused(vested), "ScheduleUnknown");
  v1::GetScheduleRequest stream;
  stream.set_schedule(1);
  const auto paid = proven(stream);
  EXPECT_EQ(paid.schedule().stream().fund(), 1U);
  EXPECT_EQ(paid.schedule().schedule().state(), v1::SCHEDULE_STATE_RUNNING);
  EXPECT_GT(paid.schedule().claimable(), 0U);
  EXPECT_EQ(paid.schedule().claimable(), paid.schedule().vested());
  stream.set_schedule(99);
  EXPECT_EQ(refused(stream), "ScheduleUnknown");
}

TEST_F(Decided, streams_are_listed_by_fund) {
  v1::ListStreamsRequest request;
  EXPECT_EQ(proven(request).streams_size(), 1);
  request.set_fund(2);
  EXPECT_EQ(proven(request).streams_size(), 0);
}

TEST_F(Decided, who_staked_nothing_has_no_stake) {
  v1::GetStakeRequest request;
  request.set_account(person("mira"));
  const auto stake = proven(request);
  EXPECT_FALSE(stake.has_stake());
  EXPECT_EQ(stake.staked(), 0U);
}

TEST_F(Decided, a_budget_says_what_is_left_and_what_it_paid) {
  v1::GetBudgetRequest request;
  request.set_budget(1);
  const auto budget = proven(request);
  EXPECT_TRUE(budget.budget().open());
  EXPECT_EQ(budget.budget().left(), 60 * kToken);
  EXPECT_LE(budget.budget().period_from_ms(), budget.now_ms());
  EXPECT_LT(budget.now_ms(), budget.budget().period_until_ms());
  EXPECT_EQ(proven(v1::ListBudgetsRequest{}).budgets_size(), 1);
  v1::ListBudgetsRequest other;
  other.set_fund(2);
  EXPECT_EQ(proven(other).budgets_size(), 0);
  v1::BudgetUseRequest use;
  use.set_budget(1);
  const auto used = proven(use);
  ASSERT_EQ(used.payouts_size(), 1);
  EXPECT_EQ(used.payouts(0).payee(), person("noor"));
  EXPECT_EQ(used.payouts(0).category(), 7U);
  EXPECT_EQ(used.grants_size(), 0);
  request.set_budget(99);
  EXPECT_EQ(refused(request), "BudgetUnknown");
  use.set_budget(99);
  EXPECT_EQ(refused(use), "BudgetUnknown");
}

TEST_F(Decided, a_payment_says_who_decided_it) {
  v1::WhyPaidRequest request;
  request.set_payout(1);
  const auto why = proven(request);
  EXPECT_EQ(why.budget().id(), 1U);
  EXPECT_GE(why.sentences_size(), 2);
  request.set_payout(99);
  EXPECT_EQ(refused(request), "PayoutUnknown");
}

TEST_F(Decided, a_grant_shows_its_milestones) {
  v1::GetGrantRequest request;
  request.set_grant(1);
  const auto grant = proven(request).grant();
  EXPECT_EQ(grant.grant().state(), v1::GRANT_STATE_ACTIVE);
  ASSERT_EQ(grant.amounts_size(), 2);
  EXPECT_EQ(grant.amounts(0), 120 * kToken);
  EXPECT_EQ(grant.amounts(1), 180 * kToken);
  EXPECT_EQ(grant.paid(), 120 * kToken);
  EXPECT_EQ(grant.next_tranche(), 2U);
  v1::ListGrantsRequest of;
  for (const char* name : {"ada", "chen"}) {
    of.set_account(person(name));
    EXPECT_EQ(proven(of).grants_size(), 1) << name;
  }
  of.set_account(person("mira"));
  EXPECT_EQ(proven(of).grants_size(), 0);
  of.clear_account();
  of.set_state(v1::GRANT_STATE_COMPLETED);
  EXPECT_EQ(proven(of).grants_size(), 0);
  request.set_grant(99);
  EXPECT_EQ(refused(request), "GrantUnknown");
}

TEST_F(Decided, a_ledger_adds_up_to_the_balance_whatever_the_page) {
  v1::FundLedgerRequest request;
  request.set_fund(1);
  for (const std::uint32_t size : {1U, 2U, 200U}) {
    request.set_page_size(size);
    request.clear_page_token();
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t lines = 0;
    v1::FundLedgerResponse page;
    do {
      page = proven(request);
      for (const v1::FundEntry& entry : page.entries()) {
        in += entry.in();
        out += entry.out();
        EXPECT_EQ(entry.number(), ++lines);
        EXPECT_EQ(in - out, entry.balance());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && lines < 100);
    EXPECT_EQ(in - out, page.balance()) << size;
    EXPECT_EQ(lines, page.totals().entries()) << size;
  }
  request.set_fund(99);
  request.clear_page_token();
  EXPECT_EQ(refused(request), "FundUnknown");
}

TEST_F(Decided, a_ledger_of_a_time_has_its_lines_only) {
  v1::FundLedgerRequest request;
  request.set_fund(1);
  request.set_until_ms(kGenesisMs + 1);
  const auto first = proven(request);
  ASSERT_EQ(first.entries_size(), 1);
  EXPECT_EQ(first.entries(0).kind(), v1::FUND_ENTRY_KIND_GENESIS);
  request.set_from_ms(kGenesisMs + 1);
  EXPECT_EQ(proven(request).entries_size(), 0);
}

TEST_F(Decided, categories_add_up_to_the_ledger) {
  v1::CategoryTotalsRequest request;
  request.set_fund(1);
  const auto totals = proven(request);
  EXPECT_TRUE(totals.whole());
  std::uint64_t spent = 0;
  std::uint64_t entries = 0;
  for (const v1::CategoryTotal& total : totals.totals()) {
    if (total.category() == 7) spent = total.out();
    entries += total.entries();
  }
  EXPECT_EQ(spent, 40 * kToken);
  v1::FundLedgerRequest ledger;
  ledger.set_fund(1);
  EXPECT_EQ(entries, proven(ledger).totals().entries());
  request.set_fund(99);
  EXPECT_EQ(refused(request), "FundUnknown");
}

TEST_F(Decided, a_forecast_holds_what_is_promised_and_what_is_permitted) {
  v1::ForecastRequest request;
  request.set_days(1);
  const auto forecast = proven(request);
  EXPECT_TRUE(forecast.whole());
  const v1::ForecastLine* general = nullptr;
  for (const v1::ForecastLine& line : forecast.lines()) {
    if (line.fund() == 1 && line.asset() == 0) general = &line;
  }
  ASSERT_NE(general, nullptr);
  EXPECT_EQ(general->tranches(), 180 * kToken);
  // 280 tokens lie in escrows: the second tranche, and the stream.
  EXPECT_EQ(general->promised(), 280 * kToken);
  EXPECT_GT(general->streams(), 0U);
  EXPECT_LE(general->streams(), 100 * kToken);
  // 60 are left of this period; the budget ends 10,000 s after it was set, 9 periods later.
  EXPECT_EQ(general->budgets(), (60 + 9 * 100) * kToken);
  EXPECT_EQ(general->free_then(), general->free() - general->budgets());
  request.set_days(366);
  EXPECT_EQ(refused(request), "ArgumentInvalid");
}

TEST_F(Decided, funds_show_everything_that_is_promised) {
  v1::GetFundRequest request;
  request.set_fund(1);
  const auto fund = proven(request);
  ASSERT_FALSE(fund.fund().holdings().empty());
  EXPECT_EQ(fund.fund().holdings(0).escrowed(), 280 * kToken);
}

}  // namespace
}  // namespace salus::rpc
