// Owns: proof of each refusal, of order, bounds, expiry and removal of waiting transactions.
#include "mempool/mempool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dao/accounts/accounts.h"
#include "mempool/a_pool.h"

namespace salus::mempool {
namespace {

using test::APool;
using test::places;
using test::Wanted;

// A safety action (H-0.8); nobody is a member here, which only execution would mind.
Validated<wire::Transaction> safety(const APool& pool, std::size_t from, std::uint64_t sequence) {
  v1::TxBody body = pool.body({.from = from, .sequence = sequence});
  body.mutable_actions(0)->mutable_exit();
  return test::signed_transaction(body, {static_cast<std::uint8_t>(from + 1)});
}

std::size_t size_of(const APool& pool, const Wanted& wanted) {
  return pool.make(wanted)->raw().size();
}

TEST(Admission, keeps_what_may_wait_and_finds_it) {
  APool pool;
  const auto transaction = pool.make({});
  EXPECT_FALSE(pool.pool().has(transaction->id()));
  ASSERT_EQ(pool.admit(transaction), "Ok");
  EXPECT_TRUE(pool.pool().has(transaction->id()));
  EXPECT_TRUE(pool.pool().has_raw(as_bytes(transaction->raw())));
  ASSERT_NE(pool.pool().find(transaction->id()), nullptr);
  EXPECT_EQ((*pool.pool().find(transaction->id()))->raw(), transaction->raw());
  EXPECT_EQ(pool.pool().count(), 1U);
  EXPECT_EQ(pool.pool().bytes(), transaction->raw().size());
}

TEST(Admission, names_what_is_wrong_and_changes_nothing) {
  struct Case {
    const char* name;
    Wanted wanted;
    std::string expected;
  };
  APool pool;
  pool.finalize({pool.make({.from = 1})});
  pool.finalize_empty(9);
  pool.set_window(4);
  ASSERT_EQ(pool.admit({.from = 2}), "Ok");
  const Case cases[] = {
      {"the same again", {.from = 2}, "AlreadyKnown"},
      {"at its last height", {.expiry_height = 10}, "ExpiryPassed"},
      {"for the next height only", {.expiry_height = 11}, "Ok"},
      {"longer than ttl_max ahead", {.sequence = 1, .expiry_height = 1ULL << 40U}, "TtlTooLong"},
      {"a key that the account has not", {.sequence = 1, .keys = {9}}, "KeyUnknown"},
      {"one more key that it has not", {.sequence = 1, .keys = {1, 9}}, "KeyUnknown"},
      {"a used sequence", {.from = 1, .sequence = 0, .amount = 7}, "SequenceUsed"},
      {"the last sequence of the window", {.from = 1, .sequence = 4}, "Ok"},
      {"one past the window", {.from = 1, .sequence = 5}, "SequenceGap"},
      {"the largest sequence", {.from = 1, .sequence = ~0ULL}, "SequenceGap"},
      {"another one in a place that is taken", {.from = 2, .amount = 7}, "SequenceUsed"},
  };
  for (const Case& row : cases) {
    const std::size_t count = pool.pool().count();
    const std::size_t bytes = pool.pool().bytes();
    EXPECT_EQ(pool.admit(row.wanted), row.expected) << row.name;
    if (row.expected == "Ok") continue;
    EXPECT_EQ(pool.pool().count(), count) << row.name;
    EXPECT_EQ(pool.pool().bytes(), bytes) << row.name;
  }
}

TEST(Admission, refuses_another_chain_an_unknown_account_and_an_action_over_its_limit) {
  APool pool;
  v1::TxBody body = pool.body({});
  body.set_chain_id(std::string(32, 'x'));
  EXPECT_EQ(pool.admit(test::signed_transaction(body, {1})), "WrongChain");
  body = pool.body({});
  body.set_account(std::string(32, 'x'));
  EXPECT_EQ(pool.admit(test::signed_transaction(body, {1})), "AccountUnknown");
  body = pool.body({});
  body.mutable_actions(0)->mutable_transfer()->set_amount(0);
  EXPECT_EQ(pool.admit(test::signed_transaction(body, {1})), "AmountZero");
  EXPECT_EQ(pool.pool().count(), 0U);
}

// Replacing would let a thief's key race its owner's: first come, first served.
TEST(Admission, replaces_nothing) {
  APool pool;
  const auto first = pool.make({.amount = 1});
  ASSERT_EQ(pool.admit(first), "Ok");
  EXPECT_EQ(pool.admit({.amount = 2}), "SequenceUsed");
  EXPECT_EQ(places(pool, pool.take()), "0:0");
  EXPECT_EQ(pool.take().front()->id(), first->id());
}

TEST(Admission, ends_at_the_window_of_an_account_and_leaves_others_their_room) {
  APool pool;
  pool.set_window(3);
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
    EXPECT_EQ(pool.admit({.sequence = sequence}), "Ok");
  }
  EXPECT_EQ(pool.admit({.sequence = 3}), "SequenceGap");
  EXPECT_EQ(pool.admit({.from = 1}), "Ok");
}

// A vote may make the window smaller than what waits already.
TEST(Admission, counts_what_waited_before_the_window_shrank) {
  APool pool;
  pool.set_window(8);
  for (std::uint64_t sequence = 4; sequence < 8; ++sequence) {
    ASSERT_EQ(pool.admit({.sequence = sequence}), "Ok");
  }
  pool.set_window(4);
  EXPECT_EQ(pool.admit({.sequence = 0}), "QuotaExceeded");
  EXPECT_EQ(pool.pool().count(), 4U);
}

TEST(Bounds, of_the_count_hold_and_a_tenth_is_kept_for_safety_actions) {
  APool pool{{.count_max = 10, .bytes_max = 1'000'000}};
  for (std::uint64_t i = 0; i < 9; ++i) {
    ASSERT_EQ(pool.admit({.from = i % 2, .sequence = i / 2}), "Ok") << i;
  }
  EXPECT_EQ(pool.admit({.from = 2}), "MempoolFull");
  EXPECT_EQ(pool.admit(safety(pool, 3, 0)), "Ok");
  EXPECT_EQ(pool.admit(safety(pool, 3, 1)), "MempoolFull");
  EXPECT_EQ(pool.pool().count(), 10U);
  // Nothing was pushed out for it.
  EXPECT_EQ(places(pool, pool.take()), "0:0 1:0 3:0 0:1 1:1 0:2 1:2 0:3 1:3 0:4");
}

TEST(Bounds, of_bytes_hold_and_a_tenth_is_kept_for_safety_actions) {
  APool measure;
  const std::size_t one = size_of(measure, {});
  APool pool{{.count_max = 1'000, .bytes_max = one * 5}};
  // 90 % of five is four and a half.
  for (std::size_t account = 0; account < 4; ++account) {
    ASSERT_EQ(pool.admit({.from = account}), "Ok");
  }
  EXPECT_EQ(pool.admit({.from = 0, .sequence = 1}), "MempoolFull");
  EXPECT_EQ(pool.admit(safety(pool, 0, 1)), "Ok");
  EXPECT_LE(pool.pool().bytes(), one * 5);
  EXPECT_EQ(pool.admit(safety(pool, 0, 2)), "MempoolFull");
}

TEST(Bounds, are_not_lifted_for_what_only_rides_with_a_safety_action) {
  APool pool{{.count_max = 1, .bytes_max = 1'000'000}};
  v1::TxBody mixed = pool.body({});
  mixed.add_actions()->mutable_exit();
  EXPECT_EQ(pool.admit(test::signed_transaction(mixed, {1})), "MempoolFull");
  EXPECT_EQ(pool.admit(safety(pool, 0, 0)), "Ok");
}

TEST(Take, keeps_the_order_of_an_account_and_stops_at_a_gap) {
  APool pool;
  for (const std::uint64_t sequence : {3U, 1U, 0U, 4U}) {
    ASSERT_EQ(pool.admit({.sequence = sequence}), "Ok");
  }
  EXPECT_EQ(places(pool, pool.take()), "0:0 0:1");
  ASSERT_EQ(pool.admit({.sequence = 2}), "Ok");
  EXPECT_EQ(places(pool, pool.take()), "0:0 0:1 0:2 0:3 0:4");
}

TEST(Take, gives_accounts_one_each_in_turn) {
  APool pool;
  for (std::uint64_t sequence = 0; sequence < 5; ++sequence) {
    ASSERT_EQ(pool.admit({.from = 0, .sequence = sequence}), "Ok");
  }
  ASSERT_EQ(pool.admit({.from = 1}), "Ok");
  ASSERT_EQ(pool.admit({.from = 2}), "Ok");
  const auto taken = pool.take({.count_max = 3, .bytes_max = 1'000'000});
  std::vector<AccountId> accounts;
  for (const auto& transaction : taken) accounts.push_back(transaction->account());
  std::ranges::sort(accounts);
  EXPECT_EQ(std::ranges::unique(accounts).size(), 0U) << places(pool, taken);
}

TEST(Take, begins_with_the_account_that_came_up_short) {
  APool pool;
  for (std::size_t account = 0; account < 4; ++account) {
    ASSERT_EQ(pool.admit({.from = account}), "Ok");
  }
  std::string seen;
  for (int block = 0; block < 4; ++block) {
    const auto taken = pool.take({.count_max = 1, .bytes_max = 1'000'000});
    ASSERT_EQ(taken.size(), 1U);
    const std::string place = places(pool, taken);
    EXPECT_EQ(seen.find(place), std::string::npos) << seen << " then " << place;
    seen += " " + place;
  }
}

TEST(Take, keeps_to_the_bytes_of_a_block) {
  APool pool;
  const std::size_t one = size_of(pool, {});
  for (std::size_t account = 0; account < 3; ++account) {
    ASSERT_EQ(pool.admit({.from = account}), "Ok");
  }
  // A transaction costs four bytes more inside a block.
  EXPECT_EQ(pool.take({.count_max = 9, .bytes_max = 2 * (one + 4)}).size(), 2U);
  EXPECT_EQ(pool.take({.count_max = 9, .bytes_max = 2 * (one + 4) - 1}).size(), 1U);
  EXPECT_EQ(pool.take({.count_max = 9, .bytes_max = one}).size(), 0U);
}

// Regression: one transaction that fitted no block of a small bound stopped all that waited.
TEST(Take, passes_over_what_fits_no_block_at_all) {
  APool pool;
  const std::size_t one = size_of(pool, {});
  ASSERT_EQ(pool.admit({.from = 0, .actions = 9}), "Ok");
  ASSERT_EQ(pool.admit({.from = 0, .sequence = 1}), "Ok");
  ASSERT_EQ(pool.admit({.from = 1}), "Ok");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(places(pool, pool.take({.count_max = 9, .bytes_max = 2 * (one + 4)})), "1:0");
  }
}

TEST(Admission, refuses_what_no_block_can_hold) {
  APool pool;
  const std::size_t one = size_of(pool, {});
  pool.set_block_bytes(ledger::block_bytes_bound(1, one));
  EXPECT_EQ(pool.admit({}), "Ok");
  EXPECT_EQ(pool.admit({.from = 1, .actions = 2}), "TooLarge");
}

TEST(Take, passes_over_what_an_ancestor_that_is_not_final_holds) {
  APool pool;
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
    ASSERT_EQ(pool.admit({.sequence = sequence}), "Ok");
  }
  const Digest candidate = pool.chain().extend(pool.chain().tip(), {pool.make({})});
  const state::Overlay& after = *pool.chain().ledger().state_after(candidate);
  EXPECT_EQ(places(pool, pool.pool().take({9, 1'000'000}, after, Height{2})), "0:1 0:2");
  EXPECT_TRUE(pool.pool().has_executable(after, Height{2}));
  EXPECT_EQ(pool.pool().count(), 3U);
}

TEST(Take, leaves_out_what_expires_before_the_block) {
  APool pool;
  ASSERT_EQ(pool.admit({.sequence = 0, .expiry_height = 5}), "Ok");
  ASSERT_EQ(pool.admit({.sequence = 1, .expiry_height = 9}), "Ok");
  const state::Overlay& state = pool.chain().ledger().finalized_state();
  EXPECT_EQ(pool.pool().take({9, 1'000'000}, state, Height{5}).size(), 2U);
  EXPECT_EQ(pool.pool().take({9, 1'000'000}, state, Height{6}).size(), 0U);
}

TEST(Executable, is_what_take_would_find) {
  APool pool;
  EXPECT_FALSE(pool.has_executable());
  ASSERT_EQ(pool.admit({.sequence = 1}), "Ok");
  EXPECT_FALSE(pool.has_executable());
  ASSERT_EQ(pool.admit({.sequence = 0}), "Ok");
  EXPECT_TRUE(pool.has_executable());
}

TEST(Finalized, removes_what_the_block_holds_and_what_competes_with_it) {
  APool pool;
  ASSERT_EQ(pool.admit({.from = 0, .sequence = 0}), "Ok");
  ASSERT_EQ(pool.admit({.from = 0, .sequence = 1}), "Ok");
  ASSERT_EQ(pool.admit({.from = 1, .sequence = 0, .amount = 5}), "Ok");
  ASSERT_EQ(pool.admit({.from = 2, .sequence = 0}), "Ok");
  // Of account 1 the other node had another transaction.
  pool.finalize({pool.make({.from = 0}), pool.make({.from = 1, .amount = 6})});
  EXPECT_EQ(places(pool, pool.take()), "0:1 2:0");
  EXPECT_EQ(pool.pool().count(), 2U);
}

TEST(Finalized, removes_what_expired_and_nothing_else) {
  APool pool;
  ASSERT_EQ(pool.admit({.sequence = 0, .expiry_height = 2}), "Ok");
  ASSERT_EQ(pool.admit({.sequence = 1, .expiry_height = 3}), "Ok");
  const auto gone = pool.make({.sequence = 0, .expiry_height = 2});
  pool.finalize_empty(1);
  EXPECT_EQ(pool.pool().count(), 2U);
  pool.finalize_empty(1);
  EXPECT_EQ(pool.pool().count(), 1U);
  EXPECT_FALSE(pool.pool().has(gone->id()));
  EXPECT_FALSE(pool.pool().has_raw(as_bytes(gone->raw())));
  EXPECT_EQ(pool.pool().find(gone->id()), nullptr);
  pool.finalize_empty(1);
  EXPECT_EQ(pool.pool().count(), 0U);
  EXPECT_EQ(pool.pool().bytes(), 0U);
}

TEST(Finalized, removes_what_a_key_signed_that_is_no_longer_the_accounts) {
  APool pool;
  v1::TxBody body = pool.body({});
  v1::RotateKeys& rotate = *body.mutable_actions(0)->mutable_rotate_keys();
  v1::AccountKey& key = *rotate.add_keys();
  key.set_key(test::key_pair(50).public_key().to_string());
  key.set_weight(1);
  key.set_scope(255);
  rotate.set_threshold(1);
  rotate.add_proofs(
      test::key_pair(50).sign(dao::accounts::rotate_proof(pool.chain().account(0), 1)).to_string());
  const auto rotation = test::signed_transaction(body, {1});
  ASSERT_EQ(pool.admit(rotation), "Ok");
  ASSERT_EQ(pool.admit({.sequence = 1}), "Ok");
  pool.finalize({rotation});
  EXPECT_EQ(pool.pool().count(), 0U);
  EXPECT_EQ(pool.admit({.sequence = 1}), "KeyUnknown");
  EXPECT_EQ(pool.admit({.sequence = 1, .keys = {50}}), "Ok");
}

// Regression: a recovery replaces keys without a transaction of the account, so what a thief had
// sent by the old ones kept its places from the owner until it expired (G-2.7).
TEST(Admission, gives_the_owner_the_places_of_what_lost_keys_signed) {
  APool pool;
  pool.set_window(2);
  ASSERT_EQ(pool.admit({}), "Ok");
  ASSERT_EQ(pool.admit({.sequence = 1}), "Ok");
  pool.replace_key(0, 50);
  EXPECT_EQ(pool.admit({.amount = 3}), "KeyUnknown");
  EXPECT_EQ(pool.admit({.amount = 2, .keys = {50}}), "Ok");
  EXPECT_EQ(pool.admit({.sequence = 1, .amount = 2, .keys = {50}}), "Ok");
  EXPECT_EQ(pool.admit({.sequence = 1, .amount = 3, .keys = {50}}), "SequenceUsed");
  EXPECT_EQ(pool.pool().count(), 2U);
}

TEST(Finalized, transactions_are_not_taken_again) {
  APool pool;
  const auto transaction = pool.make({});
  pool.finalize({transaction});
  EXPECT_EQ(pool.admit(transaction), "SequenceUsed");
}

}  // namespace
}  // namespace salus::mempool
