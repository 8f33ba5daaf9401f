// Owns: a node with an empty ledger that starts from a snapshot of its peers instead of from block
// 1 (sync/snapshot_join.h). It runs before the node proper does: links only, no votes and no
// clients.
#pragma once

#include "node/config.h"
#include "node/start.h"

namespace salus::node {

// Returns once the ledger stands at a snapshot, or at once where it is beyond genesis already.
// False: a signal asked the node to end, and the next start goes on from here.
Result<bool, StartError> join_by_snapshot(const Config& config);

}  // namespace salus::node
