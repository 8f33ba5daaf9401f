// Owns: the thread of a backup, and what it says of itself.
#include "node/backups.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "upkeep/backup.h"

namespace salus::node {

Backups::~Backups() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

Result<void, rpc::BackupRefusal> Backups::begin(const std::string& folder) {
  const std::lock_guard lock{mutex_};
  if (running_) {
    return std::unexpected(rpc::BackupRefusal{rpc::BackupRefusal::Kind::Running,
                                              "A backup is being made in " + status_.folder +
                                                  ". Wait until it is done, then ask again."});
  }
  if (const auto fit = upkeep::check_target(folder); !fit) {
    return std::unexpected(
        rpc::BackupRefusal{rpc::BackupRefusal::Kind::FolderUnfit, fit.error().reason});
  }
  if (thread_.joinable()) thread_.join();
  running_ = true;
  status_ = {.stage = v1::BACKUP_STAGE_COPYING, .folder = folder};
  thread_ = std::thread{[this, folder] { run(folder); }};
  return {};
}

rpc::BackupStatus Backups::status() {
  const std::lock_guard lock{mutex_};
  return status_;
}

template <typename Change>
bool Backups::update(const Change& change) {
  const std::lock_guard lock{mutex_};
  change(status_);
  return !stopping_;
}

void Backups::run(const std::string& folder) {
  const auto made =
      upkeep::make_backup(store_, folder, [this](const upkeep::BackupProgress& progress) {
        return update([&](rpc::BackupStatus& status) {
          if (progress.stage != upkeep::BackupProgress::Stage::Copying) {
            status.stage = v1::BACKUP_STAGE_HASHING;
          }
          status.bytes_done = progress.bytes_done;
          status.bytes_total = progress.bytes_total;
          status.files = progress.files;
        });
      });
  if (made) {
    spdlog::info("A backup was made. height={} files={} folder={}", made->height.value(),
                 made->files.size(), folder);
  } else {
    spdlog::error("The backup was not made: {}", made.error().reason);
  }
  const std::lock_guard lock{mutex_};
  running_ = false;
  if (!made) {
    status_.stage = v1::BACKUP_STAGE_FAILED;
    status_.failure = made.error().reason;
    return;
  }
  status_.stage = v1::BACKUP_STAGE_DONE;
  status_.height = made->height;
  status_.digest = made->digest;
  status_.state_root = made->state_root;
}

}  // namespace salus::node
