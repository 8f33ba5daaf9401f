// Owns: the proof that forgetting takes whole heights from below and nothing else: after each
// batch, which is where a crash may come, the ledger opens, goes on, and answers for all that is
// kept.
#include "ledger/prune.h"

#include <gtest/gtest.h>

#include "ledger/chain.h"
#include "ledger/keys.h"
#include "state/layout.h"

namespace salus::ledger {
namespace {

using test::Chain;

constexpr std::uint64_t kBlocks = 12;

// Blocks with two transfers each.
struct Forgetful : testing::Test {
  Forgetful() {
    for (std::uint64_t i = 0; i < kBlocks; ++i) {
      transfers.push_back(chain.transfer(0, i));
      chain.finalize(chain.extend(chain.tip(), {transfers.back(), chain.transfer(1, i)}));
    }
  }
  std::size_t count(char prefix) const {
    std::size_t found = 0;
    chain.store().scan({&prefix, 1}, {},
                       [&](std::string_view, std::string_view) { return ++found > 0; });
    return found;
  }
  void require_whole_from(const Kept& kept) {
    chain.reopen();
    const Reader reader = chain.reader();
    EXPECT_EQ(reader.kept(), kept);
    for (Height height{1}; height <= reader.tip_height(); height = height.next()) {
      const auto& transfer = transfers[height.value() - 1];
      const bool has_block = height >= kept.block;
      const bool has_results = height >= kept.results;
      const auto block = reader.block(height);
      ASSERT_EQ(block.has_value(), has_block) << height.value();
      EXPECT_EQ(reader.stored_block(height).has_value(), has_block);
      EXPECT_EQ(reader.header_bytes(height).has_value(), has_block);
      EXPECT_EQ(reader.results(height).has_value(), has_results);
      EXPECT_EQ(reader.place_of(transfer->id()).has_value(), has_block);
      EXPECT_EQ(reader.find_transaction(transfer->id()).has_value(), has_results);
      if (has_block) {
        EXPECT_EQ(block->has_results(), has_results);
      }
      EXPECT_EQ(reader.prove_result({height, 0}).has_value(), has_results);
    }
    const std::size_t blocks = kBlocks + 1 - kept.block.value();
    for (const char prefix : {'b', 'c'}) EXPECT_EQ(count(prefix), blocks) << prefix;
    EXPECT_EQ(count('r'), kBlocks + 1 - kept.results.value());
    // Genesis has roots and a digest too.
    EXPECT_EQ(count('o'), blocks + 1);
    EXPECT_EQ(count('d'), blocks + 1);
    EXPECT_EQ(count('x'), 2 * blocks);
    EXPECT_EQ(reader.account_transactions(chain.account(0), {}, 100).size(), blocks);
  }

