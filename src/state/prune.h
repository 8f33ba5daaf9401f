// Owns: how the past is forgotten: the horizon rises first, then what only lower heights need goes,
// a bounded part at a time. Every batch leaves all heights from the horizon on whole, so a crash
// between two batches loses nothing and the next call goes on where the last one ended.
#pragma once

#include <cstddef>

#include "base/ids.h"
#include "base/seams/store.h"

namespace salus::state {

struct Pruning {
  // Empty when there is nothing to do.
  StoreBatch batch;
  // Keys that it erases.
  std::size_t erased = 0;
  // Everything below the horizon is gone once it is written.
  bool done = false;
};

// Forgets the states below `lowest`, which is at most the tip's height; a horizon that is higher
// already stays. Erases about `budget` keys, and no fewer than one list of them. A function of the
// store alone: a snapshot will do, as blocks add nothing that it erases. Pruning batches are
// written in the order in which they were made.
Pruning prune_state(const Store& store, Height lowest, std::size_t budget);

}  // namespace salus::state
