// Owns: a grant as an answer shows it, with its sums and its open joint act.
#pragma once

#include "queries/view.h"
#include "salus/v1/money_queries.pb.h"

namespace salus::queries {

v1::GrantInfo info_of(const View& view, const v1::Grant& grant);

}  // namespace salus::queries
