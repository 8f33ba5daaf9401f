// Owns: a node forgets what its operator does not keep, while it runs and beside everything else:
// off the consensus path, in batches after each of which the ledger is whole, and the disk gets its
// room back.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>

#include "base/ids.h"
#include "ledger/reader.h"
#include "storage/rocks_store.h"
#include "upkeep/archive.h"

namespace salus::node {

// For how many heights below the tip; 0: for ever, and events as long as their blocks.
struct Retention {
  std::uint64_t states = 0;
  std::uint64_t blocks = 0;
  std::uint64_t events = 0;
  // Folder of archive files; empty: none are written.
  storage::Path archive = {};
};

class Pruner {
 public:
  // `store` outlives it.
  Pruner(storage::RocksStore& store, const ChainId& chain_id, const Retention& retention);
  ~Pruner();
  Pruner(const Pruner&) = delete;
  Pruner& operator=(const Pruner&) = delete;

  // The tip is here now. Any thread; returns at once. What is to be forgotten goes in small batches
  // on a thread of its own; a failed write stops the process (S5).
  void consider(Height tip);
  // Waits until what was begun is done; nothing is begun afterwards.
  void finish() { thread_.join(); }

 private:
  // The lowest heights that are to stay.
  struct Goal {
    Height state;
    ledger::Kept chain;
  };

  // How much more than is kept must be there before forgetting begins, so that it is rare.
  bool is_worth_it(std::uint64_t retained, Height lowest, std::uint64_t begun) const;
  void prune(const Goal& goal);
  template <typename PruneSome>
  std::size_t erase_by_batches(const PruneSome& prune_some);
  void prune_states(Height lowest);
  void prune_chain(const ledger::Kept& lowest);
  // Reads every file that is to hold what goes now. The first height that is in none.
  Result<Height, upkeep::Error> check_archive(const Store& store, const ledger::Kept& lowest) const;
  // Writes what is to be pruned to the archive; answers how much of it is there.
  ledger::Kept archive(const ledger::Kept& lowest) const;

  storage::RocksStore& store_;
  ChainId chain_id_;
  Retention retention_;
  // Of the last pruning that was begun.
  std::atomic<std::uint64_t> state_ = 0;
  std::atomic<std::uint64_t> block_ = 0;
  std::atomic<std::uint64_t> results_ = 0;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> stopping_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace salus::node
