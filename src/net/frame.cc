// Owns: the cutting of the stream.
#include "net/frame.h"

#include <algorithm>
#include <utility>

namespace salus::net {

namespace {

// What a bare header may reserve; the rest grows with the bytes that really arrive.
constexpr std::size_t kReserveAtOnceBytes = std::size_t{64} << 10U;

void grow_for(Bytes& payload, std::size_t need, std::size_t whole) {
  if (payload.capacity() >= need) return;
  payload.reserve(std::min(whole, std::max(need, payload.capacity() * 2)));
}

}  // namespace

std::optional<std::size_t> payload_cap(std::uint8_t type) {
  switch (type) {
    case wire_type(FrameType::Vote):
      return kVoteBytesMax;
    case wire_type(FrameType::Certificate):
      return kCertificateBytesMax;
    case wire_type(FrameType::Block):
      return kBlockBytesMax;
    case wire_type(FrameType::Fetch):
      return kFetchBytesMax;
    case wire_type(FrameType::Answer):
      return kAnswerBytesMax;
    case wire_type(FrameType::Status):
      return kStatusBytesMax;
    case wire_type(FrameType::Transaction):
      return kTransactionBytesMax;
    case kHelloFrame:
      return kHelloBytesMax;
    case kPingFrame:
    case kPongFrame:
      return kPingBytes;
    case kGoodbyeFrame:
      return 1;
    default:
      return std::nullopt;
  }
}

Bytes encode_frame(std::uint8_t type, ByteView payload) {
  ByteWriter out;
  out.u8(type);
  out.sized(payload);
  return std::move(out).out();
}

std::optional<LinkEnd> FrameReader::feed(ByteView chunk, std::vector<Frame>& out) {
  while (!chunk.empty()) {
    if (header_size_ < kFrameHeaderBytes) {
      header_[header_size_++] = chunk.front();
      chunk = chunk.subspan(1);
      if (header_size_ < kFrameHeaderBytes) continue;
      if (const auto refused = begin_payload()) return refused;
    }
    const std::size_t have = frame_.payload.size();
    const std::size_t take = std::min(chunk.size(), payload_size_ - have);
    grow_for(frame_.payload, have + take, payload_size_);
    frame_.payload.insert(frame_.payload.end(), chunk.begin(),
                          chunk.begin() + static_cast<std::ptrdiff_t>(take));
    chunk = chunk.subspan(take);
    if (frame_.payload.size() < payload_size_) continue;

    out.push_back(std::exchange(frame_, Frame{}));
    header_size_ = 0;
  }
  return std::nullopt;
}

std::optional<LinkEnd> FrameReader::begin_payload() {
  ByteReader header{header_};
  frame_.type = header.u8();
  payload_size_ = header.u32();

  const auto cap = payload_cap(frame_.type);
  if (!cap) return LinkEnd::UnknownFrame;
  if (payload_size_ > *cap) return LinkEnd::OversizedFrame;
  if (!greeted_ && frame_.type != kHelloFrame && frame_.type != kGoodbyeFrame) {
    return LinkEnd::MalformedFrame;
  }
  greeted_ = true;
  frame_.payload.reserve(std::min(payload_size_, kReserveAtOnceBytes));
  return std::nullopt;
}

Bytes encode_hello(const Hello& hello) {
  ByteWriter out;
  out.u16(hello.version);
  out.bytes(hello.chain.view());
  out.u64(hello.instance);
  return std::move(out).out();
}

std::optional<LinkEnd> check_hello(ByteView payload, const ChainId& chain, Hello& out) {
  ByteReader in{payload};
  out.version = in.u16();
  if (in.ok() && out.version != kProtocolVersion) return LinkEnd::WrongVersion;
  out.chain = in.fixed<ChainId>();
  out.instance = in.u64();
  if (!in.done()) return LinkEnd::MalformedFrame;
  if (out.chain != chain) return LinkEnd::WrongChain;
  return std::nullopt;
}

}  // namespace salus::net
