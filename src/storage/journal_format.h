// Owns: the bytes of the consensus journal (consensus.md, S6; docs/formats.md, "Journal"): the head
// of a file, and how the records of one stage are framed so that a reader sees all of a stage or
// none of it. Pure; decoders take any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/log.h"
#include "consensus/journal_record.h"
#include "consensus/registers.h"

namespace salus::storage {

// Stages start on page boundaries, so that no durable sector is ever written again.
inline constexpr std::uint64_t kJournalPageBytes = 4'096;
// length, crc, vote stage, type.
inline constexpr std::size_t kRecordHeadBytes = 4 + 4 + 8 + 1;
// A stage holds few records, and at most one of them is a block.
inline constexpr std::size_t kStageRecordsMax = 1'024;
inline constexpr std::size_t kStageBytesMax = std::size_t{32} << 20U;
// A reader takes a file into memory whole.
inline constexpr std::uint64_t kJournalFileBytesMax = std::uint64_t{256} << 20U;
static_assert(kRecordHeadBytes + consensus::kRecordPayloadBytesMax < kStageBytesMax,
              "the largest record fits in a stage");
static_assert(kJournalPageBytes + kStageBytesMax <= kJournalFileBytesMax,
              "the largest stage fits in a file");

// The first page of a file. All of it lies in one sector, so it is there or it is not.
struct JournalHead {
  ChainId chain_id;
  Epoch epoch;
  // Counts the files of an epoch from 0.
  std::uint64_t file = 0;
  // Where this file's first byte lies, and how many bytes are reserved for it.
  LogPosition base;
  std::uint64_t file_bytes = 0;
  // Where the records of the file before it end.
  LogPosition previous_end;
  // What the records before this file said about own votes: they may have been discarded.
  Stage stage;
  consensus::Registers registers;

  bool operator==(const JournalHead&) const = default;
};

inline constexpr std::size_t kJournalHeadBytes = 16 + 32 + 6 * 8 + consensus::kRegistersBytes + 4;
static_assert(kJournalHeadBytes <= 512, "a torn head is no head at all");

Bytes encode(const JournalHead& head);
// nullopt unless magic, ranges and crc are right. `page` may be longer.
std::optional<JournalHead> decode_journal_head(ByteView page);

// Frames the records of one stage for Log::append_and_sync. Records without an own vote in their
// stage carry the vote stage they follow.
class StageWriter {
 public:
  explicit StageWriter(Stage stage) : stage_(stage) {}

  void add(consensus::RecordType type, ByteView payload);
  bool empty() const { return records_ == 0; }
  // The framed stage; it has at least one record.
  Bytes finish() &&;

 private:
  void seal_last(bool ends_stage);

  Stage stage_;
  ByteWriter out_;
  Bytes payload_;
  std::uint8_t type_ = 0;
  std::size_t records_ = 0;
};

struct RecordView {
  Stage stage;
  std::uint8_t type;
  ByteView payload;
};

// How long the whole, undamaged stage at the start of `bytes` is; nullopt if there is none. `visit`
// sees its records in order, and none unless all are whole.
std::optional<std::size_t> read_stage(ByteView bytes,
                                      const std::function<void(const RecordView&)>& visit);

}  // namespace salus::storage
