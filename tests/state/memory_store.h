// Owns: the Store seam in memory: whole batches, nothing durable. For tests and the simulator.
#pragma once

#include <map>
#include <string>

#include "base/seams/store.h"

namespace salus::test {

class MemoryStore final : public Store {
 public:
  std::optional<std::string> get(std::string_view key) const override {
    const auto found = pairs_.find(key);
    if (found == pairs_.end()) return std::nullopt;
    return found->second;
  }

  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    for (auto at = pairs_.lower_bound(from < prefix ? prefix : from); at != pairs_.end(); ++at) {
      if (!at->first.starts_with(prefix) || !visit(at->first, at->second)) return;
    }
  }

  Result<void, StoreError> write(const StoreBatch& batch) override {
    for (const auto& [key, value] : batch.writes) {
      if (value) {
        pairs_.insert_or_assign(key, *value);
      } else {
        pairs_.erase(key);
      }
    }
    return {};
  }

  const std::map<std::string, std::string, std::less<>>& pairs() const { return pairs_; }

 private:
  std::map<std::string, std::string, std::less<>> pairs_;
};

}  // namespace salus::test
