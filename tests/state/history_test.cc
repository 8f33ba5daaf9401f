// Owns: proof that past states read as they were, and that pruning takes only what nobody above the
// horizon needs, whenever it is interrupted.
#include "state/history.h"

#include <gtest/gtest.h>

#include <random>

#include "state/a_state.h"
#include "state/prune.h"
#include "state/stale.h"

namespace salus::state {
namespace {

using test::AState;
using test::naive_root;
using test::Pairs;

Pairs scanned(const Store& store, std::string_view prefix, std::string_view from) {
  Pairs out;
  const Overlay overlay{store, std::string{kStatePrefix}};
  overlay.scan(prefix, from, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(out.emplace(key, value).second);
    return true;
  });
  return out;
}

void expect_whole(const AState& state, Height height) {
  const StateAt past{state.store(), height};
  const Pairs& expected = state.pairs_at(height);
  ASSERT_EQ(scanned(past, "", ""), expected) << "height " << height.value();
  ASSERT_EQ(root_of(state.pages_at(height)).to_hex(), naive_root(expected))
      << "height " << height.value();
  const Overlay overlay{past, std::string{kStatePrefix}};
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    const auto found = expected.find(key);
    const auto value = overlay.get(key);
    ASSERT_EQ(value.has_value(), found != expected.end()) << key;
    if (value) {
      EXPECT_EQ(*value, found->second);
    }
  }
}

TEST(History, reads_every_height_as_it_was) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    AState state;
    for (int i = 0; i < 25; ++i) state.random_block(random, 1 + seed * 12);
    for (Height at{0}; at <= state.tip(); at = at.next()) expect_whole(state, at);
  }
}

// Counts how often a store was asked, and what it showed.
class Counted final : public Store {
 public:
  explicit Counted(const Store& store) : store_(store) {}
  std::optional<std::string> get(std::string_view key) const override {
    ++cost;
    return store_.get(key);
  }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override {
    ++cost;
    store_.scan(prefix, from, [&](std::string_view key, std::string_view value) {
      ++cost;
      return visit(key, value);
    });
  }
  Result<void, StoreError> write(const StoreBatch&) override { return {}; }

  mutable std::size_t cost = 0;

 private:
  const Store& store_;
};

TEST(History, reads_the_state_just_before_the_tip_off_its_lists) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    AState state;
    for (int i = 0; i < 12; ++i) {
      state.random_block(random, 1 + seed * 60);
      if (state.tip() == Height{0}) continue;
      const StateAt past = StateAt::just_before(state.store(), state.tip());
      const Pairs& expected = state.pairs_at(state.tip().previous());
      ASSERT_EQ(scanned(past, "", ""), expected);
      const StateAt slow{state.store(), state.tip().previous()};
      for (const char* from : {"key1", "key17", "key5"}) {
        EXPECT_EQ(scanned(past, "key", from), scanned(slow, "key", from));
      }
      for (int key = 0; key < 20; ++key) {
        const std::string stored = std::string{kStatePrefix} + "key" + std::to_string(key);
        EXPECT_EQ(past.get(stored), slow.get(stored)) << stored;
      }
    }
  }
}

// A read of one record at the front made an iterator for every record that had ever changed behind
// it.
TEST(History, costs_the_state_just_before_the_tip_nothing) {
  const auto cost_after = [](int blocks) {
    AState state;
    for (int i = 0; i < blocks; ++i) {
      TreeChanges changes;
      for (int key = 0; key < 8; ++key) {
        changes["a" + std::to_string(i) + "." + std::to_string(key)] = "new";
        if (i > 0) changes["a" + std::to_string(i - 1) + "." + std::to_string(key)] = std::nullopt;
      }
      state.block(changes);
    }
    const Counted counted{state.store()};
    const StateAt past = StateAt::just_before(counted, state.tip());
    int visits = 0;
    past.scan("sa", "sa", [&](std::string_view, std::string_view) { return ++visits < 2; });
    static_cast<void>(past.get("sa0.0"));
    return counted.cost;
  };
  EXPECT_EQ(cost_after(300), cost_after(10));
}

TEST(History, scans_from_a_place_within_a_prefix_and_stops_on_demand) {
  AState state;
  state.block({{"a1", "x"}, {"b1", "x"}, {"b2", "x"}, {"b3", "x"}, {"c1", "x"}});
  state.block({{"b2", std::nullopt}, {"b4", "y"}, {"b3", "y"}, {"a0", "y"}});
  const StateAt past{state.store(), Height{1}};
  EXPECT_EQ(scanned(past, "b", ""), (Pairs{{"b1", "x"}, {"b2", "x"}, {"b3", "x"}}));
  EXPECT_EQ(scanned(past, "b", "b2"), (Pairs{{"b2", "x"}, {"b3", "x"}}));
  EXPECT_EQ(scanned(past, "b", "b21"), (Pairs{{"b3", "x"}}));
  int visits = 0;
  past.scan("s", "s", [&](std::string_view, std::string_view) { return ++visits < 2; });
  EXPECT_EQ(visits, 2);
}

