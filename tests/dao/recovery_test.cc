// Owns: proof that lost keys come back by guardians and no other way (G-2.5 to G-2.7), and that an
// account closes only when nothing hangs on it.
#include "dao/accounts/recovery.h"

#include "crypto/hash.h"
#include "dao/a_money.h"
#include "dao/assets/assets.h"
#include "dao/lists.h"

namespace salus::dao::test {
namespace {

// Accounts whose plan in force names this guardian.
std::vector<AccountId> guarded_by(const Dao& dao, std::string_view guardian) {
  const state::Key prefix = state::Key{state::Table::Guarded}.bytes(dao.account(guardian).view());
  return accounts_below(dao.state(), prefix, 10);
}

constexpr std::uint64_t kDayMs = membership::kDayMs;
constexpr std::uint64_t kDelayMs = 7 * kDayMs;
constexpr std::uint64_t kCooldownMs = 30 * kDayMs;

v1::Action plan_of(const Dao& dao, std::vector<std::string> names, std::uint32_t needed,
                   std::uint64_t delay_ms = kDelayMs) {
  std::vector<AccountId> guardians;
  for (const std::string& name : names) guardians.push_back(dao.account(name));
  return set_recovery(std::move(guardians), needed, delay_ms);
}

// mira may be helped by two of noor, chen and zed.
Dao with_a_plan() {
  Dao dao;
  EXPECT_EQ(dao.as("mira").apply(plan_of(dao, {"noor", "chen", "zed"}, 2)).error(), "Ok");
  dao.end_block();
  return dao;
}

v1::Account account_of(const Dao& dao, std::string_view name) {
  return *accounts::find_account(dao.state(), dao.account(name));
}

std::string standing(const Dao& dao) {
  const auto recovery = accounts::find_recovery(dao.state(), dao.account("mira"));
  if (!recovery) return "NONE";
  return v1::RecoveryState_Name(recovery->state()).substr(std::string("RECOVERY_STATE_").size());
}

TEST(RecoveryPlan, is_in_force_at_once_the_first_time_and_later_after_the_old_delay) {
  Dao dao = with_a_plan();
  ASSERT_TRUE(account_of(dao, "mira").has_recovery());
  // A thief names himself, with a short delay: the old guardians stay for the old delay.
  ASSERT_EQ(dao.as("mira").apply(plan_of(dao, {"pavel"}, 1, 3 * kDayMs)).error(), "Ok");
  dao.pass_ms(kDelayMs - 1);
  EXPECT_EQ(account_of(dao, "mira").recovery().guardians_size(), 3);
  EXPECT_EQ(guarded_by(dao, "noor").size(), 1U);
  dao.pass_ms(1);
  EXPECT_EQ(account_of(dao, "mira").recovery().guardians_size(), 1);
  EXPECT_TRUE(guarded_by(dao, "noor").empty());
  EXPECT_EQ(guarded_by(dao, "pavel"), std::vector<AccountId>{dao.account("mira")});
}

TEST(RecoveryPlan, sent_again_takes_a_waiting_change_back) {
  Dao dao = with_a_plan();
  ASSERT_EQ(dao.as("mira").apply(set_recovery({}, 0, 0)).error(), "Ok");
  EXPECT_TRUE(accounts::find_recovery_change(dao.state(), dao.account("mira")).has_value());
  ASSERT_EQ(dao.as("mira").apply(plan_of(dao, {"noor", "chen", "zed"}, 2)).error(), "Ok");
  EXPECT_FALSE(accounts::find_recovery_change(dao.state(), dao.account("mira")).has_value());
  dao.pass_ms(kDelayMs);
  EXPECT_TRUE(account_of(dao, "mira").has_recovery());
  // Removing it takes the delay too.
  ASSERT_EQ(dao.as("mira").apply(set_recovery({}, 0, 0)).error(), "Ok");
  dao.pass_ms(kDelayMs);
  EXPECT_FALSE(account_of(dao, "mira").has_recovery());
  EXPECT_EQ(dao.as("mira").apply(set_recovery({}, 0, 0)).error(), "RecoveryNone");
}

TEST(RecoveryPlan, that_could_not_work_is_refused) {
  Dao dao;
  v1::Action twice = plan_of(dao, {"noor", "chen"}, 2);
  *twice.mutable_set_recovery()->mutable_guardians(1) = twice.set_recovery().guardians(0);
  v1::Action no_id = plan_of(dao, {"noor"}, 1);
  no_id.mutable_set_recovery()->set_guardians(0, "short");
  std::vector<AccountId> ten(10);
  const std::uint64_t year = 365 * kDayMs;
  struct Case {
    const char* name;
    v1::Action action;
    const char* error;
  };
  const Case cases[] = {
      {"twice", twice, "GuardianInvalid"},
      {"oneself", plan_of(dao, {"mira", "noor"}, 1), "GuardianInvalid"},
      {"not opened", set_recovery({AccountId{}}, 1, kDelayMs), "GuardianInvalid"},
      {"nobody is enough", plan_of(dao, {"noor"}, 0), "GuardianInvalid"},
      {"more than there are", plan_of(dao, {"noor"}, 2), "GuardianInvalid"},
      {"no guardians, but a number", set_recovery({}, 1, 0), "GuardianInvalid"},
      {"ten", set_recovery(ten, 1, kDelayMs), "Limit"},
      {"no account id", no_id, "Limit"},
      {"too fast", plan_of(dao, {"noor"}, 1, 3 * kDayMs - 1), "RecoveryDelay"},
      {"as fast as may be", plan_of(dao, {"noor"}, 1, 3 * kDayMs), "Ok"},
      {"too slow", plan_of(dao, {"chen"}, 1, year + 1), "RecoveryDelay"},
      {"as slow as may be", plan_of(dao, {"chen"}, 1, year), "Ok"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.as("mira").apply(row.action).error(), row.error) << row.name;
  }
}

TEST(Recovery, gives_new_keys_when_enough_guardians_waited_the_delay) {
  Dao dao = with_a_plan();
  const std::uint64_t tokens = dao.tokens("mira");
  const std::string member = dao.member("mira").SerializeAsString();
  const Applied started = dao.as("noor").apply(start_recovery(dao, "mira", "new"));
  ASSERT_EQ(started.error(), "Ok");
  EXPECT_TRUE(started.result.events(0).alert()) << "mira must hear of it";
  EXPECT_EQ(standing(dao), "STARTED");
  dao.pass_ms(kDayMs);
  ASSERT_EQ(dao.as("zed").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  EXPECT_EQ(standing(dao), "WAITING");
  // While it waits she works as ever (G-2.7).
  EXPECT_EQ(dao.as("mira").apply(burn(1)).error(), "Ok");
  dao.pass_ms(kDelayMs - 1);
  EXPECT_EQ(standing(dao), "WAITING");
  dao.pass_ms(1);
  EXPECT_EQ(standing(dao), "APPLIED");

  const v1::Account account = account_of(dao, "mira");
  EXPECT_EQ(account.keys(0).key(), key_of("new").public_key().to_string());
  EXPECT_EQ(account.auth_version(), 1U);
  // Keys and threshold, nothing else (G-2.5, G-2.7).
  EXPECT_EQ(account.recovery().guardians_size(), 3);
  EXPECT_EQ(dao.tokens("mira"), tokens - 1);
  EXPECT_EQ(dao.member("mira").SerializeAsString(), member);
  const auto old_key = check_authentic(dao.state(), dao.body("mira", {burn(1)}),
                                       {key_of("mira").public_key()}, dao.height(), 1);
  EXPECT_EQ(old_key.error(), Error::KeyUnknown);
  const auto new_key = check_authentic(dao.state(), dao.body("mira", {burn(1)}),
                                       {key_of("new").public_key()}, dao.height(), 1);
  EXPECT_TRUE(new_key.has_value());
}

TEST(Recovery, is_for_guardians_with_the_same_keys_in_mind) {
  Dao dao = with_a_plan();
  const v1::Action start = start_recovery(dao, "mira", "new");
  v1::Action unproven = start;
  unproven.mutable_start_recovery()->set_proofs(0, std::string(64, 'p'));
  v1::Action nobody = start;
  nobody.mutable_start_recovery()->set_account(std::string(32, 'n'));
  v1::Action locks_out = start;
  locks_out.mutable_start_recovery()->set_threshold(2);
  v1::Action short_id = start;
  short_id.mutable_start_recovery()->set_account("short");
  EXPECT_EQ(dao.as("pavel").apply(start).error(), "GuardianInvalid");
  EXPECT_EQ(dao.as("noor").apply(unproven).error(), "ProofInvalid");
  EXPECT_EQ(dao.as("noor").apply(nobody).error(), "AccountUnknown");
  EXPECT_EQ(dao.as("noor").apply(locks_out).error(), "KeysLockOut");
  EXPECT_EQ(dao.as("noor").apply(short_id).error(), "Limit");
  EXPECT_EQ(dao.as("noor").apply(start_recovery(dao, "hope", "new")).error(), "RecoveryNone");
  EXPECT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "RecoveryNone");

  ASSERT_EQ(dao.as("noor").apply(start).error(), "Ok");
  EXPECT_EQ(dao.as("chen").apply(start).error(), "RecoveryExists");
  EXPECT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "other")).error(),
            "ContentMismatch");
  EXPECT_EQ(dao.as("noor").apply(support_recovery(dao, "mira", "new")).error(), "AlreadySigned");
  EXPECT_EQ(dao.as("pavel").apply(support_recovery(dao, "mira", "new")).error(), "GuardianInvalid");
  v1::Action short_hash = support_recovery(dao, "mira", "new");
  short_hash.mutable_support_recovery()->set_content_hash("short");
  EXPECT_EQ(dao.as("chen").apply(short_hash).error(), "Limit");
  dao.end_block();
}

