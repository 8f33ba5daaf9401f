// Owns: the stored validator set of the present epoch and the presence of its members (G-10.2,
// G-10.5). Changes of the set come with a later release; until then genesis's set stands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/context.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"

namespace salus::dao::validators {

inline constexpr int kValidatorsMax = 128;

v1::ValidatorSet current_set(const state::Overlay& state);
std::optional<v1::ValidatorLiveness> find_liveness(const state::Overlay& state,
                                                   const AccountId& operator_account);

// Notes who built the block. Bookkeeping: it makes no block active (C27c).
void record_proposal(state::Overlay& state, const BlockContext& block);

// Genesis: `ids` are those of the document's accounts. The reason otherwise: unknown operators,
// keys, names or operators that are not distinct, sizes out of the constitution's bounds.
Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const std::vector<AccountId>& ids, state::Overlay& state);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::validators
