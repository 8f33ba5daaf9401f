// Owns: a transaction from outside is bytes until it passed here, and past this point only its
// signed, hashed and stored bytes count; nothing is ever encoded again. A plain Transaction has the
// right shape; a Validated<Transaction> also bears right signatures. The first is cheap, the second
// is not: signatures may be verified on other threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/validated.h"
#include "salus/v1/tx.pb.h"
#include "wire/refusal.h"

namespace salus::wire {

inline constexpr std::size_t kTransactionBytesMax = std::size_t{64} * 1024;
inline constexpr int kActionsMax = 16;
inline constexpr int kSignaturesMax = 16;
// A vote inside a proposal is 6 messages deep; more is an attack on the stack.
inline constexpr int kNestingMax = 12;

class Transaction {
 public:
  // Shape only, cheapest check first: size, the envelope, its signatures' form, the body.
  static Result<Transaction, Refusal> decode(ByteView bytes);
  // Pure and safe on any thread; 16 signatures at most.
  bool signatures_hold() const;
  // Mints the proof that signatures_hold().
  static Result<Validated<Transaction>, Refusal> verify(Transaction decoded);
  // Both.
  static Result<Validated<Transaction>, Refusal> decode_and_verify(ByteView bytes);

  // Exactly as received: a serialized v1::Transaction.
  const std::string& raw() const { return envelope_bytes_; }
  // Exactly what was signed: a serialized v1::TxBody.
  const std::string& body_bytes() const { return body_bytes_; }
  const v1::TxBody& body() const { return body_; }
  // hash(`salus.tx.1` | body). Says nothing of the signatures: see leaf_of().
  const TxId& id() const { return id_; }
  const ChainId& chain_id() const { return chain_id_; }
  const AccountId& account() const { return account_; }
  std::uint64_t sequence() const { return body_.sequence(); }
  Height expiry() const { return Height{body_.expiry_height()}; }
  // 1 to 16 distinct keys, in the order of the signatures.
  const std::vector<PublicKey>& signers() const { return signers_; }

 private:
  Transaction() = default;

  std::string envelope_bytes_;
  std::string body_bytes_;
  v1::TxBody body_;
  TxId id_;
  ChainId chain_id_;
  AccountId account_;
  std::vector<PublicKey> signers_;
  std::vector<Signature> signatures_;
};

// What a key signs: (tag `salus.txsign.1` | body), the tag padded to 16 bytes.
Bytes signed_bytes(std::string_view body_bytes);
TxId transaction_id(std::string_view body_bytes);
// hash(`salus.txleaf.1` | raw): what the transactions root of a block is made of. It binds the
// signatures, because who signed decides what a transaction may do, and an id does not name them.
Hash leaf_of(ByteView raw);

}  // namespace salus::wire
