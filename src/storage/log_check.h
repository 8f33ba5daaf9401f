// Owns: whether a log of RocksDB (write-ahead log, MANIFEST) is whole, which RocksDB itself does
// not say: it stops at the first bad byte and forgets what follows. Each batch is synced before the
// next one begins, so a bad place with a batch begun behind it is damage; without one it may also
// be the batch that a crash cut off. Reads only; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "storage/file.h"

namespace salus::storage {

struct LogCheck {
  // The first place that is no whole record.
  std::optional<std::uint64_t> bad_at;
  // A batch begins behind it.
  bool goes_on = false;

  bool is_whole() const { return !bad_at; }
  bool is_damaged() const { return bad_at && goes_on; }
};

// Of a log's bytes.
LogCheck check_log(ByteView log);
Result<LogCheck, IoError> check_log_file(const Path& path);

}  // namespace salus::storage
