// Owns: RocksDB's options for a validator, and the translation of its statuses.
#include "storage/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <utility>

#include "storage/log_check.h"

namespace salus::storage {

namespace {

// The format version has a column family of its own, so that no scan of the state meets it.
const std::string kFormatFamily = "salus.format";
constexpr std::string_view kFormatKey = "version";
constexpr std::string_view kFormatVersion = "5";
// What RocksDB puts around a key and a value, at most: a letter and two lengths.
constexpr std::size_t kWriteBytes = 11;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

rocksdb::ReadOptions reading(const rocksdb::Snapshot* snapshot = nullptr) {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.snapshot = snapshot;
  return options;
}

rocksdb::DBOptions database_options(const RocksOptions& wanted) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.max_open_files = static_cast<int>(wanted.open_files_max);
  options.max_total_wal_size = std::uint64_t{wanted.wal_mib_max} << 20U;
  // A torn end of the log is a batch whose write() never returned: the state before it stands, and
  // it is whole. What is synced is replayed.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1U << 20U;
  options.keep_log_file_num = 4;
  options.max_log_file_size = std::size_t{4} << 20U;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  // The MANIFEST knows each file's checksum, so that a check misses no byte, also of the padding.
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  return options;
}

// RocksDB writes its own log into the folder even when it only reads.
class NoInfoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::ColumnFamilyOptions family_options(const RocksOptions& wanted) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(std::size_t{wanted.block_cache_mib} << 20U);
  // In the cache, so that it bounds them too.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.checksum = rocksdb::ChecksumType::kXXH3;
  table.format_version = 5;

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::CompressionType::kLZ4Compression;
  options.write_buffer_size = std::size_t{wanted.write_buffer_mib} << 20U;
  options.max_write_buffer_number = 3;
  // Reads back every file that it wrote before it relies on it.
  options.paranoid_file_checks = true;
  return options;
}

StoreOpenError open_error(const Path& path, const rocksdb::Status& status) {
  const std::string where = "The ledger in " + path.string();
  const std::string text = status.ToString();
  // RocksDB gives a held lock no code of its own, only these words.
  const bool held =
      text.find("lock file") != std::string::npos || text.find("lock hold") != std::string::npos;
  if (status.IsIOError() && held) {
    return {StoreFault::LockedByAnotherProcess,
            where + " is in use by another process. Stop that one first."};
  }
  if (status.IsCorruption()) {
    return {StoreFault::Corrupt, where + " is damaged (" + text +
                                     "). Check the disk, then restore this node from a snapshot; "
                                     "the other nodes keep the chain."};
  }
  // Column families that we never make: somebody else's database.
  if (status.IsInvalidArgument()) {
    return {StoreFault::OtherFormat, where + " was not written by this program (" + text +
                                         "). Check the data folder in the configuration."};
  }
  return {StoreFault::DiskFailed,
          where + " cannot be opened (" + text +
              "). Check that the disk is mounted, writable and not full, then start again."};
}

StoreOpenError other_format(const Path& path, std::string_view found) {
  return {StoreFault::OtherFormat,
          "The ledger in " + path.string() + " has format " + std::string{found} +
              ", this program reads format " + std::string{kFormatVersion} +
              ". Use the program that wrote it, or sync into an empty folder."};
}

// What RocksDB would drop without a word: batches that were synced behind a damaged place.
Result<void, StoreOpenError> check_logs(const Path& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{path, ignored}) {
    if (entry.path().extension() != ".log") continue;
    const auto check = check_log_file(entry.path());
    if (!check)
      return std::unexpected(StoreOpenError{StoreFault::DiskFailed, sentence(check.error())});
    if (!check->is_damaged()) continue;
    return std::unexpected(StoreOpenError{
        StoreFault::Corrupt,
        entry.path().string() + " is damaged at byte " + std::to_string(*check->bad_at) +
            ", and what was written after it would be lost. Check the disk, then restore this node "
            "from a backup, or move its ledger folder away and let it fetch the chain again."});
  }
  return {};
}

// A read that the disk refuses has no answer; see the head of rocks_store.h.
[[noreturn]] void stop_on_read(const Path& path, const rocksdb::Status& status) {
  stop_process("a value of the ledger in " + path.string() +
               " cannot be read: " + status.ToString() +
               ". Check the disk; if the files are damaged, restore this node from a snapshot.");
}

