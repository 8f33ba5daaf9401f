// Owns: listening, dialling and what the driver asks; hub_links.cc judges what links report.
#include "net/hub.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <utility>

#include "net/tls.h"

namespace salus::net {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using tcp = asio::ip::tcp;

namespace {

constexpr milliseconds kWarnEvery{10'000};
constexpr milliseconds kStrangerWarnEvery{5'000};
// The system is out of sockets: trying at once would only spin.
constexpr milliseconds kAcceptPause{100};
constexpr int kAcceptBacklog = 256;

NodeId node_id_of(const PublicKey& key) { return NodeId{key.bytes}; }

}  // namespace

Hub::Peer::Peer(const asio::any_io_executor& driver, PeerAddress peer_address)
    : address(std::move(peer_address)), redial(driver), warn(kWarnEvery) {}

Hub::Hub(asio::io_context& io, asio::any_io_executor driver, const crypto::KeyPair& node_key,
         const ChainId& chain, NetConfig config, Callbacks callbacks)
    : io_(io),
      driver_(std::move(driver)),
      config_(std::move(config)),
      callbacks_(std::move(callbacks)),
      own_(node_id_of(node_key.public_key())),
      tls_(make_tls_context(node_key)),
      chance_(std::random_device{}()),
      acceptor_(driver_),
      accept_pause_(driver_),
      stranger_warn_(kStrangerWarnEvery) {
  hello_.chain = chain;
  hello_.instance = (std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}();
}

Result<void, NetError> Hub::start() {
  if (!tls_) {
    return std::unexpected(NetError{NetErrorKind::IdentityFailed,
                                    "OpenSSL refused to make a TLS identity of the node key. Check "
                                    "that OpenSSL 3 with Ed25519 and TLS 1.3 is installed."});
  }
  if (!config_.listen_host.empty()) {
    if (auto listening = listen(); !listening) return listening;
    accept_next();
  }
  running_ = true;
  for (const NodeId& node : config_.allowed) {
    if (node != own_) add_peer(PeerAddress{.node = node, .host = {}, .name = {}}, true);
  }
  for (const PeerAddress& address : config_.peers) {
    if (address.node == own_) continue;
    Peer& peer = add_peer(address, true);
    peer.address = address;
    dial_after(peer, milliseconds{0});
  }
  return {};
}

Result<void, NetError> Hub::listen() {
  ErrorCode error;
  const auto address = asio::ip::make_address(config_.listen_host, error);
  if (error) {
    return std::unexpected(
        NetError{NetErrorKind::BadListenAddress,
                 fmt::format("The peer listener cannot use `{}`: it is no IP address. Give one of "
                             "this machine's, or 0.0.0.0 for all.",
                             config_.listen_host)});
  }
  const tcp::endpoint endpoint{address, config_.listen_port};
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kAcceptBacklog, error);
  if (error) {
    ErrorCode ignored;
    acceptor_.close(ignored);
    return std::unexpected(
        NetError{NetErrorKind::ListenFailed,
                 fmt::format("The peer listener could not open {}:{}: {}. Check that the address "
                             "belongs to this machine and that the port is free.",
                             config_.listen_host, config_.listen_port, error.message())});
  }
  listen_port_ = acceptor_.local_endpoint(error).port();
  return {};
}

void Hub::stop() {
  if (!std::exchange(running_, false)) return;
  ErrorCode ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  for (auto& [id, connection] : connections_) connection.link->abort(LinkEnd::Stopped);
  connections_.clear();
  peers_.clear();
}

void Hub::set_validators(const std::vector<NodeId>& nodes) {
  if (!running_) return;
  const std::set<NodeId> present{nodes.begin(), nodes.end()};
  for (auto at = peers_.begin(); at != peers_.end();) {
    auto& [node, peer] = *at;
    peer.address.validator = present.contains(node);
    const bool stays = peer.kept || peer.address.validator;
    if (!stays) detach(peer, LinkEnd::NotAllowed);
    at = stays ? std::next(at) : peers_.erase(at);
  }
  for (const NodeId& node : present) {
    if (node == own_) continue;
    add_peer(PeerAddress{.node = node, .host = {}, .name = {}}, false).address.validator = true;
  }
}

Hub::Peer& Hub::add_peer(PeerAddress address, bool kept) {
  const NodeId node = address.node;
  Peer& peer = peers_.try_emplace(node, driver_, std::move(address)).first->second;
  peer.kept = peer.kept || kept;
  return peer;
}

Hub::Peer* Hub::find_peer(const NodeId& node) {
  const auto found = peers_.find(node);
  return found == peers_.end() ? nullptr : &found->second;
}

Hub::Connection* Hub::find_connection(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

Link* Hub::find_link(const Peer& peer) const {
  if (!peer.link) return nullptr;
  const auto found = connections_.find(*peer.link);
  return found == connections_.end() ? nullptr : found->second.link.get();
}

void Hub::accept_next() {
  const asio::any_io_executor strand = asio::make_strand(io_);
  acceptor_.async_accept(strand,
                         [weak = weak_from_this()](const ErrorCode& error, tcp::socket socket) {
                           if (const auto self = weak.lock())
                             self->on_accept(error, std::move(socket));
                         });
}

void Hub::on_accept(const ErrorCode& error, tcp::socket socket) {
  if (!running_) return;
  if (error) {
    accept_pause_.expires_after(kAcceptPause);
    accept_pause_.async_wait([weak = weak_from_this()](const ErrorCode& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled && self->running_) self->accept_next();
    });
    return;
  }
  ++counters_.accepted;
  ErrorCode gone;
  const auto source = socket.remote_endpoint(gone).address();
  if (!gone) {
    make_room_for(source);
    Connection& connection = connect(std::move(socket), std::nullopt);
    connection.source = source;
    connection.link->accept();
  }
  accept_next();
}

// The oldest stranger goes: honest ones need milliseconds, so the oldest is the least likely one.
void Hub::make_room_for(const asio::ip::address& source) {
  std::size_t all = 0;
  std::size_t same = 0;
  std::optional<ConnectionId> oldest;
  std::optional<ConnectionId> oldest_same;
  for (const auto& [id, connection] : connections_) {
    if (!connection.source || connection.in_use) continue;
    ++all;
    if (!oldest) oldest = id;
    if (*connection.source != source) continue;
    ++same;
    if (!oldest_same) oldest_same = id;
  }
  if (same >= config_.limits.unproven_per_source_max) return evict(*oldest_same);
  if (all >= config_.limits.unproven_max) evict(*oldest);
}

// Forgotten at once: one that still says goodbye must not be picked again in place of another.
void Hub::evict(ConnectionId id) {
  const Connection connection = std::move(connections_.extract(id).mapped());
  if (!connection.dismissed) {
    ++counters_.refused[LinkEnd::Evicted];
    log_stranger(connection, LinkEnd::Evicted, "");
  }
  connection.link->abort(LinkEnd::Evicted);
}

Hub::Connection& Hub::connect(tcp::socket socket, std::optional<NodeId> expected) {
  const ConnectionId id = ++last_connection_;
  Connection& made = connections_[id];
  made.node = expected;
  made.link = std::make_shared<Link>(std::move(socket), *tls_, config_.limits, hello_, expected,
                                     events_of(id));
  return made;
}

// Links outlive neither their place in the map nor the hub: an event that comes late finds nothing.
LinkEvents Hub::events_of(ConnectionId id) {
  const auto weak = weak_from_this();
  const auto post = [weak, driver = driver_](auto&& work) {
    asio::post(driver, [weak, work = std::move(work)]() mutable {
      const auto self = weak.lock();
      if (self && self->running_) work(*self);
    });
  };
  return {.on_hello =
              [post, id](const NodeId& node, std::uint64_t instance) {
                post([=](Hub& hub) { hub.on_hello(id, node, instance); });
              },
          .on_frames =
              [post, id](std::vector<Frame> frames) {
                post([id, frames = std::move(frames)](Hub& hub) mutable {
                  hub.on_frames(id, std::move(frames));
                });
              },
          .on_closed =
              [post, id](LinkEnd why, std::string detail) {
                post([id, why, detail = std::move(detail)](Hub& hub) {
                  hub.on_closed(id, why, detail);
                });
              }};
}

void Hub::dial_after(Peer& peer, milliseconds wait) {
  if (peer.address.host.empty()) return;
  peer.redial.expires_after(wait);
  peer.redial.async_wait(
      [weak = weak_from_this(), node = peer.address.node](const ErrorCode& cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled || !self->running_) return;
        if (Peer* found = self->find_peer(node)) self->dial(*found);
      });
}

void Hub::dial_again(Peer& peer) {
  const NetLimits& limits = config_.limits;
  peer.backoff = std::clamp(peer.backoff * 2, milliseconds{limits.redial_ms_min},
                            milliseconds{limits.redial_ms_max});
  // Two nodes that lost each other do not meet on the same millisecond for ever.
  const auto quarter = peer.backoff.count() / 4;
  std::uniform_int_distribution<milliseconds::rep> shift{-quarter, quarter};
  const auto wait = peer.backoff + milliseconds{shift(chance_)};
  const auto refused = std::chrono::duration_cast<milliseconds>(peer.refused_until - Clock::now());
  dial_after(peer, std::max(wait, refused));
}

void Hub::dial(Peer& peer) {
  if (peer.link || peer.dial) return;
  if (Clock::now() < peer.refused_until) return dial_again(peer);
  Connection& connection =
      connect(tcp::socket{asio::any_io_executor{asio::make_strand(io_)}}, peer.address.node);
  peer.dial = last_connection_;
  connection.link->dial(peer.address.host, peer.address.port);
}

EncodedFrame Hub::encode(FrameType type, ByteView payload) {
  const auto cap = payload_cap(wire_type(type));
  if (cap && payload.size() <= *cap) {
    return std::make_shared<const Bytes>(encode_frame(wire_type(type), payload));
  }
  ++counters_.oversized_out;
  spdlog::error(
      "A frame of this node was not sent: it is above the limit of its type. This is a "
      "defect: report it. type={} bytes={}",
      wire_type(type), payload.size());
  return nullptr;
}

void Hub::send(const NodeId& to, FrameType type, ByteView payload) {
  const auto found = peers_.find(to);
  Link* link = found == peers_.end() ? nullptr : find_link(found->second);
  if (link == nullptr) return;
  if (EncodedFrame frame = encode(type, payload)) link->push(type, std::move(frame));
}

void Hub::broadcast(FrameType type, ByteView payload) {
  EncodedFrame frame;
  for (const auto& [node, peer] : peers_) {
    Link* link = find_link(peer);
    if (link == nullptr) continue;
    if (!frame) frame = encode(type, payload);
    if (!frame) return;
    link->push(type, frame);
  }
}

bool Hub::is_linked(const NodeId& node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && find_link(found->second) != nullptr;
}

std::vector<LinkStatus> Hub::links() const {
  const auto now = Clock::now();
  std::vector<LinkStatus> out;
  out.reserve(peers_.size());
  for (const auto& [node, peer] : peers_) out.push_back(status_of(peer, now));
  return out;
}

LinkStatus Hub::status_of(const Peer& peer, Clock::time_point now) const {
  const auto ms = [](Clock::duration span) {
    return static_cast<std::uint64_t>(
        std::max<milliseconds::rep>(0, std::chrono::duration_cast<milliseconds>(span).count()));
  };
  LinkStatus out;
  out.node = peer.address.node;
  out.name = peer.address.name;
  if (!peer.address.host.empty()) {
    out.address = fmt::format("{}:{}", peer.address.host, peer.address.port);
  }
  out.validator = peer.address.validator;
  out.last_error = peer.last_error;
  out.links = peer.links;
  out.punished_ms = ms(peer.refused_until - now);

  const Link* link = find_link(peer);
  if (link == nullptr) return out;
  out.connected = true;
  out.dialled_by_us = !connections_.at(*peer.link).source.has_value();
  out.connected_ms = ms(now - peer.linked_at);
  out.bytes_in = link->meters().bytes_in;
  out.bytes_out = link->meters().bytes_out;
  out.frames_in = link->meters().frames_in;
  out.frames_out = link->meters().frames_out;
  out.rtt_us = link->meters().rtt_us;
  const auto dropped = link->outbox().dropped();
  out.dropped_consensus = dropped[0];
  out.dropped_bulk = dropped[1];
  out.dropped_transactions = dropped[2];
  out.queued_bytes = link->outbox().queued_bytes();
  return out;
}

}  // namespace salus::net
