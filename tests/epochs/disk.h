// Owns: what one node of the test network finds after a crash: the ledger's store as of the last
// completed write, the journal and the sign guard as of the last completed stage, or of the stage
// in flight if chance kept it. A start reads them in the order of consensus.md, section 9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "consensus/registers.h"
#include "crypto/ed25519.h"
#include "replica/replica.h"
#include "storage/memory_store.h"

namespace salus::replica::testing {

// Everything that Replica's constructor takes.
struct Restart {
  ReplicaConfig config;
  ledger::Ledger ledger;
  ReplicaRecovery recovery;
};

class Disk {
 public:
  Disk(const StoreBatch& genesis, const ChainId& chain_id, const NodeId& node,
       const crypto::KeyPair& validator_key);

  storage::MemoryStore& store() { return store_; }
  const storage::MemoryStore& store() const { return store_; }

  // The two halves of a stage (S4), each durable by itself.
  void write_journal(const StageOut& stage);
  void write_guard(const StageOut& stage);
  // Records that are about views up to `final` only may go (S15).
  void discard_journal(View final);
  // The folder of an epoch, after the vote stage `before` (C44); the one before it goes.
  void begin_epoch(Epoch epoch, Stage before);
  std::size_t journal_stages() const { return journal_.size(); }

  // Guard and journal are compared and brought level first (S9). Nothing if they can't be: the key
  // would be taken for one that lost its memory, which no crash alone explains.
  std::optional<Restart> restart();

 private:
  struct JournalStage {
    std::vector<EncodedRecord> records;
    View highest;
  };
  struct VoteMemory {
    Epoch epoch;
    Stage stage;
    consensus::Registers registers;
  };

  void remember(VoteMemory& memory, const StageOut& stage) const;
  bool level(Epoch epoch);
  bool replay(Restart& restart) const;

  ChainId chain_id_;
  NodeId node_;
  PublicKey validator_key_;
  storage::MemoryStore store_;
  Epoch journal_epoch_;
  std::vector<JournalStage> journal_;
  VoteMemory journaled_;
  VoteMemory guarded_;
  bool was_started_ = false;
};

}  // namespace salus::replica::testing
