// Owns: the golden bytes of the journal, and the promise that any bytes can be handed to its
// reader.
#include "storage/journal_format.h"

#include <gtest/gtest.h>

#include <random>

#include "a_validator.h"
#include "storage/crc32c.h"

namespace salus::storage {
namespace {

JournalHead a_head() {
  JournalHead head;
  head.chain_id = a_chain();
  head.epoch = Epoch{3};
  head.file = 2;
  head.base = LogPosition{131'072};
  head.file_bytes = 65'536;
  head.previous_end = LogPosition{126'976};
  head.stage = Stage{17};
  head.registers.notarize = a_candidate(9);
  head.registers.nullify = View{8};
  head.registers.finalize = a_candidate(7);
  return head;
}

TEST(Crc32c, has_the_check_value_of_its_catalogue) {
  EXPECT_EQ(crc32c({as_bytes("123456789")}), 0xe3069283U);
  EXPECT_EQ(crc32c({as_bytes("1234"), as_bytes(""), as_bytes("56789")}), 0xe3069283U);
}

TEST(JournalHead, has_golden_bytes) {
  EXPECT_EQ(
      hex(encode(a_head())),
      "73616c75732e6a6f75726e616c2e3100613648ebe62ba12b093362e6aa2ab297100bb7e3a3f11c88e56ac900"
      "7ed3881a0000000000000003000000000000000200000000000200000000000000010000000000000001f000"
      "0000000000000011000000000000000900000000000000080db4c3249bde49f1d99698b93bd365c219fae969"
      "3394c3220629ca5d1f960e460000000000000008000000000000000700000000000000060db4c3249bde49f1"
      "d99698b93bd365c219fae9693394c3220629ca5d1f960e46861688b4");
}

TEST(JournalHead, reads_back) {
  Bytes page = encode(a_head());
  EXPECT_EQ(decode_journal_head(page), a_head());
  page.resize(kJournalPageBytes);
  EXPECT_EQ(decode_journal_head(page), a_head());
}

TEST(JournalHead, is_refused_when_any_bit_differs_or_it_is_short) {
  const Bytes good = encode(a_head());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(decode_journal_head(bad), std::nullopt) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(decode_journal_head(ByteView{good}.first(size)), std::nullopt) << size;
  }
}

TEST(Stage, of_one_record_has_golden_bytes) {
  StageWriter writer{Stage{5}};
  writer.add(consensus::RecordType::Certificate, as_bytes("abc"));
  EXPECT_EQ(hex(std::move(writer).finish()), "0000000370ba752a000000000000000582616263");
}

TEST(Stage, of_two_records_has_golden_bytes) {
  StageWriter writer{Stage{6}};
  writer.add(consensus::RecordType::Candidate, as_bytes("block"));
  writer.add(consensus::RecordType::OwnVote, as_bytes("vote"));
  EXPECT_EQ(
      hex(std::move(writer).finish()),
      "00000005ffac6834000000000000000603626c6f636b000000042e105623000000000000000681766f7465");
}

TEST(Stage, reads_back_in_order) {
  StageWriter writer{Stage{6}};
  writer.add(consensus::RecordType::Candidate, as_bytes("block"));
  writer.add(consensus::RecordType::OwnVote, {});
  const Bytes stage = std::move(writer).finish();
  std::vector<std::string> seen;
  const auto length = read_stage(stage, [&seen](const RecordView& record) {
    seen.push_back(std::to_string(record.stage.value()) + "/" + std::to_string(record.type) + "/" +
                   std::string{as_chars(record.payload)});
  });
  EXPECT_EQ(length, stage.size());
  EXPECT_EQ(seen, (std::vector<std::string>{"6/3/block", "6/1/"}));
}

// S7: unsynced sectors survive in any subset, so a stage is there whole or not at all.
TEST(Stage, is_not_there_when_any_bit_differs_or_its_end_is_missing) {
  const Bytes stage = stage_of(Stage{4}, notarizes(2));
  const auto sees_nothing = [](const RecordView&) { ADD_FAILURE() << "saw a torn record"; };
  for (std::size_t bit = 0; bit < stage.size() * 8; ++bit) {
    Bytes bad = stage;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(read_stage(bad, sees_nothing), std::nullopt) << bit;
  }
  for (std::size_t size = 0; size < stage.size(); ++size) {
    Bytes zeroed = stage;
    std::fill(zeroed.begin() + static_cast<std::ptrdiff_t>(size), zeroed.end(), std::uint8_t{0});
    EXPECT_EQ(read_stage(ByteView{stage}.first(size), sees_nothing), std::nullopt) << size;
    if (zeroed != stage) {
      EXPECT_EQ(read_stage(zeroed, sees_nothing), std::nullopt) << size;
    }
  }
}

// The torn beginning of one stage before the end of another once read as a whole one.
TEST(Stage, is_not_put_together_of_records_of_two_stages) {
  StageWriter torn{Stage{5}};
  torn.add(consensus::RecordType::Candidate, as_bytes("new"));
  const std::size_t first_record = 17 + 3;
  torn.add(consensus::RecordType::OwnVote, as_bytes("vote"));
  Bytes bytes = std::move(torn).finish();
  bytes.resize(first_record);
  StageWriter stale{Stage{4}};
  stale.add(consensus::RecordType::OwnVote, as_bytes("old"));
  const Bytes tail = std::move(stale).finish();
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  const auto sees_nothing = [](const RecordView&) { ADD_FAILURE() << "saw a mixed stage"; };
  EXPECT_EQ(read_stage(bytes, sees_nothing), std::nullopt);
}

TEST(Stage, never_believes_a_length_over_the_cap) {
  ByteWriter lie;
  lie.u32(0xfffffff0);
  lie.u32(0);
  lie.u64(1);
  lie.u8(1);
  EXPECT_EQ(read_stage(lie.out(), [](const RecordView&) {}), std::nullopt);
}

TEST(Stage, reader_takes_any_bytes) {
  constexpr std::uint64_t kSeed = 41;
  std::mt19937_64 random{kSeed};
  const Bytes good = stage_of(Stage{4}, notarizes(2));
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 300);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    // Half of them begin like a stage.
    if (round % 2 == 0) {
      std::copy_n(good.begin(), std::min(good.size(), bytes.size() / 2), bytes.begin());
    }
    EXPECT_EQ(read_stage(bytes, [](const RecordView&) {}), std::nullopt)
        << "seed " << kSeed << " round " << round;
    EXPECT_EQ(decode_journal_head(bytes), std::nullopt) << "seed " << kSeed << " round " << round;
  }
}

TEST(StageDeathTest, is_never_empty_and_never_over_its_caps) {
  EXPECT_DEATH((void)StageWriter{Stage{1}}.finish(), "a stage without records");
  StageWriter writer{Stage{1}};
  const Bytes huge(consensus::kRecordPayloadBytesMax + 1);
  EXPECT_DEATH(writer.add(consensus::RecordType::Candidate, huge), "over its cap");
}

}  // namespace
}  // namespace salus::storage
