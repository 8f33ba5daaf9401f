// Owns: a ledger that lies still: opened to read, with the kernel's lock of its data folder held,
// so that no node changes it meanwhile and nothing in it is changed by looking. One process, any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "storage/file.h"
#include "storage/rocks_store.h"

namespace salus::upkeep {

using storage::Path;

enum class Fault : std::uint8_t {
  // The folder holds no ledger, or one that a snapshot has not filled yet.
  NoLedger,
  // A node runs in it.
  InUse,
  // Its files cannot be read as a ledger.
  Damaged,
  // Another chain, or another program's.
  OtherChain,
  DiskFailed,
  // What is to be made exists already.
  Exists,
  // No manifest: a backup that was not finished, or something else.
  NotABackup,
  // A file differs from the manifest, or the manifest from its checksum.
  BackupDamaged,
  // It was told to stop.
  Stopped,
  // What is asked for was pruned, or never fetched.
  Pruned,
};
inline constexpr std::size_t kFaults = 10;

struct Error {
  Fault fault;
  // What was refused, why, and what helps.
  std::string reason;
};

// Where the database of a data folder, of a backup, or of itself lies.
struct Place {
  Path database;
  // Of the node that would use it; absent in a backup.
  std::optional<Path> lock;
};
Result<Place, Error> find_ledger(const Path& folder);

class StillFolder {
 public:
  // Holds the lock; opens nothing.
  static Result<StillFolder, Error> hold(const Path& folder);
  [[nodiscard]] Result<std::unique_ptr<storage::RocksStore>, Error> open() const;
  // The same; NoLedger if nothing was ever put into it, or a snapshot join was not finished.
  [[nodiscard]] Result<std::unique_ptr<storage::RocksStore>, Error> open_initialised() const;
  // NoLedger while a snapshot fills it: what is there is of no height.
  [[nodiscard]] Result<void, Error> check_whole(const Store& store) const;
  // For what changes it, with the same lock.
  [[nodiscard]] Result<std::unique_ptr<storage::RocksStore>, Error> open_to_change() const;

  const Path& database() const { return database_; }

 private:
  StillFolder(Path folder, Path database, std::optional<storage::File> lock)
      : folder_(std::move(folder)), database_(std::move(database)), lock_(std::move(lock)) {}

  Path folder_;
  Path database_;
  std::optional<storage::File> lock_;
};

// A folder for data that is worth nothing afterwards; gone with this.
class ScratchFolder {
 public:
  // In `parent`, or where the system keeps such things when it is empty.
  static Result<ScratchFolder, Error> make(const Path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const Path& path() const { return path_; }

 private:
  explicit ScratchFolder(Path path) : path_(std::move(path)) {}
  Path path_;
};

}  // namespace salus::upkeep