std::optional<std::string> get_from(rocksdb::DB& db, const Path& path, std::string_view key,
                                    const rocksdb::Snapshot* snapshot) {
  std::string value;
  const auto status = db.Get(reading(snapshot), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) stop_on_read(path, status);
  return value;
}

void scan_from(rocksdb::DB& db, const Path& path, std::string_view prefix, std::string_view from,
               const std::function<bool(std::string_view, std::string_view)>& visit,
               const rocksdb::Snapshot* snapshot) {
  const std::unique_ptr<rocksdb::Iterator> at{db.NewIterator(reading(snapshot))};
  for (at->Seek(slice(std::max(prefix, from))); at->Valid(); at->Next()) {
    if (!view(at->key()).starts_with(prefix)) break;
    if (!visit(view(at->key()), view(at->value()))) break;
  }
  if (!at->status().ok()) stop_on_read(path, at->status());
}

class RocksSnapshot final : public Store {
 public:
  RocksSnapshot(rocksdb::DB& db, Path path)
      : db_(db), path_(std::move(path)), snapshot_(db.GetSnapshot()) {}
  RocksSnapshot(const RocksSnapshot&) = delete;
  RocksSnapshot& operator=(const RocksSnapshot&) = delete;
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }

  std::optional<std::string> get(std::string_view key) const override {
    return get_from(db_, path_, key, snapshot_);
  }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    scan_from(db_, path_, prefix, from, visit, snapshot_);
  }
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch&) override {
    return std::unexpected(StoreError{"A snapshot is read-only: write to its store."});
  }

 private:
  rocksdb::DB& db_;
  Path path_;
  const rocksdb::Snapshot* snapshot_;
};

bool is_empty(rocksdb::DB& db) {
  const std::unique_ptr<rocksdb::Iterator> at{db.NewIterator(reading())};
  at->SeekToFirst();
  return !at->Valid() && at->status().ok();
}

// Notes the version in a new store, and refuses another one's.
Result<void, StoreOpenError> settle_format(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                                           const Path& path) {
  std::string found;
  const auto status = db.Get(reading(), family, slice(kFormatKey), &found);
  if (status.ok() && found == kFormatVersion) return {};
  if (status.ok()) return std::unexpected(other_format(path, found));
  if (!status.IsNotFound()) return std::unexpected(open_error(path, status));
  if (!is_empty(db)) return std::unexpected(other_format(path, "unknown"));

  rocksdb::WriteOptions writing;
  writing.sync = true;
  const auto noted = db.Put(writing, family, slice(kFormatKey), slice(kFormatVersion));
  if (!noted.ok()) return std::unexpected(open_error(path, noted));
  return {};
}

std::vector<rocksdb::ColumnFamilyDescriptor> wanted_families(const RocksOptions& options) {
  return {{rocksdb::kDefaultColumnFamilyName, family_options(options)},
          {kFormatFamily, rocksdb::ColumnFamilyOptions{}}};
}

std::uint64_t property(rocksdb::DB& db, const std::string& name) {
  std::uint64_t value = 0;
  db.GetIntProperty(name, &value);
  return value;
}

}  // namespace

Result<std::unique_ptr<RocksStore>, StoreOpenError> RocksStore::open(const Path& path,
                                                                     const RocksOptions& options) {
  if (const auto checked = check_logs(path); !checked) return std::unexpected(checked.error());
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(database_options(options), path.string(),
                                        wanted_families(options), &families, &opened);
  if (!status.ok()) return std::unexpected(open_error(path, status));

  std::unique_ptr<RocksStore> store{new RocksStore{path, std::unique_ptr<rocksdb::DB>{opened},
                                                   std::move(families), options.is_scratch}};
  if (const auto settled = settle_format(*store->db_, store->families_.back(), path); !settled) {
    return std::unexpected(settled.error());
  }
  return store;
}

Result<std::unique_ptr<RocksStore>, StoreOpenError> RocksStore::open_to_read(
    const Path& path, const RocksOptions& options) {
  auto reading_options = database_options(options);
  reading_options.create_if_missing = false;
  reading_options.create_missing_column_families = false;
  reading_options.info_log = std::make_shared<NoInfoLog>();
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(reading_options, path.string(),
                                                   wanted_families(options), &families, &opened);
  if (!status.ok()) return std::unexpected(open_error(path, status));

  std::unique_ptr<RocksStore> store{
      new RocksStore{path, std::unique_ptr<rocksdb::DB>{opened}, std::move(families), false}};
  std::string found;
  const auto format =
      store->db_->Get(reading(), store->families_.back(), slice(kFormatKey), &found);
  if (!format.ok()) return std::unexpected(open_error(path, format));
  if (found != kFormatVersion) return std::unexpected(other_format(path, found));
  return store;
}

