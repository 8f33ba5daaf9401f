// Owns: the verdict is a pure function of the effective track and the tallies (G-8.22): concurrent
// majorities, no turnout quorum, no dilution, so that staying away is never a stronger opposition
// than voting no (G-8.21). Nothing here divides (G-1.3) or reads state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/u128.h"
#include "salus/v1/governance.pb.h"

namespace salus::dao::governance {

// How the counters are to be read.
struct Decision {
  v1::Scheme scheme = v1::SCHEME_YES_NO;
  // How many options may win; read for approval and quadratic.
  std::uint32_t winners = 1;
  // Decides between equal options: fixed before the first ballot.
  Hash lot;
};
Decision decision_of(const v1::Proposal& proposal);

// `tallies` holds one for each chamber of the track, in any order. The time and height of the
// outcome are left to the caller; `slashed` says whether the deposits would be, for a rejection
// (G-8.18).
v1::Outcome verdict(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies,
                    const Decision& decision);

// Whether every counted required chamber has reached its support (G-7.7, G-8.6).
bool support_reached(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies,
                     v1::Scheme scheme);

// Opposition in one chamber as a fraction of the eligible power: no and veto, none of the options,
// or the empty ballots. In a quadratic vote: votes for none, of the members.
struct Opposition {
  std::uint64_t against;
  std::uint64_t eligible;
};
// Of each counted required chamber.
std::vector<Opposition> opposition(const v1::EffectiveTrack& track,
                                   std::span<const v1::Tally> tallies, v1::Scheme scheme);

// G-7.9, G-8.15: the longest delay of any chamber, floored to whole ms.
struct TimelockRule {
  std::uint32_t lo_bp;
  std::uint32_t hi_bp;
  std::uint64_t min_ms;
  std::uint64_t max_ms;
};
std::uint64_t timelock_ms(const TimelockRule& rule, std::span<const Opposition> chambers);

// Eligible power E of a chamber: its weight at the power snapshot, recused members taken out.
std::uint64_t eligible(const v1::Tally& tally);

// G-8.1: 1 to 8 parts, each at least 1, together at most 10,000.
bool parts_are_valid(std::span<const std::uint64_t> parts);
// G-8.2: `power` split by prefix floors, in the order given, which is the order of allocation. The
// pieces add up to `power` exactly.
std::vector<std::uint64_t> split(std::uint64_t power, std::span<const std::uint64_t> parts);

}  // namespace salus::dao::governance
