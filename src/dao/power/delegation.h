// Owns: who votes for whom on which track (G-5.3 to G-5.8). An edge carries the delegate's serial;
// once that differs the edge is dead and skipped everywhere, so what ends many delegations costs
// nothing (G-5.4). Edges are live within one chamber only, so power of one never counts in another.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "dao/power/power.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::power {

inline constexpr int kTargetsMax = 4;
// Power travels at most so far (G-5.5).
inline constexpr std::size_t kHopsMax = 3;

// Micro-votes by the number of hops less 1; as a flow, what a member sends on: his weight, what
// reached him by one hop, by two.
using Hops = std::array<std::uint64_t, kHopsMax>;
// What arrives over an edge of `share` percent. Exact, because a voting unit is 100^3 (G-5.5).
Hops over_edge(const Hops& flow, std::uint32_t share);
// What whoever it arrives at sends on of it.
inline Hops onward(const Hops& arrived) { return {0, arrived[0], arrived[1]}; }

struct Edge {
  AccountId to;
  std::uint32_t share = 0;
  std::uint32_t serial = 0;
};
// Live ones, in stored order, as they stood at `snapshot`.
std::vector<Edge> live_edges_at(const state::Overlay& state, const AccountId& account,
                                std::uint32_t track, std::uint64_t snapshot);
std::vector<Edge> live_edges_now(const state::Overlay& state, const AccountId& account,
                                 std::uint32_t track);

Hops received_now(const state::Overlay& state, const AccountId& account, std::uint32_t track);
Hops received_at(const state::Overlay& state, const AccountId& account, std::uint32_t track,
                 std::uint64_t snapshot);

// The present delegation as it was made, dead edges included; nullopt if there is none.
std::optional<v1::DelegationPoint> find_delegation(const state::Overlay& state,
                                                   const AccountId& account, std::uint32_t track);
// Whether an edge of the present delegation carries power now.
bool is_live(const state::Overlay& state, const AccountId& from, const v1::DelegationEdge& edge);

std::optional<v1::DelegateProfile> find_profile(const state::Overlay& state,
                                                const AccountId& account);
// His first ballot on a proposal: attendance, where he has an open profile.
void note_ballot(state::Overlay& state, const AccountId& account);

// By a member with weight.
Outcome check(const v1::SetDelegation& action);
Outcome check(const v1::ClearDelegation& action);
Outcome check(const v1::SetDelegateProfile& action);
// TrackUnknown, NoWeight, TermTooLong, DelegationLoop, NotSameChamber, DelegateClosed.
Outcome apply(const v1::SetDelegation& action, ActionContext& context, state::Overlay& state);
// DelegationNone.
Outcome apply(const v1::ClearDelegation& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::SetDelegateProfile& action, ActionContext& context, state::Overlay& state);

// A due item of kind DelegationEnd (G-5.8); total.
void end_delegation(state::Overlay& state, ByteView ref, std::vector<v1::Event>& events);

}  // namespace salus::dao::power
