// Owns: all of an answer is from one finalized state. A view is a snapshot with its height; it does
// not change while it lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/seams/store.h"
#include "dao/context.h"
#include "ledger/reader.h"
#include "queries/errors.h"
#include "state/overlay.h"
#include "state/table.h"

namespace salus::queries {

class View {
 public:
  // NodeStarting while the store holds no genesis.
  static Answer<View> open(std::unique_ptr<const Store> snapshot);

  std::uint64_t height() const { return tip_.height.value(); }
  std::uint64_t now_ms() const { return tip_.time.value(); }
  const ledger::Tip& tip() const { return tip_; }
  const ledger::Reader& chain() const { return *reader_; }
  const state::Overlay& state() const { return *state_; }
  const Store& store() const { return *store_; }
  // As the next block would run, at the time of the latest one.
  dao::BlockContext next_block() const;

 private:
  explicit View(std::unique_ptr<const Store> snapshot);

  std::unique_ptr<const Store> store_;
  // Both point into the store, wherever the view moves.
  std::unique_ptr<ledger::Reader> reader_;
  std::unique_ptr<state::Overlay> state_;
  ledger::Tip tip_;
};

}  // namespace salus::queries
