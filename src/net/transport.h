// Owns: at most one authenticated TLS link to each peer, and always an attempt at one. A frame that
// is delivered came from the node whose id stands beside it, on this chain, within its type's cap.
// How: both sides show a certificate of their node key, the key is compared with the pinned one,
// and a Hello names version and chain (docs/formats.md, "Frames"). Every method and callback runs
// on the driver's strand; TLS runs on strands of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/transport.h"
#include "crypto/ed25519.h"
#include "net/config.h"
#include "net/link_end.h"

namespace salus::net {

enum class NetErrorKind : std::uint8_t { BadListenAddress, ListenFailed, IdentityFailed };

struct NetError {
  NetErrorKind kind;
  // What was refused, why, and what helps.
  std::string reason;
};

// Shared by the frames of one read: when the last copy goes, on any thread, the link has its budget
// back and reads on.
using Receipt = std::shared_ptr<const void>;

// Called from the strand's queue, never from inside a method of the transport; none after stop().
// Up and down alternate for each node, and frames come between them. A link that replaces another
// is a down and an up: what was on its way on the old one may be lost.
struct Callbacks {
  // As long as the receipt is held, the frame counts against the peer's inbound budget.
  std::function<void(const NodeId& from, FrameType type, Bytes payload, Receipt receipt)> on_frame;
  std::function<void(const NodeId& peer)> on_link_up;
  std::function<void(const NodeId& peer, LinkEnd reason)> on_link_down;
};

struct LinkStatus {
  NodeId node;
  std::string name;
  // Where we dial it; empty when only it dials us.
  std::string address;
  bool validator = false;
  bool connected = false;
  bool dialled_by_us = false;
  // Age of the link.
  std::uint64_t connected_ms = 0;
  // The last reason why there was no link; stays readable while there is one.
  std::string last_error;
  // How often this peer was linked since start.
  std::uint64_t links = 0;
  // Refused for so long as a punishment; 0: welcome.
  std::uint64_t punished_ms = 0;
  // Of the present link.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::uint64_t dropped_consensus = 0;
  std::uint64_t dropped_bulk = 0;
  std::uint64_t dropped_transactions = 0;
  // Bytes that wait for its socket.
  std::uint64_t queued_bytes = 0;
  // Of the last answered ping; 0: none yet.
  std::uint64_t rtt_us = 0;
};

struct TransportCounters {
  // Connections from others.
  std::uint64_t accepted = 0;
  // Connections that ended before they were links, and links that ended, by reason.
  std::map<LinkEnd, std::uint64_t> refused;
  std::map<LinkEnd, std::uint64_t> ended;
  // Frames of our own above their cap: a defect of this build, dropped and logged.
  std::uint64_t oversized_out = 0;
};

class Hub;

class TlsTransport final : public Transport {
 public:
  // `driver` is the strand of every call and callback; `io` runs it and the TLS strands, and
  // outlives the transport. Nothing happens before start().
  TlsTransport(boost::asio::io_context& io, boost::asio::any_io_executor driver,
               const crypto::KeyPair& node_key, const ChainId& chain, NetConfig config,
               Callbacks callbacks);
  // Stops. On the driver's strand, or when nobody runs `io`.
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  // Listens and dials. After an error nothing runs.
  [[nodiscard]] Result<void, NetError> start();
  // Closes everything; no callback comes after it, and `io` is left without work of ours.
  void stop();

  // The present validators' nodes: they may dial us. Links to nodes that are no longer validators,
  // peers or allowed are closed.
  void set_validators(const std::vector<NodeId>& nodes);

  void send(const NodeId& peer, FrameType type, ByteView payload) override;
  void broadcast(FrameType type, ByteView payload) override;

  // Closes the link and refuses the peer 5 s, doubling to 5 min (consensus.md, section 10).
  void punish(const NodeId& peer);

  // One entry a known node, in the order of ids.
  std::vector<LinkStatus> links() const;
  bool is_linked(const NodeId& peer) const;
  TransportCounters counters() const;
  // The port in use; 0 before start().
  std::uint16_t listen_port() const;

 private:
  // Shared: handlers that wait in Asio must find it or find it gone.
  std::shared_ptr<Hub> hub_;
};

}  // namespace salus::net
