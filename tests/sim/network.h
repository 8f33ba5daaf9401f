// Owns: a network of whole replicas in one thread: real consensus, ledger, mempool, application,
// journal and sign guard, on virtual disks, clocks and links that fail as they are told. One seed
// decides everything; equal seeds give equal runs (consensus.md, section 16).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dao/a_dao.h"
#include "replica/replica.h"
#include "sim/disk.h"
#include "sim/genesis.h"
#include "sim/mixer.h"
#include "sim/oracle.h"
#include "sim/random.h"

namespace salus::sim {

// What happens all the time to everybody. Times in virtual ms, chances out of 1000.
struct Faults {
  std::uint64_t delay_ms_min = 1;
  std::uint64_t delay_ms_max = 1;
  // Added to it, exponential.
  std::uint64_t delay_mean_ms = 0;
  std::uint32_t lost = 0;
  std::uint32_t repeated = 0;
  // Frames of a link arrive in the order in which they were sent.
  bool ordered = false;
  // From handing out a stage or a batch until it is durable.
  std::uint64_t disk_ms_min = 0;
  std::uint64_t disk_ms_max = 0;
  std::uint32_t disk_stalls = 0;
  std::uint64_t disk_stall_ms_max = 0;
  // 0: verifications are answered at once.
  std::uint64_t verify_ms_max = 0;
  // How long a node does nothing else while it executes a block.
  std::uint64_t execute_ms_max = 0;
  // Of each link and direction; 0: any number of bytes at once.
  std::uint64_t link_mib_per_s = 0;
  // A leader has nothing that it could offer.
  std::uint32_t declined = 0;
  // How far each node's wall clock may be off; drawn once a node.
  std::uint64_t clock_off_ms_max = 0;
};

struct NetworkOptions {
  std::size_t n = 4;
  std::uint64_t seed = 1;
  Faults faults;
  ParameterList parameters;
  // These validators run twice: nodes n, n + 1, ... have their keys.
  std::vector<std::uint16_t> twins = {};
  // Nodes n, n + 1, ... with keys and operators of their own that are not in the first set. A
  // network has twins or spares.
  std::size_t spares = 0;
  // Snapshots are offered of heights that are multiples of it.
  std::uint64_t snapshot_every = 2;
};

inline NetworkOptions validators(std::size_t n, std::uint64_t seed = 1, const Faults& faults = {}) {
  return {.n = n, .seed = seed, .faults = faults, .parameters = {}};
}

// `from` and `to` are nodes; without twins a node's number is its index in the first set.
struct Frame {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  FrameType type = FrameType::Vote;
  Bytes payload;
};
// "vote notarize view 3 by 1": for traces.
std::string describe(const Frame& frame);

// What a faulty validator does with the frames of the correct replica inside it.
class Corruption {
 public:
  virtual ~Corruption() = default;
  // Answers what is sent in place of `frame`.
  virtual void sends(Frame frame, std::vector<Frame>& out) = 0;
  virtual void hears(const Frame& frame) = 0;
};

// Why a crash takes what it takes: the process alone, or the machine's power.
enum class CrashKind : std::uint8_t { Process, Power };

class Network {
 public:
  explicit Network(NetworkOptions options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // --- time
  std::uint64_t now() const { return now_; }
  void run_for(std::uint64_t span_ms);
  // Asked after each event; false if `done` does not hold within `span_ms`.
  bool run_until(const std::function<bool()>& done, std::uint64_t span_ms);
  // Runs `action` then, whatever became of the nodes.
  void at(std::uint64_t time, std::move_only_function<void()> action);

  // --- nodes
  std::size_t size() const { return nodes_.size(); }
  std::size_t quorum() const { return genesis_.set.quorum(); }
  void start_all();
  void start(std::uint16_t node);
  // Starts, from a snapshot of its peers if it has no ledger yet.
  void join_by_snapshot(std::uint16_t node);
  bool is_joining(std::uint16_t node) const;
  // Ledgers that began as a snapshot.
  std::uint64_t snapshots() const { return snapshots_; }
  // Memory is lost. Of what was on its way to the disk, chance keeps some.
  void crash(std::uint16_t node, CrashKind kind = CrashKind::Power);
  // A start that dies in the middle of recovery and begins again.
  void start_twice(std::uint16_t node);
  // Keeps its memory, does nothing.
  void pause(std::uint16_t node, std::uint64_t span_ms);
  bool is_up(std::uint16_t node) const;
  void shift_clock(std::uint16_t node, std::int64_t by_ms);
  void set_drift(std::uint16_t node, std::int64_t ppm);
  void reset_clock(std::uint16_t node);
  // How long execution of one block takes here, on top of faults().
  void set_slow(std::uint16_t node, std::uint64_t execute_ms);

  // --- links. Parted nodes do not hear each other and their links go down. Outages overlap: a pair
  // is parted, or a direction cut, until each that began has ended.
  void partition(const std::vector<std::set<std::uint16_t>>& groups);
  void set_parted(std::uint16_t a, std::uint16_t b, bool parted);
  // Frames are lost in this direction and nobody is told.
  void set_cut(std::uint16_t from, std::uint16_t to, bool cut);
  // Frames wait until then.
  void clog(std::uint16_t from, std::uint16_t to, std::uint64_t span_ms);
  void heal();
  // The outages between these nodes alone.
  void heal(const std::vector<std::uint16_t>& nodes);
  const Faults& faults() const { return options_.faults; }
  void set_faults(const Faults& faults) { options_.faults = faults; }
  // From now on these hold for what such a node does, and for the links between two of them.
  void calm(const std::vector<std::uint16_t>& nodes, const Faults& faults);

  // --- disks
  Disk& disk(std::uint16_t node);
  const Disk& disk(std::uint16_t node) const;
  void fail_next_sync(std::uint16_t node);
  void fail_next_write(std::uint16_t node);
  void set_disk_full(std::uint16_t node, bool full);
  // The node is down. What it does to the key's standing is expected from now on (O12).
  bool damage_journal(std::uint16_t node);
  void lose_disk(std::uint16_t node);
  // The ledger alone. The node is down.
  void lose_ledger(std::uint16_t node);
  // A record of this node's state is not what it was: from now on it executes payments to noor
  // differently. The node is down.
  void make_differ(std::uint16_t node);
  bool differs(std::uint16_t node) const;
  // To this node the block of this digest is an invalid one (C8).
  void condemn(std::uint16_t node, const Digest& digest);
  // A build that knows protocol versions up to `known_version`; a running node is restarted with
  // it.
  void install(std::uint16_t node, std::uint32_t known_version);
  // From now on nodes may say that their build is too old (O12).
  void expect_old_builds() { are_builds_old_ = true; }
  // The power of `node` goes at one durable operation of its disk. It stays down.
  void cut_power_at(std::uint16_t node, const PowerCut& cut, std::uint64_t seed);
  bool was_cut(std::uint16_t node) const;
  void back_up(std::uint16_t node);
  void restore_backup(std::uint16_t node);
  bool has_backup(std::uint16_t node) const;
  // Whoever aborts or can't start tries again after this long.
  void restart_failed_after(std::uint64_t span_ms) { restart_failed_ms_ = span_ms; }
  // Lost, damaged or rolled back: it does not vote, or counts as faulty (section 13).
  bool is_disk_spoilt(std::uint16_t node) const;

  // --- traitors
  // Links of `node` are up though no replica runs: the test says what it sends.
  void make_puppet(std::uint16_t node);
  // A frame by hand.
  void inject(Frame frame);
  // Sees every frame as it is sent; a frame for which it answers false is lost.
  void watch(std::function<bool(const Frame&)> keep) { keep_ = std::move(keep); }
  // The node is faulty from now on. `corruption` outlives the network, or is taken back by nullptr.
  void corrupt(std::uint16_t node, Corruption* corruption);

  // --- what there is to see
  const Replica& replica(std::uint16_t node) const;
  Height height(std::uint16_t node) const;
  // The height that `count` running nodes have.
  Height height_of(std::size_t count) const;
  bool all_equal() const;
  const crypto::KeyPair& validator_key(std::uint16_t node) const { return keys_[node]; }
  const consensus::ValidatorSet& set() const { return genesis_.set; }
  const ChainId& chain_id() const { return genesis_.chain_id; }
  // Its index in the first set.
  ValidatorIndex validator_of(std::uint16_t node) const;
  // Whoever leads its view, for `node`, which is up.
  std::optional<std::uint16_t> leader_of(std::uint16_t node) const;
  MonoMs mono(std::uint16_t node) const;
  WallMs wall(std::uint16_t node) const;
  std::uint64_t frames_sent() const { return frames_sent_; }
  std::uint64_t events_run() const { return events_run_; }
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
    // Only one transaction of this account and sequence can be final.
    std::optional<Handle> rival;
    // Its account was closed by a transaction before it: it can never be final.
    bool is_orphan = false;
  };
  Handle submit(std::uint16_t node, std::string_view name, const v1::Action& action);
  // All of it or nothing, by an account whose keys were changed so often.
  struct Wish {
    std::vector<v1::Action> actions;
    std::uint32_t auth_version = 0;
  };
  Handle submit(std::uint16_t node, std::string_view name, const Wish& wish);
  // Another action with the sequence of `handle`, to another node.
  Handle submit_rival(std::uint16_t node, std::string_view name, const v1::Action& action,
                      Handle handle);
  // The same bytes again, as who lost its answer does.
  void submit_again(std::uint16_t node, Handle handle);
  // The operator of `node` asks for a new epoch (C48), by the nonce of its restriction if it has
  // one.
  Handle ask_reseat(std::uint16_t node);
  // All that are not final and that no running node still holds for a client, to running nodes
  // that `may_ask` allows.
  void submit_lost_again(const std::function<bool(std::uint16_t)>& may_ask = nullptr);
  const Client& client(Handle handle) const { return clients_[handle]; }
  bool is_final(Handle handle) const { return oracle_.is_final(clients_[handle].id); }
  // Of rivals, one.
  bool is_settled(Handle handle) const;
  bool are_all_final();
  // Of the first few that are not final: account, sequence and the last answer, a line each.
  std::string describe_open() const;
  std::size_t clients() const { return clients_.size(); }
  AccountId account(std::string_view name) const { return genesis_.accounts.find(name)->second; }
  Bytes signed_transaction(std::string_view name, std::uint64_t sequence, const Wish& wish) const;
  std::uint64_t take_sequence(std::string_view name) { return sequences_.find(name)->second++; }

