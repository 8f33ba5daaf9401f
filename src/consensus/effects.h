// Owns: everything a consensus core can want, as data (consensus.md, section 11). Early effects may
// leave at once, for they hold nothing that is not durable; what speaks for a stage is Late and
// sits behind Gated until that stage is on the disk.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "consensus/event.h"
#include "consensus/gated.h"
#include "consensus/journal_record.h"
#include "consensus/types.h"

namespace salus::consensus {

// --- Early: messages that may leave now. An empty `to` means every validator.

// Bytes of the own candidate; they prove nothing.
struct RelayBlock {
  Candidate candidate;
};
struct Fetch {
  NodeId to;
  Epoch epoch;
  View view;
  FetchKind kind = FetchKind::Any;
};
// To a Fetch, or to a vote for a view that is final long since (C18). All durable.
struct Answer {
  NodeId to;
  std::vector<Certificate> certificates;
};
// Votes and certificates said again (C23, C35). All durable before.
struct Retry {
  std::optional<NodeId> to;
  std::vector<Vote> votes;
  std::vector<Certificate> certificates;
};
// Time for a Status: to `to`, or on every link. The driver composes it with Core::status_for.
struct SendStatus {
  std::optional<NodeId> to;
};
using Early = std::variant<RelayBlock, Fetch, Answer, Retry, SendStatus>;

// --- Late: speaks only when its stage is durable.

// To every validator. The signature is put in when the stage opens.
struct SendVote {
  Vote vote;
  // Its place among the votes of its stage.
  std::size_t place = 0;
};
// Once per certificate: notarization and nullification to validators, finalization to all links.
struct SendCertificate {
  Certificate certificate;
};
// This candidate and its ancestors are final (C17). In order of views; the replica walks the
// headers from here down to what its ledger holds, and hands out heights in order.
struct Finalized {
  Certificate certificate;
};
// A boundary block is final: this instance votes no more, and answers with this certificate (C43).
// The next one starts when that block is durable in the ledger (C44).
struct EpochEnd {
  Certificate certificate;
};
using Late = std::variant<SendVote, SendCertificate, Finalized, EpochEnd>;
void complete(Late& late, std::span<const Signature> signatures);

// --- Ask: orders to the driver.

// Build a block on `parent`; answer BuildDone. On a boundary block offer its repeat: answer with
// `parent_digest` itself (C42).
struct Build {
  View view;
  View parent;
  Digest parent_digest;
  // 16 or more blocks are not final yet: no transactions, please (C28).
  bool empty_only = false;
};
// Judge by C29; answer CheckDone, or stay silent while the answer is pending. Bytes are here.
struct Check {
  Candidate candidate;
  Digest parent_digest;
  Purpose purpose = Purpose::Notarize;
};
// The answer to any check of this candidate is no longer wanted.
struct CancelCheck {
  Candidate candidate;
};
// Bring a Tick at or soon after `at`; replaces the last deadline.
struct Deadline {
  MonoMs at;
};
// Bring the bytes of this block: from what is here, else from `from`. Asked again, of another
// peer, until BlockIn (C37).
struct FetchBlock {
  Digest digest;
  NodeId from;
};
// Say WorkDue for a block after `parent`, now and on each change (C27).
struct JudgeWork {
  Epoch epoch;
  Digest parent;
};
// `peer` claims a later epoch: fetch the end of this one from it (C45).
struct Behind {
  Epoch epoch;
  NodeId peer;
};

// Two votes of one validator that exclude each other (E1-E3). At most one per validator and epoch.
struct Evidence {
  Vote first;
  Vote second;
};
// C19: more than f are faulty. Both certificates are in the journal.
struct SafetyViolated {
  Certificate first;
  Certificate second;
};
// C31: a quorum and this node disagree about a deterministic function.
struct DivergedReport {
  Candidate candidate;
  std::uint32_t reason = 0;
};
// S13 before the first vote of this run, S14 after it: a vote of ours that we do not know.
enum class ForeignVoteMeaning : std::uint8_t { Amnesia, Twin };
struct ForeignVote {
  ForeignVoteMeaning meaning = ForeignVoteMeaning::Amnesia;
  Vote vote;
  std::optional<NodeId> heard_from;
};
using Report = std::variant<Evidence, SafetyViolated, DivergedReport, ForeignVote>;

using Ask =
    std::variant<Build, Check, CancelCheck, Deadline, FetchBlock, JudgeWork, Behind, Report>;

struct Effects {
  std::vector<Early> early;
  std::vector<Ask> ask;
};

// What one turn must make durable. The driver appends `records` as one unit and has `votes` signed,
// in parallel; then makes a token, opens `late`, sends, and steps Durable.
struct StageWork {
  // Of this stage if it has votes, else of the last one that had.
  Stage stage;
  std::vector<Record> records;
  // Signed bytes, for Signer::sign. Each has an OwnVoteRecord in `records` too.
  std::vector<Bytes> votes;
  Gated<Late> late;

  bool needs_log() const { return !records.empty(); }
  bool needs_signer() const { return !votes.empty(); }
};

}  // namespace salus::consensus
