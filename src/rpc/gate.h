// Owns: never more calls of a rate class at once than the access table allows. Beyond it a call is
// refused at once: nothing queues here.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "rpc/access_table.h"

namespace salus::rpc {

class Gate {
 public:
  // A place in the class; it is free again when this goes, which may be after the gate.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : counter_(std::move(other.counter_)) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (counter_ != nullptr) counter_->fetch_sub(1);
    }

   private:
    friend Gate;
    explicit Ticket(std::shared_ptr<std::atomic<std::uint32_t>> counter)
        : counter_(std::move(counter)) {}
    std::shared_ptr<std::atomic<std::uint32_t>> counter_;
  };

  // nullopt when the class is full. Any thread.
  std::optional<Ticket> enter(RateClass rate) {
    std::atomic<std::uint32_t>& counter = (*counters_)[static_cast<std::size_t>(rate)];
    if (counter.fetch_add(1) >= concurrent_max(rate)) {
      counter.fetch_sub(1);
      return std::nullopt;
    }
    return Ticket{{counters_, &counter}};
  }

 private:
  using Counters = std::array<std::atomic<std::uint32_t>, kRateClasses>;

  // Shared with the tickets: a submission that its client gave up keeps its place until the node
  // drops it, and the node may do that after the server is gone.
  std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
};

}  // namespace salus::rpc
