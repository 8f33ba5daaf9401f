// Owns: where things lie, and the lock.
#include "upkeep/folder.h"

#include <stdlib.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ledger/header.h"
#include "ledger/reader.h"
#include "sync/snapshot_join.h"

namespace salus::upkeep {

namespace {

Error disk_failed(const storage::IoError& error) {
  return {Fault::DiskFailed, storage::sentence(error)};
}

// Of the state that is offered, by the offer's own word.
Height height_of(const sync::ReadOffer& offer) {
  const auto header = ledger::decode_header(as_bytes(offer.header));
  return header ? header->height : Height{};
}

bool is_database(const Path& folder) {
  if (storage::is_there(folder / "CURRENT")) return true;
  // One that lost just this file is still one, and is to be examined.
  const auto names = storage::list_folder(folder);
  if (!names) return false;
  for (const std::string& name : *names) {
    if (name.starts_with("MANIFEST-") || name.ends_with(".sst")) return true;
  }
  return false;
}

Result<std::unique_ptr<storage::RocksStore>, Error> settled(
    Result<std::unique_ptr<storage::RocksStore>, storage::StoreOpenError> store) {
  if (store) return std::move(*store);
  switch (store.error().fault) {
    case storage::StoreFault::LockedByAnotherProcess:
      return std::unexpected(Error{Fault::InUse, store.error().reason});
    case storage::StoreFault::OtherFormat:
      return std::unexpected(Error{Fault::OtherChain, store.error().reason});
    case storage::StoreFault::Corrupt:
      return std::unexpected(Error{Fault::Damaged, store.error().reason});
    case storage::StoreFault::DiskFailed:
      return std::unexpected(Error{Fault::DiskFailed, store.error().reason});
  }
  std::unreachable();
}

}  // namespace

Result<Place, Error> find_ledger(const Path& folder) {
  Path database = folder;
  Path around = folder;
  if (is_database(folder / "ledger")) {
    database = folder / "ledger";
  } else if (is_database(folder)) {
    around = storage::Path{folder / "."}.parent_path().parent_path();
  } else {
    return std::unexpected(
        Error{Fault::NoLedger, folder.string() +
                                   " holds no ledger. Name a node's data folder (node.data_dir in "
                                   "its salusd.toml) or a backup."});
  }
  Place place{.database = std::move(database), .lock = std::nullopt};
  if (storage::is_there(around / "lock")) place.lock = around / "lock";
  return place;
}

Result<StillFolder, Error> StillFolder::hold(const Path& folder) {
  const auto place = find_ledger(folder);
  if (!place) return std::unexpected(place.error());
  std::optional<storage::File> lock;
  if (place->lock) {
    auto file = storage::File::open_to_read(*place->lock);
    if (!file) return std::unexpected(disk_failed(file.error()));
    if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) != 0) {
      return std::unexpected(
          Error{Fault::InUse, folder.string() +
                                  " is in use by a running node, whose files change. Stop it, or "
                                  "look at a backup: salus node backup."});
    }
    lock.emplace(std::move(*file));
  }
  return StillFolder{folder, place->database, std::move(lock)};
}

Result<std::unique_ptr<storage::RocksStore>, Error> StillFolder::open() const {
  return settled(storage::RocksStore::open_to_read(database_));
}

Result<std::unique_ptr<storage::RocksStore>, Error> StillFolder::open_initialised() const {
  auto store = open();
  if (!store) return store;
  if (const auto whole = check_whole(**store); !whole) return std::unexpected(whole.error());
  if (!ledger::Reader{**store}.is_initialised()) {
    return std::unexpected(
        Error{Fault::NoLedger, folder_.string() + " holds a ledger that was never initialised."});
  }
  return store;
}

Result<void, Error> StillFolder::check_whole(const Store& store) const {
  const auto noted = store.get(sync::kJoinKey);
  if (!noted) return {};
  const auto offer = sync::read_offer(as_bytes(std::string_view{*noted}.substr(1)));
  const std::string height =
      offer ? " of height " + std::to_string(height_of(*offer).value()) : std::string{};
  return std::unexpected(Error{
      Fault::NoLedger,
      folder_.string() + " is being filled with a snapshot" + height +
          ", and that was not finished: there is no whole state to look at. Start its node "
          "with sync.snapshot = true, which goes on from there; or empty the folder and begin "
          "again, with block 1 or with a snapshot."});
}

Result<std::unique_ptr<storage::RocksStore>, Error> StillFolder::open_to_change() const {
  return settled(storage::RocksStore::open(database_));
}

Result<ScratchFolder, Error> ScratchFolder::make(const Path& parent) {
  std::error_code failed;
  const Path where = parent.empty() ? std::filesystem::temp_directory_path(failed) : parent;
  std::string name = (where / "salus-scratch-XXXXXX").string();
  if (failed || ::mkdtemp(name.data()) == nullptr) {
    return std::unexpected(
        Error{Fault::DiskFailed, "No folder for intermediate data can be made in " +
                                     where.string() + ": " + std::string{std::strerror(errno)} +
                                     ". Name another place with --scratch."});
  }
  return ScratchFolder{Path{name}};
}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace salus::upkeep
