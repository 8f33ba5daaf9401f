// Owns: who is welcome, which of two connections to one peer stays, when to dial again, and whom to
// refuse for a while. Of two live connections both sides keep the same one: the one dialled by the
// smaller node id. Whatever ends, an attempt at a new link follows.
// Driver's strand throughout; links report here by posting to it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "net/link.h"
#include "net/transport.h"
#include "net/warn_gate.h"

namespace salus::net {

class Hub : public std::enable_shared_from_this<Hub> {
 public:
  using Clock = std::chrono::steady_clock;

  Hub(boost::asio::io_context& io, boost::asio::any_io_executor driver,
      const crypto::KeyPair& node_key, const ChainId& chain, NetConfig config, Callbacks callbacks);

  // As in TlsTransport.
  Result<void, NetError> start();
  void stop();
  void set_validators(const std::vector<NodeId>& nodes);
  void send(const NodeId& to, FrameType type, ByteView payload);
  void broadcast(FrameType type, ByteView payload);
  void punish(const NodeId& node);
  std::vector<LinkStatus> links() const;
  bool is_linked(const NodeId& node) const;
  const TransportCounters& counters() const { return counters_; }
  std::uint16_t listen_port() const { return listen_port_; }

 private:
  // Names a connection in what its link posts; never used again.
  using ConnectionId = std::uint64_t;
  using ErrorCode = boost::system::error_code;

  // From the first byte to the end, whether welcome or not: at most unproven_max from outside, and
  // per peer the link in use, one dial, and for half a second those that say goodbye.
  struct Connection {
    std::shared_ptr<Link> link;
    // Empty: dialled by us.
    std::optional<boost::asio::ip::address> source;
    // Whom we dialled, or who proved itself.
    std::optional<NodeId> node;
    std::uint64_t instance = 0;
    // The link in use of its peer: all others from outside count as strangers, also those that
    // proved themselves and are on their way out.
    bool in_use = false;
    // It was asked to go, and its end says nothing new about the peer.
    bool dismissed = false;
  };

  struct Peer {
    Peer(const boost::asio::any_io_executor& driver, PeerAddress peer_address);

    PeerAddress address;
    // Configured or allowed: stays when it is no validator.
    bool kept = false;
    // The link in use, and the dial under way.
    std::optional<ConnectionId> link;
    std::optional<ConnectionId> dial;
    Clock::time_point linked_at;
    std::uint64_t links = 0;
    std::string last_error;

    boost::asio::steady_timer redial;
    std::chrono::milliseconds backoff{0};

    Clock::time_point refused_until;
    std::uint32_t punishments = 0;
    // The first punishment of the day that is counted.
    Clock::time_point punished_since;
    WarnGate warn;
  };

  Peer& add_peer(PeerAddress address, bool kept);
  Peer* find_peer(const NodeId& node);
  Connection* find_connection(ConnectionId id);
  Link* find_link(const Peer& peer) const;

  Result<void, NetError> listen();
  void accept_next();
  void on_accept(const ErrorCode& error, boost::asio::ip::tcp::socket socket);
  void make_room_for(const boost::asio::ip::address& source);
  void evict(ConnectionId id);
  Connection& connect(boost::asio::ip::tcp::socket socket, std::optional<NodeId> expected);
  LinkEvents events_of(ConnectionId id);

  void dial_after(Peer& peer, std::chrono::milliseconds wait);
  void dial_again(Peer& peer);
  void dial(Peer& peer);

  void on_hello(ConnectionId id, const NodeId& node, std::uint64_t instance);
  bool is_better(const Connection& fresh, const Connection& present, const NodeId& node) const;
  void use(Peer& peer, ConnectionId id);
  void dismiss(ConnectionId id, LinkEnd why);
  void detach(Peer& peer, LinkEnd why);
  void on_frames(ConnectionId id, std::vector<Frame> frames);
  void on_closed(ConnectionId id, LinkEnd why, const std::string& detail);
  void on_peer_closed(Peer& peer, ConnectionId id, LinkEnd why, const std::string& detail);

  void refuse_for_a_while(Peer& peer);
  EncodedFrame encode(FrameType type, ByteView payload);
  LinkStatus status_of(const Peer& peer, Clock::time_point now) const;

  void tell_up(const NodeId& node);
  void tell_down(const NodeId& node, LinkEnd why);
  void log_down(Peer& peer, LinkEnd why, const std::string& detail);
  void log_stranger(const Connection& connection, LinkEnd why, const std::string& detail);

  boost::asio::io_context& io_;
  boost::asio::any_io_executor driver_;
  const NetConfig config_;
  const Callbacks callbacks_;
  const NodeId own_;
  Hello hello_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  // Chance is for back-off and the instance number only.
  std::mt19937_64 chance_;

  bool running_ = false;
  std::uint16_t listen_port_ = 0;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_pause_;
  std::map<NodeId, Peer> peers_;
  // In the order of arrival: the oldest comes first.
  std::map<ConnectionId, Connection> connections_;
  ConnectionId last_connection_ = 0;
  TransportCounters counters_;
  WarnGate stranger_warn_;
};

}  // namespace salus::net
