// Owns: peers of a joiner by number, for tests.
#pragma once

#include <cstdint>

#include "base/ids.h"

namespace salus::sync {

inline NodeId peer(std::uint8_t number) {
  NodeId id;
  id.bytes[0] = number;
  return id;
}

}  // namespace salus::sync
