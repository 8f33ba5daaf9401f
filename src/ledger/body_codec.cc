// Owns: protobuf's length-delimited fields 1 and 2, in their shortest form only.
#include "ledger/body_codec.h"

#include "ledger/block.h"

namespace salus::ledger {

namespace {

// Field number 1 or 2, wire type 2.
constexpr std::uint8_t kHeaderTag = 0x0a;
constexpr std::uint8_t kTransactionTag = 0x12;

void append_field(std::string& out, std::uint8_t tag, std::string_view value) {
  out.push_back(static_cast<char>(tag));
  std::size_t left = value.size();
  for (; left >= 0x80; left >>= 7U) out.push_back(static_cast<char>((left & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(left));
  out.append(value);
}

// A length of at most three bytes, enough for 64 KiB; nullopt if it is longer than it needs to be.
std::optional<std::size_t> read_length(ByteReader& in) {
  std::size_t value = 0;
  for (unsigned shift = 0; shift <= 14; shift += 7) {
    const std::uint8_t byte = in.u8();
    value |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    const bool is_last = (byte & 0x80U) == 0;
    if (is_last && byte == 0 && shift > 0) return std::nullopt;
    if (is_last) return value;
  }
  return std::nullopt;
}

std::optional<ByteView> read_field(ByteReader& in, std::uint8_t tag, std::size_t bytes_max) {
  if (in.u8() != tag) return std::nullopt;
  const auto length = read_length(in);
  if (!length || *length > bytes_max) return std::nullopt;
  const ByteView value = in.bytes(*length);
  if (!in.ok()) return std::nullopt;
  return value;
}

std::optional<ByteView> read_header(ByteReader& in) {
  const auto header = read_field(in, kHeaderTag, kHeaderBytes);
  return header && header->size() == kHeaderBytes ? header : std::nullopt;
}

}  // namespace

std::string encode_body(ByteView header, const std::vector<ByteView>& transactions) {
  std::string out;
  append_field(out, kHeaderTag, as_chars(header));
  for (const auto raw : transactions) append_field(out, kTransactionTag, as_chars(raw));
  return out;
}

std::optional<ByteView> header_of_body(ByteView bytes) {
  ByteReader in{bytes};
  return read_header(in);
}

std::optional<BodyParts> decode_body(ByteView bytes) {
  if (bytes.size() > kBlockBytesMax) return std::nullopt;
  ByteReader in{bytes};
  BodyParts out;
  const auto header = read_header(in);
  if (!header) return std::nullopt;
  out.header = *header;
  while (in.left() > 0) {
    if (out.transactions.size() == kTransactionsPerBlockMax) return std::nullopt;
    const auto raw = read_field(in, kTransactionTag, wire::kTransactionBytesMax);
    if (!raw) return std::nullopt;
    out.transactions.push_back(*raw);
  }
  return out;
}

}  // namespace salus::ledger