TEST(History, keeps_apart_keys_of_which_one_begins_another) {
  const std::string zero(1, '\0');
  const std::vector<std::string> keys = {"k",   "k" + zero, "k" + zero + zero, "k" + zero + "\1",
                                         "k\1", "ka"};
  AState state;
  TreeChanges first;
  for (const auto& key : keys) first[key] = "1 of " + hex(as_bytes(key));
  state.block(first);
  for (const auto& key : keys) state.block({{key, "2 of " + hex(as_bytes(key))}});
  for (Height at{0}; at <= state.tip(); at = at.next()) expect_whole(state, at);
  // Sorted as the keys themselves.
  for (std::size_t i = 1; i < keys.size(); ++i) {
    EXPECT_LT(history_key(keys[i - 1], Height{9}), history_key(keys[i], Height{1}));
  }
}

TEST(History, has_golden_bytes) {
  EXPECT_EQ(hex(as_bytes(history_key(std::string{"a\0b", 3}, Height{258}))),
            "686100016200000000000000000102");
  EXPECT_EQ(hex(as_bytes(stale_key(Height{2}, 3))), "71000000000000000200000003");
  EXPECT_EQ(hex(as_bytes(encode_stale({"n1", "h"}))), "000200026e31000168");
  EXPECT_EQ(hex(as_bytes(encode(Horizon{Height{1}, Height{2}}))),
            "00000000000000010000000000000002");
  AState state;
  state.block({{"a", "1"}});
  state.block({{"a", std::nullopt}});
  EXPECT_EQ(state.store().get(history_key("a", Height{1})), std::string(1, '\0'));
  EXPECT_EQ(state.store().get(history_key("a", Height{2})),
            "\1"
            "1");
}

TEST(History, of_a_value_that_is_written_again_is_empty) {
  AState state;
  state.block({{"a", "1"}});
  state.block({{"a", "1"}});
  EXPECT_FALSE(state.store().get(history_key("a", Height{2})));
}

TEST(History, leaves_other_keys_as_they_are_and_refuses_writes) {
  AState state;
  StateAt past{state.store(), Height{0}};
  EXPECT_EQ(past.get("n" + PageId{}.key()), state.store().get("n" + PageId{}.key()));
  EXPECT_FALSE(past.write({}));
}

TEST(Prune, keeps_every_height_from_the_horizon_on_after_each_batch) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    AState state;
    for (int i = 0; i < 20; ++i) state.random_block(random, 60);
    for (std::uint64_t lowest : {5U, 5U, 12U, 20U}) {
      // Every batch may be the last one before a crash.
      for (bool done = false; !done;) {
        const Pruning pruning = prune_state(state.store(), Height{lowest}, 1 + random() % 20);
        done = pruning.done;
        ASSERT_TRUE(state.store().write(pruning.batch));
        EXPECT_EQ(load_horizon(state.store()).lowest, Height{lowest});
        for (Height at{lowest}; at <= state.tip(); at = at.next()) expect_whole(state, at);
      }
      EXPECT_TRUE(prune_state(state.store(), Height{lowest}, 100).batch.writes.empty());
    }
    // Only the tip is left: its pages, its records, the horizon.
    AState fresh;
    TreeChanges all;
    for (const auto& [key, value] : state.pairs_at(state.tip())) all[key] = value;
    std::size_t kinds[256] = {};
    for (const auto& [key, value] : state.store().pairs()) ++kinds[std::uint8_t(key.front())];
    EXPECT_EQ(kinds[std::uint8_t('s')], all.size());
    EXPECT_EQ(kinds[std::uint8_t('h')], 0U);
    EXPECT_EQ(kinds[std::uint8_t('q')], 0U);
    EXPECT_EQ(kinds[std::uint8_t('l')], 1U);
    fresh.block(all);
    ASSERT_TRUE(fresh.store().write(prune_state(fresh.store(), fresh.tip(), 10'000).batch));
    std::size_t pages = 0;
    for (const auto& [key, value] : fresh.store().pairs()) pages += key.front() == 'n' ? 1U : 0U;
    EXPECT_EQ(kinds[std::uint8_t('n')], pages);
  }
}

TEST(Prune, never_lowers_the_horizon) {
  AState state;
  for (int i = 0; i < 9; ++i) state.block({{"a", std::to_string(i)}});
  ASSERT_TRUE(state.store().write(prune_state(state.store(), Height{6}, 1'000).batch));
  ASSERT_TRUE(state.store().write(prune_state(state.store(), Height{3}, 1'000).batch));
  EXPECT_EQ(load_horizon(state.store()), (Horizon{Height{6}, Height{7}}));
}

TEST(Prune, works_within_its_budget) {
  AState state;
  TreeChanges many;
  for (int i = 0; i < 1'500; ++i) many["key" + std::to_string(i)] = "1";
  state.block(many);
  for (auto& [key, value] : many) value = "2";
  state.block(many);
  bool done = false;
  int calls = 0;
  for (; !done; ++calls) {
    const Pruning pruning = prune_state(state.store(), Height{2}, 100);
    EXPECT_LE(pruning.erased, kStaleKeysMax);
    ASSERT_TRUE(state.store().write(pruning.batch));
    done = pruning.done;
  }
  EXPECT_GT(calls, 10);
  expect_whole(state, Height{2});
}

}  // namespace
}  // namespace salus::state
