// Owns: the way from an empty ledger to one that stands at a snapshot. Parts are fetched from
// several peers at once, each verified before it is written; a wrong one costs its sender its
// place, and silence costs it its place for a while. What is done stands in the store after every
// batch, so a crash loses what was on its way and no more. Whatever peers do, an offer that brings
// nothing is left for the next best one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/seams/store.h"
#include "state/chunk.h"
#include "sync/messages.h"
#include "sync/snapshot.h"

namespace salus::sync {

// There while a store is being filled: 00 = being emptied, 01 = being filled | the offer; without
// an offer while none is taken yet.
inline constexpr std::string_view kJoinKey = "j";
// Whether a start must go on with a join before there is a ledger.
bool is_joining(const Store& store);

class SnapshotJoin {
 public:
  static constexpr std::size_t kRequestsPerPeer = 2;
  static constexpr std::size_t kWantedMax = 4'096;
  // Verified parts that wait for the disk; beyond them nothing more is asked for.
  static constexpr std::size_t kWaitingPartsMax = 16;
  static constexpr std::size_t kBannedMax = 128;
  static constexpr std::size_t kErasedPerBatch = 10'000;
  static constexpr std::uint64_t kPatienceMs = 10'000;
  // Between two questions for an offer to the same peer.
  static constexpr std::uint64_t kOfferEveryMs = 1'000;
  // From the first true offer on, the others have this long: the highest is taken.
  static constexpr std::uint64_t kGatherMs = 2'000;
  // Requests in a row that a peer let time out before it counts as one that lacks the snapshot, and
  // for how long it is asked for nothing then.
  static constexpr std::uint32_t kLateMax = 4;
  static constexpr std::uint64_t kAwayMs = 60'000;
  static constexpr std::size_t kSilentMax = 128;
  // An offer must bring a part in this time; where other peers lack its state and may offer another
  // one, some more, so that nobody can keep a joiner by a trickle.
  static constexpr std::uint64_t kStallMs = 60'000;
  static constexpr std::uint32_t kPartsWhereOthersLack = 8;
  // Heights that brought nothing; beyond them all are tried anew.
  static constexpr std::size_t kStalledMax = 16;

  struct Request {
    NodeId to;
    FetchMessage message;
  };
  struct Effects {
    std::vector<Request> requests;
    // To be made durable before batch_written(); empty: nothing to write.
    StoreBatch batch;
    // Sent what no honest node sends.
    std::vector<NodeId> punished;
  };
  struct Progress {
    // Of the snapshot; nullopt while none is found.
    std::optional<Height> height;
    std::uint64_t parts = 0;
    std::uint64_t records = 0;
    std::size_t wanted = 0;
    std::size_t peers = 0;
  };

  // The store holds the ledger of genesis, or what an earlier run filled of a snapshot; it outlives
  // this.
  SnapshotJoin(const Store& store, TrustedSet genesis);

  void link_up(const NodeId& peer);
  void link_down(const NodeId& peer);
  void tick(MonoMs now);
  void on_answer(const NodeId& peer, const SnapshotAnswer& answer);
  void on_answer(const NodeId& peer, const PartAnswer& answer);
  void on_answer(const NodeId& peer, const EpochsAnswer& answer);
  void batch_written();

  Effects take_effects();
  // The ledger stands at the snapshot, durably: open it.
  bool is_done() const { return phase_ == Phase::Done; }
  Progress progress() const;
  // When to bring a tick; nullopt: not before something happens.
  std::optional<MonoMs> deadline() const;

 private:
  enum class Phase : std::uint8_t { Offer, Empty, Fill, Finish, Done };
  struct Open {
    state::Wanted wanted;
    MonoMs until;
  };
  struct Peer {
    std::vector<Open> open;
    // When it may be asked for an offer again.
    MonoMs offer_at;
    // An answer to that question is welcome; the last one was answered.
    bool is_asked = false;
    bool has_answered = false;
    // The first epoch of its offer, as it says; later than the trusted one: the ends before it are
    // asked of this peer, and awaited until then.
    Epoch offer_first;
    std::optional<MonoMs> epochs_until;
    // It let a request time out: the others come first until then.
    MonoMs rests_until;
    // It does not keep the state of this snapshot.
    bool lacks = false;
  };
  // Outlives a link: who comes back is as silent as before.
  struct Silence {
    std::uint32_t late = 0;
    MonoMs away_until;
  };
  struct Candidate {
    Snapshot snapshot;
    Bytes offer;
    bool has_stalled = false;
  };

  void resume(std::string_view noted);
  // From genesis over the ends that are stored, no further than `last`.
  TrustedSet follow_stored(Epoch last) const;
  void consider(Candidate candidate);
  void take_best();
  void go_on();
  void ask_for_offers();
  void ask_for_epochs();
  void empty_some();
  void begin_to_fill();
  void ask_for_parts();
  void refill();
  void finish();
  void punish(const NodeId& peer);
  void note_late(const NodeId& peer);
  void note_progress();
  void leave_what_stalls();
  std::uint32_t parts_due() const;
  bool is_away(const NodeId& peer) const;
  bool can_serve(const NodeId& id, const Peer& peer) const { return !peer.lacks && !is_away(id); }
  // It brings nothing: another one is looked for, and this one taken again if there is none.
  void give_up();
  std::size_t open_requests() const;
  // A batch is out or waits to be: the store does not tell yet what it will hold.
  bool is_busy() const { return is_writing_ || !out_.batch.writes.empty(); }

  const Store& store_;
  TrustedSet genesis_;
  // The latest set that genesis and the stored ends of epochs lead to.
  TrustedSet trusted_;
  Phase phase_ = Phase::Offer;
  std::map<NodeId, Peer> peers_;
  std::map<NodeId, Silence> silent_;
  std::set<NodeId> banned_;
  MonoMs now_;
  // The best offer so far, and when it is taken at the latest.
  std::optional<Candidate> best_;
  MonoMs gather_until_;
  std::set<Height> stalled_;
  Bytes offer_;
  std::optional<Snapshot> snapshot_;
  // The block whose state the store is being filled with: an offer of the same goes on there.
  std::optional<Digest> filled_;
  // Since when, and how many parts came since.
  MonoMs progress_since_;
  std::uint32_t progress_parts_ = 0;
  std::deque<state::Wanted> wanted_;
  Effects out_;
  bool is_writing_ = false;
  MonoMs writing_since_;
  // In the batch that is not handed out yet.
  std::size_t waiting_parts_ = 0;
  std::uint64_t parts_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace salus::sync
