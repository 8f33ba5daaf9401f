// Owns: the order of leaving and the choice of what is lost.
#include "net/outbox.h"

#include <utility>

#include "net/frame.h"

namespace salus::net {

SendClass send_class(FrameType type) {
  switch (type) {
    case FrameType::Vote:
    case FrameType::Certificate:
    case FrameType::Status:
      return SendClass::Consensus;
    case FrameType::Block:
    case FrameType::Fetch:
    case FrameType::Answer:
      return SendClass::Bulk;
    case FrameType::Transaction:
      return SendClass::Transaction;
  }
  return SendClass::Transaction;
}

bool Outbox::Queue::fits(std::size_t size) const {
  return frames.size() < frames_max && bytes + size <= bytes_max;
}

void Outbox::Queue::pop() {
  bytes -= frames.front()->size();
  frames.pop_front();
}

Outbox::Outbox(const NetLimits& limits) {
  queues_[0].frames_max = limits.consensus_queue_frames_max;
  queues_[0].bytes_max = limits.consensus_queue_bytes_max;
  queues_[1].frames_max = limits.bulk_queue_frames_max;
  queues_[1].bytes_max = limits.bulk_queue_bytes_max;
  queues_[2].frames_max = limits.transaction_queue_frames_max;
  queues_[2].bytes_max = limits.transaction_queue_bytes_max;
  queues_[2].newest_wins = false;
}

bool Outbox::push(FrameType type, EncodedFrame frame) {
  const std::lock_guard lock{mutex_};
  if (shut_) return false;

  Queue& queue = queues_[static_cast<std::size_t>(send_class(type))];
  while (queue.newest_wins && !queue.frames.empty() && !queue.fits(frame->size())) {
    queue.pop();
    ++queue.dropped;
  }
  if (!queue.fits(frame->size())) {
    ++queue.dropped;
    return false;
  }
  queue.bytes += frame->size();
  queue.frames.push_back(std::move(frame));
  return !std::exchange(awake_, true);
}

std::size_t Outbox::take(std::size_t bytes, Bytes& out) {
  const std::lock_guard lock{mutex_};
  std::size_t taken = 0;
  for (Queue& queue : queues_) {
    while (!queue.frames.empty() && out.size() < bytes) {
      const Bytes& frame = *queue.frames.front();
      out.insert(out.end(), frame.begin(), frame.end());
      queue.pop();
      ++taken;
    }
  }
  // Whoever has something to write comes back after it; only an empty hand sleeps.
  awake_ = !out.empty();
  return taken;
}

void Outbox::shut() {
  const std::lock_guard lock{mutex_};
  shut_ = true;
  for (Queue& queue : queues_) {
    queue.frames.clear();
    queue.bytes = 0;
  }
}

std::array<std::uint64_t, kSendClasses> Outbox::dropped() const {
  const std::lock_guard lock{mutex_};
  return {queues_[0].dropped, queues_[1].dropped, queues_[2].dropped};
}

std::size_t Outbox::queued_bytes() const {
  const std::lock_guard lock{mutex_};
  return queues_[0].bytes + queues_[1].bytes + queues_[2].bytes;
}

}  // namespace salus::net
