// Owns: what an operator may say about links, and every limit of this folder with its reason. None
// of it is a parameter of consensus: two nodes with different limits still agree on every block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace salus::net {

// A peer this node dials. Its key is pinned: whoever answers at the address with another key is
// refused.
struct PeerAddress {
  NodeId node;
  // An address or a name; empty for a peer that only dials us.
  std::string host;
  std::uint16_t port = 0;
  // For people: what logs and status call it.
  std::string name;
  bool validator = false;
};

struct NetLimits {
  // From the first byte to the peer's accepted Hello. Half-open strangers go after it.
  std::uint32_t setup_ms_max = 4'000;
  // Connections from others that have not proved who they are. At the limit the oldest one goes, so
  // a crowd of silent ones delays an honest one by nothing.
  std::size_t unproven_max = 64;
  // The same for one source address. Wide, because all nodes of a local network share one.
  std::size_t unproven_per_source_max = 32;

  // Redial for ever: doubling between the two, each time shifted by up to a quarter.
  std::uint32_t redial_ms_min = 100;
  std::uint32_t redial_ms_max = 2'000;

  // A ping this often; a link on which nothing was heard for so long is down.
  std::uint32_t ping_ms = 2'000;
  std::uint32_t silent_ms_max = 10'000;
  // A peer that takes nothing from us for so long is down. Longer, as its disk may be slow.
  std::uint32_t stalled_ms_max = 30'000;

  // Frames of one peer that wait for the driver; beyond, its socket is not read. The last read may
  // exceed it once: memory for one peer is at most this plus one largest frame.
  std::size_t inbound_bytes_max = std::size_t{4} << 20U;
  std::size_t inbound_frames_max = 1'024;
  // Votes, certificates, fetches and status of one peer (consensus.md, section 10). Beyond it the
  // peer is read slower.
  std::uint32_t consensus_frames_per_s = 1'000;
  std::uint32_t consensus_frames_burst = 2'000;

  // Frames that wait for one peer's socket, by class. Full: the first two forget their oldest, as
  // the newest vote or block is worth more; transactions refuse the newest.
  std::size_t consensus_queue_frames_max = 4'096;
  std::size_t consensus_queue_bytes_max = std::size_t{8} << 20U;
  std::size_t bulk_queue_frames_max = 256;
  std::size_t bulk_queue_bytes_max = std::size_t{32} << 20U;
  std::size_t transaction_queue_frames_max = 4'096;
  std::size_t transaction_queue_bytes_max = std::size_t{8} << 20U;

  // A punished peer is refused this long, doubling with each time (consensus.md, section 10).
  std::uint32_t punish_ms_min = 5'000;
  std::uint32_t punish_ms_max = 300'000;
};

struct NetConfig {
  // An IP address of this machine; empty: do not listen.
  std::string listen_host = "127.0.0.1";
  // 0: any free one.
  std::uint16_t listen_port = 0;
  std::vector<PeerAddress> peers;
  // Nodes that may dial us though they are neither peers nor validators: observers.
  std::vector<NodeId> allowed;
  NetLimits limits;
};

}  // namespace salus::net
