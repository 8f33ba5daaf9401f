// Owns: where the records of the module stand, and the few ways in which they change together: a
// set change enters and leaves the queue here only, and the states of those it names follow it
// (G-10, "States"). The inner header of this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "dao/validators/validators.h"
#include "state/record.h"

namespace salus::dao::validators {

using Events = std::vector<v1::Event>;

// Of a record of our own.
AccountId id_of(std::string_view operator_account);

void put_validator(state::Overlay& state, const v1::Validator& validator);
void put_liveness(state::Overlay& state, const AccountId& operator_account,
                  const v1::ValidatorLiveness& liveness);
void erase_liveness(state::Overlay& state, const AccountId& operator_account);

// A key is claimed once and for ever (KeyReused).
bool is_key_used(const state::Overlay& state, std::string_view key);
void claim_keys(state::Overlay& state, const v1::ValidatorInfo& info);
// A name belongs to its first operator.
bool is_name(std::string_view name);
std::optional<AccountId> owner_of_name(const state::Overlay& state, std::string_view name);
void claim_name(state::Overlay& state, const v1::ValidatorInfo& info);

void put_current_set(state::Overlay& state, const v1::ValidatorSet& set);
void put_pending_set(state::Overlay& state, const v1::ValidatorSet& set);
void erase_pending_set(state::Overlay& state);
void put_past_set(state::Overlay& state, const v1::ValidatorSet& set);
// What a new change is judged against: the pending set where there is one, else the current one.
v1::ValidatorSet coming_set(const state::Overlay& state);

void put_queue(state::Overlay& state, const v1::SetChangeQueue& queue);
bool is_full(const v1::SetChangeQueue& queue);
// The waiting change that names the operator; null without one.
const v1::SetChange* change_of(const v1::SetChangeQueue& queue, const AccountId& operator_account);
bool removes(const v1::SetChange& change, const AccountId& operator_account);
// The validator key of the operator's open rekey, waiting or pending; nullopt without one.
std::optional<std::string> key_to_come(const state::Overlay& state, const v1::Validator& validator);

// Gives the change its number and height, appends it, and moves those it names: nominees are
// QUEUED, members LEAVING. The queue has room.
void enqueue(state::Overlay& state, const BlockContext& block, v1::SetChange change,
             Events& events);
// Takes a change that waits out of the queue and moves those it names back; what new keys showed
// goes with it.
void dequeue(state::Overlay& state, std::uint64_t id, Events& events);

// Binds the operator's account and membership as long as it has a nominee or a validator.
void bind_operator(state::Overlay& state, const AccountId& operator_account);
void release_operator(state::Overlay& state, const AccountId& operator_account);

inline constexpr std::uint32_t kOldKeysMax = 8;
inline constexpr int kQueueMax = 16;
inline constexpr int kNamesOfChangeMax = 8;

}  // namespace salus::dao::validators
