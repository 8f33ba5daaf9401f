// Owns: a core that starts from its disk stands where the maxima of what it recorded put it
// (section 9).
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/core_state.h"

namespace salus::consensus {

Core::State::State(CoreConfig config, Recovered recovered)
    : config_(std::move(config)),
      parameters_(config_.parameters),
      next_parameters_(config_.parameters),
      book_(config_.epoch, config_.first_ancestor),
      staging_(recovered.stage),
      seen_(config_.set.size()),
      newest_(config_.set.size()),
      answered_(config_.set.size()) {
  SALUS_ASSERT(!config_.own_index || config_.set.contains(*config_.own_index),
               "the own index lies outside the validator set");
  recover(std::move(recovered));
}

// Steps 4 to 6 of the recovery order (section 9).
void Core::State::recover(Recovered recovered) {
  registers_ = recovered.registers;
  restarted_ = recovered.restarted || registers_ != Registers{};
  heard_enough_ = recovered.heard_enough;
  if (recovered.halt && recovered.halt->epoch != config_.epoch) {
    // Of the epoch before: the new folder must say so too.
    staging_.add_record(HaltRecord{
        .reason = recovered.halt->reason, .epoch = config_.epoch, .view = recovered.halt->view});
  }
  if (recovered.halt) {
    mode_ = recovered.halt->reason == HaltReason::Diverged ? Mode::Diverged : Mode::Halted;
  } else if (recovered.observing || !config_.own_index) {
    mode_ = Mode::Observing;
    observing_ = recovered.observing.value_or(ObservingReason::NotInSet);
  }
  if (recovered.finalized) {
    const Certificate& held = **recovered.finalized;
    SALUS_ASSERT(held.subject.kind == VoteKind::Finalize, "the ledger's floor is no finalization");
    on(BlockIn{held.subject.candidate.digest});
    book_.install(held);
  }
  recover_certificates(recovered.certificates);
  recover_candidates(recovered.candidates);
  recover_votes();
  first_view_ = recovered_view();
}

void Core::State::recover_certificates(const std::vector<Validated<Certificate>>& certificates) {
  // The journal may know a finalization that the ledger had no time to write: it is handed out
  // again.
  const Certificate* highest = nullptr;
  for (const Validated<Certificate>& held : certificates) {
    if (held->subject.kind != VoteKind::Finalize) continue;
    if (highest == nullptr || highest->subject.view() < held->subject.view()) highest = &*held;
  }
  if (highest != nullptr && highest->subject.view() > book_.finalized()) {
    book_.at(highest->subject.view())
        .take_candidate(highest->subject.candidate, now_, /*bytes_are_here=*/false);
    book_.install(*highest);
    staging_.add_late(Finalized{*highest});
  }
  for (const Validated<Certificate>& held : certificates) {
    const Subject& subject = held->subject;
    if (subject.view() <= book_.finalized() || subject.kind == VoteKind::Finalize) continue;
    ViewState& state = book_.at(subject.view());
    if (subject.kind == VoteKind::Notarize) {
      state.take_candidate(subject.candidate, now_, /*bytes_are_here=*/false);
    }
    book_.install(*held);
  }
}

void Core::State::recover_candidates(const std::vector<Candidate>& candidates) {
  for (const Candidate& candidate : candidates) {
    on(BlockIn{candidate.digest});
    if (candidate.view <= book_.finalized()) continue;
    ViewState& state = book_.at(candidate.view);
    const bool ours = registers_.notarize == candidate;
    if (!state.candidate || (ours && !state.notarized())) {
      state.take_candidate(candidate, now_, /*bytes_are_here=*/true);
    }
    if (state.candidate != candidate) continue;
    state.bytes_here = true;
    state.bytes_staged = true;
    state.bytes_durable = true;
  }
}

// C13: signed again, which gives the same bytes.
void Core::State::recover_votes() {
  if (!config_.own_index || mode_ != Mode::Voting) return;
  for (const Subject& subject : registers_.votes(config_.epoch)) {
    if (subject.view() <= book_.finalized()) continue;
    if (subject.kind == VoteKind::Notarize) {
      ViewState& state = book_.at(subject.view());
      if (!state.candidate) set_candidate(subject.candidate);
      const bool promised = state.candidate == subject.candidate && state.bytes_durable;
      if (!promised) {
        unsigned_notarize_ = subject.candidate;
        continue;
      }
    }
    staging_.add_vote(subject);
  }
}

void Core::State::sign_recovered_notarize() {
  if (!unsigned_notarize_ || mode_ != Mode::Voting) return;
  const Candidate& candidate = *unsigned_notarize_;
  const ViewState* const known = book_.find(candidate.view);
  // A later notarize was cast meanwhile: the guard would refuse this one (C9).
  const bool is_passed = registers_.notarize != candidate;
  if (is_passed || candidate.view <= book_.finalized() || !known || known->candidate != candidate) {
    unsigned_notarize_.reset();
    return;
  }
  if (!known->bytes_here) return;
  ViewState& state = book_.at(candidate.view);
  if (!state.bytes_durable) return stage_bytes(state);
  staging_.add_vote(notarize(candidate));
  unsigned_notarize_.reset();
}

// By maximum: the last record proves nothing (ava-labs/Simplex#328).
View Core::State::recovered_view() const {
  View view = std::max(View{1}, book_.finalized().next());
  for (const auto& [held, state] : book_.views()) {
    if (state.nullified() || state.finalized()) view = std::max(view, held.next());
  }
  if (registers_.notarize) view = std::max(view, registers_.notarize->view);
  if (registers_.nullify) view = std::max(view, *registers_.nullify);
  if (registers_.finalize) view = std::max(view, registers_.finalize->view.next());
  return view;
}

void Core::State::start() {
  started_ = true;
  pace_.enter(first_view_, book_.finalized(), now_, parameters_);
  std::ranges::fill(seen_, first_view_);
  next_status_ = now_;
  schedule_retry();
  if (!restarted_ || !leads_current()) return;

  // Recovery step 6: the block that we offered before, or none in this view.
  const ViewState* const state = book_.find(first_view_);
  const bool offered = registers_.notarize && registers_.notarize->view == first_view_;
  if (!offered) return pace_.latch(Trigger::Declined);
  if (state && state->candidate == registers_.notarize && state->bytes_here) {
    effects_.early.emplace_back(RelayBlock{*state->candidate});
  }
}

}  // namespace salus::consensus