TEST(Recovery, is_cancelled_by_the_owner_until_all_guardians_stand_behind_it) {
  Dao dao = with_a_plan();
  EXPECT_EQ(dao.as("mira").apply(cancel_recovery()).error(), "RecoveryNone");
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("mira").apply(cancel_recovery()).error(), "Ok");
  EXPECT_EQ(standing(dao), "CANCELLED");
  dao.end_block();

  // The cooldown runs from the cancel; at its end a new one may start (G-8.19).
  dao.pass_ms(kCooldownMs - 1);
  EXPECT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "RecoveryBlocked");
  dao.pass_ms(1);
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  EXPECT_FALSE(accounts::find_recovery(dao.state(), dao.account("mira"))->firm());
  ASSERT_EQ(dao.as("zed").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(cancel_recovery()).error(), "RecoveryFirm");
  dao.pass_ms(kDelayMs);
  EXPECT_EQ(standing(dao), "APPLIED");
}

TEST(Recovery, whose_time_has_come_is_not_cancelled_in_the_block_that_applies_it) {
  Dao dao = with_a_plan();
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  dao.end_block();
  dao.advance_ms(kDelayMs);
  EXPECT_EQ(dao.as("mira").apply(cancel_recovery()).error(), "RecoveryNone");
  EXPECT_EQ(dao.as("zed").apply(support_recovery(dao, "mira", "new")).error(), "RecoveryNone");
  dao.end_block();
  EXPECT_EQ(standing(dao), "APPLIED");
}

