// Owns: what a replica reads out of finalized state for consensus: the validator set and the pace.
// No local configuration can say any of it (architecture.md, section 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "consensus/parameters.h"
#include "consensus/types.h"
#include "ledger/tip.h"
#include "state/overlay.h"

namespace salus::replica {

// How often a check that waits for the clock or an execution is judged again at the latest.
inline constexpr std::uint64_t kPendingCheckMs = 50;

// Where the ledger's store notes the last durable vote stage, u64 big-endian (S9, S15).
inline constexpr std::string_view kVoteStageKey = "v";
// Where it notes the height of an epoch's last block, whose finalization ends that epoch (C43).
std::string epoch_end_key(Epoch epoch);  // e epoch u64 -> height u64

// Asserts that the state's set is one: genesis and the validators module saw to it (G-10.5).
consensus::ValidatorSet validator_set(const ledger::Tip& tip);
// The last reseat of a sitting validator (C48).
struct Reseat {
  // 16 bytes.
  std::string nonce;
  // In which it was executed; the key may vote in the epochs after (S11).
  Epoch epoch;
};
std::optional<Reseat> find_reseat(const ledger::Tip& tip, const state::Overlay& state,
                                  const PublicKey& validator_key);
consensus::Parameters consensus_parameters(const state::Overlay& state);

struct BlockLimits {
  std::size_t bytes_max;
  std::size_t transactions_max;
};
BlockLimits block_limits(const state::Overlay& state);

// What an operator types so that a restricted key votes again (S11); `nonce` in hex.
std::string reseat_command(std::string_view nonce);

}  // namespace salus::replica
