// Owns: what a joiner and its peer do with a whole state: parts are made from one store, verified
// one by one and written into an empty one, as sync/snapshot_join does, but without a network.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "local_network.h"

namespace salus::bench {

struct JoinOptions {
  // Each with a record of its own and a balance.
  std::uint64_t accounts = 1'000'000;
  std::string folder;
};

struct JoinReport {
  std::uint64_t accounts = 0;
  std::uint64_t records = 0;
  std::uint64_t parts = 0;
  std::uint64_t bytes = 0;
  // Of the peer: all parts made.
  double write_seconds = 0;
  // Of the joiner: verified, and written with one sync each.
  double verify_seconds = 0;
  double store_seconds = 0;
  // Finding out at the end that nothing is missing.
  double check_seconds = 0;
};

Result<JoinReport, NetworkError> run_join(const JoinOptions& options);

std::string as_table(const JoinReport& report);
std::string as_json(const JoinReport& report);

}  // namespace salus::bench