TEST(Recovery, lapses_after_14_days_and_blocks_the_next_one_for_the_cooldown) {
  Dao dao = with_a_plan();
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  dao.end_block();
  dao.pass_ms(14 * kDayMs - 1);
  EXPECT_EQ(standing(dao), "STARTED");
  dao.advance_ms(1);
  // Time decides, even before the due work of the block.
  EXPECT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "RecoveryNone");
  EXPECT_EQ(dao.as("chen").apply(start_recovery(dao, "mira", "new")).error(), "RecoveryBlocked");
  dao.end_block();
  EXPECT_EQ(standing(dao), "LAPSED");
  dao.pass_ms(kCooldownMs);
  EXPECT_EQ(dao.as("chen").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
}

TEST(Recovery, follows_the_plan_it_began_with_and_a_rotation_does_not_end_it) {
  Dao dao = with_a_plan();
  // A thief has mira's key: he strips her guardians and changes the keys.
  ASSERT_EQ(dao.as("mira").apply(plan_of(dao, {"pavel"}, 1)).error(), "Ok");
  dao.end_block();
  dao.pass_ms(kDelayMs - 1);
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  v1::Action rotate;
  *rotate.mutable_rotate_keys()->add_keys() = account_key("thief");
  rotate.mutable_rotate_keys()->set_threshold(1);
  rotate.mutable_rotate_keys()->add_proofs(
      key_of("thief").sign(accounts::rotate_proof(dao.account("mira"), 1)).to_string());
  ASSERT_EQ(dao.as("mira").apply(rotate).error(), "Ok");
  dao.pass_ms(1);
  EXPECT_EQ(account_of(dao, "mira").recovery().guardians_size(), 1);
  ASSERT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  dao.pass_ms(kDelayMs);
  EXPECT_EQ(standing(dao), "APPLIED");
  EXPECT_EQ(account_of(dao, "mira").keys(0).key(), key_of("new").public_key().to_string());
  EXPECT_EQ(account_of(dao, "mira").auth_version(), 2U);
}

