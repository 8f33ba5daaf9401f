// Owns: what must hold in every state of the small world (O1 to O6, O10), by arithmetic of its own
// over the votes that exist: three of four make a quorum.
#pragma once

#include <array>
#include <string>

#include "explore/world.h"

namespace salus::consensus::explore {

using Votes = std::array<Mask, kValidators>;

// Subjects with votes of at least `quorum` validators.
Mask agreed(const Votes& votes, std::size_t quorum);
inline Mask quorums(const Votes& votes) { return agreed(votes, 3); }

// Judges the subjects that have a quorum. Empty, or the invariant that is broken.
std::string judge_world(const World& world, Mask quorums);

}  // namespace salus::consensus::explore
