// Owns: the Store on disk. A batch is synced whole or reported; a value that the disk cannot give
// back stops the process, so nobody takes a broken disk for an absent key (consensus.md, S5).
// All methods are thread-safe. Snapshots borrow the store: they go first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/seams/store.h"
#include "storage/file.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace salus::storage {

enum class StoreFault : std::uint8_t { LockedByAnotherProcess, Corrupt, OtherFormat, DiskFailed };

struct StoreOpenError {
  StoreFault fault;
  // What was refused, why, and what helps.
  std::string reason;
};

struct RocksOptions {
  // Blocks, indexes and filters share this cache; it is the store's largest use of memory.
  std::uint32_t block_cache_mib = 256;
  // Writes are kept in memory up to this, then become a file.
  std::uint32_t write_buffer_mib = 32;
  // Files kept open; each costs a descriptor.
  std::uint32_t open_files_max = 512;
  // The write-ahead log is cut when it reaches this.
  std::uint32_t wal_mib_max = 256;
  // Nothing is synced or logged: for a store that is worth nothing once its process has ended.
  bool is_scratch = false;
};

struct RocksMemory {
  std::uint64_t block_cache_bytes;
  std::uint64_t write_buffer_bytes;
  std::uint64_t open_file_bytes;
};

class RocksStore final : public Store {
 public:
  // Creates the store where the folder is missing or empty; its parent exists.
  static Result<std::unique_ptr<RocksStore>, StoreOpenError> open(const Path& path,
                                                                  const RocksOptions& options = {});
  // Changes no byte of the folder and refuses writes. No other process may have it open.
  static Result<std::unique_ptr<RocksStore>, StoreOpenError> open_to_read(
      const Path& path, const RocksOptions& options = {});
  ~RocksStore() override;

  std::optional<std::string> get(std::string_view key) const override;
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override;

  // The state of this moment, for queries beside writing. It refuses writes, keeps old versions
  // alive while it exists, and must be gone before the store.
  std::unique_ptr<Store> snapshot() const;

  // A store of its own in the new folder `path`: all that was written until some moment of the
  // call, whole batches only. Files that never change are shared (hard links) where the disk allows
  // it. Writers go on meanwhile. Any thread.
  [[nodiscard]] Result<void, StoreError> copy_to(const Path& path) const;

  // Rewrites the files of erased state, pages and history, or of erased blocks, results and their
  // indexes, so that they give their room back. Writers go on meanwhile. Any thread. Ends early
  // once `stopping` is true: what was not rewritten is later.
  void compact_state(std::atomic<bool>& stopping);
  void compact_chain(std::atomic<bool>& stopping);

  // Synced batches since opening.
  std::uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }
  RocksMemory memory() const;
  // Bytes of the files that hold the current version of everything.
  std::uint64_t disk_bytes() const;

 private:
  // All keys that begin with one of these letters.
  void compact(std::string_view prefixes, std::atomic<bool>& stopping);

  RocksStore(Path path, std::unique_ptr<rocksdb::DB> db,
             std::vector<rocksdb::ColumnFamilyHandle*> families, bool is_scratch);

  Path path_;
  bool is_scratch_;
  std::unique_ptr<rocksdb::DB> db_;
  // Of `db_`, destroyed by hand before it.
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::atomic<std::uint64_t> syncs_ = 0;
};

}  // namespace salus::storage
