// Owns: the counters of a proposal computed again from weights, delegations and ballots, by their
// definitions (G-5.12). Iterates; shares no arithmetic with casting. Used inside governance only.
#pragma once

#include <cstdint>
#include <map>

#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// Of one chamber, with the counters only: `options` as long as the proposal has them.
using Recount = std::map<std::uint32_t, v1::Tally>;
// While the power snapshot is live; later the histories may have dropped their points.
Recount recount(const state::Overlay& state, const v1::Proposal& proposal);

// Whether the counters are equal; eligible power and small figures are not looked at.
bool same_counters(const v1::Tally& stored, const v1::Tally& counted);

}  // namespace salus::dao::governance
