// Owns: a network of whole replicas in one thread: real consensus, ledger, mempool and application,
// in-memory disks, a virtual clock, and links that delay, lose, repeat, reorder and part. One seed
// decides everything; equal seeds give equal runs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dao/a_dao.h"
#include "epochs/disk.h"
#include "epochs/oracle.h"
#include "replica/replica.h"

namespace salus::replica::testing {

struct Faults {
  std::uint64_t delay_ms_min = 1;
  std::uint64_t delay_ms_max = 1;
  // Out of 1000 frames.
  std::uint32_t lost = 0;
  std::uint32_t repeated = 0;
  // From handing out a stage or a batch until it is durable.
  std::uint64_t disk_ms_min = 0;
  std::uint64_t disk_ms_max = 0;
  // 0: verifications are answered at once.
  std::uint64_t verify_ms_max = 0;
  // How far each node's wall clock may be off; drawn once a node.
  std::uint64_t clock_off_ms_max = 0;
};

struct NetworkOptions {
  std::size_t n = 4;
  // Nodes with keys and operators that are not in the first set.
  std::size_t spares = 0;
  std::uint64_t seed = 1;
  Faults faults;
  std::vector<std::pair<std::string, std::uint64_t>> parameters;
};

inline NetworkOptions validators(std::size_t n, std::uint64_t seed = 1, const Faults& faults = {}) {
  return {.n = n, .spares = 0, .seed = seed, .faults = faults, .parameters = {}};
}

struct Frame {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  FrameType type = FrameType::Vote;
  Bytes payload;
};

class Network {
 public:
  explicit Network(NetworkOptions options);
  ~Network();

  // --- time
  std::uint64_t now() const { return now_; }
  void run_for(std::uint64_t span_ms);
  // Asked after each event; false if `done` does not hold within `span_ms`.
  bool run_until(const std::function<bool()>& done, std::uint64_t span_ms);

  // --- nodes
  std::size_t size() const { return nodes_.size(); }
  std::size_t quorum() const { return set_.quorum(); }
  void start_all();
  void start(std::uint16_t node);
  // Memory is lost. Of the stage and the batch in flight the disk keeps what the seed says.
  void crash(std::uint16_t node);
  bool is_up(std::uint16_t node) const;
  // Nodes in different groups do not hear each other; their links go down.
  void partition(const std::vector<std::set<std::uint16_t>>& groups);
  void heal();
  void set_faults(const Faults& faults) { options_.faults = faults; }
  // Links of `node` are up though no replica runs: the test says what it sends.
  void make_puppet(std::uint16_t node);
  // A frame by hand.
  void inject(Frame frame);
  // Sees every frame as it is sent; a frame for which it answers false is lost.
  void watch(std::function<bool(const Frame&)> keep) { keep_ = std::move(keep); }

  const Replica& replica(std::uint16_t node) const;
  const Disk& disk(std::uint16_t node) const;
  Height height(std::uint16_t node) const;
  // The height that `count` running nodes have.
  Height height_of(std::size_t count) const;
  bool all_equal() const;
  const crypto::KeyPair& validator_key(std::uint16_t node) const { return keys_[node]; }
  const consensus::ValidatorSet& set() const { return set_; }
  const ChainId& chain_id() const { return chain_id_; }
  const NodeId& node_id(std::uint16_t node) const { return ids_[node]; }
  WallMs wall(std::uint16_t node) const;
  std::uint64_t frames_sent() const { return frames_sent_; }
  // Of this node, by its driver's count.
  std::uint64_t syncs(std::uint16_t node) const;

  // --- clients. A transaction is known by its place among all that were made.
  using Handle = std::size_t;
  struct Client {
    Bytes transaction;
    TxId id;
    std::optional<SubmissionState> state;
    v1::ErrorCode code = v1::ERROR_CODE_UNSPECIFIED;
    std::optional<v1::TxResult> result;
    Height height;
    // Answers to one submission, in order.
    std::vector<SubmissionState> answers;
    std::uint16_t node = 0;
    bool node_was_lost = false;
  };
  Handle submit(std::uint16_t node, std::string_view name, const v1::Action& action);
  // The same bytes again, as who lost its answer does.
  void submit_again(std::uint16_t node, Handle handle);
  // All that are not final and that no running node still holds for a client.
  void submit_lost_again();
  const Client& client(Handle handle) const { return clients_[handle]; }
  bool is_final(Handle handle) const { return oracle_.is_final(clients_[handle].id); }
  bool are_all_final() const;
  AccountId account(std::string_view name) const { return accounts_.at(std::string{name}); }
  Bytes signed_transaction(std::string_view name, std::uint64_t sequence,
                           const v1::Action& action) const;
  std::uint64_t take_sequence(std::string_view name) { return sequences_[std::string{name}]++; }

  Oracle& oracle() { return oracle_; }
  const Oracle& oracle() const { return oracle_; }
  // Over (time, node, effects): equal for equal seeds.
  std::uint64_t trace_hash() const { return trace_; }
  std::mt19937_64& random() { return random_; }
  std::uint64_t draw(std::uint64_t low, std::uint64_t high);

 private:
  struct Node;
  using Action = std::function<void()>;

  void at(std::uint64_t time, Action action);
  // Runs `action` then if `node` still is in the life it is in now.
  void in_this_life(Node& node, std::uint64_t time, std::function<void(Node&)> action);
  void trace(std::uint16_t node, std::uint64_t value);
  void trace(std::uint16_t node, ByteView bytes);

  bool is_on(std::uint16_t node) const;
  bool are_parted(std::uint16_t a, std::uint16_t b) const { return group_[a] != group_[b]; }
  void set_link(std::uint16_t a, std::uint16_t b, bool up);
  void set_links(std::uint16_t node);
  void send(Frame frame);
  void deliver(const Frame& frame);

  void queue(Node& node, Event event);
  void schedule_turn(Node& node);
  void turn(Node& node);
  void carry_out(Node& node, Effects effects);
  void write_stage(Node& node, StageOut stage);
  void finish_stage(Node& node);
  void write_batch(Node& node, BatchOut batch);
  void answer(std::uint16_t node, const Reply& reply);
  void arm(Node& node);

  void submit_to(std::uint16_t node, Handle handle);
  std::uint16_t index_of(const NodeId& id) const;

  NetworkOptions options_;
  std::mt19937_64 random_;
  std::string genesis_bytes_;
  ChainId chain_id_;
  std::map<std::string, AccountId> accounts_;
  std::map<std::string, std::uint64_t> sequences_;
  std::vector<crypto::KeyPair> keys_;
  std::vector<NodeId> ids_;
  consensus::ValidatorSet set_;
  Oracle oracle_;

  std::map<std::pair<std::uint64_t, std::uint64_t>, Action> events_;
  std::uint64_t now_ = 1'000;
  std::uint64_t ordered_ = 0;
  std::uint64_t trace_ = 0xcbf29ce484222325U;
  std::uint64_t frames_sent_ = 0;

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::uint16_t> group_;
  std::set<std::pair<std::uint16_t, std::uint16_t>> links_;
  std::function<bool(const Frame&)> keep_;

  std::deque<Client> clients_;
  std::map<std::uint64_t, Handle> tickets_;
  std::uint64_t next_ticket_ = 1;
};

// The line that runs one seed again.
std::string replay_command(std::uint64_t seed, std::string_view test);

}  // namespace salus::replica::testing
