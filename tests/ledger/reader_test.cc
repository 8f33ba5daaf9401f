// Owns: proof of the indexes that queries rest on, and that a chain replayed from its bytes is the
// same chain.
#include "ledger/reader.h"

#include <gtest/gtest.h>

#include <random>

#include "ledger/chain.h"
#include "ledger/results.h"

namespace salus::ledger {
namespace {

using test::Chain;
using test::kAccounts;

TEST(Reader, of_an_empty_store_says_so) {
  const storage::MemoryStore store;
  EXPECT_FALSE(Reader{store}.is_initialised());
  EXPECT_FALSE(Ledger::open(store).has_value());
}

TEST(Reader, of_genesis_has_height_zero_and_its_document) {
  const Chain chain;
  const Reader reader = chain.reader();
  ASSERT_TRUE(reader.is_initialised());
  EXPECT_EQ(reader.genesis_bytes(), chain.genesis_bytes());
  EXPECT_EQ(reader.chain_id(), chain.chain_id());
  EXPECT_EQ(reader.tip().height, Height{0});
  EXPECT_EQ(as_chars(reader.tip().digest.view()), as_chars(chain.chain_id().view()));
  EXPECT_EQ(reader.tip().results_root, empty_results_root());
  EXPECT_EQ(reader.tip().validators.validators_size(), 4);
  EXPECT_TRUE(reader.tip().certificate.empty());
  EXPECT_EQ(reader.height_of(reader.tip().digest), Height{0});
  EXPECT_FALSE(reader.block(Height{1}));
}

TEST(Reader, finds_a_transaction_by_its_id_with_its_result) {
  Chain chain;
  const auto applied = chain.transfer(0, 0);
  const auto refused = chain.transfer(1, 0, 2'000'000);
  chain.finalize(chain.extend(chain.tip(), {applied}));
  chain.finalize(chain.extend(chain.tip(), {chain.transfer(0, 1), refused}));

  const Reader reader = chain.reader();
  const auto first = reader.find_transaction(applied->id());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->place.height, Height{1});
  EXPECT_EQ(first->place.index, 0U);
  EXPECT_EQ(first->result.code(), v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(first->result.tx_id(), applied->id().to_string());
  const auto second = reader.find_transaction(refused->id());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->place.height, Height{2});
  EXPECT_EQ(second->place.index, 1U);
  EXPECT_EQ(second->result.code(), v1::ERROR_CODE_INSUFFICIENT_FUNDS);
  EXPECT_FALSE(reader.place_of(chain.transfer(3, 0)->id()));
  EXPECT_FALSE(reader.find_transaction(chain.transfer(3, 0)->id()));
}

TEST(Reader, lists_the_transactions_of_an_account_newest_first_and_in_pages) {
  Chain chain;
  std::vector<TxId> of_account;
  for (std::uint64_t block = 0; block < 3; ++block) {
    std::vector<Validated<wire::Transaction>> transactions{chain.transfer(1, block)};
    for (std::uint64_t i = 0; i < 2; ++i) {
      transactions.push_back(chain.transfer(0, 2 * block + i));
      of_account.push_back(transactions.back()->id());
    }
    chain.finalize(chain.extend(chain.tip(), transactions));
  }
  std::ranges::reverse(of_account);

  const Reader reader = chain.reader();
  const auto all = reader.account_transactions(chain.account(0), std::nullopt, 100);
  ASSERT_EQ(all.size(), 6U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].id, of_account[i]) << i;
  EXPECT_EQ(all[0].place.height, Height{3});
  EXPECT_EQ(all[0].place.index, 2U);

  for (std::size_t size = 1; size <= 7; ++size) {
    std::vector<TxId> pages;
    std::optional<TransactionPlace> before;
    while (true) {
      const auto page = reader.account_transactions(chain.account(0), before, size);
      EXPECT_LE(page.size(), size);
      if (page.empty()) break;
      for (const auto& transaction : page) pages.push_back(transaction.id);
      before = page.back().place;
    }
    EXPECT_EQ(pages, of_account) << size;
  }
  EXPECT_TRUE(reader.account_transactions(chain.account(0), std::nullopt, 0).empty());
  // Who only receives has sent nothing.
  EXPECT_TRUE(reader.account_transactions(chain.account(2), std::nullopt, 10).empty());
}

