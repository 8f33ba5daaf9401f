// Owns: the hashes and the layout of pages.
#include "state/page.h"

#include <algorithm>

#include "base/assert.h"

namespace salus::state {

namespace {

constexpr std::uint8_t kChild = 0;
constexpr std::uint8_t kLeaf = 1;
// Slot, kind, and what follows; a leaf's key comes on top.
constexpr std::size_t kChildBytes = 2 + 8 + 32;
constexpr std::size_t kLeafBytes = 2 + 32 + 32 + 2;
constexpr std::uint16_t kAllSlots = 0xffff;
// Up to here a page's hashes are not kept.
constexpr std::size_t kFewEntries = 4;

// A range of slots and the node above it, numbered as in Page::inner; one slot has 16 to 31.
struct Node {
  std::size_t number = 1;
  std::uint8_t first = 0;
  std::uint8_t width = kSlots;

  Node left() const { return {number * 2, first, static_cast<std::uint8_t>(width / 2)}; }
  Node right() const {
    const auto half = static_cast<std::uint8_t>(width / 2);
    return {number * 2 + 1, static_cast<std::uint8_t>(first + half), half};
  }
  bool has_any(std::uint16_t slots) const { return ((slots >> first) & ((1U << width) - 1U)) != 0; }
};

// The node above `entries`, after whatever is not up to date below it.
Hash refreshed(std::vector<Hash>& inner, EntrySpan entries, Node node, std::uint16_t changed) {
  if (node.width == 1) return hash_of(entries, node.first, 1);
  if (!node.has_any(changed)) return inner[node.number];
  const std::size_t split = split_at(entries, node.right().first);
  const Hash left = refreshed(inner, entries.first(split), node.left(), changed);
  const Hash right = refreshed(inner, entries.subspan(split), node.right(), changed);
  const bool is_only_leaf = entries.size() == 1 && entries.front().leaf() != nullptr;
  if (entries.empty() || is_only_leaf) {
    inner[node.number] = split == 0 ? right : left;
  } else {
    inner[node.number] = inner_hash(left, right);
  }
  return inner[node.number];
}

}  // namespace

std::uint8_t slot_of(const Hash& key, std::uint8_t depth) {
  const std::uint8_t byte = key.bytes[depth / 2U];
  return static_cast<std::uint8_t>(depth % 2U == 0 ? byte >> 4U : byte & 0x0fU);
}

Path Path::child(std::uint8_t slot) const {
  Path out{static_cast<std::uint8_t>(depth + 1), bits};
  const unsigned placed = depth % 2U == 0 ? unsigned{slot} << 4U : unsigned{slot};
  out.bits.bytes[depth / 2U] = static_cast<std::uint8_t>(out.bits.bytes[depth / 2U] | placed);
  return out;
}

bool Path::leads_to(const Hash& key) const {
  for (std::uint8_t at = 0; at < depth; ++at) {
    if (slot_of(key, at) != slot_of(bits, at)) return false;
  }
  return true;
}

void append(ByteWriter& out, const Path& path) {
  out.u8(path.depth);
  out.bytes(path.bits.view().first((path.depth + 1U) / 2U));
}

std::optional<Path> read_path(ByteReader& in) {
  Path out;
  out.depth = in.u8();
  if (out.depth > kPageDepthMax) return std::nullopt;
  const ByteView bytes = in.bytes((out.depth + 1U) / 2U);
  if (!in.ok()) return std::nullopt;
  std::ranges::copy(bytes, out.bits.bytes.begin());
  if (out.depth % 2U == 1 && slot_of(out.bits, out.depth) != 0) return std::nullopt;
  return out;
}

std::string PageId::key() const {
  ByteWriter out;
  out.u64(version.value());
  append(out, path);
  return std::string{as_chars(out.out())};
}

std::size_t PageIdHash::operator()(const PageId& id) const {
  std::uint64_t front = 0;
  for (std::size_t i = 0; i < 8; ++i) front = front << 8U | id.path.bits.bytes[i];
  const std::uint64_t mixed = (front ^ id.path.depth) + id.version.value() * 0x9e3779b97f4a7c15U;
  return mixed ^ mixed >> 32U;
}

std::size_t split_at(EntrySpan entries, std::uint8_t slot) {
  const auto first = std::ranges::lower_bound(entries, slot, {}, &Entry::slot);
  return static_cast<std::size_t>(first - entries.begin());
}

Hash hash_of(EntrySpan entries, std::uint8_t first, std::uint8_t width) {
  if (entries.empty()) return {};
  // An only leaf hangs at the shallowest depth where its path is its own.
  const Entry& front = entries.front();
  if (entries.size() == 1 && front.leaf() != nullptr) return front.leaf()->hash();
  if (width == 1) return front.child()->hash;
  const auto half = static_cast<std::uint8_t>(width / 2);
  const auto middle = static_cast<std::uint8_t>(first + half);
  const std::size_t split = split_at(entries, middle);
  return inner_hash(hash_of(entries.first(split), first, half),
                    hash_of(entries.subspan(split), middle, half));
}

Hash Page::hash() const { return inner.empty() ? hash_of(entries, 0, kSlots) : inner[1]; }

void Page::rehash(std::uint16_t changed) {
  if (entries.size() <= kFewEntries) {
    inner = std::vector<Hash>{};
    return;
  }
  if (inner.empty()) {
    inner.resize(kSlots);
    changed = kAllSlots;
  }
  refreshed(inner, entries, Node{}, changed);
}

std::string encode(const Page& page) {
  ByteWriter out;
  std::size_t bytes = 1;
  for (const Entry& entry : page.entries) {
    bytes += entry.leaf() != nullptr ? kLeafBytes + entry.leaf()->key.size() : kChildBytes;
  }
  out.reserve(bytes);
  out.u8(static_cast<std::uint8_t>(page.entries.size()));
  for (const Entry& entry : page.entries) {
    out.u8(entry.slot);
    if (const Child* child = entry.child()) {
      out.u8(kChild);
      out.u64(child->version.value());
      out.bytes(child->hash.view());
    } else {
      const Leaf& leaf = *entry.leaf();
      out.u8(kLeaf);
      out.bytes(leaf.key_hash.view());
      out.bytes(leaf.value_hash.view());
      out.u16(static_cast<std::uint16_t>(leaf.key.size()));
      out.bytes(as_bytes(leaf.key));
    }
  }
  return std::string{as_chars(out.out())};
}

Page decode_page(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  Page out;
  const std::uint8_t count = in.u8();
  SALUS_ASSERT(count <= kSlots, "a tree page is corrupt: it has too many slots");
  out.entries.reserve(count);
  for (std::uint8_t i = 0; i < count; ++i) {
    Entry entry;
    entry.slot = in.u8();
    const std::uint8_t kind = in.u8();
    SALUS_ASSERT(entry.slot < kSlots && kind <= kLeaf,
                 "a tree page is corrupt: a slot has no form");
    if (kind == kChild) {
      Child child;
      child.version = Height{in.u64()};
      child.hash = in.fixed<Hash>();
      entry.held = child;
    } else {
      Leaf leaf;
      leaf.key_hash = in.fixed<Hash>();
      leaf.value_hash = in.fixed<Hash>();
      leaf.key = std::string{as_chars(in.bytes(in.u16()))};
      entry.held = std::move(leaf);
    }
    out.entries.push_back(std::move(entry));
  }
  SALUS_ASSERT(in.done(), "a tree page is corrupt: it has another length");
  return out;
}

}  // namespace salus::state
