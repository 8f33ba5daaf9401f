// Owns: the search, depth first, and random walks with their continuations.
#include "explore/explorer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace salus::consensus::explore {

namespace {

constexpr std::size_t kWalkStepsMax = 400;

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::string describe(const World& world, std::size_t validator, const Action& action) {
  static const char* const kNames[] = {
      "has work",          "declines to build",     "times out",           "syncs",
      "crashes, all lost", "crashes, journal kept", "crashes, guard kept", "crashes, both kept",
      "hears two peers",   "stops voting",          "hears the vote",      "gets the quorum",
      "gets the bytes of"};
  std::string text =
      fmt::format("v{} {}", validator, kNames[static_cast<std::size_t>(action.kind)]);
  if (action.kind >= Action::Kind::Vote) text += " " + world.describe(action.subject);
  if (action.kind == Action::Kind::Vote) text += fmt::format(" of v{}", action.signer);
  return text;
}

// All that can be proposed and voted on: each leader builds on any block below its view.
void name_everything(World& world, const Setup& setup) {
  std::vector<std::vector<std::size_t>> by_view{{0}};
  for (std::uint64_t view = 1; view <= setup.views; ++view) {
    std::vector<std::size_t> blocks;
    if (setup.traitor == world.leader(View{view})) {
      for (const Setup::Offer& offer : setup.traitor_blocks) {
        if (offer.view != view) continue;
        blocks.push_back(world.block(View{view}, View{offer.parent_view},
                                     by_view[offer.header_parent_view].front(), offer.variant));
      }
    } else {
      for (std::uint64_t below = 0; below < view; ++below) {
        for (const std::size_t parent : by_view[below]) {
          if (!world.well_formed(parent)) continue;
          blocks.push_back(world.block(View{view}, View{below}, parent, 0));
        }
      }
    }
    by_view.push_back(blocks);
  }
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    world.subject(notarize(world.block_at(block).candidate));
    world.subject(finalize(world.block_at(block).candidate));
  }
  for (std::uint64_t view = 1; view <= setup.views; ++view) {
    world.subject(nullify(Epoch{}, View{view}));
  }
}

}  // namespace

Explorer::Explorer(Setup setup)
    : setup_(std::move(setup)),
      world_(setup_.ends),
      limits_{.views = setup_.views,
              .by_votes = setup_.by_votes,
              .early_candidates = setup_.early_candidates,
              .bytes_apart = setup_.habits.bytes_apart,
              .crasher = setup_.crasher,
              .may_stop = setup_.may_stop,
              .traitor = setup_.traitor},
      random_(setup_.seed) {
  name_everything(world_, setup_);
}

void Explorer::make_automata() {
  for (std::size_t validator = 0; validator < kValidators; ++validator) {
    const std::size_t states_max = is_traitor(validator) ? 0 : setup_.validator_states_max;
    automata_.emplace_back(world_, machine_at_start(validator), validator, limits_, states_max);
    const Automaton& made = automata_.back();
    outcome_.core_runs += made.core_runs();
    outcome_.validator_states += made.states().size();
    outcome_.validator_classes += made.classes().size();
  }
}

Machine Explorer::machine_at_start(std::size_t validator) {
  Habits habits = setup_.habits;
  if (validator == setup_.crasher) habits.slow_disk = true;
  Machine machine{world_, validator, habits};
  machine.apply(world_, {.kind = Action::Kind::Hear});
  return machine;
}

Votes Explorer::votes_of(const State& classes) const {
  Votes votes{};
  for (std::size_t i = 0; i < kValidators; ++i) {
    votes[i] = is_traitor(i) ? ~Mask{0} : node(classes, i).sent;
  }
  return votes;
}

bool Explorer::can_happen(const Guard& guard, std::size_t validator, const Votes& votes,
                          Mask complete) const {
  switch (guard.kind) {
    case Guard::Kind::Free:
      return true;
    case Guard::Kind::Vote:
      return has(votes[guard.signer], guard.subject);
    case Guard::Kind::AnyVote:
      for (std::size_t i = 0; i < kValidators; ++i) {
        if (i != validator && has(votes[i], guard.subject)) return true;
      }
      return false;
    case Guard::Kind::Quorum:
      return has(complete, guard.subject);
  }
  return false;
}

std::string Explorer::judge(const State& classes) {
  for (std::size_t i = 0; i < kValidators; ++i) {
    if (is_traitor(i)) continue;
    const Automaton::Node& at = node(classes, i);
    if (at.broken != Automaton::kWhole) return automata_[i].rule(at.broken);
    outcome_.highest_view = std::max(outcome_.highest_view, at.view);
    outcome_.final_view = std::max(outcome_.final_view, at.finalized);
  }
  const Mask agreed_on = quorums(votes_of(classes));
  if (agreed_on == last_judged_) return {};
  last_judged_ = agreed_on;
  return judge_world(world_, agreed_on);
}

