// Owns: the whole history of a ledger in forms that other programs read: JSON lines of everything,
// and CSV of money moved and of votes. One line a thing, in the order in which it happened.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "upkeep/folder.h"

namespace salus::upkeep {

enum class ExportForm : std::uint8_t {
  // A block, then its transactions, their events, and the events of the due work.
  JsonLines,
  // Each event that moves money.
  TreasuryCsv,
  // Each ballot that was cast and applied.
  VotesCsv,
};

struct ExportRange {
  Height from{1};
  // Absent: to the tip.
  std::optional<Height> to;
};

struct Exported {
  std::uint64_t blocks = 0;
  std::uint64_t lines = 0;
};

// `write` takes one line without its end; false ends the export.
Result<Exported, Error> export_ledger(const Path& folder, ExportForm form, const ExportRange& range,
                                      const std::function<bool(std::string_view line)>& write);

}  // namespace salus::upkeep
