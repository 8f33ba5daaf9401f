// Owns: times and names of enum values as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace salus::cli {

// UTC, to the second; `-` for 0.
std::string print_time(std::uint64_t ms);
// `PROPOSAL_STATE_VOTING` as `voting`.
std::string print_enum(std::string_view name, std::string_view prefix);

}  // namespace salus::cli
