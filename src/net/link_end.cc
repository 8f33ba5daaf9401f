// Owns: the sentences.
#include "net/link_end.h"

namespace salus::net {

std::string_view sentence(LinkEnd end) {
  switch (end) {
    case LinkEnd::Stopped:
      return "The node is stopping.";
    case LinkEnd::Replaced:
      return "Another connection between the same two nodes is kept.";
    case LinkEnd::Punished:
      return "The peer sent what no correct node sends and is refused for a while. Check its "
             "version.";
    case LinkEnd::NotAllowed:
      return "The node is neither a validator nor a configured peer. Add its node id to the peers "
             "or to the allowed nodes.";
    case LinkEnd::WrongIdentity:
      return "The node that answers there has another key than the configured one. Check the "
             "peer's "
             "address and node id.";
    case LinkEnd::WrongChain:
      return "The node is on another chain. Compare the genesis documents.";
    case LinkEnd::WrongVersion:
      return "The node speaks another version of the link protocol. Update the older one.";
    case LinkEnd::HandshakeFailed:
      return "The TLS handshake failed: the other side is no Salus node, or an incompatible one.";
    case LinkEnd::ConnectFailed:
      return "The address does not answer. Check that the peer runs and that its port is open.";
    case LinkEnd::TooSlow:
      return "The connection was not set up in time.";
    case LinkEnd::Evicted:
      return "Too many connections wait to prove who they are; the oldest went.";
    case LinkEnd::UnknownFrame:
      return "The peer sent a frame of a type this version does not know.";
    case LinkEnd::OversizedFrame:
      return "The peer announced a frame above the limit of its type.";
    case LinkEnd::MalformedFrame:
      return "The peer sent a link frame that is malformed or out of place.";
    case LinkEnd::Silent:
      return "Nothing was heard from the peer for too long. Check the network between the nodes.";
    case LinkEnd::Stalled:
      return "The peer accepts no data. Check its load and the network between the nodes.";
    case LinkEnd::ClosedByPeer:
      return "The peer closed the connection.";
    case LinkEnd::RefusedByPeer:
      return "The peer refused the link.";
  }
  return "";
}

bool is_breach(LinkEnd end) {
  return end == LinkEnd::UnknownFrame || end == LinkEnd::OversizedFrame ||
         end == LinkEnd::MalformedFrame;
}

std::optional<LinkEnd> parse_link_end(std::uint8_t value) {
  if (value == 0 || value > kLinkEndLast) return std::nullopt;
  return static_cast<LinkEnd>(value);
}

}  // namespace salus::net
