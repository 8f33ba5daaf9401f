// Owns: the operator's answers as pure functions of one situation (consensus.md, section 12).
#pragma once

#include <string>

#include "replica/situation.h"
#include "rpc/operator_backend.h"
#include "salus/v1/operator_service.pb.h"

namespace salus::rpc {

v1::ConsensusStatusResponse consensus_status(const replica::Situation& situation,
                                             const std::string& node_name);
v1::ConsensusVotesResponse consensus_votes(const replica::Situation& situation);
v1::WhyStalledResponse why_stalled(const replica::Situation& situation);
v1::BackupProgressResponse backup_progress(const BackupStatus& status);

}  // namespace salus::rpc
