// Owns: how the binary tree is cut into pages of four levels. A page stands for one node whose
// depth is a multiple of four; each of its 16 slots is empty, holds the only leaf below it, or
// names the page of two or more. So the slots decide every hash inside, and a page is as unique as
// its leaves. A stored page is never changed: its successor has another version.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "state/hashes.h"

namespace salus::state {

inline constexpr std::size_t kPageBits = 4;
inline constexpr std::uint8_t kSlots = 16;
// Pages from the root to the deepest: a key hash has 64 slots.
inline constexpr std::uint8_t kPageDepthMax = 63;

// The slots that lead to a page: the first `depth` half bytes of every key hash below it.
struct Path {
  std::uint8_t depth = 0;
  // Zeros from there on.
  Hash bits;

  auto operator<=>(const Path&) const = default;
  Path child(std::uint8_t slot) const;
  bool leads_to(const Hash& key) const;
};

// The half byte that decides in a page of that depth.
std::uint8_t slot_of(const Hash& key, std::uint8_t depth);

// depth u8 | the half bytes, the last byte filled up with zeros.
void append(ByteWriter& out, const Path& path);
// nullopt if it is deeper than a page can be, or filled up with anything else.
std::optional<Path> read_path(ByteReader& in);

// One page that once stood at a path.
struct PageId {
  // Height of the block that wrote it.
  Height version;
  Path path;

  auto operator<=>(const PageId&) const = default;
  // version u64 | path: what one block writes lies together, and the newest last.
  std::string key() const;
};

// For tables in memory. A path's first half bytes are of a hash; a version tells apart what one
// path held.
struct PageIdHash {
  std::size_t operator()(const PageId& id) const;
};

struct Leaf {
  Hash key_hash;
  Hash value_hash;
  std::string key;

  bool operator==(const Leaf&) const = default;
  Hash hash() const { return leaf_hash(key_hash, value_hash); }
};

struct Child {
  // Of the node that its page stands for.
  Hash hash;
  Height version;

  bool operator==(const Child&) const = default;
};

struct Entry {
  std::uint8_t slot = 0;
  std::variant<Leaf, Child> held;

  bool operator==(const Entry&) const = default;
  const Leaf* leaf() const { return std::get_if<Leaf>(&held); }
  const Child* child() const { return std::get_if<Child>(&held); }
};
using EntrySpan = std::span<const Entry>;

struct Page {
  // Ascending by slot. Only the root page has none, or one leaf alone.
  std::vector<Entry> entries;
  // The 15 nodes inside, at 1 (the top), 2, 3, ... and so that 2i and 2i + 1 lie below i; empty
  // while nobody asked, and in a page of few entries, as most are in a large tree: it has hardly
  // more hashes than a change costs. Never stored: it spares a block the hashes of what it does not
  // change.
  std::vector<Hash> inner;

  bool operator==(const Page& other) const { return entries == other.entries; }
  Hash hash() const;
  // After the slots whose bits are set have changed.
  void rehash(std::uint16_t changed);
};

// The hash of the node above `width` slots (a power of two) from `first` on, which hold `entries`.
Hash hash_of(EntrySpan entries, std::uint8_t first, std::uint8_t width);
// How many of `entries` lie below `slot`.
std::size_t split_at(EntrySpan entries, std::uint8_t slot);

// count u8 | count x (slot u8, then a child: 00, version u64, hash 32; or a leaf: 01, key hash 32,
// value hash 32, key length u16, key).
std::string encode(const Page& page);
// Our own: another form is corruption and stops the process.
Page decode_page(std::string_view bytes);

}  // namespace salus::state
