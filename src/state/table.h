// Owns: who writes each key. A state key is one table byte and the record's own key; a table belongs
// to one module, and only that module writes it. Numbers are kept for ever: they are in the state
// root.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace salus::state {

enum class Table : std::uint8_t {
  // dao: chain-wide facts
  Network = 0x01,        // "" -> GenesisDocument class, network name, chain id (dao/genesis)
  DueByTime = 0x02,      // class u8, at u64, kind u8, ref -> DueItem (dao/due)
  // joint acts
  Acts = 0x04,           // act id u64 -> JointAct
  ActsByContent = 0x05,  // content hash -> id u64 of the open act
  ActCounters = 0x06,
  // pauses
  Pauses = 0x07,         // pause id u64 -> PauseRecord
  PausedTypes = 0x08,    // action type u32 -> PausedType
  Charges = 0x09,        // account id -> Sentinel
  ChargeClock = 0x0a,    // "" -> ChargeClock
  PauseCounters = 0x0b,
  // constitution
  ParameterHistories = 0x0c,  // name -> ParameterHistory
  RetiredTracks = 0x0d,  // track u8 -> RetiredTrack
  // accounts
  Accounts = 0x10,       // account id -> Account
  OpenQuotas = 0x11,     // account id -> OpenQuota
  Recoveries = 0x12,     // account id -> Recovery: its last one
  RecoveryChanges = 0x13,  // account id -> RecoveryChange that waits
  Guarded = 0x14,        // guardian account id, account id -> "": by the plans in force
  // assets
  Assets = 0x18,         // asset u32 -> Asset
  Balances = 0x19,       // account id, asset u32 -> Balance
  Escrows = 0x1a,        // owner u8, owner id u64, asset u32 -> Escrow
  Schedules = 0x1b,      // schedule id u64 -> Schedule
  SchedulesOf = 0x1c,    // account id, schedule id u64 -> "": of its source and its payee
  StakeLocks = 0x1d,     // account id -> StakeLock
  AssetCounters = 0x1e,
  // power
  Weights = 0x20,        // account id -> WeightHistory
  Totals = 0x21,         // chamber u8 -> TotalHistory
  SnapshotClock = 0x22,  // "" -> SnapshotClock
  Delegations = 0x23,    // account id, track u8 -> DelegationHistory
  Received = 0x24,       // account id, track u8 -> ReceivedHistory
  DelegateProfiles = 0x25,  // account id -> DelegateProfile
  DelegatorsOf = 0x26,   // delegate's account id, track u8, delegator's account id -> ""
  // membership
  Members = 0x28,        // account id -> Member
  Chambers = 0x29,       // chamber u8 -> Chamber
  Applications = 0x2a,   // account id -> Application
  Nullifiers = 0x2b,     // nullifier -> account id
  Credentials = 0x2c,    // credential id u64 -> Credential
  CredentialsOf = 0x2d,  // account id, kind u8 -> ids u64, at most 4 not ended
  Issuers = 0x2e,        // account id -> Issuer
  Offices = 0x2f,        // account id, role u8 -> Office
  MembershipCounters = 0x30,
  MemberCounts = 0x31,   // "" -> MemberCounts
  IssuedBy = 0x32,       // issuer account id, number from 1 u64 -> credential id u64
  Defences = 0x33,       // proposal id u64, account id -> Defence
  // governance
  Parameters = 0x38,     // name -> Parameter
  Tracks = 0x39,         // track u8 -> Track
  Proposals = 0x3a,      // proposal id u64 -> Proposal
  Tallies = 0x3b,        // proposal id u64, chamber u8 -> Tally
  Stances = 0x3c,        // proposal id u64, account id -> Stance
  Endorsements = 0x3d,   // proposal id u64, account id -> Endorsement
  Payloads = 0x3e,       // payload hash -> Payload
  Executions = 0x3f,     // execution id -> Execution
  TrackWindows = 0x40,   // track u8, asset u32 -> TrackWindow
  OpenByTrack = 0x41,    // track u8 -> OpenCount
  OpenByMember = 0x42,   // account id -> OpenCount
  OutageClock = 0x43,    // "" -> OutageClock
  GovernanceCounters = 0x44,
  OpenProposals = 0x45,  // proposal id u64 -> "" : in VOTING, CONFIRMING or OBJECTION
  // treasury
  Funds = 0x50,          // fund u32 -> Fund
  Payouts = 0x51,        // payout id u64 -> Payout
  PayoutsByOrigin = 0x52,  // origin -> payout id u64
  PayeeMarks = 0x53,     // account id -> PayeeMark
  FundTotals = 0x54,     // fund u32, asset u32 -> FundTotals
  TreasuryCounters = 0x55,
  Budgets = 0x56,        // budget u32 -> Budget
  Grants = 0x57,         // grant id u64 -> Grant
  Streams = 0x58,        // schedule id u64 -> Stream
  FundEntries = 0x59,    // fund u32, asset u32, number from 1 u64 -> FundEntry
  PayoutsOf = 0x5a,      // payee account id, payout id u64 -> ""
  // validators
  ValidatorSets = 0x60,  // "" -> ValidatorSet of the current epoch
  ValidatorLiveness = 0x61,  // operator account id -> ValidatorLiveness
  PendingSet = 0x62,     // "" -> ValidatorSet of the next epoch; absent = none (C39)
  PastSets = 0x63,       // epoch mod 8 u8 -> ValidatorSet of an earlier epoch
  SetChanges = 0x64,     // "" -> SetChangeQueue
  ValidatorCounters = 0x65,
  Validators = 0x66,     // operator account id -> Validator
  ValidatorKeys = 0x67,  // key 32 -> operator account id: every key that was ever used
  ValidatorNames = 0x68,  // name -> operator account id
  Equivocations = 0x69,  // epoch u64, operator account id -> Equivocation
  RecentDigests = 0x6a,  // height mod consensus.ready_window u32 -> height u64, digest 32
  Protocol = 0x6b,       // "" -> Protocol
  Upgrades = 0x6c,       // version u32 -> Upgrade
  ReadySignals = 0x6d,   // operator account id -> ReadySignal
};

// Builds the key of a record: fixed-width parts only, so that no two keys of a table can collide.
class Key {
 public:
  explicit Key(Table table) { out_.u8(static_cast<std::uint8_t>(table)); }
  Key& u8(std::uint8_t value) { return out_.u8(value), *this; }
  Key& u32(std::uint32_t value) { return out_.u32(value), *this; }
  Key& u64(std::uint64_t value) { return out_.u64(value), *this; }
  Key& bytes(ByteView value) { return out_.bytes(value), *this; }

  std::string str() const { return std::string{as_chars(out_.out())}; }

 private:
  ByteWriter out_;
};

}  // namespace salus::state
