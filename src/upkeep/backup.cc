// Owns: the order of the steps of backup and restore: what is marked before it is begun, and synced
// before it counts.
#include "upkeep/backup.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ledger/reader.h"
#include "salus/v1/chain.pb.h"
#include "storage/file_hash.h"
#include "upkeep/tip_check.h"

namespace salus::upkeep {

namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refuse(Fault fault, std::string reason) {
  return std::unexpected(Error{fault, std::move(reason)});
}

std::unexpected<Error> refuse(const storage::IoError& error) {
  return refuse(Fault::DiskFailed, storage::sentence(error));
}

std::unexpected<Error> stopped(const Path& folder) {
  return refuse(Fault::Stopped,
                "The work in " + folder.string() +
                    " was ended before it was done. Remove that folder, then begin again.");
}

[[nodiscard]] Result<void, storage::IoError> write_new_file(const Path& path,
                                                            std::string_view text) {
  auto file = storage::File::create(path, 0600);
  if (!file) return std::unexpected(file.error());
  if (const auto written = file->write(0, as_bytes(text)); !written) {
    return std::unexpected(written.error());
  }
  return file->sync();
}

// What the network calls itself in its document; empty if that does not parse.
std::string network_of(const std::string& genesis_bytes) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis_bytes, &document);
  return parsed.ok() ? document.network() : std::string{};
}

// Chain, height and root of the ledger at `database`.
Result<BackupManifest, Error> describe(const Path& database) {
  const auto store = storage::RocksStore::open_to_read(database);
  if (!store) return refuse(Fault::Damaged, store.error().reason);
  const ledger::Reader reader{**store};
  if (!reader.is_initialised()) {
    return refuse(Fault::NoLedger, database.string() + " holds no ledger yet.");
  }
  const ledger::Tip tip = reader.tip();
  return BackupManifest{.chain_id = reader.chain_id(),
                        .network = network_of(reader.genesis_bytes()),
                        .height = tip.height,
                        .digest = tip.digest,
                        .state_root = tip.state_root,
                        .files = {}};
}

Result<std::string, Error> genesis_of(const Path& database) {
  const auto store = storage::RocksStore::open_to_read(database);
  if (!store) return refuse(Fault::Damaged, store.error().reason);
  return ledger::Reader{**store}.genesis_bytes();
}

// Paths below `folder`, ascending, with their sizes.
Result<std::vector<BackupFile>, Error> list_files(const Path& folder) {
  std::vector<BackupFile> out;
  const auto add = [&](const std::string& path) -> Result<void, storage::IoError> {
    const auto file = storage::File::open_to_read(folder / path);
    if (!file) return std::unexpected(file.error());
    const auto bytes = file->size();
    if (!bytes) return std::unexpected(bytes.error());
    out.push_back({.path = path, .bytes = *bytes, .hash = {}});
    return {};
  };
  if (const auto added = add(std::string{kGenesisName}); !added) return refuse(added.error());
  const auto names = storage::list_folder(folder / kLedgerName);
  if (!names) return refuse(names.error());
  for (const std::string& name : *names) {
    // RocksDB's own log says nothing that is needed, and each opening writes it anew.
    if (name.starts_with("LOG") || name == "LOCK") continue;
    if (const auto added = add(std::string{kLedgerName} + "/" + name); !added) {
      return refuse(added.error());
    }
  }
  std::ranges::sort(out, {}, &BackupFile::path);
  return out;
}

// What was read may differ from what was hashed before, and what was written from both.
Result<void, Error> check_copy(storage::File& copy, const Path& path, const BackupFile& file) {
  const auto hash = storage::hash_of_file(copy, [](std::uint64_t) { return true; });
  if (!hash) return refuse(hash.error());
  if (*hash == file.hash) return {};
  return refuse(Fault::BackupDamaged,
                path.string() +
                    " is not what the manifest says: it was changed while it was copied, or the "
                    "disk wrote something else. Remove the folder that it is in, check both disks, "
                    "then begin again.");
}

// Whole, and yet no ledger that a quorum agreed on: made by another program, or damaged before.
Result<void, Error> check_tip(const Path& database) {
  const auto store = storage::RocksStore::open_to_read(database);
  if (!store) return refuse(Fault::Damaged, store.error().reason);
  const auto flaw = find_tip_flaw(**store);
  if (!flaw) return {};
  return refuse(Fault::BackupDamaged,
                "The ledger in the backup cannot be relied on. " + *flaw +
                    " Use another backup; what is wrong in this one: salus ledger verify.");
}

}  // namespace

