// Owns: hexadecimal and big-endian, written once.
#include "base/bytes.h"

#include <limits>

#include "base/assert.h"

namespace salus {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0x0fU]);
  }
  return out;
}

std::optional<Bytes> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

void ByteWriter::bytes(ByteView value) { out_.insert(out_.end(), value.begin(), value.end()); }

void ByteWriter::sized(ByteView value) {
  SALUS_ASSERT(value.size() <= std::numeric_limits<std::uint32_t>::max(), "a part over 4 GiB");
  u32(static_cast<std::uint32_t>(value.size()));
  bytes(value);
}

void ByteWriter::big_endian(std::uint64_t value, int width) {
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
    out_.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

ByteView ByteReader::bytes(std::size_t count) {
  if (!ok_ || count > in_.size()) {
    ok_ = false;
    return {};
  }
  const ByteView read = in_.first(count);
  in_ = in_.subspan(count);
  return read;
}

ByteView ByteReader::sized(std::size_t max) {
  const std::size_t length = u32();
  if (length > max) ok_ = false;
  return bytes(length);
}

std::uint64_t ByteReader::big_endian(std::size_t width) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes(width)) value = (value << 8U) | byte;
  return value;
}

}  // namespace salus
