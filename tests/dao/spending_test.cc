// Owns: proof that money leaves a fund only by an executed proposal, once, whole or not at all, up
// to what is there and what its track may spend (G-7.13, G-7.14, G-8.16, G-9.1 to G-9.5, G-9.10).
#include <gtest/gtest.h>

#include "dao/a_proposal.h"
#include "dao/assets/assets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/treasury.h"

namespace salus::dao::test {
namespace {

std::uint64_t executed(Dao& dao, const std::vector<v1::Action>& frozen,
                       std::uint64_t deposit = kStandardDeposit) {
  const std::uint64_t id = open_voting(dao, "mira", frozen, deposit);
  pass_vote(dao, id);
  pass_to(dao, proposal(dao, id).eta_ms());
  return id;
}

std::string failure_of(const Dao& dao, std::uint64_t id) {
  return std::string{name(static_cast<Error>(proposal(dao, id).failure_code()))};
}

TEST(Spending, takes_exactly_what_the_fund_holds_and_not_one_more) {
  struct Case {
    const char* name;
    std::uint64_t over;
    const char* state;
  };
  const Case cases[] = {{"exactly", 0, "EXECUTED"}, {"one over", 1, "FAILED"}};
  for (const Case& row : cases) {
    Dao dao;
    ASSERT_EQ(dao.as("hope").apply(donate(2, 100)).error(), "Ok");
    const std::uint64_t before = dao.tokens("pavel");
    const std::uint64_t id = executed(dao, {pay(2, 100 + row.over, dao.account("pavel"))});
    EXPECT_EQ(state_of(dao, id), row.state) << row.name;
    EXPECT_EQ(fund_balance(dao, 2), row.over == 0 ? 0U : 100U);
    EXPECT_EQ(dao.tokens("pavel"), row.over == 0 ? before + 100 : before);
    if (row.over > 0) {
      EXPECT_EQ(failure_of(dao, id), "FundShort");
    }
  }
}

TEST(Spending, that_failed_may_be_tried_again_when_the_fund_is_filled) {
  Dao dao;
  const std::uint64_t id = executed(dao, {pay(2, 100, dao.account("pavel"))});
  ASSERT_EQ(state_of(dao, id), "FAILED");
  ASSERT_EQ(dao.as("hope").apply(donate(2, 250)).error(), "Ok");
  dao.pass_ms(5 * kSecond);
  ASSERT_EQ(dao.as("noor").apply(retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(fund_balance(dao, 2), 150U);
  // Nothing is ever executed twice (G-7.13).
  dao.pass_ms(5 * kSecond);
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "AlreadyExecuted");
  EXPECT_EQ(fund_balance(dao, 2), 150U);
}

TEST(Batch, applies_whole_or_not_at_all) {
  Dao dao;
  ASSERT_EQ(dao.as("hope").apply(donate(2, 100)).error(), "Ok");
  const std::uint64_t before = dao.tokens("pavel");
  const AccountId pavel = dao.account("pavel");
  const std::uint64_t id =
      executed(dao, {create_fund("study"), pay(2, 60, pavel), pay(2, 41, pavel)});
  EXPECT_EQ(state_of(dao, id), "FAILED");
  EXPECT_EQ(failure_of(dao, id), "FundShort");
  EXPECT_EQ(proposal(dao, id).failure_action(), 2U);
  EXPECT_EQ(dao.tokens("pavel"), before);
  EXPECT_FALSE(treasury::find_fund(dao.state(), "study").has_value());
  EXPECT_FALSE(treasury::find_payout(dao.state(), 1).has_value());

  ASSERT_EQ(dao.as("hope").apply(donate(2, 1)).error(), "Ok");
  dao.pass_ms(5 * kSecond);
  ASSERT_EQ(dao.as("noor").apply(retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(dao.tokens("pavel"), before + 101);
  EXPECT_EQ(proposal(dao, id).failure_code(), 0U);
}

TEST(Batch, sees_what_its_earlier_actions_did) {
  // G-9.10: money moved by the first action pays the second.
  Dao dao;
  const std::uint64_t id = executed(dao, {move_funds(1, 2, 70), pay(2, 70, dao.account("pavel"))});
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(fund_balance(dao, 2), 0U);
}

TEST(TrackWindow, is_used_up_and_not_passed) {
  // G-6.6, G-8.16: *spend* pays 100 in a window of 1,000 s, and at most 60 a proposal.
  auto document = a_document();
  for (v1::Track& track : *document.mutable_tracks()) {
    if (track.code() != "spend") continue;
    track.mutable_spend_caps(0)->set_per_proposal(60);
    track.mutable_spend_caps(0)->set_per_window(100);
    track.set_window_ms(1'000 * kSecond);
  }
  Dao dao(document);
  const AccountId pavel = dao.account("pavel");
  const std::uint64_t window = kGenesisMs / (1'000 * kSecond);
  EXPECT_EQ(state_of(dao, executed(dao, {pay(1, 60, pavel)})), "EXECUTED");
  const std::uint64_t over = executed(dao, {pay(1, 41, pavel)});
  EXPECT_EQ(state_of(dao, over), "FAILED");
  EXPECT_EQ(failure_of(dao, over), "TrackCapExceeded");
  EXPECT_EQ(state_of(dao, executed(dao, {pay(1, 40, pavel)})), "EXECUTED");
  ASSERT_EQ(dao.now_ms() / (1'000 * kSecond), window);
  // The next window has room again.
  pass_to(dao, (window + 1) * 1'000 * kSecond);
  ASSERT_EQ(dao.as("noor").apply(retry(over)).error(), "Ok");
  EXPECT_EQ(state_of(dao, over), "EXECUTED");
}

TEST(Predecessor, must_be_executed_first) {
  // G-7.16.
  Dao dao;
  const std::uint64_t first = open_voting(dao, "noor", {pay(2, 1, dao.account("pavel"))});
  v1::Action second = submit({create_fund("study")});
  second.mutable_submit()->add_prerequisites(first);
  ASSERT_EQ(dao.as("mira").apply(second).error(), "Ok");
  dao.end_block();
  dao.pass_ms(kNoticeMs);
  pass_vote(dao, first);
  const std::uint64_t id = first + 1;
  all_vote_yes(dao, id);
  pass_to(dao, proposal(dao, first).eta_ms());
  ASSERT_EQ(state_of(dao, first), "FAILED");
  pass_to(dao, dao.now_ms() + 100 * kSecond);
  dao.pass_ms(100 * kSecond);
  ASSERT_EQ(state_of(dao, id), "FAILED");
  EXPECT_EQ(failure_of(dao, id), "PredecessorNotExecuted");
  ASSERT_EQ(dao.as("hope").apply(donate(2, 1)).error(), "Ok");
  dao.pass_ms(5 * kSecond);
  ASSERT_EQ(dao.as("mira").apply(retry(first)).error(), "Ok");
  ASSERT_EQ(state_of(dao, first), "EXECUTED");
  ASSERT_EQ(dao.as("mira").apply(retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
}

TEST(SetParameter, that_became_stale_fails_and_changes_nothing) {
  // G-6.1: checked when submitted and again when executed.
  Dao dao;
  const auto change = [](std::uint64_t to) {
    return std::vector<v1::Action>{set_parameter("governance.slash_below_bp", 500, to)};
  };
  const std::uint64_t first = open_voting(dao, "mira", change(400), 200 * kToken);
  const std::uint64_t second = open_voting(dao, "noor", change(300), 200 * kToken);
  all_vote_yes(dao, second);
  pass_vote(dao, first);
  pass_to(dao, proposal(dao, first).eta_ms());
  EXPECT_EQ(state_of(dao, first), "EXECUTED");
  EXPECT_EQ(parameter(dao.state(), "governance.slash_below_bp"), 400U);
  // G-6.2: the one that is being voted on keeps the figure it started with.
  EXPECT_EQ(proposal(dao, second).effective().slash_below_bp(), 500U);
  ASSERT_EQ(state_of(dao, second), "TIMELOCK");
  pass_to(dao, proposal(dao, second).eta_ms());
  EXPECT_EQ(state_of(dao, second), "FAILED");
  EXPECT_EQ(failure_of(dao, second), "StaleValue");
  EXPECT_EQ(parameter(dao.state(), "governance.slash_below_bp"), 400U);
}

TEST(CancelProposal, by_the_dao_ends_another_and_returns_its_deposit) {
  Dao dao;
  const std::uint64_t target = open_voting(dao, "hope", {create_fund("study")});
  const std::uint64_t before = dao.tokens("hope");
  ASSERT_EQ(dao.apply_as_dao(cancel_proposal(target)), "Ok");
  EXPECT_EQ(state_of(dao, target), "CANCELLED");
  EXPECT_EQ(dao.tokens("hope"), before + kStandardDeposit);
  EXPECT_EQ(dao.apply_as_dao(cancel_proposal(target)), "TooLate");
  EXPECT_EQ(dao.as("mira").apply(vote(target, v1::CHOICE_YES)).error(), "VotingClosed");
  dao.end_block();
  // What it had queued never runs.
  dao.pass_ms(10 * kVotingMs);
  EXPECT_EQ(state_of(dao, target), "CANCELLED");
}

}  // namespace
}  // namespace salus::dao::test
