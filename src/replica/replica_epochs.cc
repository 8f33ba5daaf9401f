// Owns: the succession of epochs. One core runs at a time, and the next is made when the last block
// of its epoch is durable in the ledger, from which its set comes; messages of other epochs teach
// nothing but how an epoch ended (C43 to C45).
#include <algorithm>
#include <utility>

#include "consensus/codec.h"
#include "ledger/outcome_codec.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "replica/replica.h"

namespace salus::replica {

bool Replica::is_epoch_over() const {
  return Epoch{ledger_.finalized().validators.epoch()} > core_.epoch();
}

// C44. What is in flight is of the old epoch and comes first: stages are numbered through.
void Replica::begin_next_epoch() {
  if (!is_epoch_over() || stage_out_ || journal_out_ || !batch_out_.empty()) return;
  consensus::Recovered recovered = succession();
  const bool reseated = is_reseated();
  if (reseated) {
    recovered.observing.reset();
    config_.restriction_nonce.clear();
  }
  const ledger::Tip& tip = ledger_.finalized();
  set_ = validator_set(tip);
  const Stage before = recovered.stage;
  core_ = consensus::Core{core_config(), std::move(recovered)};
  forget_epoch();
  journal_out_ = true;
  out_.epoch = EpochStart{.epoch = core_.epoch(),
                          .before = before,
                          .set = set_,
                          .votes = core_.mode() == consensus::Mode::Voting,
                          .ends_restriction = reseated};
  note(Notice::Level::Info, "An epoch begins. epoch=" + std::to_string(core_.epoch().value()) +
                                " validators=" + std::to_string(set_.size()) +
                                " height=" + std::to_string(tip.height.value()));

  feed(consensus::Tick{mono_});
  drain();
  // C45: what peers said of this epoch before it began here.
  for (FrameIn& frame : std::exchange(early_frames_, {})) on(frame);
  catch_up_if_behind();
  drain();
}

// What outlives an epoch: the count of stages, and why this validator does not vote.
consensus::Recovered Replica::succession() const {
  consensus::Recovered recovered;
  recovered.stage = core_.durable_stage();
  recovered.heard_enough = core_.heard_enough();
  using consensus::HaltReason;
  using consensus::Mode;
  const Mode mode = core_.mode();
  if (mode == Mode::Diverged || mode == Mode::Halted) {
    recovered.halt = {
        .reason = mode == Mode::Halted ? HaltReason::SafetyViolated : HaltReason::Diverged,
        .epoch = core_.epoch(),
        .view = core_.view()};
  }
  using consensus::ObservingReason;
  const auto observing = core_.observing();
  // S9: in the epochs after the guard's it cannot have voted.
  const bool is_past_guard =
      observing == ObservingReason::LedgerBehind && core_.epoch() >= config_.guard_epoch;
  if (observing && observing != ObservingReason::NotInSet && !is_past_guard) {
    recovered.observing = observing;
  }
  return recovered;
}

// S11: the epoch that begins comes after the one in which the reseat was executed.
bool Replica::is_reseated() const {
  using consensus::ObservingReason;
  const auto observing = core_.observing();
  const bool restricted =
      observing == ObservingReason::Amnesia || observing == ObservingReason::Twin;
  if (!restricted || !config_.validator_key || config_.restriction_nonce.empty()) return false;
  const ledger::Tip& tip = ledger_.finalized();
  const auto reseat = find_reseat(tip, ledger_.finalized_state(), *config_.validator_key);
  return reseat && reseat->nonce == config_.restriction_nonce &&
         reseat->epoch < Epoch{tip.validators.epoch()};
}

void Replica::forget_epoch() {
  inbox_.clear();
  late_ = {};
  core_deadline_ = MonoMs{~std::uint64_t{0}};
  checks_.clear();
  judged_.reset();
  said_due_.reset();
  goal_.reset();
  segment_end_.reset();
  missing_.reset();
  batch_view_ = {};
  ledger_view_ = {};
  votes_seen_.clear();
  certificates_seen_.clear();
  asked_blocks_.clear();
  blocks_taken_.clear();
  told_.clear();
  asked_.clear();
  at_odds_.clear();
  held_build_.reset();
}

void Replica::on(const JournalReady&) { journal_out_ = false; }

void Replica::on(const KeyRestricted& event) {
  config_.restriction_nonce = event.nonce;
  note(Notice::Level::Error,
       "The sign guard signs nothing any more. To vote again with this key: " +
           reseat_command(hex(as_bytes(event.nonce))) + ".");
}

void Replica::note_boundary(const Digest& digest) {
  const bool ends = ledger_.outcome(digest).next_epoch > core_.epoch();
  if (ends) feed(consensus::BoundaryIn{digest});
}

bool Replica::is_of_other_epoch(Epoch epoch, FrameIn& frame) {
  if (epoch == core_.epoch()) return false;
  if (epoch < core_.epoch()) {
    tell_end_of(epoch, frame.from);
    return true;
  }
  ask_end_of_epoch(frame.from);
  if (epoch == core_.epoch().next()) keep_for_next_epoch(std::move(frame));
  return true;
}

// The newest ones: what is older is said again, or was decided since.
void Replica::keep_for_next_epoch(FrameIn frame) {
  if (frame.payload.size() > kEarlyBytesMax) return;
  const NodeId from = frame.from;
  early_frames_.push_back(std::move(frame));
  const auto is_theirs = [&](const FrameIn& kept) { return kept.from == from; };
  if (std::ranges::count_if(early_frames_, is_theirs) >
      static_cast<std::ptrdiff_t>(kEarlyFramesPerPeerMax)) {
    early_frames_.erase(std::ranges::find_if(early_frames_, is_theirs));
  }
  std::size_t bytes = 0;
  for (const FrameIn& kept : early_frames_) bytes += kept.payload.size();
  while (bytes > kEarlyBytesMax) {
    bytes -= early_frames_.front().payload.size();
    early_frames_.pop_front();
  }
}

// C43: once per peer and t_r.
void Replica::tell_end_of(Epoch epoch, const NodeId& peer) {
  const auto told = told_.find(peer);
  if (told != told_.end() && mono_.value() < told->second.value() + parameters_.retry_ms) return;
  std::optional<Bytes> certificate = end_of(epoch);
  if (!certificate || !links_.contains(peer)) return;
  told_.insert_or_assign(peer, mono_);
  out_.sends.push_back(
      {.to = peer, .type = FrameType::Certificate, .payload = std::move(*certificate)});
}

// C45. What comes back counts under the present set only.
void Replica::ask_end_of_epoch(const NodeId& peer) {
  const auto asked = asked_.find(peer);
  if (asked != asked_.end() && mono_.value() < asked->second.value() + parameters_.retry_ms) return;
  if (!links_.contains(peer) || is_epoch_over()) return;
  asked_.insert_or_assign(peer, mono_);
  out_.sends.push_back({.to = peer,
                        .type = FrameType::Fetch,
                        .payload = sync::encode(sync::FetchMessage{
                            sync::FetchCertificate{.epoch = core_.epoch(),
                                                   .view = core_.finalized().next(),
                                                   .kind = consensus::FetchKind::Finalization}})});
}

std::optional<Bytes> Replica::end_of(Epoch epoch) const {
  const ledger::Reader chain{store_};
  if (const auto noted = store_.get(epoch_end_key(epoch))) {
    auto stored = chain.stored_block(ledger::decode_height(*noted));
    if (stored) return std::move(stored->certificate);
  }
  // Pruned, or before a snapshot: what outsiders are shown stays.
  const auto end = chain.epoch_end(epoch);
  if (!end) return std::nullopt;
  const ByteView certificate = as_bytes(end->boundary().certificate());
  return Bytes{certificate.begin(), certificate.end()};
}

}  // namespace salus::replica
