// Owns: which keys of the store hold state, and how they sort. The ledger's other keys have other
// first letters (ledger/keys.h); integers are big-endian, so that keys of one kind sort by number
// (docs/formats.md, "State in the store").
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"

namespace salus::state {

inline constexpr std::string_view kStatePrefix = "s";    // state key -> record, of the tip
inline constexpr std::string_view kPagePrefix = "n";     // version, path -> Page
inline constexpr std::string_view kHistoryPrefix = "h";  // state key, height -> what it was before
inline constexpr std::string_view kStalePrefix = "q";  // height, number -> what stopped being true
inline constexpr std::string_view kHorizonKey = "l";   // -> Horizon (state/horizon.h)

// Longest state key; our own tables stay far below.
inline constexpr std::size_t kKeyBytesMax = 512;

// h | the key, 00 as 00 01, then 00 00 | height u64: sorts by key, then by height, and no key's
// entries lie among another's.
std::string history_prefix(std::string_view key);
std::string history_key(std::string_view key, Height height);
// q | height u64 | number u32.
std::string stale_key(Height height, std::uint32_t number);

}  // namespace salus::state
