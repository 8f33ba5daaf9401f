// Owns: the layout of result leaves.
#include "ledger/results.h"

#include <string>
#include <vector>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "state/record.h"

namespace salus::ledger {

Hash events_hash(const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(events.size()));
  for (const auto& event : events) {
    const std::string encoded = state::encode(event);
    out.sized(as_bytes(encoded));
  }
  return crypto::hash("salus.events.1", out.out());
}

Hash result_leaf(const v1::TxResult& result) {
  const auto code = static_cast<std::uint32_t>(result.code());
  ByteWriter out;
  out.bytes(as_bytes(result.tx_id()));
  out.u32(code);
  out.u8(static_cast<std::uint8_t>(code / 100));
  out.u32(result.action_index());
  out.bytes(events_hash(result.events()).view());
  return crypto::hash("salus.result.1", out.out());
}

Hash due_leaf(const google::protobuf::RepeatedPtrField<v1::Event>& due_events) {
  return crypto::hash("salus.due.1", events_hash(due_events).view());
}

std::vector<Hash> result_leaves(const v1::BlockResults& results) {
  std::vector<Hash> leaves;
  for (const auto& result : results.results()) leaves.push_back(result_leaf(result));
  leaves.push_back(due_leaf(results.due_events()));
  return leaves;
}

Root results_root(const v1::BlockResults& results) {
  return crypto::merkle_root(result_leaves(results));
}

Root empty_results_root() { return crypto::merkle_root({}); }

}  // namespace salus::ledger
