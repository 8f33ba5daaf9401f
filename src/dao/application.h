// Owns: the application as the ledger sees it: genesis, transactions, the end of a block.
// Everything behind it is deterministic: equal state and equal input give equal state, results and
// events.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/tx.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"

namespace salus::dao {

// Why a genesis document is refused, with the place in the document.
struct GenesisError {
  std::string reason;
};

// Writes the genesis state (G-1.7). Accounts get their ids from `chain_id` (decisions.md).
Result<void, GenesisError> apply_genesis(const v1::GenesisDocument& document,
                                         const ChainId& chain_id, state::Overlay& state);

// The stateless limits of every action of a body (H-0.2): list lengths, key and hash sizes, enum
// values, proposals that nest at most one level deep. Unknown fields were refused by wire/ before.
Outcome check(const v1::TxBody& body);

// The parts of a transaction's validity that make a *block* invalid (decisions.md): the account
// exists, holds every signing key, and `sequence` is its next one. Signatures were verified before.
// Admission asks it with `window` = accounts.window (G-2.3); a block with window 1.
Outcome check_authentic(const state::Overlay& state, const v1::TxBody& body,
                        const std::vector<PublicKey>& signers, Height height, std::uint64_t window);

// Executes an authentic transaction: consumes its sequence, then applies all actions or none.
v1::TxResult execute(const BlockContext& block, const TxId& id, const v1::TxBody& body,
                     const std::vector<PublicKey>& signers, state::Overlay& state);

// Time-driven work after the last transaction (G-12). Total: it cannot fail. `active` is set when
// it changed anything (C27c: bookkeeping of liveness does not count).
struct EndOfBlock {
  std::vector<v1::Event> events;
  bool active = false;
};
EndOfBlock end_block(const BlockContext& block, state::Overlay& state);

// Facts that ledger and consensus read from state.
// The set after this state's block; its epoch grows at the boundary (C41).
v1::ValidatorSet validator_set(const state::Overlay& state);
// The next epoch's set: the next block is the last of its epoch iff there is one (C40).
std::optional<v1::ValidatorSet> pending_set(const state::Overlay& state);
// Of the present epoch and the 7 before, for evidence.
std::optional<v1::ValidatorSet> set_of_epoch(const state::Overlay& state, Epoch epoch);
// C27 (b): a set is pending, or a change waits only for its turn or for the epoch's least length.
bool set_change_waits(const state::Overlay& state);
// Of the next block (G-10.7): a node that does not know it stops before that block.
std::uint32_t protocol_version(const state::Overlay& state);
// What an operator has to install, and by which height.
struct UpgradeNotice {
  std::uint32_t version = 0;
  Hash manifest_hash;
  // First height that may speak it; of an active one, the first that does.
  Height from_height;
};
// The upgrade that is scheduled; nothing without one.
std::optional<UpgradeNotice> coming_upgrade(const state::Overlay& state);
// The one that brought the active version; nothing while that is the first.
std::optional<UpgradeNotice> active_upgrade(const state::Overlay& state);
v1::GenesisClass genesis_class(const state::Overlay& state);
// A parameter of the constitution by name, e.g. `consensus.delta_ms`; asserts that the name exists.
std::uint64_t parameter(const state::Overlay& state, std::string_view name);
// Earliest due item (C27), ms since 1970.
std::optional<std::uint64_t> next_due_ms(const state::Overlay& state);

// Queries: what the batch would do if executed now (G-13.3); nothing is kept.
struct Simulation {
  // Of each action, which sees what those before it changed.
  std::vector<Outcome> actions;
  // Whether the batch as a whole would fit into the spending window of its track (G-6.6).
  Outcome batch;
  // What the actions that apply change, by ascending key.
  struct Change {
    std::string key;
    std::optional<std::string> before;
    std::optional<std::string> after;
  };
  std::vector<Change> changes;
};
// `window_track`: the one whose spending window the batch is charged to (G-6.6).
Simulation simulate_as_dao(const BlockContext& block, const std::vector<v1::Action>& actions,
                           std::uint32_t window_track, const state::Overlay& state);

// The lead track's code and the deposit of a yes-no proposal of this batch, if it was submitted
// now (G-7.2). The error it would be refused with otherwise.
struct SubmissionTerms {
  std::string lead;
  std::uint64_t deposit = 0;
};
Result<SubmissionTerms, Error> submission_terms(const ChainId& chain_id,
                                                const std::vector<v1::Action>& actions,
                                                const state::Overlay& state);

// Every invariant of the modules (marked **inv** in governance.md) on the whole state; the
// sentences of those that do not hold. For tests and `salus ledger verify`, never for execution: it
// iterates.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao
