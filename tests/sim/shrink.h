// Owns: the shortest list of faults that still breaks the same invariant, as far as leaving entries
// out can find it.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "sim/plan.h"

namespace salus::sim {

struct Shrunk {
  // Places in the whole plan (Fault::place).
  std::set<std::size_t> kept;
  std::size_t runs = 0;
};

// `broken` plays a plan and answers which invariant it broke, or "".
using Judge = std::function<std::string(const Plan&)>;

// `plan` breaks `invariant`. At most `runs_max` further runs.
Shrunk shrink(const Plan& plan, const std::string& invariant, const Judge& broken,
              std::size_t runs_max);

}  // namespace salus::sim
