// Owns: how a block changes the state: every transaction, then the due work, then the tree. Equal
// parents and equal blocks give equal outcomes, whoever executes them and when.
#pragma once

#include <map>
#include <optional>

#include "base/ids.h"
#include "dao/error.h"
#include "ledger/block.h"
#include "salus/v1/tx.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"
#include "state/pages.h"

namespace salus::ledger {

// What consensus asks of a block that was executed.
struct BlockOutcome {
  Root state_root;
  Root results_root;
  // It had a transaction or ran a due item (C27c).
  bool active = false;
  // Earliest due item of the state after it (C27).
  std::optional<WallMs> next_due;
  // Of the blocks after it: beyond its own epoch iff it is a boundary block (C40, C41).
  Epoch next_epoch;
  // The next block is the last of its epoch, or a set change waits for blocks only (C27b).
  bool set_change_due = false;
};

// A block's changes over its parent's; points into the parent's overlays.
struct Executed {
  state::Overlay state;
  state::Pages tree;
  BlockOutcome outcome;
  v1::BlockResults results;
  Hash validator_set_hash;
};

// Whether a block at `height` may hold these transactions in this order (decisions.md, "A
// transaction makes its block invalid"). Counts each account's earlier transactions of the same
// block.
class AuthenticityCheck {
 public:
  AuthenticityCheck(const state::Overlay& parent, const ChainId& chain_id, Height height)
      : parent_(parent), chain_id_(chain_id), height_(height) {}

  // Judges the next transaction; one that is refused does not count.
  dao::Outcome admit(const wire::Transaction& transaction);

 private:
  const state::Overlay& parent_;
  ChainId chain_id_;
  Height height_;
  std::map<AccountId, std::uint64_t> earlier_;
};

bool are_authentic(const Block& block, const ChainId& chain_id, const state::Overlay& parent);

// `state` and `tree` (at the block's height) are fresh branches of the parent's. The transactions
// are authentic.
Executed execute_block(const Block& block, const ChainId& chain_id, state::Overlay state,
                       state::Pages tree);

}  // namespace salus::ledger
