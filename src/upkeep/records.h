// Owns: a state record in words: whose it is, which one, and what it says. For people and programs
// that compare ledgers; nothing that executes reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "upkeep/json.h"

namespace salus::upkeep {

struct RecordName {
  // `treasury`; the table's in table.h.
  std::string module;
  // `FundTotals`.
  std::string table;
  // `fund=1 asset=0`; hexadecimal where the table is not known.
  std::string key;
};

// Of a key of the state, without the store's prefix; any bytes.
RecordName name_of(std::string_view state_key);
// What the record says; hexadecimal where it does not parse. null for an absent one.
Json value_of(std::string_view state_key, const std::optional<std::string>& value);

// One state record in two places.
struct RecordDifference {
  std::string state_key;
  std::optional<std::string> first;
  std::optional<std::string> second;
};
// {module, table, key, key_bytes, <first>, <second>} under the names given.
Json to_json(const RecordDifference& difference, const std::string& first,
             const std::string& second);

}  // namespace salus::upkeep
