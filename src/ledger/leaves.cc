// Owns: the counting of children.
#include "ledger/leaves.h"

#include "base/assert.h"

namespace salus::ledger {

void Leaves::add(const Digest& digest, Height height, const Digest& parent) {
  const bool is_new = held_.emplace(digest, Held{height, parent}).second;
  SALUS_ASSERT(is_new, "a block is held once");
  if (!children_.contains(digest)) leaves_.emplace(height, digest);
  if (++children_[parent] > 1) return;
  const auto held = held_.find(parent);
  if (held != held_.end()) leaves_.erase({held->second.height, parent});
}

void Leaves::drop(const Digest& digest) {
  const auto found = held_.find(digest);
  SALUS_ASSERT(found != held_.end(), "only a held block is dropped");
  const Held dropped = found->second;
  held_.erase(found);
  leaves_.erase({dropped.height, digest});
  const auto siblings = children_.find(dropped.parent);
  if (--siblings->second > 0) return;
  children_.erase(siblings);
  const auto parent = held_.find(dropped.parent);
  if (parent != held_.end()) leaves_.emplace(parent->second.height, dropped.parent);
}

std::optional<Digest> Leaves::farthest_above(Height height, const std::set<Digest>& kept) const {
  for (auto leaf = leaves_.rbegin(); leaf != leaves_.rend() && leaf->first > height; ++leaf) {
    if (!kept.contains(leaf->second)) return leaf->second;
  }
  return std::nullopt;
}

}  // namespace salus::ledger
