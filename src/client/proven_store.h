// Owns: a store that holds what was proven and knows the difference between a record that is not
// there and one that nobody proved.
#pragma once

#include <string>

#include "base/seams/store.h"
#include "salus/verify.h"

namespace salus::client {

// Thrown where a read needs a record that the proof leaves out. Reads are written for whole states
// and take much for granted, so nothing that they could be given instead is safe; this crosses them
// on its way to light_client.cc.
struct RecordMissing {};

class ProvenStore final : public Store {
 public:
  // `tip` and `genesis` stand at the ledger's own keys. `scanned` is set once a range was visited:
  // its records are proven, that there are no others is not.
  ProvenStore(std::string tip, std::string genesis, ProvenRecords records, bool& scanned);

  std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  // Always refused.
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override;

 private:
  std::string tip_;
  std::string genesis_;
  // By key of the store.
  std::map<std::string, std::optional<std::string>, std::less<>> records_;
  bool& scanned_;
};

}  // namespace salus::client
