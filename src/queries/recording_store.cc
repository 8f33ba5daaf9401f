// Owns: the noting.
#include "queries/recording_store.h"

#include "ledger/keys.h"

namespace salus::queries {

std::optional<std::string> RecordingStore::get(std::string_view key) const {
  if (key == ledger::kTipKey) return tip_;
  note(key);
  return base_.get(key);
}

void RecordingStore::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  base_.scan(prefix, from, [&](std::string_view key, std::string_view value) {
    note(key);
    return visit(key, value);
  });
}

Result<void, StoreError> RecordingStore::write(const StoreBatch&) {
  return std::unexpected(StoreError{"A read changes nothing."});
}

void RecordingStore::note(std::string_view key) const {
  if (!key.starts_with(ledger::kStatePrefix)) return;
  noted_.insert(std::string{key.substr(ledger::kStatePrefix.size())});
}

}  // namespace salus::queries
