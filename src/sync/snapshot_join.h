// Owns: the way from an empty ledger to one that stands at a snapshot. Parts are fetched from
// several peers at once, each verified before it is written; a wrong one costs its sender its
// place. What is done stands in the store after every batch, so a crash loses what was on its way
// and no more.
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

// There while a store is being filled: 00 = being emptied, 01 = being filled | the offer.
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
    // It let a request time out: the others come first until then.
    MonoMs rests_until;
    // It does not keep the state of this snapshot.
    bool lacks = false;
  };

  void resume(std::string_view noted);
  void take_offer(ByteView offer);
  void go_on();
  void ask_for_offers();
  void empty_some();
  void ask_for_parts();
  void refill();
  void finish();
  void punish(const NodeId& peer);
  // Nobody keeps it any more: another one is looked for.
  void give_up();
  std::size_t open_requests() const;
  // A batch is out or waits to be: the store does not tell yet what it will hold.
  bool is_busy() const { return is_writing_ || !out_.batch.writes.empty(); }

  const Store& store_;
  TrustedSet genesis_;
  Phase phase_ = Phase::Offer;
  std::map<NodeId, Peer> peers_;
  std::set<NodeId> banned_;
  MonoMs now_;
  Bytes offer_;
  std::optional<Snapshot> snapshot_;
  std::deque<state::Wanted> wanted_;
  Effects out_;
  bool is_writing_ = false;
  // In the batch that is not handed out yet.
  std::size_t waiting_parts_ = 0;
  std::uint64_t parts_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace salus::sync
