// Owns: two stores entry by entry, and any entry of a ledger in words.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/seams/store.h"
#include "upkeep/json.h"

namespace salus::upkeep {

struct EntryDifference {
  std::string key;
  std::optional<std::string> first;
  std::optional<std::string> second;
};

// The lowest key with `prefix` whose values differ. `on_entry` hears how many were compared.
std::optional<EntryDifference> first_difference(
    const Store& first, const Store& second, std::string_view prefix,
    const std::function<void(std::uint64_t entries)>& on_entry);
// The same for each one, in the order of keys, until `visit` answers false.
void each_difference(const Store& first, const Store& second, std::string_view prefix,
                     const std::function<void(std::uint64_t entries)>& on_entry,
                     const std::function<bool(const EntryDifference&)>& visit);

// Of any key of the ledger, with both values decoded.
struct EntryWords {
  // Of a state record its module's; else `ledger`, or `state` for the tree.
  std::string module;
  std::string table;
  std::string key;
  Json first;
  Json second;
};
EntryWords words_of(std::string_view key, const std::optional<std::string>& first,
                    const std::optional<std::string>& second);

}  // namespace salus::upkeep
