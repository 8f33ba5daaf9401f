// Owns: times and spans as people write them, read exactly or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace salus::cli {

// `90d`, `36h`, `10m`, `45s`, `250ms`; a bare number is milliseconds. nullopt: anything else, or
// more than 2^64 - 1 ms.
std::optional<std::uint64_t> parse_span(std::string_view text);

// UTC: `2027-01-31`, `2027-01-31 12:00`, `2027-01-31T12:00:30`; `+30d` counts from `now_ms`; a bare
// number is milliseconds since 1970. nullopt: anything else, or a day that no calendar has.
std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ms);

}  // namespace salus::cli
