// Owns: the way frames reach other nodes. Sending never blocks and never fails: a full queue drops
// by class, and the protocol repeats what matters. Real: net/; in-memory and faulty: tests.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus {

// The kind of a frame decides its cap and its queue. Values are on the wire.
enum class FrameType : std::uint8_t {
  Vote = 1,          // one consensus vote
  Certificate = 2,   // one consensus certificate
  Block = 3,         // epoch, digest and bytes of one candidate block
  Fetch = 4,         // asks for certificates of a view, or a block by digest or height
  Answer = 5,        // answers a Fetch
  Status = 6,        // where the sender is (consensus.md, section 2)
  Transaction = 7,   // one client transaction, relayed
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Queues one frame for `peer`. Unknown or disconnected peers swallow it. Driver's strand only.
  virtual void send(const NodeId& peer, FrameType type, ByteView payload) = 0;
  // The same frame to every connected peer.
  virtual void broadcast(FrameType type, ByteView payload) = 0;
};

}  // namespace salus
