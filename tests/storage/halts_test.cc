// Owns: a halt is found in whatever folder it was written, and nothing is removed before.
#include "storage/halts.h"

#include <gtest/gtest.h>

#include "a_validator.h"

namespace salus::storage {
namespace {

using consensus::HaltReason;
using consensus::HaltRecord;

constexpr JournalOptions kSmall{.file_bytes = 64 * 1024};

// The journal of `epoch` below `journal`, with a halt in it if there is a reason.
void begin_epoch(const Path& journal, std::uint64_t epoch, std::optional<HaltReason> reason = {}) {
  auto log = FileLog::create(epoch_folder(journal, Epoch{epoch}), {a_chain(), Epoch{epoch}},
                             Stage{5}, kSmall);
  ASSERT_TRUE(log) << log.error().reason;
  if (!reason) return;
  StageWriter writer{Stage{5}};
  const HaltRecord record{.reason = *reason, .epoch = Epoch{epoch}, .view = View{7}};
  writer.add(consensus::RecordType::Halt, consensus::encode_payload(a_chain(), record));
  ASSERT_TRUE(log->append_and_sync(std::move(writer).finish()));
}

TEST(Halts, are_found_nowhere_in_a_healthy_journal) {
  const testing::TempFolder temp;
  EXPECT_EQ(*find_halt(temp / "none", a_chain()), std::nullopt);
  begin_epoch(temp.path(), 3);
  begin_epoch(temp.path(), 4);
  EXPECT_EQ(*find_halt(temp.path(), a_chain()), std::nullopt);
}

// The power failed right after the boundary: the epoch that began does not say it yet.
TEST(Halts, of_an_ended_epoch_survive_the_next_start) {
  const testing::TempFolder temp;
  begin_epoch(temp.path(), 3, HaltReason::Diverged);
  begin_epoch(temp.path(), 4);
  for (int start = 0; start < 2; ++start) {
    const auto halt = settle_epochs(temp.path(), a_chain(), Epoch{4});
    ASSERT_TRUE(halt && *halt);
    EXPECT_EQ((*halt)->reason, HaltReason::Diverged);
    EXPECT_EQ((*halt)->epoch, Epoch{3});
    EXPECT_TRUE(std::filesystem::exists(temp / "epoch-3")) << "kept for the inquiry";
  }
}

TEST(Halts, let_ended_epochs_go_where_there_are_none) {
  const testing::TempFolder temp;
  begin_epoch(temp.path(), 3);
  begin_epoch(temp.path(), 4);
  EXPECT_EQ(*settle_epochs(temp.path(), a_chain(), std::nullopt), std::nullopt);
  EXPECT_TRUE(std::filesystem::exists(temp / "epoch-3"));
  EXPECT_EQ(*settle_epochs(temp.path(), a_chain(), Epoch{4}), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(temp / "epoch-3"));
  EXPECT_TRUE(std::filesystem::exists(temp / "epoch-4"));
}

TEST(Halts, of_the_latest_epoch_count) {
  const testing::TempFolder temp;
  begin_epoch(temp.path(), 10, HaltReason::SafetyViolated);
  begin_epoch(temp.path(), 9, HaltReason::Diverged);
  const auto halt = find_halt(temp.path(), a_chain());
  ASSERT_TRUE(halt && *halt);
  EXPECT_EQ((*halt)->epoch, Epoch{10});
}

TEST(Halts, in_folders_that_were_set_aside_count) {
  const testing::TempFolder temp;
  begin_epoch(temp.path(), 3, HaltReason::SafetyViolated);
  ASSERT_TRUE(set_aside(temp / "epoch-3"));
  EXPECT_TRUE(find_halt(temp.path(), a_chain())->has_value());
}

TEST(Halts, behind_a_damaged_stage_are_found) {
  const testing::TempFolder temp;
  const JournalIdentity identity{a_chain(), Epoch{3}};
  const Path folder = epoch_folder(temp.path(), Epoch{3});
  {
    auto log = FileLog::create(folder, identity, Stage{0}, kSmall);
    ASSERT_TRUE(log);
    ASSERT_TRUE(log->append_and_sync(stage_of(Stage{1}, notarizes(1, "A", 9'000))));
    ASSERT_TRUE(log->append_and_sync(quiet_stage(Stage{1})));
  }
  rot(journal_file_path(folder, 0), 4'096 + 5'000);
  EXPECT_TRUE(find_halt(temp.path(), a_chain())->has_value());
}

TEST(Halts, of_another_chain_or_in_somebody_elses_folder_are_not_ours) {
  const testing::TempFolder temp;
  begin_epoch(temp.path(), 3, HaltReason::Diverged);
  EXPECT_EQ(*find_halt(temp.path(), a_chain("another")), std::nullopt);
  std::filesystem::rename(temp / "epoch-3", temp / "old-epoch-3");
  EXPECT_EQ(*find_halt(temp.path(), a_chain()), std::nullopt);
}

}  // namespace
}  // namespace salus::storage
