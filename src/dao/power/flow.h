// Owns: received power follows weights and delegations at once (G-5.5, G-5.9): a change takes the
// old flow back, is stored, and sends the new flow. Used inside power only.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "dao/power/power.h"
#include "state/overlay.h"

namespace salus::dao::power {

// Tracks on which the account delegates, or has received power, now: at most 16 point reads.
std::vector<std::uint32_t> tracks_of(const state::Overlay& state, const AccountId& account);

// What the account sends on along its live edges: all its weight, and what reached it by one or two
// hops.
void withdraw_flow(state::Overlay& state, const AccountId& account, std::uint32_t track);
void send_flow(state::Overlay& state, const AccountId& account, std::uint32_t track);

// His serial grew: every edge to him is dead. His own flow must be withdrawn before.
void forget_received(state::Overlay& state, const AccountId& account, std::uint32_t track);

// The present point of a weight history, without totals or flows.
void put_weight(state::Overlay& state, const AccountId& account, const Weight& weight);

}  // namespace salus::dao::power
