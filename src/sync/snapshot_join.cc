// Owns: what happens on each event, and what is asked of whom.
#include "sync/snapshot_join.h"

#include <algorithm>
#include <utility>

#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/tip.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/record.h"

namespace salus::sync {

namespace {

constexpr char kEmptying = '\0';
constexpr char kFilling = '\1';
// All that an earlier state left behind (state/layout.h).
constexpr std::string_view kStateKeys[] = {state::kStatePrefix, state::kPagePrefix,
                                           state::kHistoryPrefix, state::kStalePrefix,
                                           state::kHorizonKey};

std::string noted(char phase, const Bytes& offer) { return phase + std::string{as_chars(offer)}; }

}  // namespace

bool is_joining(const Store& store) { return store.get(kJoinKey).has_value(); }

SnapshotJoin::SnapshotJoin(const Store& store, TrustedSet genesis)
    : store_(store), genesis_(std::move(genesis)) {
  if (const auto before = store_.get(kJoinKey)) resume(*before);
}

void SnapshotJoin::resume(std::string_view before) {
  const ByteView offer = as_bytes(before.substr(std::min<std::size_t>(before.size(), 1)));
  auto snapshot = verify_offer(genesis_, offer);
  // It was verified when it was noted: another program wrote it, and the search begins anew.
  if (!snapshot) return give_up();
  offer_.assign(offer.begin(), offer.end());
  snapshot_ = std::move(*snapshot);
  phase_ = before.front() == kFilling ? Phase::Fill : Phase::Empty;
}

void SnapshotJoin::link_up(const NodeId& peer) {
  if (banned_.contains(peer)) return;
  peers_.emplace(peer, Peer{});
  go_on();
}

void SnapshotJoin::link_down(const NodeId& peer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end()) return;
  for (const Open& open : at->second.open) wanted_.push_front(open.wanted);
  peers_.erase(at);
  go_on();
}

void SnapshotJoin::tick(MonoMs now) {
  now_ = now;
  for (auto& [id, peer] : peers_) {
    std::erase_if(peer.open, [&](const Open& open) {
      if (open.until > now_) return false;
      wanted_.push_front(open.wanted);
      peer.rests_until = MonoMs{now_.value() + kPatienceMs};
      return true;
    });
  }
  go_on();
}

void SnapshotJoin::on_answer(const NodeId& peer, const SnapshotAnswer& answer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || phase_ != Phase::Offer || is_busy() || answer.offer.empty()) return;
  auto snapshot = verify_offer(genesis_, answer.offer);
  if (!snapshot) return punish(peer);
  snapshot_ = std::move(*snapshot);
  offer_ = answer.offer;
  phase_ = Phase::Empty;
  out_.batch.put(std::string{kJoinKey}, noted(kEmptying, offer_));
}

void SnapshotJoin::on_answer(const NodeId& peer, const PartAnswer& answer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || phase_ != Phase::Fill) return;
  auto& open = at->second.open;
  const auto asked =
      std::ranges::find(open, answer.path, [](const Open& request) { return request.wanted.path; });
  // Late, and given to somebody else meanwhile.
  if (asked == open.end() || answer.height != snapshot_->tip.height) return;
  const state::Wanted wanted = asked->wanted;
  open.erase(asked);
  if (answer.part.empty()) {
    at->second.lacks = true;
    wanted_.push_front(wanted);
    return go_on();
  }
  const auto chunk = state::Chunk::verify(wanted, answer.part);
  if (!chunk) {
    wanted_.push_front(wanted);
    return punish(peer);
  }
  chunk->append_to(out_.batch, snapshot_->tip.height);
  ++waiting_parts_;
  ++parts_;
  records_ += chunk->records();
  // What finds no room here is found in the store later.
  for (const state::Wanted& next : chunk->next()) {
    if (wanted_.size() < kWantedMax) wanted_.push_back(next);
  }
  go_on();
}

void SnapshotJoin::batch_written() {
  is_writing_ = false;
  if (phase_ == Phase::Finish && !is_busy()) phase_ = Phase::Done;
  go_on();
}

SnapshotJoin::Effects SnapshotJoin::take_effects() {
  Effects out;
  out.requests = std::exchange(out_.requests, {});
  out.punished = std::exchange(out_.punished, {});
  if (is_writing_ || out_.batch.writes.empty()) return out;
  out.batch = std::exchange(out_.batch, {});
  waiting_parts_ = 0;
  is_writing_ = true;
  return out;
}

SnapshotJoin::Progress SnapshotJoin::progress() const {
  return {.height = snapshot_ ? std::optional{snapshot_->tip.height} : std::nullopt,
          .parts = parts_,
          .records = records_,
          .wanted = wanted_.size() + open_requests(),
          .peers = peers_.size()};
}

