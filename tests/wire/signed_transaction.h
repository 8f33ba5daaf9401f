// Owns: how tests make transactions that decode and verify.
#pragma once

#include <string>
#include <vector>

#include "base/assert.h"
#include "crypto/ed25519.h"
#include "state/record.h"
#include "wire/transaction.h"

namespace salus::test {

// The same key for the same number in every test.
inline crypto::KeyPair key_pair(std::uint8_t number) {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  crypto::Seed seed{};
  seed[0] = number;
  seed[31] = 1;
  return crypto::KeyPair::from_seed(seed);
}

// A body that moves one unit; fields can be changed before it is signed.
inline v1::TxBody transfer_body(const ChainId& chain_id, const AccountId& from, const AccountId& to,
                                std::uint64_t sequence) {
  v1::TxBody body;
  body.set_chain_id(chain_id.to_string());
  body.set_account(from.to_string());
  body.set_sequence(sequence);
  body.set_expiry_height(1000);
  auto* transfer = body.add_actions()->mutable_transfer();
  transfer->set_to(to.to_string());
  transfer->set_amount(1);
  return body;
}

// Signed by the keys of these numbers, in this order.
inline v1::Transaction signed_envelope(const std::string& body_bytes,
                                       const std::vector<std::uint8_t>& keys) {
  v1::Transaction envelope;
  envelope.set_body(body_bytes);
  for (const std::uint8_t number : keys) {
    const crypto::KeyPair pair = key_pair(number);
    auto* signature = envelope.add_signatures();
    signature->set_key(pair.public_key().to_string());
    signature->set_signature(pair.sign(wire::signed_bytes(body_bytes)).to_string());
  }
  return envelope;
}

inline std::string signed_raw(const v1::TxBody& body, const std::vector<std::uint8_t>& keys) {
  return state::encode(signed_envelope(state::encode(body), keys));
}

inline Validated<wire::Transaction> signed_transaction(const v1::TxBody& body,
                                                       const std::vector<std::uint8_t>& keys) {
  const std::string raw = signed_raw(body, keys);
  auto transaction = wire::Transaction::decode_and_verify(as_bytes(raw));
  SALUS_ASSERT(transaction.has_value(), "tests sign properly");
  return *transaction;
}

}  // namespace salus::test
