// Owns: how a failed proof of finality is refused, and when a chain began.
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

// What a genesis document says; nullopt if it does not parse.
std::optional<WallMs> genesis_time(const std::string& genesis_document);

}  // namespace salus::queries
