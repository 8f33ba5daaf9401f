// Owns: domain-separated hashing with libsodium.
#include "crypto/hash.h"

#include <sodium.h>

#include "base/assert.h"

namespace salus::crypto {

std::array<std::uint8_t, 16> padded_tag(std::string_view tag) {
  std::array<std::uint8_t, 16> out{};
  SALUS_ASSERT(tag.size() <= out.size(), "a hash tag has at most 16 characters");
  for (std::size_t i = 0; i < tag.size(); ++i) out[i] = static_cast<std::uint8_t>(tag[i]);
  return out;
}

Hash hash(std::string_view tag, ByteView content) {
  const auto prefix = padded_tag(tag);
  crypto_generichash_blake2b_state state;
  Hash out;
  crypto_generichash_blake2b_init(&state, nullptr, 0, out.bytes.size());
  crypto_generichash_blake2b_update(&state, prefix.data(), prefix.size());
  crypto_generichash_blake2b_update(&state, content.data(), content.size());
  crypto_generichash_blake2b_final(&state, out.bytes.data(), out.bytes.size());
  return out;
}

Hash hash_untagged(ByteView content) {
  Hash out;
  crypto_generichash_blake2b(out.bytes.data(), out.bytes.size(), content.data(), content.size(),
                             nullptr, 0);
  return out;
}

}  // namespace salus::crypto
