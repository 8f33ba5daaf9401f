// Owns: one backup at a time, made on a thread of its own: the strand, and with it voting, never
// waits for it. It ends with the node.
#pragma once

#include <mutex>
#include <string>
#include <thread>

#include "rpc/operator_backend.h"
#include "storage/rocks_store.h"

namespace salus::node {

class Backups {
 public:
  // `store` outlives this.
  explicit Backups(const storage::RocksStore& store) : store_(store) {}
  ~Backups();
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // Any thread.
  Result<void, rpc::BackupRefusal> begin(const std::string& folder);
  rpc::BackupStatus status();

 private:
  void run(const std::string& folder);
  // False when the node ends.
  template <typename Change>
  bool update(const Change& change);

  const storage::RocksStore& store_;
  std::mutex mutex_;
  bool stopping_ = false;
  bool running_ = false;
  rpc::BackupStatus status_;
  std::thread thread_;
};

}  // namespace salus::node
