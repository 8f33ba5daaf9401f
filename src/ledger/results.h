// Owns: what the results root of a block proves: code, refused action and events of every
// transaction, and the events of the due work, in order (docs/formats.md, "Lists and what is in them").
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "salus/v1/tx.pb.h"

namespace salus::ledger {

// hash(`salus.events.1` | count u32 | count x (u32 length, deterministic v1::Event)).
Hash events_hash(const google::protobuf::RepeatedPtrField<v1::Event>& events);
// hash(`salus.result.1` | tx id 32 | code u32 | module u8 | action index u32 | events hash 32); the
// module is code / 100.
Hash result_leaf(const v1::TxResult& result);
// hash(`salus.due.1` | events hash 32).
Hash due_leaf(const google::protobuf::RepeatedPtrField<v1::Event>& due_events);
// The leaves of all results and, last, the due leaf.
std::vector<Hash> result_leaves(const v1::BlockResults& results);
// Their Merkle root.
Root results_root(const v1::BlockResults& results);
// Of genesis, which has neither: the empty list.
Root empty_results_root();

}  // namespace salus::ledger
