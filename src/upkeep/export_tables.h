// Owns: the tables of an export: which events each is made of, and its columns. A ballot is taken
// from the action that cast it: an event has room for a part of a long one only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "salus/v1/action.pb.h"
#include "upkeep/export.h"
#include "upkeep/export_lines.h"

namespace salus::upkeep {

// Is this event a row of the table? Every event is one of History.
bool belongs(ExportTable table, v1::EventKind kind);

// The columns, separated by commas; History has none.
std::string head_of(ExportTable table);
// The rows of one event, in order: a ballot has one for each part, option or entry. Numbers,
// hexadecimal and our own words only, so nothing needs quotes; several values of a cell are
// separated by spaces.
std::vector<std::string> rows_of(ExportTable table, const Placed& placed);

// The action behind a ballot's event; absent for any other event.
std::optional<v1::Vote> ballot_of(const Placed& placed);

}  // namespace salus::upkeep
