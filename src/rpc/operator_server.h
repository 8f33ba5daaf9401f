// Owns: the listener that answers the operator and nobody else: a Unix socket that only the node's
// own user may open. What it says never leaves the machine by itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "replica/situation.h"
#include "rpc/operator_backend.h"
#include "rpc/server.h"

namespace salus::rpc {

struct OperatorBackend {
  // From any thread; nothing if the node did not answer in time.
  std::function<std::optional<replica::Situation>()> situation;
  std::string node_name;
  // Begins a backup in a folder and returns at once.
  std::function<Result<void, BackupRefusal>(const std::string& folder)> begin_backup = {};
  std::function<BackupStatus()> backup_status = {};
};

class OperatorServer {
 public:
  // Listens at `socket`, a path, when it returns; an old socket there goes. The backend stays
  // callable until stop() has returned.
  static Result<std::unique_ptr<OperatorServer>, ServerError> start(OperatorBackend backend,
                                                                    const std::string& socket);
  ~OperatorServer();

  void stop();

 private:
  struct Impl;
  explicit OperatorServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace salus::rpc
