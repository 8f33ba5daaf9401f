// Owns: the shape of list trees.
#include "crypto/merkle.h"

#include <bit>

#include "crypto/hash.h"

namespace salus::crypto {

namespace {

Hash top(std::span<const Hash> leaves) {
  if (leaves.empty()) return {};
  if (leaves.size() == 1) return leaves.front();
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  ByteWriter pair;
  pair.bytes(top(leaves.first(split)).view());
  pair.bytes(top(leaves.subspan(split)).view());
  return hash("salus.mklnode.1", pair.out());
}

}  // namespace

Root merkle_root(std::span<const Hash> leaves) {
  ByteWriter out;
  out.u64(leaves.size());
  out.bytes(top(leaves).view());
  return Root{hash("salus.mklroot.1", out.out()).bytes};
}

}  // namespace salus::crypto