Result<void, Error> check_target(const Path& folder) {
  if (!folder.is_absolute()) {
    return refuse(Fault::Exists, folder.string() + " is no absolute path.");
  }
  if (storage::is_there(folder)) {
    return refuse(Fault::Exists, folder.string() +
                                     " exists already. A backup makes a folder of its own: name "
                                     "one that does not exist.");
  }
  std::error_code ignored;
  if (!fs::is_directory(folder.parent_path(), ignored)) {
    return refuse(Fault::Exists,
                  folder.parent_path().string() + " is no folder. Create it, then begin again.");
  }
  return {};
}

Result<BackupManifest, Error> make_backup(const storage::RocksStore& store, const Path& folder,
                                          const OnBackup& on_progress) {
  if (const auto fit = check_target(folder); !fit) return std::unexpected(fit.error());
  BackupProgress progress;
  if (const auto made = storage::make_folder(folder); !made) return refuse(made.error());
  if (!on_progress(progress)) return stopped(folder);

  const Path database = folder / kLedgerName;
  if (const auto copied = store.copy_to(database); !copied) {
    return refuse(Fault::DiskFailed, copied.error().reason + " Remove " + folder.string() +
                                         " before the next attempt.");
  }
  if (!on_progress(progress)) return stopped(folder);
  auto manifest = describe(database);
  if (!manifest) return std::unexpected(manifest.error());
  const auto genesis = genesis_of(database);
  if (!genesis) return std::unexpected(genesis.error());
  if (const auto written = write_new_file(folder / kGenesisName, *genesis); !written) {
    return refuse(written.error());
  }
  if (!on_progress(progress)) return stopped(folder);

  auto files = list_files(folder);
  if (!files) return std::unexpected(files.error());
  manifest->files = std::move(*files);
  progress.stage = BackupProgress::Stage::Hashing;
  progress.files = static_cast<std::uint32_t>(manifest->files.size());
  for (const BackupFile& file : manifest->files) progress.bytes_total += file.bytes;
  for (BackupFile& file : manifest->files) {
    auto opened = storage::File::open_to_read(folder / file.path);
    if (!opened) return refuse(opened.error());
    if (const auto synced = opened->sync(); !synced) return refuse(synced.error());
    const auto hash = storage::hash_of_file(*opened, [&](std::uint64_t bytes) {
      progress.bytes_done += bytes;
      return on_progress(progress);
    });
    if (!hash && hash.error().cause == 0) return stopped(folder);
    if (!hash) return refuse(hash.error());
    file.hash = *hash;
  }
  for (const Path& part : {database, folder}) {
    if (const auto synced = storage::sync_folder(part); !synced) return refuse(synced.error());
  }

  // Under another name until it is whole, so that half a manifest is none.
  Path unfinished = folder / kManifestName;
  unfinished += ".unfinished";
  if (const auto written = write_new_file(unfinished, encode(*manifest)); !written) {
    return refuse(written.error());
  }
  if (!on_progress(progress)) return stopped(folder);
  std::error_code failed;
  fs::rename(unfinished, folder / kManifestName, failed);
  if (failed) return refuse({unfinished, "cannot be renamed", failed.value()});
  if (const auto synced = storage::sync_folder(folder); !synced) return refuse(synced.error());
  progress.stage = BackupProgress::Stage::Done;
  (void)on_progress(progress);
  return std::move(*manifest);
}

Result<BackupManifest, Error> read_manifest(const Path& backup) {
  const Path path = backup / kManifestName;
  if (!storage::is_there(path)) {
    return refuse(Fault::NotABackup,
                  backup.string() +
                      " is no backup: it has no manifest.json, which is written last. If it was "
                      "begun as one, it was not finished: remove it, then make another one with "
                      "salus node backup.");
  }
  const auto file = storage::File::open_to_read(path);
  if (!file) return refuse(file.error());
  const auto text = file->read(0, kManifestBytesMax + 1);
  if (!text) return refuse(text.error());
  return decode_manifest(as_chars(*text));
}

