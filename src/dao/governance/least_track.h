// Owns: each action the DAO may apply has a least track (G-6.5), by amount where it spends (G-6.6).
// Nothing strict hides behind something harmless.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
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

// TrackUnknown.
Result<v1::Track, Error> find_track(const state::Overlay& state, std::string_view code);

// Of one action in a proposal of these options; what spends is judged by the sum of them all.
// TrackUnknown, ActionNotAllowed, ProposalUnknown.
Result<v1::Track, Error> least_track(const state::Overlay& state, const v1::Action& action,
                                     const Options& options, std::uint32_t winners);
// Whether the urgent track takes it.
bool is_urgent(const v1::Action& action);

// Base units by asset.
using Spending = std::map<std::uint32_t, U128>;
// For each asset the largest sum that any `winners` options spend together.
Spending spending(const Options& options, std::uint32_t winners = 1);
// The first track of `ladder` whose caps list every asset with enough; null = above all of them.
const v1::Track* least_by_amount(std::span<const v1::Track> ladder, const Spending& spending);

// Fixed windows (G-6.6, G-8.16): TrackCapExceeded, without effect, when it would not fit.
Outcome charge_window(v1::TrackWindow& window, std::uint64_t now_ms, std::uint64_t window_ms,
                      std::uint64_t per_window, U128 amount);
// The track whose windows the options are charged to, whichever wins: the least of the ladder by
// amount; 0 = they spend nothing, or more than any of it allows.
std::uint32_t window_track(const state::Overlay& state, const Options& options,
                           std::uint32_t winners);
// At execution: charges what the executed options spend to the windows of the track that was chosen
// when voting started, so that a later vote on caps moves nothing to a wider window.
Outcome charge_windows(state::Overlay& state, std::uint32_t window_track, const Options& executed,
                       std::uint64_t now_ms);

}  // namespace salus::dao::governance
