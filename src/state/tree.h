// Owns: one root names one state, whatever the history: a sparse Merkle tree over the hashes of
// keys, in which each leaf hangs at the shallowest depth where its path is its own. Blocks pay for
// what they change, not for what there is. Nodes live in an overlay of their own, unversioned.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/ids.h"
#include "state/overlay.h"

namespace salus::state {

// Leaf: H(`salus.leaf.1` | key hash | value hash); key hash: H(`salus.key.1` | key); value hash:
// H(`salus.value.1` | value). Inner: H(`salus.inner.1` | left | right). Nothing: zeros. A path is
// the key hash's bits, the highest of the first byte first; 0 goes left.
Hash key_hash(std::string_view key);
Hash value_hash(std::string_view value);
Hash leaf_hash(const Hash& key, const Hash& value);
Hash inner_hash(const Hash& left, const Hash& right);

class Tree {
 public:
  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  // Reads and writes nodes in `nodes`, which outlives the tree.
  explicit Tree(Overlay& nodes) : nodes_(nodes) {}

  // All zeros for the empty state.
  Root root() const;
  // Follows the state: present = put, absent = erased. Erasing what is not there changes nothing.
  void update(const Changes& changes);

 private:
  Overlay& nodes_;
};

}  // namespace salus::state
