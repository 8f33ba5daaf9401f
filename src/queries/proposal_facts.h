// Owns: one reading of a proposal with all that its verdict is computed from, for every query that
// explains it.
#pragma once

#include "queries/view.h"
#include "salus/v1/governance_queries.pb.h"

namespace salus::queries {

// ProposalUnknown.
Answer<v1::ProposalExport> facts_of(const View& view, std::uint64_t id);

}  // namespace salus::queries
