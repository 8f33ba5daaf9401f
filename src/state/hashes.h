// Owns: what is hashed into a state root, and which way a key goes. Proofs are verified with these
// alone, so they lean on base and crypto only.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/ids.h"

namespace salus::state {

// Leaf: H(`salus.leaf.1` | key hash | value hash); key hash: H(`salus.key.1` | key); value hash:
// H(`salus.value.1` | value). Inner: H(`salus.inner.1` | left | right). Nothing: zeros. A path is
// the key hash's bits, the highest of the first byte first; 0 goes left.
Hash key_hash(std::string_view key);
Hash value_hash(std::string_view value);
Hash leaf_hash(const Hash& key, const Hash& value);
Hash inner_hash(const Hash& left, const Hash& right);

// The deepest leaf's depth, in bits.
inline constexpr std::size_t kDepthMax = 256;

// The bit that decides at `depth`: true goes right. `depth` is below 256.
inline bool bit_of(const Hash& key, std::size_t depth) {
  return ((key.bytes[depth / 8] >> (7U - depth % 8)) & 1U) != 0;
}

}  // namespace salus::state
