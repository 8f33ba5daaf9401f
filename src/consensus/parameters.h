// Owns: the numbers that pace consensus (consensus.md, section 5). They live in state, are read
// from the last finalized one, and exist here only within their ranges.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace salus::consensus {

struct Parameters {
  std::uint64_t delta_ms = 500;
  std::uint64_t delta_ms_max = 10'000;
  std::uint64_t retry_ms = 1'000;
  std::uint64_t standstill_ms = 10'000;
  std::uint64_t fetch_ms = 400;
  std::uint64_t skip_turns = 1;
  std::uint64_t block_interval_ms = 20;
  std::uint64_t heartbeat_ms = 30'000;
  std::uint64_t clock_ahead_ms = 1'000;
  std::uint64_t block_bytes_max = 2'097'152;
  std::uint64_t epoch_blocks_min = 16;
  std::uint64_t ready_window = 200;

  bool operator==(const Parameters&) const = default;
};

enum class ParameterError : std::uint8_t {
  DeltaMs,
  DeltaMsMax,
  RetryMs,
  StandstillMs,
  FetchMs,
  SkipTurns,
  BlockIntervalMs,
  HeartbeatMs,
  ClockAheadMs,
  BlockBytesMax,
  EpochBlocksMin,
  ReadyWindow,
};
std::string_view sentence(ParameterError error);

// The first field that is out of its range, or nothing.
Result<void, ParameterError> check(const Parameters& parameters);

}  // namespace salus::consensus
