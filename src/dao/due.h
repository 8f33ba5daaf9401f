// Owns: the one queue of time-driven work (governance.md, section 12). Items are processed in
// `end_block`, by class, then time, then kind and record; what exceeds a class's bound waits for the next
// block; nothing is dropped (G-12.1), and an item cannot fail (G-12.3).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::due {

enum class Class : std::uint8_t { Lapses = 0, Ends = 1, Starts = 2, Executions = 3, Upkeep = 4 };

// Whose item it is; the dispatcher routes by kind. Below 256: one byte of the key.
enum class Kind : std::uint32_t {
  ApplicationLapse = 1,  // ref: account
  ProbationEnd = 2,      // ref: account
  SuspensionEnd = 3,     // ref: account
  OfficeEnd = 4,         // ref: account, role u8
  CredentialEnd = 5,     // ref: credential id
  PayoutExpiry = 6,      // ref: payout id
  ProposalLapse = 7,     // ref: proposal id; SUBMITTED ran out
  VotingStart = 8,       // ref: proposal id
  PhaseEnd = 9,          // ref: proposal id; VOTING, CONFIRMING, OBJECTION
  Execution = 10,        // ref: proposal id; TIMELOCK
  GraceEnd = 11,         // ref: proposal id; TIMELOCK or FAILED
  StanceSweep = 12,      // ref: proposal id
  DelegationEnd = 13,    // ref: account, track u8
  ActLapse = 40,         // ref: joint act id
  IssuerWalk = 41,       // ref: account of the issuer
  RecoveryEnd = 60,      // ref: account; STARTED lapses, WAITING changes the keys
  RecoveryChange = 61,   // ref: account
  ScheduleLapse = 62,    // ref: schedule id
  StakeReturn = 63,      // ref: account
  BudgetEnd = 64,        // ref: budget id
  GrantLapse = 65,       // ref: grant id
};

// Queues an item. A record in a timed state has exactly one (G-12.4).
void schedule(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind, ByteView ref);
void schedule(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind,
              std::uint64_t id);
// Removes the item of `kind` and `ref` at `at_ms`; false if it was processed already. Where it must
// be there is an invariant (G-12.4) and no assertion: light clients run this on records that a
// stranger chose, who may leave the item out.
bool cancel(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind, ByteView ref);
bool cancel(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind,
            std::uint64_t id);

// The first item of a class whose time has come (`at <= now`), left in the queue.
std::optional<v1::DueItem> first_due(const state::Overlay& state, Class due_class,
                                     std::uint64_t now_ms);
// Time of the earliest item of any class, for C27 ("work is due also when ...").
std::optional<std::uint64_t> next_due_ms(const state::Overlay& state);
void remove(state::Overlay& state, const v1::DueItem& item);

// The 8 bytes by which items refer to records with a number, and back.
Bytes ref_of(std::uint64_t id);
std::uint64_t id_of(ByteView ref);

// Every queued item in order. For invariants and queries only: it iterates.
std::vector<v1::DueItem> all(const state::Overlay& state);
// Refs and times of the items of one kind. For invariants: what stays after every record took its
// own out is an item without a record (G-12.4).
std::multiset<std::pair<std::string, std::uint64_t>> queued(const state::Overlay& state, Kind kind);

}  // namespace salus::dao::due