TEST(Reader, lists_no_more_than_a_page) {
  Chain chain;
  std::vector<Validated<wire::Transaction>> transactions;
  for (std::uint64_t i = 0; i < kPageMax + 5; ++i) transactions.push_back(chain.transfer(0, i));
  chain.finalize(chain.extend(chain.tip(), transactions));
  EXPECT_EQ(chain.reader().account_transactions(chain.account(0), std::nullopt, 10'000).size(),
            kPageMax);
}

TEST(Reader, gives_blocks_as_they_came) {
  Chain chain;
  const Digest digest = chain.extend(chain.tip(), {chain.transfer(0, 0)});
  const std::string bytes = (*chain.ledger().find(digest))->bytes();
  chain.finalize(digest);
  const Reader reader = chain.reader();
  EXPECT_EQ(reader.height_of(digest), Height{1});
  EXPECT_FALSE(reader.height_of(*Digest::from(std::string(32, 'x'))));
  const auto stored = reader.stored_block(Height{1});
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->bytes, bytes);
  EXPECT_EQ(as_chars(stored->certificate), "a certificate");
  const auto block = reader.block(Height{1});
  ASSERT_TRUE(block);
  EXPECT_EQ(block->header().digest(), digest.to_string());
  EXPECT_EQ(block->transactions_size(), 1);
  EXPECT_EQ(block->results().results_size(), 1);
  EXPECT_EQ(block->results_root(), results_root(block->results()).to_string());
  EXPECT_EQ(block->state_root(), reader.tip().state_root.to_string());
  EXPECT_FALSE(reader.stored_block(Height{2}));
}

// Random blocks on one node, with siblings that lose, restarts, and transactions that fail.
void grow(Chain& chain, std::uint64_t seed, int blocks) {
  std::mt19937_64 random{seed};
  std::vector<std::uint64_t> next(kAccounts, 0);
  for (int i = 0; i < blocks; ++i) {
    std::vector<Validated<wire::Transaction>> transactions;
    for (std::uint64_t count = random() % 5; count > 0; --count) {
      const std::size_t from = random() % kAccounts;
      transactions.push_back(chain.transfer(from, next[from]++, random() % 600'000 + 1));
    }
    chain.set_step_ms(random() % 5'000 + 1);
    const Digest winner = chain.extend(chain.tip(), transactions, 1);
    if (random() % 3 == 0) chain.extend(chain.tip(), {}, 2);
    chain.finalize(winner);
    if (random() % 4 == 0) chain.reopen();
  }
}

TEST(Replay, from_genesis_gives_the_same_roots_and_the_same_bytes) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chain first;
    grow(first, seed, 25);
    Chain second;
    for (Height at{1}; at <= first.reader().tip().height; at = at.next()) {
      const auto stored = first.reader().stored_block(at);
      auto block = Block::decode_and_verify(as_bytes(stored->bytes));
      ASSERT_TRUE(block.has_value());
      const Digest digest = (*block)->digest();
      ASSERT_TRUE(second.ledger().add(std::move(*block)));
      ASSERT_TRUE(second.check(**second.ledger().find(digest)).is_valid());
      ASSERT_TRUE(second.ledger().execute(digest));
      second.finalize(digest);
      const auto one = first.reader().block(at);
      EXPECT_EQ(one->state_root(), second.reader().tip().state_root.to_string());
      EXPECT_EQ(one->results_root(), second.reader().tip().results_root.to_string());
    }
    EXPECT_EQ(first.store().entries(), second.store().entries());
  }
}

// A segment becomes final at once: its batches may be written as one.
TEST(Replay, of_a_segment_in_one_batch_gives_the_same_bytes) {
  Chain one_by_one;
  Chain at_once;
  std::vector<Digest> segment;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto transfer = one_by_one.transfer(0, i);
    one_by_one.finalize(one_by_one.extend(one_by_one.tip(), {transfer}));
    segment.push_back(at_once.extend(segment.empty() ? at_once.tip() : segment.back(), {transfer}));
  }
  StoreBatch all;
  for (const Digest& digest : segment) {
    StoreBatch batch = at_once.ledger().prepare_finalize(digest, as_bytes("a certificate"));
    for (auto& write : batch.writes) all.writes.push_back(std::move(write));
  }
  ASSERT_TRUE(at_once.store().write(all).has_value());
  for (const Digest& digest : segment) at_once.ledger().confirm_finalized(digest);
  EXPECT_EQ(at_once.tip(), segment.back());
  EXPECT_EQ(one_by_one.store().entries(), at_once.store().entries());
}

TEST(Replay, a_reopened_ledger_stands_where_it_stood) {
  Chain chain;
  grow(chain, 7, 10);
  const Tip before = chain.ledger().finalized();
  const BlockOutcome outcome = chain.ledger().outcome(before.digest);
  chain.reopen();
  EXPECT_EQ(static_cast<const TipRecord&>(before), chain.ledger().finalized());
  EXPECT_EQ(before.validator_set_hash, chain.ledger().finalized().validator_set_hash);
  EXPECT_EQ(outcome.state_root, chain.ledger().outcome(before.digest).state_root);
  EXPECT_EQ(outcome.next_due, chain.ledger().outcome(before.digest).next_due);
}

}  // namespace
}  // namespace salus::ledger
