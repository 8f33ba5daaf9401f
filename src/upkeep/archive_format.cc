// Owns: the layout, written and read side by side.
#include "upkeep/archive_format.h"

#include <charconv>
#include <utility>

#include "crypto/hash.h"
#include "ledger/block.h"
#include "ledger/body_codec.h"
#include "ledger/header.h"

namespace salus::upkeep {

namespace {

constexpr std::string_view kTag = "salus.archive.1";
constexpr std::string_view kSuffix = ".archive";
constexpr std::size_t kDigits = 12;
// A certificate of 128 signatures has about 9 KiB (consensus/codec.h).
constexpr std::size_t kCertificateBytesMax = std::size_t{16} << 10U;
constexpr std::size_t kBlockBytesCap = ledger::kBlockBytesMax + (std::size_t{64} << 10U);

void append(ByteWriter& out, const ArchivedBlock& entry) {
  out.sized(as_bytes(entry.block));
  out.sized(as_bytes(entry.certificate));
  out.bytes(as_bytes(ledger::encode(entry.outcome)));
  out.u8(entry.results ? 1 : 0);
  if (entry.results) out.sized(as_bytes(*entry.results));
}

// nullopt when the bytes end early, or are not what the encoder writes.
std::optional<ArchivedBlock> read_entry(ByteReader& in) {
  ArchivedBlock entry;
  entry.block = as_chars(in.sized(kBlockBytesCap));
  entry.certificate = as_chars(in.sized(kCertificateBytesMax));
  entry.outcome.state_root = in.fixed<Root>();
  entry.outcome.results_root = in.fixed<Root>();
  const std::uint8_t active = in.u8();
  const std::uint8_t has_results = in.u8();
  if (!in.ok() || active > 1 || has_results > 1) return std::nullopt;
  entry.outcome.active = active == 1;
  if (has_results == 1) entry.results = as_chars(in.sized(kArchivedResultsMax));
  if (!in.ok()) return std::nullopt;
  return entry;
}

std::optional<ledger::Header> header_of(const std::string& block, ByteView* bytes) {
  const auto parts = ledger::decode_body(as_bytes(block));
  if (!parts) return std::nullopt;
  *bytes = parts->header;
  return ledger::decode_header(parts->header);
}

std::optional<Height> parse_height(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Height{value};
}

std::string twelve_digits(Height height) {
  std::string out = std::to_string(height.value());
  if (out.size() < kDigits) out.insert(0, kDigits - out.size(), '0');
  return out;
}

}  // namespace

std::string_view sentence(ArchiveFlaw flaw) {
  switch (flaw) {
    case ArchiveFlaw::NotAnArchive:
      return "is no archive file of this version of the format";
    case ArchiveFlaw::TooLarge:
      return "is larger than an archive file can be";
    case ArchiveFlaw::Incomplete:
      return "is cut off or malformed";
    case ArchiveFlaw::OtherBlock:
      return "holds something that is not the block of its chain and height";
    case ArchiveFlaw::Unlinked:
      return "holds blocks that do not follow each other";
  }
  std::unreachable();
}

std::string encode(const Archive& archive) {
  ByteWriter out;
  const auto tag = crypto::padded_tag(kTag);
  out.bytes(tag);
  out.bytes(archive.head.chain_id.view());
  out.u64(archive.head.first.value());
  out.u64(archive.head.last.value());
  for (const ArchivedBlock& entry : archive.blocks) append(out, entry);
  return std::string{as_chars(out.out())};
}

Result<ArchiveHead, ArchiveFlaw> decode_archive_head(ByteView bytes) {
  ByteReader in{bytes};
  const auto tag = crypto::padded_tag(kTag);
  const ByteView found = in.bytes(tag.size());
  if (as_chars(found) != as_chars(tag)) return std::unexpected(ArchiveFlaw::NotAnArchive);
  ArchiveHead head;
  head.chain_id = in.fixed<ChainId>();
  head.first = Height{in.u64()};
  head.last = Height{in.u64()};
  const bool is_range =
      Height{0} < head.first && head.first <= head.last && head.last.value() < kOrdinalEnd;
  if (!in.ok() || !is_range) return std::unexpected(ArchiveFlaw::NotAnArchive);
  if (head.last.value() - head.first.value() >= kArchiveBlocksMax) {
    return std::unexpected(ArchiveFlaw::TooLarge);
  }
  return head;
}

Result<Archive, ArchiveFlaw> decode_archive(ByteView bytes) {
  if (bytes.size() > kArchiveBytesMax) return std::unexpected(ArchiveFlaw::TooLarge);
  const auto head = decode_archive_head(bytes);
  if (!head) return std::unexpected(head.error());
  Archive out{.head = *head, .blocks = {}};
  ByteReader in{bytes.subspan(kArchiveHeadBytes)};
  std::optional<Digest> parent;
  for (Height height = head->first; height <= head->last; height = height.next()) {
    auto entry = read_entry(in);
    if (!entry) return std::unexpected(ArchiveFlaw::Incomplete);
    ByteView header_bytes;
    const auto header = header_of(entry->block, &header_bytes);
    if (!header || header->height != height || header->chain_id != head->chain_id) {
      return std::unexpected(ArchiveFlaw::OtherBlock);
    }
    if (parent && header->parent != *parent) return std::unexpected(ArchiveFlaw::Unlinked);
    parent = ledger::digest_of(header_bytes);
    out.blocks.push_back(std::move(*entry));
  }
  if (!in.done()) return std::unexpected(ArchiveFlaw::Incomplete);
  return out;
}

Hash archive_hash(ByteView bytes) {
  const auto tag = crypto::padded_tag(kTag);
  if (!as_chars(bytes).starts_with(as_chars(tag))) return {};
  // It begins with the padded tag, so this is the plain hash of the whole of it.
  return crypto::hash(kTag, bytes.subspan(tag.size()));
}

std::string archive_name(const ArchiveHead& head, const Hash& hash) {
  return twelve_digits(head.first) + "-" + twelve_digits(head.last) + "-" + hash.to_hex() +
         std::string{kSuffix};
}

std::optional<ArchiveName> parse_archive_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const std::size_t first_end = name.find('-');
  if (first_end == std::string_view::npos) return std::nullopt;
  const std::size_t last_end = name.find('-', first_end + 1);
  if (last_end == std::string_view::npos) return std::nullopt;
  const auto first = parse_height(name.substr(0, first_end));
  const auto last = parse_height(name.substr(first_end + 1, last_end - first_end - 1));
  const auto hash = Hash::from_hex(name.substr(last_end + 1));
  if (!first || !last || !hash) return std::nullopt;
  // One spelling.
  const ArchiveHead head{.chain_id = {}, .first = *first, .last = *last};
  if (archive_name(head, *hash) != std::string{name} + std::string{kSuffix}) return std::nullopt;
  return ArchiveName{*first, *last, *hash};
}

}  // namespace salus::upkeep
