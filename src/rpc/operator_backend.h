// Owns: what the operator's service needs from the node besides a situation: backups. node/ fills
// it from the real parts, tests from small ones.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "salus/v1/operator_service.pb.h"

namespace salus::rpc {

struct BackupRefusal {
  enum class Kind : std::uint8_t {
    // Another one is being made.
    Running,
    // The folder exists, or its parent does not.
    FolderUnfit,
  };
  Kind kind;
  std::string reason;
};

// How the last backup stands.
struct BackupStatus {
  v1::BackupStage stage = v1::BACKUP_STAGE_NONE;
  std::string folder = {};
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
  std::uint32_t files = 0;
  std::string failure = {};
  // Of what is in it, once it is done.
  Height height = {};
  Digest digest = {};
  Root state_root = {};
};

}  // namespace salus::rpc
