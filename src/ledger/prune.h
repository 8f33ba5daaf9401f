// Owns: how blocks, results and events are forgotten: whole heights from below, each in one batch
// with the note of what is still here, so that a crash between two batches leaves a ledger that is
// merely shorter. The epochs' ends stay (ledger/keys.h, `f`): receipts of what is kept, and light
// clients, are led from genesis by them. Nothing that execution or consensus reads is erased.
#pragma once

#include <cstddef>

#include "base/ids.h"
#include "base/seams/store.h"
#include "ledger/reader.h"

namespace salus::ledger {

struct ChainPruning {
  // Empty when there is nothing to do.
  StoreBatch batch;
  // Keys that it erases.
  std::size_t erased = 0;
  // Everything below is gone once it is written.
  bool done = false;
};

// Forgets blocks with their results, certificates and indexes below `lowest.block`, and results
// with their events below `lowest.results`. What is lower already stays so; the tip's block always
// stays. Erases about `budget` keys, and no less than one height. A function of the store alone: a
// snapshot will do, as blocks add nothing that it erases. Batches are written in the order in which
// they were made.
ChainPruning prune_chain(const Store& store, const Kept& lowest, std::size_t budget);

}  // namespace salus::ledger
