// Owns: an append-only record of stages, each durable before its append returns. Real:
// storage/journal; in-memory and faulty: tests and the simulator.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace salus {

struct LogError {
  // Path, cause and remedy, for the operator.
  std::string reason;
};

// Where a log's next append will land; the guard notes it (consensus.md, S7).
using LogPosition = Number<struct LogPositionTag>;

class Log {
 public:
  virtual ~Log() = default;

  // The position before which everything is durable.
  virtual LogPosition durable_end() const = 0;

  // Appends the records of one stage as one durable unit and returns when they are on the disk.
  // After an error nobody knows whether they outlive a crash: the caller stops the node.
  [[nodiscard]] virtual Result<void, LogError> append_and_sync(ByteView stage) = 0;
};

}  // namespace salus
