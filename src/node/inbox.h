// Owns: what peers sent and the replica has not seen yet, kept a peer apart and taken by turns: a
// peer that floods delays itself. A peer's frames keep their order between its link's up and down.
// How much one peer may have here is its link's limit (net/config.h), which holds because a frame
// keeps its receipt until it was stepped and goes when its link does.
#pragma once

#include <cstddef>
#include <deque>
#include <map>

#include "net/transport.h"
#include "replica/events.h"

namespace salus::node {

class Inbox {
 public:
  struct Arrival {
    replica::Event event;
    // Empty for what is no frame.
    net::Receipt receipt;
  };

  void link_up(const NodeId& peer);
  // What came on the link goes with it; the protocol says again what matters.
  void link_down(const NodeId& peer);
  void add(replica::FrameIn frame, net::Receipt receipt);

  // The next one of the peer whose turn it is; there is one.
  Arrival take();
  bool is_empty() const { return waiting_.empty(); }
  // Of one peer, links' news included.
  std::size_t count(const NodeId& peer) const;
  void clear() { waiting_.clear(); }

 private:
  // No entry for a peer of whom nothing waits.
  std::map<NodeId, std::deque<Arrival>> waiting_;
  // Whose turn it was last.
  NodeId last_;
};

}  // namespace salus::node
