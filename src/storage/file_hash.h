// Owns: the hash of a file's bytes that a backup's manifest keeps, read piece by piece, so that a
// file of any size costs little memory. Any thread.
#pragma once

#include <cstdint>
#include <functional>

#include "base/ids.h"
#include "storage/file.h"

namespace salus::storage {

// hash(`salus.file.1` | bytes). `on_read` is told of each piece and may end the reading by
// answering false; the error then has no cause.
Result<Hash, IoError> hash_of_file(const File& file,
                                   const std::function<bool(std::uint64_t bytes)>& on_read);

}  // namespace salus::storage
