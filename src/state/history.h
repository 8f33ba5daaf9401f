// Owns: the state as it was. Whatever a block replaces is kept beside the state under the height at
// which it stopped being true, so the state after any height from the horizon on can still be read,
// record by record and in order, and every page of its tree is still there.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/seams/store.h"
#include "state/overlay.h"
#include "state/pages.h"

namespace salus::state {

// How far back one can read.
struct Horizon {
  // The lowest height whose state is still whole.
  Height lowest;
  // Lists of what became stale below this height are gone already; at most lowest + 1.
  Height swept;

  bool operator==(const Horizon&) const = default;
};
// lowest u64 | swept u64.
std::string encode(const Horizon& horizon);
// Height 0 for both where a store says nothing.
Horizon load_horizon(const Store& store);

// What a block at pages.version() does to the state, as part of its batch: records, pages, what was
// true before, and the list of all that is stale from this height on. `state` and `pages` are the
// block's own layers; over nothing, there is nothing before.
void append_block_state(StoreBatch& batch, const Overlay& state, const Pages& pages);

// A read-only view of a store in which the state is the one after `height`; other keys are read as
// they are. The height is between the horizon and the tip; the store outlives the view. Where the
// store is written to meanwhile, it is a snapshot.
class StateAt final : public Store {
 public:
  StateAt(const Store& store, Height height) : store_(store), height_(height) {}
  // The state before the block at `tip`, the latest. What that block replaced is read off its
  // lists: a read costs what it looks at and what one block changed, however long the history is.
  static StateAt just_before(const Store& store, Height tip);

  Height height() const { return height_; }
  std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  // Always refused.
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override;

 private:
  // State keys and where what they held before the tip is kept.
  using Replaced = std::map<std::string, std::string, std::less<>>;

  const Store& store_;
  Height height_;
  // Just before the tip: all that changed since.
  std::optional<Replaced> replaced_;
};

}  // namespace salus::state
