// Owns: consensus as people read it on a screen; pure, so that tests hold every line.
#pragma once

#include <string>

#include "salus/v1/operator_service.pb.h"

namespace salus::cli {

std::string print(const v1::ConsensusStatusResponse& status);
std::string print(const v1::ConsensusVotesResponse& votes);
std::string print(const v1::WhyStalledResponse& why);

}  // namespace salus::cli
