// Owns: everything that one validator can become, whatever it is told: found by running the real
// core on each (state, action) once, then folded: states that no continuation tells apart, by the
// votes that leave or a rule that breaks, are one. A world of four such automata behaves as the
// world of four cores does (a stuttering bisimulation, so the votes that can exist are the same),
// and is much smaller.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "explore/machine.h"
#include "explore/menu.h"

namespace salus::consensus::explore {

// What must exist in the network before an action can happen.
struct Guard {
  enum class Kind : std::uint8_t {
    Free,
    // The vote of `signer` on `subject`.
    Vote,
    // Any vote on `subject`.
    AnyVote,
    // A quorum of votes on `subject`.
    Quorum,
  };
  Kind kind = Kind::Free;
  std::uint8_t subject = 0;
  std::uint8_t signer = 0;

  std::uint32_t label() const {
    return static_cast<std::uint32_t>(kind) << 16U | std::uint32_t{subject} << 8U | signer;
  }
};
Guard guard_of(const Action& action);

class Automaton {
 public:
  struct Edge {
    Guard guard;
    std::uint32_t target = 0;
    Action action;
  };
  // Of one state of the core, or of one class of them.
  struct Node {
    Mask sent = 0;
    std::uint64_t view = 0;
    std::uint64_t finalized = 0;
    // Index into rules(), or none. Nothing follows.
    std::uint32_t broken = kWhole;
    std::vector<Edge> edges = {};
  };
  static constexpr std::uint32_t kWhole = ~0U;

  // `world` knows every subject that can appear. At most `states_max` states are run; with 0 the
  // automaton is empty.
  Automaton(World& world, Machine start, std::size_t index, const Limits& limits,
            std::size_t states_max);

  const std::vector<Node>& states() const { return states_; }
  const std::vector<Node>& classes() const { return classes_; }
  std::uint32_t class_of(std::uint32_t state) const { return class_of_[state]; }
  const std::string& rule(std::uint32_t broken) const { return rules_[broken]; }
  std::uint64_t core_runs() const { return core_runs_; }
  bool is_complete() const { return complete_; }

 private:
  void run_all(World& world, Machine start, std::size_t index, const Limits& limits,
               std::size_t states_max);
  std::uint32_t intern(const Machine& machine);
  std::uint32_t broken_state(const std::string& rule);
  void fold();
  std::vector<std::uint64_t> signature(std::uint32_t state) const;

  std::vector<Node> states_;
  std::vector<Node> classes_;
  std::vector<std::uint32_t> class_of_;
  std::vector<std::string> rules_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::uint64_t core_runs_ = 0;
  bool complete_ = true;
};

}  // namespace salus::consensus::explore
