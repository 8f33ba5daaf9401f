// Owns: only what the holder of a key agreed to is signed, and it is signed for one chain, one
// account and one sequence. The secret is wiped when its owner goes, and is never copied.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "salus/v1/tx.pb.h"

namespace salus::crypto {
class KeyPair;
}

namespace salus::client {

// An Ed25519 key that signs transactions.
class SigningKey {
 public:
  // From the operating system's randomness.
  static SigningKey generate();
  static SigningKey from_seed(const std::array<std::uint8_t, 32>& seed);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  const PublicKey& public_key() const;
  // The secret, for key files only. The caller wipes its copy.
  std::array<std::uint8_t, 32> seed() const;
  // Over exactly these bytes, which carry their own tag.
  Signature sign(ByteView message) const;

 private:
  explicit SigningKey(crypto::KeyPair key);
  std::unique_ptr<crypto::KeyPair> key_;
};

// The id that nodes give to a transaction with this body: BLAKE2b-256(`salus.tx.1` | body).
TxId transaction_id(const v1::Transaction& transaction);

// Serializes `body` once and signs exactly those bytes with each key; 1 to 16 distinct keys.
v1::Transaction sign(const v1::TxBody& body, const std::vector<const SigningKey*>& keys);

}  // namespace salus::client
