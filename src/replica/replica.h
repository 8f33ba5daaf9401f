// Owns: one validator or observer as a value: consensus, ledger, mempool and catch-up, driven by
// events and answering effects. The same code runs in salusd and in the simulator. It reads the
// store, and touches no other seam: what must be written, sent, signed or verified leaves as data.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/seams/store.h"
#include "consensus/core.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "mempool/mempool.h"
#include "replica/events.h"
#include "replica/seen_votes.h"
#include "replica/verification.h"
#include "state/chunk.h"
#include "sync/catch_up.h"
#include "sync/messages.h"
#include "sync/snapshot.h"

namespace salus::replica {

// Clients whose transactions this node watches. A further submission is refused.
inline constexpr std::size_t kTicketsMax = 50'000;
// Own clients' transactions said again to a peer that comes up, and each kRelayMs to all.
inline constexpr std::size_t kRelayMax = 1'000;
inline constexpr std::uint64_t kRelayMs = 2'000;
// Fetches served to one peer in a second (consensus.md, section 10).
inline constexpr std::uint32_t kServedPerSecondMax = 10;
// Blocks asked for at a time: more than consensus keeps open fetches (section 10).
inline constexpr std::size_t kAskedBlocksMax = 64;
// How far above the ledger a finalization may be for its chain to come by digest (C37).
inline constexpr std::uint64_t kParentsByDigestMax = 64;
// Messages of the next epoch that wait for its start (C45).
inline constexpr std::size_t kEarlyFramesPerPeerMax = 16;
inline constexpr std::size_t kEarlyBytesMax = std::size_t{256} << 10U;
// Contradicting votes shown to the operator, the last ones.
inline constexpr std::size_t kEvidenceMax = 32;

struct ReplicaConfig {
  // Links and Status are for this node.
  NodeId own_node;
  // Empty: an observer.
  std::optional<PublicKey> validator_key;
  // Names the restriction in the guard that a reseat may lift, 16 bytes; empty if there is none.
  std::string restriction_nonce = {};
  // Of the guard, if that was ahead of the ledger at the start (S9): the last epoch in which this
  // validator may have voted.
  Epoch guard_epoch = {};
  // See CoreConfig.
  bool watches_own_key = true;
  // Snapshots are offered of heights that are multiples of it.
  std::uint64_t snapshot_every = sync::kSnapshotEvery;
};

// What a start found on the disk besides the ledger.
struct ReplicaRecovery {
  consensus::Recovered consensus;
  // Blocks of the journal's candidates, any order.
  std::vector<Validated<ledger::Block>> blocks;
};

struct ReplicaStatus {
  consensus::CoreStatus consensus;
  ledger::TipRecord tip;
  ChainId chain_id;
  std::size_t waiting_transactions = 0;
  std::size_t waiting_bytes = 0;
  std::size_t links = 0;
  Height highest_claim;
  // All linked peers that are ahead have forgotten the next block; the lowest that one keeps.
  std::optional<Height> blocks_gone = std::nullopt;
  bool diverged = false;
  // Seen in this run. A node holds no account, so an operator's client reports them to the chain
  // (validators.report_equivocation).
  std::vector<consensus::Evidence> evidence;
};

// Where a replica stands, for everybody: small enough to be copied in each turn.
struct Standing {
  Epoch epoch;
  View view;
  consensus::Mode mode = consensus::Mode::Observing;
  // C19, C31, as in is_halted().
  bool halted = false;
  Height finalized;
  Height highest_claim;
  std::size_t links = 0;
  std::size_t waiting_transactions = 0;
};

// What a peer's last Status said. Proves nothing.
struct PeerStatus {
  MonoMs at;
  Epoch epoch;
  View view;
  View finalized;
  Height height;
  // It says that it votes.
  bool votes = false;
  // Its wall clock less ours, ms; the way here is in it.
  std::int64_t clock_offset_ms = 0;
};

struct Situation;

class Replica {
 public:
  // `store` outlives the replica and is the one `ledger` reads.
  Replica(ReplicaConfig config, const Store& store, ledger::Ledger ledger,
          ReplicaRecovery recovery);

  void step(Event event);
  // Everything since the last call. At most one stage and one batch are out at a time.
  Effects take_effects();

  // Executes one block whose roots the next leader will need, if any waits: called between turns,
  // while a stage is on its way to the disk.
  bool has_work() const { return !to_execute_.empty(); }
  void work();

  // When to bring a Tick.
  MonoMs deadline() const;

  ReplicaStatus status() const;
  Standing standing() const;
  // What an operator may ask (situation.h); the node adds what only it knows.
  Situation situation() const;
  Epoch epoch() const { return core_.epoch(); }
  View view() const { return core_.view(); }
  // Views up to here are final in the durable ledger: what the journal holds of them may go.
  View finalized_view_durable() const { return ledger_view_; }
  // C19, C31: what the journal holds is kept for the inquiry, and so that no start forgets it.
  bool is_halted() const;
  const ledger::Ledger& ledger() const { return ledger_; }
  // What is known of it, if the node has diverged in this run: the block that does not follow.
  const std::optional<Divergence>& divergence() const { return divergence_; }