TEST(CloseAccount, waits_until_nothing_hangs_on_it) {
  Dao dao;
  const auto close = [&](std::string_view name) {
    return dao.apply(name, close_account()).error();
  };
  EXPECT_EQ(close("zed"), "AccountInUse") << "a balance";
  EXPECT_EQ(close("pavel"), "AccountInUse") << "a membership";
  EXPECT_EQ(close("olga"), "AccountInUse") << "a validator";
  ASSERT_EQ(dao.as("zed").apply(transfer(dao.account("mira"), 500 * kToken)).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", 1)).error(), "Ok");
  EXPECT_EQ(close("zed"), "AccountInUse") << "an application";
  ASSERT_EQ(dao.as("zed").apply(withdraw_application()).error(), "Ok");
  ASSERT_EQ(dao.as("mira").apply(open_schedule(dao.account("zed"), {{0, 0}, {10, 10}})).error(),
            "Ok");
  ASSERT_EQ(dao.as("zed").apply(plan_of(dao, {"noor", "chen"}, 2)).error(), "Ok");
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "zed", "new")).error(), "Ok");
  EXPECT_EQ(close("zed"), "AccountInUse") << "a recovery";
  ASSERT_EQ(dao.as("zed").apply(cancel_recovery()).error(), "Ok");
  dao.end_block();

  // A promise that he never accepted binds nobody.
  ASSERT_EQ(close("zed"), "Ok");
  dao.end_block();
  EXPECT_FALSE(accounts::is_open(dao.state(), dao.account("zed")));
  const auto waiting = check_authentic(dao.state(), dao.body("zed", {burn(1)}),
                                       {key_of("zed").public_key()}, dao.height(), 1);
  EXPECT_EQ(waiting.error(), Error::AccountClosed);
  EXPECT_EQ(dao.as("noor").apply(start_recovery(dao, "zed", "new")).error(), "AccountClosed");
  EXPECT_EQ(dao.as("mira").apply(transfer(dao.account("zed"), 1)).error(), "PayeeUnknown");
  EXPECT_TRUE(guarded_by(dao, "noor").empty());
  dao.pass_ms(100 * kSecond);
  EXPECT_EQ(dao.tokens("mira"), 1'500 * kToken) << "the promise came back";
}

TEST(CloseAccount, waits_for_the_deposit_of_an_open_proposal) {
  Dao dao;
  ASSERT_EQ(dao.as("chen").apply(submit({create_fund("study")})).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(exit_dao()).error(), "Ok");
  const AccountId mira = dao.account("mira");
  ASSERT_EQ(dao.as("chen").apply(transfer(mira, 1'000 * kToken - kStandardDeposit)).error(), "Ok");
  EXPECT_EQ(dao.as("chen").apply(close_account()).error(), "AccountInUse");
  ASSERT_EQ(dao.apply_as_dao(cancel_proposal(1)), "Ok");
  ASSERT_EQ(dao.as("chen").apply(transfer(mira, kStandardDeposit)).error(), "Ok");
  EXPECT_EQ(dao.as("chen").apply(close_account()).error(), "Ok");
  dao.end_block();
}

TEST(Guardian, that_closes_still_counts_among_all) {
  // G-2.6: what is needed may become unreachable, and `salus recovery show` says so.
  Dao dao = with_a_plan();
  ASSERT_EQ(dao.as("zed").apply(transfer(dao.account("mira"), 500 * kToken)).error(), "Ok");
  ASSERT_EQ(dao.as("zed").apply(close_account()).error(), "Ok");
  dao.end_block();
  const v1::RecoveryPlan plan = account_of(dao, "mira").recovery();
  EXPECT_EQ(plan.guardians_size(), 3);
  EXPECT_EQ(accounts::open_guardians(dao.state(), plan), 2U);
  ASSERT_EQ(dao.as("noor").apply(start_recovery(dao, "mira", "new")).error(), "Ok");
  ASSERT_EQ(dao.as("chen").apply(support_recovery(dao, "mira", "new")).error(), "Ok");
  EXPECT_FALSE(accounts::find_recovery(dao.state(), dao.account("mira"))->firm()) << "2 of 3";
}

TEST(Recovery, content_is_the_hash_of_account_keys_and_threshold) {
  accounts::Keys keys;
  *keys.Add() = account_key("lena", 2, 255);
  ByteWriter by_hand;
  by_hand.bytes(AccountId{}.view());
  by_hand.u8(1);
  by_hand.bytes(key_of("lena").public_key().view());
  by_hand.u8(2);
  by_hand.u32(255);
  by_hand.u16(2);
  EXPECT_EQ(accounts::recovery_content({}, keys, 2),
            Hash{crypto::hash("salus.recovery.1", by_hand.out()).bytes});
}

}  // namespace
}  // namespace salus::dao::test
