// Owns: the figures of consensus.md, section 17, measured at δ = 50 ms with syncs of 1 ms: finality
// and block time, one dead leader, and how long after a lost quorum the first block is final.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace salus::sim {

struct Measure {
  std::string name;
  double value = 0;
  double bound = 0;
  std::string unit;
  bool holds() const { return value <= bound; }
};

// n of 4, 16 and 64, or those given.
std::vector<Measure> measure_latency(const std::vector<std::size_t>& sizes);

// Prints the table; true if every bound holds.
bool print_latency(bool json);

}  // namespace salus::sim