 private:
  // events
  void on(const Tick& event);
  void on(FrameIn& event);
  void on(const LinkUp& event);
  void on(const LinkDown& event);
  void on(Submission& event);
  void on(const Abandon& event);
  void on(StageDurable& event);
  void on(const BatchDurable& event);
  void on(const JournalReady& event);
  void on(const JournalSpace& event);
  void on(const KeyRestricted& event);
  void on(Verified& event);

  // frames (replica_frames.cc)
  void on_vote_frame(FrameIn& frame);
  void on_certificate_frame(FrameIn& frame);
  void on_block_frame(const FrameIn& frame);
  void on_fetch_frame(const FrameIn& frame);
  void on_answer_frame(FrameIn& frame);
  void on_status_frame(FrameIn& frame);
  void serve_block(const NodeId& to, const Digest& digest);
  void serve_chain(const NodeId& to, Height from);
  template <typename Fetch>
  void serve_beside(const NodeId& to, const Fetch& asked);
  void refuse_pruned(const NodeId& to, Height lowest);
  void on_pruned(const NodeId& from, Height lowest);
  bool may_serve(const NodeId& peer);
  SeenVotes::Window vote_window() const;
  bool is_welcome(const ledger::BlockHead& head, std::size_t bytes, const NodeId& from);
  bool hold(Validated<ledger::Block> block, std::set<Digest> needed);
  bool is_new(const consensus::Certificate& certificate);
  void send_status(const std::optional<NodeId>& to);

  // answers of verifications (replica_frames.cc)
  void take(VerifiedVote& verified);
  void take(VerifiedCertificates& verified);
  void take(DecodedBlock& verified);
  void take(VerifiedBlock& verified);
  void take(const CondemnedBlock& verified);
  void take(VerifiedChain& verified);
  void take(VouchedSuccessor& verified);
  void take(VerifiedStatus& verified);
  void take(VerifiedTransaction& verified);
  void take(const RefusedTransaction& verified);
  void take(const BadFrame& verified);

  // consensus (replica_consensus.cc)
  void feed(consensus::Event event);
  void drain();
  void obey(consensus::Early& early);
  void obey(consensus::Ask& ask);
  void build(const consensus::Build& order);
  void judge(const consensus::Check& order);
  void judge_pending();
  ledger::CheckInput check_input(const consensus::Check& order) const;
  void say_work();
  bool is_work_due(const Digest& parent) const;
  void report(const consensus::Report& report);
  // versions (replica_versions.cc)
  void need_version(std::uint32_t version);
  // After every finalization and at the start: what the state says of versions (G-10.9).
  void watch_version();
  // A finalized block is invalid here (replica_divergence.cc).
  void describe_divergence(const Digest& digest, std::string reason);
  void describe_execution(const ledger::Header& header, Divergence& out) const;
  void stop_diverged(const Digest& digest, std::string_view reason);
  void look_for_difference();
  void ask_next_for_difference();
  void ask_for_part(const NodeId& peer);
  void on_part(const NodeId& from, const sync::PartAnswer& answer);
  // The next block is of a later epoch than ours, says a peer.
  void ask_who_vouches(const NodeId& from, sync::ChainAnswer answer);
  void hand_out_stage();
  void send_late(consensus::Late& late);

  // finality (replica_finality.cc)
  void finalize_what_can_be();
  // False if blocks are missing, a batch is out, or the path does not follow from the ledger.
  bool finalize_up_to(const consensus::Certificate& certificate);
  std::optional<std::vector<Digest>> path_to(const Digest& digest);
  bool execute_path(const std::vector<Digest>& path);
  void hand_out_batch(const std::vector<Digest>& path, const consensus::Certificate& certificate);
  void settle_clients(const ledger::Block& block);
  void refresh_parameters();
  void catch_up_if_behind();
  // The one to reach next: the lower of `goal_` and `segment_end_`.
  std::optional<consensus::Certificate> nearest_goal() const;
  void take_segment_end(VerifiedChain& verified);
  // C37: a parent is missing on the path down from `top`, of which the path so far is here.
  void miss(const Digest& parent, const Digest& top, bool is_top_here);
  void ask_for_missing();
  void ask_for_block(const Digest& digest, const NodeId& peer);

  // epochs (replica_epochs.cc)
  // The ledger has the last block of the core's epoch.
  bool is_epoch_over() const;
  // Of the epoch after the ledger's tip. Reads the members above `core_`.
  consensus::CoreConfig core_config() const;
  void begin_next_epoch();
  consensus::Recovered succession() const;
  bool is_reseated() const;
  void forget_epoch();
  void note_boundary(const Digest& digest);
  // True if a message of `epoch` was dealt with: it is not of the present one.
  bool is_of_other_epoch(Epoch epoch, FrameIn& frame);
  void keep_for_next_epoch(FrameIn frame);
  void tell_end_of(Epoch epoch, const NodeId& peer);
  void ask_end_of_epoch(const NodeId& peer);
  std::optional<Bytes> end_of(Epoch epoch) const;

