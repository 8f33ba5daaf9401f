// Owns: proof that a schedule pays what is due and never more (G-3.3 to G-3.5), and that a stake
// weighs while it is locked and comes back later.
#include "dao/assets/schedules.h"

#include "dao/a_money.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/stakes.h"
#include "dao/lists.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kWindowMs = 100 * kSecond;  // treasury.acceptance_window
// 100 over a hundred seconds from genesis on.
const std::vector<Point> kLine{{0, 0}, {100 * kSecond, 100}};

std::string schedule_state(const Dao& dao, std::uint64_t id = 1) {
  const auto schedule = assets::find_schedule(dao.state(), id);
  return v1::ScheduleState_Name(schedule->state()).substr(std::string("SCHEDULE_STATE_").size());
}

std::uint64_t held(const Dao& dao, std::uint64_t id = 1) {
  return assets::escrowed(dao.state(), v1::ESCROW_OWNER_SCHEDULE, id, 0);
}

TEST(Schedule, that_does_not_fit_is_refused) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  v1::Action other_total = open_schedule(zed, kLine);
  other_total.mutable_open_schedule()->set_total(101);
  v1::Action nothing = open_schedule(zed, {{0, 0}, {1, 0}});
  v1::Action short_payee = open_schedule(zed, kLine);
  short_payee.mutable_open_schedule()->set_payee("short");
  std::vector<Point> seventeen;
  for (std::uint64_t i = 0; i < 17; ++i) seventeen.push_back({i, i});
  struct Case {
    const char* name;
    v1::Action action;
    const char* error;
  };
  const Case cases[] = {
      {"one point", open_schedule(zed, {{0, 5}}), "ScheduleShort"},
      {"17 points", open_schedule(zed, seventeen), "ScheduleShort"},
      {"another total", other_total, "ScheduleShort"},
      {"first not zero", open_schedule(zed, {{0, 1}, {5, 3}}), "PointsUnordered"},
      {"equal times", open_schedule(zed, {{0, 0}, {5, 1}, {5, 3}}), "PointsUnordered"},
      {"falling", open_schedule(zed, {{0, 0}, {1, 2}, {2, 1}, {3, 3}}), "PointsFalling"},
      {"of nothing", nothing, "AmountZero"},
      {"to oneself", open_schedule(dao.account("mira"), kLine), "SelfTransfer"},
      {"not opened", open_schedule(AccountId{}, kLine), "PayeeUnknown"},
      {"no account id", short_payee, "Limit"},
      {"unknown right to cancel", open_schedule(zed, kLine, 4), "Limit"},
      {"unknown asset", open_schedule(zed, kLine, 3, 99), "AssetUnknown"},
      {"not transferable", open_schedule(zed, kLine, 3, 8), "NotTransferable"},
      {"to a stranger", open_schedule(zed, kLine, 3, 7), "MembersOnly"},
      {"too much", open_schedule(zed, {{0, 0}, {1, 1'000 * kToken + 1}}), "InsufficientFunds"},
      {"all there is", open_schedule(zed, {{0, 0}, {1, 1'000 * kToken}}), "Ok"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.as("mira").apply(row.action).error(), row.error) << row.name;
  }
  dao.end_block();
}

TEST(Schedule, waits_for_its_payee_until_the_window_is_over) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), kLine)).error(), "Ok");
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), kLine)).error(), "Ok");
  EXPECT_EQ(held(dao), 100U);
  EXPECT_EQ(dao.as("zed").apply(claim_schedule(1)).error(), "ScheduleClosed");
  EXPECT_EQ(dao.as("noor").apply(accept_schedule(1)).error(), "NotPayee");
  EXPECT_EQ(dao.as("zed").apply(accept_schedule(9)).error(), "ScheduleUnknown");
  dao.end_block();
  dao.pass_ms(kWindowMs - 1);
  ASSERT_EQ(dao.as("zed").apply(accept_schedule(1)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(accept_schedule(1)).error(), "ScheduleClosed");
  dao.advance_ms(1);
  // G-8.19: in the block of its end, time wins.
  EXPECT_EQ(dao.as("zed").apply(accept_schedule(2)).error(), "ScheduleClosed");
  dao.end_block();
  EXPECT_EQ(schedule_state(dao, 1), "RUNNING");
  EXPECT_EQ(schedule_state(dao, 2), "LAPSED");
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken - 100);
  EXPECT_EQ(held(dao, 2), 0U);
}

