// Owns: the replica's turn: an event comes in, its parts are stepped, effects wait to be taken.
#include "replica/replica.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/application.h"
#include "replica/facts.h"

namespace salus::replica {

Replica::Replica(ReplicaConfig config, const Store& store, ledger::Ledger ledger,
                 ReplicaRecovery recovery)
    : config_(std::move(config)),
      store_(store),
      ledger_(std::move(ledger)),
      mempool_(ledger_.chain_id()),
      set_(validator_set(ledger_.finalized())),
      parameters_(consensus_parameters(ledger_.finalized_state())),
      core_(core_config(), std::move(recovery.consensus)),
      catch_up_(parameters_.fetch_ms) {
  catch_up_.reached(ledger_.finalized().height);
  // The ledger's own finalization; genesis has none, and a boundary block's is of another epoch.
  const auto held = consensus::decode_certificate(ledger_.finalized().certificate);
  if (held && held->subject.epoch() == core_.epoch()) {
    ledger_view_ = held->subject.view();
    batch_view_ = ledger_view_;
  }
  // What the journal keeps was voted for or notarized (C36).
  std::set<Digest> kept;
  for (const Validated<ledger::Block>& block : recovery.blocks) kept.insert(block->digest());
  for (Validated<ledger::Block>& block : recovery.blocks) {
    const Digest digest = block->digest();
    // Notarized ancestors execute again before anybody asks (section 9, recovery order 5).
    if (ledger_.add(std::move(block), kept)) queue_execution(digest);
  }
}

consensus::CoreConfig Replica::core_config() const {
  const ledger::Tip& tip = ledger_.finalized();
  return {.chain_id = ledger_.chain_id(),
          .epoch = Epoch{tip.validators.epoch()},
          .set = set_,
          .own_index = config_.validator_key ? set_.find(*config_.validator_key) : std::nullopt,
          .parameters = parameters_,
          // Read only while nothing of the epoch is final: then the tip ended the one before.
          .first_ancestor = tip.digest,
          .watches_own_key = config_.watches_own_key};
}

void Replica::step(Event event) {
  std::visit([this](auto& alternative) { on(alternative); }, event);
  drain();
  begin_next_epoch();
  hand_out_stage();
}

Effects Replica::take_effects() { return std::exchange(out_, {}); }

void Replica::on(const Tick& event) {
  mono_ = std::max(mono_, event.mono);
  wall_ = event.wall;
  feed(consensus::Tick{mono_});
  // A node that starts hears it before its first vote.
  if (!version_told_) watch_version();
  judge_pending();
  say_work();
  if (missing_ && mono_ >= missing_->ask_at) {
    finalize_what_can_be();
    // No longer on the way to a goal.
    if (missing_ && mono_ >= missing_->ask_at) missing_.reset();
  }
  catch_up_if_behind();
  if (search_ && mono_ >= search_->ask_at) ask_next_for_difference();
  if (mono_.value() >= relayed_.value() + kRelayMs) {
    relayed_ = mono_;
    relay_waiting(std::nullopt);
  }
}

void Replica::on(const LinkUp& event) {
  links_.insert(event.peer);
  catch_up_.link_up(event.peer);
  feed(consensus::LinkUp{event.peer});
  relay_waiting(event.peer);
}

void Replica::on(const LinkDown& event) {
  links_.erase(event.peer);
  served_.erase(event.peer);
  told_.erase(event.peer);
  asked_.erase(event.peer);
  std::erase_if(early_frames_, [&](const FrameIn& frame) { return frame.from == event.peer; });
  catch_up_.link_down(event.peer);
  if (search_) search_->asked.erase(event.peer);
}

void Replica::on(Verified& event) {
  std::visit([this](auto& alternative) { take(alternative); }, event);
}

void Replica::work() {
  if (to_execute_.empty()) return;
  const Digest digest = to_execute_.front();
  to_execute_.pop_front();
  if (!ledger_.has(digest) || ledger_.is_executed(digest)) return;
  // False if an ancestor was dropped meanwhile: a check that needs it asks again when it is here.
  if (!ledger_.execute(digest)) return;
  note_boundary(digest);
  judge_pending();
  say_work();
  finalize_what_can_be();
  drain();
  hand_out_stage();
}

MonoMs Replica::deadline() const {
  MonoMs earliest = core_deadline_;
  const auto consider = [&](MonoMs at) { earliest = std::min(earliest, at); };
  if (judged_ && said_due_ == false) {
    consider(MonoMs{judged_since_.value() + parameters_.heartbeat_ms});
    if (ledger_.is_executed(*judged_)) {
      if (const auto due = ledger_.outcome(*judged_).next_due) {
        const std::uint64_t wait =
            due->value() > wall_.value() ? due->value() - wall_.value() : std::uint64_t{0};
        consider(MonoMs{mono_.value() + wait});
      }
    }
  }
  // While a batch is on its way, or an epoch about to begin, that is what catch-up waits for.
  const bool catches_up = batch_out_.empty() && !is_epoch_over();
  if (const auto at = catch_up_.deadline(); at && catches_up) consider(*at);
  if (missing_ && catches_up) consider(missing_->ask_at);
  if (search_) consider(search_->ask_at);
  // A candidate ahead of our clock becomes acceptable by waiting (C29).
  if (!checks_.empty()) consider(MonoMs{mono_.value() + kPendingCheckMs});
  if (!own_.empty()) consider(MonoMs{relayed_.value() + kRelayMs});
  return earliest;
}

bool Replica::is_halted() const {
  const consensus::Mode mode = core_.mode();
  return diverged_ || mode == consensus::Mode::Halted || mode == consensus::Mode::Diverged;
}

ReplicaStatus Replica::status() const {
  return {.consensus = core_.status(),
          .tip = ledger_.finalized(),
          .chain_id = ledger_.chain_id(),
          .waiting_transactions = mempool_.count(),
          .waiting_bytes = mempool_.bytes(),
          .links = links_.size(),
          .highest_claim = catch_up_.target(),
          .blocks_gone = catch_up_.gone(),
          .diverged = diverged_,
          .evidence = {evidence_.begin(), evidence_.end()}};
}

Standing Replica::standing() const {
  return {.epoch = core_.epoch(),
          .view = core_.view(),
          .mode = core_.mode(),
          .halted = is_halted(),
          .finalized = ledger_.finalized().height,
          .highest_claim = catch_up_.target(),
          .links = links_.size(),
          .waiting_transactions = mempool_.count()};
}

mempool::FinalizedView Replica::finalized_view() const {
  return {.tip = ledger_.finalized().height, .state = ledger_.finalized_state()};
}

EpochContext Replica::epoch_context() const {
  return {.chain_id = ledger_.chain_id(), .epoch = core_.epoch(), .set = set_};
}

void Replica::queue_execution(const Digest& digest) {
  if (ledger_.is_executed(digest) || std::ranges::find(to_execute_, digest) != to_execute_.end())
    return;
  // Whoever needs it asks again with each tick: work that can't be done must not keep the strand
  // busy.
  if (!ledger_.can_execute(digest)) return;
  if (to_execute_.size() < ledger::kExecutedMax) to_execute_.push_back(digest);
}

void Replica::note(Notice::Level level, std::string text) {
  out_.notices.push_back({.level = level, .text = std::move(text)});
}

}  // namespace salus::replica
