// Owns: many seeds in several processes. A run that dies (an assertion of the heart) takes its own
// process with it and counts as a failure of its seed; the sweep goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/trial.h"

namespace salus::sim {

struct SweepTotals {
  std::uint64_t seeds = 0;
  std::uint64_t virtual_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t blocks = 0;
  std::uint64_t views = 0;
  std::uint64_t transactions = 0;
  std::uint64_t crashes = 0;
  std::uint64_t aborts = 0;
  std::uint64_t alarms = 0;
  std::uint64_t epochs = 0;
  std::uint64_t set_changes = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t healed_done_ms_max = 0;
  // Of all trace hashes, in whatever order the runs ended: equal for equal seeds in every build.
  std::uint64_t trace_digest = 0;
  double seconds = 0;
  // Lowest seed first.
  std::vector<Outcome> failures;
};

using PlaySeed = std::function<Outcome(std::uint64_t seed)>;

// Plays seeds first..last, each once, on `jobs` processes; `progress` is asked now and then.
SweepTotals sweep(std::uint64_t first, std::uint64_t last, unsigned jobs, const PlaySeed& play,
                  const std::function<void(const SweepTotals&)>& progress);

// One run in a process of its own; a death is the failure "abort".
Outcome play_isolated(std::uint64_t seed, const PlaySeed& play);

}  // namespace salus::sim
