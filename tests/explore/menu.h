// Owns: what can happen to one validator, given all votes that exist: which deliveries and
// deadlines make a difference to it. What is left out is named here, with the reason why nothing is
// lost.
#pragma once

#include <optional>
#include <vector>

#include "explore/judge.h"
#include "explore/machine.h"

namespace salus::consensus::explore {

struct Limits {
  // Nothing happens in views above: who is there is done, and only hears about those below.
  std::uint64_t views = 1;
  bool by_votes = false;
  bool early_candidates = false;
  bool bytes_apart = false;
  // Once.
  std::optional<std::size_t> crasher = {};
  bool may_stop = false;
  std::optional<std::size_t> traitor = {};
};

// What contradicts what is held is left out: it cannot exist unless an invariant was broken, and
// that was seen where it happened, by the judge of the world or the conscience of a leader.
std::vector<Action> menu(const World& world, const Machine& machine, std::size_t index,
                         const Votes& votes, Mask complete, const Limits& limits);

}  // namespace salus::consensus::explore
