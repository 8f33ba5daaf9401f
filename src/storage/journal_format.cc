// Owns: encoding and decoding of journal heads and stages.
#include "storage/journal_format.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "crypto/hash.h"
#include "storage/crc32c.h"

namespace salus::storage {

namespace {

constexpr std::string_view kMagic = "salus.journal.1";
// In the type byte of a stage's last record: what lacks it is the torn beginning of a stage.
constexpr std::uint8_t kEndsStage = 0x80;

// The crc stands after the length and covers everything but itself.
std::uint32_t record_crc(std::uint32_t length, Stage stage, std::uint8_t type, ByteView payload) {
  ByteWriter covered;
  covered.u32(length);
  covered.u64(stage.value());
  covered.u8(type);
  return crc32c({covered.out(), payload});
}

struct ReadRecord {
  RecordView record;
  bool ends_stage;
};

std::optional<ReadRecord> read_record(ByteReader& in) {
  const std::uint32_t length = in.u32();
  const std::uint32_t crc = in.u32();
  const Stage stage{in.u64()};
  const std::uint8_t type = in.u8();
  if (!in.ok() || length > consensus::kRecordPayloadBytesMax) return std::nullopt;

  const ByteView payload = in.bytes(length);
  if (!in.ok() || crc != record_crc(length, stage, type, payload)) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(type & ~unsigned{kEndsStage});
  return ReadRecord{{stage, kind, payload}, (type & kEndsStage) != 0};
}

}  // namespace

Bytes encode(const JournalHead& head) {
  ByteWriter out;
  out.bytes(crypto::padded_tag(kMagic));
  out.bytes(head.chain_id.view());
  out.u64(head.epoch.value());
  out.u64(head.file);
  out.u64(head.base.value());
  out.u64(head.file_bytes);
  out.u64(head.previous_end.value());
  out.u64(head.stage.value());
  out.bytes(consensus::encode(head.registers));
  out.u32(crc32c({out.out()}));
  return std::move(out).out();
}

std::optional<JournalHead> decode_journal_head(ByteView page) {
  if (page.size() < kJournalHeadBytes) return std::nullopt;
  const ByteView covered = page.first(kJournalHeadBytes - 4);
  ByteReader in{page.first(kJournalHeadBytes)};
  const ByteView magic = in.bytes(16);
  const auto expected = crypto::padded_tag(kMagic);
  if (!std::equal(magic.begin(), magic.end(), expected.begin())) return std::nullopt;

  JournalHead head;
  head.chain_id = in.fixed<ChainId>();
  head.epoch = Epoch{in.u64()};
  head.file = in.u64();
  head.base = LogPosition{in.u64()};
  head.file_bytes = in.u64();
  head.previous_end = LogPosition{in.u64()};
  head.stage = Stage{in.u64()};
  const ByteView registers = in.bytes(consensus::kRegistersBytes);
  if (in.u32() != crc32c({covered})) return std::nullopt;
  if (head.epoch.value() >= kOrdinalEnd || head.base.value() >= kOrdinalEnd) return std::nullopt;
  if (head.file_bytes < 2 * kJournalPageBytes || head.file_bytes % kJournalPageBytes != 0 ||
      head.file_bytes > kJournalFileBytesMax) {
    return std::nullopt;
  }
  const auto decoded = consensus::decode_registers(registers, head.epoch);
  if (!decoded) return std::nullopt;
  head.registers = *decoded;
  return head;
}

void StageWriter::add(consensus::RecordType type, ByteView payload) {
  SALUS_ASSERT(payload.size() <= consensus::kRecordPayloadBytesMax,
               "a journal record over its cap");
  SALUS_ASSERT(records_ < kStageRecordsMax, "a stage with too many records");
  seal_last(false);
  type_ = static_cast<std::uint8_t>(type);
  payload_.assign(payload.begin(), payload.end());
  ++records_;
}

Bytes StageWriter::finish() && {
  SALUS_ASSERT(records_ > 0, "a stage without records");
  seal_last(true);
  return std::move(out_).out();
}

void StageWriter::seal_last(bool ends_stage) {
  if (records_ == 0) return;
  const auto length = static_cast<std::uint32_t>(payload_.size());
  const auto type =
      static_cast<std::uint8_t>(ends_stage ? unsigned{type_} | kEndsStage : unsigned{type_});
  out_.u32(length);
  out_.u32(record_crc(length, stage_, type, payload_));
  out_.u64(stage_.value());
  out_.u8(type);
  out_.bytes(payload_);
}

std::optional<std::size_t> read_stage(ByteView bytes,
                                      const std::function<void(const RecordView&)>& visit) {
  if (bytes.size() > kStageBytesMax) bytes = bytes.first(kStageBytesMax);
  ByteReader in{bytes};
  std::vector<RecordView> records;
  while (records.size() < kStageRecordsMax) {
    const auto read = read_record(in);
    if (!read) return std::nullopt;
    // Records of two stages are the beginning of one before what lay there of another.
    if (!records.empty() && read->record.stage != records.front().stage) return std::nullopt;
    records.push_back(read->record);
    if (!read->ends_stage) continue;

    for (const RecordView& record : records) visit(record);
    return bytes.size() - in.left();
  }
  return std::nullopt;
}

}  // namespace salus::storage
