// Owns: how a view is opened.
#include "queries/view.h"

namespace salus::queries {

View::View(std::unique_ptr<const Store> snapshot)
    : store_(std::move(snapshot)), reader_(std::make_unique<ledger::Reader>(*store_)) {}

Answer<View> View::open(std::unique_ptr<const Store> snapshot) {
  View view{std::move(snapshot)};
  if (!view.reader_->is_initialised()) return std::unexpected(refusal(RpcError::NodeStarting));
  view.tip_ = view.reader_->tip();
  view.state_ = std::make_unique<state::Overlay>(view.reader_->state());
  return view;
}

dao::BlockContext View::next_block() const {
  return {.chain_id = reader_->chain_id(),
          .height = tip_.height.next(),
          .time = tip_.time,
          .parent_digest = tip_.digest,
          .proposer = ValidatorIndex{}};
}

}  // namespace salus::queries
