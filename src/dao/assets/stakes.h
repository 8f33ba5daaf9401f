// Owns: native tokens bound for weight in a chamber of rule STAKE. The whole stake is unlocked at
// once: its weight is gone at that moment, its money is back only assets.unlock_delay later. Who
// may lock, the dispatcher knows; weights are membership's, which asks `staked`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dao/assets/assets.h"

namespace salus::dao::assets {

Outcome check(const v1::LockStake& action);
// `may_lock`: the signer is a member of a chamber of rule STAKE.
Outcome apply(const v1::LockStake& action, bool may_lock, ActionContext& context,
              state::Overlay& state);
Outcome apply(const v1::UnlockStake& action, ActionContext& context, state::Overlay& state);

std::optional<v1::StakeLock> find_stake(const state::Overlay& state, const AccountId& account);
// Base units that weigh now: 0 while they are on their way back.
std::uint64_t staked(const state::Overlay& state, const AccountId& account);

// Due item StakeReturn. Total.
void return_stake(state::Overlay& state, const BlockContext& block, ByteView ref,
                  std::vector<v1::Event>& events);

void add_broken_stakes(const state::Overlay& state, std::vector<std::string>& broken);

}  // namespace salus::dao::assets
