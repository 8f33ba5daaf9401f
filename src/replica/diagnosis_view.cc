// Owns: the rows about the present view: its voters, its leader, its candidate.
#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "replica/diagnosis_rows.h"

namespace salus::replica::rows {

Row silent(const Situation& s) {
  const bool overdue = core(s).view_deadline
                           ? s.now >= *core(s).view_deadline
                           : voters(s) > 0 && since(s, core(s).entered) > 3 * core(s).delay_ms;
  if (!overdue || voters(s) >= core(s).quorum) return std::nullopt;
  // The others wait for this node.
  if (core(s).waiting == Waiting::BuildAnswer) return std::nullopt;
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

namespace {

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
  // Without space for it, a row of its own.
  if (waiting == Waiting::BuildAnswer && s.journal_alarm) return std::nullopt;
  if (waiting == Waiting::BuildAnswer) return "this node, which leads and builds it";
  const bool leads = core(s).own_index == core(s).leader && !has_candidate(s);
  if (leads && is_at_work(s) && !core(s).has_parent) return "certificates of the views before it";
  return std::nullopt;
}

}  // namespace

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

}  // namespace salus::replica::rows
