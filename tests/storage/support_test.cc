// Owns: the faulty forms of the seams fail the way a disk does, and no other way.
#include <gtest/gtest.h>

#include "a_validator.h"
#include "support/faulty_log.h"
#include "support/faulty_store.h"
#include "support/memory_signer.h"

namespace salus::testing {
namespace {

using namespace storage;

std::size_t records(const FaultyLog& log) {
  std::size_t count = 0;
  log.replay([&count](const RecordView&) { ++count; });
  return count;
}

TEST(FaultyLog, keeps_what_was_appended) {
  FaultyLog log;
  ASSERT_TRUE(log.append_and_sync(stage_of(Stage{1}, notarizes(1))));
  EXPECT_EQ(log.durable_end(), LogPosition{4'096});
  log.restart();
  EXPECT_EQ(records(log), 2U);
}

TEST(FaultyLog, loses_a_stage_of_which_a_sector_is_missing_and_keeps_it_otherwise) {
  const Bytes stage = stage_of(Stage{2}, notarizes(2, "A", 1'000));
  const std::size_t sectors = (stage.size() + kSectorBytes - 1) / kSectorBytes;
  ASSERT_EQ(sectors, 3U);
  for (std::uint64_t survivors = 0; survivors < 8; ++survivors) {
    FaultyLog log;
    ASSERT_TRUE(log.append_and_sync(stage_of(Stage{1}, notarizes(1))));
    log.lose_power_after(0, [survivors](std::size_t sector) {
      return sector >= 3 || (survivors >> sector & 1U) != 0;
    });
    EXPECT_FALSE(log.append_and_sync(stage));
    EXPECT_FALSE(log.append_and_sync(stage)) << "S5: nothing is tried again";
    log.restart();
    EXPECT_EQ(records(log), survivors == 7 ? 4U : 2U) << survivors;
    EXPECT_TRUE(log.append_and_sync(stage));
  }
}

TEST(FaultyStore, fails_once_as_told_and_stays_failed) {
  for (const auto survives : {FaultyStore::BatchSurvives::No, FaultyStore::BatchSurvives::Yes}) {
    FaultyStore store;
    StoreBatch batch;
    batch.put("a", "1");
    store.fail_write_after(1, survives);
    EXPECT_TRUE(store.write(batch));
    batch.put("b", "2");
    EXPECT_FALSE(store.write(batch));
    EXPECT_FALSE(store.write(batch));
    store.restart();
    EXPECT_EQ(store.get("b").has_value(), survives == FaultyStore::BatchSurvives::Yes);
    EXPECT_TRUE(store.write(batch));
  }
}

TEST(FaultyStore, that_is_full_keeps_nothing_more) {
  FaultyStore store;
  StoreBatch batch;
  batch.put("a", "1");
  store.fill_up();
  EXPECT_FALSE(store.write(batch));
  EXPECT_EQ(store.get("a"), std::nullopt);
}

TEST(MemorySigner, signs_like_the_guard_and_forgets_like_a_disk) {
  const auto votes = [](const Turn& turn) {
    return std::vector<Bytes>{consensus::signed_bytes(a_chain(), turn.votes.front())};
  };
  MemorySigner signer{a_key(), a_chain()};
  const auto first = signer.sign(Stage{1}, LogPosition{}, votes(notarizes(1)));
  ASSERT_TRUE(first);
  EXPECT_EQ(*signer.sign(Stage{1}, LogPosition{}, votes(notarizes(1))), *first);
  signer.lose_power_after(0, MemorySigner::PageSurvives::No);
  EXPECT_FALSE(signer.sign(Stage{2}, LogPosition{}, votes(notarizes(2))));
  signer.restart();
  EXPECT_EQ(signer.stage(), Stage{1});
  signer.lose_power_after(0, MemorySigner::PageSurvives::Yes);
  EXPECT_FALSE(signer.sign(Stage{2}, LogPosition{}, votes(notarizes(2))));
  signer.restart();
  EXPECT_EQ(signer.registers().notarize, a_candidate(2));
  EXPECT_DEATH((void)signer.sign(Stage{3}, LogPosition{}, votes(notarizes(2, "B"))), "C9");
}

}  // namespace
}  // namespace salus::testing
