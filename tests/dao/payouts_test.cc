// Owns: proof that an obligation is paid once, to the one who takes it (G-9.1 to G-9.5), with the
// incidents of section 15 that are about money.
#include "dao/treasury/payouts.h"

#include "crypto/hash.h"
#include "dao/a_money.h"
#include "dao/assets/assets.h"
#include "dao/dispatcher.h"
#include "dao/lists.h"
#include "dao/treasury/treasury.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kFund = 100'000 * kToken;
constexpr std::uint64_t kWindowMs = 100 * kSecond;

// Applies with the authority of one execution, as often as a test wants.
std::string run_as(Dao& dao, const v1::Action& action, const Hash& execution, std::uint32_t index) {
  const BlockContext block = dao.block();
  std::vector<v1::Event> events;
  ActionContext context{.block = block,
                        .authority = Authority::Dao,
                        .signer = {},
                        .proposal = 1,
                        .execution_id = execution,
                        .action_index = index,
                        .events = events};
  state::Overlay attempt = dao.state().branch();
  const Outcome outcome = apply_action(action, context, attempt);
  if (!outcome) return std::string{name(outcome.error())};
  dao.state().adopt(std::move(attempt));
  return "Ok";
}

// The DAO 2016: a call back into the paying contract was paid twice.
TEST(Incident, the_dao_2016_one_obligation_is_never_paid_twice) {
  Dao dao;
  const Hash execution{crypto::hash("salus.test.exec", {}).bytes};
  const v1::Action pay_zed = pay(1, 60, dao.account("zed"));
  ASSERT_EQ(run_as(dao, pay_zed, execution, 0), "Ok");
  EXPECT_EQ(run_as(dao, pay_zed, execution, 0), "AlreadyPaid") << "one origin, one payout";
  EXPECT_EQ(fund_balance(dao, 1), kFund - 60);
  // Taken twice, in one transaction or in two: paid once.
  const std::uint64_t before = dao.tokens("zed");
  EXPECT_EQ(dao.apply_all("zed", {accept_payout(1), accept_payout(1)}).error(), "AlreadyPaid");
  EXPECT_EQ(dao.tokens("zed"), before) << "the transaction is refused whole";
  ASSERT_EQ(dao.as("zed").apply(accept_payout(1)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(accept_payout(1)).error(), "AlreadyPaid");
  EXPECT_EQ(dao.tokens("zed"), before + 60);
  // Another action of the batch is another obligation.
  EXPECT_EQ(run_as(dao, pay_zed, execution, 1), "Ok");
  dao.end_block();
}

// Juno 20 (2022): 36 million to a mistyped account.
TEST(Incident, juno_2022_a_mistyped_payee_costs_time_and_no_money) {
  Dao dao;
  constexpr std::uint64_t kSum = 36'000'000;
  // An account that nobody opened: refused when it is proposed and when it is paid.
  v1::Action typo = pay(1, kSum, AccountId{});
  EXPECT_EQ(dao.as("mira").apply(submit({typo})).error(), "PayeeUnknown");
  EXPECT_EQ(dao.apply_as_dao(typo), "PayeeUnknown");
  // One that exists but never asked for anything: the money waits, and comes home.
  ASSERT_EQ(dao.apply_as_dao(pay(1, kSum, dao.account("zed"))), "Ok");
  EXPECT_EQ(dao.tokens("zed"), 500 * kToken);
  EXPECT_EQ(fund_balance(dao, 1), kFund - kSum);
  EXPECT_EQ(treasury::totals(dao.state(), 1, 0).promised(), kSum);
  dao.end_block();
  dao.pass_ms(kWindowMs - 1);
  EXPECT_EQ(treasury::find_payout(dao.state(), 1)->state(), v1::PAYOUT_STATE_WAITING);
  dao.advance_ms(1);
  EXPECT_EQ(dao.as("zed").apply(accept_payout(1)).error(), "PayoutClosed") << "G-8.19";
  dao.end_block();
  EXPECT_EQ(treasury::find_payout(dao.state(), 1)->state(), v1::PAYOUT_STATE_EXPIRED);
  EXPECT_EQ(fund_balance(dao, 1), kFund);
  EXPECT_EQ(treasury::totals(dao.state(), 1, 0).promised(), 0U);
}

// The vote before it on the same network: to take what somebody holds.
TEST(Incident, juno_2022_no_vote_moves_or_freezes_what_somebody_holds) {
  // G-3.6: whatever the DAO may apply, mira's balance is only hers to lower.
  Dao dao;
  const AccountId zed = dao.account("zed");
  for (const v1::Action& action :
       {transfer(zed, 1), burn(1), donate(1, 1), open_schedule(zed, {{0, 0}, {1, 1}}),
        lock_stake(1), spend_budget(1, 1, zed), claim_schedule(1)}) {
    EXPECT_EQ(dao.apply_as_dao(action), "NotAuthorized") << action.kind_case();
  }
  EXPECT_EQ(dao.apply_as_dao(set_asset(0, 0, 100'000'000 * kToken)), "RightsTaken");
}

TEST(Payout, that_waits_is_taken_back_by_the_dao_and_by_nobody_else) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(pay(1, 60, dao.account("zed"))), "Ok");
  EXPECT_EQ(dao.as("mira").apply(cancel_payout(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(cancel_payout(2)), "PayoutUnknown");
  EXPECT_EQ(dao.as("mira").apply(accept_payout(1)).error(), "NotPayee");
  EXPECT_EQ(dao.as("mira").apply(accept_payout(2)).error(), "PayoutUnknown");
  ASSERT_EQ(dao.apply_as_dao(cancel_payout(1)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(cancel_payout(1)), "PayoutClosed");
  EXPECT_EQ(dao.as("zed").apply(accept_payout(1)).error(), "PayoutClosed");
  EXPECT_EQ(fund_balance(dao, 1), kFund);
  dao.end_block();
  dao.pass_ms(kWindowMs);
  EXPECT_EQ(treasury::find_payout(dao.state(), 1)->state(), v1::PAYOUT_STATE_CANCELLED);
  ASSERT_EQ(dao.apply_as_dao(pay(1, 60, dao.account("pavel"))), "Ok");
  EXPECT_EQ(dao.apply_as_dao(cancel_payout(2)), "AlreadyPaid");
}

TEST(Payout, of_a_members_only_asset_goes_to_members) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(mint(dao.account("mira"), 10, 7)), "Ok");
  v1::Action gift = donate(1, 10);
  gift.mutable_donate()->set_asset(7);
  ASSERT_EQ(dao.as("mira").apply(gift).error(), "Ok");
  v1::Action to_zed = pay(1, 1, dao.account("zed"));
  to_zed.mutable_pay()->set_asset(7);
  EXPECT_EQ(dao.apply_as_dao(to_zed), "MembersOnly");
  v1::Action to_noor = pay(1, 1, dao.account("noor"));
  to_noor.mutable_pay()->set_asset(7);
  EXPECT_EQ(dao.apply_as_dao(to_noor), "Ok");
  dao.end_block();
}

