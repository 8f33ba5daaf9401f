// Owns: one node of the test network: what a crash leaves, and what it takes.
#pragma once

#include "epochs/harness.h"

namespace salus::replica::testing {

struct Network::Node {
  Node(std::uint16_t its_index, const StoreBatch& genesis, const ChainId& chain_id,
       const NodeId& id, const crypto::KeyPair& key)
      : index(its_index), disk(genesis, chain_id, id, key) {}

  std::uint16_t index;
  Disk disk;
  std::int64_t clock_off_ms = 0;
  std::uint64_t life = 0;
  std::uint64_t syncs = 0;

  // Of this life.
  std::unique_ptr<Replica> replica;
  bool is_puppet = false;
  std::deque<Event> queue;
  bool turn_scheduled = false;
  std::optional<MonoMs> armed;
  std::optional<StageOut> stage;
  std::optional<BatchOut> batch;
  std::map<std::uint16_t, std::uint64_t> refused_until;
  std::uint64_t turns_at = 0;
  std::uint64_t turns_at_once = 0;
};

}  // namespace salus::replica::testing
