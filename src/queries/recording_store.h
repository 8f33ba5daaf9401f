// Owns: what a read looked at. A store that reads through to another one and notes the state keys
// that were asked for or visited, so that they can be proven.
#pragma once

#include <set>
#include <string>

#include "base/seams/store.h"

namespace salus::queries {

class RecordingStore final : public Store {
 public:
  // `base` outlives it. `tip` stands for the base's own tip record.
  RecordingStore(const Store& base, std::string tip, std::set<std::string>& noted)
      : base_(base), tip_(std::move(tip)), noted_(noted) {}

  std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  // Always refused.
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override;

 private:
  void note(std::string_view key) const;

  const Store& base_;
  std::string tip_;
  // Without the state's prefix.
  std::set<std::string>& noted_;
};

}  // namespace salus::queries
