// Owns: what one simulated node keeps: the ledger's store, whose batches are there or are not, and
// journal and sign guard, which are the production code over a disk in memory. A start recovers
// them as node/start does (consensus.md, section 9).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "replica/replica.h"
#include "sim/memory_disk.h"
#include "storage/journal.h"
#include "storage/memory_store.h"
#include "storage/recovery.h"
#include "storage/sign_guard.h"

namespace salus::sim {

// The simulator speaks the words of the replica that it drives.
using namespace replica;  // NOLINT(google-build-using-namespace)

// Everything that Replica's constructor takes, and how the node may act.
struct Restart {
  ReplicaConfig config;
  ledger::Ledger ledger;
  ReplicaRecovery recovery;
  storage::Standing standing = storage::Standing::MayVote;
  // Why it does not vote.
  std::string why = {};
};

class Disk {
 public:
  // `key_name` names the validator key, which only this disk and tests make.
  Disk(std::uint16_t index, const StoreBatch& genesis, const ChainId& chain_id, const NodeId& node,
       std::string key_name);

  storage::MemoryStore& store() { return *store_; }
  const storage::MemoryStore& store() const { return *store_; }
  MemoryDisk& files() { return files_; }
  const MemoryDisk& files() const { return files_; }

  // --- a life. restart() begins it; an error is a disk that refuses (S5).
  // By a build that knows versions up to `known_version`.
  Result<Restart, std::string> restart(Random& random,
                                       std::uint32_t known_version = ledger::kProtocolVersion);
  // Both halves of a stage by the production code. What it wrote may be lost until settle(). The
  // token is the driver's, to be handed on when the disk has settled.
  Result<consensus::DurableToken, std::string> write_stage(const StageOut& stage);
  void settle() { files_.settle(); }
  // A stage is durable that no record of a view above `highest` is in.
  void note_stage(View highest);
  // What the journal holds of views up to `final` only may go (S15).
  Result<void, std::string> discard_journal(View final);
  // The journal of the next epoch, and the end of a restriction that a reseat lifted (C44, S11).
  Result<void, std::string> begin_epoch(const EpochStart& start);
  Result<void, std::string> restrict_key(storage::RestrictionKind kind, Random& random);
  LogPosition journal_end() const { return log_->durable_end(); }
  bool is_open() const { return log_.has_value(); }
  // The process is gone.
  void close();

  // --- faults, between two lives
  struct Backup {
    std::map<std::string, std::string> store;
    MemoryDisk::Image files;
  };
  Backup backup() const { return {store_->entries(), files_.image()}; }
  void restore(const Backup& backup);
  // The machine is replaced: genesis and key come from elsewhere, guard and journal do not.
  void lose_everything();
  // The store alone goes back to genesis.
  void lose_ledger();
  // Turns a bit of a record that the guard knows to be durable (S10). False if there is none.
  bool damage_journal(Random& random);

 private:
  void make_key_files();
  Result<storage::FileLog, std::string> make_journal(
      const EpochStart& start, const storage::JournalIdentity& identity) const;
  Result<void, std::string> replay(Restart& restart) const;

  std::uint16_t index_;
  StoreBatch genesis_;
  ChainId chain_id_;
  NodeId node_;
  std::string key_name_;
  std::string root_;
  MemoryDisk files_;
  std::unique_ptr<storage::MemoryStore> store_;

  // Of this life.
  std::optional<storage::FileLog> log_;
  std::optional<storage::SignGuard> guard_;
  // Began in this life and has no final block yet: the folders before it stay (C45).
  std::optional<Epoch> young_epoch_;
  // Ends of stages with the highest view before each.
  struct Mark {
    LogPosition end;
    View highest;
  };
  std::deque<Mark> marks_;
};

}  // namespace salus::sim
