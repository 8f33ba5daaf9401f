// Owns: proof that a transaction, its result, due work and past states follow from the roots that
// headers name, and that no bit of such a proof is free.
#include "ledger/inclusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "ledger/chain.h"
#include "ledger/state_proof.h"
#include "state/prune.h"
#include "state/record.h"
#include "state/table.h"
#include "state/tree.h"

namespace salus::ledger {
namespace {

using test::Chain;
using test::kAccounts;

Header header_at(const Chain& chain, std::uint64_t height) {
  const auto stored = chain.reader().stored_block(Height{height});
  const auto block = Block::decode(as_bytes(stored->bytes));
  SALUS_ASSERT(block.has_value(), "a stored block decodes");
  return block->header();
}

// Two blocks of transfers, one of them refused, and an empty one that certifies the second.
Chain& grow(Chain& chain) {
  std::vector<Validated<wire::Transaction>> first;
  for (std::size_t i = 0; i < kAccounts; ++i) first.push_back(chain.transfer(i, 0));
  chain.finalize(chain.extend(chain.tip(), first));
  chain.finalize(chain.extend(
      chain.tip(), {chain.transfer(0, 1), chain.transfer(1, 1, 9'000'000), chain.transfer(2, 1)}));
  chain.finalize(chain.extend(chain.tip(), {}));
  return chain;
}

// Every single-bit change is refused, by the decoder or by the root, unless what it says is true as
// well: a proof that a key is absent proves the same of its neighbours.
template <typename Message, typename Decode>
void expect_no_free_bit(
    const Message& proof, Decode decode, Height height, const Root& root,
    const std::function<bool(const Message&)>& is_true = [](const Message&) { return false; }) {
  const std::string bytes = state::encode(proof);
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded);
  ASSERT_TRUE(verify(height, root, *decoded));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto other = decode(changed);
    ASSERT_FALSE(other && verify(height, root, *other) && !is_true(*other)) << bit;
  }
  ASSERT_FALSE(verify(height.next(), root, *decoded));
  ASSERT_FALSE(verify(height, Root{}, *decoded));
}

TEST(Inclusion, of_every_transaction_and_result_holds) {
  Chain chain;
  grow(chain);
  for (std::uint64_t height = 1; height <= 2; ++height) {
    const Header own = header_at(chain, height);
    const Header next = header_at(chain, height + 1);
    const auto block = chain.reader().block(Height{height});
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(block->transactions_size()); ++i) {
      const TransactionPlace place{Height{height}, i};
      const auto transaction = chain.reader().prove_transaction(place);
      ASSERT_TRUE(transaction);
      EXPECT_TRUE(verify(Height{height}, own.transactions_root, *transaction));
      EXPECT_EQ(transaction->transaction(),
                state::encode(block->transactions(static_cast<int>(i))));
      const auto result = chain.reader().prove_result(place);
      ASSERT_TRUE(result);
      EXPECT_TRUE(verify(Height{height}, next.results_root, *result));
      EXPECT_EQ(result->path().index(), i);
    }
    const auto due = chain.reader().prove_due(Height{height});
    ASSERT_TRUE(due);
    EXPECT_TRUE(verify(Height{height}, next.results_root, *due));
    EXPECT_EQ(due->path().index() + 1, due->path().count());
  }
  EXPECT_FALSE(chain.reader().prove_transaction({Height{1}, 9}));
  EXPECT_FALSE(chain.reader().prove_result({Height{9}, 0}));
  EXPECT_FALSE(chain.reader().prove_due(Height{9}));
}

TEST(Inclusion, has_no_free_bit) {
  Chain chain;
  grow(chain);
  const Height height{2};
  const Header own = header_at(chain, 2);
  const Header next = header_at(chain, 3);
  const TransactionPlace place{height, 1};
  expect_no_free_bit(*chain.reader().prove_transaction(place), decode_transaction_inclusion, height,
                     own.transactions_root);
  expect_no_free_bit(*chain.reader().prove_result(place), decode_result_inclusion, height,
                     next.results_root);
  expect_no_free_bit(*chain.reader().prove_due(height), decode_due_inclusion, height,
                     next.results_root);
}

