// Owns: everything that can happen to a replica and everything it can want, as data. The driver
// brings events from links, clients, clock and disk, and carries effects out through the seams; the
// simulator does the same with faults in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/store.h"
#include "base/seams/transport.h"
#include "consensus/effects.h"
#include "consensus/gated.h"
#include "replica/divergence.h"
#include "replica/verification.h"
#include "salus/v1/tx.pb.h"
#include "sync/messages.h"
#include "sync/snapshot.h"

namespace salus::replica {

// --- events

// First event of every turn, and what an expired deadline brings.
struct Tick {
  MonoMs mono;
  WallMs wall;
};
struct FrameIn {
  NodeId from;
  FrameType type;
  Bytes payload;
};
struct LinkUp {
  NodeId peer;
};
struct LinkDown {
  NodeId peer;
};
// A client submits the bytes of a v1::Transaction. Answered by Reply effects with this ticket:
// Refused, or Admitted and later Finalized or Dropped.
struct Submission {
  Ticket ticket;
  Bytes transaction;
};
// The client no longer waits.
struct Abandon {
  Ticket ticket;
};
// The stage that was handed out is durable in log and guard.
struct StageDurable {
  Stage stage;
  consensus::DurableToken token;
};
// The guard is restricted, durably; `nonce` names the restriction for a reseat, 16 bytes (S11).
struct KeyRestricted {
  std::string nonce;
};
// Why the journal has no space reserved beyond its present file, or that it has some again (S16).
struct JournalSpace {
  std::optional<std::string> alarm;
};
// The batch that was handed out is durable in the ledger's store.
struct BatchDurable {};
// The journal of the epoch that EpochStart named is there, and stages go into it.
struct JournalReady {};

using Event = std::variant<Tick, FrameIn, LinkUp, LinkDown, Submission, Abandon, StageDurable,
                           BatchDurable, JournalReady, JournalSpace, KeyRestricted, Verified>;

// --- effects

// To one peer, or to every link.
struct Send {
  std::optional<NodeId> to;
  FrameType type;
  Bytes payload;
};

// A journal record, encoded; the driver frames it with the stage.
struct EncodedRecord {
  std::uint8_t type;
  Bytes payload;
};

// What must be durable before StageDurable: records as one unit in the log, and, in parallel, the
// votes signed.
struct StageOut {
  Stage stage;
  std::vector<EncodedRecord> records;
  std::vector<Bytes> votes;
  // No record in it is about a later view: when that is final in the ledger, it may be discarded.
  View highest_view;
};

struct BatchOut {
  StoreBatch batch;
  // Last height in it.
  Height height;
};

enum class SubmissionState : std::uint8_t { Refused, Admitted, Finalized, Dropped };

struct Reply {
  Ticket ticket;
  TxId id;
  SubmissionState state;
  // Refused and Dropped: why.
  v1::ErrorCode code = v1::ERROR_CODE_UNSPECIFIED;
  // Finalized: where, and what it did.
  Height height;
  std::optional<v1::TxResult> result;
};

// Close the link and refuse the peer for a while.
struct Punish {
  NodeId peer;
  std::string_view what;
};

// For the operator's log.
struct Notice {
  enum class Level : std::uint8_t { Info, Warn, Error };
  Level level;
  std::string text;
};

// An epoch begins: its last block of the one before is durable in the ledger (C44). Answered by
// JournalReady; no stage is out, and none comes before the answer.
struct EpochStart {
  Epoch epoch;
  // The last vote stage before it.
  Stage before;
  // Whose nodes are linked from now on.
  consensus::ValidatorSet set;
  // The journal of an epoch in which this node votes is a new one. Another may have been begun
  // before the ledger was put back, and goes on.
  bool votes = false;
  // A reseat has lifted the restriction in the guard, which may sign from here on (S11).
  bool ends_restriction = false;
};

// The validator key must not vote until its operator acts (S10, S14): written into the guard.
enum class Restriction : std::uint8_t { Amnesia, Twin };

// What a joiner asked for (sync/snapshot.h): an offer, ends of epochs, a part of a kept state. It
// is read beside the strand, from a snapshot of the store: make_part_answer().
struct ServePart {
  NodeId to;
  std::variant<sync::FetchSnapshot, sync::FetchEpochs, sync::FetchPart> asked;
  std::uint64_t snapshot_every = sync::kSnapshotEvery;
};
// The payload of the Answer; empty where it is not kept here. Any thread.
Bytes make_part_answer(const Store& snapshot, const ServePart& order);

struct Effects {
  std::vector<Send> sends;
  std::vector<ServePart> serves;
  std::vector<Verification> verifications;
  std::optional<StageOut> stage;
  std::optional<BatchOut> batch;
  std::vector<Reply> replies;
  std::vector<Punish> punishments;
  std::vector<Notice> notices;
  // Blocks became durable up to here since the last turn: subscribers may read.
  std::optional<Height> finalized;
  std::optional<Restriction> restriction;
  std::optional<EpochStart> epoch;
  // Once, when the node finds that it has diverged.
  std::optional<Divergence> divergence;
  // How long checks took that were answered, from their order on, ms.
  std::vector<std::uint64_t> checks_ms;
};

}  // namespace salus::replica
