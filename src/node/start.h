// Owns: from a data folder to a replica that may go on exactly where its disk says (consensus.md,
// section 9, "Recovery order"). Every refusal names the file and what to do.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/ed25519.h"
#include "node/config.h"
#include "node/genesis_file.h"
#include "replica/replica.h"
#include "storage/data_folder.h"
#include "storage/journal.h"
#include "storage/rocks_store.h"
#include "storage/sign_guard.h"

namespace salus::node {

struct StartError {
  std::string reason;
};

// Everything that outlives the replica, in the order in which it must be destroyed last.
struct Disk {
  storage::DataFolder folder;
  Genesis genesis;
  std::unique_ptr<storage::RocksStore> store;
  storage::FileLog journal;
  storage::JournalOptions journal_options;
  // Absent for an observer.
  std::optional<storage::SignGuard> guard;
  crypto::KeyPair node_key;
};

struct Start {
  std::unique_ptr<Disk> disk;
  ledger::Ledger ledger;
  replica::ReplicaConfig config;
  replica::ReplicaRecovery recovery;
  // Sentences for the log: why this node only observes, what was found.
  std::vector<std::string> notes;
};

// Names a restriction (S10); 16 random bytes.
storage::Nonce random_nonce();

// A ledger's store, at genesis or beyond; it may be in the middle of a snapshot join.
struct OpenStore {
  Genesis genesis;
  storage::DataFolder folder;
  std::unique_ptr<storage::RocksStore> store;
};
Result<OpenStore, StartError> open_store(const Config& config);
Result<crypto::KeyPair, StartError> load_node_key(const Config& config);

Result<Start, StartError> start_from(const Config& config);

// Reads the passphrase file, or answers "" when none is named.
Result<std::string, StartError> read_passphrase(const std::string& path);

// The guard lies beside the key it guards (S8).
std::string guard_path_of(const std::string& validator_key_path);

}  // namespace salus::node
