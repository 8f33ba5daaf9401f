// Owns: the tags of the tree's hashes.
#include "state/hashes.h"

#include <algorithm>
#include <array>

#include "crypto/hash.h"

namespace salus::state {

namespace {

Hash hash_pair(std::string_view tag, const Hash& first, const Hash& second) {
  std::array<std::uint8_t, 64> both{};
  std::ranges::copy(first.bytes, both.begin());
  std::ranges::copy(second.bytes, both.begin() + 32);
  return crypto::hash(tag, both);
}

}  // namespace

Hash key_hash(std::string_view key) { return crypto::hash("salus.key.1", as_bytes(key)); }
Hash value_hash(std::string_view value) { return crypto::hash("salus.value.1", as_bytes(value)); }
Hash leaf_hash(const Hash& key, const Hash& value) { return hash_pair("salus.leaf.1", key, value); }
Hash inner_hash(const Hash& left, const Hash& right) {
  return hash_pair("salus.inner.1", left, right);
}

}  // namespace salus::state
