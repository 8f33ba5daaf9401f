// Owns: proof that overlays read, scan and merge as one map would.
#include "state/overlay.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "state/memory_store.h"
#include "state/read_memory.h"
#include "state/record.h"

namespace salus::state {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs scanned(const Overlay& overlay, std::string_view prefix, std::string_view from = {}) {
  Pairs out;
  overlay.scan(prefix, from, [&](std::string_view key, std::string_view value) {
    out.emplace_back(key, value);
    return true;
  });
  return out;
}

TEST(Overlay, reads_through_to_parent_and_store) {
  test::MemoryStore store;
  StoreBatch batch;
  batch.put("sa", "stored");
  batch.put("ta", "of another prefix");
  ASSERT_TRUE(store.write(batch));
  Overlay parent{store, "s"};
  parent.put("b", "parent's");
  Overlay child = parent.branch();
  child.put("c", "own");

  EXPECT_EQ(child.get("a"), "stored");
  EXPECT_EQ(child.get("b"), "parent's");
  EXPECT_EQ(child.get("c"), "own");
  EXPECT_EQ(parent.get("c"), std::nullopt);
  EXPECT_EQ(scanned(child, ""), (Pairs{{"a", "stored"}, {"b", "parent's"}, {"c", "own"}}));
}

TEST(Overlay, hides_what_was_erased_above) {
  test::MemoryStore store;
  StoreBatch batch;
  batch.put("sa", "stored");
  ASSERT_TRUE(store.write(batch));
  Overlay parent{store, "s"};
  parent.put("b", "parent's");
  Overlay child = parent.branch();
  child.erase("a");
  child.erase("b");

  EXPECT_FALSE(child.contains("a"));
  EXPECT_FALSE(child.contains("b"));
  EXPECT_TRUE(scanned(child, "").empty());
  EXPECT_TRUE(parent.contains("a"));
}

TEST(Overlay, adopts_a_child_whole) {
  test::MemoryStore store;
  Overlay parent{store, "s"};
  parent.put("a", "old");
  parent.put("b", "old");
  Overlay child = parent.branch();
  child.put("a", "new");
  child.erase("b");
  parent.adopt(std::move(child));

  EXPECT_EQ(parent.get("a"), "new");
  EXPECT_FALSE(parent.contains("b"));
}

TEST(Overlay, scan_stops_when_the_visitor_says_so) {
  test::MemoryStore store;
  Overlay overlay{store, "s"};
  for (const char* key : {"a1", "a2", "a3"}) overlay.put(key, "v");
  std::size_t visits = 0;
  overlay.scan("a", "", [&](std::string_view, std::string_view) { return ++visits < 2; });
  EXPECT_EQ(visits, 2U);
}

TEST(Overlay, behaves_as_one_map_under_random_changes) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random{seed};
    const auto pick = [&](std::uint64_t bound) { return random() % bound; };
    std::map<std::string, std::string> model;
    test::MemoryStore store;
    StoreBatch batch;
    batch.put("r", "before the prefix");
    batch.put("t", "after it");
    const auto random_key = [&] {
      return std::string(1, static_cast<char>('a' + pick(3))) + std::to_string(pick(12));
    };
    for (int i = 0; i < 10; ++i) {
      const std::string key = random_key();
      model[key] = "stored";
      batch.put("s" + key, "stored");
    }
    ASSERT_TRUE(store.write(batch));

    std::vector<std::unique_ptr<Overlay>> layers;
    layers.push_back(std::make_unique<Overlay>(store, "s"));
    for (int step = 0; step < 120; ++step) {
      Overlay& top = *layers.back();
      const std::string key = random_key();
      switch (pick(5)) {
        case 0:
          top.erase(key);
          model.erase(key);
          break;
        case 1:
          layers.push_back(std::make_unique<Overlay>(top.branch()));
          break;
        default:
          top.put(key, std::to_string(step));
          model[key] = std::to_string(step);
      }
      const std::string prefix(1, static_cast<char>('a' + pick(3)));
      const std::string from = random_key();
      Pairs expected;
      for (const auto& [name, value] : model) {
        if (name.starts_with(prefix) && name >= from) expected.emplace_back(name, value);
      }
      ASSERT_EQ(scanned(*layers.back(), prefix, from), expected) << "seed " << seed;
    }
  }
}

TEST(Counter, gives_each_number_once_from_one_on) {
  test::MemoryStore store;
  Overlay state{store, "s"};
  EXPECT_EQ(take_number(state, Key{Table::ActCounters}), 1U);
  EXPECT_EQ(take_number(state, Key{Table::ActCounters}), 2U);
  EXPECT_EQ(hex(as_bytes(*state.get(Key{Table::ActCounters}.str()))), "0000000000000002");
}

// What the store is read for, counted.
class CountingStore final : public Store {
 public:
  std::optional<std::string> get(std::string_view key) const override {
    ++reads;
    return inner.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    ++walks;
    inner.scan(prefix, from, visit);
  }
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override {
    return inner.write(batch);
  }

  test::MemoryStore inner;
  mutable int reads = 0;
  mutable int walks = 0;
};

