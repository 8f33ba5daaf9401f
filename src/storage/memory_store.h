// Owns: a Store without a disk, for tests, the simulator and simulations of transactions. Batches
// apply whole. Thread-safe. A scan that others write beside sees some of their writes; a scan of a
// snapshot() sees none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "base/seams/store.h"

namespace salus::storage {

class MemoryStore : public Store {
 public:
  MemoryStore() = default;

  std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override;

  // The state of this moment, by copy; it refuses writes and may outlive the store.
  std::unique_ptr<Store> snapshot() const;
  std::map<std::string, std::string> entries() const;

 private:
  using Entries = std::map<std::string, std::string, std::less<>>;

  std::vector<std::pair<std::string, std::string>> page_from(std::string_view prefix,
                                                             std::string_view from) const;

  mutable std::shared_mutex mutex_;
  Entries entries_;
};

}  // namespace salus::storage
