// Owns: what is expensive to judge (signatures, decoding of blocks) is judged outside the replica's
// turn: a Verification is a value that any thread may run, and its answer is an event. The replica
// itself never waits for one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "consensus/event.h"
#include "consensus/types.h"
#include "ledger/block.h"
#include "wire/transaction.h"

namespace salus::replica {

// Who waits for the answer to a submission; chosen by the driver.
using Ticket = Number<struct TicketTag>;

// Where a transaction came from: a client of this node, or a peer that relays.
using TransactionSource = std::variant<Ticket, NodeId>;

// --- what a Verification answers

struct VerifiedVote {
  NodeId from;
  Validated<consensus::Vote> vote;
};
struct VerifiedCertificates {
  NodeId from;
  std::vector<Validated<consensus::Certificate>> certificates;
};
// Shape only; the replica says which transactions it has verified before.
struct DecodedBlock {
  NodeId from;
  ledger::Block block;
};
struct VerifiedBlock {
  NodeId from;
  Validated<ledger::Block> block;
};
// The digest is of an invalid block (C8); the sender did no wrong by showing it.
struct CondemnedBlock {
  Digest digest;
};
struct VerifiedChain {
  NodeId from;
  Validated<consensus::Certificate> certificate;
  // Oldest first; the last one is what the certificate finalizes.
  std::vector<Validated<ledger::Block>> blocks;
};
// The next block that others build on, in a later epoch than ours, whose set we do not know. Proves
// nothing by itself; but f+1 validators of our epoch would not all vouch for what is not so (C31).
struct VouchedSuccessor {
  NodeId from;
  // As it was when it was asked for: ours.
  Epoch judged_in;
  // The lowest block of the answer.
  Validated<ledger::Block> block;
  // Validators of our set who signed the finalization of it, or of a block on top of it.
  std::size_t vouchers = 0;
};
struct VerifiedStatus {
  NodeId from;
  Epoch epoch;
  View view;
  View finalized;
  std::vector<Validated<consensus::Vote>> own_votes;
};
struct VerifiedTransaction {
  TransactionSource source;
  Validated<wire::Transaction> transaction;
};
struct RefusedTransaction {
  TransactionSource source;
  wire::Refusal refusal;
};
// A peer sent what no correct node sends; the driver closes the link (consensus.md, section 10).
struct BadFrame {
  NodeId from;
  std::string_view what;
  // A certificate of our epoch that does not verify under the set that we hold.
  bool is_of_other_set = false;
};

using Verified = std::variant<VerifiedVote, VerifiedCertificates, DecodedBlock, VerifiedBlock,
                              CondemnedBlock, VerifiedChain, VouchedSuccessor, VerifiedStatus,
                              VerifiedTransaction, RefusedTransaction, BadFrame>;

// Pure: may run on any thread, once. Consensus work goes before transactions.
struct Verification {
  enum class Urgency : std::uint8_t { Consensus, Bulk };
  Urgency urgency = Urgency::Bulk;
  std::function<Verified()> run;
  // Of a transaction: who is told when there is no room to verify it.
  std::optional<TransactionSource> source = std::nullopt;
  // Whose it is to pay for while it waits (consensus.md, section 10), and what it then holds.
  std::optional<NodeId> from = std::nullopt;
  std::size_t bytes = 0;
};

// What votes and certificates of this epoch are judged against.
struct EpochContext {
  ChainId chain_id;
  Epoch epoch;
  consensus::ValidatorSet set;
};

Verification verify_vote(EpochContext context, NodeId from, Bytes payload);
Verification verify_certificates(EpochContext context, NodeId from, std::vector<Bytes> payloads);
Verification decode_block(NodeId from, Bytes block);
// `known`: leaves of those transactions in it that were verified before; a leaf binds signatures.
Verification verify_block(NodeId from, ledger::Block block, std::set<Hash> known);
Verification verify_chain(EpochContext context, NodeId from, Bytes certificate,
                          std::vector<Bytes> blocks);
// Blocks of a later epoch than `context`'s with their finalization: who of `context`'s set signed
// it. Seats move by as many as joined or left, so each signature is tried with the neighbours of
// its index, some five verifications a signature.
Verification verify_successor(EpochContext context, NodeId from, Bytes certificate,
                              std::vector<Bytes> blocks);
// `claim` is what the Status says; `votes` are the receiver's own, still to be verified.
Verification verify_status(EpochContext context, VerifiedStatus claim, std::vector<Bytes> votes);
Verification verify_transaction(TransactionSource source, Bytes payload);

}  // namespace salus::replica
