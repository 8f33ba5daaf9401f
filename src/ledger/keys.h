// Owns: who writes what into the store. Every key of the ledger starts with one of these letters;
// other prefixes are free for the driver (docs/formats.md, "Ledger keys"). Integers are big-endian,
// so that keys of one kind sort by number.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "state/layout.h"

namespace salus::ledger {

// Of the state, which writes under s, n, h, q and l (state/layout.h).
using state::kStatePrefix;
inline constexpr std::string_view kGenesisKey = "g";  // -> the genesis document's bytes
inline constexpr std::string_view kTipKey = "t";      // -> TipRecord
// -> lowest block u64 | lowest results u64; absent while nothing was pruned.
inline constexpr std::string_view kKeptKey = "p";

std::string block_key(Height height);          // b height u64 -> v1::BlockBody bytes
std::string header_key(Height height);         // i height u64 -> header, where no block is kept
std::string certificate_key(Height height);    // c height u64 -> a finalization, opaque here
std::string results_key(Height height);        // r height u64 -> v1::BlockResults
std::string outcome_key(Height height);        // o height u64 -> state root | results root | active
std::string epoch_end_key(Epoch epoch);        // f epoch u64 -> v1::EpochEnd
std::string height_key(const Digest& digest);  // d digest -> height u64
std::string transaction_key(const TxId& id);   // x id -> height u64 | index u32
std::string account_prefix(const AccountId& account);  // a account ...
// a account | ~height u64 | ~index u32 -> id: the newest first, as stores scan upwards.
std::string account_key(const AccountId& account, Height height, std::uint32_t index);

}  // namespace salus::ledger
