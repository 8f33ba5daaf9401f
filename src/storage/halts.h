// Owns: a halt survives (consensus.md, C19, C31): whatever became of epochs since, a start finds
// the record that says this node contradicted a quorum, or saw one contradict itself, and no folder
// that may hold it is removed before.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "consensus/journal_record.h"
#include "storage/file.h"

namespace salus::storage {

// The latest halt in any epoch's folder below `journal`, also in those that were set aside. What
// damage hides is passed over: what is readable behind it counts. An error is the disk's.
Result<std::optional<consensus::HaltRecord>, IoError> find_halt(const Path& journal,
                                                                const ChainId& chain_id);

// What a start does about other epochs than the present one: looks for a halt, and if there is none
// removes the folders of epochs before `discard_before` (C45). A halted node keeps them all for the
// inquiry.
Result<std::optional<consensus::HaltRecord>, IoError> settle_epochs(
    const Path& journal, const ChainId& chain_id, std::optional<Epoch> discard_before);

}  // namespace salus::storage
