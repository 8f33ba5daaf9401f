// Owns: keys and signatures of the client library.
#include "salus/signing.h"

#include <sodium.h>

#include "base/assert.h"
#include "crypto/ed25519.h"
#include "wire/transaction.h"

namespace salus::client {

SigningKey::SigningKey(crypto::KeyPair key)
    : key_(std::make_unique<crypto::KeyPair>(std::move(key))) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  crypto::Seed seed;
  randombytes_buf(seed.data(), seed.size());
  SigningKey key{crypto::KeyPair::from_seed(seed)};
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey SigningKey::from_seed(const std::array<std::uint8_t, 32>& seed) {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  return SigningKey{crypto::KeyPair::from_seed(seed)};
}

const PublicKey& SigningKey::public_key() const { return key_->public_key(); }
std::array<std::uint8_t, 32> SigningKey::seed() const { return key_->seed(); }
Signature SigningKey::sign(ByteView message) const { return key_->sign(message); }

TxId transaction_id(const v1::Transaction& transaction) {
  return wire::transaction_id(transaction.body());
}

v1::Transaction sign(const v1::TxBody& body, const std::vector<const SigningKey*>& keys) {
  v1::Transaction transaction;
  SALUS_ASSERT(body.SerializeToString(transaction.mutable_body()), "a body of our own serializes");

  const Bytes message = wire::signed_bytes(transaction.body());
  for (const SigningKey* key : keys) {
    v1::TxSignature* signature = transaction.add_signatures();
    signature->set_key(key->public_key().to_string());
    signature->set_signature(key->sign(message).to_string());
  }
  return transaction;
}

}  // namespace salus::client
