// Owns: the record format of RocksDB's logs (docs of RocksDB, "Write Ahead Log File Format"):
// blocks of 32 KiB with fragments `crc u32 | length u16 | type u8 | payload`, little-endian.
#include "storage/log_check.h"

#include <algorithm>

#include "storage/crc32c.h"

namespace salus::storage {

namespace {

constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeadBytes = 7;
constexpr std::size_t kReadBytesMax = std::size_t{1} << 30U;

enum class Type : std::uint8_t { Zero = 0, Full = 1, First = 2, Middle = 3, Last = 4 };

std::uint32_t little_endian(ByteView bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) out = (out << 8U) | bytes[i - 1];
  return out;
}

// RocksDB stores a checksum of checksums in disguise, so that it stays strong.
std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U; }

struct Fragment {
  Type type;
  std::size_t bytes;
};

// The fragment at the start of `block`, the rest of a block; nullopt if it is none.
std::optional<Fragment> fragment_at(ByteView block) {
  if (block.size() < kHeadBytes) return std::nullopt;
  const std::size_t length = little_endian(block.subspan(4, 2));
  const std::uint8_t type = block[6];
  if (type < 1 || type > 4 || kHeadBytes + length > block.size()) return std::nullopt;
  const ByteView checked = block.subspan(6, 1 + length);
  if (masked(crc32c({checked})) != little_endian(block.subspan(0, 4))) return std::nullopt;
  return Fragment{static_cast<Type>(type), kHeadBytes + length};
}

bool is_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool begins_batch(const std::optional<Fragment>& fragment) {
  return fragment && (fragment->type == Type::Full || fragment->type == Type::First);
}

std::size_t block_end_of(ByteView log, std::size_t at) {
  return std::min(log.size(), at / kBlockBytes * kBlockBytes + kBlockBytes);
}

std::optional<Fragment> fragment_of(ByteView log, std::size_t at) {
  return fragment_at(log.subspan(at, block_end_of(log, at) - at));
}

// Whether a batch begins behind the bad fragment at `at`: where its length says that it ends, and
// at each later block. Other places may hold what a transaction chose to write there.
bool goes_on_behind(ByteView log, std::size_t at) {
  for (std::size_t next = at; next + kHeadBytes <= block_end_of(log, at);) {
    next += kHeadBytes + little_endian(log.subspan(next + 4, 2));
    if (next + kHeadBytes > block_end_of(log, at)) break;
    const auto fragment = fragment_of(log, next);
    if (!fragment) break;
    if (begins_batch(fragment)) return true;
  }
  for (std::size_t next = block_end_of(log, at); next < log.size();
       next = block_end_of(log, next)) {
    for (std::size_t inner = next; inner < block_end_of(log, next);) {
      const auto fragment = fragment_of(log, inner);
      if (begins_batch(fragment)) return true;
      if (!fragment) break;
      inner += fragment->bytes;
    }
  }
  return false;
}

}  // namespace

LogCheck check_log(ByteView log) {
  LogCheck out;
  // A record has begun there and not ended yet.
  bool is_open = false;
  std::size_t begun = 0;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t block_end = block_end_of(log, at);
    const ByteView rest = log.subspan(at, block_end - at);
    // A block's end that holds no head is zeros.
    if (rest.size() < kHeadBytes && block_end % kBlockBytes == 0 && is_zero(rest)) {
      at = block_end;
      continue;
    }
    const auto fragment = fragment_at(rest);
    // A piece of a record, where one has begun and only there.
    if (!fragment || begins_batch(fragment) == is_open) {
      out.bad_at = is_open ? begun : at;
      out.goes_on = begins_batch(fragment) || goes_on_behind(log, at);
      return out;
    }
    if (fragment->type == Type::First) {
      begun = at;
      is_open = true;
    }
    if (fragment->type == Type::Last) is_open = false;
    at += fragment->bytes;
  }
  if (is_open) out.bad_at = begun;
  return out;
}

Result<LogCheck, IoError> check_log_file(const Path& path) {
  const auto file = File::open_to_read(path);
  if (!file) return std::unexpected(file.error());
  const auto size = file->size();
  if (!size) return std::unexpected(size.error());
  if (*size > kReadBytesMax) return std::unexpected(IoError{path, "is too large for a log", 0});
  const auto bytes = file->read(0, static_cast<std::size_t>(*size));
  if (!bytes) return std::unexpected(bytes.error());
  return check_log(*bytes);
}

}  // namespace salus::storage
