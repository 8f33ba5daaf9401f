// Owns: one process at a time uses a data folder (consensus.md, S14), and where everything in it
// lies. The lock is the kernel's (flock): it goes with the process, however that ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "storage/file.h"

namespace salus::storage {

enum class DataFolderFault : std::uint8_t { AlreadyInUse, NotAccessible };

struct DataFolderError {
  DataFolderFault fault;
  // What was refused, why, and what helps.
  std::string reason;
};

class DataFolder {
 public:
  // Creates the folder and its parts where they are missing, and holds the lock until destroyed.
  static Result<DataFolder, DataFolderError> open(const Path& path);

  const Path& path() const { return path_; }
  Path keys() const { return path_ / "keys"; }
  Path validator_key() const { return keys() / "validator.json"; }
  Path node_key() const { return keys() / "node.json"; }
  // Beside the key it guards (S8).
  Path guard() const { return keys() / "validator.guard"; }
  Path journal() const { return path_ / "journal"; }
  Path ledger() const { return path_ / "ledger"; }

 private:
  DataFolder(Path path, File lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  Path path_;
  File lock_;
};

// The journal folder of one epoch.
Path epoch_folder(const Path& journal, Epoch epoch);
// Whose folder a name is; nullopt for one that was set aside, or is somebody else's.
std::optional<Epoch> epoch_of_folder(std::string_view name);

}  // namespace salus::storage
