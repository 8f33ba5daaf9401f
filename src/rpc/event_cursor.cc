// Owns: finding the next event.
#include "rpc/event_cursor.h"

#include <algorithm>

#include "queries/finality.h"

namespace salus::rpc {

namespace {

struct Found {
  const v1::Event* event;
  // Empty for due work.
  std::string tx_id;
};

// Event number `index` of a block; nullopt past the last one.
std::optional<Found> event_at(const v1::BlockResults& results, std::uint32_t index) {
  std::uint32_t left = index;
  for (const v1::TxResult& result : results.results()) {
    const auto count = static_cast<std::uint32_t>(result.events_size());
    if (left < count) return Found{&result.events(static_cast<int>(left)), result.tx_id()};
    left -= count;
  }
  if (left >= static_cast<std::uint32_t>(results.due_events_size())) return std::nullopt;
  return Found{&results.due_events(static_cast<int>(left)), {}};
}

}  // namespace

Answer<EventFilter> EventFilter::make(const v1::SubscribeEventsRequest& request) {
  EventFilter filter;
  if (request.kinds_size() > kFilterKindsMax) {
    return std::unexpected(refusal(RpcError::ArgumentInvalid,
                                   "kinds has more than 64 entries; leave it empty for all."));
  }
  filter.kinds_.insert(request.kinds().begin(), request.kinds().end());
  if (!request.account().empty() && !AccountId::from(request.account())) {
    return std::unexpected(
        refusal(RpcError::ArgumentInvalid, "account needs 32 bytes, or none for all."));
  }
  filter.account_ = request.account();
  return filter;
}

bool EventFilter::matches(const v1::Event& event) const {
  if (!kinds_.empty() && !kinds_.contains(event.kind())) return false;
  return account_.empty() || std::find(event.accounts().begin(), event.accounts().end(),
                                       account_) != event.accounts().end();
}

bool EventCursor::load(const queries::View& view) {
  if (loaded_) return true;
  if (height_.value() > view.height()) return false;
  auto block = view.chain().block(height_);
  if (!block || !block->has_results()) {
    refused_ = queries::refuse_pruned_results(view.chain());
    return false;
  }
  block_ = std::move(*block);
  loaded_ = true;
  return true;
}

std::optional<v1::SubscribeEventsResponse> EventCursor::step(const queries::View& view) {
  v1::SubscribeEventsResponse response;
  std::uint64_t blocks = 0;
  while (blocks < kBlocksPerStepMax && load(view)) {
    const auto found = event_at(block_.results(), index_);
    if (!found) {
      height_ = height_.next();
      index_ = 0;
      loaded_ = false;
      block_.Clear();
      ++blocks;
      continue;
    }
    const std::uint32_t at = index_++;
    if (!filter_.matches(*found->event)) continue;
    v1::PlacedEvent& placed = *response.mutable_placed();
    placed.mutable_at()->set_height(height_.value());
    placed.mutable_at()->set_index(at);
    placed.set_time_ms(block_.header().time_ms());
    placed.set_tx_id(found->tx_id);
    *placed.mutable_event() = *found->event;
    break;
  }
  if (blocks == 0 && !response.has_placed()) return std::nullopt;
  response.mutable_next()->set_height(height_.value());
  response.mutable_next()->set_index(index_);
  return response;
}

}  // namespace salus::rpc
