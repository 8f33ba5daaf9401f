// Owns: the orders of votes, depth first, and the judge of their histories.
#include "explore/guard.h"

#include <algorithm>
#include <vector>

#include "consensus/registers.h"

namespace salus::consensus::explore {

namespace {

constexpr std::size_t kVotesMax = 4;

std::vector<Subject> all_votes() {
  std::vector<Subject> all;
  for (const std::uint64_t view : {1U, 2U, 3U}) {
    for (const auto name : {std::uint8_t{1}, std::uint8_t{2}}) {
      Candidate candidate{.epoch = {}, .view = View{view}, .parent = {}, .digest = {}};
      candidate.digest.bytes.fill(name);
      all.push_back(notarize(candidate));
      all.push_back(finalize(candidate));
    }
    all.push_back(nullify(Epoch{}, View{view}));
  }
  return all;
}

// Column 2 of C9, clause by clause.
std::string judge(const std::vector<Subject>& before, const Subject& vote) {
  const auto reached = [&](VoteKind kind) {
    return std::ranges::any_of(before, [&](const Subject& earlier) {
      return earlier.kind == kind && earlier.view() >= vote.view();
    });
  };
  const bool notarizes = vote.kind == VoteKind::Notarize;
  if (notarizes && reached(VoteKind::Notarize)) return "guard: notarize at or below a notarize";
  if (!notarizes && reached(VoteKind::Nullify)) return "guard: at or below a nullify";
  if (!notarizes && reached(VoteKind::Finalize)) return "guard: at or below a finalize";
  return {};
}

struct Search {
  std::vector<Subject> votes = all_votes();
  std::vector<Subject> history = {};
  GuardOutcome outcome = {};

  void go_on(const Registers& registers) {
    ++outcome.states;
    if (history.size() == kVotesMax) return;
    for (const Subject& vote : votes) {
      if (!may_vote(registers, vote)) continue;
      outcome.broken = judge(history, vote);
      if (!outcome.broken.empty()) return;
      Registers next = registers;
      next.record(vote);
      history.push_back(vote);
      go_on(next);
      history.pop_back();
      if (!outcome.broken.empty()) return;
    }
  }
};

}  // namespace

GuardOutcome offer_every_order_of_votes() {
  Search search;
  search.go_on({});
  return search.outcome;
}

}  // namespace salus::consensus::explore
