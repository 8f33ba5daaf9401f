// Owns: what happens on each event, and of whom the parts are asked.
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

// All that an earlier state left behind (state/layout.h).
constexpr std::string_view kStateKeys[] = {state::kStatePrefix, state::kPagePrefix,
                                           state::kHistoryPrefix, state::kStalePrefix,
                                           state::kHorizonKey};

}  // namespace

bool is_joining(const Store& store) { return store.get(kJoinKey).has_value(); }

void SnapshotJoin::link_up(const NodeId& peer) {
  if (banned_.contains(peer)) return;
  peers_.emplace(peer, Peer{});
  go_on();
}

void SnapshotJoin::link_down(const NodeId& peer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end()) return;
  // Or a link that comes and goes would never be late.
  if (!at->second.open.empty()) note_late(peer);
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
      note_late(id);
      return true;
    });
    if (peer.epochs_until && *peer.epochs_until <= now_) {
      peer.epochs_until.reset();
      peer.rests_until = MonoMs{now_.value() + kPatienceMs};
      note_late(id);
    }
  }
  leave_what_stalls();
  go_on();
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
  silent_.erase(peer);
  chunk->append_to(out_.batch, snapshot_->tip.height);
  ++waiting_parts_;
  ++parts_;
  if (++progress_parts_ >= parts_due()) note_progress();
  records_ += chunk->records();
  // What finds no room here is found in the store later.
  for (const state::Wanted& next : chunk->next()) {
    if (wanted_.size() < kWantedMax) wanted_.push_back(next);
  }
  go_on();
}

void SnapshotJoin::batch_written() {
  is_writing_ = false;
  // A slow disk is not the offer's fault.
  progress_since_ = MonoMs{progress_since_.value() + now_.value() - writing_since_.value()};
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
  writing_since_ = now_;
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
    const auto silence = silent_.find(id);
    const MonoMs back = silence == silent_.end() ? MonoMs{} : silence->second.away_until;
    if (phase_ == Phase::Offer && !is_busy()) consider(std::max(peer.offer_at, back));
    if (peer.epochs_until) consider(*peer.epochs_until);
    for (const Open& open : peer.open) consider(open.until);
  }
  // While the disk is busy, nothing of this is judged.
  if (best_ && !is_busy()) consider(gather_until_);
  if (phase_ == Phase::Fill && !peers_.empty() && !is_busy()) {
    consider(MonoMs{progress_since_.value() + kStallMs});
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
  begin_to_fill();
}

void SnapshotJoin::ask_for_parts() {
  if (wanted_.empty() && open_requests() == 0) refill();
  if (phase_ != Phase::Fill) return;
  const bool all_lack = !peers_.empty() && std::ranges::none_of(peers_, [&](const auto& entry) {
    return can_serve(entry.first, entry.second);
  });
  if (all_lack && !is_busy()) return give_up();
  // A slow disk slows the asking down.
  if (waiting_parts_ >= kWaitingPartsMax) return;
  const bool others = std::ranges::any_of(peers_, [&](const auto& entry) {
    return can_serve(entry.first, entry.second) && entry.second.rests_until <= now_;
  });
  for (auto& [id, peer] : peers_) {
    if (!can_serve(id, peer) || (others && peer.rests_until > now_)) continue;
    while (peer.open.size() < kRequestsPerPeer && !wanted_.empty()) {
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
  // Of an offer of later epochs that was left for this one.
  const std::string ends = ledger::epoch_end_key(tip.epoch).substr(0, 1);
  store_.scan(ends, ledger::epoch_end_key(tip.epoch), [&](std::string_view key, std::string_view) {
    batch.erase(std::string{key});
    return true;
  });
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

void SnapshotJoin::note_late(const NodeId& peer) {
  if (!silent_.contains(peer) && silent_.size() >= kSilentMax) {
    std::erase_if(silent_, [&](const auto& entry) { return entry.second.away_until <= now_; });
    if (silent_.size() >= kSilentMax) return;
  }
  Silence& silence = silent_[peer];
  if (++silence.late < kLateMax) return;
  silence = {.late = 0, .away_until = MonoMs{now_.value() + kAwayMs}};
}

bool SnapshotJoin::is_away(const NodeId& peer) const {
  const auto at = silent_.find(peer);
  return at != silent_.end() && at->second.away_until > now_;
}

std::uint32_t SnapshotJoin::parts_due() const {
  const bool others_lack =
      std::ranges::any_of(peers_, [](const auto& entry) { return entry.second.lacks; });
  return others_lack ? kPartsWhereOthersLack : 1;
}

void SnapshotJoin::note_progress() {
  progress_since_ = now_;
  progress_parts_ = 0;
}

void SnapshotJoin::leave_what_stalls() {
  // Nor is a cut cable.
  if (phase_ != Phase::Fill || peers_.empty()) return note_progress();
  if (is_busy() || now_.value() < progress_since_.value() + kStallMs) return;
  give_up();
}

std::size_t SnapshotJoin::open_requests() const {
  std::size_t count = 0;
  for (const auto& [id, peer] : peers_) count += peer.open.size();
  return count;
}

}  // namespace salus::sync
