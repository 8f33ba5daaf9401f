// Owns: the order of a transaction's checks: length, form, hash; signatures apart.
#include "wire/transaction.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "wire/strict_parse.h"

namespace salus::wire {

namespace {

struct Signed {
  std::vector<PublicKey> signers;
  std::vector<Signature> signatures;
};

Result<Signed, Refusal> decode_signatures(const v1::Transaction& envelope) {
  if (envelope.signatures().empty() || envelope.signatures_size() > kSignaturesMax) {
    return std::unexpected(Refusal::TooManySignatures);
  }
  Signed out;
  for (const auto& entry : envelope.signatures()) {
    const auto key = PublicKey::from(entry.key());
    const auto signature = Signature::from(entry.signature());
    if (!key || !signature) return std::unexpected(Refusal::Malformed);
    if (std::ranges::find(out.signers, *key) != out.signers.end()) {
      return std::unexpected(Refusal::TooManySignatures);
    }
    out.signers.push_back(*key);
    out.signatures.push_back(*signature);
  }
  return out;
}

std::optional<Refusal> refuse_body(const v1::TxBody& body) {
  if (has_unknown_fields(body)) return Refusal::UnknownField;
  if (body.chain_id().size() != ChainId::kSize) return Refusal::Malformed;
  if (body.account().size() != AccountId::kSize) return Refusal::Malformed;
  if (body.actions().empty()) return Refusal::NoActions;
  if (body.actions_size() > kActionsMax) return Refusal::TooManyActions;
  const auto is_unset = [](const v1::Action& action) {
    return action.kind_case() == v1::Action::KIND_NOT_SET;
  };
  if (std::ranges::any_of(body.actions(), is_unset)) return Refusal::ActionUnset;
  return std::nullopt;
}

}  // namespace

Bytes signed_bytes(std::string_view body_bytes) {
  ByteWriter out;
  out.bytes(crypto::padded_tag("salus.txsign.1"));
  out.bytes(as_bytes(body_bytes));
  return std::move(out).out();
}

TxId transaction_id(std::string_view body_bytes) {
  return TxId{crypto::hash("salus.tx.1", as_bytes(body_bytes)).bytes};
}

Hash leaf_of(ByteView raw) { return crypto::hash("salus.txleaf.1", raw); }

Result<Transaction, Refusal> Transaction::decode(ByteView bytes) {
  if (bytes.size() > kTransactionBytesMax) return std::unexpected(Refusal::TooLarge);

  v1::Transaction envelope;
  if (!parse_bounded(envelope, as_chars(bytes), kNestingMax)) {
    return std::unexpected(Refusal::Malformed);
  }
  if (has_unknown_fields(envelope)) return std::unexpected(Refusal::UnknownField);
  auto from = decode_signatures(envelope);
  if (!from) return std::unexpected(from.error());

  Transaction out;
  if (!parse_bounded(out.body_, envelope.body(), kNestingMax)) {
    return std::unexpected(Refusal::Malformed);
  }
  if (const auto refusal = refuse_body(out.body_)) return std::unexpected(*refusal);

  out.envelope_bytes_ = std::string{as_chars(bytes)};
  out.body_bytes_ = std::move(*envelope.mutable_body());
  out.id_ = transaction_id(out.body_bytes_);
  out.chain_id_ = *ChainId::from(out.body_.chain_id());
  out.account_ = *AccountId::from(out.body_.account());
  out.signers_ = std::move(from->signers);
  out.signatures_ = std::move(from->signatures);
  return out;
}

bool Transaction::signatures_hold() const {
  const Bytes message = signed_bytes(body_bytes_);
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    if (!crypto::verify(signers_[i], message, signatures_[i])) return false;
  }
  return true;
}

Result<Validated<Transaction>, Refusal> Transaction::verify(Transaction decoded) {
  if (!decoded.signatures_hold()) return std::unexpected(Refusal::SignatureInvalid);
  return Validated<Transaction>{std::move(decoded)};
}

Result<Validated<Transaction>, Refusal> Transaction::decode_and_verify(ByteView bytes) {
  auto decoded = decode(bytes);
  if (!decoded) return std::unexpected(decoded.error());
  return verify(std::move(*decoded));
}

}  // namespace salus::wire
