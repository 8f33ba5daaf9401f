// Owns: what goes wrong in one run, as a list: drawn from the seed before the run begins, so that a
// run is a function of its plan and a failure can be shrunk by leaving entries out (consensus.md,
// section 16, the table of faults).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/genesis.h"

namespace salus::sim {

enum class FaultKind : std::uint8_t {
  // All the time.
  Delay,
  Loss,
  Repeats,
  Ordered,
  SlowSync,
  SyncStalls,
  SlowVerify,
  SlowExecution,
  SlowNode,
  ClockOffset,
  ClockDrift,
  Bandwidth,
  Declined,
  // At a time, for a while.
  ClockJump,
  Clog,
  PartAlone,
  PartHalves,
  PartRandom,
  PartRing,
  PartOneWay,
  Swizzle,
  CrashOne,
  CrashLeader,
  CrashFaulty,
  CrashAll,
  // Down by a power cut, or by a kill if the amount is not 0; and down again while it starts.
  CrashInRecovery,
  KillOne,
  Pause,
  SyncError,
  WriteError,
  DiskFull,
  // A new epoch with the same members (C48); a restricted validator asks to be let back (S11).
  Reseat,
  // A new set, by what people send (campaign.h). `span` is the spare node that comes; by snapshot,
  // if the amount is odd.
  Join,
  Leave,
  Rekey,
  // The next protocol version by vote. Half of the nodes, by chance, get a build that knows it,
  // some before
  // it is active and some behind; the others with the healing.
  Upgrade,
  // When an epoch is about to end: one node, or all if the amount is odd.
  CrashAtEpochEnd,
  // Spoils a disk, or a validator: these share the budget of f.
  BitFlip,
  LostDisk,
  // The ledger alone: guard and journal are there.
  LostLedger,
  OldBackup,
  // One executes differently, and must diverge.
  Differs,
  Traitor,
};
std::string_view name(FaultKind kind);

// What a traitor does; it may do several of these (section 16, "Byzantine").
enum class Treason : std::uint8_t {
  Equivocate,
  BlockToFew,
  WithholdBytes,
  LateCertificates,
  DoubleVote,
  NullifyAndFinalize,
  VoteForAll,
  Silent,
  NullifyOnly,
  NullifyOwn,
  ForgedHeader,
  FutureViews,
  BadSignatures,
  WrongAnswers,
  EndlessAnswers,
  FalseStatus,
  Replays,
  BadCertificates,
  Mutations,
  Garbage,
  VotesToSome,
  ChildOfBoundary,
  SpareBlocks,
};
inline constexpr std::size_t kTreasons = 23;
std::string_view name(Treason treason);

struct Fault {
  FaultKind kind = FaultKind::Delay;
  std::uint16_t node = 0;
  // Virtual ms after the start, and how long.
  std::uint64_t at = 0;
  std::uint64_t span = 0;
  // What the kind makes of it; see draw_plan.
  std::uint64_t amount = 0;
  // Of its own stream of chance: the other faults of a plan do not matter to it.
  std::uint64_t seed = 0;
  // In the whole plan; it keeps it when others are left out.
  std::size_t place = 0;
};
std::string describe(const Fault& fault);

struct Plan {
  std::uint64_t seed = 0;
  std::size_t n = 4;
  // Nodes n, n + 1, ... that start when a fault calls them.
  std::size_t spares = 0;
  // Virtual ms of the phase in which faults happen.
  std::uint64_t ticks = 0;
  // Mean ms between two clients.
  std::uint64_t client_ms = 0;
  // That must be final after healing.
  std::uint64_t blocks = 20;
  ParameterList parameters;
  std::vector<Fault> faults;
};

// `ticks` 0: as the seed says.
Plan draw_plan(std::uint64_t seed, std::uint64_t ticks = 0);
// The plan with these of its faults alone, by their places.
Plan only(const Plan& plan, const std::set<std::size_t>& kept);
std::string describe(const Plan& plan);

}  // namespace salus::sim