TEST(Inclusion, refuses_each_wrong_form_by_its_name) {
  Chain chain;
  grow(chain);
  const Root root = header_at(chain, 2).transactions_root;
  const auto good = *chain.reader().prove_transaction({Height{2}, 1});
  auto bad = good;
  bad.mutable_path()->set_siblings(0, "short");
  EXPECT_EQ(verify(Height{2}, root, bad).error(), InclusionError::Malformed);
  bad = good;
  bad.mutable_path()->set_count(0xffff'ffff);
  EXPECT_EQ(verify(Height{2}, root, bad).error(), InclusionError::Malformed);
  bad = good;
  bad.set_transaction(std::string(wire::kTransactionBytesMax + 1, 'x'));
  EXPECT_EQ(verify(Height{2}, root, bad).error(), InclusionError::Malformed);
  bad = good;
  bad.mutable_transaction()->back() ^= 1;
  EXPECT_EQ(verify(Height{2}, root, bad).error(), InclusionError::OtherRoot);
  EXPECT_EQ(verify(Height{1}, root, good).error(), InclusionError::OtherHeight);
  auto result = *chain.reader().prove_result({Height{2}, 1});
  result.mutable_result()->set_tx_id("short");
  EXPECT_EQ(verify(Height{2}, root, result).error(), InclusionError::Malformed);
  EXPECT_FALSE(decode_state_proof(std::string(kProofMessageBytesMax + 1, '\0')));
  for (const auto error :
       {InclusionError::Malformed, InclusionError::OtherHeight, InclusionError::OtherRoot}) {
    EXPECT_GT(sentence(error).size(), 20U);
    EXPECT_EQ(sentence(StateProofError{error}), sentence(error));
  }
}

v1::StateProof proof_at(const Chain& chain, Height height, const std::vector<std::string>& keys) {
  const auto pages = chain.reader().pages_at(height);
  const auto past = chain.reader().state_at(height);
  const state::Overlay state{*past, std::string{state::kStatePrefix}};
  return *prove_state(*pages, [&](std::string_view key) { return state.get(key); }, keys);
}

TEST(PastState, is_proven_at_every_height_under_the_next_header) {
  Chain chain;
  grow(chain);
  std::vector<std::string> keys{"never"};
  for (std::size_t i = 0; i < kAccounts; ++i) {
    keys.push_back(state::Key{state::Table::Balances}.bytes(chain.account(i).view()).u32(1).str());
  }
  std::ranges::sort(keys);
  std::set<std::string> versions;
  for (std::uint64_t height = 0; height <= 2; ++height) {
    const Root root = header_at(chain, height + 1).state_root;
    const auto proof = proof_at(chain, Height{height}, keys);
    EXPECT_TRUE(verify(Height{height}, root, proof));
    EXPECT_FALSE(verify(Height{height + 1}, root, proof));
    versions.insert(state::encode(proof));
    if (height != 2) continue;
    const auto past = chain.reader().state_at(Height{height});
    const std::function<bool(const v1::StateProof&)> is_true = [&](const v1::StateProof& other) {
      return std::ranges::all_of(other.records(), [&](const v1::ProvenRecord& record) {
        const auto held = past->get(std::string{state::kStatePrefix} + record.key());
        return held ? record.has_value() && record.value() == *held : !record.has_value();
      });
    };
    expect_no_free_bit(proof, decode_state_proof, Height{2}, root, is_true);
  }
  EXPECT_EQ(versions.size(), 3U);
}

TEST(PastState, that_is_not_here_is_refused_with_the_heights_that_are) {
  Chain chain;
  grow(chain);
  const auto ahead = chain.reader().state_at(Height{4});
  ASSERT_FALSE(ahead);
  EXPECT_EQ(ahead.error().kind, HeightError::Kind::NotYet);
  EXPECT_NE(ahead.error().sentence().find("0 to 3"), std::string::npos);

  ASSERT_TRUE(chain.store().write(state::prune_state(chain.store(), Height{2}, 10'000).batch));
  const auto pruned = chain.reader().pages_at(Height{1});
  ASSERT_FALSE(pruned);
  EXPECT_EQ(pruned.error().kind, HeightError::Kind::Pruned);
  EXPECT_EQ(pruned.error().lowest, Height{2});
  EXPECT_NE(pruned.error().sentence().find("2 to 3"), std::string::npos);
  EXPECT_TRUE(chain.reader().state_at(Height{2}));
}

TEST(PastState, is_left_alone_by_pruning_beside_a_growing_chain) {
  Chain chain;
  std::vector<Root> roots{chain.ledger().finalized().state_root};
  for (std::uint64_t i = 0; i < 12; ++i) {
    // As made on another thread: the batch is written after the next block.
    const auto pruning =
        state::prune_state(chain.store(), Height{i > 3 ? i - 3 : 0}, 1 + i % 3 * 200);
    chain.finalize(chain.extend(chain.tip(), {chain.transfer(i % kAccounts, i / kAccounts)}));
    ASSERT_TRUE(chain.store().write(pruning.batch));
    roots.push_back(chain.ledger().finalized().state_root);
    for (std::uint64_t at = i > 3 ? i - 3 : 0; at <= i + 1; ++at) {
      const auto pages = chain.reader().pages_at(Height{at});
      ASSERT_TRUE(pages) << at;
      EXPECT_EQ(state::root_of(*pages), roots[at]);
    }
    if (i % 4 == 3) chain.reopen();
  }
}

}  // namespace
}  // namespace salus::ledger
