// Owns: what a peer can cause is logged at a bounded rate, and what was left out is counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace salus::net {

class WarnGate {
 public:
  using Clock = std::chrono::steady_clock;

  explicit WarnGate(std::chrono::milliseconds every) : every_(every) {}

  // How many were left out before this line, which may be logged; nullopt: leave it out.
  std::optional<std::uint64_t> pass(Clock::time_point now) {
    if (last_ && now - *last_ < every_) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(left_out_, 0);
  }

 private:
  std::chrono::milliseconds every_;
  std::optional<Clock::time_point> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace salus::net
