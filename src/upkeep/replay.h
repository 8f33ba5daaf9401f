// Owns: a ledger executed anew from its genesis document, block by block, by the very code that
// nodes run. What it answers owes nothing to results, roots or records that were stored before.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "ledger/ledger.h"
#include "upkeep/folder.h"

namespace salus::upkeep {

// Why a block does not follow.
struct ReplayFault {
  // Of C29; absent when it cannot be executed at all.
  std::optional<ledger::CheckReason> reason;
  std::string sentence;
};

class Replay {
 public:
  // Executes the document into a scratch store in `scratch`. Refused: why the document is none.
  static Result<std::unique_ptr<Replay>, Error> begin(const Path& scratch,
                                                      const std::string& genesis_bytes);

  // Begins with the state after tip.height instead, as `folder` holds it, whose pages then all have
  // that version. Refused as Damaged when those records do not have the root in `tip`.
  static Result<std::unique_ptr<Replay>, Error> begin_at(const Path& scratch,
                                                         const std::string& genesis_bytes,
                                                         const ledger::TipRecord& tip,
                                                         const Store& folder);

  const ChainId& chain_id() const { return ledger_->chain_id(); }
  // After the last block.
  const ledger::Tip& tip() const { return ledger_->finalized(); }
  const Store& store() const { return *store_; }
  // For notes of a comparison, when all is executed.
  Store& store() { return *store_; }
  // The first batch, as genesis made it.
  const StoreBatch& genesis_batch() const { return genesis_batch_; }

  // Judges the block as every validator does (C29), executes it and makes it final. Answers with
  // the batch that a node writes for it.
  Result<StoreBatch, ReplayFault> apply(const Validated<ledger::Block>& block,
                                        ByteView certificate);
  // As a node that keeps the states from `lowest` on.
  Result<void, Error> forget_below(Height lowest);
  // The last block at or below `height` that wrote the state record; nullopt for genesis or none.
  std::optional<Height> writer_of(std::string_view state_key) const;

 private:
  explicit Replay(std::unique_ptr<storage::RocksStore> store) : store_(std::move(store)) {}

  std::unique_ptr<storage::RocksStore> store_;
  StoreBatch genesis_batch_;
  std::optional<ledger::Ledger> ledger_;
};

}  // namespace salus::upkeep
