// Owns: the worker threads of the verify pool.
#include "node/verify_pool.h"

#include <algorithm>
#include <utility>

namespace salus::node {

namespace {

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
    const bool urgent = verification.urgency == replica::Verification::Urgency::Consensus;
    if (!urgent && bulk_.size() >= kBulkMax) return false;
    (urgent ? urgent_ : bulk_).push_back(std::move(verification));
  }
  wake_.notify_one();
  return true;
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
      if (!urgent_.empty()) {
        taken.push_back(std::move(urgent_.front()));
        urgent_.pop_front();
      }
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
    deliver_(std::move(answers));
  }
}

}  // namespace salus::node
