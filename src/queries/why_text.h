// Owns: the explanation of a proposal is a pure function of its export (G-13.2): a node, a light
// client and an auditor with a file write the same bytes.
#pragma once

#include "salus/v1/query_service.pb.h"

namespace salus::queries {

v1::WhyResponse explain(const v1::ProposalExport& facts);

}  // namespace salus::queries
