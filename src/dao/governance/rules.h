// Owns: which rules a proposal runs under. Each action the DAO may apply has a least track (G-6.5),
// by amount where it spends (G-6.6); the effective track is the join of them all (G-6.7), so
// nothing strict hides in a batch of harmless things.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/u128.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

using Options = google::protobuf::RepeatedPtrField<v1::ProposalOption>;

// The join: numbers and times the larger, veto thresholds the smaller that is not zero, chambers
// the union, schemes the intersection. Id, code, rank, limits and caps are those of the higher
// rank.
v1::Track join(const v1::Track& a, const v1::Track& b);

// Base units by asset.
using Spending = std::map<std::uint32_t, U128>;
// For each asset the largest sum of any option.
Spending spending(const Options& options);
// The first track of `ladder` whose caps list every asset with enough; null = above all of them.
const v1::Track* least_by_amount(std::span<const v1::Track> ladder, const Spending& spending);

// Fixed windows (G-6.6, G-8.16): TrackCapExceeded, without effect, when it would not fit.
Outcome charge_window(v1::TrackWindow& window, std::uint64_t now_ms, std::uint64_t window_ms,
                      std::uint64_t per_window, U128 amount);
// At execution: charges what the options spend to the windows of their least track by amount.
Outcome charge_windows(state::Overlay& state, const Options& options, std::uint64_t now_ms);

// The effective track with what is copied beside it; its id is the lead track's. TrackUnknown where
// the network has no track for an action, SchemeNotAllowed, ActionNotAllowed.
Result<v1::EffectiveTrack, Error> effective_track(const state::Overlay& state,
                                                  const Options& options, v1::Scheme scheme);

// Payees and members concerned by the actions (G-7.10), without repetition, ascending.
std::vector<AccountId> interested(const Options& options);

}  // namespace salus::dao::governance
