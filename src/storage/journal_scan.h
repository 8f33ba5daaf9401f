// Owns: what a journal folder holds after a crash (consensus.md, S7, S10, S17): where its whole
// stages end, and whether what is missing or damaged can hide a vote. Reads only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/seams/log.h"
#include "consensus/registers.h"
#include "storage/file.h"
#include "storage/journal_format.h"

namespace salus::storage {

// Records of another chain or epoch are corruption, never input.
struct JournalIdentity {
  ChainId chain_id;
  Epoch epoch;
};

enum class JournalFault : std::uint8_t {
  Missing,
  Exists,
  Corrupt,
  OtherChain,
  OtherEpoch,
  DiskFailed
};

struct JournalError {
  JournalFault fault;
  // Path, cause and remedy, for the operator.
  std::string reason;
};

// One begun file.
struct JournalFile {
  Path path;
  JournalHead head;
  // Where its whole stages end, counted from its first byte; a page boundary.
  std::uint64_t end = kJournalPageBytes;

  LogPosition end_position() const { return LogPosition{head.base.value() + end}; }
};

struct JournalScan {
  // In order; at least one.
  std::vector<JournalFile> files;
  // Files that hold nothing to keep: reserved ones, and those after the first bad record.
  std::vector<Path> leftovers;
  // The last vote stage, and the own-vote maxima, of all records up to the end.
  Stage stage;
  consensus::Registers registers;
};

// `floor` is the position that the guard names: everything before it was durable. A bad record at
// or after it is where the journal ends; one before it is corruption.
Result<JournalScan, JournalError> scan_journal(const Path& folder, const JournalIdentity& identity,
                                               LogPosition floor);

// The whole stages of one file, record by record.
using RecordVisitor = std::function<Result<void, JournalError>(Stage, const consensus::Record&)>;
Result<void, JournalError> visit_records(const JournalFile& file, const JournalIdentity& identity,
                                         const RecordVisitor& visit);

inline constexpr std::string_view kJournalSuffix = ".journal";
Path journal_file_path(const Path& folder, std::uint64_t file);
JournalError disk_failed(const IoError& error);

}  // namespace salus::storage
