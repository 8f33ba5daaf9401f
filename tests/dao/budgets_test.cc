// Owns: proof that a budget allows exactly its cap, its payment, its payees and its time, to
// exactly its holders (G-9.6, G-8.16, G-1.10).
#include "dao/treasury/budgets.h"

#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/treasury/payouts.h"

namespace salus::dao::test {
namespace {

// With the budget of a_money.h as number 1; `change` tells what a test is about.
template <typename Change>
Dao with_budget(Change change) {
  Dao dao;
  v1::Action action = set_budget(dao);
  change(*action.mutable_set_budget(), dao);
  EXPECT_EQ(dao.apply_as_dao(action), "Ok");
  return dao;
}
Dao with_budget() {
  return with_budget([](v1::SetBudget&, const Dao&) {});
}
// Spent by one signature of mira's.
Dao with_one_holder() {
  return with_budget([](v1::SetBudget& budget, const Dao&) { budget.set_needed(1); });
}

v1::Budget budget_of(const Dao& dao) { return *treasury::find_budget(dao.state(), 1); }

TEST(Budget, is_spent_by_as_many_of_its_holders_as_it_needs) {
  Dao dao = with_budget();
  const std::uint64_t before = dao.tokens("pavel");
  const v1::Action spend = spend_budget(1, 60, dao.account("pavel"));
  EXPECT_EQ(dao.as("chen").apply(spend).error(), "NotHolder");
  const Applied first = dao.as("mira").apply(spend);
  ASSERT_EQ(first.error(), "Ok");
  EXPECT_TRUE(first.told(v1::EVENT_KIND_ACT_OPENED));
  EXPECT_EQ(dao.tokens("pavel"), before) << "one of two";
  EXPECT_EQ(budget_of(dao).spent(), 0U) << "nothing is charged yet";
  EXPECT_EQ(dao.as("mira").apply(spend).error(), "AlreadySigned");
  const Applied second = dao.as("noor").apply(co_sign(dao, 1));
  ASSERT_EQ(second.error(), "Ok");
  EXPECT_TRUE(second.told(v1::EVENT_KIND_BUDGET_SPENT));
  EXPECT_TRUE(second.told(v1::EVENT_KIND_PAYOUT_PAID));
  EXPECT_EQ(dao.tokens("pavel"), before + 60);
  EXPECT_EQ(budget_of(dao).spent(), 60U);
  EXPECT_EQ(treasury::left_of(budget_of(dao), dao.now_ms()), 40U);
  const auto payout = treasury::find_payout(dao.state(), 1);
  EXPECT_EQ(payout->budget(), 1U);
  EXPECT_EQ(payout->act(), 1U);
  EXPECT_EQ(payout->category(), 4U);
  dao.end_block();

  // The same payment again is another act with another origin.
  ASSERT_EQ(dao.as("noor").apply(spend_budget(1, 40, dao.account("pavel"))).error(), "Ok");
  ASSERT_EQ(dao.as("mira").apply(spend_budget(1, 40, dao.account("pavel"))).error(), "Ok");
  EXPECT_EQ(dao.tokens("pavel"), before + 100);
  dao.end_block();
}

TEST(Budget, allows_its_limits_and_not_one_more) {
  Dao dao = with_one_holder();
  const AccountId pavel = dao.account("pavel");
  const auto spend = [&](std::uint64_t amount) {
    return dao.as("mira").apply(spend_budget(1, amount, pavel)).error();
  };
  EXPECT_EQ(spend(0), "AmountZero");
  EXPECT_EQ(spend(61), "PerPaymentExceeded");
  EXPECT_EQ(spend(101), "BudgetExceeded");
  EXPECT_EQ(spend(60), "Ok");
  EXPECT_EQ(spend(41), "BudgetExceeded");
  EXPECT_EQ(spend(40), "Ok");
  EXPECT_EQ(spend(1), "BudgetExceeded");
  EXPECT_EQ(dao.as("mira").apply(spend_budget(2, 1, pavel)).error(), "BudgetUnknown");
  EXPECT_EQ(dao.as("mira").apply(spend_budget(1, 1, AccountId{})).error(), "PayeeUnknown");
  v1::Action short_payee = spend_budget(1, 1, pavel);
  short_payee.mutable_spend_budget()->set_payee("short");
  EXPECT_EQ(dao.as("mira").apply(short_payee).error(), "PayeeUnknown");
  dao.end_block();
  // Half-open periods from `from` on (G-1.1); what was not used is gone.
  dao.pass_ms(10 * kSecond - 1);
  EXPECT_EQ(spend(1), "BudgetExceeded");
  dao.pass_ms(1);
  EXPECT_EQ(spend(60), "Ok");
  dao.pass_ms(20 * kSecond - 1);
  EXPECT_EQ(spend(60), "Ok");
  EXPECT_EQ(spend(41), "BudgetExceeded") << "an unused period adds nothing";
  // Over at `until`, even before the due work of the block.
  dao.advance_ms(1);
  EXPECT_EQ(spend(1), "BudgetClosed");
  dao.end_block();
  EXPECT_EQ(budget_of(dao).state(), v1::BUDGET_STATE_ENDED);
}

TEST(Budget, pays_active_members_or_whom_it_lists) {
  Dao dao = with_one_holder();
  EXPECT_EQ(dao.as("mira").apply(spend_budget(1, 1, dao.account("zed"))).error(), "PayeeNotListed");
  v1::Action listed = set_budget(dao);
  listed.mutable_set_budget()->set_needed(1);
  listed.mutable_set_budget()->add_payees(dao.account("zed").to_string());
  ASSERT_EQ(dao.apply_as_dao(listed), "Ok");
  EXPECT_EQ(dao.as("mira").apply(spend_budget(2, 1, dao.account("pavel"))).error(),
            "PayeeNotListed");
  // Listed but not known: it waits, and what nobody takes may be spent again in its period.
  ASSERT_EQ(dao.as("mira").apply(spend_budget(2, 60, dao.account("zed"))).error(), "Ok");
  EXPECT_EQ(treasury::find_budget(dao.state(), 2)->spent(), 60U);
  ASSERT_EQ(dao.apply_as_dao(cancel_payout(1)), "Ok");
  EXPECT_EQ(treasury::find_budget(dao.state(), 2)->spent(), 0U);
  dao.end_block();
}

TEST(Budget, gets_back_only_what_returns_in_the_period_it_was_charged_to) {
  // G-9.6.
  Dao dao;
  v1::Action action = set_budget(dao);
  action.mutable_set_budget()->set_needed(1);
  action.mutable_set_budget()->add_payees(dao.account("zed").to_string());
  ASSERT_EQ(dao.apply_as_dao(action), "Ok");
  ASSERT_EQ(dao.as("mira").apply(spend_budget(1, 60, dao.account("zed"))).error(), "Ok");
  dao.pass_ms(10 * kSecond);
  ASSERT_EQ(dao.as("mira").apply(spend_budget(1, 50, dao.account("zed"))).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(cancel_payout(1)), "Ok");
  EXPECT_EQ(budget_of(dao).spent(), 50U) << "payout 1 was charged to the period before";
  ASSERT_EQ(dao.apply_as_dao(cancel_payout(2)), "Ok");
  EXPECT_EQ(budget_of(dao).spent(), 0U);
  EXPECT_EQ(fund_balance(dao, 1), 100'000 * kToken);
  dao.end_block();
}

TEST(Budget, is_never_spent_on_a_signer) {
  // G-1.10, G-9.8: no one decides on his own pay.
  Dao dao = with_budget();
  const v1::Action to_noor = spend_budget(1, 10, dao.account("noor"));
  EXPECT_EQ(dao.as("noor").apply(to_noor).error(), "SignerConflicted");
  ASSERT_EQ(dao.as("mira").apply(to_noor).error(), "Ok");
  EXPECT_EQ(dao.as("noor").apply(co_sign(dao, 1)).error(), "SignerConflicted");
  EXPECT_EQ(dao.tokens("noor"), 1'000 * kToken);
  dao.end_block();
}

TEST(Budget, of_a_role_is_spent_by_whoever_holds_it_now) {
  Dao dao = with_budget([](v1::SetBudget& budget, const Dao&) {
    budget.clear_holders();
    budget.set_holder_role(static_cast<std::uint32_t>(membership::Role::Treasurer));
  });
  const v1::Action spend = spend_budget(1, 10, dao.account("pavel"));
  EXPECT_EQ(dao.as("mira").apply(spend).error(), "NotHolder");
  for (const char* name : {"mira", "chen", "ada"}) {
    ASSERT_EQ(dao.apply_as_dao(
                  grant_office(dao.account(name), membership::Role::Treasurer, membership::kDayMs)),
              "Ok");
  }
  ASSERT_EQ(dao.as("mira").apply(spend).error(), "Ok");
  // She loses the office before the act takes effect: two others must sign (G-1.10).
  ASSERT_EQ(
      dao.as("mira").apply(end_office(dao.account("mira"), membership::Role::Treasurer)).error(),
      "Ok");
  ASSERT_EQ(dao.as("chen").apply(spend).error(), "Ok");
  EXPECT_EQ(budget_of(dao).spent(), 0U);
  ASSERT_EQ(dao.as("ada").apply(spend).error(), "Ok");
  EXPECT_EQ(budget_of(dao).spent(), 10U);
  dao.end_block();
}

TEST(Budget, without_money_in_its_fund_fails_when_it_is_spent) {
  Dao dao = with_budget([](v1::SetBudget& budget, const Dao&) {
    budget.set_fund(2);
    budget.set_needed(1);
  });
  const v1::Action spend = spend_budget(1, 10, dao.account("pavel"));
  EXPECT_EQ(dao.as("mira").apply(spend).error(), "FundShort");
  EXPECT_EQ(budget_of(dao).spent(), 0U);
  ASSERT_EQ(dao.as("hope").apply(donate(2, 10)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(spend).error(), "Ok");
  dao.end_block();
}

TEST(Budget, is_renewed_twice_by_its_length_and_ended_by_a_vote) {
  Dao dao = with_one_holder();
  const std::uint64_t until = budget_of(dao).until_ms();
  ASSERT_EQ(dao.apply_as_dao(renew_budget(1)), "Ok");
  EXPECT_EQ(budget_of(dao).until_ms(), until + 30 * kSecond);
  ASSERT_EQ(dao.apply_as_dao(renew_budget(1)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(renew_budget(1)), "RenewalsUsed");
  EXPECT_EQ(dao.apply_as_dao(renew_budget(2)), "BudgetUnknown");
  EXPECT_EQ(dao.as("mira").apply(renew_budget(1)).error(), "NotAuthorized");
  dao.end_block();
  dao.pass_ms(90 * kSecond - 1);
  EXPECT_EQ(dao.as("mira").apply(spend_budget(1, 1, dao.account("pavel"))).error(), "Ok");
  dao.advance_ms(1);
  ASSERT_EQ(dao.apply_as_dao(set_budget(dao)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(renew_budget(1)), "BudgetClosed");
  dao.end_block();
  EXPECT_EQ(dao.apply_as_dao(end_budget(1)), "BudgetClosed") << "ended by time";
  ASSERT_EQ(dao.apply_as_dao(end_budget(2)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(end_budget(2)), "BudgetClosed");
  EXPECT_EQ(dao.apply_as_dao(renew_budget(2)), "BudgetClosed");
  EXPECT_EQ(dao.apply_as_dao(end_budget(3)), "BudgetUnknown");
  EXPECT_EQ(dao.as("mira").apply(spend_budget(2, 1, dao.account("pavel"))).error(), "BudgetClosed");
  dao.end_block();
  EXPECT_EQ(treasury::budgets(dao.state()).size(), 2U);
}

TEST(Budget, whose_terms_do_not_fit_is_refused) {
  Dao dao;
  using Change = std::function<void(v1::SetBudget&)>;
  struct Case {
    const char* name;
    Change change;
    const char* error;
  };
  const std::uint64_t most = treasury::kBudgetMsMax;
  const Case cases[] = {
      {"no cap", [](v1::SetBudget& b) { b.set_cap(0); }, "BudgetInvalid"},
      {"no payment", [](v1::SetBudget& b) { b.set_per_payment(0); }, "BudgetInvalid"},
      {"payment over the cap", [](v1::SetBudget& b) { b.set_per_payment(101); }, "BudgetInvalid"},
      {"payment of the cap", [](v1::SetBudget& b) { b.set_per_payment(100); }, "Ok"},
      {"no period", [](v1::SetBudget& b) { b.set_period_ms(0); }, "BudgetInvalid"},
      {"less than a period", [](v1::SetBudget& b) { b.set_length_ms(9'999); }, "BudgetInvalid"},
      {"one period", [](v1::SetBudget& b) { b.set_length_ms(10'000); }, "Ok"},
      {"too long", [&](v1::SetBudget& b) { b.set_length_ms(most + 1); }, "BudgetInvalid"},
      {"as long as may be", [&](v1::SetBudget& b) { b.set_length_ms(most); }, "Ok"},
      {"over already", [](v1::SetBudget& b) { b.set_from_ms(kGenesisMs - 30'000); },
       "BudgetInvalid"},
      {"still running", [](v1::SetBudget& b) { b.set_from_ms(kGenesisMs - 29'999); }, "Ok"},
      {"far away", [&](v1::SetBudget& b) { b.set_from_ms(kGenesisMs + most + 1); },
       "BudgetInvalid"},
      {"nobody", [](v1::SetBudget& b) { b.clear_holders(); }, "BudgetInvalid"},
      {"list and role", [](v1::SetBudget& b) { b.set_holder_role(10); }, "BudgetInvalid"},
      {"a role without duties",
       [](v1::SetBudget& b) {
         b.clear_holders();
         b.set_holder_role(2);
       },
       "BudgetInvalid"},
      {"no signer", [](v1::SetBudget& b) { b.set_needed(0); }, "BudgetInvalid"},
      {"more signers than holders", [](v1::SetBudget& b) { b.set_needed(3); }, "BudgetInvalid"},
      {"a holder twice", [](v1::SetBudget& b) { b.add_holders(b.holders(1)); }, "BudgetInvalid"},
      {"a holder who does not exist",
       [](v1::SetBudget& b) { b.add_holders(std::string(32, '\xff')); }, "AccountUnknown"},
      {"a payee who does not exist",
       [](v1::SetBudget& b) { b.add_payees(std::string(32, '\xff')); }, "PayeeUnknown"},
      {"no account id", [](v1::SetBudget& b) { b.add_payees("short"); }, "Limit"},
      {"no fund", [](v1::SetBudget& b) { b.set_fund(9); }, "FundUnknown"},
      {"no asset", [](v1::SetBudget& b) { b.set_asset(9); }, "AssetUnknown"},
  };
  for (const Case& row : cases) {
    v1::Action action = set_budget(dao);
    row.change(*action.mutable_set_budget());
    EXPECT_EQ(dao.apply_as_dao(action), row.error) << row.name;
  }
  v1::Action many = set_budget(dao);
  for (char c = 0; c < 33; ++c) many.mutable_set_budget()->add_payees(std::string(32, c));
  EXPECT_EQ(dao.apply_as_dao(many), "Limit");
  EXPECT_EQ(dao.as("mira").apply(set_budget(dao)).error(), "NotAuthorized");
  dao.end_block();
}

}  // namespace
}  // namespace salus::dao::test
