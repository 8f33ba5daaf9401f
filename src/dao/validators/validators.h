// Owns: who the validators are: the set of this epoch and of the next, those who wait to join or to
// leave, and the proofs of their presence. No change of the set costs the chain its quorum (G-10.3,
// G-10.4), and every node takes each change at the same block (C39 to C41).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"

namespace salus::dao::validators {

inline constexpr int kValidatorsMax = 128;
// Sets that the state keeps, the current one among them (consensus.md, section 10).
inline constexpr std::uint64_t kSetsKept = 8;
// G-1.2: a limit may be used up.
inline constexpr std::uint64_t kEvidenceHeightsMax = 100'000;
inline constexpr std::uint64_t kReseatHeights = 10'000;

// Whose set stands in headers. Its epoch grows at the boundary (C41).
v1::ValidatorSet current_set(const state::Overlay& state);
// The set of the next epoch: the next block is the last of this one (C40).
std::optional<v1::ValidatorSet> pending_set(const state::Overlay& state);
// Of the current epoch and the 7 before.
std::optional<v1::ValidatorSet> set_of_epoch(const state::Overlay& state, Epoch epoch);
// C27 (b): a set is pending, or a change waits only for its turn or for `epoch_blocks_min`.
bool set_change_waits(const state::Overlay& state);

std::optional<v1::Validator> find_validator(const state::Overlay& state,
                                            const AccountId& operator_account);
std::optional<v1::ValidatorLiveness> find_liveness(const state::Overlay& state,
                                                   const AccountId& operator_account);
v1::SetChangeQueue set_changes(const state::Overlay& state);
std::optional<v1::Equivocation> find_equivocation(const state::Overlay& state, Epoch epoch,
                                                  const AccountId& operator_account);

// Nominees and presence (nominees.cc).
Outcome check(const v1::RegisterNominee& action);
Outcome apply(const v1::RegisterNominee& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::ProveReady& action);
Outcome apply(const v1::ProveReady& action, ActionContext& context, state::Overlay& state);

// Changes of the set (changes.cc).
Outcome check(const v1::Rekey& action);
Outcome apply(const v1::Rekey& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Leave& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::ChangeSet& action);
// What can be known before anybody votes on it (G-10.3): the same refusals as at execution.
Outcome check_proposed(const v1::ChangeSet& action, const state::Overlay& state);
Outcome apply(const v1::ChangeSet& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::WithdrawChange& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Reseat& action);
Outcome apply(const v1::Reseat& action, ActionContext& context, state::Overlay& state);

// Evidence (evidence.cc).
Outcome check(const v1::ReportEquivocation& action);
Outcome apply(const v1::ReportEquivocation& action, ActionContext& context, state::Overlay& state);

// What the keys sign (docs/formats.md): each with its own tag and the chain.
Bytes key_proof(const ChainId& chain_id, const AccountId& operator_account,
                std::string_view validator_key, std::string_view node_key);
Bytes ready_proof(const ChainId& chain_id, std::uint64_t height, std::string_view digest);
Bytes reseat_proof(const ChainId& chain_id, std::string_view nonce);

// Notes who built the block and which block it follows. Bookkeeping: it makes no block active
// (C27c).
void record_block(state::Overlay& state, const BlockContext& block);
// The last step of a block (sets.cc), C39 to C41: the boundary, or else the oldest waiting change
// that passes becomes pending. Total. True if either happened.
bool turn_sets(state::Overlay& state, const BlockContext& block, std::vector<v1::Event>& events);

// Genesis: `ids` are those of the document's accounts. The reason otherwise: unknown operators,
// keys, names or operators that are not distinct, sizes out of the constitution's bounds.
Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const std::vector<AccountId>& ids, state::Overlay& state);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::validators
