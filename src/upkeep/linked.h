// Owns: a block that cannot be executed is still right if it is the parent of one that is right:
// its hash, signatures, finalization, roots and results follow from the header above it. Walks from
// a block that is trusted down.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/validated.h"
#include "ledger/block.h"
#include "upkeep/archive_format.h"
#include "upkeep/epoch_sets.h"

namespace salus::upkeep {

// What is expected of the next block below.
struct Expected {
  Digest digest;
  Root state_root;
  Root results_root;
  // The finalization of the block above, and its epoch; empty at the tip.
  std::string certificate;
  Epoch epoch;
};
// Of a block that is known to be right.
Expected below(const ledger::Header& header, const std::string& certificate);

enum class LinkFlaw : std::uint8_t {
  // No block, wrongly signed, or another one than the next names as its parent.
  Block,
  // It proves nothing, or is of another block.
  Certificate,
  // The roots are not those of the next header.
  Outcome,
  // They do not lead to the root in the next header.
  Results,
};
std::string_view sentence(LinkFlaw flaw);

// Refused with the first flaw.
Result<Validated<ledger::Block>, LinkFlaw> check_linked(const ArchivedBlock& entry,
                                                        const Expected& expected,
                                                        const EpochSets& sets);
// Whether these are the results that a header names.
bool are_results_of(const std::string& results, const Root& root);

}  // namespace salus::upkeep
