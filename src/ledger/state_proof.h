// Owns: how a node makes a proof of records: claims and nodes together (verified by inclusion.h).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "salus/v1/proof.pb.h"
#include "state/pages.h"
#include "state/proof.h"

namespace salus::ledger {

using ReadRecord = std::function<std::optional<std::string>(std::string_view key)>;

// Of the state at the version of `pages`, which `read` reads. Keys: 1 to 256, distinct, ascending.
Result<v1::StateProof, state::ProofError> prove_state(const state::Pages& pages,
                                                      const ReadRecord& read,
                                                      std::span<const std::string> keys);
}  // namespace salus::ledger
