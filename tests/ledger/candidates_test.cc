// Owns: proof that candidates are held within bounds, the nearer ones first, and that a full ledger
// is no slower than an empty one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "ledger/chain.h"
#include "ledger/leaves.h"

namespace salus::ledger {
namespace {

using test::Chain;

Digest digest_of_number(std::uint64_t number) {
  ByteWriter writer;
  for (int i = 0; i < 4; ++i) writer.u64(number);
  return *Digest::from(ByteView{writer.out()});
}

// An empty block of any place; nobody executes it.
Validated<Block> block_at(const ChainId& chain_id, std::uint64_t height, const Digest& parent,
                          std::uint64_t view) {
  Header header;
  header.chain_id = chain_id;
  header.height = Height{height};
  header.parent = parent;
  header.view = View{view};
  header.time = WallMs{1};
  return Block::make(header, {});
}

class Candidates : public testing::Test {
 protected:
  // A block far away whose parent is not here.
  Validated<Block> stray(std::uint64_t height, std::uint64_t view) {
    return block_at(chain_.chain_id(), height, digest_of_number(height), view);
  }
  ledger::Ledger& ledger() { return chain_.ledger(); }

  Chain chain_;
};

TEST_F(Candidates, that_cannot_extend_the_finalized_chain_are_refused) {
  chain_.finalize(chain_.extend(chain_.tip(), {}));
  EXPECT_FALSE(ledger().add(block_at(chain_.chain_id(), 1, digest_of_number(0), 9)));
  EXPECT_FALSE(ledger().add(block_at(chain_.chain_id(), 2, digest_of_number(1), 9)));
  EXPECT_TRUE(ledger().add(block_at(chain_.chain_id(), 2, chain_.tip(), 9)));
}

TEST_F(Candidates, are_added_once) {
  const auto block = stray(5, 1);
  EXPECT_TRUE(ledger().add(block));
  EXPECT_TRUE(ledger().add(block));
  EXPECT_TRUE(ledger().has(block->digest()));
  EXPECT_EQ((*ledger().find(block->digest()))->bytes(), block->bytes());
}

TEST_F(Candidates, give_way_to_nearer_ones_when_the_ledger_is_full) {
  std::vector<Digest> far;
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) {
    const auto block = stray(10'000 + i, 1);
    far.push_back(block->digest());
    ASSERT_TRUE(ledger().add(block));
  }
  EXPECT_FALSE(ledger().add(stray(20'000, 1)));
  EXPECT_TRUE(ledger().add(stray(5'000, 1)));
  EXPECT_FALSE(ledger().has(far.back()));
  EXPECT_TRUE(ledger().has(far[far.size() - 2]));
}

// Each of these costs a walk over all the others where room is found by looking for it.
TEST_F(Candidates, are_all_replaced_by_nearer_ones_in_the_time_that_it_takes_to_add_them) {
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) ASSERT_TRUE(ledger().add(stray(100'000 + i, 1)));
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) ASSERT_TRUE(ledger().add(stray(50'000 + i, 1)));
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) ASSERT_TRUE(ledger().add(stray(10'000 + i, 1)));
  EXPECT_FALSE(ledger().add(stray(50'000, 1)));
}

TEST_F(Candidates, stay_while_others_build_on_them) {
  const auto parent = block_at(chain_.chain_id(), 9'000, digest_of_number(1), 1);
  ASSERT_TRUE(ledger().add(parent));
  std::uint64_t views = 0;
  // Children that are nearer than their parent do not exist; these are at its own height at most.
  const auto child = block_at(chain_.chain_id(), 9'001, parent->digest(), ++views);
  ASSERT_TRUE(ledger().add(child));
  for (std::uint64_t i = 2; i < kBlocksMax; ++i) ASSERT_TRUE(ledger().add(stray(10, ++views)));
  ASSERT_TRUE(ledger().add(stray(10, ++views)));
  EXPECT_TRUE(ledger().has(parent->digest()));
  EXPECT_FALSE(ledger().has(child->digest()));
  ASSERT_TRUE(ledger().add(stray(10, ++views)));
  EXPECT_FALSE(ledger().has(parent->digest()));
  EXPECT_FALSE(ledger().add(stray(10, ++views)));
}

// Regression: junk beside the tip, which nothing but a finalization removes, kept out every block
// that could have become final.
TEST_F(Candidates, that_are_needed_have_room_in_a_ledger_full_of_blocks_as_near) {
  std::uint64_t views = 0;
  const auto next_to_tip = [&] { return block_at(chain_.chain_id(), 1, chain_.tip(), ++views); };
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) ASSERT_TRUE(ledger().add(next_to_tip()));
  const auto honest = next_to_tip();
  EXPECT_FALSE(ledger().add(honest));
  EXPECT_TRUE(ledger().take_evicted().empty());
  EXPECT_TRUE(ledger().add(honest, {honest->digest()}));
  const auto evicted = ledger().take_evicted();
  ASSERT_EQ(evicted.size(), 1U);
  EXPECT_FALSE(ledger().has(evicted[0]));
  EXPECT_TRUE(ledger().take_evicted().empty()) << "each is told once";
}

// Regression: a candidate that was voted for, and whose bytes were promised, made room for junk
// that was nearer.
TEST_F(Candidates, that_are_needed_stay_when_nearer_ones_come) {
  std::set<Digest> needed;
  std::uint64_t views = 0;
  for (std::uint64_t i = 0; i < kBlocksMax; ++i) {
    const auto block = stray(9, ++views);
    if (i % 64 == 0) needed.insert(block->digest());
    ASSERT_TRUE(ledger().add(block));
  }
  for (std::uint64_t i = needed.size(); i < kBlocksMax; ++i) {
    ASSERT_TRUE(ledger().add(stray(8, ++views), needed));
  }
  EXPECT_FALSE(ledger().add(stray(8, ++views), needed)) << "only needed ones are farther";
  for (const Digest& digest : needed) EXPECT_TRUE(ledger().has(digest));
  for (const Digest& digest : ledger().take_evicted()) EXPECT_FALSE(needed.contains(digest));
}

TEST_F(Candidates, that_are_needed_are_added_even_if_nothing_can_make_room) {
  std::set<Digest> needed;
  for (std::uint64_t view = 1; view <= kBlocksMax + 3; ++view) {
    const auto block = stray(9, view);
    needed.insert(block->digest());
    ASSERT_TRUE(ledger().add(block, needed));
  }
  EXPECT_FALSE(ledger().add(stray(9, 9'999), needed));
  EXPECT_TRUE(ledger().take_evicted().empty());
}

TEST_F(Candidates, beside_the_finalized_chain_are_dropped) {
  const Digest a = chain_.extend(chain_.tip(), {chain_.transfer(0, 0)}, 1);
  const Digest b = chain_.extend(chain_.tip(), {}, 2);
  const Digest on_b = chain_.extend(b, {}, 3);
  const Digest on_a = chain_.extend(a, {}, 3);
  chain_.finalize(a);
  EXPECT_FALSE(ledger().has(b));
  EXPECT_FALSE(ledger().has(on_b));
  EXPECT_TRUE(ledger().is_executed(on_a));
  chain_.finalize(on_a);
  EXPECT_EQ(chain_.tip(), on_a);
}

TEST_F(Candidates, are_executed_within_a_bound_and_again_on_demand) {
  std::vector<Digest> siblings;
  for (std::uint64_t view = 1; view <= kExecutedMax + 5; ++view) {
    siblings.push_back(chain_.extend(chain_.tip(), {}, view));
  }
  const auto executed = std::ranges::count_if(
      siblings, [&](const Digest& digest) { return ledger().is_executed(digest); });
  EXPECT_EQ(static_cast<std::size_t>(executed), kExecutedMax);
  for (const Digest& digest : siblings) {
    EXPECT_TRUE(ledger().execute(digest));
    EXPECT_EQ(ledger().outcome(digest).state_root, ledger().outcome(siblings[0]).state_root);
    EXPECT_TRUE(ledger().execute(siblings[0]));
  }
}

TEST_F(Candidates, that_no_block_may_hold_are_not_executed) {
  const auto bad = chain_.transfer(0, 7);
  Header header = (*ledger().find(chain_.extend(chain_.tip(), {})))->header();
  auto block = Block::make(header, {bad});
  ASSERT_TRUE(ledger().add(block));
  EXPECT_FALSE(ledger().can_execute(block->digest()));
  EXPECT_FALSE(ledger().execute(block->digest()));
  EXPECT_FALSE(ledger().is_executed(block->digest()));
  EXPECT_FALSE(ledger().execute(digest_of_number(1)));
}

// Regression: an old build at an upgrade executed again and again, in vain, what it does not know.
TEST_F(Candidates, of_a_version_that_the_build_lacks_are_not_executed) {
  Header header = (*ledger().find(chain_.extend(chain_.tip(), {})))->header();
  header.version = kProtocolVersion + 1;
  const auto block = Block::make(header, {});
  ASSERT_TRUE(ledger().add(block));
  EXPECT_FALSE(ledger().can_execute(block->digest()));
  EXPECT_FALSE(ledger().execute(block->digest()));
  auto newer = Ledger::open(chain_.store(), {.known_version = kProtocolVersion + 1});
  ASSERT_TRUE(newer && newer->add(block));
  EXPECT_TRUE(newer->can_execute(block->digest()));
}

TEST_F(Candidates, can_be_executed_once_all_between_them_and_the_chain_are_here) {
  const Digest first = chain_.extend(chain_.tip(), {});
  const Digest second = chain_.extend(first, {});
  EXPECT_TRUE(ledger().can_execute(second));
  auto other = Ledger::open(chain_.store());
  ASSERT_TRUE(other && other->add(*ledger().find(second)));
  EXPECT_FALSE(other->can_execute(second));
  EXPECT_FALSE(other->can_execute(first)) << "it is not here";
  ASSERT_TRUE(other->add(*ledger().find(first)));
  EXPECT_TRUE(other->can_execute(second));
  EXPECT_TRUE(other->execute(second));
}

// The twin looks at everything, every time.
TEST(Leaves, agree_with_a_search_over_all_blocks) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    Leaves leaves;
    std::map<Digest, std::pair<Height, Digest>> twin;
    std::uint64_t numbers = 0;
    for (int step = 0; step < 400; ++step) {
      if (twin.empty() || random() % 5 < 3) {
        const Digest digest = digest_of_number(++numbers);
        // Of one that is held, that was dropped, or that comes later.
        const Digest parent = digest_of_number(random() % (numbers + 5) + 1);
        if (parent == digest) continue;
        const Height height{random() % 20};
        leaves.add(digest, height, parent);
        twin.emplace(digest, std::pair{height, parent});
      } else {
        auto at = twin.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random() % twin.size()));
        leaves.drop(at->first);
        twin.erase(at);
      }
      const Height above{random() % 20};
      std::optional<Height> expected;
      for (const auto& [digest, placed] : twin) {
        const bool has_child = std::ranges::any_of(
            twin, [&](const auto& other) { return other.second.second == digest; });
        if (has_child || placed.first <= above) continue;
        if (!expected || placed.first > *expected) expected = placed.first;
      }
      const auto found = leaves.farthest_above(above);
      ASSERT_EQ(found.has_value(), expected.has_value()) << "seed " << seed << " step " << step;
      if (found) {
        EXPECT_EQ(twin.at(*found).first, *expected) << "seed " << seed << " step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace salus::ledger
