// Owns: what a code is: 1 to 32 of [a-z0-9-], the only text that the state keeps (G-1.6).
#pragma once

#include <algorithm>
#include <string_view>

namespace salus::dao {

inline bool is_code(std::string_view code) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !code.empty() && code.size() <= 32 && std::ranges::all_of(code, allowed);
}

}  // namespace salus::dao
