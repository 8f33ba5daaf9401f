// Owns: amounts as people write them and as the ledger keeps them are the same amount: exact, by
// integers only, or refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace salus::cli {

// `125.50` with 6 decimals is 125500000. nullopt: not a number, more digits than decimals, or over
// 2^64 - 1.
std::optional<std::uint64_t> parse_amount(std::string_view text, std::uint32_t decimals);
// `125.5`: no trailing zeros.
std::string print_amount(std::uint64_t units, std::uint32_t decimals);

}  // namespace salus::cli
