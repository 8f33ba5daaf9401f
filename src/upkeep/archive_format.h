// Owns: the bytes of an archive file: consecutive blocks with their finalizations, roots and
// results (docs/formats.md, "Archive files"). A decoder accepts exactly what the encoder writes,
// and says of each file whose blocks they are and that they follow each other; what they mean is
// judged by whoever imports or verifies them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "ledger/outcome_codec.h"

namespace salus::upkeep {

// A file ends with the first of these: it is read whole into memory.
inline constexpr std::size_t kArchiveBlocksMax = 1'000;
inline constexpr std::size_t kArchiveBytesSoftMax = std::size_t{64} << 20U;
// Results of one block; what its events can be, many times over.
inline constexpr std::size_t kArchivedResultsMax = std::size_t{128} << 20U;
inline constexpr std::size_t kArchiveBytesMax = std::size_t{256} << 20U;

struct ArchivedBlock {
  // As stored and sent.
  std::string block;
  // Of the block, or of a later one of its segment.
  std::string certificate;
  // After it.
  ledger::StoredOutcome outcome;
  // v1::BlockResults; absent where they had been pruned when the file was written.
  std::optional<std::string> results;
};

struct ArchiveHead {
  ChainId chain_id;
  Height first;
  Height last;

  bool operator==(const ArchiveHead&) const = default;
};
inline constexpr std::size_t kArchiveHeadBytes = 16 + 32 + 8 + 8;

struct Archive {
  ArchiveHead head;
  // Of the heights from first to last.
  std::vector<ArchivedBlock> blocks;
};

enum class ArchiveFlaw : std::uint8_t {
  // Another file, another version, or cut off within its head.
  NotAnArchive,
  // Longer than any archive file, or with more blocks.
  TooLarge,
  // Cut off, or with bytes left over.
  Incomplete,
  // An entry is no block of this chain at its height.
  OtherBlock,
  // A block is not the parent of the next one.
  Unlinked,
};
std::string_view sentence(ArchiveFlaw flaw);

std::string encode(const Archive& archive);
Result<ArchiveHead, ArchiveFlaw> decode_archive_head(ByteView bytes);
Result<Archive, ArchiveFlaw> decode_archive(ByteView bytes);

// BLAKE2b-256 of all bytes of a file; zeros for one that does not begin as an archive.
Hash archive_hash(ByteView bytes);
// <first, 12 digits>-<last, 12 digits>-<hash in hex>.archive
std::string archive_name(const ArchiveHead& head, const Hash& hash);
struct ArchiveName {
  Height first;
  Height last;
  Hash hash;
};
// nullopt for any other name.
std::optional<ArchiveName> parse_archive_name(std::string_view name);

}  // namespace salus::upkeep
