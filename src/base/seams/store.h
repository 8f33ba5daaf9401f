// Owns: keyed state on disk changes by whole batches or not at all. Real: storage/rocks_store;
// in-memory and faulty: tests and the simulator.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace salus {

// Puts (value present) and deletions (absent), applied in order.
struct StoreBatch {
  std::vector<std::pair<std::string, std::optional<std::string>>> writes;

  void put(std::string key, std::string value) {
    writes.emplace_back(std::move(key), std::move(value));
  }
  void erase(std::string key) { writes.emplace_back(std::move(key), std::nullopt); }
};

// Why a batch could not be made durable. After one nobody knows what survived: the node stops with
// this reason and never tries again (consensus.md, S5).
struct StoreError {
  std::string reason;
};

class Store {
 public:
  virtual ~Store() = default;

  // The value at `key`. A read that the disk refuses stops the process with its reason inside the
  // implementation: no caller can do better, and none may mistake it for absence. Thread-safe.
  virtual std::optional<std::string> get(std::string_view key) const = 0;

  // Visits keys >= `from` that start with `prefix`, ascending, until `visit` returns false.
  virtual void scan(
      std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;

  // All of `batch` is synced to the disk on return, or an error is returned.
  [[nodiscard]] virtual Result<void, StoreError> write(const StoreBatch& batch) = 0;
};

}  // namespace salus
