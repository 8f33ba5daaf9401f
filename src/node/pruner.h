// Owns: a node forgets what its operator does not keep, while it runs and beside everything else.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>

#include "base/ids.h"
#include "storage/rocks_store.h"

namespace salus::node {

class Pruner {
 public:
  // Keeps the states of this many heights below the tip; 0: all. `store` outlives it.
  Pruner(storage::RocksStore& store, std::uint64_t retained_states)
      : store_(store), retained_states_(retained_states) {}
  ~Pruner();
  Pruner(const Pruner&) = delete;
  Pruner& operator=(const Pruner&) = delete;

  // The tip is here now. Any thread; returns at once. What is to be forgotten goes in small batches
  // on a thread of its own; a failed write stops the process (S5).
  void consider(Height tip);

 private:
  void prune(Height lowest);

  storage::RocksStore& store_;
  std::uint64_t retained_states_;
  // Of the last pruning that was begun.
  std::atomic<std::uint64_t> lowest_ = 0;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> stopping_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace salus::node
