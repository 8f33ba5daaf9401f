// Owns: what a block costs the authenticated state, by the size of the state: tree update and
// commit of the same number of changed keys, and proofs, on RocksDB with a warm cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_network.h"

namespace salus::bench {

struct StateOptions {
  // Sizes 10^4 to 10^digits_max.
  unsigned digits_max = 7;
  // Measured blocks of each size, after as many to warm up.
  std::size_t blocks = 30;
  std::size_t changes = 1'000;
  // Of each store; large enough for the largest, as the cache is to be warm.
  std::uint32_t cache_mib = 4'096;
  // Memory for decoded pages, in the same way. A node's own default is far less: see what a block
  // costs then with that.
  std::uint32_t page_cache_mib = 6'144;
  std::string folder;
};

// Medians over the measured blocks, which alternate between the sizes.
struct StateRow {
  std::uint64_t keys = 0;
  // Tree: hashes and pages.
  double update_ms = 0;
  // Records, pages, history and stale list into one synced batch.
  double commit_ms = 0;
  std::uint64_t pages = 0;
  std::uint64_t batch_bytes = 0;
  // Of one key, and of 100 keys at once.
  std::uint64_t proof_bytes = 0;
  double verify_us = 0;
  std::uint64_t proof_100_bytes = 0;
  double verify_100_us = 0;
  std::uint64_t disk_bytes = 0;
  // Of the pages in memory: all of them, if the cache has room.
  std::uint64_t page_memory_bytes = 0;

  double block_ms() const { return update_ms + commit_ms; }
};

struct StateReport {
  std::size_t changes = 0;
  std::vector<StateRow> rows;
};

Result<StateReport, NetworkError> run_state(const StateOptions& options);

std::string as_table(const StateReport& report);
std::string as_json(const StateReport& report);

}  // namespace salus::bench
