// Owns: the order of the rows, and the names of the verdicts.
#include "replica/diagnosis.h"

#include <algorithm>
#include <array>
#include <utility>

#include "replica/diagnosis_rows.h"

namespace salus::replica {

namespace {

using namespace rows;

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

namespace {

// What a well chain hides: the others go on, and this node is of no help to them (S16).
Verdict with_alarm(Verdict verdict, const Situation& s) {
  if (!is_well(verdict.stall) || !s.journal_alarm) return verdict;
  const Verdict alarm = *disk(s);
  verdict.sentence += "\n" + alarm.sentence;
  verdict.remedy = alarm.remedy;
  return verdict;
}

}  // namespace

Verdict diagnose(const Situation& situation) {
  for (const auto row : kRows) {
    if (auto verdict = row(situation)) return with_alarm(std::move(*verdict), situation);
  }
  return under_way(situation);
}

}  // namespace salus::replica
