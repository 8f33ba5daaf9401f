// Owns: the rows about the epoch: how it ends, and what the next one waits for.
#include <vector>

#include "replica/diagnosis_rows.h"

namespace salus::replica::rows {

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

}  // namespace salus::replica::rows
