// Owns: what the DAO's everyday acts cost by the number of members: casting a ballot, closing a
// vote, admitting a member. Nothing iterates members (governance.md, section 5), so each must cost
// the same in a DAO of a thousand and of ten million.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_network.h"

namespace salus::bench {

struct DaoOptions {
  // Sizes 10^3, 10^5, ... to 10^digits_max.
  unsigned digits_max = 5;
  // Ballots of each proposal, and admissions; of each size.
  std::size_t acts = 500;
  std::size_t proposals = 8;
  // Of each store, so that what is read is in memory.
  std::uint32_t cache_mib = 1'024;
  std::string folder;
};

// Medians, in microseconds, of executing; without signatures, state root and disk.
struct DaoRow {
  std::uint64_t members = 0;
  double vote_us = 0;
  double close_us = 0;
  double admit_us = 0;
};

struct DaoReport {
  std::size_t ballots = 0;
  std::vector<DaoRow> rows;
};

Result<DaoReport, NetworkError> run_dao(const DaoOptions& options);

std::string as_table(const DaoReport& report);
std::string as_json(const DaoReport& report);

}  // namespace salus::bench
