// Owns: which offer is taken: the highest true one among those that come in time, behind all that
// brought nothing before. Offers of many epochs later are judged once the ends of the epochs before
// are here, a page at a time.
#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/keys.h"
#include "state/record.h"
#include "sync/snapshot_join.h"

namespace salus::sync {

namespace {

constexpr char kEmptying = '\0';
constexpr char kFilling = '\1';

std::string noted(char phase, const Bytes& offer) { return phase + std::string{as_chars(offer)}; }

}  // namespace

SnapshotJoin::SnapshotJoin(const Store& store, TrustedSet genesis)
    : store_(store), genesis_(std::move(genesis)), trusted_(follow_stored(Epoch{kOrdinalEnd})) {
  if (const auto before = store_.get(kJoinKey)) resume(*before);
}

void SnapshotJoin::resume(std::string_view before) {
  const ByteView offer = as_bytes(before.substr(std::min<std::size_t>(before.size(), 1)));
  auto read = read_offer(offer);
  // None was taken yet, or another program wrote it: the search begins anew.
  if (!read) return;
  auto snapshot = verify_offer(follow_stored(read->epoch), std::move(*read));
  if (!snapshot) return;
  offer_.assign(offer.begin(), offer.end());
  snapshot_ = std::move(*snapshot);
  phase_ = before.front() == kFilling ? Phase::Fill : Phase::Empty;
  if (phase_ == Phase::Fill) filled_ = snapshot_->tip.digest;
}

TrustedSet SnapshotJoin::follow_stored(Epoch last) const {
  TrustedSet trusted = genesis_;
  while (trusted.epoch < last) {
    const auto stored = store_.get(ledger::epoch_end_key(trusted.epoch));
    const auto end = stored ? parse_epoch_end(as_bytes(*stored)) : std::nullopt;
    auto next = end ? set_after(trusted, *end) : std::unexpected(FinalityFlaw::SetUnproven);
    if (!next) break;
    trusted = std::move(*next);
  }
  return trusted;
}

void SnapshotJoin::on_answer(const NodeId& peer, const SnapshotAnswer& answer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || phase_ != Phase::Offer || is_busy()) return;
  // One answer a question: each costs us signatures.
  if (!std::exchange(at->second.is_asked, false)) return;
  at->second.has_answered = true;
  if (answer.offer.empty()) return go_on();
  auto read = read_offer(answer.offer);
  if (!read) return punish(peer);
  at->second.offer_first = read->first;
  if (trusted_.epoch < read->first) return go_on();
  const TrustedSet& trusted = read->epoch < trusted_.epoch ? follow_stored(read->epoch) : trusted_;
  auto snapshot = verify_offer(trusted, std::move(*read));
  if (!snapshot) return punish(peer);
  const bool has_stalled = stalled_.contains(snapshot->tip.height);
  consider({std::move(*snapshot), answer.offer, has_stalled});
  go_on();
}

void SnapshotJoin::on_answer(const NodeId& peer, const EpochsAnswer& answer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || phase_ != Phase::Offer || is_busy()) return;
  if (!at->second.epochs_until || answer.from != trusted_.epoch) return;
  at->second.epochs_until.reset();
  // It offers what it cannot lead to: its next offer may be another one.
  if (answer.ends.empty()) {
    at->second.offer_first = Epoch{};
    return go_on();
  }
  for (const Bytes& bytes : answer.ends) {
    const auto end = parse_epoch_end(bytes);
    auto next = end ? set_after(trusted_, *end) : std::unexpected(FinalityFlaw::SetUnproven);
    if (!next) return punish(peer);
    out_.batch.put(ledger::epoch_end_key(trusted_.epoch), state::encode(*end));
    trusted_ = std::move(*next);
  }
  silent_.erase(peer);
  // From here on the store is no ledger of genesis any more.
  if (is_busy() && !is_joining(store_)) out_.batch.put(std::string{kJoinKey}, noted(kEmptying, {}));
  if (at->second.offer_first <= trusted_.epoch) at->second.offer_at = now_;
  go_on();
}

void SnapshotJoin::consider(Candidate candidate) {
  if (!best_) gather_until_ = MonoMs{now_.value() + kGatherMs};
  const auto worth = [](const Candidate& of) {
    return std::pair{!of.has_stalled, of.snapshot.tip.height};
  };
  if (!best_ || worth(*best_) < worth(candidate)) best_ = std::move(candidate);
}

void SnapshotJoin::take_best() {
  Candidate taken = std::move(*best_);
  best_.reset();
  // Nobody offers anything else: what stalled before may not do so now.
  if (taken.has_stalled) stalled_.clear();
  snapshot_ = std::move(taken.snapshot);
  offer_ = std::move(taken.offer);
  if (filled_ == snapshot_->tip.digest) return begin_to_fill();
  filled_.reset();
  phase_ = Phase::Empty;
  out_.batch.put(std::string{kJoinKey}, noted(kEmptying, offer_));
}

void SnapshotJoin::begin_to_fill() {
  phase_ = Phase::Fill;
  filled_ = snapshot_->tip.digest;
  note_progress();
  out_.batch.put(std::string{kJoinKey}, noted(kFilling, offer_));
}

void SnapshotJoin::ask_for_offers() {
  if (is_busy()) return;
  const bool all_answered = std::ranges::all_of(peers_, [&](const auto& entry) {
    const Peer& peer = entry.second;
    return is_away(entry.first) || (peer.has_answered && peer.offer_first <= trusted_.epoch);
  });
  if (best_ && (all_answered || gather_until_ <= now_)) return take_best();
  for (auto& [id, peer] : peers_) {
    if (peer.offer_at > now_ || is_away(id)) continue;
    peer.offer_at = MonoMs{now_.value() + kOfferEveryMs};
    peer.is_asked = true;
    out_.requests.push_back({id, FetchSnapshot{}});
  }
  ask_for_epochs();
}

// Of one peer at a time: the latest offer by its own word, behind those that let us wait before.
void SnapshotJoin::ask_for_epochs() {
  NodeId latest;
  Peer* asked = nullptr;
  const auto worth = [&](const Peer& peer) {
    return std::pair{peer.rests_until <= now_, peer.offer_first};
  };
  for (auto& [id, peer] : peers_) {
    if (peer.epochs_until) return;
    if (is_away(id) || peer.offer_first <= trusted_.epoch) continue;
    if (asked != nullptr && worth(peer) <= worth(*asked)) continue;
    latest = id;
    asked = &peer;
  }
  if (asked == nullptr) return;
  asked->epochs_until = MonoMs{now_.value() + kPatienceMs};
  out_.requests.push_back({latest, FetchEpochs{trusted_.epoch}});
}

void SnapshotJoin::give_up() {
  if (stalled_.size() >= kStalledMax) stalled_.clear();
  stalled_.insert(snapshot_->tip.height);
  phase_ = Phase::Offer;
  snapshot_.reset();
  wanted_.clear();
  for (auto& [id, peer] : peers_) peer = Peer{};
  ask_for_offers();
}

}  // namespace salus::sync
