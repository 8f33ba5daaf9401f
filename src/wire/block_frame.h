// Owns: how a candidate's bytes travel between nodes (consensus.md, section 2):
// epoch u64 | digest 32 | u32 length | bytes. The digest is the sender's claim and proves nothing:
// the receiver hashes what it got.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::wire {

// No block is larger, whatever the parameters say (consensus.md, section 10).
inline constexpr std::size_t kBlockBytesMax = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t kBlockFrameBytesMax = 8 + 32 + 4 + kBlockBytesMax;

struct BlockFrame {
  Epoch epoch;
  Digest digest;
  // A view into the frame that was decoded.
  ByteView bytes;
};

Bytes encode(const BlockFrame& frame);
// nullopt unless the length is exact and within the bound, and the epoch below 2^63.
std::optional<BlockFrame> decode_block_frame(ByteView payload);

}  // namespace salus::wire
