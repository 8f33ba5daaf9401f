// Owns: what a receipt of a proposal proves: its record and the tally of every chamber there may
// be, each there or absent, and nothing else. Who makes one and who verifies one use the same list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/table.h"

namespace salus::queries {

// A proposal is counted in at most as many chambers (governance.md, section 1).
inline constexpr std::uint8_t kChambersMax = 8;

// Ascending; the proposal's own record first.
inline std::vector<std::string> receipt_keys(std::uint64_t proposal) {
  std::vector<std::string> keys{state::Key{state::Table::Proposals}.u64(proposal).str()};
  for (std::uint8_t chamber = 1; chamber <= kChambersMax; ++chamber) {
    keys.push_back(state::Key{state::Table::Tallies}.u64(proposal).u8(chamber).str());
  }
  return keys;
}

}  // namespace salus::queries
