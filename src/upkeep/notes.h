// Owns: what the ledger of a folder can hold besides what follows from its blocks: a node's own
// notes. Where they say what a block says too, they say the same.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/seams/store.h"
#include "upkeep/compare.h"

namespace salus::upkeep {

bool is_own_note(std::string_view key);
// The first note that says something else than the records of how epochs ended, which were checked
// before, or has another form; `current` is the tip's epoch. From the first height that is noted on
// none may be missing: a node that joined later has none of the epochs before.
std::optional<EntryDifference> find_wrong_note(const Store& store, Epoch current);

}  // namespace salus::upkeep