  Oracle& oracle() { return oracle_; }
  const Oracle& oracle() const { return oracle_; }
  // Over (time, node, event, effects): equal for equal seeds.
  std::uint64_t trace_hash() const { return trace_.value(); }
  // Every line of a trace, for people.
  void tell_to(std::function<void(const std::string&)> listener) { tell_ = std::move(listener); }
  Random& random() { return random_; }
  std::uint64_t draw(std::uint64_t low, std::uint64_t high) { return random_.draw(low, high); }

 private:
  struct Node;
  struct Scheduled {
    std::uint64_t time;
    std::uint64_t order;
    std::size_t slot;
    // The standard heap keeps the largest in front.
    bool operator<(const Scheduled& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };

  // Runs `action` then if `node` still is in the life it is in now.
  void in_this_life(Node& node, std::uint64_t time, std::move_only_function<void(Node&)> action);
  void run_next();
  void trace(std::uint16_t node, std::uint64_t what, std::uint64_t value);
  void trace(std::uint16_t node, std::uint64_t what, ByteView bytes);
  template <typename Make>
  void tell(const Make& make) {
    if (tell_) tell_line(make());
  }
  void tell_line(const std::string& text) const;

  bool is_on(std::uint16_t node) const;
  std::size_t pair_of(std::uint16_t from, std::uint16_t to) const {
    return std::size_t{from} * nodes_.size() + to;
  }
  bool is_linked(std::uint16_t a, std::uint16_t b) const { return linked_[pair_of(a, b)] != 0; }
  bool refuses(std::uint16_t by, std::uint16_t whom) const;
  void set_link(std::uint16_t a, std::uint16_t b, bool up);
  void set_links(std::uint16_t node);
  void send(Frame frame);
  void transmit(Frame frame);
  // When the last byte of so many leaves.
  std::uint64_t leaves_at(std::size_t pair, std::size_t bytes, const Faults& faults);
  void deliver(Frame frame);
  NodeId node_id(std::uint16_t node) const;

