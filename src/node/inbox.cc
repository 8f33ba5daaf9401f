// Owns: whose turn it is, and what an ended link takes with it.
#include "node/inbox.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace salus::node {

void Inbox::link_up(const NodeId& peer) {
  waiting_[peer].push_back({.event = replica::LinkUp{peer}, .receipt = nullptr});
}

// A link that ends before the replica has heard of it never was; so at most a down, an up and the
// frames of one link wait, however often a peer links anew.
void Inbox::link_down(const NodeId& peer) {
  std::deque<Arrival>& waiting = waiting_[peer];
  const auto up = std::ranges::find_if(waiting, [](const Arrival& arrival) {
    return std::holds_alternative<replica::LinkUp>(arrival.event);
  });
  const bool is_known = up == waiting.end();
  waiting.erase(is_known ? waiting.begin() : up, waiting.end());
  if (is_known) waiting.push_back({.event = replica::LinkDown{peer}, .receipt = nullptr});
  if (waiting.empty()) waiting_.erase(peer);
}

void Inbox::add(replica::FrameIn frame, net::Receipt receipt) {
  std::deque<Arrival>& waiting = waiting_[frame.from];
  waiting.push_back({.event = std::move(frame), .receipt = std::move(receipt)});
}

Inbox::Arrival Inbox::take() {
  SALUS_ASSERT(!waiting_.empty(), "something waits");
  auto at = waiting_.upper_bound(last_);
  if (at == waiting_.end()) at = waiting_.begin();
  last_ = at->first;
  Arrival next = std::move(at->second.front());
  at->second.pop_front();
  if (at->second.empty()) waiting_.erase(at);
  return next;
}

std::size_t Inbox::count(const NodeId& peer) const {
  const auto found = waiting_.find(peer);
  return found == waiting_.end() ? 0 : found->second.size();
}

}  // namespace salus::node
