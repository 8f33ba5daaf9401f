// Owns: how a failed proof of finality and a look into a pruned past are refused, and when a chain
// began.
#pragma once

#include <optional>
#include <string>

#include "ledger/reader.h"
#include "queries/errors.h"
#include "salus/v1/finality.pb.h"

namespace salus::queries {

// Refused unless the block at `height` is kept here, from 1 on, and `from` is an epoch up to its
// own.
Answer<v1::FinalityProof> prove_finality(const ledger::Reader& chain, Height height, Epoch from);

// Of a height whose block, or whose results and events, were pruned or never fetched: names the
// lowest that is still there.
Refusal refuse_pruned_block(const ledger::Reader& chain);
Refusal refuse_pruned_results(const ledger::Reader& chain);
// No transaction of that id is here: NotFound if all blocks are.
Refusal refuse_unknown_transaction(const ledger::Reader& chain);

// What a genesis document says; nullopt if it does not parse.
std::optional<WallMs> genesis_time(const std::string& genesis_document);

}  // namespace salus::queries
