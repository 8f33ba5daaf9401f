// Owns: the layout of a block frame.
#include "wire/block_frame.h"

#include <utility>

namespace salus::wire {

Bytes encode(const BlockFrame& frame) {
  ByteWriter out;
  out.u64(frame.epoch.value());
  out.bytes(frame.digest.view());
  out.sized(frame.bytes);
  return std::move(out).out();
}

std::optional<BlockFrame> decode_block_frame(ByteView payload) {
  ByteReader in{payload};
  BlockFrame out;
  out.epoch = Epoch{in.u64()};
  out.digest = in.fixed<Digest>();
  out.bytes = in.sized(kBlockBytesMax);
  if (!in.done() || out.epoch.value() >= kOrdinalEnd) return std::nullopt;
  return out;
}

}  // namespace salus::wire
