// Owns: a damaged byte in any file that RocksDB reads is found and its file is named, without
// trusting the database that the files make up. Reads only; no process may have the folder open.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/file.h"

namespace salus::storage {

struct FileFault {
  Path path;
  // What is wrong, from the file's name on: "is damaged at byte 17".
  std::string what;
  // A log that ends in the middle of a batch: a crash leaves that too, and then the next start cuts
  // it off. The state before it stands.
  bool may_be_torn = false;
};

struct FileCheckProgress {
  std::uint64_t files_done = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes_done = 0;
};

// Every fault of the database in `folder`, in the order CURRENT, MANIFEST, logs, tables.
std::vector<FileFault> check_database_files(
    const Path& folder, const std::function<void(const FileCheckProgress&)>& on_progress);

}  // namespace salus::storage