RocksStore::RocksStore(Path path, std::unique_ptr<rocksdb::DB> db,
                       std::vector<rocksdb::ColumnFamilyHandle*> families, bool is_scratch)
    : path_(std::move(path)),
      is_scratch_(is_scratch),
      db_(std::move(db)),
      families_(std::move(families)) {}

RocksStore::~RocksStore() {
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
}

std::optional<std::string> RocksStore::get(std::string_view key) const {
  return get_from(*db_, path_, key, nullptr);
}

void RocksStore::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  scan_from(*db_, path_, prefix, from, visit, nullptr);
}

Result<void, StoreError> RocksStore::write(const StoreBatch& batch) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : batch.writes) {
    bytes += key.size() + (value ? value->size() : 0) + kWriteBytes;
  }
  rocksdb::WriteBatch writes{bytes};
  for (const auto& [key, value] : batch.writes) {
    const auto status = value ? writes.Put(slice(key), slice(*value)) : writes.Delete(slice(key));
    if (!status.ok()) return std::unexpected(StoreError{status.ToString()});
  }
  rocksdb::WriteOptions options;
  options.sync = !is_scratch_;
  options.disableWAL = is_scratch_;
  const auto status = db_->Write(options, &writes);
  if (!status.ok()) {
    return std::unexpected(StoreError{"The ledger in " + path_.string() +
                                      " could not be written: " + status.ToString() +
                                      ". Check that the disk has space and is healthy, then start "
                                      "the node again; it does not retry."});
  }
  syncs_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

std::unique_ptr<Store> RocksStore::snapshot() const {
  return std::make_unique<RocksSnapshot>(*db_, path_);
}

// Letters of state/layout.h: history, pages, stale lists, records.
void RocksStore::compact_state(std::atomic<bool>& stopping) { compact("hnqs", stopping); }

// Letters of ledger/keys.h: by account, blocks, finalizations, digests, headers, outcomes, results,
// by transaction.
void RocksStore::compact_chain(std::atomic<bool>& stopping) { compact("abcdiorx", stopping); }

void RocksStore::compact(std::string_view prefixes, std::atomic<bool>& stopping) {
  for (const char prefix : prefixes) {
    const std::string begin(1, prefix);
    const std::string end(1, static_cast<char>(prefix + 1));
    const rocksdb::Slice from{begin};
    const rocksdb::Slice to{end};
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    // RocksDB only reads it. One compaction may take hours, and a node that stops waits for it.
    options.canceled = &stopping;
    // Room that is not given back now is given back later: not a reason to stop.
    static_cast<void>(db_->CompactRange(options, &from, &to));
  }
}

Result<void, StoreError> RocksStore::copy_to(const Path& path) const {
  const auto refuse = [&](const rocksdb::Status& status) {
    return std::unexpected(StoreError{"The ledger in " + path_.string() + " cannot be copied to " +
                                      path.string() + ": " + status.ToString() +
                                      ". Check that the disk there has space and is writable."});
  };
  rocksdb::Checkpoint* made = nullptr;
  if (const auto status = rocksdb::Checkpoint::Create(db_.get(), &made); !status.ok()) {
    return refuse(status);
  }
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint{made};
  // Written out first, so that the copy needs no write-ahead log.
  const auto status = checkpoint->CreateCheckpoint(path.string(), 0);
  if (!status.ok()) return refuse(status);
  return {};
}

RocksMemory RocksStore::memory() const {
  return {.block_cache_bytes = property(*db_, rocksdb::DB::Properties::kBlockCacheUsage),
          .write_buffer_bytes = property(*db_, rocksdb::DB::Properties::kCurSizeAllMemTables),
          .open_file_bytes = property(*db_, rocksdb::DB::Properties::kEstimateTableReadersMem)};
}

std::uint64_t RocksStore::disk_bytes() const {
  return property(*db_, rocksdb::DB::Properties::kTotalSstFilesSize);
}

}  // namespace salus::storage
