// Owns: everything that an operator's question about consensus is answered from (consensus.md,
// section 12): what the replica knows, and beside it what only the node around it can measure. A
// copy; making one changes nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/check.h"
#include "replica/replica.h"

namespace salus::replica {

// A validator of the present set, as seen from here.
struct Member {
  std::string name;
  NodeId node;
  bool own = false;
  bool linked = false;
  // Its last Status in this run.
  std::optional<PeerStatus> said = std::nullopt;
};

// Why the check of the current candidate has no answer yet (C29).
struct PendingCheck {
  ledger::CheckReason reason;
  // How far the candidate's time is ahead of our clock.
  std::uint64_t ahead_ms = 0;
};

// The state root after `height` that a candidate of the last views claims.
struct RootClaim {
  Height height;
  Root root;
  ValidatorIndex leader;
};

// The oldest queued set change, which does not pass (C46).
struct HeldChange {
  std::uint64_t id = 0;
  // "n 5, quorum 4, live 3: would wait".
  std::string verdict;
  // Those of the next set that are not live.
  std::vector<std::string> lacking;
};

// What the node around the replica measured. All zero: nothing yet.
struct Surroundings {
  // Of the last stages: from handing out to durable.
  std::uint64_t sync_p50_us = 0;
  std::uint64_t sync_p99_us = 0;
  // Of the last executed blocks.
  std::uint64_t execution_p99_us = 0;
  // Age of the ledger's batch on its way to the disk.
  std::uint64_t batch_ms = 0;
  std::uint64_t blocks_last_10_s = 0;
  // Why there is no link, or was none the last time.
  std::map<NodeId, std::string> link_errors;
  // Where the report of a divergence lies, if this node wrote one, and what it says in a sentence.
  std::string divergence_report = {};
  std::string divergence_sentence = {};
};

// The block that does not follow here, if that was met in this run (C31).
struct DivergedAt {
  Height height;
  std::string reason;
};

struct Situation {
  MonoMs now;
  ReplicaStatus status;
  // It has a validator key: it would vote if it could.
  bool is_validator = false;
  // Of the restriction in its guard, in hex; empty if there is none that a reseat may end.
  std::string reseat_nonce = {};
  // Of a guard that was ahead of the ledger at the start.
  Epoch guard_epoch = {};
  // Its key sits in none, and a set change that waits or is pending seats it.
  bool is_seat_to_come = false;
  // The highest protocol version that this build executes, and the one that the chain goes on in if
  // this build lacks it (C29).
  std::uint32_t version_known = 0;
  std::optional<std::uint32_t> version_needed = std::nullopt;
  // S16: why the journal has no space reserved; then this node offers no blocks.
  std::optional<std::string> journal_alarm = std::nullopt;
  consensus::Parameters parameters;
  Hash set_hash;
  // In index order.
  std::vector<Member> members;
  std::optional<MonoMs> finalized_at;
  // A finalization is here, and blocks that it makes final are not.
  bool lacks_final_blocks = false;
  // When an idle chain has work again (C27e).
  std::optional<MonoMs> heartbeat_at;
  std::optional<PendingCheck> pending;
  // The current candidate contradicts our own execution: who claims what, and what we found.
  std::vector<RootClaim> root_claims;
  std::optional<Root> own_root;
  std::optional<HeldChange> held_change;
  std::optional<DivergedAt> diverged_at = std::nullopt;
  // Members who go on where this node cannot follow: what they sign does not verify under the set
  // that it holds, or is of an epoch that did not begin here.
  std::vector<std::string> at_odds = {};
  Surroundings around;
};

}  // namespace salus::replica
