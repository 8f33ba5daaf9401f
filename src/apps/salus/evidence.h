// Owns: what of the equivocations that a node saw is still to be told to the chain (consensus.md,
// section 10): one report a validator and epoch, and none that is on record.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/operator_service.pb.h"

namespace salus::cli {

// Who signed a vote as on the wire; nullopt if that cannot be.
std::optional<ValidatorIndex> signer_of(std::string_view vote);

// In the order in which they were seen. `is_on_record` says it of a signer in an epoch.
std::vector<v1::Action> reports_of(
    const v1::ConsensusStatusResponse& status,
    const std::function<bool(std::uint64_t epoch, ValidatorIndex signer)>& is_on_record);

}  // namespace salus::cli
