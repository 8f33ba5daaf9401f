// Owns: signatures are verified beside the driver's strand, consensus work before everything else
// and by peers in turn, and what waits is bounded: a flood of transactions delays no vote and takes
// no memory, and blocks that a peer sends faster than they are decoded take none either, and delay
// nobody else's votes by more than one of them (consensus.md, section 10).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "replica/verification.h"

namespace salus::node {

class VerifyPool {
 public:
  // Bulk work above these is refused.
  static constexpr std::size_t kBulkMax = 8'192;
  static constexpr std::size_t kBulkBytesMax = std::size_t{64} << 20U;
  // All work of one peer, also that of consensus; a block frame has at most 8 MiB. What is refused
  // is sent or asked for again.
  static constexpr std::size_t kPeerBytesMax = std::size_t{20} << 20U;
  // What each costs beside its bytes.
  static constexpr std::size_t kOrderBytes = 1'024;

  // `deliver` is called on a worker thread with the answers of one or more verifications.
  VerifyPool(std::size_t threads, std::function<void(std::vector<replica::Verified>)> deliver);
  ~VerifyPool();
  VerifyPool(const VerifyPool&) = delete;
  VerifyPool& operator=(const VerifyPool&) = delete;

  // False if too much of its kind waits, or of its peer; the caller says so to whoever asked.
  [[nodiscard]] bool submit(replica::Verification verification);
  // Ends the workers; what waits is dropped.
  void stop();

 private:
  bool has_room(const replica::Verification& verification) const;
  void charge(const replica::Verification& verification);
  void pay_back(const replica::Verification& verification);
  void run();

  std::function<void(std::vector<replica::Verified>)> deliver_;
  std::mutex mutex_;
  std::condition_variable wake_;
  // By whom they are paid for; no entry for a peer of whom none waits.
  std::map<NodeId, std::deque<replica::Verification>> urgent_;
  // Whose turn was the last one.
  NodeId served_;
  std::deque<replica::Verification> bulk_;
  std::size_t bulk_bytes_ = 0;
  // Of what waits or runs; no entry for a peer that has none.
  std::map<NodeId, std::size_t> peer_bytes_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace salus::node
