// Owns: one node of the simulated network: what a crash leaves, and what it takes.
#pragma once

#include "sim/network.h"
#include "sync/snapshot_join.h"

namespace salus::sim {

struct Network::Node {
  Node(std::uint16_t its_index, std::uint16_t its_validator, const Genesis& genesis)
      : index(its_index),
        validator(its_validator),
        id(dao::test::key_of(node_key_name(its_validator)).public_key().bytes),
        disk(its_index, genesis.batch, genesis.chain_id, id, validator_key_name(its_validator)) {}

  std::uint16_t index;
  std::uint16_t validator;
  NodeId id;
  Disk disk;
  std::int64_t clock_off_ms = 0;
  std::int64_t drift_ppm = 0;
  std::uint64_t execute_ms = 0;
  std::uint64_t life = 0;
  std::uint64_t syncs = 0;
  std::optional<Disk::Backup> backup;
  std::uint64_t backup_height = 0;
  Corruption* corruption = nullptr;
  // Of the power cut that was asked for: its chance, and that it came.
  std::uint64_t cut_seed = 0;
  bool was_cut = false;

  // What a fault asked for (O12).
  bool may_abort = false;
  bool is_disk_full = false;
  bool must_be_restricted = false;
  bool may_be_restricted = false;
  bool may_be_reseated = false;
  bool differs = false;
  bool is_ledger_lost = false;
  bool is_calm = false;
  bool wants_snapshot = false;
  // The highest protocol version that its build knows.
  std::uint32_t known_version = ledger::kProtocolVersion;
  // Of the restriction that it started with.
  std::string restriction_nonce;

  // Of this life.
  std::unique_ptr<Replica> replica;
  // Before there is a replica.
  std::unique_ptr<sync::SnapshotJoin> joiner;
  std::optional<StoreBatch> join_batch;
  std::uint64_t join_look_at = 0;
  bool is_puppet = false;
  bool declines = false;
  std::deque<Event> queue;
  bool turn_scheduled = false;
  std::optional<MonoMs> armed;
  std::optional<consensus::DurableToken> token;
  std::optional<StageOut> stage;
  std::optional<BatchOut> batch;
  // By node.
  std::map<std::uint16_t, std::uint64_t> refused_until;
  std::uint64_t busy_until = 0;
  std::uint64_t turns_at = 0;
  std::uint64_t turns_at_once = 0;
};

}  // namespace salus::sim
