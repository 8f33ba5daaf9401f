// Owns: everything that can happen to a consensus core, as data (consensus.md, section 11). What
// comes from peers arrives Validated; time arrives as a Tick; the rest are answers to what the core
// asked. An event that no longer matters is dropped without harm.
#pragma once

#include <cstdint>
#include <expected>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/validated.h"
#include "consensus/parameters.h"
#include "consensus/types.h"

namespace salus::consensus {

// First event of every turn, and what an expired Deadline brings. Never goes back.
struct Tick {
  MonoMs mono;
};

struct VoteIn {
  Validated<Vote> vote;
};

// From the wire or out of an Answer.
struct CertificateIn {
  Validated<Certificate> certificate;
  NodeId from;
};

// The bytes are here and hash to `digest`. The driver keeps them while the core may need them: for
// the candidates of the views above `v_f`.
struct BlockIn {
  Digest digest;
};

// The bytes made room for others (Core::needed_blocks): who names the block has it fetched again.
struct BlockGone {
  Digest digest;
};

// What a check is for. Certify is C29 without the clock line (C30).
enum class Purpose : std::uint8_t { Notarize, Certify };

// Valid, or invalid with the driver's reason code for the report; pending is silence (C29).
struct CheckResult {
  bool valid = false;
  std::uint32_t reason = 0;
  bool operator==(const CheckResult&) const = default;
};

struct CheckDone {
  Candidate candidate;
  Purpose purpose = Purpose::Notarize;
  CheckResult result;
};

// The leader had nothing it could offer; others skip at once (C25).
struct Declined {};

// Answer to Build. The driver holds the bytes; no BlockIn is needed.
struct BuildDone {
  View view;
  std::expected<Digest, Declined> block;
};

// The replica's word on C27 (a)-(c) and (e) for a block that comes after `parent`: the answer to
// JudgeWork, repeated whenever it changes. A word on another parent is dropped.
struct WorkDue {
  Digest parent;
  bool due = false;
};

enum class FetchKind : std::uint8_t { Any, Notarization, Nullification, Finalization };

// A peer asks for a certificate (C36).
struct FetchIn {
  NodeId from;
  Epoch epoch;
  View view;
  FetchKind kind = FetchKind::Any;
};

// A peer says where it is. Proves nothing but the votes in it, which are this validator's own.
struct StatusIn {
  NodeId from;
  Epoch epoch;
  View view;
  View finalized;
  std::vector<Validated<Vote>> own_votes;
};

struct LinkUp {
  NodeId peer;
};

// The parameters of the last finalized state; used from the next view on.
struct ParametersIn {
  Parameters parameters;
};

// This block was executed and is the last of the core's epoch (C40). Until it is final only its
// repeat may follow; a finalization of it, at whichever view, ends the instance (C43).
struct BoundaryIn {
  Digest digest;
};

// The operator's word: stop voting until the next start.
struct StopVoting {};

// A quorum goes on in a protocol version that this build lacks (C29): observe, for good.
struct VersionUnknown {};

// A block that a quorum finalized does not follow from the own ledger (C31). The core cannot see it
// where blocks come by height: it certifies no view at or below a finalization that it holds.
struct HasDiverged {
  View view;
};

// The stage that take_stage gave out is on the disk; signatures in the order of its votes.
struct Durable {
  Stage stage;
  std::vector<Signature> signatures;
};

using Event = std::variant<Tick, VoteIn, CertificateIn, BlockIn, BlockGone, CheckDone, BuildDone,
                           WorkDue, FetchIn, StatusIn, LinkUp, ParametersIn, BoundaryIn, StopVoting,
                           VersionUnknown, HasDiverged, Durable>;

}  // namespace salus::consensus
