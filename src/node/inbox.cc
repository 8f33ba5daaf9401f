// Owns: whose turn it is, and what an ended link takes with it.
#include "node/inbox.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "node/turns.h"

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

Inbox::Arrival Inbox::take() { return take_by_turns(waiting_, last_); }

std::size_t Inbox::count(const NodeId& peer) const {
  const auto found = waiting_.find(peer);
  return found == waiting_.end() ? 0 : found->second.size();
}

}  // namespace salus::node
