// Owns: height 0. The chain id is the hash of the genesis document's bytes, which are kept as they
// came; the state that they describe is written once (G-1.7; decisions.md, "Bytes and genesis").
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "dao/application.h"
#include "salus/v1/chain.pb.h"

namespace salus::ledger {

// hash(`salus.genesis.1` | document bytes).
ChainId chain_id_of(ByteView genesis_bytes);

// All that an empty store needs to become a ledger at height 0. `document` is what `genesis_bytes`
// say.
Result<StoreBatch, dao::GenesisError> make_genesis(const v1::GenesisDocument& document,
                                                   ByteView genesis_bytes);

}  // namespace salus::ledger