  void queue(Node& node, Event event);
  void schedule_turn(Node& node);
  // By chance its journal has no space for this turn (S16), and it declines to build.
  void let_decline(Node& node);
  void turn(Node& node);
  void carry_out(Node& node, Effects effects);
  void write_stage(Node& node, StageOut stage);
  void write_batch(Node& node, BatchOut batch);
  void note_orphan(Handle handle);
  void begin_epoch(Node& node, const EpochStart& start);
  void punish(Node& node, const Punish& punishment);
  void answer(std::uint16_t node, const Reply& reply);
  void arm(Node& node);
  std::uint64_t disk_delay(const Node& node);
  const Faults& faults_of(const Node& node) const;
  const Faults& faults_between(std::uint16_t from, std::uint16_t to) const;
  // The disk failed: the process ends at once (S5).
  void abort(Node& node, const std::string& reason);
  void begin_life(Node& node, Restart restart);
  void try_again(Node& node);

  // network_snapshots.cc
  bool begin_join(Node& node);
  void in_this_join(Node& node, std::uint64_t time, std::move_only_function<void(Node&)> action);
  void step_join(Node& node);
  void arm_join(Node& node);
  void write_join_batch(Node& node);
  void refuse_liar(Node& node, const NodeId& peer);
  void hear_while_joining(Node& node, const Frame& frame);
  void end_join(Node& node);
  void drop_joiner(Node& node);
  // The power went while the process used its disk: nothing of what it did since happened.
  bool dies_of_cut(Node& node, MemoryDisk::Writers writers);

