// Owns: the real Clock, the only place in the node where the machine's time is read.
#pragma once

#include <chrono>

#include "base/seams/clock.h"

namespace salus::node {

class SystemClock final : public Clock {
 public:
  MonoMs mono() const override { return MonoMs{ms(std::chrono::steady_clock::now())}; }
  WallMs wall() const override { return WallMs{ms(std::chrono::system_clock::now())}; }

 private:
  template <typename TimePoint>
  static std::uint64_t ms(TimePoint at) {
    using std::chrono::duration_cast, std::chrono::milliseconds;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(at.time_since_epoch()).count());
  }
};

}  // namespace salus::node