std::vector<Error> damaged_files(const Path& backup, const BackupManifest& manifest,
                                 const std::function<bool(std::uint64_t bytes)>& on_read) {
  std::vector<Error> out;
  for (const BackupFile& file : manifest.files) {
    const Path path = backup / file.path;
    const auto opened = storage::File::open_to_read(path);
    if (!opened) {
      out.push_back({Fault::BackupDamaged, storage::sentence(opened.error())});
      continue;
    }
    const auto hash = storage::hash_of_file(*opened, on_read);
    if (!hash) {
      const bool is_stop = hash.error().cause == 0;
      out.push_back({is_stop ? Fault::Stopped : Fault::DiskFailed,
                     is_stop ? "The check of the backup was ended before it was done."
                             : storage::sentence(hash.error())});
      if (is_stop) return out;
    } else if (*hash != file.hash) {
      out.push_back({Fault::BackupDamaged,
                     path.string() +
                         " is damaged: its hash is not the one in the manifest. Use another "
                         "backup."});
    }
  }
  return out;
}

Result<BackupManifest, Error> restore_backup(const Path& backup, const Path& folder,
                                             const OnBackup& on_progress) {
  auto manifest = read_manifest(backup);
  if (!manifest) return std::unexpected(manifest.error());
  std::error_code ignored;
  if (storage::is_there(folder) && !fs::is_empty(folder, ignored)) {
    const bool is_unfinished = storage::is_there(folder / kUnfinishedName);
    return refuse(
        Fault::Exists,
        folder.string() +
            (is_unfinished ? " holds a restore that was not finished. Remove it, then begin again."
                           : " exists and is not empty. A restore makes a data folder of its own: "
                             "name one that does not exist."));
  }
  BackupProgress progress{.stage = BackupProgress::Stage::Hashing};
  progress.files = static_cast<std::uint32_t>(manifest->files.size());
  for (const BackupFile& file : manifest->files) progress.bytes_total += file.bytes;
  const auto damaged = damaged_files(backup, *manifest, [&](std::uint64_t bytes) {
    progress.bytes_done += bytes;
    return on_progress(progress);
  });
  if (!damaged.empty()) return std::unexpected(damaged.front());

  const Path unfinished = folder / kUnfinishedName;
  for (const Path& made : {folder, unfinished}) {
    if (const auto done = storage::make_folder(made); !done) return refuse(done.error());
  }
  progress = {.stage = BackupProgress::Stage::Copying,
              .bytes_done = 0,
              .bytes_total = progress.bytes_total,
              .files = progress.files};
  for (const BackupFile& file : manifest->files) {
    if (!on_progress(progress)) return stopped(folder);
    const Path to =
        file.path == kGenesisName ? folder / kGenesisName : unfinished / Path{file.path}.filename();
    std::error_code failed;
    fs::copy_file(backup / file.path, to, failed);
    if (failed) return refuse({to, "cannot be copied", failed.value()});
    auto copy = storage::File::open(to);
    if (!copy) return refuse(copy.error());
    if (const auto synced = copy->sync(); !synced) return refuse(synced.error());
    if (const auto same = check_copy(*copy, to, file); !same) return std::unexpected(same.error());
    progress.bytes_done += file.bytes;
  }
  if (!on_progress(progress)) return stopped(folder);
  const auto found = describe(unfinished);
  if (!found) return std::unexpected(found.error());
  if (found->chain_id != manifest->chain_id || found->digest != manifest->digest ||
      found->state_root != manifest->state_root) {
    return refuse(Fault::BackupDamaged,
                  "The ledger in the backup is not the one that its manifest names. Use another "
                  "backup.");
  }
  if (const auto sound = check_tip(unfinished); !sound) return std::unexpected(sound.error());
  if (const auto synced = storage::sync_folder(unfinished); !synced) return refuse(synced.error());
  std::error_code failed;
  fs::rename(unfinished, folder / kLedgerName, failed);
  if (failed) return refuse({unfinished, "cannot be renamed", failed.value()});
  if (const auto synced = storage::sync_folder(folder); !synced) return refuse(synced.error());
  progress.stage = BackupProgress::Stage::Done;
  (void)on_progress(progress);
  return std::move(*manifest);
}

Result<void, Error> check_restored(const Path& data_folder) {
  if (!storage::is_there(data_folder / kUnfinishedName)) return {};
  return refuse(Fault::NotABackup,
                data_folder.string() +
                    " holds a restore that was not finished. Remove this folder, then restore the "
                    "backup again: salus node restore.");
}

}  // namespace salus::upkeep
