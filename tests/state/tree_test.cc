// Owns: proof that a state root depends on the state alone, against a tree that is built from
// nothing each time, and that a block costs the pages that it touches.
#include "state/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <vector>

#include "state/a_state.h"
#include "state/history.h"

namespace salus::state {
namespace {

using test::AState;
using test::naive_root;

TEST(Tree, of_nothing_is_zeros) {
  EXPECT_TRUE(root_of_all({}).is_zero());
  EXPECT_TRUE(AState{}.root().is_zero());
}

TEST(Tree, has_golden_roots) {
  EXPECT_EQ(root_of_all({{"a", "1"}}).to_hex(),
            "41c9b6c3e1cc51bc5022c55f020c76ed4c84329d6fd6651578d30075e91dd897");
  EXPECT_EQ(root_of_all({{"a", "1"}, {"b", "2"}, {"c", "3"}}).to_hex(),
            "42d76ecfd1867b1c3fbdc97c76557b72d00ef5b88848dddc9f1c085977ba4e63");
  AState state;
  state.block({{"a", "1"}});
  state.block({{"b", "2"}, {"c", "3"}});
  EXPECT_EQ(state.root().to_hex(),
            "42d76ecfd1867b1c3fbdc97c76557b72d00ef5b88848dddc9f1c085977ba4e63");
}

TEST(Tree, tells_apart_an_empty_value_and_none) {
  AState state;
  state.block({{"a", ""}});
  EXPECT_FALSE(state.root().is_zero());
  state.block({{"a", std::nullopt}});
  EXPECT_TRUE(state.root().is_zero());
}

TEST(Tree, matches_the_naive_tree_at_every_height_under_random_changes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random{seed};
    AState state{seed % 3 == 0 ? 0U : 12'000U};
    const std::uint64_t keys = 1 + random() % 200;
    for (int i = 0; i < 30; ++i) {
      // Sibling candidates that are never adopted must leave no trace.
      Pages abandoned = state.pages().branch(state.tip().next());
      update_tree(abandoned, {{"key0", "other"}, {"never", "seen"}});
      Pages on_it = abandoned.branch(state.tip().next().next());
      update_tree(on_it, {{"key1", "other"}, {"never", std::nullopt}});

      const Height at = state.random_block(random, keys);
      ASSERT_EQ(state.root().to_hex(), naive_root(state.pairs_at(at))) << "seed " << seed;
    }
    for (Height at{0}; at <= state.tip(); at = at.next()) {
      ASSERT_EQ(root_of(state.pages_at(at)).to_hex(), naive_root(state.pairs_at(at)))
          << "seed " << seed << " height " << at.value();
    }
  }
}

TEST(Tree, is_the_same_through_layers_that_are_not_stored_yet) {
  std::mt19937_64 random{11};
  AState state;
  AState twin;
  std::vector<std::unique_ptr<Pages>> layers;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Pages& parent = layers.empty() ? state.pages() : *layers.back();
    layers.push_back(std::make_unique<Pages>(parent.branch(Height{i + 1})));
    TreeChanges changes;
    for (int k = 0; k < 10; ++k) changes["key" + std::to_string(random() % 60)] = std::to_string(i);
    update_tree(*layers.back(), changes);
    twin.block(changes);
    EXPECT_EQ(root_of(*layers.back()), twin.root());
  }
}

TEST(Tree, reads_no_page_that_it_remembers) {
  AState state{1'000'000};
  AState twin{0};
  TreeChanges all;
  for (int i = 0; i < 2'000; ++i) all["key" + std::to_string(i)] = "v";
  state.block(all);
  twin.block(all);
  // Who looks for one in the store finds none now, and stops.
  StoreBatch no_pages;
  for (const auto& [key, value] : state.store().pairs()) {
    if (key.starts_with(kPagePrefix)) no_pages.erase(key);
  }
  ASSERT_GT(no_pages.writes.size(), 100U);
  ASSERT_TRUE(state.store().write(no_pages));
  // Nor what a block only looks at: it stays as it was.
  state.block(all);
  twin.block(all);
  for (int block = 0; block < 10; ++block) {
    TreeChanges changes;
    for (int i = block; i < 2'000; i += 7) changes["key" + std::to_string(i)] = std::nullopt;
    for (int i = block; i < 2'000; i += 5) changes["key" + std::to_string(i)] = std::to_string(i);
    state.block(changes);
    twin.block(changes);
    ASSERT_EQ(state.root(), twin.root());
  }
}

void require_equal_pages(const Pages& one, const Pages& other, const PageId& id) {
  const Page page = one.get(id);
  ASSERT_EQ(page, other.get(id));
  for (const Entry& entry : page.entries) {
    const Child* child = entry.child();
    if (child != nullptr) {
      require_equal_pages(one, other, {child->version, id.path.child(entry.slot)});
    }
  }
}

// Layers over one another become stored in turn, and each has a rival that does not.
TEST(Tree, remembers_pages_as_the_store_has_them_whatever_rivals_took) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    salus::test::MemoryStore store;
    const Overlay records{store, std::string{kStatePrefix}};
    Pages base{store, std::nullopt, 20'000 + random() % 40'000};
    const auto some = [&random] {
      TreeChanges out;
      for (int i = 0; i < 20; ++i) {
        std::optional<std::string>& value = out["key" + std::to_string(random() % 300)];
        if (random() % 3 != 0) value = std::to_string(random() % 3);
      }
      return out;
    };
    std::deque<Pages> waiting;
    for (std::uint64_t at = 0; at < 60; ++at) {
      const Pages& parent = waiting.empty() ? base : waiting.back();
      Pages rival = parent.branch(Height{at});
      Pages next = parent.branch(Height{at});
      update_tree(next, some());
      update_tree(rival, some());
      Pages on_rival = rival.branch(Height{at + 1});
      update_tree(on_rival, some());
      waiting.push_back(std::move(next));
      if (waiting.size() < 3) continue;

      StoreBatch batch;
      append_block_state(batch, records.branch(), waiting.front());
      ASSERT_TRUE(store.write(batch));
      waiting[1].rebase_onto(base);
      base.on_stored(std::move(waiting.front()));
      waiting.pop_front();
      const Pages fresh{store, base.version(), 0};
      ASSERT_EQ(root_of(base), root_of(fresh)) << "seed " << seed;
      require_equal_pages(fresh, base, *fresh.root_id());
    }
  }
}

TEST(Tree, forgets_the_order_in_which_pairs_came) {
  std::mt19937_64 random{7};
  std::vector<std::string> keys;
  for (int i = 0; i < 300; ++i) keys.push_back(std::to_string(i));
  std::optional<Root> first;
  for (int round = 0; round < 5; ++round) {
    std::shuffle(keys.begin(), keys.end(), random);
    AState state;
    for (const auto& key : keys) state.block({{key, "v" + key}});
    if (!first) first = state.root();
    EXPECT_EQ(state.root(), *first);
  }
}

TEST(Tree, writes_the_pages_on_the_way_to_a_change_and_no_others) {
  AState state;
  TreeChanges all;
  for (int i = 0; i < 2'000; ++i) all["key" + std::to_string(i)] = "v";
  state.block(all);
  Pages pages = state.pages().branch(state.tip().next());
  update_tree(pages, {{"key7", "other"}});
  const Hash key = key_hash("key7");
  for (const auto& [path, page] : pages.written()) EXPECT_TRUE(path.leads_to(key));
  // 2,000 keys fill three levels: the path is that long, and each page of it has a predecessor.
  EXPECT_GE(pages.written().size(), 3U);
  EXPECT_LE(pages.written().size(), 5U);
  EXPECT_EQ(pages.retired().size(), pages.written().size());
}

TEST(Tree, writes_the_root_page_alone_where_nothing_differs) {
  AState state;
  state.block({{"a", "1"}, {"b", "2"}});
  Pages pages = state.pages().branch(state.tip().next());
  update_tree(pages, {{"a", "1"}, {"never", std::nullopt}});
  ASSERT_EQ(pages.written().size(), 1U);
  EXPECT_EQ(pages.written().begin()->first, Path{});
  EXPECT_EQ(root_of(pages), state.root());
}

// What is in the store for the newest state: reached from its root, each page once.
void collect(const Pages& pages, const PageId& id, std::set<std::string>& keys) {
  keys.insert("n" + id.key());
  for (const Entry& entry : pages.get(id).entries) {
    if (const Child* child = entry.child()) {
      collect(pages, {child->version, id.path.child(entry.slot)}, keys);
    }
  }
}

TEST(Tree, retires_every_page_that_its_version_does_not_reach) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random{seed};
    AState state;
    std::set<std::string> live;
    for (int i = 0; i < 30; ++i) {
      Pages pages = state.pages().branch(state.tip().next());
      TreeChanges changes;
      for (int k = 0; k < 12; ++k) {
        const std::string key = "key" + std::to_string(random() % 80);
        changes[key] = std::nullopt;
        if (random() % 2 == 0) changes[key] = std::to_string(random());
      }
      update_tree(pages, changes);
      collect(state.pages(), *state.pages().root_id(), live);
      for (const PageId& id : pages.retired()) EXPECT_EQ(live.erase("n" + id.key()), 1U);
      for (const auto& [path, page] : pages.written()) {
        live.insert("n" + PageId{pages.version(), path}.key());
      }
      state.block(changes);
      std::set<std::string> reached;
      collect(state.pages(), *state.pages().root_id(), reached);
      ASSERT_EQ(live, reached) << "seed " << seed;
    }
  }
}

TEST(Pages, remember_none_that_is_not_stored) {
  const salus::test::MemoryStore store;
  const Pages base{store, std::nullopt, 100'000};
  Pages candidate = base.branch(Height{0});
  update_tree(candidate, {{"a", "1"}, {"b", "2"}});
  const Pages above = candidate.branch(Height{1});
  const PageId root = *candidate.root_id();
  above.give_back(root, above.take(root));
  EXPECT_EQ(base.remembered(), 0U) << "a rival may write another page of that name";
}

TEST(Page, has_golden_bytes) {
  Page page;
  Leaf leaf;
  leaf.key_hash.bytes.fill(1);
  leaf.value_hash.bytes.fill(2);
  leaf.key = "key";
  Child child{.hash = {}, .version = Height{258}};
  child.hash.bytes.fill(3);
  page.entries = {{4, leaf}, {15, child}};
  const std::string bytes = encode(page);
  const auto repeat = [](const char* byte) {
    std::string out;
    for (int i = 0; i < 32; ++i) out += byte;
    return out;
  };
  EXPECT_EQ(hex(as_bytes(bytes)), "020401" + repeat("01") + repeat("02") + "00036b6579" + "0f00" +
                                      "0000000000000102" + repeat("03"));
  EXPECT_EQ(decode_page(bytes), page);
}

TEST(Page, keeps_the_hashes_inside_true_while_its_slots_change) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random{seed};
    Page page;
    for (int turn = 0; turn < 30; ++turn) {
      std::uint16_t changed = 0;
      for (int i = 0; i < 3; ++i) {
        const auto slot = static_cast<std::uint8_t>(random() % kSlots);
        changed = static_cast<std::uint16_t>(changed | (1U << slot));
        std::erase_if(page.entries, [&](const Entry& entry) { return entry.slot == slot; });
        if (random() % 3 == 0) continue;
        Hash some;
        for (auto& byte : some.bytes) byte = static_cast<std::uint8_t>(random());
        Entry entry{slot, Leaf{some, some, "key"}};
        if (random() % 2 == 0) entry.held = Child{some, Height{1}};
        page.entries.insert(std::ranges::lower_bound(page.entries, slot, {}, &Entry::slot), entry);
      }
      page.rehash(changed);
      ASSERT_EQ(page.inner.capacity(), page.entries.size() > 4 ? kSlots : 0U) << "seed " << seed;
      ASSERT_EQ(page.hash(), hash_of(page.entries, 0, kSlots)) << "seed " << seed;
    }
  }
}

TEST(Page, is_found_under_golden_keys) {
  Path path;
  path = path.child(0xa).child(0x0).child(0xc);
  EXPECT_EQ(hex(as_bytes(PageId{Height{5}, path}.key())), "000000000000000503a0c0");
  EXPECT_EQ(hex(as_bytes(PageId{Height{5}, Path{}}.key())), "000000000000000500");
}

TEST(Path, has_one_encoding) {
  const auto read = [](std::string_view text) -> std::optional<Path> {
    const auto bytes = parse_hex(text);
    ByteReader in{*bytes};
    auto path = read_path(in);
    return in.done() ? path : std::nullopt;
  };
  EXPECT_EQ(read("03a0c0"), Path{}.child(0xa).child(0x0).child(0xc));
  EXPECT_FALSE(read("03a0c1"));
  EXPECT_FALSE(read("03a0"));
  EXPECT_FALSE(read("40" + std::string(64, '0')));
  EXPECT_TRUE(read("3f" + std::string(64, '0')));
}

}  // namespace
}  // namespace salus::state