TEST(Schedule, pays_what_is_due_and_ends_with_the_last_of_it) {
  Dao dao;
  const std::uint64_t before = dao.tokens("zed");
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), kLine)).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(accept_schedule(1)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(claim_schedule(1)).error(), "AmountZero");
  EXPECT_EQ(dao.as("mira").apply(claim_schedule(1)).error(), "NotPayee");
  EXPECT_EQ(dao.as("zed").apply(claim_schedule(2)).error(), "ScheduleUnknown");
  dao.pass_ms(50 * kSecond - 1);
  EXPECT_EQ(dao.as("zed").apply(claim_schedule(1, 50)).error(), "OverClaim") << "49.9 are due";
  dao.pass_ms(1);
  ASSERT_EQ(dao.as("zed").apply(claim_schedule(1, 50)).error(), "Ok");
  EXPECT_EQ(dao.tokens("zed"), before + 50);
  EXPECT_EQ(held(dao), 50U);
  dao.pass_ms(50 * kSecond);
  const Applied last = dao.as("zed").apply(claim_schedule(1));
  ASSERT_EQ(last.error(), "Ok");
  EXPECT_TRUE(last.told(v1::EVENT_KIND_SCHEDULE_DONE));
  EXPECT_EQ(schedule_state(dao), "DONE");
  EXPECT_EQ(dao.tokens("zed"), before + 100);
  EXPECT_EQ(dao.as("zed").apply(claim_schedule(1)).error(), "ScheduleClosed");
  EXPECT_EQ(dao.as("mira").apply(cancel_schedule(1)).error(), "ScheduleClosed");
  dao.end_block();
}

TEST(Schedule, is_cancelled_by_whom_it_says_and_pays_first_what_is_due) {
  Dao dao;
  const std::uint64_t before = dao.tokens("zed");
  const AccountId zed = dao.account("zed");
  for (const std::uint32_t by : {assets::kCancelBySource, assets::kCancelByDao, 0U}) {
    ASSERT_EQ(dao.as("mira").apply(open_schedule(zed, kLine, by)).error(), "Ok");
  }
  for (const std::uint64_t id : {1U, 2U, 3U}) {
    ASSERT_EQ(dao.as("zed").apply(accept_schedule(id)).error(), "Ok");
  }
  dao.pass_ms(30 * kSecond);
  EXPECT_EQ(dao.as("noor").apply(cancel_schedule(1)).error(), "NotCancellable");
  EXPECT_EQ(dao.apply_as_dao(cancel_schedule(1)), "NotCancellable");
  EXPECT_EQ(dao.as("mira").apply(cancel_schedule(2)).error(), "NotCancellable");
  EXPECT_EQ(dao.as("mira").apply(cancel_schedule(3)).error(), "NotCancellable");
  EXPECT_EQ(dao.apply_as_dao(cancel_schedule(3)), "NotCancellable");
  EXPECT_EQ(dao.as("mira").apply(cancel_schedule(9)).error(), "ScheduleUnknown");
  ASSERT_EQ(dao.as("mira").apply(cancel_schedule(1)).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(cancel_schedule(2)), "Ok");
  EXPECT_EQ(dao.tokens("zed"), before + 60);
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken - 60 - 100);
  EXPECT_EQ(schedule_state(dao, 1), "CANCELLED");
  dao.end_block();
  EXPECT_EQ(numbers_of(dao.state(), state::Table::SchedulesOf, zed, 2, 10),
            (std::vector<std::uint64_t>{2, 3}));
}

TEST(Schedule, that_nobody_accepted_returns_whole_when_cancelled) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), kLine)).error(), "Ok");
  dao.pass_ms(50 * kSecond);
  ASSERT_EQ(dao.as("mira").apply(cancel_schedule(1)).error(), "Ok");
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.tokens("zed"), 500 * kToken);
  dao.pass_ms(kWindowMs);
  EXPECT_EQ(schedule_state(dao), "CANCELLED");
}

