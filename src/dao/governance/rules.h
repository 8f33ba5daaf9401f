// Owns: which rules a proposal runs under: the effective track is the join of the least tracks of
// all its actions (G-6.7), so nothing strict hides in a batch of harmless things.
#pragma once

#include "base/result.h"
#include "dao/error.h"
#include "dao/governance/least_track.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// The join: numbers and times the larger, veto thresholds the smaller that is not zero, chambers
// the union, schemes the intersection. Id, code, rank, limits and caps are those of the higher
// rank.
v1::Track join(const v1::Track& a, const v1::Track& b);

// How a proposal wants to be decided.
struct Ask {
  v1::Scheme scheme = v1::SCHEME_YES_NO;
  std::uint32_t winners = 1;
  // Runs with the appeal thresholds (G-7.11).
  bool appeal = false;
  // On the urgent track, which has no join.
  bool urgent = false;
};

// The effective track with what is copied beside it; its id is the lead track's. TrackUnknown where
// the network has no track for an action, SchemeNotAllowed, ActionNotAllowed.
Result<v1::EffectiveTrack, Error> effective_track(const state::Overlay& state,
                                                  const Options& options, const Ask& ask);

}  // namespace salus::dao::governance
