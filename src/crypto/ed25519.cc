// Owns: the calls into libsodium for signatures.
#include "crypto/ed25519.h"

#include <sodium.h>

#include <algorithm>

#include "base/assert.h"

namespace salus::crypto {

bool initialise() { return sodium_init() >= 0; }

KeyPair KeyPair::from_seed(const Seed& seed) {
  KeyPair pair;
  const int failed =
      crypto_sign_seed_keypair(pair.public_key_.bytes.data(), pair.secret_.data(), seed.data());
  SALUS_ASSERT(failed == 0, "libsodium derives a key from any seed");
  return pair;
}

KeyPair::KeyPair(KeyPair&& other) noexcept
    : public_key_(other.public_key_), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

KeyPair& KeyPair::operator=(KeyPair&& other) noexcept {
  if (this == &other) return *this;
  public_key_ = other.public_key_;
  secret_ = other.secret_;
  sodium_memzero(other.secret_.data(), other.secret_.size());
  return *this;
}

KeyPair::~KeyPair() { sodium_memzero(secret_.data(), secret_.size()); }

Seed KeyPair::seed() const {
  Seed out{};
  std::copy_n(secret_.begin(), out.size(), out.begin());
  return out;
}

Signature KeyPair::sign(ByteView message) const {
  Signature out;
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

}  // namespace salus::crypto