TEST(Schedule, binds_who_pays_and_who_accepted) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), kLine)).error(), "Ok");
  const auto bound = [&](std::string_view name) {
    return accounts::find_account(dao.state(), dao.account(name))->obligations();
  };
  EXPECT_EQ(bound("mira"), 1U);
  EXPECT_EQ(bound("zed"), 0U);
  ASSERT_EQ(dao.as("zed").apply(accept_schedule(1)).error(), "Ok");
  EXPECT_EQ(bound("zed"), 1U);
  ASSERT_EQ(dao.as("mira").apply(cancel_schedule(1)).error(), "Ok");
  EXPECT_EQ(bound("mira") + bound("zed"), 0U);
  dao.end_block();
}

TEST(Vesting, is_floored_between_points_and_never_falls) {
  assets::Points points;
  for (const auto& [at, sum] :
       {std::pair{0U, 0U}, std::pair{364U, 0U}, std::pair{365U, 250U}, std::pair{1'460U, 1'000U}}) {
    v1::SchedulePoint& point = *points.Add();
    point.set_at_ms(at);
    point.set_sum(sum);
  }
  std::uint64_t last = 0;
  for (std::uint64_t t = 0; t <= 1'500; ++t) {
    const std::uint64_t now = assets::vested(points, t);
    EXPECT_GE(now, last);
    EXPECT_LE(now, 1'000U);
    last = now;
  }
  EXPECT_EQ(assets::vested(points, 364), 0U);
  EXPECT_EQ(assets::vested(points, 365), 250U);
  EXPECT_EQ(assets::vested(points, 366), 250U) << "250.68 is floored (G-1.4)";
  EXPECT_EQ(last, 1'000U);
}

// Researchers weigh their stake: one unit a token.
Dao with_stakes() {
  v1::GenesisDocument document = a_document();
  document.mutable_chambers(kResearchers - 1)->set_rule(v1::CHAMBER_RULE_STAKE);
  return Dao(document);
}
std::uint64_t weight(const Dao& dao) {
  return power::weight_now(dao.state(), dao.account("ada")).units;
}

TEST(Stake, weighs_while_it_is_locked_and_comes_back_later) {
  constexpr std::uint64_t kDelayMs = 7 * membership::kDayMs;
  Dao dao = with_stakes();
  EXPECT_EQ(weight(dao), 0U);
  EXPECT_EQ(dao.as("ada").apply(unlock_stake()).error(), "StakeNone");
  ASSERT_EQ(dao.as("ada").apply(lock_stake(3 * kToken - 1)).error(), "Ok");
  EXPECT_EQ(weight(dao), 2U) << "2.999999 tokens are floored";
  ASSERT_EQ(dao.as("ada").apply(lock_stake(1)).error(), "Ok");
  EXPECT_EQ(weight(dao), 3U);
  EXPECT_EQ(dao.tokens("ada"), 997 * kToken);
  dao.end_block();

  ASSERT_EQ(dao.as("ada").apply(unlock_stake()).error(), "Ok");
  EXPECT_EQ(weight(dao), 0U) << "at once";
  EXPECT_EQ(dao.as("ada").apply(unlock_stake()).error(), "StakeLocked");
  EXPECT_EQ(dao.as("ada").apply(lock_stake(1)).error(), "StakeLocked");
  dao.pass_ms(kDelayMs - 1);
  EXPECT_EQ(dao.tokens("ada"), 997 * kToken);
  dao.pass_ms(1);
  EXPECT_EQ(dao.tokens("ada"), 1'000 * kToken);
  EXPECT_FALSE(assets::find_stake(dao.state(), dao.account("ada")).has_value());
  ASSERT_EQ(dao.as("ada").apply(lock_stake(kToken)).error(), "Ok");
  EXPECT_EQ(weight(dao), 1U);
  dao.end_block();
}

TEST(Stake, is_for_members_of_a_chamber_that_weighs_it) {
  Dao dao = with_stakes();
  EXPECT_EQ(dao.as("mira").apply(lock_stake(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("zed").apply(lock_stake(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("ada").apply(lock_stake(0)).error(), "AmountZero");
  EXPECT_EQ(dao.as("ada").apply(lock_stake(1'000 * kToken + 1)).error(), "InsufficientFunds");
  EXPECT_FALSE(assets::find_stake(dao.state(), dao.account("ada")).has_value());
  dao.end_block();
}

}  // namespace
}  // namespace salus::dao::test
