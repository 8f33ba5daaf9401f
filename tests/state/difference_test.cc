// Owns: proof that two states are told apart at the first record that differs, from any part of
// them on, and that the way there is as long as the tree is deep.
#include "state/difference.h"

#include <gtest/gtest.h>

#include "state/a_state.h"

namespace salus::state {
namespace {

using test::AState;
using test::Pairs;

struct Found {
  Difference end;
  int parts = 0;
};

// Fetches parts of `theirs` from the root down, as far as they say.
Found search(const AState& own, const AState& theirs, const ChunkLimits& limits) {
  Wanted wanted{Path{}, Hash{theirs.root().bytes}};
  for (int parts = 1;; ++parts) {
    const StateAt records{theirs.store(), theirs.tip()};
    const auto bytes = make_chunk(theirs.pages_at(theirs.tip()), records, wanted.path, limits);
    EXPECT_TRUE(bytes);
    const auto part = Chunk::verify(wanted, *bytes);
    EXPECT_TRUE(part);
    Difference found = first_difference(own.pages_at(own.tip()), *part);
    if (const auto* below = std::get_if<Wanted>(&found)) {
      EXPECT_GT(below->path.depth, wanted.path.depth);
      wanted = *below;
      continue;
    }
    return {std::move(found), parts};
  }
}

// By comparing all that there is.
std::optional<RecordDifference> naive(const Pairs& own, const Pairs& theirs) {
  std::map<Hash, std::string> keys;
  for (const auto& [key, value] : own) keys.emplace(key_hash(key), key);
  for (const auto& [key, value] : theirs) keys.emplace(key_hash(key), key);
  for (const auto& [hash, key] : keys) {
    const auto here = own.find(key);
    const auto there = theirs.find(key);
    const bool is_here = here != own.end();
    const bool is_there = there != theirs.end();
    if (is_here && is_there && here->second == there->second) continue;
    return RecordDifference{key, is_there ? std::optional{there->second} : std::nullopt};
  }
  return std::nullopt;
}

void expect_as_naive(const AState& own, const AState& theirs, const ChunkLimits& limits) {
  const Found found = search(own, theirs, limits);
  const auto expected = naive(own.pairs_at(own.tip()), theirs.pairs_at(theirs.tip()));
  if (!expected) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(found.end));
    return;
  }
  ASSERT_TRUE(std::holds_alternative<RecordDifference>(found.end));
  EXPECT_EQ(std::get<RecordDifference>(found.end).key, expected->key);
  EXPECT_EQ(std::get<RecordDifference>(found.end).theirs, expected->theirs);
}

TreeChanges many(std::uint64_t count) {
  TreeChanges out;
  for (std::uint64_t i = 0; i < count; ++i) out["key" + std::to_string(i)] = "value";
  return out;
}

TEST(Difference, of_equal_states_is_nothing_whatever_their_history) {
  AState one;
  one.block(many(40));
  AState other;
  other.block(many(50));
  TreeChanges erased;
  for (int i = 40; i < 50; ++i) erased["key" + std::to_string(i)] = std::nullopt;
  other.block(erased);
  expect_as_naive(one, other, {});
  expect_as_naive(AState{}, AState{}, {});
}

TEST(Difference, is_found_whatever_the_two_states_are) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    AState own;
    AState theirs;
    const std::uint64_t keys = 1 + random() % 60;
    const std::uint64_t blocks = random() % 4;
    for (std::uint64_t i = 0; i < blocks; ++i) {
      std::mt19937_64 same{random()};
      std::mt19937_64 again = same;
      own.random_block(same, keys);
      theirs.random_block(again, keys);
    }
    if (random() % 4 != 0) own.random_block(random, keys);
    if (random() % 4 != 0) theirs.random_block(random, keys);
    for (const std::size_t records : {1U, 4U, 1'000U}) {
      expect_as_naive(own, theirs, {.records = records});
      expect_as_naive(theirs, own, {.records = records});
    }
  }
}

TEST(Difference, of_one_record_among_many_takes_as_many_parts_as_the_tree_is_deep) {
  AState own;
  AState theirs;
  own.block(many(20'000));
  theirs.block(many(20'000));
  own.block({{"key7777", "bent"}});
  theirs.block({});
  const Found found = search(own, theirs, {.records = 4});
  ASSERT_TRUE(std::holds_alternative<RecordDifference>(found.end));
  EXPECT_EQ(std::get<RecordDifference>(found.end).key, "key7777");
  EXPECT_LE(found.parts, 6);
}

}  // namespace
}  // namespace salus::state