  Chain chain;
  std::vector<Validated<wire::Transaction>> transfers;
};

TEST_F(Forgetful, keeps_all_until_it_is_told_to_forget) {
  EXPECT_EQ(chain.reader().kept(), (Kept{Height{1}, Height{1}}));
  const ChainPruning nothing = prune_chain(chain.store(), {}, 100);
  EXPECT_TRUE(nothing.done);
  EXPECT_TRUE(nothing.batch.writes.empty());
  EXPECT_EQ(nothing.erased, 0U);
}

TEST_F(Forgetful, is_whole_after_each_batch_of_any_size) {
  const Kept goal{.block = Height{6}, .results = Height{9}};
  std::size_t batches = 0;
  for (bool done = false; !done; ++batches) {
    const ChainPruning step = prune_chain(chain.store(), goal, 1);
    ASSERT_TRUE(chain.store().write(step.batch).has_value());
    done = step.done;
    require_whole_from(chain.reader().kept());
  }
  EXPECT_GT(batches, 10U);
  EXPECT_EQ(chain.reader().kept(), goal);
  EXPECT_TRUE(prune_chain(chain.store(), goal, 1).batch.writes.empty());
  // What is lower than before asks for nothing.
  EXPECT_TRUE(prune_chain(chain.store(), {Height{3}, Height{3}}, 1).batch.writes.empty());
}

TEST_F(Forgetful, takes_results_with_their_blocks_and_never_the_tip) {
  const ChainPruning step =
      prune_chain(chain.store(), {.block = Height{500}, .results = {}}, 9'999);
  EXPECT_TRUE(step.done);
  ASSERT_TRUE(chain.store().write(step.batch).has_value());
  require_whole_from({.block = Height{kBlocks}, .results = Height{kBlocks}});
  const auto next = chain.transfer(0, kBlocks);
  chain.finalize(chain.extend(chain.tip(), {next}));
  EXPECT_TRUE(chain.reader().find_transaction(next->id()).has_value());
  EXPECT_EQ(chain.reader().block(Height{kBlocks + 1})->header().height(), kBlocks + 1);
}

TEST_F(Forgetful, leaves_the_state_and_the_ends_of_epochs_alone) {
  std::map<std::string, std::string> before;
  const auto others = [&] {
    std::map<std::string, std::string> out;
    chain.store().scan({}, {}, [&](std::string_view key, std::string_view value) {
      if (std::string_view{"snhqlgtf"}.find(key.front()) != std::string_view::npos) {
        out.emplace(key, value);
      }
      return true;
    });
    return out;
  };
  StoreBatch end;
  end.put(epoch_end_key(Epoch{0}), "how it ended");
  ASSERT_TRUE(chain.store().write(end).has_value());
  before = others();
  const ChainPruning step = prune_chain(chain.store(), {Height{9}, Height{9}}, 9'999);
  ASSERT_TRUE(chain.store().write(step.batch).has_value());
  EXPECT_EQ(others(), before);
}

// Whose blocks begin with 5.
struct ForgetfulJoiner : Forgetful {
  ForgetfulJoiner() {
    // As a joiner has it: header, finalization and roots of the snapshot's block, and no block.
    StoreBatch joined;
    joined.put(header_key(Height{4}), *chain.reader().header_bytes(Height{4}));
    for (Height height{1}; height <= Height{4}; height = height.next()) {
      joined.erase(block_key(height));
      joined.erase(results_key(height));
      if (height < Height{4}) joined.erase(certificate_key(height));
    }
    EXPECT_TRUE(chain.store().write(joined).has_value());
  }
  void forget(const Kept& lowest) {
    const ChainPruning step = prune_chain(chain.store(), lowest, 9'999);
    EXPECT_TRUE(chain.store().write(step.batch).has_value());
    EXPECT_EQ(chain.reader().kept(), lowest);
  }
  bool has_snapshot_block() const {
    const auto has = [&](const std::string& key) { return chain.store().get(key).has_value(); };
    const bool out = has(header_key(Height{4}));
    EXPECT_EQ(has(certificate_key(Height{4})), out);
    EXPECT_EQ(has(outcome_key(Height{4})), out);
    EXPECT_EQ(has(height_key(digest)), out);
    return out;
  }

  Digest digest = *Digest::from(chain.reader().block(Height{4})->header().digest());
};

TEST_F(ForgetfulJoiner, takes_the_header_below_the_first_block_after_a_snapshot_with_it) {
  EXPECT_EQ(chain.reader().kept(), (Kept{Height{5}, Height{5}}));
  forget({Height{7}, Height{7}});
  EXPECT_FALSE(has_snapshot_block());
}

TEST_F(ForgetfulJoiner, takes_that_header_also_where_results_went_before) {
  forget({Height{5}, Height{7}});
  EXPECT_TRUE(has_snapshot_block());
  forget({Height{6}, Height{7}});
  EXPECT_FALSE(has_snapshot_block());
}

TEST(KeptNote, has_golden_bytes) {
  const Kept kept{.block = Height{513}, .results = Height{514}};
  EXPECT_EQ(hex(as_bytes(encode(kept))), "00000000000002010000000000000202");
}

}  // namespace
}  // namespace salus::ledger
