// Owns: the history of a ledger, whole or by period, in forms that other programs read, for a
// recount by anyone (G-13.5): JSON lines, and CSV. One line a thing, in the order in which it
// happened.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "upkeep/folder.h"

namespace salus::upkeep {

enum class ExportTable : std::uint8_t {
  // Each block, then its transactions, their events, and the events of the due work. JSON lines
  // only.
  History,
  // Each event that moves or promises money of a fund, and what schedules paid.
  Treasury,
  // Each ballot that was cast and applied, with the digest of its reason.
  Votes,
  // How each proposal was decided, and what became of its execution.
  Outcomes,
  // Each delegation that was set, cleared or ended.
  Delegations,
};

enum class ExportForm : std::uint8_t { JsonLines, Csv };

struct ExportWish {
  ExportTable table = ExportTable::History;
  ExportForm form = ExportForm::JsonLines;
  Height from{1};
  // Absent: to the tip.
  std::optional<Height> to = std::nullopt;
  // Only blocks of this time, in ms since 1970, and before that one. Absent: all.
  std::optional<std::uint64_t> since_ms = std::nullopt;
  std::optional<std::uint64_t> until_ms = std::nullopt;
};

struct Exported {
  std::uint64_t blocks = 0;
  std::uint64_t lines = 0;
};

// `write` takes one line without its end; false ends the export. Asserts that the whole history is
// not asked for as CSV: it has no columns. Where blocks of the period may be pruned, the export is
// refused and the lowest height named: it is whole or not at all.
Result<Exported, Error> export_ledger(const Path& folder, const ExportWish& wish,
                                      const std::function<bool(std::string_view line)>& write);

}  // namespace salus::upkeep
