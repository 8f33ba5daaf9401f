// Owns: how far each required chamber is from what the rules ask of it, by the very inequalities
// that decide (governance.md, section 8): the least that would turn each, all else equal. Pure.
#pragma once

#include <string>
#include <vector>

#include "salus/v1/governance_queries.pb.h"

namespace salus::queries {

// `patients`, or `chamber 7` where the export does not name it.
std::string chamber_name(const v1::ProposalExport& facts, std::uint32_t chamber);

// In chamber order, of those that are counted and required; what is summed over chambers has
// chamber 0. None before voting.
std::vector<v1::Threshold> thresholds(const v1::ProposalExport& facts);

}  // namespace salus::queries
