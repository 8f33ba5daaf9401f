// Owns: the lookups.
#include "client/proven_store.h"

#include <algorithm>
#include <utility>

#include "ledger/keys.h"

namespace salus::client {

ProvenStore::ProvenStore(std::string tip, std::string genesis, ProvenRecords records, bool& scanned)
    : tip_(std::move(tip)), genesis_(std::move(genesis)), scanned_(scanned) {
  for (auto& [key, value] : records) {
    records_.emplace(std::string{ledger::kStatePrefix} + key, std::move(value));
  }
}

std::optional<std::string> ProvenStore::get(std::string_view key) const {
  if (key == ledger::kTipKey) return tip_;
  if (key == ledger::kGenesisKey) return genesis_;
  // Finalizations are judged before; the tip has none here.
  if (!key.starts_with(ledger::kStatePrefix)) return std::nullopt;
  const auto found = records_.find(key);
  if (found == records_.end()) throw RecordMissing{};
  return found->second;
}

void ProvenStore::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  scanned_ = true;
  for (auto at = records_.lower_bound(std::max(prefix, from)); at != records_.end(); ++at) {
    if (!at->first.starts_with(prefix)) return;
    if (at->second && !visit(at->first, *at->second)) return;
  }
}

Result<void, StoreError> ProvenStore::write(const StoreBatch&) {
  return std::unexpected(StoreError{"What was proven does not change."});
}

}  // namespace salus::client
