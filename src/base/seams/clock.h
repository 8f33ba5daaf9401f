// Owns: the only way time enters the process. The heart never sees a Clock; its driver reads one and
// passes the time in as data. Real: node/; virtual: tests.
#pragma once

#include "base/ids.h"

namespace salus {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back; unrelated to the wall. For timers only.
  virtual MonoMs mono() const = 0;
  // Milliseconds since 1970 UTC as this machine believes.
  virtual WallMs wall() const = 0;
};

}  // namespace salus