std::optional<MonoMs> SnapshotJoin::deadline() const {
  std::optional<MonoMs> first;
  const auto consider = [&](MonoMs at) { first = first ? std::min(*first, at) : at; };
  for (const auto& [id, peer] : peers_) {
    if (phase_ == Phase::Offer) consider(peer.offer_at);
    for (const Open& open : peer.open) consider(open.until);
  }
  return first;
}

void SnapshotJoin::go_on() {
  switch (phase_) {
    case Phase::Offer:
      return ask_for_offers();
    case Phase::Empty:
      return empty_some();
    case Phase::Fill:
      return ask_for_parts();
    case Phase::Finish:
    case Phase::Done:
      return;
  }
}

void SnapshotJoin::ask_for_offers() {
  if (is_busy()) return;
  for (auto& [id, peer] : peers_) {
    if (peer.offer_at > now_) continue;
    peer.offer_at = MonoMs{now_.value() + kOfferEveryMs};
    out_.requests.push_back({id, FetchSnapshot{}});
  }
}

void SnapshotJoin::empty_some() {
  if (is_busy()) return;
  std::size_t count = 0;
  for (const std::string_view prefix : kStateKeys) {
    store_.scan(prefix, prefix, [&](std::string_view key, std::string_view) {
      out_.batch.erase(std::string{key});
      return ++count < kErasedPerBatch;
    });
    if (count >= kErasedPerBatch) return;
  }
  out_.batch.put(std::string{kJoinKey}, noted(kFilling, offer_));
  phase_ = Phase::Fill;
}

void SnapshotJoin::ask_for_parts() {
  if (wanted_.empty() && open_requests() == 0) refill();
  if (phase_ != Phase::Fill) return;
  const bool all_lack = !peers_.empty() && std::ranges::all_of(peers_, [](const auto& entry) {
    return entry.second.lacks;
  });
  if (all_lack && !is_busy()) return give_up();
  // A slow disk slows the asking down.
  if (waiting_parts_ >= kWaitingPartsMax) return;
  const bool others = std::ranges::any_of(peers_, [&](const auto& entry) {
    return !entry.second.lacks && entry.second.rests_until <= now_;
  });
  for (auto& [id, peer] : peers_) {
    if (others && peer.rests_until > now_) continue;
    while (!peer.lacks && peer.open.size() < kRequestsPerPeer && !wanted_.empty()) {
      const state::Wanted wanted = wanted_.front();
      wanted_.pop_front();
      peer.open.push_back({wanted, MonoMs{now_.value() + kPatienceMs}});
      out_.requests.push_back(
          {id, FetchPart{.height = snapshot_->tip.height, .path = wanted.path}});
    }
  }
}

// The store tells what is missing once all that is known of is written.
void SnapshotJoin::refill() {
  if (is_busy()) return;
  const ledger::TipRecord& tip = snapshot_->tip;
  const auto missing = state::find_missing(store_, tip.height, tip.state_root, kWantedMax);
  if (missing.empty()) return finish();
  wanted_.assign(missing.begin(), missing.end());
}

void SnapshotJoin::finish() {
  const Snapshot& snapshot = *snapshot_;
  const ledger::TipRecord& tip = snapshot.tip;
  StoreBatch& batch = out_.batch;
  state::append_filled(batch, tip.height);
  batch.put(ledger::header_key(tip.height), snapshot.header);
  batch.put(ledger::certificate_key(tip.height), std::string{as_chars(snapshot.certificate)});
  batch.put(ledger::outcome_key(tip.height),
            ledger::encode(ledger::StoredOutcome{tip.state_root, tip.results_root, tip.active}));
  batch.put(ledger::height_key(tip.digest), ledger::encode_height(tip.height));
  for (const v1::EpochEnd& end : snapshot.epoch_ends) {
    const auto header = ledger::decode_header(as_bytes(end.boundary().headers(0)));
    if (header) batch.put(ledger::epoch_end_key(header->epoch), state::encode(end));
  }
  batch.put(std::string{ledger::kTipKey}, ledger::encode(tip));
  batch.erase(std::string{kJoinKey});
  phase_ = Phase::Finish;
}

void SnapshotJoin::punish(const NodeId& peer) {
  out_.punished.push_back(peer);
  if (banned_.size() < kBannedMax) banned_.insert(peer);
  link_down(peer);
}

void SnapshotJoin::give_up() {
  phase_ = Phase::Offer;
  snapshot_.reset();
  wanted_.clear();
  for (auto& [id, peer] : peers_) peer = Peer{};
  ask_for_offers();
}

std::size_t SnapshotJoin::open_requests() const {
  std::size_t count = 0;
  for (const auto& [id, peer] : peers_) count += peer.open.size();
  return count;
}

}  // namespace salus::sync
