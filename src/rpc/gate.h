// Owns: never more calls of a rate class at once than the access table allows. Beyond it a call is
// refused at once: nothing queues here.
#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <utility>

#include "rpc/access_table.h"

namespace salus::rpc {

class Gate {
 public:
  // A place in the class; it is free again when this goes.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (counter_ != nullptr) counter_->fetch_sub(1);
    }

   private:
    friend Gate;
    explicit Ticket(std::atomic<std::uint32_t>* counter) : counter_(counter) {}
    std::atomic<std::uint32_t>* counter_;
  };

  // nullopt when the class is full. Any thread; the gate outlives its tickets.
  std::optional<Ticket> enter(RateClass rate) {
    auto& counter = counters_[static_cast<std::size_t>(rate)];
    if (counter.fetch_add(1) >= concurrent_max(rate)) {
      counter.fetch_sub(1);
      return std::nullopt;
    }
    return Ticket{&counter};
  }

 private:
  std::array<std::atomic<std::uint32_t>, kRateClasses> counters_{};
};

}  // namespace salus::rpc
