// Owns: whole validators without their disks: n real cores, an in-memory journal and guard for
// each, an application whose blocks are a table, a network that loses, repeats, delays and
// reorders, and a virtual clock. One seed decides everything; equal seeds give equal runs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "consensus/codec.h"
#include "consensus/core.h"
#include "consensus/oracle.h"
#include "crypto/ed25519.h"

namespace salus::consensus::testing {

struct Faults {
  std::uint64_t delay_ms_min = 1;
  std::uint64_t delay_ms_max = 1;
  // Out of 1000 messages.
  std::uint32_t lost = 0;
  std::uint32_t repeated = 0;
  std::uint64_t sync_ms_min = 0;
  std::uint64_t sync_ms_max = 0;
  std::uint64_t check_ms_max = 0;
};

struct ClusterOptions {
  std::size_t n = 4;
  std::uint64_t seed = 1;
  Parameters parameters;
  Faults faults;
  // Every node always has work.
  bool under_load = false;
  // Blocks of this height are the last of the epoch (C40).
  std::optional<std::uint64_t> last_height = std::nullopt;
};

class Cluster {
 public:
  explicit Cluster(ClusterOptions options);
  ~Cluster();

  std::size_t size() const { return nodes_.size(); }
  std::size_t quorum() const { return set_.quorum(); }
  std::uint64_t now() const { return now_; }
  void run_for(std::uint64_t span_ms);
  // Something that the test does at that time of the run.
  void after(std::uint64_t span_ms, std::function<void()> action) {
    at(now_ + span_ms, std::move(action));
  }
  // False if `done` does not hold within `span_ms`.
  bool run_until(const std::function<bool()>& done, std::uint64_t span_ms);

  void start_all();
  void start(std::uint16_t node);
  // Memory is lost; of a stage in flight, journal and guard keep what the seed says.
  void crash(std::uint16_t node);
  bool is_up(std::uint16_t node) const;
  // Nodes in different groups do not hear each other.
  void partition(const std::vector<std::set<std::uint16_t>>& groups);
  void heal();
  void set_faults(const Faults& faults) { options_.faults = faults; }
  // Messages for which `keep` is false are lost.
  enum class Kind : std::uint8_t { Vote, Certificate, Block, Fetch, Answer, Status };
  struct Message {
    std::uint16_t from = 0;
    std::uint16_t to = 0;
    Kind kind = Kind::Vote;
    std::optional<Subject> subject;
  };
  void filter(std::function<bool(const Message&)> keep) { keep_ = std::move(keep); }
  // The durable registers of a node alone are lost or kept by crash(); this decides which.
  enum class CrashLoss : std::uint8_t { Random, KeepAll, LoseStage, GuardOnly, JournalOnly };
  void set_crash_loss(CrashLoss loss) { crash_loss_ = loss; }

  // A transaction in the mempools of `nodes`.
  int submit(const std::set<std::uint16_t>& nodes);
  int submit();

  Core& core(std::uint16_t node);
  std::uint64_t height(std::uint16_t node) const;
  // The height that at least `count` running nodes have.
  std::uint64_t height_of(std::size_t count) const;
  bool all_finalized(int transaction) const;
  const std::vector<Report>& reports(std::uint16_t node) const;
  // The finalization with which the epoch ended on `node` in this life (C43).
  const std::optional<Certificate>& epoch_end(std::uint16_t node) const;
  const ValidatorSet& set() const { return set_; }
  const ChainId& chain_id() const { return chain_id_; }
  VoteContext context() const;
  const crypto::KeyPair& key(std::uint16_t node) const { return keys_[node]; }
  // Sends a vote made by hand to one node, as if from its signer.
  void inject(std::uint16_t to, const Vote& vote);
  void inject(std::uint16_t to, std::uint16_t from, const Certificate& certificate);
  void inject_block(std::uint16_t to, const Digest& digest);
  Vote sign_as(std::uint16_t signer, const Subject& subject) const;
  Digest make_block(const Digest& parent, std::uint64_t view, std::uint16_t proposer);
  const Digest& genesis() const { return genesis_; }

  // Virtual times per height: built, and final on q nodes.
  const std::map<std::uint64_t, std::uint64_t>& built_at() const { return built_at_; }
  const std::map<std::uint64_t, std::uint64_t>& final_at() const { return final_at_; }
  // Over (time, node, effects): equal for equal seeds.
  std::uint64_t trace_hash() const { return trace_; }
  // Every violation of the oracle, or empty.
  std::string violations();
  Oracle& oracle() { return oracle_; }

 private:
  struct Node;

  using Action = std::function<void()>;
  void at(std::uint64_t time, Action action);
  std::uint64_t draw(std::uint64_t low, std::uint64_t high);
  void trace(std::uint64_t value);

  bool connected(std::uint16_t a, std::uint16_t b) const;
  void deliver(const Message& message, std::function<void(Node&)> arrive);
  void broadcast(std::uint16_t from, Kind kind, std::optional<Subject> subject,
                 const std::function<void(Node&)>& arrive);
  void send_vote(std::uint16_t from, std::optional<std::uint16_t> to, const Vote& vote);
  void send_certificate(std::uint16_t from, std::optional<std::uint16_t> to,
                        const Certificate& certificate, Kind kind);
  void send_block(std::uint16_t from, std::optional<std::uint16_t> to, const Digest& digest);
  std::vector<std::uint16_t> targets(std::uint16_t from, std::optional<std::uint16_t> to) const;
  std::uint16_t index_of(const NodeId& id) const;

  void step(Node& node, const Event& event);
  void run_stage(Node& node);
  void finish_stage(Node& node, std::uint64_t life, StageWork work);
  void keep_stage(Node& node, const StageWork& work, bool journal, bool guard);
  void perform(Node& node, const Early& early);
  void perform(Node& node, const Late& late);
  void perform(Node& node, const Ask& ask);
  void answer_build(Node& node, const Build& build);
  bool is_boundary(const Digest& digest) const;
  void answer_checks(Node& node);
  void answer_work(Node& node);
  void write_ledger(Node& node);
  bool has_block(const Node& node, const Digest& digest) const;
  void take_block(Node& node, const Digest& digest);
  void link(std::uint16_t a, std::uint16_t b);

  ClusterOptions options_;
  std::mt19937_64 random_;
  ChainId chain_id_;
  Digest genesis_;
  std::vector<crypto::KeyPair> keys_;
  ValidatorSet set_;
  Oracle oracle_;
  std::map<Digest, Block> blocks_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Action> queue_;
  std::uint64_t now_ = 1'000;
  std::uint64_t sequence_ = 0;
  std::uint64_t trace_ = 0;
  int next_transaction_ = 1;
  std::vector<std::uint16_t> group_;
  std::function<bool(const Message&)> keep_;
  CrashLoss crash_loss_ = CrashLoss::Random;
  std::map<std::uint64_t, std::uint64_t> built_at_;
  std::map<std::uint64_t, std::uint64_t> final_at_;
  // What the cluster itself signed needs no second look.
  mutable std::map<Signature, std::pair<PublicKey, Bytes>> known_signatures_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace salus::consensus::testing
