// Owns: why the chain stands, in one verdict with its remedy: the table of consensus.md, section
// 12, in its order. The log line of the node, the operator's RPC and the CLI all say what this
// function says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "replica/situation.h"

namespace salus::replica {

enum class Stall : std::uint8_t {
  Diverged,
  SafetyViolated,
  NotVoting,
  Behind,
  Healthy,
  Idle,
  Links,
  Silent,
  NoLeader,
  CandidateWaits,
  SplitAncestry,
  Rejected,
  StateSplit,
  Uncertified,
  EpochEnding,
  EpochDead,
  ChangeHeld,
  Disk,
  SlowExecution,
  Clock,
  Version,
  // Nothing of the above: the view has what it needs and time to end.
  UnderWay,
};
inline constexpr std::size_t kStalls = 22;
// As in the table, e.g. "no_leader".
std::string_view name(Stall stall);
// Nothing for an operator to do.
constexpr bool is_well(Stall stall) { return stall == Stall::Healthy || stall == Stall::Idle; }

struct Verdict {
  Stall stall = Stall::UnderWay;
  // What holds the chain up, with names and numbers; one sentence. Of a well chain a second line
  // says what is amiss at this node.
  std::string sentence;
  // What to do.
  std::string remedy;
};

// Other validators with a live link; and how many it takes: a quorum with this node, or for an
// observer any one to follow through.
std::size_t linked_members(const Situation& situation);
std::size_t links_needed(const Situation& situation);

// The first row of the table that applies.
Verdict diagnose(const Situation& situation);

}  // namespace salus::replica
