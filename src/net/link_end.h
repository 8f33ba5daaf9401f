// Owns: why a link ended, one reason an enumerator, each with the sentence an operator reads. The
// values travel in Goodbye frames (docs/formats.md, "Frames") and never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace salus::net {

enum class LinkEnd : std::uint8_t {
  Stopped = 1,
  Replaced = 2,
  Punished = 3,
  NotAllowed = 4,
  WrongIdentity = 5,
  WrongChain = 6,
  WrongVersion = 7,
  HandshakeFailed = 8,
  ConnectFailed = 9,
  TooSlow = 10,
  Evicted = 11,
  UnknownFrame = 12,
  OversizedFrame = 13,
  MalformedFrame = 14,
  Silent = 15,
  Stalled = 16,
  ClosedByPeer = 17,
  RefusedByPeer = 18,
};
inline constexpr std::uint8_t kLinkEndLast = 18;

// What happened, seen from the side that ended the link, and what helps.
std::string_view sentence(LinkEnd end);

// The peer broke the protocol: it is punished, not only left.
bool is_breach(LinkEnd end);

// From a Goodbye frame; nullopt for a reason this build does not know.
std::optional<LinkEnd> parse_link_end(std::uint8_t value);

}  // namespace salus::net
