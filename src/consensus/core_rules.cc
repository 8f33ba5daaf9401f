// Owns: the protocol rules C2 to C19 as they act on the views of one epoch.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/core_state.h"

namespace salus::consensus {

// One pass is enough: a step can only make later ones possible, and what needs the disk comes back
// as an event of its own.
void Core::State::settle() {
  if (mode_ != Mode::Halted && !ended_) {
    certify();
    cast_finalizes();
    judge_current();
    plan_repairs();
    send_due_fetches();
  }
  send_due_repeats();
  arm_deadline();
}

bool Core::State::leads_current() const { return is_own(leader(pace_.view)); }

// S13.
bool Core::State::gate_open() const {
  return heard_enough_ || heard_.size() + 1 >= config_.set.quorum();
}

bool Core::State::can_vote() const {
  return mode_ == Mode::Voting && config_.own_index && gate_open() && !ended_;
}

// C42. Of a candidate whose parent view is usable.
bool Core::State::is_repeat(const Candidate& candidate) const {
  return book_.usable(candidate.parent) &&
         book_.ancestor(candidate.parent).digest == candidate.digest;
}

// --- Certify (C16, C30).

void Core::State::certify() {
  // Ascending: a parent that becomes usable here lets its child certify in the same pass.
  const std::vector<View> open(book_.uncertified().begin(), book_.uncertified().end());
  for (const View view : open) {
    if (view > book_.finalized()) certify_one(view);
  }
}

void Core::State::certify_one(View view) {
  ViewState& state = book_.at(view);
  const Candidate candidate = *state.candidate;
  if (mode_ == Mode::Diverged || state.certify != CertifyState::None) return;
  if (!book_.usable(candidate.parent) || candidate.parent >= view) return;
  if (!state.bytes_here) return;
  if (!state.bytes_durable) return stage_bytes(state);

  // The check before notarize covers this one: it asks the same and the clock besides.
  if (state.check == CheckState::Valid) {
    book_.set_certified(view, CertifyState::Yes);
    return reach(view);
  }
  if (state.check == CheckState::Invalid) return diverge(candidate, state.check_reason);
  state.certify = CertifyState::Asked;
  effects_.ask.emplace_back(Check{.candidate = candidate,
                                  .parent_digest = book_.ancestor(candidate.parent).digest,
                                  .purpose = Purpose::Certify});
}

void Core::State::stage_bytes(ViewState& state) {
  if (state.bytes_staged) return;
  state.bytes_staged = true;
  staging_.add_record(CandidateRecord{.candidate = *state.candidate, .block = {}});
}

// C31.
void Core::State::diverge(const Candidate& candidate, std::uint32_t reason) {
  book_.set_certified(candidate.view, CertifyState::No);
  stop_diverged(candidate.view);
  effects_.ask.emplace_back(Report{DivergedReport{.candidate = candidate, .reason = reason}});
}

// Durably: every later start finds the record.
void Core::State::stop_diverged(View view) {
  if (mode_ == Mode::Diverged || mode_ == Mode::Halted) return;
  leave_voting(Mode::Diverged);
  staging_.add_record(
      HaltRecord{.reason = HaltReason::Diverged, .epoch = config_.epoch, .view = view});
}

// --- Views (C2, C3, C24).

void Core::State::reach(View view) {
  if (view >= pace_.view) enter(view.next());
}

void Core::State::enter(View view) {
  const View left = pace_.view;
  if (const ViewState* const state = book_.find(left); state && !state->notarized()) {
    cancel_check(left);
  }
  parameters_ = next_parameters_;
  pace_.enter(view, book_.finalized(), now_, parameters_);
  build_ = BuildState::None;
  parent_version_.reset();

  if (view.value() - left.value() > config_.set.size()) std::ranges::fill(seen_, view);
  if (leader_is_absent()) pace_.latch(Trigger::Absent);
  if (view.value() >= kOpenViews) {
    // Open stay this view, the next one, and what admits_vote takes below.
    const View closed{view.value() - (kOpenViews - 1)};
    for (auto& [old_view, state] : book_.views()) {
      if (old_view > closed) break;
      state.tally = Tally{};
    }
  }
  schedule_retry();
}

bool Core::State::leader_is_absent() const {
  const std::uint64_t span = parameters_.skip_turns * config_.set.size();
  if (pace_.view.value() <= span || leads_current()) return false;
  const View since{pace_.view.value() - span};
  const ViewState* const state = book_.find(pace_.view);
  if (state != nullptr && state->candidate) return false;
  if (seen_[leader(pace_.view).value()] >= since) return false;
  const auto present = std::ranges::count_if(seen_, [&](View seen) { return seen >= since; });
  return static_cast<std::size_t>(present) >= config_.set.quorum();
}

// --- Candidates (C4-C6).

void Core::State::note_leader_vote(const Candidate& candidate) {
  const View view = candidate.view;
  if (view != pace_.view && view != pace_.view.next()) return;
  ViewState& state = book_.at(view);
  if (!state.candidate) return set_candidate(candidate);
  // Once a certificate has decided, a second candidate is evidence and nothing else.
  const bool decided = state.notarized() || state.finalized();
  if (*state.candidate != candidate && !decided) state.equivocated = true;
}

void Core::State::set_candidate(const Candidate& candidate) {
  ViewState& state = book_.at(candidate.view);
  if (state.candidate && *state.candidate != candidate) cancel_check(candidate.view);
  state.take_candidate(candidate, now_, blocks_here_.contains(candidate.digest));
}

void Core::State::cancel_check(View view) {
  const ViewState* const known = book_.find(view);
  if (known == nullptr) return;
  if (known->check != CheckState::Asked && known->certify != CertifyState::Asked) return;
  ViewState& state = book_.at(view);
  effects_.ask.emplace_back(CancelCheck{*state.candidate});
  if (state.check == CheckState::Asked) state.check = CheckState::None;
  if (state.certify == CertifyState::Asked) state.certify = CertifyState::None;
}

// --- The current view.

void Core::State::judge_current() {
  find_parent_of_current();
  if (!config_.own_index) return;
  sign_recovered_notarize();
  judge_readiness();
  judge_standstill();
  lead();
  judge_candidate();
  expire_deadlines();

  const ViewState* const state = book_.find(pace_.view);
  const ValidatorIndex led_by = leader(pace_.view);
  if (state && !is_own(led_by) && state->tally.has(VoteKind::Nullify, led_by)) {
    pace_.latch(Trigger::LeaderNullified);
  }
  const Subject skip = nullify(config_.epoch, pace_.view);
  if (pace_.trigger && can_vote() && may_vote(registers_, skip)) cast(skip);
}

void Core::State::find_parent_of_current() {
  if (parent_version_ == book_.version()) return;
  parent_version_ = book_.version();
  parent_ = book_.find_parent(pace_.view);
  if (!parent_ || judged_parent_ == parent_->digest || !config_.own_index) return;
  judged_parent_ = parent_->digest;
  work_due_ = false;
  effects_.ask.emplace_back(JudgeWork{.epoch = config_.epoch, .parent = parent_->digest});
}

MonoMs Core::State::pace_allows_from() const {
  if (!parent_) return now_;
  const ViewState* const state = book_.find(parent_->view);
  const bool is_final = parent_->view == book_.finalized();
  const MonoMs seen = is_final || !state ? final_seen_ : state->first_seen.value_or(now_);
  return MonoMs{seen.value() + parameters_.block_interval_ms};
}

// C20, C27.
void Core::State::judge_readiness() {
  if (pace_.ready) return;
  const ViewState* const state = book_.find(pace_.view);
  const bool candidate_known = state && state->candidate;

  std::size_t others = state ? state->tally.signers().size() : 0;
  if (state && state->tally.signers().contains(*config_.own_index)) --others;

  const bool unsettled =
      parent_ && parent_->view != book_.finalized() && now_ >= pace_.settle_deadline();
  const bool due = !parent_ || ((work_due_ || unsettled) && now_ >= pace_allows_from());

  if (!candidate_known && others < config_.set.faulty_max() + 1 && !due) return;
  pace_.become_ready(now_);
}

// C35 counts from the last finalization or from when work came, whichever is later.
void Core::State::judge_standstill() {
  if (!pace_.ready || next_standstill_) return;
  next_standstill_ = MonoMs{now_.value() + parameters_.standstill_ms};
}

// C10, C21.
void Core::State::expire_deadlines() {
  // Alone, whoever is asked to build is asked again in the next view: to leave this one gains
  // nothing and costs the journal a stage.
  const bool builds_alone = config_.set.size() == 1 && build_ == BuildState::Asked;
  if (!pace_.ready || builds_alone) return;
  const ViewState* const state = book_.find(pace_.view);
  const bool candidate_known = state && state->candidate;
  if (!candidate_known && now_ >= *pace_.leader_deadline()) {
    pace_.latch(Trigger::LeaderTimeout);
  }
  if (now_ >= *pace_.view_deadline()) pace_.latch(Trigger::ViewTimeout);
}

void Core::State::lead() {
  if (!leads_current() || !pace_.ready || !parent_ || !can_vote()) return;
  if (build_ != BuildState::None || (restarted_ && pace_.view == first_view_)) return;
  const ViewState* const state = book_.find(pace_.view);
  if (state && state->candidate) return;
  build_ = BuildState::Asked;
  build_parent_ = *parent_;
  const std::size_t unfinalized = book_.unfinalized_blocks(parent_->view, kUnfinalizedBlocksMax);
  effects_.ask.emplace_back(Build{.view = pace_.view,
                                  .parent = parent_->view,
                                  .parent_digest = parent_->digest,
                                  .empty_only = unfinalized >= kUnfinalizedBlocksMax});
}

// C6-C9.
void Core::State::judge_candidate() {
  const View view = pace_.view;
  const ViewState* const known = book_.find(view);
  if (!known || !known->candidate) return;
  ViewState& state = book_.at(view);
  const Candidate candidate = *state.candidate;
  if (!may_vote(registers_, notarize(candidate))) return;
  if (state.equivocated) return pace_.latch(Trigger::Equivocation);
  if (candidate.parent >= view || candidate.parent < book_.finalized() ||
      state.check == CheckState::Invalid) {
    return pace_.latch(Trigger::Invalid);
  }
  if (!state.bytes_here || !book_.ancestry_complete(candidate)) return;

  if (state.check == CheckState::None) {
    state.check = CheckState::Asked;
    effects_.ask.emplace_back(Check{.candidate = candidate,
                                    .parent_digest = book_.ancestor(candidate.parent).digest,
                                    .purpose = Purpose::Notarize});
  }
  if (state.check != CheckState::Valid || !can_vote()) return;
  // S3: the bytes and the vote become durable together.
  if (!state.bytes_durable) stage_bytes(state);
  cast(notarize(candidate));
}

void Core::State::cast_finalizes() {
  if (!can_vote()) return;
  auto at = book_.views().upper_bound(book_.finalized());
  for (; at != book_.views().end(); ++at) {
    const ViewState& state = at->second;
    if (state.certify != CertifyState::Yes || !state.notarized() || state.nullified()) continue;
    const Subject vote = finalize(*state.candidate);
    if (may_vote(registers_, vote)) cast(vote);
  }
}

// C9: nothing else lets a vote exist.
void Core::State::cast(const Subject& subject) {
  SALUS_ASSERT(can_vote(), "a vote was about to be cast outside of mode voting");
  SALUS_ASSERT(subject.view() > book_.finalized(), "a vote at or below v_f was about to be cast");
  registers_.record(subject);
  staging_.add_vote(subject);
}

}  // namespace salus::consensus