TEST(Overlay, reads_a_remembered_record_once_present_or_absent) {
  CountingStore store;
  StoreBatch batch;
  batch.put("sa", "stored");
  ASSERT_TRUE(store.write(batch));
  const Overlay tip{store, "s", 8};
  const Overlay child = tip.branch();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(tip.get("a"), "stored");
    EXPECT_EQ(child.get("a"), "stored");
    EXPECT_EQ(child.get("absent"), std::nullopt);
  }
  EXPECT_EQ(store.reads, 2);
}

TEST(Overlay, remembers_what_was_stored_and_not_what_it_replaced) {
  CountingStore store;
  StoreBatch before;
  before.put("sa", "old");
  before.put("sb", "erased soon");
  ASSERT_TRUE(store.write(before));
  Overlay tip{store, "s", 8};
  EXPECT_EQ(tip.get("a"), "old");
  EXPECT_EQ(tip.get("b"), "erased soon");

  Overlay child = tip.branch();
  child.put("a", "new");
  child.erase("b");
  StoreBatch batch;
  batch.put("sa", "new");
  batch.erase("sb");
  ASSERT_TRUE(store.write(batch));
  tip.on_stored(child);
  EXPECT_EQ(tip.get("a"), "new");
  EXPECT_EQ(tip.get("b"), std::nullopt);
  EXPECT_EQ(store.reads, 2);
}

// What the overlay says below a prefix, up to `count` records.
std::vector<std::pair<std::string, std::string>> walk(const Overlay& overlay,
                                                      std::string_view prefix, std::size_t count) {
  std::vector<std::pair<std::string, std::string>> out;
  overlay.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    out.emplace_back(key, value);
    return out.size() < count;
  });
  return out;
}

TEST(Overlay, walks_over_what_it_remembers_without_the_store) {
  CountingStore store;
  StoreBatch batch;
  for (const char* key : {"sa1", "sa2", "sa3", "sb1"}) batch.put(key, "v");
  ASSERT_TRUE(store.write(batch));
  Overlay tip{store, "s", 8};
  const Overlay child = tip.branch();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(walk(child, "a", 1).size(), 1U);
  EXPECT_EQ(store.walks, 1) << "the first one is known";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(walk(child, "a", 9).size(), 3U);
  EXPECT_EQ(store.walks, 2) << "all are known";
  EXPECT_TRUE(walk(tip, "c", 9).empty());
  EXPECT_TRUE(walk(tip, "c", 9).empty());
  EXPECT_EQ(store.walks, 3) << "that there are none is known as well";

  Overlay other = tip.branch();
  other.put("b2", "v");
  StoreBatch later;
  later.put("sb2", "v");
  ASSERT_TRUE(store.write(later));
  tip.on_stored(other);
  EXPECT_EQ(walk(tip, "a", 9).size(), 3U);
  EXPECT_EQ(store.walks, 3) << "the change was elsewhere";
  EXPECT_EQ(walk(tip, "b", 9).size(), 2U);
}

TEST(Overlay, walks_as_the_store_does_whatever_changes_and_wherever_a_walk_stops) {
  constexpr std::uint64_t kSeed = 20261127;
  SCOPED_TRACE(::testing::Message() << "seed " << kSeed);
  std::mt19937_64 random{kSeed};
  CountingStore store;
  Overlay tip{store, "s", 16};
  const auto prefix = [&] {
    std::string out(random() % 3, 'a');
    for (char& c : out) c = static_cast<char>('a' + random() % 3);
    return out;
  };
  for (int block = 0; block < 400; ++block) {
    Overlay child = tip.branch();
    StoreBatch batch;
    for (std::uint64_t i = random() % 6; i > 0; --i) {
      const std::string key = prefix() + prefix() + "x";
      if (random() % 3 == 0) {
        child.erase(key);
        batch.erase("s" + key);
      } else {
        std::string value(random() % 40 == 0 ? 5'000 : 3, 'v');
        child.put(key, value);
        batch.put("s" + key, value);
      }
    }
    for (int i = 0; i < 6; ++i) {
      // A fresh overlay remembers nothing.
      const std::string below = prefix();
      const std::size_t count = 1 + random() % 100;
      ASSERT_EQ(walk(tip, below, count), walk(Overlay{store, "s"}, below, count)) << below;
    }
    ASSERT_TRUE(store.write(batch));
    tip.on_stored(child);
  }
}

TEST(ReadMemory, agrees_with_the_store_whatever_happens_and_stays_bounded) {
  constexpr std::uint64_t kSeed = 20261126;
  SCOPED_TRACE(::testing::Message() << "seed " << kSeed);
  std::mt19937_64 random{kSeed};
  std::map<std::string, ReadMemory::Value> truth;
  constexpr std::size_t kEntries = 16;
  ReadMemory memory{kEntries};
  std::size_t hits = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random() % 64);
    if (random() % 4 == 0) {
      ReadMemory::Value value;
      if (random() % 5 != 0) value = std::string(random() % 5'000, 'v') + std::to_string(i);
      truth[key] = value;
      memory.remember(key, value);
      continue;
    }
    const auto* known = memory.find(key);
    if (known == nullptr) {
      memory.remember(key, truth[key]);
    } else {
      ++hits;
      ASSERT_EQ(*known, truth[key]);
    }
    ASSERT_LE(memory.size(), 2 * kEntries);
  }
  EXPECT_GT(hits, 1'000U);
}

}  // namespace
}  // namespace salus::state
