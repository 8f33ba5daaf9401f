// Owns: the small fixed values of the ledger's indexes.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"

namespace salus::ledger {

// state root 32 | results root 32 | active u8.
struct StoredOutcome {
  Root state_root;
  Root results_root;
  bool active = false;
};
std::string encode(const StoredOutcome& outcome);
StoredOutcome decode_outcome(std::string_view bytes);

// height u64.
std::string encode_height(Height height);
Height decode_height(std::string_view bytes);

// height u64 | index u32.
std::string encode_place(Height height, std::uint32_t index);

}  // namespace salus::ledger
