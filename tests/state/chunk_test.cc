// Owns: proof that a state fetched in parts, in any order and through any crash, is the origin's,
// and that no part passes for another.
#include "state/chunk.h"

#include <gtest/gtest.h>

#include "state/a_state.h"

namespace salus::state {
namespace {

using test::AState;

AState a_state_of(int count) {
  AState state;
  TreeChanges changes;
  for (int i = 0; i < count; ++i) {
    changes["key" + std::to_string(i)] = std::string(static_cast<std::size_t>(i % 40), 'v');
  }
  // In two blocks, so that pages have versions.
  state.block(changes);
  state.block({{"key3", "other"}, {"key4", std::nullopt}, {"more", "1"}});
  return state;
}

Bytes answer_of(const AState& state, Height at, const Path& path, const ChunkLimits& limits) {
  const StateAt past{state.store(), at};
  const auto made = make_chunk(state.pages_at(at), past, path, limits);
  EXPECT_TRUE(made);
  return made ? *made : Bytes{};
}

// The shape and the hashes below a page, without versions.
std::string shape(const Pages& pages, const PageId& id) {
  std::string out;
  for (const Entry& entry : pages.get(id).entries) {
    out += "(" + std::to_string(entry.slot);
    if (const Child* child = entry.child()) {
      out += child->hash.to_hex() + shape(pages, {child->version, id.path.child(entry.slot)});
    } else {
      out += entry.leaf()->key;
    }
    out += ")";
  }
  return out;
}

void expect_same(const AState& origin, const Store& store, Height at) {
  const Pages pages{store, at, 0};
  EXPECT_EQ(shape(pages, *pages.root_id()),
            shape(origin.pages_at(at), *origin.pages_at(at).root_id()));
  test::Pairs pairs;
  store.scan(kStatePrefix, "", [&](std::string_view key, std::string_view value) {
    pairs.emplace(key.substr(1), value);
    return true;
  });
  EXPECT_EQ(pairs, origin.pairs_at(at));
  EXPECT_EQ(load_horizon(store).lowest, at);
}

TEST(Chunk, rebuilds_the_state_at_any_height_in_any_order) {
  const AState origin = a_state_of(700);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random{seed};
    const Height at{seed % 3};
    const Root root = root_of(origin.pages_at(at));
    salus::test::MemoryStore store;
    std::size_t parts = 0;
    // What is missing is read from the store each time, as after a crash.
    while (true) {
      const auto missing = find_missing(store, at, root, 1 + random() % 5);
      if (missing.empty()) break;
      const Wanted& wanted = missing[random() % missing.size()];
      const ChunkLimits limits{.records = 1 + random() % 60, .bytes = 100 + random() % 2'000};
      const auto chunk = Chunk::verify(wanted, answer_of(origin, at, wanted.path, limits));
      ASSERT_TRUE(chunk);
      StoreBatch batch;
      chunk->append_to(batch, at);
      ASSERT_TRUE(store.write(batch));
      for (const Wanted& next : chunk->next()) EXPECT_TRUE(next.path.depth > wanted.path.depth);
      ++parts;
    }
    StoreBatch last;
    append_filled(last, at);
    ASSERT_TRUE(store.write(last));
    expect_same(origin, store, at);
    EXPECT_TRUE(parts > 10 || at == Height{0});

    // Blocks go on from there with the origin's roots.
    Pages joined{store, at, 0};
    Pages next = joined.branch(at.next());
    Pages original{origin.store(), at, 0};
    Pages expected = original.branch(at.next());
    update_tree(next, {{"key5", "new"}, {"key6", std::nullopt}});
    update_tree(expected, {{"key5", "new"}, {"key6", std::nullopt}});
    EXPECT_EQ(root_of(next), root_of(expected));
  }
}

TEST(Chunk, names_what_to_fetch_next) {
  const AState origin = a_state_of(700);
  const Height at = origin.tip();
  const Wanted top{Path{}, Hash{origin.root().bytes}};
  const auto divided = Chunk::verify(top, answer_of(origin, at, Path{}, {.records = 10}));
  ASSERT_TRUE(divided);
  EXPECT_EQ(divided->next().size(), 16U);
  EXPECT_EQ(divided->records(), 0U);
  const auto whole = Chunk::verify(top, answer_of(origin, at, Path{}, {}));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->next().empty());
  EXPECT_EQ(whole->records(), origin.pairs_at(at).size());
}

TEST(Chunk, with_any_bit_changed_is_refused) {
  const AState origin = a_state_of(60);
  const Height at = origin.tip();
  const Wanted top{Path{}, Hash{origin.root().bytes}};
  for (const ChunkLimits& limits : {ChunkLimits{}, ChunkLimits{.records = 1, .bytes = 10'000}}) {
    const Bytes answer = answer_of(origin, at, Path{}, limits);
    ASSERT_TRUE(Chunk::verify(top, answer));
    for (std::size_t bit = 0; bit < answer.size() * 8; ++bit) {
      Bytes changed = answer;
      changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
      ASSERT_FALSE(Chunk::verify(top, changed)) << bit;
    }
    for (std::size_t length = 0; length < answer.size(); ++length) {
      ASSERT_EQ(Chunk::verify(top, ByteView{answer}.first(length)).error(), ChunkError::Malformed);
    }
    Bytes longer = answer;
    longer.push_back(0);
    EXPECT_EQ(Chunk::verify(top, longer).error(), ChunkError::Malformed);
  }
}

TEST(Chunk, of_another_part_or_another_height_is_refused) {
  const AState origin = a_state_of(700);
  const Height at = origin.tip();
  const Wanted top{Path{}, Hash{origin.root().bytes}};
  const auto divided = Chunk::verify(top, answer_of(origin, at, Path{}, {.records = 10}));
  ASSERT_TRUE(divided);
  const Wanted& first = divided->next()[0];
  const Wanted& second = divided->next()[1];
  const Bytes answer = answer_of(origin, at, second.path, {});
  EXPECT_TRUE(Chunk::verify(second, answer));
  EXPECT_EQ(Chunk::verify(first, answer).error(), ChunkError::Malformed);
  EXPECT_EQ(Chunk::verify({second.path, first.hash}, answer).error(), ChunkError::OtherHash);
  EXPECT_EQ(Chunk::verify(top, answer_of(origin, Height{1}, Path{}, {})).error(),
            ChunkError::OtherHash);
}

// A leaf beside another one hashes as a page in its place would: only what a child hashes tells
// them apart, so an answer cannot send the joiner after a part that nobody has.
TEST(Chunk, does_not_take_a_leaf_for_a_child) {
  AState origin;
  origin.block({{"a", "1"}});
  const Wanted top{Path{}, Hash{origin.root().bytes}};
  ByteWriter lie;
  lie.u8(1);
  lie.u8(1);
  lie.u8(slot_of(key_hash("a"), 0));
  lie.u8(0);
  lie.bytes(key_hash("a").view());
  lie.bytes(value_hash("1").view());
  EXPECT_EQ(Chunk::verify(top, lie.out()).error(), ChunkError::OtherHash);
}

TEST(Chunk, refuses_each_wrong_form_by_its_name) {
  const AState origin = a_state_of(20);
  const StateAt state{origin.store(), origin.tip()};
  Path deep;
  for (int i = 0; i < 20; ++i) deep = deep.child(1);
  EXPECT_EQ(make_chunk(origin.pages_at(origin.tip()), state, deep).error(), ChunkError::NoSuchPart);
  const Wanted top{Path{}, Hash{origin.root().bytes}};
  EXPECT_EQ(Chunk::verify(top, Bytes(kChunkBytesMax + 1)).error(), ChunkError::TooLarge);
  EXPECT_EQ(Chunk::verify(top, {}).error(), ChunkError::Malformed);
  EXPECT_EQ(Chunk::verify(top, Bytes{2}).error(), ChunkError::Malformed);
  // A claim of more records than there are bytes costs nothing.
  EXPECT_EQ(Chunk::verify(top, Bytes{0, 0, 0, 0xff, 0xff}).error(), ChunkError::Malformed);
  for (int error = 0; error <= static_cast<int>(ChunkError::OtherHash); ++error) {
    EXPECT_GT(sentence(static_cast<ChunkError>(error)).size(), 20U);
  }
}

TEST(Chunk, has_golden_bytes) {
  AState origin;
  origin.block({{"a", "1"}});
  EXPECT_EQ(hex(answer_of(origin, Height{1}, Path{}, {})),
            "0000000001"
            "000161"
            "0000000131");
  EXPECT_EQ(hex(answer_of(origin, Height{1}, Path{}, {.records = 0})),
            "0101" + hex(Bytes{slot_of(key_hash("a"), 0)}) +
                "01"
                "000161"
                "0000000131");
  EXPECT_EQ(hex(answer_of(origin, Height{0}, Path{}, {})), "0000000000");
}

}  // namespace
}  // namespace salus::state
