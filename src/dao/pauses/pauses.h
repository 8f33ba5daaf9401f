// Owns: what acts at once can only stop things, and only for a while (governance.md, section 11).
// Sentinels together pause action types; each spends the one charge he holds, and only a vote gives
// it back. What protects members (keys, votes, leaving, claims) can never be paused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/constitution.pb.h"
#include "state/overlay.h"

namespace salus::dao::pauses {

inline constexpr int kTypesMax = 8;
inline constexpr std::uint64_t kPauseMsMax = 7 * 86'400'000ULL;
// The same type again sooner needs charges that were renewed since (G-11.2).
inline constexpr std::uint64_t kAgainMs = 30 * 86'400'000ULL;

// Number of an action in Action.kind; of a wire, so it may name none.
using Type = std::uint32_t;

// Whether a pause may ever stop it (G-11.3); compiled in.
bool is_pausable(Type type);

// Until when `type` is stopped as of `now_ms`; nothing if it is not (G-1.1: half-open).
std::optional<std::uint64_t> paused_until(const state::Overlay& state, Type type,
                                          std::uint64_t now_ms);
inline bool is_paused(const state::Overlay& state, Type type, std::uint64_t now_ms) {
  return paused_until(state, type, now_ms).has_value();
}

// TooManyTypes, NotPausable, Limit.
Outcome check(const v1::Pause& action);
// A joint act of governance.pause_needed sentinels who hold a charge: NotAuthorized, NoCharge,
// PauseTooLong, and those of acts::sign.
Outcome apply(const v1::Pause& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::EndPause& action);
// PauseUnknown when it has ended by itself.
Outcome apply(const v1::EndPause& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::RenewCharges& action, ActionContext& context, state::Overlay& state);

// Whether a sentinel holds his charge; says nothing of whether the account is one.
bool has_charge(const state::Overlay& state, const AccountId& account);
v1::ChargeClock charge_clock(const state::Overlay& state);
std::optional<v1::Sentinel> find_spent(const state::Overlay& state, const AccountId& account);
std::optional<v1::PauseRecord> find_pause(const state::Overlay& state, std::uint64_t id);
std::optional<v1::PausedType> find_paused_type(const state::Overlay& state, Type type);
// The last id that was given; 0 = none.
std::uint64_t last_pause(const state::Overlay& state);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::pauses
