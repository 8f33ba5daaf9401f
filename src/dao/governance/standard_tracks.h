// Owns: the tracks a network starts with unless its genesis says otherwise (section 6, both
// tables), for the chambers patients 1, clinicians 2, researchers 3, institutions 4.
#pragma once

#include <vector>

#include "salus/v1/governance.pb.h"

namespace salus::dao::governance {

// All nine, ascending by id, with the times of a production network.
std::vector<v1::Track> standard_tracks();

}  // namespace salus::dao::governance
