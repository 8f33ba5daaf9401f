// Owns: who gains or loses by an action, whichever module it belongs to (G-7.10). What an action
// names by its id only is looked up, so that nobody votes on the end of his own grant.
#pragma once

#include <vector>

#include "base/ids.h"
#include "dao/batch.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao {

// Payees, grantees, reviewers, budget holders, operators and members concerned by the actions of
// all options, without repetition, ascending.
std::vector<AccountId> interested(
    const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options,
    const state::Overlay& state);

}  // namespace salus::dao
