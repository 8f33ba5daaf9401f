// Owns: delta debugging: halves, quarters, ... single faults are left out while the run still
// fails.
#include "sim/shrink.h"

#include <algorithm>
#include <vector>

namespace salus::sim {

Shrunk shrink(const Plan& plan, const std::string& invariant, const Judge& broken,
              std::size_t runs_max) {
  // By their places in the whole plan, of which `plan` may be a part.
  const auto places = [&plan](const std::vector<std::size_t>& indices) {
    std::set<std::size_t> out;
    for (const std::size_t i : indices) out.insert(plan.faults[i].place);
    return out;
  };
  Shrunk out;
  std::vector<std::size_t> kept(plan.faults.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i;
  std::size_t chunk = std::max<std::size_t>(1, kept.size() / 2);
  while (!kept.empty() && out.runs < runs_max) {
    bool left_out = false;
    for (std::size_t at = 0; at < kept.size() && out.runs < runs_max;) {
      std::vector<std::size_t> fewer = kept;
      const std::size_t end = std::min(at + chunk, fewer.size());
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at),
                  fewer.begin() + static_cast<std::ptrdiff_t>(end));
      ++out.runs;
      if (broken(only(plan, places(fewer))) == invariant) {
        kept = std::move(fewer);
        left_out = true;
      } else {
        at = end;
      }
    }
    if (chunk == 1 && !left_out) break;
    chunk = std::max<std::size_t>(1, chunk / 2);
  }
  out.kept = places(kept);
  return out;
}

}  // namespace salus::sim
