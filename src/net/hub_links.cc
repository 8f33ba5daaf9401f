// Owns: the judgement of what links report: welcome or not, this one or that, and what follows an
// end.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/hub.h"

namespace salus::net {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// A link that lived so long was a good one: the next dial is quick again.
constexpr milliseconds kGoodLinkAge{1'000};
constexpr std::chrono::hours kDay{24};
constexpr std::uint32_t kPunishmentsToAlarm = 3;

// Enough of an id to tell peers apart.
std::string label(const PeerAddress& address) {
  const std::string id = address.node.to_hex().substr(0, 8);
  return address.name.empty() ? id : address.name + " (" + id + ")";
}

std::string with(std::string_view text, const std::string& detail) {
  return detail.empty() ? std::string{text} : fmt::format("{} ({})", text, detail);
}

}  // namespace

void Hub::on_hello(ConnectionId id, const NodeId& node, std::uint64_t instance) {
  Connection* fresh = find_connection(id);
  if (fresh == nullptr || fresh->dismissed) return;
  fresh->node = node;
  fresh->instance = instance;
  Peer* peer = find_peer(node);
  if (peer == nullptr) return dismiss(id, LinkEnd::NotAllowed);
  if (Clock::now() < peer->refused_until) return dismiss(id, LinkEnd::Punished);

  const Connection* present = peer->link ? find_connection(*peer->link) : nullptr;
  if (present != nullptr && !is_better(*fresh, *present, node)) {
    // The peer may dial because it gave the present link up and we have not noticed yet.
    present->link->probe();
    return dismiss(id, LinkEnd::Replaced);
  }
  if (present != nullptr) detach(*peer, LinkEnd::Replaced);
  use(*peer, id);
}

// Both sides must answer alike. Whoever restarted, or dials again, has lost the older connection;
// two that were dialled towards each other are settled by the order of ids.
bool Hub::is_better(const Connection& fresh, const Connection& present, const NodeId& node) const {
  const bool fresh_is_ours = !fresh.source.has_value();
  const bool present_is_ours = !present.source.has_value();
  if (fresh.instance != present.instance || fresh_is_ours == present_is_ours) return true;
  return fresh_is_ours == (own_ < node);
}

void Hub::use(Peer& peer, ConnectionId id) {
  if (peer.dial == id) peer.dial.reset();
  peer.link = id;
  connections_.at(id).in_use = true;
  peer.linked_at = Clock::now();
  ++peer.links;
  spdlog::info("Linked to {}. dialled_by={}", label(peer.address),
               connections_.at(id).source ? "peer" : "us");
  tell_up(peer.address.node);
  // After the news of the link: frames come only once it is open.
  connections_.at(id).link->open();
}

void Hub::dismiss(ConnectionId id, LinkEnd why) {
  Connection& connection = connections_.at(id);
  connection.dismissed = true;
  if (connection.source) {
    ++counters_.refused[why];
    if (why != LinkEnd::Replaced) log_stranger(connection, why, "");
  }
  Peer* peer = connection.node ? find_peer(*connection.node) : nullptr;
  if (peer != nullptr && peer->dial == id) {
    peer->dial.reset();
    if (!peer->link) dial_again(*peer);
  }
  connection.link->close(why);
}

// Takes the link from the peer; what is still on its way in is not delivered any more.
void Hub::detach(Peer& peer, LinkEnd why) {
  if (!peer.link) return;
  Connection& connection = connections_.at(*std::exchange(peer.link, std::nullopt));
  connection.dismissed = true;
  connection.in_use = false;
  ++counters_.ended[why];
  peer.last_error = sentence(why);
  tell_down(peer.address.node, why);
  connection.link->close(why);
}

void Hub::on_frames(ConnectionId id, std::vector<Frame> frames) {
  const Connection* connection = find_connection(id);
  if (connection == nullptr || !connection->node) return;
  const NodeId node = *connection->node;
  const std::size_t count = frames.size();
  std::size_t bytes = 0;
  for (const Frame& frame : frames) bytes += frame.payload.size();
  const Receipt receipt{nullptr, [link = connection->link, count, bytes](const void*) {
                          link->handled(count, bytes);
                        }};
  for (Frame& frame : frames) {
    // Looked up again each time: the driver may punish the peer or stop in the middle.
    const Peer* peer = running_ ? find_peer(node) : nullptr;
    if (peer == nullptr || peer->link != id) break;
    callbacks_.on_frame(node, static_cast<FrameType>(frame.type), std::move(frame.payload),
                        receipt);
  }
}

void Hub::on_closed(ConnectionId id, LinkEnd why, const std::string& detail) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const Connection connection = std::move(found->second);
  connections_.erase(found);
  if (connection.dismissed) return;

