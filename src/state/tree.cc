// Owns: the shape of the tree under change: a leaf that gets company moves down, a leaf that loses
// it moves up, so the shape depends on the pairs alone.
#include "state/tree.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::state {

namespace {

Hash hash_pair(std::string_view tag, const Hash& first, const Hash& second) {
  ByteWriter out;
  out.bytes(first.view());
  out.bytes(second.view());
  return crypto::hash(tag, out.out());
}

struct Change {
  Hash key;
  // Value hash; absent = erased.
  std::optional<Hash> value;
};
using ChangeSpan = std::span<const Change>;

bool bit_of(const Hash& key, std::size_t depth) {
  return ((key.bytes[depth / 8] >> (7U - depth % 8)) & 1U) != 0;
}

enum class Kind : std::uint8_t { Empty = 0, Inner = 1, Leaf = 2 };

// An inner node holds its children's hashes, a leaf its key and value hash.
struct Node {
  Kind kind = Kind::Empty;
  Hash first;
  Hash second;

  Hash hash() const {
    if (kind == Kind::Empty) return {};
    return kind == Kind::Leaf ? leaf_hash(first, second) : inner_hash(first, second);
  }
};

// Where a node is: the first `depth` bits of any key below it. Stored under depth u16 | path bits.
struct Position {
  std::size_t depth = 0;
  // Bits from `depth` on are zero.
  Hash path;

  Position child(bool right) const {
    Position out{depth + 1, path};
    if (right) out.path.bytes[depth / 8] |= static_cast<std::uint8_t>(0x80U >> (depth % 8));
    return out;
  }
  std::string key() const {
    ByteWriter out;
    out.u16(static_cast<std::uint16_t>(depth));
    out.bytes(path.view().first((depth + 7) / 8));
    return std::string{as_chars(out.out())};
  }
};

Node load(const Overlay& nodes, const Position& at) {
  const auto stored = nodes.get(at.key());
  if (!stored) return {};
  ByteReader in{as_bytes(*stored)};
  const auto kind = in.u8();
  const Hash first = in.fixed<Hash>();
  const Hash second = in.fixed<Hash>();
  SALUS_ASSERT(in.done() && (kind == 1 || kind == 2), "a tree node is corrupt");
  return {static_cast<Kind>(kind), first, second};
}

void store(Overlay& nodes, const Position& at, const Node& node) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(node.kind));
  out.bytes(node.first.view());
  out.bytes(node.second.view());
  nodes.put(at.key(), std::string{as_chars(out.out())});
}

class Update {
 public:
  explicit Update(Overlay& nodes) : nodes_(nodes) {}

  // Applies `changes`, sorted by key and all below `at`, and returns the node that is there now.
  Node apply(const Position& at, ChangeSpan changes) {
    const Node before = load(nodes_, at);
    if (before.kind == Kind::Inner) return apply_inner(at, before, changes);
    std::vector<Change> leaves = puts_of(changes);
    if (before.kind == Kind::Leaf) keep_leaf(before, changes, leaves);
    if (leaves.empty()) {
      if (before.kind == Kind::Leaf) nodes_.erase(at.key());
      return {};
    }
    return build(at, leaves);
  }

 private:
  static std::vector<Change> puts_of(ChangeSpan changes) {
    std::vector<Change> out;
    std::ranges::copy_if(changes, std::back_inserter(out),
                         [](const Change& change) { return change.value.has_value(); });
    return out;
  }

  // The leaf that was here stays unless the changes name it.
  static void keep_leaf(const Node& leaf, ChangeSpan changes, std::vector<Change>& leaves) {
    if (std::ranges::binary_search(changes, leaf.first, {}, &Change::key)) return;
    const auto place = std::ranges::lower_bound(leaves, leaf.first, {}, &Change::key);
    leaves.insert(place, Change{leaf.first, leaf.second});
  }

  static std::size_t split_of(const Position& at, ChangeSpan changes) {
    const auto first_right = std::ranges::partition_point(
        changes, [&](const Change& change) { return !bit_of(change.key, at.depth); });
    return static_cast<std::size_t>(first_right - changes.begin());
  }

  // A fresh subtree where nothing is stored below `at`.
  Node build(const Position& at, ChangeSpan leaves) {
    if (leaves.empty()) return {};
    Node out;
    if (leaves.size() == 1) {
      out = {Kind::Leaf, leaves.front().key, *leaves.front().value};
    } else {
      const std::size_t split = split_of(at, leaves);
      out = {Kind::Inner, build(at.child(false), leaves.first(split)).hash(),
             build(at.child(true), leaves.subspan(split)).hash()};
    }
    store(nodes_, at, out);
    return out;
  }

  // A child after the change; its kind is unknown while nobody looked.
  struct Child {
    Position at;
    Hash hash;
    std::optional<Node> node;
  };

  Child apply_child(const Position& at, const Hash& before, ChangeSpan changes) {
    if (changes.empty()) return {at, before, std::nullopt};
    const Node node = apply(at, changes);
    return {at, node.hash(), node};
  }

  Node apply_inner(const Position& at, const Node& before, ChangeSpan changes) {
    const std::size_t split = split_of(at, changes);
    const Child left = apply_child(at.child(false), before.first, changes.first(split));
    const Child right = apply_child(at.child(true), before.second, changes.subspan(split));

    Node out{Kind::Inner, left.hash, right.hash};
    if (left.hash.is_zero() && right.hash.is_zero()) {
      nodes_.erase(at.key());
      return {};
    }
    if (left.hash.is_zero()) out = lift(right, out);
    if (right.hash.is_zero()) out = lift(left, out);
    store(nodes_, at, out);
    return out;
  }

  // An only child that is a leaf takes its parent's place.
  Node lift(const Child& only, const Node& parent) {
    const Node node = only.node ? *only.node : load(nodes_, only.at);
    if (node.kind != Kind::Leaf) return parent;
    nodes_.erase(only.at.key());
    return node;
  }

  Overlay& nodes_;
};

}  // namespace

Hash key_hash(std::string_view key) { return crypto::hash("salus.key.1", as_bytes(key)); }
Hash value_hash(std::string_view value) { return crypto::hash("salus.value.1", as_bytes(value)); }
Hash leaf_hash(const Hash& key, const Hash& value) { return hash_pair("salus.leaf.1", key, value); }
Hash inner_hash(const Hash& left, const Hash& right) {
  return hash_pair("salus.inner.1", left, right);
}

Root Tree::root() const { return Root{load(nodes_, Position{}).hash().bytes}; }

void Tree::update(const Changes& changes) {
  std::vector<Change> sorted;
  sorted.reserve(changes.size());
  for (const auto& [key, value] : changes) {
    Change change{key_hash(key), std::nullopt};
    if (value) change.value = value_hash(*value);
    sorted.push_back(change);
  }
  std::ranges::sort(sorted, {}, &Change::key);
  if (!sorted.empty()) Update{nodes_}.apply(Position{}, sorted);
}

}  // namespace salus::state
