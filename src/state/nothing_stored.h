// Owns: what a state is written over when there is none.
#pragma once

#include "base/seams/store.h"

namespace salus::state {

class NothingStored final : public Store {
 public:
  std::optional<std::string> get(std::string_view) const override { return std::nullopt; }
  void scan(std::string_view, std::string_view,
            const std::function<bool(std::string_view, std::string_view)>&) const override {}
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch&) override {
    return std::unexpected(StoreError{"Nothing is stored here: write the batch to a store."});
  }
};

}  // namespace salus::state