TEST(Payout, is_found_by_its_payee_and_its_origin) {
  Dao dao;
  const Hash execution{crypto::hash("salus.test.exec", {}).bytes};
  ASSERT_EQ(run_as(dao, pay(1, 5, dao.account("zed")), execution, 3), "Ok");
  ASSERT_EQ(run_as(dao, pay(1, 6, dao.account("pavel")), execution, 4), "Ok");
  ByteWriter by_hand;
  by_hand.bytes(execution.view());
  by_hand.u32(3);
  const Hash origin{crypto::hash("salus.origin.v1", by_hand.out()).bytes};
  EXPECT_EQ(treasury::find_payout_by_origin(dao.state(), origin), 1U);
  EXPECT_EQ(numbers_of(dao.state(), state::Table::PayoutsOf, dao.account("zed"), 0, 10).size(), 1U);
  EXPECT_EQ(payouts(dao.state(), 2, 10).size(), 1U);
  ByteWriter of_act;
  of_act.bytes(chain_id().view());
  of_act.u64(7);
  EXPECT_EQ(treasury::origin_of_act(chain_id(), 7),
            Hash{crypto::hash("salus.origin.v1", of_act.out()).bytes});
}

TEST(FundLedger, has_one_line_for_each_movement_and_adds_up) {
  // G-9.3.
  Dao dao;
  ASSERT_EQ(dao.as("hope").apply(donate(2, 100)).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(move_funds(1, 2, 50)), "Ok");
  ASSERT_EQ(dao.apply_as_dao(pay(2, 30, dao.account("pavel"))), "Ok");
  ASSERT_EQ(dao.apply_as_dao(pay(2, 20, dao.account("zed"))), "Ok");
  dao.end_block();
  dao.pass_ms(kWindowMs);
  const auto lines = fund_entries(dao.state(), 2, 0, 1, 100);
  struct Line {
    v1::FundEntryKind kind;
    std::uint64_t in;
    std::uint64_t out;
    std::uint64_t balance;
  };
  const Line expected[] = {{v1::FUND_ENTRY_KIND_DONATION, 100, 0, 100},
                           {v1::FUND_ENTRY_KIND_MOVED_IN, 50, 0, 150},
                           {v1::FUND_ENTRY_KIND_PAYOUT, 0, 30, 120},
                           {v1::FUND_ENTRY_KIND_PAYOUT, 0, 20, 100},
                           {v1::FUND_ENTRY_KIND_PAYOUT_BACK, 20, 0, 120}};
  ASSERT_EQ(lines.size(), std::size(expected));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].number(), i + 1);
    EXPECT_EQ(lines[i].kind(), expected[i].kind) << i;
    EXPECT_EQ(lines[i].in(), expected[i].in) << i;
    EXPECT_EQ(lines[i].out(), expected[i].out) << i;
    EXPECT_EQ(lines[i].balance(), expected[i].balance) << i;
  }
  EXPECT_EQ(lines[2].account(), dao.account("pavel").to_string());
  EXPECT_EQ(lines[2].origin(), treasury::find_payout(dao.state(), 1)->origin());
  EXPECT_EQ(fund_entries(dao.state(), 2, 0, 2, 2).size(), 2U);
  EXPECT_EQ(fund_entries(dao.state(), 1, 0, 1, 100).front().kind(), v1::FUND_ENTRY_KIND_GENESIS);
}

TEST(FundLedger, of_slashed_deposits_names_the_proposal) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  for (const char* name : {"noor", "pavel", "chen", "diaz", "ada", "kofi", "hope", "anne"}) {
    EXPECT_EQ(dao.as(name).apply(vote(id, v1::CHOICE_NO)).error(), "Ok");
  }
  dao.pass_ms(kVotingMs);
  ASSERT_EQ(state_of(dao, id), "REJECTED");
  const auto lines = fund_entries(dao.state(), 1, 0, 2, 10);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].kind(), v1::FUND_ENTRY_KIND_DEPOSIT);
  EXPECT_EQ(lines[0].ref(), id);
  EXPECT_EQ(lines[0].in(), kStandardDeposit);
}

}  // namespace
}  // namespace salus::dao::test
