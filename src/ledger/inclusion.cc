// Owns: which leaf each fact is, and where it has to be.
#include "ledger/inclusion.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "crypto/merkle.h"
#include "ledger/block.h"
#include "ledger/body_codec.h"
#include "ledger/results.h"
#include "state/record.h"
#include "wire/strict_parse.h"
#include "wire/transaction.h"

namespace salus::ledger {

namespace {

// One leaf more than transactions: that of due work.
constexpr std::uint32_t kLeavesMax = kTransactionsPerBlockMax + 1;
constexpr int kMessageDepthMax = 8;

template <typename Message>
std::optional<Message> decode_canonical(std::string_view bytes) {
  Message out;
  if (bytes.size() > kProofMessageBytesMax) return std::nullopt;
  if (!wire::parse_bounded(out, bytes, kMessageDepthMax)) return std::nullopt;
  if (wire::has_unknown_fields(out) || state::encode(out) != bytes) return std::nullopt;
  return out;
}

Result<void, InclusionError> follow(const Root& root, const Hash& leaf,
                                    const v1::MerklePath& path) {
  if (path.count() > kLeavesMax) return std::unexpected(InclusionError::Malformed);
  std::vector<Hash> siblings;
  for (const std::string& bytes : path.siblings()) {
    const auto sibling = Hash::from(bytes);
    if (!sibling) return std::unexpected(InclusionError::Malformed);
    siblings.push_back(*sibling);
  }
  const auto found = crypto::merkle_root_from(leaf, path.index(), path.count(), siblings);
  if (!found) return std::unexpected(InclusionError::Malformed);
  if (*found != root) return std::unexpected(InclusionError::OtherRoot);
  return {};
}

v1::MerklePath path_to(const std::vector<Hash>& leaves, std::size_t index) {
  SALUS_ASSERT(index < leaves.size(), "a proof is of something that a block holds");
  v1::MerklePath out;
  out.set_index(static_cast<std::uint32_t>(index));
  out.set_count(static_cast<std::uint32_t>(leaves.size()));
  for (const Hash& sibling : crypto::merkle_siblings(leaves, index)) {
    out.add_siblings(sibling.to_string());
  }
  return out;
}

}  // namespace

std::string_view sentence(InclusionError error) {
  switch (error) {
    case InclusionError::Malformed:
      return "The proof has no valid form: ask another node.";
    case InclusionError::OtherHeight:
      return "The proof is about a block at another height: ask again.";
    case InclusionError::OtherRoot:
      return "The answer is not what the block's root names: ask another node.";
  }
  return "Unknown.";
}

std::string_view sentence(const StateProofError& error) {
  return std::visit([](auto one) { return sentence(one); }, error);
}

Result<void, StateProofError> verify(Height height, const Root& root, const v1::StateProof& proof) {
  if (proof.height() != height.value()) return std::unexpected(InclusionError::OtherHeight);
  std::vector<state::Claim> claims;
  for (const v1::ProvenRecord& record : proof.records()) {
    if (claims.size() == state::kProofKeysMax) {
      return std::unexpected(state::ProofError::TooManyKeys);
    }
    if (record.key().empty()) return std::unexpected(InclusionError::Malformed);
    claims.push_back({record.key(), std::nullopt});
    if (record.has_value()) claims.back().value = record.value();
  }
  const auto holds = state::verify(root, claims, as_bytes(proof.nodes()));
  if (!holds) return std::unexpected(holds.error());
  return {};
}

Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::TransactionInclusion& inclusion) {
  if (inclusion.height() != height.value()) return std::unexpected(InclusionError::OtherHeight);
  if (inclusion.transaction().size() > wire::kTransactionBytesMax) {
    return std::unexpected(InclusionError::Malformed);
  }
  return follow(root, wire::leaf_of(as_bytes(inclusion.transaction())), inclusion.path());
}

Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::ResultInclusion& inclusion) {
  if (inclusion.height() != height.value()) return std::unexpected(InclusionError::OtherHeight);
  // The leaf has no length for the id.
  if (inclusion.result().tx_id().size() != TxId::kSize) {
    return std::unexpected(InclusionError::Malformed);
  }
  return follow(root, result_leaf(inclusion.result()), inclusion.path());
}

Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::DueInclusion& inclusion) {
  if (inclusion.height() != height.value()) return std::unexpected(InclusionError::OtherHeight);
  return follow(root, due_leaf(inclusion.events()), inclusion.path());
}

std::optional<v1::StateProof> decode_state_proof(std::string_view bytes) {
  return decode_canonical<v1::StateProof>(bytes);
}

std::optional<v1::TransactionInclusion> decode_transaction_inclusion(std::string_view bytes) {
  return decode_canonical<v1::TransactionInclusion>(bytes);
}

std::optional<v1::ResultInclusion> decode_result_inclusion(std::string_view bytes) {
  return decode_canonical<v1::ResultInclusion>(bytes);
}

std::optional<v1::DueInclusion> decode_due_inclusion(std::string_view bytes) {
  return decode_canonical<v1::DueInclusion>(bytes);
}

v1::TransactionInclusion prove_transaction(Height height, std::string_view block_bytes,
                                           std::size_t index) {
  const auto parts = decode_body(as_bytes(block_bytes));
  SALUS_ASSERT(parts.has_value(), "a stored block does not parse: the ledger is corrupt");
  std::vector<Hash> leaves;
  for (const ByteView raw : parts->transactions) leaves.push_back(wire::leaf_of(raw));
  v1::TransactionInclusion out;
  out.set_height(height.value());
  *out.mutable_path() = path_to(leaves, index);
  out.set_transaction(std::string{as_chars(parts->transactions[index])});
  return out;
}

v1::ResultInclusion prove_result(Height height, const v1::BlockResults& results,
                                 std::size_t index) {
  v1::ResultInclusion out;
  out.set_height(height.value());
  *out.mutable_path() = path_to(result_leaves(results), index);
  *out.mutable_result() = results.results(static_cast<int>(index));
  return out;
}

v1::DueInclusion prove_due(Height height, const v1::BlockResults& results) {
  const std::vector<Hash> leaves = result_leaves(results);
  v1::DueInclusion out;
  out.set_height(height.value());
  *out.mutable_path() = path_to(leaves, leaves.size() - 1);
  *out.mutable_events() = results.due_events();
  return out;
}

}  // namespace salus::ledger
