// Owns: the worker threads of the verify pool.
#include "node/verify_pool.h"

#include <algorithm>
#include <utility>

#include "node/turns.h"

namespace salus::node {

namespace {

bool is_bulk(const replica::Verification& verification) {
  return verification.urgency == replica::Verification::Urgency::Bulk;
}

std::size_t cost_of(const replica::Verification& verification) {
  return verification.bytes + VerifyPool::kOrderBytes;
}

// Answers that a worker gathers before it wakes the strand, when more of the same kind waits.
constexpr std::size_t kBulkAtOnce = 32;

}  // namespace

VerifyPool::VerifyPool(std::size_t threads,
                       std::function<void(std::vector<replica::Verified>)> deliver)
    : deliver_(std::move(deliver)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

VerifyPool::~VerifyPool() { stop(); }

bool VerifyPool::submit(replica::Verification verification) {
  {
    const std::lock_guard lock{mutex_};
    if (!has_room(verification)) return false;
    charge(verification);
    auto& queue = is_bulk(verification) ? bulk_ : urgent_[verification.from.value_or(NodeId{})];
    queue.push_back(std::move(verification));
  }
  wake_.notify_one();
  return true;
}

bool VerifyPool::has_room(const replica::Verification& verification) const {
  const std::size_t cost = cost_of(verification);
  if (is_bulk(verification) && (bulk_.size() >= kBulkMax || bulk_bytes_ + cost > kBulkBytesMax)) {
    return false;
  }
  if (!verification.from) return true;
  const auto held = peer_bytes_.find(*verification.from);
  return held == peer_bytes_.end() || held->second + cost <= kPeerBytesMax;
}

void VerifyPool::charge(const replica::Verification& verification) {
  if (is_bulk(verification)) bulk_bytes_ += cost_of(verification);
  if (verification.from) peer_bytes_[*verification.from] += cost_of(verification);
}

void VerifyPool::pay_back(const replica::Verification& verification) {
  if (is_bulk(verification)) bulk_bytes_ -= cost_of(verification);
  if (!verification.from) return;
  const auto held = peer_bytes_.find(*verification.from);
  held->second -= cost_of(verification);
  if (held->second == 0) peer_bytes_.erase(held);
}

void VerifyPool::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void VerifyPool::run() {
  for (;;) {
    std::vector<replica::Verification> taken;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !bulk_.empty(); });
      if (stopping_) return;
      if (!urgent_.empty()) taken.push_back(take_by_turns(urgent_, served_));
      // An urgent answer waits for nothing else.
      const bool urgent = !taken.empty();
      while (!urgent && taken.size() < kBulkAtOnce && !bulk_.empty()) {
        taken.push_back(std::move(bulk_.front()));
        bulk_.pop_front();
        // One at a time while little waits: latency before thrift.
        if (bulk_.size() < kBulkAtOnce) break;
      }
    }
    std::vector<replica::Verified> answers;
    answers.reserve(taken.size());
    for (replica::Verification& verification : taken) answers.push_back(verification.run());
    {
      const std::lock_guard lock{mutex_};
      for (const replica::Verification& verification : taken) pay_back(verification);
    }
    deliver_(std::move(answers));
  }
}

}  // namespace salus::node
