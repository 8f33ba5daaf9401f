// Owns: the report that a node leaves in its data folder when it has diverged: all that it knows,
// so that two operators can compare, and find the cause after the node is gone.
#pragma once

#include <string>

#include "replica/divergence.h"
#include "upkeep/folder.h"
#include "upkeep/json.h"

namespace salus::upkeep {

struct DivergenceReport {
  // What the log says: height, and module and key as far as they are known.
  std::string sentence;
  Json json;
};

// `store`: the node's ledger, for a block that is in it already.
DivergenceReport describe(const replica::Divergence& divergence, const Store& store);
// In `data_folder`/divergence-<height>.json, whole or not at all. One that is there already stays,
// unless this one names the record. Answers with the path.
Result<Path, Error> write_report(const DivergenceReport& report, Height height,
                                 const Path& data_folder);

// What a report of an earlier run says; empty if it cannot be read.
std::string sentence_of_report(const Path& report);

}  // namespace salus::upkeep
