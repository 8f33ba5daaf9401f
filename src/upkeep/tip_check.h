// Owns: the tip of a ledger is what a quorum of its epoch's validators finalized, and the tree that
// lies there has the root that the tip names. Trusts the genesis document in it. Cheap: of the
// state it looks at the tree's first page only; verify.h looks at all of it.
#pragma once

#include <optional>
#include <string>

#include "base/seams/store.h"

namespace salus::upkeep {

// What is wrong with it; nullopt: nothing.
std::optional<std::string> find_tip_flaw(const Store& store);

}  // namespace salus::upkeep