  Peer* peer = connection.node ? find_peer(*connection.node) : nullptr;
  if (peer != nullptr && (peer->link == id || peer->dial == id)) {
    return on_peer_closed(*peer, id, why, detail);
  }
  ++counters_.refused[why];
  log_stranger(connection, why, detail);
}

void Hub::on_peer_closed(Peer& peer, ConnectionId id, LinkEnd why, const std::string& detail) {
  peer.last_error = with(sentence(why), detail);
  if (is_breach(why)) refuse_for_a_while(peer);
  if (peer.dial == id) {
    peer.dial.reset();
    ++counters_.refused[why];
    if (peer.link || why == LinkEnd::Replaced) {
      // The other side keeps another connection of the two; if that one fails too, we dial.
      if (!peer.link) dial_again(peer);
      return;
    }
  } else {
    peer.link.reset();
    ++counters_.ended[why];
    if (Clock::now() - peer.linked_at >= kGoodLinkAge) peer.backoff = milliseconds{0};
    tell_down(peer.address.node, why);
  }
  if (why != LinkEnd::Replaced) log_down(peer, why, detail);
  dial_again(peer);
}

void Hub::punish(const NodeId& node) {
  Peer* peer = find_peer(node);
  if (peer == nullptr) return;
  refuse_for_a_while(*peer);
  if (peer->dial) dismiss(*peer->dial, LinkEnd::Punished);
  detach(*peer, LinkEnd::Punished);
  dial_again(*peer);
}

void Hub::refuse_for_a_while(Peer& peer) {
  const auto now = Clock::now();
  if (peer.punishments == 0 || now - peer.punished_since >= kDay) {
    peer.punishments = 0;
    peer.punished_since = now;
  }
  auto span = milliseconds{config_.limits.punish_ms_min};
  const auto most = milliseconds{config_.limits.punish_ms_max};
  for (std::uint32_t i = 0; i < peer.punishments && span < most; ++i) span *= 2;
  span = std::min(span, most);
  ++peer.punishments;
  peer.refused_until = now + span;

  if (peer.punishments == kPunishmentsToAlarm) {
    spdlog::error(
        "{} broke the protocol {} times in a day. Ask its operator for its version and "
        "logs. refused_ms={}",
        label(peer.address), peer.punishments, span.count());
  } else if (const auto left_out = peer.warn.pass(now)) {
    spdlog::warn(
        "{} sent what no correct node sends and is refused for a while. refused_ms={} "
        "left_out={}",
        label(peer.address), span.count(), *left_out);
  }
}

// By way of the strand's queue, so that no method of the transport calls back from inside.
void Hub::tell_up(const NodeId& node) {
  asio::post(driver_, [weak = weak_from_this(), node] {
    const auto self = weak.lock();
    if (self && self->running_) self->callbacks_.on_link_up(node);
  });
}

void Hub::tell_down(const NodeId& node, LinkEnd why) {
  asio::post(driver_, [weak = weak_from_this(), node, why] {
    const auto self = weak.lock();
    if (self && self->running_) self->callbacks_.on_link_down(node, why);
  });
}

void Hub::log_down(Peer& peer, LinkEnd why, const std::string& detail) {
  const auto left_out = peer.warn.pass(Clock::now());
  if (!left_out) return;
  spdlog::warn("No link to {}: {} It is dialled again for ever. left_out={}", label(peer.address),
               with(sentence(why), detail), *left_out);
}

void Hub::log_stranger(const Connection& connection, LinkEnd why, const std::string& detail) {
  const auto left_out = stranger_warn_.pass(Clock::now());
  if (!left_out) return;
  const std::string who =
      connection.node ? connection.node->to_hex().substr(0, 8) : std::string{"unproven"};
  spdlog::warn(
      "A connection was refused: {} source={} node={} left_out={}", with(sentence(why), detail),
      connection.source ? connection.source->to_string() : std::string{"us"}, who, *left_out);
}

}  // namespace salus::net
