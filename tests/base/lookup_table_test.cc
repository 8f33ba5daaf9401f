// Owns: proof that a table by hash holds what was put, also where hashes collide.
#include "base/lookup_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace salus {
namespace {

struct CollidingHash {
  std::size_t operator()(int key) const { return static_cast<std::size_t>(key % 3); }
};

TEST(LookupTable, answers_as_an_ordered_map_does) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    LookupTable<int, std::uint64_t, CollidingHash> table;
    std::map<int, std::uint64_t> model;
    for (int i = 0; i < 1'000; ++i) {
      const int key = static_cast<int>(random() % 40);
      if (random() % 2 == 0) {
        model[key] = random();
        table.put(key, model[key]);
      } else {
        const auto taken = table.take(key);
        ASSERT_EQ(taken.has_value(), model.contains(key)) << "seed " << seed;
        if (taken) {
          ASSERT_EQ(*taken, model[key]) << "seed " << seed;
        }
        model.erase(key);
      }
      ASSERT_EQ(table.size(), model.size()) << "seed " << seed;
      for (int other = 0; other < 40; ++other) {
        const std::uint64_t* found = table.find(other);
        ASSERT_EQ(found != nullptr, model.contains(other)) << "seed " << seed;
        if (found != nullptr) {
          ASSERT_EQ(*found, model[other]) << "seed " << seed;
        }
      }
    }
  }
}

TEST(LookupTable, gives_away_what_is_taken) {
  LookupTable<int, std::unique_ptr<int>, CollidingHash> table;
  table.put(1, std::make_unique<int>(7));
  const auto taken = table.take(1);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ(**taken, 7);
  EXPECT_EQ(table.find(1), nullptr);
}

}  // namespace
}  // namespace salus