void Explorer::search() {
  State start{};
  for (std::size_t i = 0; i < kValidators; ++i) {
    if (!is_traitor(i)) start[i] = automata_[i].class_of(0);
  }
  visited_.insert(start);
  stack_.push_back({.state = start});
  // Of the state on top; computed again when the search comes back to it.
  Votes votes = votes_of(start);
  Mask complete = agreed(votes, world_.set().quorum());
  const auto look = [&] {
    votes = votes_of(stack_.back().state);
    complete = agreed(votes, world_.set().quorum());
  };
  while (true) {
    Frame& top = stack_.back();
    if (top.validator == kValidators) {
      stack_.pop_back();
      if (stack_.empty()) break;
      look();
      continue;
    }
    const auto& edges = node(top.state, top.validator).edges;
    if (is_traitor(top.validator) || top.edge == edges.size()) {
      ++top.validator;
      top.edge = 0;
      continue;
    }
    const Automaton::Edge& edge = edges[top.edge++];
    if (!can_happen(edge.guard, top.validator, votes, complete)) continue;
    ++outcome_.transitions;
    State next = top.state;
    next[top.validator] = edge.target;
    if (!visited_.insert(next)) continue;
    stack_.push_back({.state = next});
    if (const std::string broken = judge(next); !broken.empty()) return tell(broken);
    if (visited_.size() >= setup_.states_max) return;
    look();
  }
  outcome_.exhausted = std::ranges::all_of(automata_, [this, i = 0U](const Automaton& one) mutable {
    return is_traitor(i++) || one.is_complete();
  });
}

void Explorer::tell(const std::string& rule) {
  outcome_.finding = Finding{.rule = rule, .trace = {}};
  for (std::size_t depth = 0; depth + 1 < stack_.size(); ++depth) {
    const Frame& frame = stack_[depth];
    const auto& edge = node(frame.state, frame.validator).edges[frame.edge - 1];
    outcome_.finding->trace.push_back(describe(world_, frame.validator, edge.action));
  }
}

// From the start, at random, with whole machines: where depth first has no time to go.
void Explorer::walk() {
  std::vector<Machine> machines;
  for (std::size_t i = 0; i < kValidators; ++i) machines.push_back(machine_at_start(i));
  std::vector<std::string> trace;
  const std::size_t steps_max = 1 + random_() % kWalkStepsMax;
  for (std::size_t count = 0; count < steps_max; ++count) {
    Votes votes{};
    for (std::size_t i = 0; i < kValidators; ++i) {
      votes[i] = is_traitor(i) ? ~Mask{0} : machines[i].sent();
    }
    const Mask complete = agreed(votes, world_.set().quorum());
    std::vector<Step> steps;
    for (std::size_t i = 0; i < kValidators; ++i) {
      if (is_traitor(i)) continue;
      for (const Action& action : menu(world_, machines[i], i, votes, complete, limits_)) {
        steps.push_back({.validator = i, .action = action});
      }
    }
    if (steps.empty()) break;
    const Step& step = steps[random_() % steps.size()];
    ++outcome_.walk_steps;
    const auto note = [this](const Machine& machine) {
      outcome_.highest_view = std::max(outcome_.highest_view, machine.view().value());
      outcome_.final_view = std::max(outcome_.final_view, machine.finalized().value());
    };
    trace.push_back(describe(world_, step.validator, step.action));
    std::string broken = machines[step.validator].apply(world_, step.action);
    note(machines[step.validator]);
    if (broken.empty()) {
      votes[step.validator] = machines[step.validator].sent();
      broken = judge_world(world_, quorums(votes));
    }
    if (!broken.empty()) {
      outcome_.finding = Finding{.rule = broken, .trace = trace};
      return;
    }
  }
  if (!setup_.must_finish) return;
  ++outcome_.continuations;
  if (some_continuation_finalizes(std::move(machines))) return;
  outcome_.finding = Finding{.rule = "O14: no continuation finalizes", .trace = trace};
}

// All deliver to all, and deadlines pass only when nothing else is left. The traitor is silent.
bool Explorer::some_continuation_finalizes(std::vector<Machine> machines) const {
  World world = world_;
  View final_view;
  for (std::size_t i = 0; i < kValidators; ++i) {
    if (!is_traitor(i)) final_view = std::max(final_view, machines[i].finalized());
  }
  Limits limits = limits_;
  limits.views = setup_.views + 9;
  limits.by_votes = limits.may_stop = false;
  limits.crasher.reset();
  const auto act = [&](std::size_t i, bool timeouts) {
    bool changed = false;
    Votes votes{};
    Mask held = 0;
    for (std::size_t j = 0; j < kValidators; ++j) {
      if (is_traitor(j)) continue;
      votes[j] = machines[j].sent();
      held |= machines[j].conscience().certificates();
    }
    const Mask complete = agreed(votes, world.set().quorum()) | held;
    for (const Action& action : menu(world, machines[i], i, votes, complete, limits)) {
      if (action.kind == Action::Kind::Decline) continue;
      if ((action.kind == Action::Kind::TimeOut) != timeouts) continue;
      const Hash before = machines[i].key();
      machines[i].apply(world, action);
      changed = changed || machines[i].key() != before;
    }
    return changed;
  };
  constexpr int kRoundsMax = 200;
  for (int round = 0; round < kRoundsMax; ++round) {
    bool changed = false;
    bool all_final = true;
    for (std::size_t i = 0; i < kValidators; ++i) {
      if (is_traitor(i)) continue;
      changed = act(i, /*timeouts=*/false) || changed;
      // An epoch that has ended is over everywhere, and finalizes nothing more (C43).
      const bool is_done =
          setup_.ends ? machines[i].has_ended() : machines[i].finalized() > final_view;
      all_final = all_final && is_done;
    }
    if (all_final) return true;
    for (std::size_t i = 0; i < kValidators && !changed; ++i) {
      if (!is_traitor(i)) act(i, /*timeouts=*/true);
    }
  }
  return false;
}

Outcome Explorer::run() {
  const auto began = std::chrono::steady_clock::now();
  if (setup_.states_max > 0) {
    make_automata();
    search();
    outcome_.states = visited_.size();
  }
  for (std::uint64_t i = 0; i < setup_.walks && !outcome_.finding; ++i) {
    walk();
  }
  outcome_.seconds = seconds_since(began);
  return outcome_;
}

}  // namespace salus::consensus::explore
