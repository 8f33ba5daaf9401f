// Owns: the tree, the history and the stale lists of a ledger that was pruned, or joined by a
// snapshot, against those of one that was built from the state at a height on. Both have the same
// pages; only the versions of those that were there at that height may differ, so all of them count
// as that height. Any bytes: what does not parse is a difference.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "upkeep/compare.h"

namespace salus::upkeep {

// The page, or the stale list, with all versions of pages that are below `floor` raised to it.
// nullopt if it does not parse.
std::optional<std::string> raise_page(std::string_view page, Height floor);
std::optional<std::string> raise_stale_list(std::string_view list, Height floor);

// Gives all pages of a store that was just built the version `floor`, which none exceeds.
[[nodiscard]] Result<void, StoreError> raise_all_pages(Store& built, Height floor);

// The first difference of pages, history and lists above `base`, the height at which `built` began
// with all its pages of that version. Takes notes in `built`, under a prefix that nobody else uses.
// What is stale from `base` or an earlier height on is of an earlier past, which is not compared.
std::optional<EntryDifference> compare_trees(Store& built, const Store& found, Height base,
                                             const std::function<void()>& on_entry);

}  // namespace salus::upkeep
