// Owns: proof that a state root depends on the state alone, against a tree that is built from
// nothing each time.
#include "state/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "crypto/hash.h"
#include "state/memory_store.h"

namespace salus::state {
namespace {

// The twin: splits the sorted leaves bit by bit, with its own hashing.
struct Leaf {
  Bytes key;
  Bytes value;
};

Bytes naive_hash(std::string_view tag, const Bytes& a, const Bytes& b) {
  Bytes both = a;
  both.insert(both.end(), b.begin(), b.end());
  const Hash out = crypto::hash(tag, both);
  return Bytes{out.bytes.begin(), out.bytes.end()};
}

Bytes naive_top(const std::vector<Leaf>& leaves, std::size_t depth) {
  if (leaves.empty()) return Bytes(32, 0);
  if (leaves.size() == 1) return naive_hash("salus.leaf.1", leaves[0].key, leaves[0].value);
  std::vector<Leaf> sides[2];
  for (const Leaf& leaf : leaves) {
    sides[(leaf.key[depth / 8] >> (7 - depth % 8)) & 1].push_back(leaf);
  }
  return naive_hash("salus.inner.1", naive_top(sides[0], depth + 1),
                    naive_top(sides[1], depth + 1));
}

std::string naive_root(const std::map<std::string, std::string>& pairs) {
  std::vector<Leaf> leaves;
  for (const auto& [key, value] : pairs) {
    leaves.push_back({naive_hash("salus.key.1", Bytes{key.begin(), key.end()}, {}),
                      naive_hash("salus.value.1", Bytes{value.begin(), value.end()}, {})});
  }
  return hex(naive_top(leaves, 0));
}

StoreBatch flush(const Overlay& nodes) {
  StoreBatch out;
  for (const auto& [key, value] : nodes.changes()) out.writes.emplace_back("n" + key, value);
  return out;
}

TEST(Tree, of_nothing_is_zeros) {
  test::MemoryStore store;
  Overlay nodes{store, "n"};
  EXPECT_TRUE(Tree{nodes}.root().is_zero());
}

TEST(Tree, has_golden_roots) {
  test::MemoryStore store;
  Overlay nodes{store, "n"};
  Tree tree{nodes};
  tree.update({{"a", "1"}});
  EXPECT_EQ(tree.root().to_hex(),
            "41c9b6c3e1cc51bc5022c55f020c76ed4c84329d6fd6651578d30075e91dd897");
  tree.update({{"b", "2"}, {"c", "3"}});
  EXPECT_EQ(tree.root().to_hex(),
            "42d76ecfd1867b1c3fbdc97c76557b72d00ef5b88848dddc9f1c085977ba4e63");
}

TEST(Tree, tells_apart_an_empty_value_and_none) {
  test::MemoryStore store;
  Overlay nodes{store, "n"};
  Tree tree{nodes};
  tree.update({{"a", ""}});
  EXPECT_FALSE(tree.root().is_zero());
  tree.update({{"a", std::nullopt}});
  EXPECT_TRUE(tree.root().is_zero());
}

TEST(Tree, matches_the_naive_tree_under_random_changes_flushes_and_branches) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random{seed};
    test::MemoryStore store;
    std::map<std::string, std::string> model;
    const std::uint64_t keys = 1 + random() % 200;
    for (int block = 0; block < 30; ++block) {
      Overlay nodes{store, "n"};
      Tree::Changes changes;
      const std::uint64_t count = random() % 24;
      // Some blocks mostly erase, so that leaves climb back up.
      const std::uint64_t erases_in_ten = random() % 11;
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::string key = "key" + std::to_string(random() % keys);
        if (random() % 10 < erases_in_ten) {
          changes[key] = std::nullopt;
          model.erase(key);
        } else {
          changes[key] = model[key] = std::to_string(random() % 5);
        }
      }
      // A sibling candidate that is never adopted must leave no trace.
      Overlay abandoned = nodes.branch();
      Tree{abandoned}.update({{"key0", "other"}, {"never", "seen"}});

      Tree{nodes}.update(changes);
      ASSERT_EQ(Tree{nodes}.root().to_hex(), naive_root(model)) << "seed " << seed;
      ASSERT_TRUE(store.write(flush(nodes)));
    }
    // No node outlives its leaves: a binary tree of n leaves without only-child leaves.
    Overlay nodes{store, "n"};
    Tree::Changes erase_all;
    for (const auto& [key, value] : model) erase_all[key] = std::nullopt;
    Tree{nodes}.update(erase_all);
    ASSERT_TRUE(store.write(flush(nodes)));
    ASSERT_TRUE(store.pairs().empty()) << "seed " << seed;
  }
}

TEST(Tree, forgets_the_order_in_which_pairs_came) {
  std::mt19937_64 random{7};
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(std::to_string(i));
  std::optional<Root> first;
  for (int round = 0; round < 5; ++round) {
    std::shuffle(keys.begin(), keys.end(), random);
    test::MemoryStore store;
    Overlay nodes{store, "n"};
    Tree tree{nodes};
    for (const auto& key : keys) tree.update({{key, "v" + key}});
    if (!first) first = tree.root();
    EXPECT_EQ(tree.root(), *first);
  }
}

}  // namespace
}  // namespace salus::state
