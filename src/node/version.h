// Owns: what this build calls itself.
#pragma once

namespace salus::node {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace salus::node
