// Owns: how one comes to trust a header who trusts only a validator set before it, and what a node
// hands out for that: headers with the finalization that covers them, and the ends of the epochs
// between (consensus.md, C40; docs/formats.md, "Finality proofs and receipts").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "ledger/header.h"
#include "ledger/reader.h"
#include "salus/v1/finality.pb.h"
#include "salus/v1/validators.pb.h"

namespace salus::sync {

// Epoch ends and headers that one proof may carry, and bytes of the ends: an answer of a node with
// all of it has at most 32 MiB.
inline constexpr int kEpochEndsMax = 4'096;
inline constexpr int kHeadersMax = 1'024;
inline constexpr std::size_t kEpochEndsBytesMax = std::size_t{24} << 20U;

enum class FinalityFlaw : std::uint8_t {
  OtherChain,           // a header of another chain
  TooLong,              // more parts than a proof may have
  HeaderMalformed,      // not 230 bytes of a header
  HeadersUnlinked,      // a header is not the parent of the next one
  SetUnknown,           // a header names another validator set than the one that is trusted
  EpochUnexpected,      // a header or certificate is of another epoch than the one that is due
  CertificateInvalid,   // malformed, too few signers, or a wrong signature
  CertificateForOther,  // it certifies another block, or is no finalization
  SetUnproven,          // an epoch's end does not prove the next set
};

// The validator set of an epoch, and of which chain.
struct TrustedSet {
  ChainId chain_id;
  Epoch epoch;
  v1::ValidatorSet validators;
};

struct FinalHeader {
  ledger::Header header;
  Digest digest;
  // Of its epoch.
  TrustedSet trusted;
};

struct ReadHeader {
  ledger::Header header;
  Digest digest;
};
Result<ReadHeader, FinalityFlaw> read_header(const std::string& bytes, const ChainId& chain_id);

// Every header is of the trusted epoch and set, each the parent of the next, and the last one is
// what a quorum of that set finalized. Answers the first.
Result<ReadHeader, FinalityFlaw> verify_headers(const TrustedSet& trusted,
                                                const v1::FinalizedHeader& proof);
// C40: the boundary block's header certifies the state in which the next set is pending.
Result<TrustedSet, FinalityFlaw> set_after(const TrustedSet& trusted, const v1::EpochEnd& end);
// Follows the ends of epochs from `trusted`, then judges the header.
Result<FinalHeader, FinalityFlaw> verify_finality(const TrustedSet& trusted,
                                                  const v1::FinalityProof& proof);

enum class ProveError : std::uint8_t {
  NotKept,          // the block at that height is not here
  EpochOutOfRange,  // later than the header's, too long before it, or its end is not kept here
  TooLong,          // the finalization that covers it is too far above, or too many ends lead to it
};
// The message of these bytes; nullopt if they are none, or have more parts than a proof may have:
// those are counted before anything is built of them.
std::optional<v1::FinalityProof> parse_finality_proof(ByteView bytes);
std::optional<v1::EpochEnd> parse_epoch_end(ByteView bytes);
std::optional<v1::Receipt> parse_receipt(ByteView bytes);

// `from` is the epoch whose set the asker trusts.
Result<v1::FinalityProof, ProveError> prove_finality(const ledger::Reader& chain, Height height,
                                                     Epoch from);
// The height of the block that the finalization stored with `height` names: its own, or a later one
// of its segment. The height is kept.
Height covering_height(const ledger::Reader& chain, Height height);

// The tip as it was when `next`, a finalized header, came after it. `block` is the header before
// it; nullopt for genesis, whose time then counts.
ledger::TipRecord tip_before(const ledger::Header& next, const std::optional<ledger::Header>& block,
                             WallMs genesis_time);

}  // namespace salus::sync
