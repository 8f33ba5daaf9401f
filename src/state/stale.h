// Owns: what became stale at a height: the pages that its block replaced and the entries of the
// history that it made, as keys of the store, in lists short enough to be worked through one by
// one. They may go when no height below that one is to be read any more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace salus::state {

// Keys in one list.
inline constexpr std::size_t kStaleKeysMax = 256;

// count u16 | count x (length u16 | key).
std::string encode_stale(const std::vector<std::string>& keys);
// Our own: another form is corruption and stops the process.
std::vector<std::string> decode_stale(std::string_view bytes);

}  // namespace salus::state
