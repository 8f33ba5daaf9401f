// Owns: the journal's files: what was appended is read back in order after any restart; a torn end
// is cut (S7), damage before it is reported (S10), foreign records never come in (S17).
#include "storage/journal.h"

#include <gtest/gtest.h>

#include <random>

#include "a_validator.h"

namespace salus::storage {
namespace {

constexpr JournalOptions kSmall{.file_bytes = 64 * 1024};

struct JournalTest : ::testing::Test {
  salus::testing::TempFolder temp;
  Path folder = temp / "epoch-3";
  JournalIdentity identity{a_chain(), Epoch{3}};

  FileLog create(Stage before = Stage{}) {
    auto log = FileLog::create(folder, identity, before, kSmall);
    EXPECT_TRUE(log) << log.error().reason;
    return std::move(*log);
  }
  FileLog open(LogPosition floor = {}) {
    auto log = FileLog::open(folder, identity, floor, kSmall);
    EXPECT_TRUE(log) << log.error().reason;
    return std::move(*log);
  }
  JournalError refused(LogPosition floor = {}) {
    auto log = FileLog::open(folder, identity, floor, kSmall);
    EXPECT_FALSE(log);
    return log ? JournalError{} : log.error();
  }
  static void append(FileLog& log, const Bytes& stage) {
    const auto done = log.append_and_sync(stage);
    ASSERT_TRUE(done) << done.error().reason;
  }
  static std::vector<std::string> replayed(const FileLog& log) {
    std::vector<std::string> out;
    const auto done = log.replay([&out](Stage stage, const consensus::Record& record) {
      out.push_back(std::to_string(stage.value()) + "/" +
                    std::to_string(static_cast<int>(consensus::type_of(record))));
      return Result<void, JournalError>{};
    });
    EXPECT_TRUE(done) << done.error().reason;
    return out;
  }
};

TEST_F(JournalTest, begins_empty_after_the_guards_stage) {
  EXPECT_EQ(create(Stage{12}).last_stage(), Stage{12});
  const auto log = open();
  EXPECT_EQ(log.last_stage(), Stage{12});
  EXPECT_EQ(log.registers(), consensus::Registers{});
  EXPECT_EQ(log.durable_end(), LogPosition{4'096});
  EXPECT_TRUE(replayed(log).empty());
  EXPECT_EQ(std::filesystem::file_size(journal_file_path(folder, 0)), kSmall.file_bytes);
}

TEST_F(JournalTest, gives_back_what_was_appended_in_order) {
  {
    auto log = create();
    append(log, stage_of(Stage{1}, notarizes(1)));
    append(log, quiet_stage(Stage{1}));
    append(log, stage_of(Stage{2}, finalizes(1)));
    EXPECT_EQ(log.durable_end(), LogPosition{4 * 4'096});
  }
  const auto log = open(LogPosition{3 * 4'096});
  EXPECT_EQ(replayed(log), (std::vector<std::string>{"1/3", "1/1", "1/4", "2/1"}));
  EXPECT_EQ(log.last_stage(), Stage{2});
  EXPECT_EQ(log.registers().finalize, a_candidate(1));
  EXPECT_EQ(log.durable_end(), LogPosition{4 * 4'096});
}

TEST_F(JournalTest, goes_on_in_a_next_file_and_knows_the_votes_of_discarded_ones) {
  auto log = create();
  append(log, stage_of(Stage{1}, finalizes(1)));
  for (std::uint64_t view = 2; view < 60; ++view) {
    append(log, stage_of(Stage{view}, notarizes(view)));
  }
  EXPECT_FALSE(log.reserve_alarm());
  EXPECT_EQ(replayed(log).size(), 1 + 2 * 58U);
  EXPECT_EQ(replayed(open(log.durable_end())).size(), 1 + 2 * 58U);

  const LogPosition end = log.durable_end();
  ASSERT_TRUE(log.discard_files_before(LogPosition{2 * 64 * 1024}));
  EXPECT_FALSE(std::filesystem::exists(journal_file_path(folder, 0)));
  EXPECT_FALSE(std::filesystem::exists(journal_file_path(folder, 1)));
  EXPECT_TRUE(std::filesystem::exists(journal_file_path(folder, 2)));
  const auto again = open(end);
  EXPECT_EQ(again.durable_end(), end);
  EXPECT_EQ(again.last_stage(), Stage{59});
  EXPECT_EQ(again.registers().finalize, a_candidate(1));
  EXPECT_LT(replayed(again).size(), 1 + 2 * 58U);
}

TEST_F(JournalTest, never_discards_the_file_in_use) {
  auto log = create();
  append(log, stage_of(Stage{1}, notarizes(1)));
  ASSERT_TRUE(log.discard_files_before(LogPosition{1ULL << 40U}));
  EXPECT_EQ(replayed(open()).size(), 2U);
}

TEST_F(JournalTest, gives_a_large_stage_a_file_of_its_size) {
  auto log = create();
  append(log, stage_of(Stage{1}, notarizes(1, "A", 200'000)));
  append(log, stage_of(Stage{2}, finalizes(1)));
  EXPECT_EQ(replayed(log), (std::vector<std::string>{"1/3", "1/1", "2/1"}));
  const auto again = open(log.durable_end());
  EXPECT_EQ(replayed(again), (std::vector<std::string>{"1/3", "1/1", "2/1"}));
  EXPECT_EQ(again.durable_end(), log.durable_end());
}

TEST_F(JournalTest, cuts_a_torn_end_even_if_later_stages_parse) {
  {
    auto log = create();
    append(log, stage_of(Stage{1}, notarizes(1)));
    append(log, stage_of(Stage{2}, finalizes(1)));
    append(log, stage_of(Stage{3}, notarizes(2)));
  }
  // Position 8192 is where the guard says that durability ends.
  rot(journal_file_path(folder, 0), 2 * 4'096 + 30);
  {
    auto log = open(LogPosition{2 * 4'096});
    EXPECT_EQ(replayed(log), (std::vector<std::string>{"1/3", "1/1"}));
    EXPECT_EQ(log.last_stage(), Stage{1});
    // What is appended now must not bring the old third stage back to life behind it.
    append(log, stage_of(Stage{2}, nullifies(1)));
  }
  EXPECT_EQ(replayed(open(LogPosition{3 * 4'096})),
            (std::vector<std::string>{"1/3", "1/1", "2/1"}));
}

TEST_F(JournalTest, reports_rot_before_the_floor) {
  {
    auto log = create();
    append(log, stage_of(Stage{1}, notarizes(1)));
    append(log, stage_of(Stage{2}, finalizes(1)));
  }
  rot(journal_file_path(folder, 0), 4'096 + 30);
  EXPECT_EQ(refused(LogPosition{2 * 4'096}).fault, JournalFault::Corrupt);
  EXPECT_EQ(refused(LogPosition{3 * 4'096}).fault, JournalFault::Corrupt);
}

TEST_F(JournalTest, reports_a_file_that_is_gone) {
  {
    auto log = create();
    for (std::uint64_t view = 1; view < 60; ++view) {
      append(log, stage_of(Stage{view}, notarizes(view)));
    }
  }
  const LogPosition end = open().durable_end();
  {
    const Path last = journal_file_path(folder, 3);
    const Path kept = temp / "kept";
    std::filesystem::rename(last, kept);
    EXPECT_EQ(refused(end).fault, JournalFault::Corrupt);
    std::filesystem::rename(kept, last);
  }
  std::filesystem::remove(journal_file_path(folder, 1));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
}

TEST_F(JournalTest, is_missing_when_nothing_was_ever_begun) {
  EXPECT_EQ(refused().fault, JournalFault::Missing);
  ASSERT_TRUE(make_folder(folder));
  EXPECT_EQ(refused().fault, JournalFault::Missing);
  // A crash between reserving the first file and writing its head.
  {
    auto file = File::create(journal_file_path(folder, 0), 0600);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->allocate(kSmall.file_bytes));
  }
  EXPECT_EQ(refused().fault, JournalFault::Missing);
  // The guard knows better.
  EXPECT_EQ(refused(LogPosition{4'096}).fault, JournalFault::Corrupt);
  EXPECT_EQ(create().durable_end(), LogPosition{4'096});
}

TEST_F(JournalTest, is_never_created_over_another) {
  {
    auto log = create();
  }
  const auto second = FileLog::create(folder, identity, Stage{}, kSmall);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, JournalFault::Exists);
}

// ava-labs/Simplex#551.
TEST_F(JournalTest, old_epoch_records_stay_out) {
  {
    auto log = create();
  }
  identity.epoch = Epoch{4};
  EXPECT_EQ(refused().fault, JournalFault::OtherEpoch);
  identity = {a_chain("another"), Epoch{3}};
  EXPECT_EQ(refused().fault, JournalFault::OtherChain);
}

TEST_F(JournalTest, refuses_a_vote_of_another_chain_or_epoch_inside_its_file) {
  const auto plant = [this](const Bytes& stage) {
    auto file = File::open(journal_file_path(folder, 0));
    ASSERT_TRUE(file && file->write(4'096, stage));
  };
  {
    auto log = create();
  }
  plant(stage_of(Stage{1}, notarizes(1), a_chain("another")));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
  plant(stage_of(Stage{1}, {{consensus::nullify(Epoch{2}, View{1})}, 0}));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
}

TEST_F(JournalTest, refuses_votes_that_no_correct_run_wrote) {
  {
    auto log = create();
  }
  const auto plant = [this](const Bytes& first, const Bytes& second) {
    auto file = File::open(journal_file_path(folder, 0));
    ASSERT_TRUE(file && file->write(4'096, first) && file->write(2 * 4'096, second));
  };
  plant(stage_of(Stage{1}, nullifies(5)), stage_of(Stage{2}, finalizes(5)));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
  plant(stage_of(Stage{1}, notarizes(5, "A", 0)), stage_of(Stage{2}, notarizes(5, "B", 0)));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
  plant(stage_of(Stage{2}, nullifies(5)), stage_of(Stage{2}, nullifies(6)));
  EXPECT_EQ(refused().fault, JournalFault::Corrupt);
}

// S16.
TEST_F(JournalTest, says_so_when_no_next_file_can_be_reserved_and_tries_again) {
  auto log = create();
  ASSERT_TRUE(make_folder(journal_file_path(folder, 1)));
  std::uint64_t view = 1;
  while (!log.reserve_alarm() && view < 16) {
    append(log, stage_of(Stage{view}, notarizes(view)));
    ++view;
  }
  ASSERT_TRUE(log.reserve_alarm());
  EXPECT_EQ(log.durable_end(), LogPosition{32 * 1024});
  std::filesystem::remove(journal_file_path(folder, 1));
  append(log, stage_of(Stage{view}, notarizes(view)));
  EXPECT_FALSE(log.reserve_alarm());
}

// S5.
TEST_F(JournalTest, appends_nothing_after_an_error) {
  auto log = create();
  ASSERT_TRUE(make_folder(journal_file_path(folder, 1)));
  std::uint64_t view = 1;
  Result<void, LogError> done;
  while (done && view < 100) {
    done = log.append_and_sync(stage_of(Stage{view}, notarizes(view)));
    ++view;
  }
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().reason.find(folder.string()), std::string::npos);
  std::filesystem::remove(journal_file_path(folder, 1));
  EXPECT_FALSE(log.append_and_sync(stage_of(Stage{view}, notarizes(view))));
}

TEST_F(JournalTest, folders_of_old_epochs_go_and_others_stay) {
  for (const auto* name : {"epoch-1", "epoch-2", "epoch-3", "epoch-2.set-aside.1", "notes"}) {
    ASSERT_TRUE(make_folder(temp / name));
  }
  ASSERT_TRUE(discard_epochs_before(temp.path(), Epoch{3}));
  EXPECT_FALSE(std::filesystem::exists(temp / "epoch-1"));
  EXPECT_FALSE(std::filesystem::exists(temp / "epoch-2"));
  EXPECT_TRUE(std::filesystem::exists(temp / "epoch-3"));
  EXPECT_TRUE(std::filesystem::exists(temp / "epoch-2.set-aside.1"));
  EXPECT_TRUE(std::filesystem::exists(temp / "notes"));
}

TEST_F(JournalTest, opens_any_file_without_harm) {
  constexpr std::uint64_t kSeed = 77;
  std::mt19937_64 random{kSeed};
  {
    auto log = create();
    append(log, stage_of(Stage{1}, notarizes(1)));
    append(log, stage_of(Stage{2}, finalizes(1)));
  }
  const Disk good = read_disk(folder);
  for (int round = 0; round < 300; ++round) {
    Disk bad = good;
    auto& file = bad.begin()->second;
    for (int change = 0; change < 4; ++change) {
      file[random() % (4 * 4'096)] = static_cast<std::uint8_t>(random());
    }
    if (round % 5 == 0) file.resize(random() % file.size());
    write_disk(folder, bad);
    const auto log = FileLog::open(folder, identity, LogPosition{}, kSmall);
    if (log) {
      EXPECT_LE(log->last_stage(), Stage{2}) << "seed " << kSeed << " round " << round;
    }
  }
}

}  // namespace
}  // namespace salus::storage
