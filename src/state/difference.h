// Owns: where our state and another one part, told by one part of the other at a time. Only parts
// that hash otherwise than ours are looked into, so what it takes grows with the depth of the tree
// and not with the state.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "state/chunk.h"
#include "state/pages.h"

namespace salus::state {

// The first record, in the order of key hashes, that is not the same in both states.
struct RecordDifference {
  std::string key;
  // In the other state; absent: it has no such record.
  std::optional<std::string> theirs;

  bool operator==(const RecordDifference&) const = default;
};

// Nothing, if the part is the same here; or the part below it in which they differ first.
using Difference = std::variant<std::monostate, RecordDifference, Wanted>;

// Between the state of `own` and a part of the other one.
Difference first_difference(const Pages& own, const Chunk& theirs);

}  // namespace salus::state
