// Owns: Ed25519 by libsodium, and the life of a secret key in memory: it is wiped when its owner
// goes, it is never copied by accident, and it never prints.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::crypto {

// The 32-byte seed is the secret.
using Seed = std::array<std::uint8_t, 32>;

class KeyPair {
 public:
  static KeyPair from_seed(const Seed& seed);

  KeyPair(KeyPair&& other) noexcept;
  KeyPair& operator=(KeyPair&& other) noexcept;
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair();

  const PublicKey& public_key() const { return public_key_; }
  // The secret, for key files and TLS only. The caller wipes its copy.
  Seed seed() const;
  // Deterministic (RFC 8032): equal bytes give an equal signature.
  Signature sign(ByteView message) const;

 private:
  KeyPair() = default;
  PublicKey public_key_;
  std::array<std::uint8_t, 64> secret_{};
};

// libsodium's strict check: small-order keys and non-canonical encodings are refused.
bool verify(const PublicKey& key, ByteView message, const Signature& signature);

// Must be called once before anything else of this folder in a process; false if libsodium failed.
bool initialise();

}  // namespace salus::crypto
