// Owns: the one way bytes are spelled, printed and laid out. Integers in canonical layouts are
// big-endian (decisions.md, "Bytes and genesis"); a reader never reads past its end.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace salus {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// Views of the same bytes; nothing is copied.
ByteView as_bytes(std::string_view text);
std::string_view as_chars(ByteView bytes);

// Lower-case hexadecimal.
std::string hex(ByteView bytes);
// Accepts either case; nullopt for odd lengths and other characters.
std::optional<Bytes> parse_hex(std::string_view text);

// Fixed-length byte strings with a meaning (an account id, a digest ...): equal length, distinct
// types. Zero-filled by default; all-zero is never a valid key or digest.
template <typename Tag, std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const FixedBytes&) const = default;

  bool is_zero() const { return *this == FixedBytes{}; }
  ByteView view() const { return bytes; }
  std::string to_hex() const { return hex(bytes); }
  // A copy of the bytes in a std::string, as protobuf stores them.
  std::string to_string() const { return std::string{as_chars(bytes)}; }

  // nullopt unless `from` has exactly N bytes.
  static std::optional<FixedBytes> from(ByteView from) {
    if (from.size() != N) return std::nullopt;
    FixedBytes out;
    for (std::size_t i = 0; i < N; ++i) out.bytes[i] = from[i];
    return out;
  }
  static std::optional<FixedBytes> from(std::string_view chars) { return from(as_bytes(chars)); }
  static std::optional<FixedBytes> from_hex(std::string_view text) {
    const auto parsed = parse_hex(text);
    return parsed ? from(ByteView{*parsed}) : std::nullopt;
  }
};

// Appends fixed-width big-endian integers and byte strings.
class ByteWriter {
 public:
  // Room for `bytes` in all, for a writer that knows its length.
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { big_endian(value, 2); }
  void u32(std::uint32_t value) { big_endian(value, 4); }
  void u64(std::uint64_t value) { big_endian(value, 8); }
  // Out of line: inlined into a fresh writer, g++ 12 mistakes the growth for an overflow.
  void bytes(ByteView value);
  // A variable-length part: u32 length, then the bytes. `value` is shorter than 4 GiB.
  void sized(ByteView value);

  const Bytes& out() const& { return out_; }
  Bytes out() && { return std::move(out_); }

 private:
  void big_endian(std::uint64_t value, int width);
  Bytes out_;
};

// Reads what ByteWriter wrote. After the first short read `ok()` is false and every read is zero.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() { return big_endian(8); }
  // `count` bytes, or an empty view after which ok() is false.
  ByteView bytes(std::size_t count);
  // u32 length, then at most `max` bytes; a longer claim fails before anything is read.
  ByteView sized(std::size_t max);
  template <typename T>
  T fixed() {
    const ByteView read = bytes(T::kSize);
    return ok_ ? *T::from(read) : T{};
  }

  bool ok() const { return ok_; }
  std::size_t left() const { return in_.size(); }
  // Everything was read, and nothing was missing.
  bool done() const { return ok_ && in_.empty(); }

 private:
  std::uint64_t big_endian(std::size_t width);
  ByteView in_;
  bool ok_ = true;
};

}  // namespace salus
