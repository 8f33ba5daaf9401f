// Owns: work of several peers is taken by turns, one from each, so that who sends much waits for
// himself. A peer has a queue while something of his waits.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "base/assert.h"
#include "base/ids.h"

namespace salus::node {

// The oldest of the peer after `last`, whose turn it was; there is one.
template <typename Work>
Work take_by_turns(std::map<NodeId, std::deque<Work>>& waiting, NodeId& last) {
  SALUS_ASSERT(!waiting.empty(), "something waits");
  auto next = waiting.upper_bound(last);
  if (next == waiting.end()) next = waiting.begin();
  last = next->first;
  Work taken = std::move(next->second.front());
  next->second.pop_front();
  if (next->second.empty()) waiting.erase(next);
  return taken;
}

}  // namespace salus::node
