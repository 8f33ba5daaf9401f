// Owns: taking the lock before anything in the folder is read.
#include "storage/data_folder.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace salus::storage {

namespace {

constexpr std::string_view kEpochPrefix = "epoch-";

DataFolderError not_accessible(const IoError& error) {
  return {DataFolderFault::NotAccessible, sentence(error)};
}

Result<File, IoError> open_lock_file(const Path& path) {
  auto created = File::create(path, 0600);
  if (created || created.error().cause != EEXIST) return created;
  return File::open(path);
}

DataFolderError already_in_use(const Path& path, const File& lock) {
  std::string holder = "another process";
  if (const auto note = lock.read(0, 20); note && !note->empty()) {
    holder = "process " + std::string{as_chars(*note)};
  }
  return {DataFolderFault::AlreadyInUse,
          "The data folder " + path.string() + " is in use by " + holder +
              ". Stop that node first, or give this one a folder of its own: two nodes with one "
              "folder would be one validator voting twice."};
}

}  // namespace

Result<DataFolder, DataFolderError> DataFolder::open(const Path& path) {
  if (const auto made = make_folder(path); !made) {
    return std::unexpected(not_accessible(made.error()));
  }
  auto lock = open_lock_file(path / "lock");
  if (!lock) return std::unexpected(not_accessible(lock.error()));
  if (::flock(lock->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::unexpected(already_in_use(path, *lock));
    return std::unexpected(not_accessible({path / "lock", "cannot be locked", errno}));
  }

  // The holder's number is a courtesy to the reader of the sentence above; the lock is the
  // kernel's.
  const std::string note = std::to_string(::getpid());
  if (const auto cut = lock->cut_to(0); !cut) return std::unexpected(not_accessible(cut.error()));
  if (const auto written = lock->write(0, as_bytes(note)); !written) {
    return std::unexpected(not_accessible(written.error()));
  }
  DataFolder folder{path, std::move(*lock)};
  for (const Path& part : {folder.keys(), folder.journal()}) {
    if (const auto made = make_folder(part); !made) {
      return std::unexpected(not_accessible(made.error()));
    }
  }
  return folder;
}

Path epoch_folder(const Path& journal, Epoch epoch) {
  return journal / (std::string{kEpochPrefix} + std::to_string(epoch.value()));
}

std::optional<Epoch> epoch_of_folder(std::string_view name) {
  if (!name.starts_with(kEpochPrefix)) return std::nullopt;
  const std::string digits{name.substr(kEpochPrefix.size())};
  // 19 digits fit 64 bits.
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return Epoch{std::stoull(digits)};
}

}  // namespace salus::storage
