// Owns: finding the end of a numbered list by point reads.
#include "queries/paging.h"

namespace salus::queries {

std::uint64_t last_id(const std::function<bool(std::uint64_t id)>& exists) {
  // `low` exists or is 0, `high` does not.
  std::uint64_t low = 0;
  std::uint64_t high = 1;
  while (high < (std::uint64_t{1} << 62U) && exists(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (exists(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace salus::queries
