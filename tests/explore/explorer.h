// Owns: every state that a small world can reach, up to a budget, is visited once and judged
// (consensus.md, section 16, "Small scope, exhaustive"). The network is the growing set of all
// votes ever sent; any validator may receive any of them at any time; every deadline may pass.
// How it is fast: what an action does to a validator depends on that validator alone, so each
// (validator state, action) is run through the real core once (automaton.h), and a state of the
// world is four numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "explore/automaton.h"
#include "explore/judge.h"
#include "explore/state_set.h"

namespace salus::consensus::explore {

struct Setup {
  std::string name;
  std::uint64_t views = 1;
  // Holds every vote on every candidate, and offers `traitor_blocks` in its own views.
  std::optional<std::size_t> traitor = {};
  struct Offer {
    std::uint64_t view = 1;
    std::uint64_t parent_view = 0;
    std::uint64_t header_parent_view = 0;
    std::uint8_t variant = 0;
  };
  std::vector<Offer> traitor_blocks = {};
  Habits habits = {};
  // Each child of the first ancestor is the last block of the epoch (World).
  bool ends = false;
  // Crashes once, at any point of a stage; its disk is slow, whatever the habits.
  std::optional<std::size_t> crasher = {};
  // Any of them, at any time, for good.
  bool may_stop = false;
  // Single votes make certificates; otherwise a quorum arrives in one piece.
  bool by_votes = false;
  // A candidate may arrive one view early.
  bool early_candidates = false;
  std::uint64_t states_max = 1'000'000;
  std::size_t validator_states_max = 200'000;
  // Runs from the start at random; from the end of each, with `must_finish`, finalization is tried.
  std::uint64_t walks = 0;
  bool must_finish = true;
  std::uint64_t seed = 1;
};

struct Finding {
  std::string rule;
  std::vector<std::string> trace;
};

struct Outcome {
  // Of the world, and the steps between them.
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  // Of single validators: runs of the real core, states of it, and classes after folding.
  std::uint64_t core_runs = 0;
  std::uint64_t validator_states = 0;
  std::uint64_t validator_classes = 0;
  std::uint64_t walk_steps = 0;
  std::uint64_t highest_view = 0;
  std::uint64_t final_view = 0;
  std::uint64_t continuations = 0;
  // Every reachable state of this setup was judged.
  bool exhausted = false;
  double seconds = 0;
  std::optional<Finding> finding;
};

class Explorer {
 public:
  explicit Explorer(Setup setup);
  // Searches, unless states_max is 0; then walks.
  Outcome run();

 private:
  using State = StateSet::State;
  struct Frame {
    State state;
    std::uint32_t validator = 0;
    std::uint32_t edge = 0;
  };
  struct Step {
    std::size_t validator = 0;
    Action action;
  };

  Machine machine_at_start(std::size_t validator);
  bool is_traitor(std::size_t validator) const { return setup_.traitor == validator; }
  const Automaton::Node& node(const State& classes, std::size_t validator) const {
    return automata_[validator].classes()[classes[validator]];
  }
  bool can_happen(const Guard& guard, std::size_t validator, const Votes& votes,
                  Mask complete) const;
  Votes votes_of(const State& classes) const;
  std::string judge(const State& classes);
  void make_automata();
  void search();
  void tell(const std::string& rule);
  void walk();
  bool some_continuation_finalizes(std::vector<Machine> machines) const;

  Setup setup_;
  World world_;
  Limits limits_;
  std::mt19937_64 random_;
  // The traitor's is empty and never asked.
  std::vector<Automaton> automata_;
  StateSet visited_;
  Mask last_judged_ = 0;
  std::vector<Frame> stack_;
  Outcome outcome_;
};

}  // namespace salus::consensus::explore
