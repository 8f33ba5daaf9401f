// Owns: the rows of the table, one function each.
#include "replica/diagnosis.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "replica/facts.h"

namespace salus::replica {

namespace {

using consensus::Mode;
using consensus::ObservingReason;
using consensus::ViewVotes;
using consensus::Waiting;
using ledger::CheckReason;
using Row = std::optional<Verdict>;

// A ledger batch that is older waits for a sick disk.
constexpr std::uint64_t kBatchMsMax = 2'000;

std::string text(std::uint64_t number) { return std::to_string(number); }

std::string span(std::uint64_t ms) {
  if (ms < 1'000) return text(ms) + " ms";
  if (ms < 600'000) return text(ms / 1'000) + " s";
  return text(ms / 60'000) + " min";
}

std::string span_us(std::uint64_t us) { return span(us / 1'000); }

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::uint64_t since(const Situation& s, MonoMs then) {
  return s.now > then ? s.now.value() - then.value() : 0;
}

std::uint64_t until(const Situation& s, MonoMs then) {
  return then > s.now ? then.value() - s.now.value() : 0;
}

const consensus::CoreStatus& core(const Situation& s) { return s.status.consensus; }

std::string name_of(const Situation& s, ValidatorIndex index) {
  return index.value() < s.members.size() ? s.members[index.value()].name
                                          : "validator " + text(index.value());
}

std::string view_text(const Situation& s) { return "view " + text(core(s).view.value()); }

const ViewVotes* current_votes(const Situation& s) {
  const auto& views = core(s).views;
  return !views.empty() && views.back().view == core(s).view ? &views.back() : nullptr;
}

bool has_voted(const Situation& s, ValidatorIndex index) {
  // A vote of a later view tells as much.
  if (index.value() < core(s).seen.size() && core(s).seen[index.value()] > core(s).view) {
    return true;
  }
  const ViewVotes* const votes = current_votes(s);
  if (votes == nullptr) return false;
  for (const auto* voters :
       {&votes->notarize, &votes->nullify, &votes->finalize, &votes->notarize_certified,
        &votes->nullify_certified, &votes->finalize_certified}) {
    if (std::ranges::find(*voters, index) != voters->end()) return true;
  }
  return false;
}

std::size_t voters(const Situation& s) {
  std::size_t count = 0;
  for (std::uint16_t i = 0; i < s.members.size(); ++i) count += has_voted(s, ValidatorIndex{i});
  return count;
}

bool is_known_not_to_vote(const Situation& s, const Member& member) {
  if (member.own) return core(s).mode != Mode::Voting;
  return member.said && member.said->epoch == core(s).epoch && !member.said->votes;
}

// Its bytes come from its leader; `ready`, or for an observer votes, say that the view is at work.
bool is_at_work(const Situation& s) { return core(s).ready.has_value() || voters(s) > 0; }

bool has_candidate(const Situation& s) {
  const ViewVotes* const votes = current_votes(s);
  return votes != nullptr && votes->candidate.has_value();
}

// --- links

// "The address does not answer: Connection refused" of a sentence, its remedy, and in brackets what
// the system said: here the remedy comes once.
std::string cause(const std::string& error) {
  std::string out = error.substr(0, error.find(". "));
  if (out.ends_with('.')) out.pop_back();
  const std::size_t detail = error.rfind(" (");
  if (error.ends_with(')') && detail != std::string::npos && detail > out.size()) {
    out += ": " + error.substr(detail + 2, error.size() - detail - 3);
  }
  return out;
}

std::string missing_links(const Situation& s) {
  std::vector<std::string> names;
  for (const Member& member : s.members) {
    if (member.linked || member.own) continue;
    const auto error = s.around.link_errors.find(member.node);
    const bool known = error != s.around.link_errors.end() && !error->second.empty();
    names.push_back(member.name + " (" + (known ? cause(error->second) : "never linked") + ")");
  }
  return list(names);
}

std::string links_sentence(const Situation& s) {
  return "linked to " + text(linked_members(s)) + " of the " + text(links_needed(s)) +
         " other validators that it takes; missing: " + missing_links(s);
}

// --- rows, in the table's order

Row diverged(const Situation& s) {
  if (!s.status.diverged && core(s).mode != Mode::Diverged) return std::nullopt;
  return Verdict{Stall::Diverged,
                 "This node has diverged: its own execution contradicts what a quorum finalized "
                 "above height " +
                     text(s.status.tip.height.value()) + ".",
                 "Keep the data folder, read the reason in the log, compare build and state root "
                 "with the other operators', and take the state from them."};
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

Row not_voting(const Situation& s) {
  const auto say = [](std::string sentence, std::string remedy) {
    return Verdict{Stall::NotVoting, std::move(sentence), std::move(remedy)};
  };
  if (core(s).observing) {
    switch (*core(s).observing) {
      case ObservingReason::Amnesia:
        return say("This validator does not vote: its guard or journal is lost or old (amnesia).",
                   "Put the true data folder back if it exists; else " + reseat(s) +
                       ", and it votes again in the epoch after.");
      case ObservingReason::Twin:
        return say("This validator does not vote: its key was used by another process (twin).",
                   "Stop the other process and find out who ran it; then " + reseat(s) +
                       ", or have a new key admitted.");
      case ObservingReason::Stopped:
        return say("This validator does not vote: its operator stopped it.",
                   "Start the node again when it may vote.");
      case ObservingReason::NotInSet:
        // An observer by choice only follows: what holds up the chain are the rows below.
        if (!s.is_validator) return std::nullopt;
        return say("This node's validator key is not in the set of epoch " +
                       text(core(s).epoch.value()) + ".",
                   "Have the key nominated and voted in; until then the node follows the chain.");
      case ObservingReason::Version:
        return std::nullopt;
    }
  }
  if (core(s).mode == Mode::Voting && core(s).own_index && !core(s).heard_enough) {
    return say("This validator does not vote yet: since its start it heard from " +
                   text(core(s).heard) + " of the " + text(core(s).heard_needed) +
                   " validators that it takes; not from: " + unheard(s) + ".",
               "Start the missing nodes or repair their links; it votes by itself then.");
  }
  return std::nullopt;
}

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

bool is_fresh(const Situation& s) {
  return s.finalized_at && since(s, *s.finalized_at) <= 3 * core(s).delay_ms;
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

Row behind(const Situation& s) {
  const std::uint64_t theirs = claimed_height(s).value();
  const std::uint64_t ours = s.status.tip.height.value();
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

Row links(const Situation& s) {
  if (linked_members(s) >= links_needed(s)) return std::nullopt;
  return Verdict{Stall::Links, "Too few links: this node is " + links_sentence(s) + ".",
                 "Ask their operators whether they run, and check addresses, keys and firewalls; "
                 "the chain goes on by itself."};
}

Row silent(const Situation& s) {
  const bool overdue = core(s).view_deadline
                           ? s.now >= *core(s).view_deadline
                           : voters(s) > 0 && since(s, core(s).entered) > 3 * core(s).delay_ms;
  if (!overdue || voters(s) >= core(s).quorum) return std::nullopt;
  std::vector<std::string> names;
  std::size_t able = 0;
  for (std::uint16_t i = 0; i < s.members.size(); ++i) {
    const Member& member = s.members[i];
    if (!is_known_not_to_vote(s, member)) ++able;
    const bool can_speak = member.linked || member.own;
    if (can_speak && !has_voted(s, ValidatorIndex{i})) names.push_back(member.name);
  }
  // With too few that ever vote, it is not silence: epoch_dead.
  if (names.empty() || able < core(s).quorum) return std::nullopt;
  const MonoMs from = core(s).ready.value_or(core(s).entered);
  return Verdict{Stall::Silent,
                 "No vote for " + view_text(s) + " since " + span(since(s, from)) +
                     " from these, though linked: " + list(names) + "; " + text(voters(s)) +
                     " of the " + text(core(s).quorum) + " votes of a quorum are here.",
                 "Ask their operators for their verdict: salus consensus why-stalled. Unlinked "
                 "ones, if any: salus consensus votes."};
}

Row no_leader(const Situation& s) {
  if (!is_at_work(s) || has_candidate(s) || core(s).own_index == core(s).leader) {
    return std::nullopt;
  }
  const std::string leader = name_of(s, core(s).leader);
  const bool absent = std::ranges::find(core(s).absent, core(s).leader) != core(s).absent.end();
  std::string sentence = "No candidate: " + leader + ", who leads " + view_text(s) + ", is silent";
  if (absent && core(s).leader.value() < core(s).seen.size()) {
    sentence += " since view " + text(core(s).seen[core(s).leader.value()].value());
  }
  if (core(s).trigger) {
    const ViewVotes* const votes = current_votes(s);
    sentence += "; " + text(votes != nullptr ? votes->nullify.size() : 0) + " of the " +
                text(core(s).quorum) + " votes that skip the view are here";
  } else if (core(s).leader_deadline) {
    sentence += "; this node votes to skip it in " + span(until(s, *core(s).leader_deadline));
  }
  return Verdict{
      Stall::NoLeader, sentence + ".",
      "Wait for the view to be skipped; if it comes again, ask the operator of " + leader + "."};
}

std::string asked_text(const Situation& s, const consensus::MissingAncestor& missing) {
  if (missing.tries == 0 || !missing.asked) return "about to ask for it";
  return "asking " + name_of(s, *missing.asked) + ", attempt " + text(missing.tries);
}

std::string certificate_text(const consensus::MissingAncestor& missing) {
  return std::string{missing.kind == consensus::FetchKind::Nullification ? "nullification"
                                                                         : "notarization"} +
         " of view " + text(missing.view.value());
}

std::optional<std::string> check_waits_for(const Situation& s) {
  if (!s.pending) return "the answer of its check";
  // A row of its own.
  if (s.pending->reason == CheckReason::VersionUnknown) return std::nullopt;
  if (s.pending->reason == CheckReason::TimeAhead) {
    return "its time, " + text(s.pending->ahead_ms) + " ms ahead of this node's clock";
  }
  if (s.pending->reason == CheckReason::ParentNotExecuted) return "the execution of its parent";
  return "the bytes of its parent";
}

std::optional<std::string> ancestry_waits_for(const Situation& s) {
  for (const auto& missing : core(s).missing) {
    if (!missing.split) return certificate_text(missing) + ", " + asked_text(s, missing);
  }
  return std::nullopt;
}

std::optional<std::string> candidate_waits_for(const Situation& s) {
  const Waiting waiting = core(s).waiting;
  if (waiting == Waiting::Block) return "its bytes";
  if (waiting == Waiting::Ancestry) return ancestry_waits_for(s);
  if (waiting == Waiting::CheckAnswer) return check_waits_for(s);
  if (waiting == Waiting::BuildAnswer) return "this node, which leads and builds it";
  const bool leads = core(s).own_index == core(s).leader && !has_candidate(s);
  if (leads && is_at_work(s) && !core(s).has_parent) return "certificates of the views before it";
  return std::nullopt;
}

Row candidate_waits(const Situation& s) {
  const auto what = candidate_waits_for(s);
  if (!what) return std::nullopt;
  return Verdict{Stall::CandidateWaits,
                 "The candidate of " + view_text(s) + " by " + name_of(s, core(s).leader) +
                     " waits for " + *what + ".",
                 s.pending && s.pending->reason == CheckReason::TimeAhead
                     ? "Compare the clocks of this node and of " + name_of(s, core(s).leader) + "."
                     : "Wait; what is missing is fetched from one validator after the other."};
}

Row split_ancestry(const Situation& s) {
  if (core(s).waiting != Waiting::Ancestry) return std::nullopt;
  for (const auto& missing : core(s).missing) {
    if (!missing.split) continue;
    const bool lacks_nullification = missing.kind == consensus::FetchKind::Nullification;
    return Verdict{Stall::SplitAncestry,
                   "View " + text(missing.view.value()) + " is " +
                       (lacks_nullification ? "notarized here and nullified elsewhere"
                                            : "nullified here and notarized elsewhere") +
                       "; " + asked_text(s, missing) + ".",
                   "Wait for the other certificate; if attempts mount, check the link to whoever "
                   "is asked."};
  }
  return std::nullopt;
}

Row state_split(const Situation& s) {
  if (!core(s).invalid || s.root_claims.empty()) return std::nullopt;
  const auto reason = static_cast<CheckReason>(*core(s).invalid);
  if (reason != CheckReason::WrongStateRoot && reason != CheckReason::WrongResultsRoot) {
    return std::nullopt;
  }
  const Height height = s.root_claims.back().height;
  std::map<Root, std::vector<std::string>> sides;
  for (const RootClaim& claim : s.root_claims) {
    if (claim.height != height) continue;
    const std::string name = name_of(s, claim.leader);
    auto& names = sides[claim.root];
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::string claims;
  for (const auto& [root, names] : sides) {
    claims += (claims.empty() ? "" : " and ") + root.to_hex().substr(0, 12) + " by " + list(names);
  }
  const std::string ours =
      s.own_root ? "; ours is " + s.own_root->to_hex().substr(0, 12) : std::string{};
  return Verdict{Stall::StateSplit,
                 "Validators disagree about the state root after height " + text(height.value()) +
                     ": " + claims + ours + ".",
                 "Compare builds with those operators; whose root no quorum has runs a wrong "
                 "build or has a damaged ledger."};
}

Row rejected(const Situation& s) {
  if (!core(s).invalid) return std::nullopt;
  std::string reason{ledger::sentence(static_cast<CheckReason>(*core(s).invalid))};
  if (reason.ends_with('.')) reason.pop_back();
  return Verdict{Stall::Rejected,
                 "The candidate of " + name_of(s, core(s).leader) + " in " + view_text(s) +
                     " is invalid here: " + reason + ".",
                 "Wait for the view to be skipped, and compare builds with the operator of " +
                     name_of(s, core(s).leader) + "."};
}

Row uncertified(const Situation& s) {
  if (core(s).waiting != Waiting::Certification) return std::nullopt;
  const std::string what = !core(s).bytes_here      ? "the bytes of its block"
                           : !core(s).parent_usable ? "its parent view, which is not certified here"
                                                    : "the execution of its parent";
  return Verdict{
      Stall::Uncertified,
      "The candidate of " + view_text(s) + " is notarized and waits here for " + what + ".",
      "Wait; what is missing is fetched or executed."};
}

Row epoch_dead(const Situation& s) {
  std::vector<std::string> names;
  for (const Member& member : s.members) {
    if (is_known_not_to_vote(s, member)) names.push_back(member.name);
  }
  if (s.members.size() - names.size() >= core(s).quorum || names.empty()) return std::nullopt;
  return Verdict{Stall::EpochDead,
                 "Epoch " + text(core(s).epoch.value()) + " cannot go on: " + list(names) +
                     " say that they do not vote, and the others are fewer than the quorum of " +
                     text(core(s).quorum) + ".",
                 "Bring back their true data folders. If they are lost for good, the operators "
                 "must agree on a new genesis from the last finalized state (consensus.md, C49)."};
}

Row epoch_ending(const Situation& s) {
  if (core(s).ended) {
    return Verdict{Stall::EpochEnding,
                   "Epoch " + text(core(s).epoch.value()) +
                       " has ended; its last block is on its way to this node's disk.",
                   "Wait; the next epoch begins by itself."};
  }
  if (!core(s).ending) return std::nullopt;
  return Verdict{Stall::EpochEnding,
                 "The last block of epoch " + text(core(s).epoch.value()) +
                     " waits for a finalization, in " + view_text(s) + " now; " + text(voters(s)) +
                     " of the " + text(core(s).quorum) + " votes of a quorum are here.",
                 "Wait; it is offered again in every view. If it lasts: salus consensus votes."};
}

Row change_held(const Situation& s) {
  if (!s.held_change) return std::nullopt;
  const std::string lacking =
      s.held_change->lacking.empty() ? "" : "; not live: " + list(s.held_change->lacking);
  return Verdict{Stall::ChangeHeld,
                 "Set change " + text(s.held_change->id) +
                     " does not pass its pre-flight: " + s.held_change->verdict + lacking + ".",
                 "Start the nodes that are not live and let them prove that they are ready, or "
                 "withdraw the change."};
}

Row disk(const Situation& s) {
  if (s.around.batch_ms > kBatchMsMax) {
    return Verdict{
        Stall::Disk,
        "The disk is slow: a ledger batch has been on its way for " + span(s.around.batch_ms) + ".",
        "Look at the disk's health and at who else uses it."};
  }
  if (s.around.sync_p99_us <= core(s).delay_ms * 1'000 / 2) return std::nullopt;
  return Verdict{Stall::Disk,
                 "The disk is slow: the slowest hundredth of this node's syncs takes " +
                     span_us(s.around.sync_p99_us) + ", and half the network's delay of " +
                     span(core(s).delay_ms) + " would do.",
                 "Put the data folder on a faster disk, or find out who else uses it."};
}

Row slow_execution(const Situation& s) {
  if (s.around.execution_p99_us <= core(s).delay_ms * 1'000) return std::nullopt;
  return Verdict{Stall::SlowExecution,
                 "Execution is slow: the slowest hundredth of the blocks takes " +
                     span_us(s.around.execution_p99_us) + ", more than the network's delay of " +
                     span(core(s).delay_ms) + ".",
                 "Give this machine more processor time; if all nodes are slow, propose smaller "
                 "blocks."};
}

Row clock(const Situation& s) {
  std::vector<std::int64_t> offsets;
  for (const Member& member : s.members) {
    if (member.linked && member.said) offsets.push_back(member.said->clock_offset_ms);
  }
  if (offsets.empty()) return std::nullopt;
  std::ranges::sort(offsets);
  const std::int64_t median = offsets[offsets.size() / 2];
  const std::uint64_t off = median < 0 ? static_cast<std::uint64_t>(-(median + 1)) + 1
                                       : static_cast<std::uint64_t>(median);
  if (off <= s.parameters.clock_ahead_ms / 2) return std::nullopt;
  return Verdict{Stall::Clock,
                 "This node's clock is " + text(off) + " ms " +
                     (median > 0 ? "behind" : "ahead of") + " the median of its peers.",
                 "Let the machine's clock follow a time service."};
}

Row version(const Situation& s) {
  const bool pending = s.pending && s.pending->reason == CheckReason::VersionUnknown;
  if (core(s).observing != ObservingReason::Version && !pending) return std::nullopt;
  return Verdict{Stall::Version, "The others run a protocol version that this build lacks.",
                 "Install the build that the consortium agreed on; no data is lost meanwhile."};
}

Verdict under_way(const Situation& s) {
  return {Stall::UnderWay,
          "Under way: " + view_text(s) + " waits for " +
              std::string{consensus::name(core(s).waiting)} + " since " +
              span(since(s, core(s).ready.value_or(core(s).entered))) + "; " + text(voters(s)) +
              " of the " + text(core(s).quorum) + " votes of a quorum are here.",
          "Ask again in a few seconds. If it lasts: salus consensus votes."};
}

// Two verdicts share a row of the table where one is a special case of the other: that one is
// asked first.
constexpr std::array kRows = {
    diverged,       safety_violated, not_voting, behind,          healthy,        idle,
    links,          silent,          no_leader,  candidate_waits, split_ancestry, state_split,
    rejected,       uncertified,     epoch_dead, epoch_ending,    change_held,    disk,
    slow_execution, clock,           version};

}  // namespace

std::string_view name(Stall stall) {
  switch (stall) {
    case Stall::Diverged:
      return "diverged";
    case Stall::SafetyViolated:
      return "safety_violated";
    case Stall::NotVoting:
      return "not_voting";
    case Stall::Behind:
      return "behind";
    case Stall::Healthy:
      return "healthy";
    case Stall::Idle:
      return "idle";
    case Stall::Links:
      return "links";
    case Stall::Silent:
      return "silent";
    case Stall::NoLeader:
      return "no_leader";
    case Stall::CandidateWaits:
      return "candidate_waits";
    case Stall::SplitAncestry:
      return "split_ancestry";
    case Stall::Rejected:
      return "rejected";
    case Stall::StateSplit:
      return "state_split";
    case Stall::Uncertified:
      return "uncertified";
    case Stall::EpochEnding:
      return "epoch_ending";
    case Stall::EpochDead:
      return "epoch_dead";
    case Stall::ChangeHeld:
      return "change_held";
    case Stall::Disk:
      return "disk";
    case Stall::SlowExecution:
      return "slow_execution";
    case Stall::Clock:
      return "clock";
    case Stall::Version:
      return "version";
    case Stall::UnderWay:
      return "under_way";
  }
  std::unreachable();
}

std::size_t linked_members(const Situation& situation) {
  return static_cast<std::size_t>(std::ranges::count_if(
      situation.members, [](const Member& member) { return member.linked && !member.own; }));
}

std::size_t links_needed(const Situation& situation) {
  if (!core(situation).own_index) return situation.members.empty() ? 0 : 1;
  return core(situation).quorum > 0 ? core(situation).quorum - 1 : 0;
}

Verdict diagnose(const Situation& situation) {
  for (const auto row : kRows) {
    if (auto verdict = row(situation)) return std::move(*verdict);
  }
  return under_way(situation);
}

}  // namespace salus::replica
