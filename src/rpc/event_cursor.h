// Owns: the events of the chain as one ordered sequence. A cursor names a place between two of
// them; whoever asks from a cursor gets every later event that matches, once, whatever node
// answers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "queries/view.h"
#include "rpc/refusals.h"
#include "salus/v1/chain_service.pb.h"

namespace salus::rpc {

inline constexpr int kFilterKindsMax = 64;
// Blocks that one step reads; a step that finds nothing answers where it got to.
inline constexpr std::uint64_t kBlocksPerStepMax = 64;

// What a subscription asked for.
class EventFilter {
 public:
  static Answer<EventFilter> make(const v1::SubscribeEventsRequest& request);
  bool matches(const v1::Event& event) const;

 private:
  std::set<int> kinds_;
  std::string account_;
};

// Walks the blocks of one view after another. Holds no more than the block it stands in.
class EventCursor {
 public:
  EventCursor(EventFilter filter, Height height, std::uint32_t index)
      : filter_(std::move(filter)), height_(height), index_(index) {}

  // The next matching event up to the view's height; or word that there is none up to the place
  // reached; or nullopt when the cursor was at the end of the view already.
  std::optional<v1::SubscribeEventsResponse> step(const queries::View& view);
  Height height() const { return height_; }
  // Set when the events at the place reached were pruned here; step() then answers nothing.
  const std::optional<Refusal>& refused() const { return refused_; }

 private:
  bool load(const queries::View& view);

  EventFilter filter_;
  // The next event to look at.
  Height height_;
  std::uint32_t index_;
  // The block at height_, when `loaded_`.
  bool loaded_ = false;
  v1::FinalizedBlock block_;
  std::optional<Refusal> refused_;
};

}  // namespace salus::rpc
