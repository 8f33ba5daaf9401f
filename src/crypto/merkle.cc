// Owns: the shape of list trees.
#include "crypto/merkle.h"

#include <algorithm>
#include <bit>

#include "crypto/hash.h"

namespace salus::crypto {

namespace {

Hash node(const Hash& left, const Hash& right) {
  ByteWriter pair;
  pair.bytes(left.view());
  pair.bytes(right.view());
  return hash("salus.mklnode.1", pair.out());
}

Hash top(std::span<const Hash> leaves) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves.front();
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  return node(top(leaves.first(split)), top(leaves.subspan(split)));
}

Root root_above(std::uint64_t count, const Hash& top) {
  ByteWriter out;
  out.u64(count);
  out.bytes(top.view());
  return Root{hash("salus.mklroot.1", out.out()).bytes};
}

// Which way the path to a leaf turns at each node, from the top down: true goes right. Their number
// is the number of siblings, at most 64.
std::vector<bool> turns_to(std::uint64_t index, std::uint64_t count) {
  std::vector<bool> out;
  while (count > 1) {
    const std::uint64_t split = std::bit_floor(count - 1);
    const bool goes_right = index >= split;
    out.push_back(goes_right);
    if (goes_right) index -= split;
    count = goes_right ? count - split : split;
  }
  return out;
}

}  // namespace

Root merkle_root(std::span<const Hash> leaves) { return root_above(leaves.size(), top(leaves)); }

std::vector<Hash> merkle_siblings(std::span<const Hash> leaves, std::size_t index) {
  std::vector<Hash> out;
  for (const bool goes_right : turns_to(index, leaves.size())) {
    const std::size_t split = std::bit_floor(leaves.size() - 1);
    const auto left = leaves.first(split);
    const auto right = leaves.subspan(split);
    out.push_back(top(goes_right ? left : right));
    leaves = goes_right ? right : left;
  }
  std::ranges::reverse(out);
  return out;
}

std::optional<Root> merkle_root_from(const Hash& leaf, std::uint64_t index, std::uint64_t count,
                                     std::span<const Hash> siblings) {
  if (index >= count) return std::nullopt;
  const std::vector<bool> turns = turns_to(index, count);
  if (turns.size() != siblings.size()) return std::nullopt;
  Hash at = leaf;
  for (std::size_t i = 0; i < siblings.size(); ++i) {
    const bool is_right = turns[turns.size() - 1 - i];
    at = is_right ? node(siblings[i], at) : node(at, siblings[i]);
  }
  return root_above(count, at);
}

}  // namespace salus::crypto