  Handle add_client(std::string_view name, std::uint64_t sequence, const Wish& wish);
  void submit_to(std::uint16_t node, Handle handle);

  NetworkOptions options_;
  // Of calm nodes.
  Faults calm_;
  Random random_;
  const Genesis& genesis_;
  std::map<std::string, std::uint64_t, std::less<>> sequences_;
  std::vector<crypto::KeyPair> keys_;
  Oracle oracle_;

  // A heap; actions lie in slots that are used again.
  std::vector<Scheduled> schedule_;
  std::vector<std::move_only_function<void()>> slots_;
  std::vector<std::size_t> free_slots_;
  std::uint64_t now_ = 1'000;
  std::uint64_t ordered_ = 0;
  Mixer trace_{0x5a105};
  std::uint64_t frames_sent_ = 0;
  std::uint64_t events_run_ = 0;

  std::vector<std::unique_ptr<Node>> nodes_;
  // By pair_of().
  std::vector<std::uint8_t> linked_;
  std::vector<std::uint8_t> parted_;
  std::vector<std::uint8_t> cut_;
  std::vector<std::uint64_t> clogged_until_;
  std::vector<std::uint64_t> last_arrival_;
  // In virtual microseconds: when the link has sent what it was given.
  std::vector<std::uint64_t> busy_until_us_;
  std::uint64_t restart_failed_ms_ = 0;
  std::uint64_t snapshots_ = 0;
  bool are_builds_old_ = false;
  std::function<bool(const Frame&)> keep_;
  std::function<void(const std::string&)> tell_;

  std::deque<Client> clients_;
  // Not final when last looked at.
  std::vector<Handle> open_;
  std::map<std::uint64_t, Handle> tickets_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace salus::sim
