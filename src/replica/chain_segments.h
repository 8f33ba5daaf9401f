// Owns: how many finalized segments one answer carries. It holds whole segments only, stops growing
// at the soft limit, and never exceeds what a frame or its decoder takes: a receiver would drop it
// and ask for the same again, for ever.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "sync/messages.h"

namespace salus::replica {

class ChainSegments {
 public:
  // The next block; `certificate` is the finalization of its segment, which it may end. False when
  // no further block is wanted.
  bool add(ByteView block, const Bytes& certificate, bool ends_segment);
  // The segments that are whole. If the first does not fit: no blocks, and the finalization that
  // ends it, so that the receiver gets it by digest (C37). nullopt if there was no block.
  std::optional<sync::ChainAnswer> finish() &&;

 private:
  sync::ChainAnswer answer_;
  // How many of the blocks a finalization ends.
  std::size_t complete_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace salus::replica
