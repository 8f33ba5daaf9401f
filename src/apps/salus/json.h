// Owns: the one JSON of the programs is the one of upkeep/.
#pragma once

#include "upkeep/json.h"

namespace salus::cli {

using upkeep::Json;
using upkeep::to_json;

}  // namespace salus::cli
