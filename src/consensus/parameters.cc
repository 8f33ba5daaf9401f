// Owns: the ranges of the pace (section 5).
#include "consensus/parameters.h"

#include <utility>

namespace salus::consensus {

namespace {

constexpr bool within(std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  return low <= value && value <= high;
}

}  // namespace

std::string_view sentence(ParameterError error) {
  switch (error) {
    case ParameterError::DeltaMs:
      return "consensus.delta_ms was refused: choose 10 to 10000.";
    case ParameterError::DeltaMsMax:
      return "consensus.delta_ms_max was refused: choose delta_ms to 60000.";
    case ParameterError::RetryMs:
      return "consensus.retry_ms was refused: choose 50 to 10000.";
    case ParameterError::StandstillMs:
      return "consensus.standstill_ms was refused: choose three times retry_ms to 600000.";
    case ParameterError::FetchMs:
      return "consensus.fetch_ms was refused: choose 50 to 10000.";
    case ParameterError::SkipTurns:
      return "consensus.skip_turns was refused: choose 1 to 16.";
    case ParameterError::BlockIntervalMs:
      return "consensus.block_interval_ms was refused: choose 0 to 10000.";
    case ParameterError::HeartbeatMs:
      return "consensus.heartbeat_ms was refused: choose 1000 to 3600000.";
    case ParameterError::ClockAheadMs:
      return "consensus.clock_ahead_ms was refused: choose 50 to 60000.";
    case ParameterError::BlockBytesMax:
      return "consensus.block_bytes_max was refused: choose 65536 to 8388608.";
    case ParameterError::EpochBlocksMin:
      return "consensus.epoch_blocks_min was refused: choose 1 to 100000.";
    case ParameterError::ReadyWindow:
      return "consensus.ready_window was refused: choose 16 to 10000 heights.";
  }
  std::unreachable();
}

Result<void, ParameterError> check(const Parameters& p) {
  using enum ParameterError;
  if (!within(p.delta_ms, 10, 10'000)) return std::unexpected(DeltaMs);
  if (!within(p.delta_ms_max, p.delta_ms, 60'000)) return std::unexpected(DeltaMsMax);
  if (!within(p.retry_ms, 50, 10'000)) return std::unexpected(RetryMs);
  if (!within(p.standstill_ms, 3 * p.retry_ms, 600'000)) return std::unexpected(StandstillMs);
  if (!within(p.fetch_ms, 50, 10'000)) return std::unexpected(FetchMs);
  if (!within(p.skip_turns, 1, 16)) return std::unexpected(SkipTurns);
  if (!within(p.block_interval_ms, 0, 10'000)) return std::unexpected(BlockIntervalMs);
  if (!within(p.heartbeat_ms, 1'000, 3'600'000)) return std::unexpected(HeartbeatMs);
  if (!within(p.clock_ahead_ms, 50, 60'000)) return std::unexpected(ClockAheadMs);
  if (!within(p.block_bytes_max, 65'536, 8'388'608)) return std::unexpected(BlockBytesMax);
  if (!within(p.epoch_blocks_min, 1, 100'000)) return std::unexpected(EpochBlocksMin);
  if (!within(p.ready_window, 16, 10'000)) return std::unexpected(ReadyWindow);
  return {};
}

}  // namespace salus::consensus
