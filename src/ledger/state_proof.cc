// Owns: the way between claims and messages.
#include "ledger/state_proof.h"

#include "state/prove.h"

namespace salus::ledger {

Result<v1::StateProof, state::ProofError> prove_state(const state::Pages& pages,
                                                      const ReadRecord& read,
                                                      std::span<const std::string> keys) {
  const auto nodes = state::prove(pages, keys);
  if (!nodes) return std::unexpected(nodes.error());
  v1::StateProof proof;
  proof.set_height(pages.version().value());
  for (const std::string& key : keys) {
    v1::ProvenRecord& record = *proof.add_records();
    record.set_key(key);
    if (auto value = read(key)) record.set_value(std::move(*value));
  }
  proof.set_nodes(std::string{as_chars(*nodes)});
  return proof;
}

}  // namespace salus::ledger
