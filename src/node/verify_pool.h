// Owns: signatures are verified beside the driver's strand, consensus work before everything else,
// and what waits is bounded: a flood of transactions delays no vote and takes no memory.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "replica/verification.h"

namespace salus::node {

class VerifyPool {
 public:
  // Bulk work above this is refused; consensus work is bounded by the links' own budgets.
  static constexpr std::size_t kBulkMax = 8'192;

  // `deliver` is called on a worker thread with the answers of one or more verifications.
  VerifyPool(std::size_t threads, std::function<void(std::vector<replica::Verified>)> deliver);
  ~VerifyPool();
  VerifyPool(const VerifyPool&) = delete;
  VerifyPool& operator=(const VerifyPool&) = delete;

  // False if it is bulk work and too much of it waits; the caller says so to whoever asked.
  [[nodiscard]] bool submit(replica::Verification verification);
  // Ends the workers; what waits is dropped.
  void stop();

 private:
  void run();

  std::function<void(std::vector<replica::Verified>)> deliver_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<replica::Verification> urgent_;
  std::deque<replica::Verification> bulk_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace salus::node
