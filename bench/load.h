// Owns: what a local network does with real transactions: signed by several accounts, submitted
// through gRPC to all nodes, each followed until it is finalized.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "local_network.h"
#include "measures.h"

namespace salus::bench {

struct LoadOptions {
  std::size_t validators = 4;
  std::uint64_t seconds = 20;
  // Transactions of one account that wait at once; at most accounts.window.
  std::size_t in_flight = 32;
  std::uint16_t base_port = 7600;
  std::string programs;
  std::string folder;
};

struct LoadReport {
  std::size_t validators = 0;
  std::size_t accounts = 0;
  std::size_t in_flight = 0;
  // Full load.
  double seconds = 0;
  std::uint64_t finalized = 0;
  std::uint64_t refused = 0;
  std::uint64_t blocks = 0;
  Latencies full;
  // Of all nodes together, for each finalized transaction.
  double cpu_ms_per_transaction = 0;
  // Of one node, on average: journal, guard and ledger.
  double syncs_per_block = 0;
  std::uint64_t peak_bytes = 0;
  // Few transactions, on a chain that is idle before each.
  std::uint64_t low_samples = 0;
  Latencies low;
  // `salus ledger verify` of the first node's folder afterwards; 0: it found a fault.
  double verified_per_second = 0;
  // The yardstick.
  double verifications_per_second = 0;
  unsigned cores = 0;

  double finalized_per_second() const { return static_cast<double>(finalized) / seconds; }
  // cores / (n * time of one verification): no network can do more where every node verifies every
  // transaction (consensus.md, section 17).
  double signature_ceiling() const {
    return cores * verifications_per_second / static_cast<double>(validators);
  }
};

Result<LoadReport, NetworkError> run_load(const LoadOptions& options);

std::string as_table(const LoadReport& report);
std::string as_json(const LoadReport& report);

}  // namespace salus::bench
