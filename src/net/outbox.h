// Owns: what waits for one peer's socket is bounded, and consensus overtakes the rest. A full class
// loses frames, counted, and never makes the sender wait (base/seams/transport.h).
// Thread-safe: the driver's strand fills it, the link's strand empties it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/seams/transport.h"
#include "net/config.h"

namespace salus::net {

// In the order in which they leave.
enum class SendClass : std::uint8_t { Consensus, Bulk, Transaction };
inline constexpr std::size_t kSendClasses = 3;
SendClass send_class(FrameType type);

// Header and payload. Shared: a broadcast waits in every peer's queue and is kept once.
using EncodedFrame = std::shared_ptr<const Bytes>;

class Outbox {
 public:
  explicit Outbox(const NetLimits& limits);

  // True if the reader has to be woken: it found nothing last time and was not woken since.
  bool push(FrameType type, EncodedFrame frame);

  // Appends frames to `out` until it has at least `bytes` or nothing waits; returns how many. The
  // last one may exceed `bytes`: it is then alone or at the end.
  std::size_t take(std::size_t bytes, Bytes& out);

  // Forgets what waits and everything that comes.
  void shut();

  std::array<std::uint64_t, kSendClasses> dropped() const;
  std::size_t queued_bytes() const;

 private:
  struct Queue {
    std::deque<EncodedFrame> frames;
    std::size_t bytes = 0;
    std::size_t frames_max = 0;
    std::size_t bytes_max = 0;
    std::uint64_t dropped = 0;
    // Full: forget the oldest, else refuse the newest.
    bool newest_wins = true;

    bool fits(std::size_t size) const;
    void pop();
  };

  mutable std::mutex mutex_;
  std::array<Queue, kSendClasses> queues_;
  bool awake_ = false;
  bool shut_ = false;
};

}  // namespace salus::net
