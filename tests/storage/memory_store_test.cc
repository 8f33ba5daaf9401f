// Owns: what every Store promises, asked of each form: in memory, on disk, and their snapshots.
#include "storage/memory_store.h"

#include <gtest/gtest.h>

#include <random>

#include "storage/rocks_store.h"
#include "support/temp_folder.h"

namespace salus::storage {
namespace {

using Seen = std::vector<std::pair<std::string, std::string>>;

Seen scanned(const Store& store, std::string_view prefix, std::string_view from = "",
             std::size_t limit = 1'000) {
  Seen seen;
  store.scan(prefix, from, [&seen, limit](std::string_view key, std::string_view value) {
    seen.emplace_back(key, value);
    return seen.size() < limit;
  });
  return seen;
}

StoreBatch a_batch() {
  StoreBatch batch;
  batch.put("a/1", "one");
  batch.put("a/2", "two");
  batch.put("b/1", std::string{"\0x", 2});
  batch.put("", "the empty key");
  return batch;
}

// Both forms behind one name, so that every test below runs on each.
struct AnyStore : ::testing::TestWithParam<bool> {
  salus::testing::TempFolder temp;
  std::unique_ptr<Store> store;

  void SetUp() override {
    if (!GetParam()) {
      store = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = RocksStore::open(temp / "ledger", {.block_cache_mib = 8});
    ASSERT_TRUE(opened) << opened.error().reason;
    store = std::move(*opened);
  }
  std::unique_ptr<Store> snapshot() const {
    if (GetParam()) return dynamic_cast<const RocksStore&>(*store).snapshot();
    return dynamic_cast<const MemoryStore&>(*store).snapshot();
  }
};
INSTANTIATE_TEST_SUITE_P(Forms, AnyStore, ::testing::Bool(),
                         [](const auto& form) { return form.param ? "on_disk" : "in_memory"; });

TEST_P(AnyStore, gives_back_what_was_put) {
  ASSERT_TRUE(store->write(a_batch()));
  EXPECT_EQ(store->get("a/1"), "one");
  EXPECT_EQ(store->get("b/1"), (std::string{"\0x", 2}));
  EXPECT_EQ(store->get(""), "the empty key");
  EXPECT_EQ(store->get("a/"), std::nullopt);
}

TEST_P(AnyStore, applies_a_batch_in_its_order) {
  StoreBatch batch;
  batch.put("k", "first");
  batch.erase("k");
  batch.put("k", "last");
  batch.put("gone", "x");
  batch.erase("gone");
  batch.erase("never there");
  ASSERT_TRUE(store->write(batch));
  EXPECT_EQ(store->get("k"), "last");
  EXPECT_EQ(store->get("gone"), std::nullopt);
}

TEST_P(AnyStore, scans_a_prefix_ascending_from_a_key_until_told_to_stop) {
  ASSERT_TRUE(store->write(a_batch()));
  EXPECT_EQ(scanned(*store, "a/"), (Seen{{"a/1", "one"}, {"a/2", "two"}}));
  EXPECT_EQ(scanned(*store, "a/", "a/1x"), (Seen{{"a/2", "two"}}));
  EXPECT_EQ(scanned(*store, "a/", "a/2"), (Seen{{"a/2", "two"}}));
  EXPECT_EQ(scanned(*store, "a/", "b"), Seen{});
  EXPECT_EQ(scanned(*store, "a/", "", 1), (Seen{{"a/1", "one"}}));
  EXPECT_EQ(scanned(*store, "").size(), 4U) << "nothing but what was put";
}

TEST_P(AnyStore, lets_a_visitor_read_and_write_it) {
  ASSERT_TRUE(store->write(a_batch()));
  store->scan("a/", "", [this](std::string_view key, std::string_view) {
    EXPECT_TRUE(store->get(key));
    StoreBatch batch;
    batch.erase(std::string{key});
    EXPECT_TRUE(store->write(batch));
    return true;
  });
  EXPECT_EQ(scanned(*store, "a/"), Seen{});
}

TEST_P(AnyStore, snapshot_stays_as_it_was_and_refuses_writes) {
  ASSERT_TRUE(store->write(a_batch()));
  const auto frozen = snapshot();
  StoreBatch batch;
  batch.put("a/1", "changed");
  batch.erase("a/2");
  batch.put("a/3", "new");
  ASSERT_TRUE(store->write(batch));
  EXPECT_EQ(frozen->get("a/1"), "one");
  EXPECT_EQ(scanned(*frozen, "a/"), (Seen{{"a/1", "one"}, {"a/2", "two"}}));
  EXPECT_EQ(scanned(*store, "a/"), (Seen{{"a/1", "changed"}, {"a/3", "new"}}));
  const auto refused = frozen->write(batch);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().reason.find("read-only"), std::string::npos);
}

// The twin is a std::map.
TEST_P(AnyStore, agrees_with_a_map) {
  constexpr std::uint64_t kSeed = 3;
  std::mt19937_64 random{kSeed};
  std::map<std::string, std::string> twin;
  for (int round = 0; round < 60; ++round) {
    StoreBatch batch;
    for (std::size_t i = 0; i < 40; ++i) {
      const std::string key = "k" + std::to_string(random() % 500);
      if (random() % 3 == 0) {
        batch.erase(key);
        twin.erase(key);
      } else {
        batch.put(key, std::to_string(random()));
        twin[key] = *batch.writes.back().second;
      }
    }
    ASSERT_TRUE(store->write(batch));
    const std::string from = "k" + std::to_string(random() % 500);
    EXPECT_EQ(scanned(*store, "k", from), (Seen{twin.lower_bound(from), twin.end()}))
        << "seed " << kSeed << " round " << round;
  }
}

}  // namespace
}  // namespace salus::storage
