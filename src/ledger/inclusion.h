// Owns: from a root that a finalized header names to one fact below it: a record of the state or
// its absence, a transaction, its result with all events, the events of due work. Verifying is a
// function of its arguments; whoever calls it has the root from a certified header. Heights are
// part of what is verified, and a message has one encoding, so no bit of a proof is free.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "base/result.h"
#include "ledger/header.h"
#include "salus/v1/proof.pb.h"
#include "state/proof.h"

namespace salus::ledger {

// The longest proof message: records as they may be long, then nodes.
inline constexpr std::size_t kProofMessageBytesMax = std::size_t{16} << 20U;

enum class InclusionError : std::uint8_t {
  // A field is missing, too long, or cannot be.
  Malformed,
  // It is about a block at another height.
  OtherHeight,
  // The path leads to another root.
  OtherRoot,
};
std::string_view sentence(InclusionError error);

using StateProofError = std::variant<InclusionError, state::ProofError>;
std::string_view sentence(const StateProofError& error);

// `root` is the state root after `height`: Header::state_root at height + 1.
Result<void, StateProofError> verify(Height height, const Root& root, const v1::StateProof& proof);
// `root` is Header::transactions_root at `height`.
Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::TransactionInclusion& inclusion);
// `root` is the results root after `height`: Header::results_root at height + 1.
Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::ResultInclusion& inclusion);
Result<void, InclusionError> verify(Height height, const Root& root,
                                    const v1::DueInclusion& inclusion);

// The message of these bytes, unless they are too many, or not its one encoding.
std::optional<v1::StateProof> decode_state_proof(std::string_view bytes);
std::optional<v1::TransactionInclusion> decode_transaction_inclusion(std::string_view bytes);
std::optional<v1::ResultInclusion> decode_result_inclusion(std::string_view bytes);
std::optional<v1::DueInclusion> decode_due_inclusion(std::string_view bytes);

// How a node makes them, from what it stores. `index` is a transaction's place in the block.
v1::TransactionInclusion prove_transaction(Height height, std::string_view block_bytes,
                                           std::size_t index);
v1::ResultInclusion prove_result(Height height, const v1::BlockResults& results, std::size_t index);
v1::DueInclusion prove_due(Height height, const v1::BlockResults& results);

}  // namespace salus::ledger
