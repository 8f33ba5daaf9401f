// Owns: everything that the gRPC services need from the node, and nothing more. node/ fills it from
// the real parts, tests from small ones; the services never see a strand, a mempool or a database.
// Every function may be called from any thread, for as long as the server lives.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/store.h"
#include "dao/error.h"
#include "salus/v1/chain_service.pb.h"

namespace salus::rpc {

// What became of a submission. Neither field set: admitted, and not finalized yet.
struct SubmitOutcome {
  TxId id;
  // Not admitted, and why.
  std::optional<dao::Error> refused;
  // Height of its block; a snapshot taken now holds it.
  std::optional<Height> finalized;
  // Finalized: what it did.
  std::optional<v1::TxResult> result = std::nullopt;
};

// What the node says of itself; facts of the chain are read from the store.
struct NodeStatus {
  std::string name;
  std::string version;
  Epoch epoch;
  View view;
  v1::NodeMode mode = v1::NODE_MODE_STARTING;
  std::uint32_t peers_linked = 0;
  std::uint32_t mempool_transactions = 0;
  // Of journal, guard and ledger, since the start.
  std::uint64_t disk_syncs = 0;
};

struct Backend {
  using Deadline = std::chrono::steady_clock::time_point;

  // Hands a serialized Transaction in. `done` is called exactly once, from any thread: when it was
  // refused or admitted, or with `wait_finalized` when it was refused or finalized, or at
  // `deadline`.
  std::function<void(Bytes transaction, bool wait_finalized, Deadline deadline,
                     std::function<void(SubmitOutcome)> done)>
      submit;
  // A view of the latest finalized block that does not change while it lives. Read only.
  std::function<std::unique_ptr<const Store>()> snapshot;
  // As of the node's last turn. Never waits.
  std::function<NodeStatus()> status;
  // Diverged or halted for good (C19, C31): what the store holds may be wrong, so nothing of it is
  // told. Subscribers are called once more when it becomes true. Never waits.
  std::function<bool()> is_halted = [] { return false; };
  // Calls `finalized` after each finalized block is readable in a snapshot, from one thread at a
  // time, and it returns fast. unsubscribe() returns when no call is running or will come.
  std::function<std::uint64_t(std::function<void(Height)> finalized)> subscribe;
  std::function<void(std::uint64_t subscription)> unsubscribe;

  ChainId chain_id;
  // Of the genesis document.
  std::string network;
  // The genesis document, byte for byte.
  std::string genesis;
};

}  // namespace salus::rpc
