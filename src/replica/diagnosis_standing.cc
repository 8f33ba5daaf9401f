// Owns: the rows about this node itself: whether it may vote, and how far it is.
#include <algorithm>
#include <utility>
#include <vector>

#include "replica/diagnosis_rows.h"
#include "replica/facts.h"

namespace salus::replica::rows {

namespace {

// As the end of another sentence.
std::string clause(std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  if (sentence.starts_with("The ") || sentence.starts_with("It ")) {
    sentence.front() = sentence.front() == 'T' ? 't' : 'i';
  }
  return sentence;
}

}  // namespace

Row diverged(const Situation& s) {
  if (!s.status.diverged && core(s).mode != Mode::Diverged) return std::nullopt;
  std::string sentence =
      "This node has diverged: its own execution contradicts what a quorum finalized above "
      "height " +
      text(s.status.tip.height.value());
  if (s.diverged_at) sentence += ": " + clause(s.diverged_at->reason);
  sentence += '.';
  const std::string& report = s.around.divergence_report;
  if (!s.around.divergence_sentence.empty()) sentence += ' ' + s.around.divergence_sentence;
  return Verdict{Stall::Diverged, sentence,
                 "Keep the data folder, " +
                     (report.empty() ? "read the reason in the log, " : "read " + report + ", ") +
                     "compare build and state root with the other operators', and take the state "
                     "from them."};
}

Row safety_violated(const Situation& s) {
  if (core(s).mode != Mode::Halted) return std::nullopt;
  return Verdict{Stall::SafetyViolated,
                 "Two certificates of epoch " + text(core(s).epoch.value()) +
                     " exclude each other: more than a third of the validators are faulty.",
                 "Stop clients, keep the data folders of all validators for the inquiry, and "
                 "decide among the operators which chain holds; both certificates are in this "
                 "node's journal."};
}

namespace {

std::string unheard(const Situation& s) {
  std::vector<std::string> names;
  for (const Member& member : s.members) {
    if (!member.own && !member.said) names.push_back(member.name);
  }
  return list(names);
}

// What a restricted validator's operator does (S11).
std::string reseat(const Situation& s) {
  if (s.reseat_nonce.empty()) return "its operator submits a reseat";
  return "its operator runs `" + reseat_command(s.reseat_nonce) + "`";
}

Verdict no_vote(const std::string& why, std::string remedy) {
  return {Stall::NotVoting, "This validator does not vote: " + why, std::move(remedy)};
}

// S9: nothing is lost, but its ledger is older than its votes.
Verdict ledger_behind(const Situation& s) {
  const std::string guard = text(s.guard_epoch.value());
  const bool is_there = core(s).epoch >= s.guard_epoch;
  return no_vote("its ledger is older than its sign guard, which stands in epoch " + guard +
                     "; the ledger is in epoch " + text(core(s).epoch.value()) + ".",
                 is_there ? "Restart the node: it compares guard and journal of this epoch and "
                            "votes again if they agree. Else it votes in the next epoch by itself."
                          : "Wait: it fetches the blocks. In epoch " + guard +
                                " restart it once; in any later epoch it votes by itself.");
}

// An observer by choice only follows: what holds up the chain are the other rows.
Row no_seat(const Situation& s) {
  if (!s.is_validator) return std::nullopt;
  const std::string epoch = text(core(s).epoch.value());
  if (s.is_seat_to_come) {
    return Verdict{Stall::NotVoting,
                   "This node's validator key is not seated yet: it is not in the set of epoch " +
                       epoch + ", and a set change that waits seats it.",
                   "Wait; it votes by itself when that epoch begins. What the change waits for: "
                   "salus validator queue."};
  }
  return Verdict{Stall::NotVoting,
                 "This node's validator key is not in the set of epoch " + epoch + ".",
                 "Have the key nominated and voted in; until then the node follows the chain."};
}

Row observing(const Situation& s, ObservingReason reason) {
  switch (reason) {
    case ObservingReason::Amnesia:
      return no_vote("its guard or journal is lost or old (amnesia).",
                     "Put the true data folder back if it exists; else " + reseat(s) +
                         ", and it votes again in the epoch after.");
    case ObservingReason::Twin:
      return no_vote("its key was used by another process (twin).",
                     "Stop the other process and find out who ran it; then " + reseat(s) +
                         ", or have a new key admitted.");
    case ObservingReason::Stopped:
      return no_vote("its operator stopped it.", "Start the node again when it may vote.");
    case ObservingReason::LedgerBehind:
      return ledger_behind(s);
    case ObservingReason::NotInSet:
      return no_seat(s);
    case ObservingReason::Version:
      // Asked before `behind`, which it will soon be too.
      return version(s);
  }
  std::unreachable();
}

bool is_fresh(const Situation& s) {
  return s.finalized_at && since(s, *s.finalized_at) <= 3 * core(s).delay_ms;
}

// More than f of them: at least one of those is right, and this node cannot tell which (C45: no set
// is learned from claims).
Row cannot_follow(const Situation& s) {
  if (s.at_odds.size() <= s.members.size() - core(s).quorum || is_fresh(s)) return std::nullopt;
  return Verdict{Stall::Behind,
                 "This node cannot follow: above height " + text(s.status.tip.height.value()) +
                     " the blocks of " + list(s.at_odds) +
                     " are signed by another validator set than the one that it holds for epoch " +
                     text(core(s).epoch.value()) + ".",
                 "Compare set hash (salus consensus status) and state root at that height with the "
                 "other operators; if theirs agree and this node's do not, keep its data folder "
                 "and take the state from them by snapshot."};
}

}  // namespace

Row not_voting(const Situation& s) {
  // Whoever cannot follow needs blocks before anything else: `behind` says so.
  if (s.status.blocks_gone) return std::nullopt;
  if (core(s).observing) {
    if (auto row = observing(s, *core(s).observing)) return row;
  }
  if (core(s).mode != Mode::Voting || !core(s).own_index || core(s).heard_enough) {
    return std::nullopt;
  }
  if (auto row = cannot_follow(s)) return row;
  return Verdict{Stall::NotVoting,
                 "This validator does not vote yet: since its start it heard from " +
                     text(core(s).heard) + " of the " + text(core(s).heard_needed) +
                     " validators that it takes; not from: " + unheard(s) + ".",
                 "Start the missing nodes or repair their links; it votes by itself then."};
}

namespace {

// The (f+1)st highest claim: one correct validator at least has that height.
Height claimed_height(const Situation& s) {
  std::vector<Height> heights;
  for (const Member& member : s.members) {
    if (member.said) heights.push_back(member.said->height);
  }
  std::ranges::sort(heights, std::greater{});
  const std::size_t faulty = s.members.size() - core(s).quorum;
  return heights.size() > faulty ? heights[faulty] : Height{};
}

// Consensus went on, and the ledger did not.
Row lacks_final_blocks(const Situation& s) {
  if (!s.lacks_final_blocks || is_fresh(s)) return std::nullopt;
  return Verdict{Stall::Behind,
                 "This node is behind: it holds the finalization of view " +
                     text(core(s).finalized.value()) + " and not the blocks above height " +
                     text(s.status.tip.height.value()) + ".",
                 "Look at its links; it asks each linked peer in turn."};
}

}  // namespace

Row behind(const Situation& s) {
  if (auto row = cannot_follow(s)) return row;
  const std::uint64_t theirs = claimed_height(s).value();
  const std::uint64_t ours = s.status.tip.height.value();
  if (s.status.blocks_gone) {
    return Verdict{Stall::Behind,
                   "This node is behind: it has height " + text(ours) +
                       ", and every linked node that is ahead has forgotten the blocks after it; "
                       "the lowest that one of them keeps has height " +
                       text(s.status.blocks_gone->value()) + ".",
                   "Link it with a node that keeps more; or stop it, move its ledger folder away "
                   "and start it with sync.snapshot = true."};
  }
  if (theirs < ours + 2) return lacks_final_blocks(s);
  const std::uint64_t rate = s.around.blocks_last_10_s;
  const std::string pace = rate == 0 ? "no block came in the last 10 s"
                                     : text(rate) + " blocks in the last 10 s, some " +
                                           span((theirs - ours) * 10'000 / rate) + " left";
  return Verdict{Stall::Behind,
                 "This node is behind: it has height " + text(ours) + ", the others " +
                     text(theirs) + "; " + pace + ".",
                 rate == 0 ? "Look at its links and its disk; it asks each linked peer in turn."
                           : "Wait; it votes again when it has caught up."};
}

Row healthy(const Situation& s) {
  if (!is_fresh(s)) return std::nullopt;
  return Verdict{Stall::Healthy,
                 "Healthy: height " + text(s.status.tip.height.value()) + " was finalized " +
                     span(since(s, *s.finalized_at)) + " ago.",
                 "Nothing."};
}

Row idle(const Situation& s) {
  const bool observer_idle =
      !core(s).own_index && voters(s) == 0 && s.status.waiting_transactions == 0;
  if (core(s).waiting != Waiting::Idle && !observer_idle) return std::nullopt;
  std::string sentence = "Idle at height " + text(s.status.tip.height.value()) + ": no work is due";
  if (s.heartbeat_at) sentence += ", next heartbeat in " + span(until(s, *s.heartbeat_at));
  if (s.status.waiting_transactions > 0) {
    sentence += ", " + text(s.status.waiting_transactions) +
                " transactions wait for an earlier one of their account";
  }
  if (linked_members(s) >= links_needed(s)) return Verdict{Stall::Idle, sentence + ".", "Nothing."};
  return Verdict{Stall::Idle, sentence + "; but it is " + links_sentence(s) + ".",
                 "Bring the missing nodes back before work comes."};
}

}  // namespace salus::replica::rows
