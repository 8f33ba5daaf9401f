// Owns: the proof that one changed byte in any file that RocksDB reads is found and its file named,
// and that a node never serves what such a file says.
#include "storage/file_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "storage/log_check.h"
#include "storage/rocks_store.h"
#include "support/temp_folder.h"

namespace salus::storage {
namespace {

constexpr std::uint64_t kSeed = 20261126;
constexpr int kBatches = 60;

std::string key_of(int batch) { return "k" + std::to_string(1'000 + batch); }
std::string value_of(int batch) { return std::string(900, static_cast<char>('a' + batch % 26)); }

std::string read(const Path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const Path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

std::vector<FileFault> check(const Path& folder) {
  return check_database_files(folder, [](const FileCheckProgress&) {});
}

// A store that is closed, with tables and a log of many batches.
class DatabaseFiles : public ::testing::Test {
 protected:
  DatabaseFiles() {
    auto store = RocksStore::open(folder_);
    EXPECT_TRUE(store);
    write_batches(**store, 0, kBatches / 2);
    // The copy has the first half in tables.
    EXPECT_TRUE((*store)->copy_to(copy_));
    store->reset();
    auto copy = RocksStore::open(copy_);
    EXPECT_TRUE(copy);
    write_batches(**copy, kBatches / 2, kBatches);
  }

  static void write_batches(RocksStore& store, int from, int to) {
    for (int i = from; i < to; ++i) {
      StoreBatch batch;
      batch.put(key_of(i), value_of(i));
      ASSERT_TRUE(store.write(batch));
    }
  }

  std::vector<Path> files(const std::string& kind) const {
    std::vector<Path> out;
    for (const auto& entry : std::filesystem::directory_iterator{copy_}) {
      const std::string name = entry.path().filename().string();
      const bool fits = kind == "CURRENT" ? name == kind : name.find(kind) != std::string::npos;
      if (fits && std::filesystem::file_size(entry.path()) > 0) out.push_back(entry.path());
    }
    return out;
  }

  salus::testing::TempFolder temp_;
  Path folder_ = temp_.path() / "store";
  Path copy_ = temp_.path() / "copy";
};

TEST_F(DatabaseFiles, that_are_whole_have_no_fault_and_are_not_changed_by_the_check) {
  const auto before = files(".");
  EXPECT_TRUE(check(copy_).empty());
  EXPECT_EQ(files("."), before);
  const auto reader = RocksStore::open_to_read(copy_);
  ASSERT_TRUE(reader) << reader.error().reason;
  for (int i = 0; i < kBatches; ++i) EXPECT_EQ((*reader)->get(key_of(i)), value_of(i));
  StoreBatch batch;
  batch.put("x", "y");
  EXPECT_FALSE((*reader)->write(batch));
  EXPECT_EQ(files("."), before);
}

TEST_F(DatabaseFiles, with_one_changed_byte_are_named) {
  std::mt19937_64 random{kSeed};
  for (const std::string kind : {"CURRENT", "MANIFEST", ".log", ".sst"}) {
    ASSERT_FALSE(files(kind).empty()) << kind;
    for (const Path& path : files(kind)) {
      const std::string bytes = read(path);
      for (int i = 0; i < 25; ++i) {
        std::string changed = bytes;
        const std::size_t at = random() % bytes.size();
        changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
        write(path, changed);
        const auto faults = check(copy_);
        ASSERT_FALSE(faults.empty()) << path << " byte " << at << " seed " << kSeed;
        EXPECT_EQ(faults.front().path, path) << faults.front().what << " byte " << at;
      }
      write(path, bytes);
    }
  }
  EXPECT_TRUE(check(copy_).empty());
}

TEST_F(DatabaseFiles, that_are_missing_are_named) {
  // Beside one that a killed process left: that must not hide them.
  write(copy_ / "000999.sst", "");
  for (const std::string kind : {"CURRENT", "MANIFEST", ".sst"}) {
    const Path path = files(kind).front();
    ASSERT_NE(path.filename(), "000999.sst");
    const Path away = temp_.path() / "away";
    std::filesystem::rename(path, away);
    const auto faults = check(copy_);
    ASSERT_FALSE(faults.empty()) << path;
    std::string said;
    for (const FileFault& fault : faults) said += fault.path.string() + ": " + fault.what + "\n";
    EXPECT_NE(said.find(path.filename().string()), std::string::npos) << said;
    std::filesystem::rename(away, path);
  }
}

// Found by kill -9 at swept moments: `ledger verify` called a folder damaged that was whole.
TEST_F(DatabaseFiles, regression_a_table_that_a_killed_process_did_not_finish_is_no_damage) {
  write(copy_ / "000999.sst", "");
  write(copy_ / "000998.sst", "the beginning of a table");
  EXPECT_TRUE(check(copy_).empty());
  ASSERT_TRUE(RocksStore::open(copy_));
  EXPECT_FALSE(std::filesystem::exists(copy_ / "000999.sst")) << "it is swept away";
}

// RocksDB writes them for people: nothing of them is ever served, and the check leaves them out.
TEST_F(DatabaseFiles, that_hold_nothing_of_the_ledger_change_nothing_when_they_are_damaged) {
  for (const std::string kind : {"OPTIONS", "IDENTITY"}) {
    ASSERT_FALSE(files(kind).empty()) << kind;
    for (const Path& path : files(kind)) {
      std::string bytes = read(path);
      for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x55);
      write(path, bytes);
    }
  }
  EXPECT_TRUE(check(copy_).empty());
  const auto store = RocksStore::open(copy_);
  ASSERT_TRUE(store) << store.error().reason;
  for (int i = 0; i < kBatches; ++i) EXPECT_EQ((*store)->get(key_of(i)), value_of(i));
}

TEST_F(DatabaseFiles, with_damage_before_synced_batches_are_not_opened) {
  const Path log = files(".log").front();
  std::string bytes = read(log);
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 0x10);
  write(log, bytes);
  const auto opened = RocksStore::open(copy_);
  ASSERT_FALSE(opened) << "RocksDB alone drops all that follows and says nothing";
  EXPECT_EQ(opened.error().fault, StoreFault::Corrupt);
  EXPECT_NE(opened.error().reason.find(log.filename().string()), std::string::npos);
}

TEST_F(DatabaseFiles, whose_log_a_crash_cut_off_are_opened_with_what_was_whole) {
  const Path log = files(".log").front();
  const std::string bytes = read(log);
  write(log, bytes.substr(0, bytes.size() - 100));
  const auto faults = check(copy_);
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_TRUE(faults.front().may_be_torn);
  const auto opened = RocksStore::open(copy_);
  ASSERT_TRUE(opened) << opened.error().reason;
  EXPECT_EQ((*opened)->get(key_of(kBatches - 2)), value_of(kBatches - 2));
  EXPECT_FALSE((*opened)->get(key_of(kBatches - 1)));
}

TEST_F(DatabaseFiles, that_are_damaged_stop_the_reader_and_are_never_served) {
  for (const Path& table : files(".sst")) {
    std::string bytes = read(table);
    bytes[20] = static_cast<char>(bytes[20] ^ 0x01);
    write(table, bytes);
  }
  EXPECT_DEATH(
      {
        const auto store = RocksStore::open_to_read(copy_);
        if (!store) std::abort();
        for (int i = 0; i < kBatches / 2; ++i) {
          const auto value = (*store)->get(key_of(i));
          if (value && *value != value_of(i)) std::exit(0);
        }
        std::exit(0);
      },
      "");
}

TEST(LogCheck, passes_an_empty_log_and_finds_a_torn_end_at_each_length) {
  EXPECT_TRUE(check_log({}).is_whole());
  salus::testing::TempFolder temp;
  const Path folder = temp.path() / "store";
  {
    auto store = RocksStore::open(folder);
    ASSERT_TRUE(store);
    for (int i = 0; i < 3; ++i) {
      StoreBatch batch;
      // Over a block's size: fragments.
      batch.put("k", std::string(40'000, 'x'));
      ASSERT_TRUE((*store)->write(batch));
    }
  }
  std::string log;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".log" && std::filesystem::file_size(entry.path()) > 0) {
      log = read(entry.path());
    }
  }
  ASSERT_GT(log.size(), 120'000U);
  EXPECT_TRUE(check_log(as_bytes(log)).is_whole());
  for (std::size_t size = log.size() - 1; size > log.size() - 30'000; size -= 997) {
    const LogCheck cut = check_log(as_bytes(log).subspan(0, size));
    EXPECT_TRUE(cut.bad_at) << size;
    EXPECT_FALSE(cut.is_damaged()) << size;
  }
  for (std::size_t at = 100; at + 45'000 < log.size(); at += 7'919) {
    std::string changed = log;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    EXPECT_TRUE(check_log(as_bytes(changed)).is_damaged()) << at;
  }
}

}  // namespace
}  // namespace salus::storage
