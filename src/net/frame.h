// Owns: frames on a link are `type u8 | length u32 big-endian | payload`, and no length above the
// cap of its type costs memory (docs/formats.md, "Frames"). Pure: bytes in, frames out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/transport.h"
#include "net/link_end.h"

namespace salus::net {

inline constexpr std::size_t kFrameHeaderBytes = 5;
inline constexpr std::uint16_t kProtocolVersion = 1;
inline constexpr std::string_view kAlpn = "salus/1";

inline constexpr std::size_t kVoteBytesMax = 256;
// A certificate of 256 validators has 8 267 bytes (consensus.md, section 10).
inline constexpr std::size_t kCertificateBytesMax = std::size_t{9} << 10U;
inline constexpr std::size_t kBlockBytesMax = (std::size_t{8} << 20U) + (std::size_t{64} << 10U);
inline constexpr std::size_t kFetchBytesMax = 256;
inline constexpr std::size_t kAnswerBytesMax = std::size_t{9} << 20U;
inline constexpr std::size_t kStatusBytesMax = std::size_t{64} << 10U;
inline constexpr std::size_t kTransactionBytesMax = std::size_t{80} << 10U;
static_assert(kAnswerBytesMax > kBlockBytesMax, "an answer carries a whole block");

// Frames of the link itself, above the transport's types. A Hello may grow in later versions.
inline constexpr std::uint8_t kHelloFrame = 240;
inline constexpr std::uint8_t kPingFrame = 241;
inline constexpr std::uint8_t kPongFrame = 242;
inline constexpr std::uint8_t kGoodbyeFrame = 243;
inline constexpr std::size_t kHelloBytesMax = 256;
inline constexpr std::size_t kPingBytes = 8;

// The largest payload of a type; nullopt for a type this version does not know.
std::optional<std::size_t> payload_cap(std::uint8_t type);
constexpr std::uint8_t wire_type(FrameType type) { return static_cast<std::uint8_t>(type); }
constexpr bool is_link_frame(std::uint8_t type) { return type >= kHelloFrame; }

struct Frame {
  std::uint8_t type = 0;
  Bytes payload;
};

// Header and payload. `payload` is within the cap.
Bytes encode_frame(std::uint8_t type, ByteView payload);

// Cuts a stream into frames. The first one is a Hello or a Goodbye, or the stream is refused.
class FrameReader {
 public:
  // Appends what is complete to `out`. A reason means that the stream is broken for good; nothing
  // may be fed after it.
  std::optional<LinkEnd> feed(ByteView chunk, std::vector<Frame>& out);

 private:
  std::optional<LinkEnd> begin_payload();

  std::array<std::uint8_t, kFrameHeaderBytes> header_{};
  std::size_t header_size_ = 0;
  std::size_t payload_size_ = 0;
  Frame frame_;
  bool greeted_ = false;
};

// Who speaks: the dialler says it first, the other side answers when it accepts.
struct Hello {
  std::uint16_t version = kProtocolVersion;
  ChainId chain;
  // Drawn once a process: tells a peer that restarted from one that dials twice.
  std::uint64_t instance = 0;
};
Bytes encode_hello(const Hello& hello);
// The reason is WrongVersion before anything else, so that a later layout still gets a clear
// answer.
std::optional<LinkEnd> check_hello(ByteView payload, const ChainId& chain, Hello& out);

}  // namespace salus::net