  // clients (replica_clients.cc)
  void admit(VerifiedTransaction& verified);
  void reply(Ticket ticket, const TxId& id, SubmissionState state, v1::ErrorCode code);
  void relay_waiting(const std::optional<NodeId>& to);
  void drop_lost_clients();

  mempool::FinalizedView finalized_view() const;
  EpochContext epoch_context() const;
  void queue_execution(const Digest& digest);
  void note(Notice::Level level, std::string text);

  // what an operator may ask (situation.cc)
  void note_peer(const NodeId& peer, const sync::StatusMessage& status);
  void describe_checks(Situation& out) const;

  ReplicaConfig config_;
  const Store& store_;
  ledger::Ledger ledger_;
  mempool::Mempool mempool_;
  consensus::ValidatorSet set_;
  consensus::Parameters parameters_;
  consensus::Core core_;
  sync::CatchUp catch_up_;

  MonoMs mono_;
  WallMs wall_;
  Effects out_;
  std::set<NodeId> links_;

  // Events for the core that arose while it was being stepped.
  std::deque<consensus::Event> inbox_;
  consensus::Gated<consensus::Late> late_;
  bool stage_out_ = false;
  // Between EpochStart and JournalReady.
  bool journal_out_ = false;
  // C31: for good, until an operator looks.
  bool diverged_ = false;
  std::optional<Divergence> divergence_;
  // For the first record that differs, in the state after `height`; ends when it is found.
  struct Search {
    Height height;
    state::Wanted wanted;
    // The last one that was asked in turn, and all that have not answered for this part.
    NodeId last;
    std::set<NodeId> asked;
    MonoMs ask_at;
    std::uint64_t wait_ms = 0;
  };
  std::optional<Search> search_;
  // C29: the protocol version of a block that a quorum took and this build does not know.
  std::optional<std::uint32_t> version_needed_;
  // The scheduled version of which the log was told last, 0 = none; absent before the first look.
  std::optional<std::uint32_t> version_told_;
  // S16; and what the only validator builds when it has space again.
  std::optional<std::string> journal_alarm_;
  std::optional<consensus::Build> held_build_;
  MonoMs core_deadline_{~std::uint64_t{0}};
  // Checks whose answer is pending, one a candidate and purpose.
  struct OpenCheck {
    consensus::Check order;
    MonoMs since;
  };
  std::map<std::pair<consensus::Candidate, consensus::Purpose>, OpenCheck> checks_;
  // Blocks to execute, each once, in the order they were asked for.
  std::deque<Digest> to_execute_;
  // The block after which work is judged, since when, and what was said last.
  std::optional<Digest> judged_;
  MonoMs judged_since_;
  std::optional<bool> said_due_;

  // The highest finalization that the ledger has not reached.
  std::optional<consensus::Certificate> goal_;
  // Ends a segment that no answer can carry, so its blocks come by digest; and who said so.
  std::optional<consensus::Certificate> segment_end_;
  NodeId segment_from_;
  // The block below a finalization that is fetched by digest.
  struct Missing {
    Digest digest;
    MonoMs ask_at;
    std::uint64_t wait_ms = 0;
    bool asked = false;
  };
  std::optional<Missing> missing_;
  NodeId missing_peer_;
  // Handed out and not yet durable.
  std::vector<Digest> batch_out_;
  // Of the finalization in the last batch handed out, and in the last durable one.
  View batch_view_;
  View ledger_view_;

  // What was verified, by view, so that it is verified once.
  SeenVotes votes_seen_;
  std::set<std::pair<View, consensus::VoteKind>> certificates_seen_;
  // Blocks that were asked of peers, the last ones; and those that leaders offered, by view.
  std::deque<Digest> asked_blocks_;
  std::map<View, std::set<Digest>> blocks_taken_;
  struct Served {
    std::uint64_t second = 0;
    std::uint32_t count = 0;
  };
  std::map<NodeId, Served> served_;

  // Of the next epoch, raw, in the order of arrival (C45).
  std::deque<FrameIn> early_frames_;
  // When a peer was last told how an epoch ended, or asked for it.
  std::map<NodeId, MonoMs> told_;
  std::map<NodeId, MonoMs> asked_;
  MonoMs vouching_asked_;
  // Members of the present set who prove blocks by another set than the one held here, or go on in
  // an epoch that has not begun here though the last block before it is final here too.
  std::set<NodeId> at_odds_;
  std::deque<consensus::Evidence> evidence_;
  // For the operator: of linked peers, and of the set's for longer.
  std::map<NodeId, PeerStatus> peers_;
  // When the ledger last grew, in this run.
  std::optional<MonoMs> finalized_at_;

  std::map<TxId, std::vector<Ticket>> waiting_clients_;
  std::map<Ticket, TxId> tickets_;
  // Own clients' transactions that are not final yet, by expiry of their relay.
  std::set<TxId> own_;
  MonoMs relayed_;
};

}  // namespace salus::replica
