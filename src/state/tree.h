// Owns: one root names one state, whatever the history: a sparse Merkle tree over the hashes of
// keys, in which each leaf hangs at the shallowest depth where its path is its own. Blocks pay for
// what they change, not for what there is, and each page that they touch is read and written once.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "state/hashes.h"
#include "state/pages.h"

namespace salus::state {

// Present = put, absent = erased.
using TreeChanges = std::map<std::string, std::optional<std::string>, std::less<>>;

// Of the state at the version of `pages`; all zeros for an empty one.
Root root_of(const Pages& pages);

// Writes the tree after `changes` into `pages`, a fresh branch of the parent's, and retires the
// pages that it replaces. The root page is written even if nothing changed. Erasing what is not
// there changes nothing.
void update_tree(Pages& pages, const TreeChanges& changes);

// The page of a fresh subtree at `at` that holds `leaves`, sorted by key hash and all below it;
// writes the pages below it, but not itself.
Page build_page(Pages& pages, const Path& at, std::span<const Leaf> leaves);

// Of a state that is given whole.
Root root_of_all(const TreeChanges& pairs);

}  // namespace salus::state
