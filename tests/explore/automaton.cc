// Owns: the closure of one core under everything it can be told, and its folding.
#include "explore/automaton.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace salus::consensus::explore {

Guard guard_of(const Action& action) {
  const auto subject = static_cast<std::uint8_t>(action.subject);
  switch (action.kind) {
    case Action::Kind::Vote:
      return {.kind = Guard::Kind::Vote,
              .subject = subject,
              .signer = static_cast<std::uint8_t>(action.signer)};
    case Action::Kind::Certificate:
      return {.kind = Guard::Kind::Quorum, .subject = subject};
    case Action::Kind::Bytes:
      return {.kind = Guard::Kind::AnyVote, .subject = subject};
    default:
      return {};
  }
}

Automaton::Automaton(World& world, Machine start, std::size_t index, const Limits& limits,
                     std::size_t states_max) {
  if (states_max == 0) return;
  run_all(world, std::move(start), index, limits, states_max);
  fold();
}

std::uint32_t Automaton::intern(const Machine& machine) {
  const auto [at, fresh] =
      numbers_.emplace(machine.key().to_string(), static_cast<std::uint32_t>(states_.size()));
  if (fresh) {
    states_.push_back({.sent = machine.sent(),
                       .view = machine.view().value(),
                       .finalized = machine.finalized().value()});
  }
  return at->second;
}

std::uint32_t Automaton::broken_state(const std::string& rule) {
  const auto [at, fresh] = numbers_.emplace(rule, static_cast<std::uint32_t>(states_.size()));
  if (fresh) {
    states_.push_back({.broken = static_cast<std::uint32_t>(rules_.size())});
    rules_.push_back(rule);
  }
  return at->second;
}

void Automaton::run_all(World& world, Machine start, std::size_t index, const Limits& limits,
                        std::size_t states_max) {
  Votes everything;
  everything.fill(~Mask{0});
  // Nearest first: when the budget ends it, what is missing is far from the start.
  std::deque<std::pair<std::uint32_t, Machine>> open;
  const std::uint32_t first = intern(start);
  open.emplace_back(first, std::move(start));
  while (!open.empty()) {
    const auto [number, machine] = std::move(open.front());
    open.pop_front();
    // What it can hear of itself is what it said.
    everything[index] = machine.sent();
    std::vector<Edge> edges;
    for (const Action& action : menu(world, machine, index, everything, ~Mask{0}, limits)) {
      ++core_runs_;
      Machine next{machine};
      const std::string broken = next.apply(world, action);
      const std::size_t known = states_.size();
      const std::uint32_t target = broken.empty() ? intern(next) : broken_state(broken);
      if (target != number) {
        edges.push_back({.guard = guard_of(action), .target = target, .action = action});
      }
      if (target < known || !broken.empty()) continue;
      if (states_.size() < states_max) {
        open.emplace_back(target, std::move(next));
      } else {
        complete_ = false;
      }
    }
    states_[number].edges = std::move(edges);
  }
}

std::vector<std::uint64_t> Automaton::signature(std::uint32_t state) const {
  std::vector<std::uint64_t> all;
  for (const Edge& edge : states_[state].edges) {
    const std::uint32_t target = class_of_[edge.target];
    if (target == class_of_[state]) continue;
    all.push_back(std::uint64_t{edge.guard.label()} << 32U | target);
  }
  std::ranges::sort(all);
  const auto repeated = std::ranges::unique(all);
  all.erase(repeated.begin(), repeated.end());
  all.push_back(class_of_[state]);
  return all;
}

void Automaton::fold() {
  std::map<std::vector<std::uint64_t>, std::uint32_t> names;
  const auto name = [&names](std::vector<std::uint64_t> of) {
    return names.emplace(std::move(of), static_cast<std::uint32_t>(names.size())).first->second;
  };
  for (const Node& node : states_) {
    class_of_.push_back(name({node.sent, node.broken}));
  }
  for (std::size_t before = 0; before != names.size();) {
    before = names.size();
    names.clear();
    std::vector<std::uint32_t> finer;
    for (std::uint32_t state = 0; state < states_.size(); ++state) {
      finer.push_back(name(signature(state)));
    }
    class_of_ = std::move(finer);
  }
  classes_.resize(names.size());
  std::vector<bool> done(names.size(), false);
  for (std::uint32_t state = 0; state < states_.size(); ++state) {
    const Node& node = states_[state];
    Node& merged = classes_[class_of_[state]];
    if (done[class_of_[state]]) continue;
    done[class_of_[state]] = true;
    merged.view = node.view;
    merged.finalized = node.finalized;
    merged.sent = node.sent;
    merged.broken = node.broken;
    for (Edge edge : node.edges) {
      edge.target = class_of_[edge.target];
      if (edge.target == class_of_[state]) continue;
      const bool known = std::ranges::any_of(merged.edges, [&](const Edge& other) {
        return other.target == edge.target && other.guard.label() == edge.guard.label();
      });
      if (!known) merged.edges.push_back(edge);
    }
  }
}

}  // namespace salus::consensus::explore
