// Owns: the canonical 230 bytes of a block header (consensus.md, section 2) and the digest that
// names a block: hash(`salus.block.1` | header). No second encoding exists.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::ledger {

inline constexpr std::size_t kHeaderBytes = 230;
// The newest protocol version that this build executes; it knows every earlier one.
inline constexpr std::uint32_t kProtocolVersion = 1;

struct Header {
  std::uint32_t version = kProtocolVersion;
  ChainId chain_id;
  Epoch epoch;
  // Attempt that offered the block first; a repeat keeps it (C42).
  View view;
  Height height;
  Digest parent;
  WallMs time;
  ValidatorIndex proposer;
  Root transactions_root;
  // Both after the parent.
  Root state_root;
  Root results_root;
  Hash validator_set_hash;

  bool operator==(const Header&) const = default;
};

Bytes encode(const Header& header);
// nullopt unless there are exactly 230 bytes, and epoch, view, height and time are below 2^63.
std::optional<Header> decode_header(ByteView bytes);
// Of bytes as received or as encoded; the caller has decoded them.
Digest digest_of(ByteView header_bytes);

}  // namespace salus::ledger
