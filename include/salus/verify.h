// Owns: nobody has to trust the node that answers. From a chain id that one knows, everything here
// follows without a network: the validator set of any epoch, the finality of a header, records of
// the state, transactions and what they did. Pure functions; nothing throws.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/finality.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/validators.pb.h"

namespace salus::client {

// Epoch ends and headers that one proof may carry.
inline constexpr int kEpochEndsMax = 4'096;
inline constexpr int kHeadersMax = 1'024;

// What is wrong with a proof.
enum class Flaw : std::uint8_t {
  GenesisForged,        // the document's hash is not the chain id
  GenesisInvalid,       // it is the document, and no chain can start from it
  OtherChain,           // a header of another chain
  TooLong,              // more parts than a proof may have
  HeaderMalformed,      // not 230 bytes of a header
  HeadersUnlinked,      // a header is not the parent of the next one
  SetUnknown,           // a header names another validator set than the one that is trusted
  EpochUnexpected,      // a header or certificate is of another epoch than the one that is due
  CertificateInvalid,   // malformed, too few signers, or a wrong signature
  CertificateForOther,  // it certifies another block, or is no finalization
  SetUnproven,          // an epoch's end does not prove the next set
  StateUnproven,        // records do not lead to the header's state root
  TransactionUnproven,  // a transaction does not lead to its block's root
  ResultUnproven,       // a result does not lead to the root, or is of another transaction
  RecordMissing,        // a query needs a record that the proof leaves out
  FormatUnknown,        // a receipt of a later layout
  FactMissing,          // a receipt without a fact
  EpochTooLate,         // a receipt from a later validator set than that of genesis
  FactMisshapen,        // a receipt of a state that is not that of one proposal
  AnswerUnproven,       // a node answers, or says that there is nothing, and proves neither
  AnswerOfOther,        // proven, and of something else than was asked
  NodeBehind,           // a node whose chain has not begun, when blocks of it were seen before
  EpochBehind,          // a node that stays in an earlier epoch than one that was verified before
};
// `CertificateInvalid`, as documents spell it, and what is wrong in a sentence.
std::string_view name(Flaw flaw);
std::string_view sentence(Flaw flaw);

// The validator set of an epoch, and of which chain.
struct TrustedSet {
  ChainId chain_id;
  Epoch epoch;
  v1::ValidatorSet validators;
};

// The first set of a chain. The document's bytes are what hashes to the chain id.
Result<TrustedSet, Flaw> trust_genesis(std::string_view genesis_document, const ChainId& chain_id);

// A header that the validators of its epoch finalized.
struct VerifiedHeader {
  std::string bytes;
  // Its finalization, or that of a later one of its segment; each signature of it holds.
  std::string certificate;
  Digest digest;
  Height height;
  // Of the block before this one, and the state and results after that one.
  Digest parent;
  Root state_root;
  Root results_root;
  WallMs time;
  // Of the header's own epoch: what the next proof may start from.
  TrustedSet trusted;
};

// Follows the ends of epochs from `trusted`, then judges the header.
Result<VerifiedHeader, Flaw> verify_finality(const TrustedSet& trusted,
                                             const v1::FinalityProof& proof);

// Records of the state after the block before `header`; absent = no record at that key.
using ProvenRecords = std::map<std::string, std::optional<std::string>, std::less<>>;
Result<ProvenRecords, Flaw> verify_state(const VerifiedHeader& header, const v1::StateProof& proof);

struct VerifiedTransaction {
  TxId id;
  Height height;
  // Place in the block, from 0.
  std::uint32_t index = 0;
  WallMs time;
  v1::Transaction transaction;
  v1::TxResult result;
};
Result<VerifiedTransaction, Flaw> verify_transaction(const VerifiedHeader& header,
                                                     const v1::TransactionProof& proof);

// A block as nodes tell it. Its header and transactions follow from `own`, its verified header;
// what it did follows from `next`, the one after it; without, results and their roots are left
// out. Results may be absent: pruned on that node. The fields that a node decodes for its clients
// are set anew, and the certificate is the one that was verified.
Result<v1::FinalizedBlock, Flaw> verify_block(const VerifiedHeader& own,
                                              const std::optional<VerifiedHeader>& next,
                                              v1::FinalizedBlock block);

// Where a proposal stood after a block; whole: a chamber without a tally had none.
struct VerifiedProposal {
  std::uint64_t id = 0;
  Height height;
  // nullopt: there was no proposal of this number.
  std::optional<v1::Proposal> record;
  std::map<std::uint8_t, v1::Tally> tallies;
};

// What a receipt proves: one of the two.
struct VerifiedFact {
  VerifiedHeader header;
  std::optional<VerifiedTransaction> transaction;
  std::optional<VerifiedProposal> proposal;
};
// From genesis: with the document of the receipt itself, or with `genesis_document` where it
// carries none.
Result<VerifiedFact, Flaw> verify_receipt(const ChainId& chain_id, const v1::Receipt& receipt,
                                          std::string_view genesis_document = {});
// From a set that is trusted already; the receipt was asked for from its epoch.
Result<VerifiedFact, Flaw> verify_receipt(const TrustedSet& trusted, const v1::Receipt& receipt);

}  // namespace salus::client
