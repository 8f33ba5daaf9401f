// Owns: the protocol version changes by vote and by readiness together (G-10.7 to G-10.11): the DAO
// schedules, the operators say that their nodes know it, and it becomes active at the end of a
// block in its window at which enough of them do. It never falls.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"

namespace salus::dao::validators {

// A chain begins in it.
inline constexpr std::uint32_t kFirstProtocolVersion = 1;

// How ready a set is: `ready` of `n` signalled, `need` would do.
struct Readiness {
  std::uint64_t n = 0;
  std::uint64_t ready = 0;
  std::uint64_t need = 0;
};
// max(q(n), ceil(ready_bp * n / 10000)) (G-8.20).
std::uint64_t ready_need(std::uint64_t n, std::uint64_t ready_bp);

// G-10.8, arithmetic only.
struct UpgradeInput {
  std::uint64_t height = 0;
  std::uint64_t from_height = 0;
  std::uint64_t until_height = 0;
  Readiness current;
  std::optional<Readiness> pending;
};
bool becomes_active(const UpgradeInput& input);

// Of the next block: the active version in the state after its parent (G-10.7).
std::uint32_t protocol_version(const state::Overlay& state);
std::optional<v1::Upgrade> find_upgrade(const state::Overlay& state, std::uint32_t version);
// The one that waits; nothing without one.
std::optional<v1::Upgrade> scheduled_upgrade(const state::Overlay& state);
// The one that brought the active version; nothing while that is the first.
std::optional<v1::Upgrade> active_upgrade(const state::Overlay& state);
std::optional<v1::ReadySignal> find_ready_signal(const state::Overlay& state,
                                                 const AccountId& operator_account);
// Whether a signal is one for this very upgrade (G-10.8); its version may have been scheduled
// before, with another manifest.
bool answers(const v1::ReadySignal& signal, const v1::Upgrade& upgrade);
Readiness readiness(const state::Overlay& state, const v1::ValidatorSet& set,
                    const v1::Upgrade& upgrade);

Outcome check(const v1::ScheduleUpgrade& action);
// What can be known before anybody votes on it.
Outcome check_proposed(const v1::ScheduleUpgrade& action, const state::Overlay& state);
// By the DAO: VersionNotNewer, UpgradeExists, UpgradeTooSoon.
Outcome apply(const v1::ScheduleUpgrade& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::CancelUpgrade& action);
Outcome apply(const v1::CancelUpgrade& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SignalReady& action);
// By the operator of a validator or a nominee: ValidatorUnknown, UpgradeUnknown.
Outcome apply(const v1::SignalReady& action, ActionContext& context, state::Overlay& state);

// After the sets of a block have turned: the scheduled upgrade becomes active, expires or waits.
// Total. True if it did either.
bool turn_upgrade(state::Overlay& state, const BlockContext& block, std::vector<v1::Event>& events);

std::vector<std::string> broken_upgrade_invariants(const state::Overlay& state);

}  // namespace salus::dao::validators
