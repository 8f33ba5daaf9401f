// Owns: a folder with a manifest is a whole ledger of one moment, byte for byte; a folder without
// one is no backup, whatever else lies in it. The manifest is written last. Neither sign guard nor
// journal nor key is ever in it: a validator that comes back from a backup must not vote where it
// may have voted before (consensus.md, S10, S12).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "storage/rocks_store.h"
#include "upkeep/folder.h"

namespace salus::upkeep {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kGenesisName = "genesis.json";
inline constexpr std::string_view kLedgerName = "ledger";
// In the new data folder, while a restore is under way.
inline constexpr std::string_view kUnfinishedName = "ledger.unfinished";
inline constexpr std::size_t kManifestBytesMax = std::size_t{64} << 20U;
inline constexpr std::size_t kBackupFilesMax = 200'000;

struct BackupFile {
  // `genesis.json`, or one name below `ledger/`.
  std::string path;
  std::uint64_t bytes = 0;
  // hash(`salus.file.1` | bytes).
  Hash hash;

  bool operator==(const BackupFile&) const = default;
};

struct BackupManifest {
  ChainId chain_id;
  std::string network;
  // Of the last block in it; after it the root.
  Height height;
  Digest digest;
  Root state_root;
  // By path.
  std::vector<BackupFile> files;

  bool operator==(const BackupManifest&) const = default;
};
// JSON; docs/formats.md, "Backups".
std::string encode(const BackupManifest& manifest);
// Any bytes.
Result<BackupManifest, Error> decode_manifest(std::string_view text);

struct BackupProgress {
  enum class Stage : std::uint8_t { Copying, Hashing, Done };
  Stage stage = Stage::Copying;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
  std::uint32_t files = 0;
};
// Called after each step; false ends the work where it is, as a crash there would.
using OnBackup = std::function<bool(const BackupProgress&)>;

// Whether a backup can be begun there: the folder is not, its parent is.
Result<void, Error> check_target(const Path& folder);
// Of a store that is in use; its writers go on. `folder` is new.
Result<BackupManifest, Error> make_backup(const storage::RocksStore& store, const Path& folder,
                                          const OnBackup& on_progress);

// NotABackup without a manifest; BackupDamaged if it is not what its checksum says.
Result<BackupManifest, Error> read_manifest(const Path& backup);
// Every file that is missing or not what the manifest says. `on_read` hears of bytes read, and ends
// the work with false.
std::vector<Error> damaged_files(const Path& backup, const BackupManifest& manifest,
                                 const std::function<bool(std::uint64_t bytes)>& on_read);

// Makes the data folder `folder`, which is missing or empty, from a backup that was checked whole
// before. A crash leaves the folder marked as unfinished.
Result<BackupManifest, Error> restore_backup(const Path& backup, const Path& folder,
                                             const OnBackup& on_progress);
// For a node's start: refuses a data folder whose restore did not end.
Result<void, Error> check_restored(const Path& data_folder);

}  // namespace salus::upkeep
