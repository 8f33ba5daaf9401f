// Owns: crashes at every durable operation (consensus.md, section 16). A scenario is played once
// and the durable operations of one node's disk are counted; then it is played again for each of
// them, and the power goes before it or right after it, at that node alone or everywhere at once,
// with eight subsets of the sectors that no sync covers. Nothing conflicting is signed, nothing
// that was final is lost, and all go on, the one that crashed among those whose votes are needed.
#pragma once

#include <cstdint>
#include <string>

#include "sim/network.h"
#include "sim/sweep.h"

namespace salus::sim {

// What the scenario lives through.
enum class Life : std::uint8_t {
  // Blocks, and nothing else.
  Block,
  // The end of an epoch by a reseat, and blocks of the next one.
  Boundary,
  // A crash and a recovery in the middle: the cut falls into that as well.
  Recovery,
};

struct Scenario {
  std::uint64_t seed = 1;
  Life life = Life::Block;
  std::size_t n = 4;
  std::uint16_t victim = 0;
  std::uint64_t payments = 2;
  // Also the operations of the first start of a new node.
  bool has_first_start = true;
  Faults faults;
};
std::string describe(const Scenario& scenario);
Scenario draw_scenario(std::uint64_t seed);

// The durable operations of the victim in a run without a cut; `failure` as in an Outcome.
struct Recording {
  std::uint64_t operations = 0;
  OperationCounts counts{};
  std::string failure;
};
Recording record(const Scenario& scenario);

inline constexpr std::uint64_t kSectorSubsets = 8;
// Before and after, one and all.
inline constexpr std::uint64_t kCasesPerOperation = 2 * 2 * kSectorSubsets;

struct CrashCase {
  std::uint64_t operation = 1;
  bool after = false;
  bool all = false;
  std::uint64_t subset = 0;
};
// Cases of N operations are numbered from 0 to N * kCasesPerOperation - 1.
CrashCase crash_case(std::uint64_t number);
std::string describe(const CrashCase& which);

Outcome play_crash(const Scenario& scenario, std::uint64_t number,
                   const std::function<void(const std::string&)>& listener = nullptr);
// Every case of the scenario, with this many of the eight subsets: other ones at each operation.
SweepTotals crash_everywhere(const Scenario& scenario, const Recording& recording,
                             std::uint64_t subsets, unsigned jobs);

}  // namespace salus::sim
