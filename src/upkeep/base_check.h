// Owns: from where a ledger that lacks its first blocks is executed anew: the lowest state that it
// holds, known by the root in a header that a quorum signed, whose set is followed from genesis.
// Blocks at and below that height cannot be executed any more; they are right if they lead, hash by
// hash, up to that header.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "ledger/tip.h"
#include "upkeep/verify.h"

namespace salus::upkeep {

struct Base {
  // Of the block whose state is the base.
  ledger::TipRecord tip;
  // No block above it says what its state is.
  bool is_certified = true;
  // The lowest block that was checked.
  Height lowest;
  // Blocks that were checked without being executed, and what was in them.
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t certificates = 0;
  // Entries of the ledger that are right, by the first letter of their key.
  std::map<char, std::uint64_t> entries;
};

// Whether block 1 is here, or no block is needed.
bool has_all_blocks(const Store& store, const ledger::TipRecord& tip);
// Refused with the first thing that is wrong. Any bytes may lie in the store.
Result<Base, Finding> check_base(const Store& store, const std::string& genesis_bytes,
                                 const ledger::TipRecord& tip,
                                 const std::function<void(std::uint64_t blocks)>& on_block);

}  // namespace salus::upkeep
