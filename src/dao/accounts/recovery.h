// Owns: who has lost his keys gets new ones by people he named before, slowly and in the open
// (G-2.6, G-2.7). A recovery replaces keys and threshold and nothing else; the owner can stop it
// until all guardians stand behind it; whoever stole the keys cannot take the guardians away before
// the delay that the owner chose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dao/accounts/accounts.h"

namespace salus::dao::accounts {

inline constexpr int kGuardiansMax = 9;
// How long a recovery waits for its guardians.
inline constexpr std::uint64_t kRecoveryOpenForMs = 14 * 86'400'000ULL;
inline constexpr std::uint64_t kRecoveryDelayMsMax = 365 * 86'400'000ULL;

Outcome check(const v1::SetRecovery& action);
Outcome apply(const v1::SetRecovery& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::StartRecovery& action);
Outcome apply(const v1::StartRecovery& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SupportRecovery& action);
Outcome apply(const v1::SupportRecovery& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::CancelRecovery& action, ActionContext& context, state::Overlay& state);

// Recovery.content_hash: BLAKE2b-256(`salus.recovery.1` | account | canonical keys and threshold).
Hash recovery_content(const AccountId& account, const Keys& keys, std::uint32_t threshold);

// The last one of an account, whatever became of it.
std::optional<v1::Recovery> find_recovery(const state::Overlay& state, const AccountId& account);
std::optional<v1::RecoveryChange> find_recovery_change(const state::Overlay& state,
                                                       const AccountId& account);
// STARTED or WAITING.
bool runs(const v1::Recovery& recovery);
bool recovery_runs(const state::Overlay& state, const AccountId& account);
// Of the plan's guardians, those who are still open: below `needed` no recovery can succeed
// (G-2.6).
std::uint32_t open_guardians(const state::Overlay& state, const v1::RecoveryPlan& plan);

// Due work, class 0. Total (G-12.3).
void end_recovery(state::Overlay& state, const BlockContext& block, ByteView ref,
                  std::vector<v1::Event>& events);
void change_recovery(state::Overlay& state, const BlockContext& block, ByteView ref,
                     std::vector<v1::Event>& events);

// An account that closes guards itself no longer: takes its plan and a waiting change away.
void forget_plan(state::Overlay& state, v1::Account& account);

void add_broken_recoveries(const state::Overlay& state, std::vector<std::string>& broken);

}  // namespace salus::dao::accounts
