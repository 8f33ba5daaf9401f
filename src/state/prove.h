// Owns: proofs as made by a node (verified by state/proof.h).
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "state/pages.h"
#include "state/proof.h"

namespace salus::state {

// The nodes that prove what the state at the version of `pages` holds at `keys`, which are
// distinct, ascending, and within the caps of verify(); what they hold is read beside it (StateAt).
Result<Bytes, ProofError> prove(const Pages& pages, std::span<const std::string> keys);

}  // namespace salus::state
