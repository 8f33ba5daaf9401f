// Owns: opening the ledger on disk: it comes back as it was, or says clearly why it does not.
#include "storage/rocks_store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <random>

#include "a_validator.h"

namespace salus::storage {
namespace {

const RocksOptions kSmall{.block_cache_mib = 8, .write_buffer_mib = 1};

struct RocksTest : ::testing::Test {
  salus::testing::TempFolder temp;
  Path path = temp / "ledger";

  std::unique_ptr<RocksStore> open() {
    auto store = RocksStore::open(path, kSmall);
    EXPECT_TRUE(store) << store.error().reason;
    return store ? std::move(*store) : nullptr;
  }
  StoreOpenError refused() {
    const auto store = RocksStore::open(path, kSmall);
    EXPECT_FALSE(store);
    return store ? StoreOpenError{} : store.error();
  }
  static void put(RocksStore& store, const std::string& key, const std::string& value) {
    StoreBatch batch;
    batch.put(key, value);
    ASSERT_TRUE(store.write(batch));
  }
};
struct RocksDeathTest : RocksTest {
  // RocksDB has threads of its own; the plain style forks beside them.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(RocksTest, comes_back_as_it_was) {
  put(*open(), "key", "value");
  EXPECT_EQ(open()->get("key"), "value");
}

TEST_F(RocksTest, counts_a_sync_for_every_batch) {
  const auto store = open();
  EXPECT_EQ(store->syncs(), 0U);
  put(*store, "a", "1");
  put(*store, "b", "2");
  EXPECT_EQ(store->syncs(), 2U);
}

TEST_F(RocksTest, tells_its_memory) {
  const auto store = open();
  put(*store, "a", std::string(100'000, 'x'));
  EXPECT_GE(store->memory().write_buffer_bytes, 100'000U);
  EXPECT_LE(store->memory().block_cache_bytes, std::uint64_t{8} << 20U);
}

// A node that stops would wait for all of it.
TEST_F(RocksTest, ends_a_compaction_that_is_told_to_stop_and_may_do_it_later) {
  const auto store = open();
  std::mt19937_64 random{7};
  StoreBatch erased;
  for (int i = 0; i < 50; ++i) {
    const std::string key = "b" + std::to_string(i);
    std::string value(10'000, '\0');
    for (char& byte : value) byte = static_cast<char>(random());
    put(*store, key, value);
    erased.erase(key);
  }
  std::atomic<bool> stopping = false;
  store->compact_chain(stopping);
  ASSERT_TRUE(store->write(erased));
  const std::uint64_t before = store->disk_bytes();
  EXPECT_GT(before, 400'000U);
  stopping = true;
  store->compact_chain(stopping);
  EXPECT_EQ(store->disk_bytes(), before);
  EXPECT_FALSE(store->get("b7"));
  stopping = false;
  store->compact_chain(stopping);
  EXPECT_LT(store->disk_bytes(), before / 2);
}

TEST_F(RocksTest, says_that_another_holds_it) {
  const auto store = open();
  const auto here = refused();
  EXPECT_EQ(here.fault, StoreFault::LockedByAnotherProcess);
  EXPECT_NE(here.reason.find("in use by another process"), std::string::npos);
  EXPECT_NE(here.reason.find(path.string()), std::string::npos);
}

TEST_F(RocksTest, says_that_another_process_holds_it) {
  std::array<int, 2> ready{};
  std::array<int, 2> done{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(done.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = RocksStore::open(path, kSmall);
    char byte = store ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    if (::read(done[0], &byte, 1) != 1) ::_exit(1);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  EXPECT_EQ(refused().fault, StoreFault::LockedByAnotherProcess);
  ASSERT_EQ(::write(done[1], &byte, 1), 1);
  ::waitpid(child, nullptr, 0);
  for (const int end : {ready[0], ready[1], done[0], done[1]}) ::close(end);
}

TEST_F(RocksTest, refuses_another_format) {
  {
    open();
  }
  {
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    const std::vector<rocksdb::ColumnFamilyDescriptor> wanted = {
        {rocksdb::kDefaultColumnFamilyName, {}}, {"salus.format", {}}};
    ASSERT_TRUE(rocksdb::DB::Open({}, path.string(), wanted, &families, &db).ok());
    ASSERT_TRUE(db->Put({}, families[1], "version", "1").ok());
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
    delete db;
  }
  const auto error = refused();
  EXPECT_EQ(error.fault, StoreFault::OtherFormat);
  EXPECT_NE(error.reason.find("format 1"), std::string::npos);
}

TEST_F(RocksTest, refuses_a_database_of_somebody_else) {
  {
    rocksdb::DB* db = nullptr;
    rocksdb::Options options;
    options.create_if_missing = true;
    ASSERT_TRUE(rocksdb::DB::Open(options, path.string(), &db).ok());
    ASSERT_TRUE(db->Put({}, "key", "value").ok());
    delete db;
  }
  EXPECT_EQ(refused().fault, StoreFault::OtherFormat);
}

// Writes enough that the values lie in a file of their own, and gives its path.
Path find_table_file(const Path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".sst" && entry.file_size() > 200'000) return entry.path();
  }
  return {};
}

// Writes until a table file is there.
void fill(RocksStore& store, const Path& folder) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 40; ++i) {
    StoreBatch batch;
    // Noise, which no compression makes small.
    std::string noise(100'000, 'x');
    for (char& byte : noise) byte = static_cast<char>(random());
    batch.put("key" + std::to_string(i), noise);
    EXPECT_TRUE(store.write(batch));
  }
  for (int wait = 0; wait < 500 && find_table_file(folder).empty(); ++wait) ::usleep(10'000);
}

TEST_F(RocksDeathTest, stops_the_process_when_a_value_cannot_be_read) {
  fill(*open(), path);
  // Looked for when the store is closed: until then a compaction may replace it.
  const Path table = find_table_file(path);
  ASSERT_FALSE(table.empty());
  for (std::uint64_t at = 100; at < 200'000; at += 4'096) rot(table, at);
  // Opening reads the file's end only; the damage shows when a value is asked for.
  auto store = RocksStore::open(path, kSmall);
  ASSERT_TRUE(store) << store.error().reason;
  const auto read_all = [&store] {
    (*store)->scan("", "", [](std::string_view, std::string_view) { return true; });
  };
  EXPECT_DEATH(read_all(), "The node stops: a value of the ledger in .* cannot be read");
  const auto get_all = [&store] {
    for (int i = 0; i < 40; ++i) (void)(*store)->get("key" + std::to_string(i));
  };
  EXPECT_DEATH(get_all(), "restore this node from a snapshot");
}

TEST_F(RocksTest, says_that_it_is_damaged) {
  {
    put(*open(), "key", "value");
  }
  for (const auto& entry : std::filesystem::directory_iterator{path}) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("MANIFEST")) continue;
    for (std::uint64_t at = 0; at < entry.file_size(); at += 16) rot(entry.path(), at);
  }
  const auto error = refused();
  EXPECT_EQ(error.fault, StoreFault::Corrupt);
  EXPECT_NE(error.reason.find("snapshot"), std::string::npos);
}

TEST_F(RocksTest, says_that_its_folder_cannot_be_made) {
  path = temp / "missing" / "ledger" / "deep";
  {
    auto file = File::create(temp / "missing", 0600);
    ASSERT_TRUE(file);
  }
  EXPECT_EQ(refused().fault, StoreFault::DiskFailed);
}

}  // namespace
}  // namespace salus::storage
