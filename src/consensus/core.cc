// Owns: one step: an event is taken in, the rules it touches are run, effects come out.
#include "consensus/core.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/core_state.h"

namespace salus::consensus {

Core::Core(CoreConfig config, Recovered recovered)
    : state_(std::make_unique<State>(std::move(config), std::move(recovered))) {}
Core::Core(std::unique_ptr<State> state) : state_(std::move(state)) {}
Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;
Core Core::clone() const { return Core{std::make_unique<State>(*state_)}; }

Effects Core::step(const Event& event) { return state_->step(event); }
std::optional<StageWork> Core::take_stage() { return state_->take_stage(); }
StatusOut Core::status_for(const NodeId& receiver) const { return state_->status_for(receiver); }
CoreStatus Core::status() const { return state_->status(); }
Epoch Core::epoch() const { return state_->config().epoch; }
View Core::view() const { return state_->pace().view; }
View Core::finalized() const { return state_->book().finalized(); }
Mode Core::mode() const { return state_->mode(); }
std::optional<ObservingReason> Core::observing() const { return state_->observing(); }
bool Core::heard_enough() const { return state_->gate_open(); }
const Registers& Core::registers() const { return state_->registers(); }
std::set<Digest> Core::needed_blocks() const { return state_->needed_blocks(); }
Stage Core::durable_stage() const { return state_->staging().durable(); }
Hash Core::fingerprint() const { return state_->fingerprint(); }

Effects Core::State::step(const Event& event) {
  SALUS_ASSERT(started_ || std::holds_alternative<Tick>(event), "the first event is a Tick");
  std::visit([this](const auto& happened) { on(happened); }, event);
  settle();
  return std::exchange(effects_, {});
}

std::optional<StageWork> Core::State::take_stage() {
  return staging_.take(config_.chain_id, config_.own_index);
}

void Core::State::on(const Tick& tick) {
  now_ = std::max(now_, tick.mono);
  if (!started_) start();
}

// Section 10. Votes of views further ahead cost their sender a message and us nothing.
bool Core::State::admits_vote(View view) const {
  const std::uint64_t current = pace_.view.value();
  if (view.value() > current + 1) return false;
  if (view.value() + kOpenViews - 2 < current) return false;
  return view.value() + kEvidenceViews >= book_.finalized().value();
}

void Core::State::on(const VoteIn& in) {
  ++counters_.votes_in;
  const Vote& vote = *in.vote;
  if (vote.subject.epoch() != config_.epoch) return;
  if (is_own(vote.signer)) return judge_own_vote(vote, std::nullopt);
  if (ended_) return answer_passed_vote(vote.signer);
  if (!admits_vote(vote.subject.view())) {
    ++counters_.votes_dropped;
    // However old the vote is, its signer lacks what is final (C18).
    if (vote.subject.view() <= book_.finalized()) answer_passed_vote(vote.signer);
    return;
  }
  count_seen(vote.signer, vote.subject.view());
  note_newest(vote);
  count_vote(vote);
}

void Core::State::count_vote(const Vote& vote) {
  const Subject& subject = vote.subject;
  const View view = subject.view();
  ViewState& state = book_.at(view);
  const Tally::Added added = state.tally.add(vote);
  if (added.contradicted) report_evidence(*added.contradicted, vote);
  if (view <= book_.finalized()) return answer_passed_vote(vote.signer);
  if (!added.counted) return;

  if (subject.kind == VoteKind::Notarize && vote.signer == leader(view)) {
    note_leader_vote(subject.candidate);
  }
  const auto& signatures = state.tally.signatures(subject);
  // With the vote that completes a quorum the certificate is made; later ones add nothing.
  if (signatures.size() != config_.set.quorum()) return;
  admit_certificate({.subject = subject,
                     .set_size = static_cast<std::uint16_t>(config_.set.size()),
                     .signatures = signatures});
}

void Core::State::count_seen(ValidatorIndex signer, View view) {
  View& seen = seen_[signer.value()];
  seen = std::max(seen, view);
}

void Core::State::note_newest(const Vote& vote) {
  auto& newest = newest_[vote.signer.value()];
  const auto [at, fresh] = newest.emplace(vote.subject.kind, vote);
  if (!fresh && at->second.subject.view() < vote.subject.view()) at->second = vote;
}

void Core::State::report_evidence(const Vote& first, const Vote& second) {
  if (!evidence_reported_.insert(first.signer).second) return;
  effects_.ask.emplace_back(Report{Evidence{.first = first, .second = second}});
}

// S13, S14: every vote that exists under our key is covered by our registers, or the key lives
// elsewhere too.
void Core::State::judge_own_vote(const Vote& vote, std::optional<NodeId> heard_from) {
  if (!config_.watches_own_key || mode_ != Mode::Voting) return;
  if (registers_.covers(vote.subject)) return;
  const bool before_first_vote = !gate_open();
  leave_voting(Mode::Observing);
  observing_ = before_first_vote ? ObservingReason::Amnesia : ObservingReason::Twin;
  effects_.ask.emplace_back(Report{ForeignVote{
      .meaning = before_first_vote ? ForeignVoteMeaning::Amnesia : ForeignVoteMeaning::Twin,
      .vote = vote,
      .heard_from = heard_from}});
}

// C18: once per peer and t_r, so that the answer is never larger than the question for long.
void Core::State::answer_passed_vote(ValidatorIndex signer) {
  if (!book_.finalization() || is_own(signer)) return;
  std::optional<MonoMs>& answered = answered_[signer.value()];
  if (answered && now_.value() < answered->value() + parameters_.retry_ms) return;
  answered = now_;
  effects_.early.emplace_back(
      Answer{.to = config_.set[signer].node_key, .certificates = {*book_.finalization()}});
}

void Core::State::on(const CertificateIn& in) {
  ++counters_.certificates_in;
  const Certificate& certificate = *in.certificate;
  const Subject& subject = certificate.subject;
  if (subject.epoch() != config_.epoch) return;
  for (const auto& [signer, signature] : certificate.signatures) {
    const Vote vote{.subject = subject, .signer = signer, .signature = signature};
    if (is_own(signer)) judge_own_vote(vote, in.from);
    count_seen(signer, subject.view());
    note_newest(vote);
  }
  admit_certificate(certificate);
}

void Core::State::admit_certificate(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  const View view = subject.view();
  if (mode_ == Mode::Halted || ended_) return;
  if (const Certificate* const other = find_contradiction(certificate)) {
    // A copy: halt changes what `other` points into.
    return halt(Certificate{*other}, certificate);
  }
  const ViewState* const state = book_.find(view);
  const bool held = state != nullptr && state->find_certificate(subject.kind) != nullptr;
  const bool passed = view <= book_.finalized() ||
                      (subject.kind == VoteKind::Finalize && view <= staging_.finalized());
  if (held || passed || staging_.find_certificate(subject.kind, view) != nullptr) {
    ++counters_.certificates_dropped;
    return;
  }
  staging_.add_certificate(certificate);
}

namespace {

// What section 13 excludes within one view (L2-L4).
bool exclude_each_other(const Subject& a, const Subject& b) {
  if (a.view() != b.view()) return false;
  const bool a_nullifies = a.kind == VoteKind::Nullify;
  const bool b_nullifies = b.kind == VoteKind::Nullify;
  if (!a_nullifies && !b_nullifies) return a.candidate != b.candidate;
  return a.kind == VoteKind::Finalize || b.kind == VoteKind::Finalize;
}

}  // namespace

const Certificate* Core::State::find_contradiction(const Certificate& certificate) const {
  const Subject& subject = certificate.subject;
  const ViewState* const state = book_.find(subject.view());
  for (const VoteKind kind : kVoteKinds) {
    const Certificate* const held = state ? state->find_certificate(kind) : nullptr;
    if (held && exclude_each_other(held->subject, subject)) return held;
    const Certificate* const staged = staging_.find_certificate(kind, subject.view());
    if (staged && exclude_each_other(staged->subject, subject)) return staged;
  }
  if (!book_.finalization()) return nullptr;
  const Certificate& final_one = *book_.finalization();
  if (exclude_each_other(final_one.subject, subject)) return &final_one;
  if (subject.kind != VoteKind::Finalize || subject.view() <= book_.finalized()) return nullptr;
  return book_.lowest_known_ancestor(subject.candidate) < book_.finalized() ? &final_one : nullptr;
}

// C19.
void Core::State::halt(const Certificate& first, const Certificate& second) {
  leave_voting(Mode::Halted);
  staging_.add_record(CertificateRecord{first});
  staging_.add_record(CertificateRecord{second});
  staging_.add_record(HaltRecord{
      .reason = HaltReason::SafetyViolated, .epoch = config_.epoch, .view = second.subject.view()});
  effects_.ask.emplace_back(Report{SafetyViolated{.first = first, .second = second}});
}

void Core::State::on(const BlockIn& in) {
  if (blocks_here_.insert(in.digest).second) {
    blocks_order_.push_back(in.digest);
    if (blocks_order_.size() > kBlocksHereMax) {
      blocks_here_.erase(blocks_order_.front());
      blocks_order_.pop_front();
    }
  }
  for (auto& [view, state] : book_.views()) {
    if (state.candidate && state.candidate->digest == in.digest) state.bytes_here = true;
  }
}

void Core::State::on(const BlockGone& gone) {
  if (blocks_here_.erase(gone.digest) > 0) std::erase(blocks_order_, gone.digest);
  for (auto& [view, state] : book_.views()) {
    if (state.candidate && state.candidate->digest == gone.digest) state.bytes_here = false;
  }
}

void Core::State::on(const CheckDone& done) {
  const View view = done.candidate.view;
  const ViewState* const known = book_.find(view);
  // C5: an answer about a replaced candidate decides nothing.
  if (known == nullptr || known->candidate != done.candidate) return;

  ViewState& state = book_.at(view);
  if (done.purpose == Purpose::Notarize && state.check == CheckState::Asked) {
    state.check = done.result.valid ? CheckState::Valid : CheckState::Invalid;
    state.check_reason = done.result.reason;
    if (!done.result.valid) ++counters_.invalid_candidates;
  }
  if (done.purpose == Purpose::Certify && state.certify == CertifyState::Asked) {
    if (!done.result.valid) return diverge(done.candidate, done.result.reason);
    book_.set_certified(view, CertifyState::Yes);
    reach(view);
  }
}

void Core::State::on(const BuildDone& done) {
  if (done.view != pace_.view || build_ != BuildState::Asked) return;
  build_ = BuildState::Answered;
  if (!done.block) return pace_.latch(Trigger::Declined);
  if (book_.at(done.view).candidate) return;

  const Candidate candidate{.epoch = config_.epoch,
                            .view = done.view,
                            .parent = build_parent_.view,
                            .digest = *done.block};
  on(BlockIn{candidate.digest});
  set_candidate(candidate);
  // Our own block needs no check (C7), and a repeat brings no new bytes (C42).
  book_.at(done.view).check = CheckState::Valid;
  if (!is_repeat(candidate)) effects_.early.emplace_back(RelayBlock{candidate});
}

void Core::State::on(const WorkDue& word) {
  if (judged_parent_ == word.parent) work_due_ = word.due;
}

void Core::State::on(const StatusIn& in) {
  const auto peer = config_.set.find(in.from);
  if (in.epoch > config_.epoch) {
    effects_.ask.emplace_back(Behind{.epoch = in.epoch, .peer = in.from});
  }
  for (const Validated<Vote>& vote : in.own_votes) {
    const bool of_this_epoch = vote->subject.epoch() == config_.epoch;
    if (of_this_epoch && is_own(vote->signer)) judge_own_vote(*vote, in.from);
  }
  if (!peer || is_own(*peer)) return;
  // Of another epoch, it could not have shown a vote of ours in this one.
  if (in.epoch != config_.epoch) return;
  heard_.insert(*peer);
  if (in.finalized > book_.finalized()) {
    claim_ = Claim{.finalized = in.finalized,
                   .peer = *peer,
                   .until = MonoMs{now_.value() + 2 * parameters_.retry_ms}};
  }
}

void Core::State::on(const ParametersIn& in) { next_parameters_ = in.parameters; }

void Core::State::on(const BoundaryIn& in) {
  if (boundaries_.size() == kBoundariesMax) boundaries_.erase(boundaries_.begin());
  boundaries_.insert(in.digest);
  end_if_boundary();
}

// C43. View 0 is the boundary block of the epoch before and ends nothing.
void Core::State::end_if_boundary() {
  if (ended_ || !book_.finalization()) return;
  if (!boundaries_.contains(book_.final_ancestor().digest)) return;
  ended_ = true;
  std::vector<View> open;
  for (const auto& [view, state] : book_.views()) open.push_back(view);
  for (const View view : open) cancel_check(view);
  staging_.add_late(EpochEnd{*book_.finalization()});
}

void Core::State::on(const StopVoting&) { observe(ObservingReason::Stopped); }
void Core::State::on(const VersionUnknown&) { observe(ObservingReason::Version); }
void Core::State::on(const HasDiverged& found) { stop_diverged(found.view); }

void Core::State::observe(ObservingReason reason) {
  if (mode_ != Mode::Voting) return;
  leave_voting(Mode::Observing);
  observing_ = reason;
}

// What is cast and not yet on its way to the disk is never signed; the registers keep it, which
// only forbids more.
void Core::State::leave_voting(Mode mode) {
  mode_ = mode;
  staging_.drop_votes();
}

void Core::State::on(const Durable& durable) {
  const DurableStage done = staging_.finish(durable.stage, durable.signatures, config_.own_index);
  for (const Record& record : done.records) {
    if (const auto* const held = std::get_if<CertificateRecord>(&record)) {
      install(held->certificate);
    } else if (const auto* const bytes = std::get_if<CandidateRecord>(&record)) {
      ViewState& state = book_.at(bytes->candidate.view);
      if (state.candidate == bytes->candidate) state.bytes_durable = true;
    }
  }
  for (const Vote& vote : done.votes) {
    count_cast(vote.subject.kind);
    // What was finalized while the vote was on its way to the disk needs it no more.
    if (vote.subject.view() <= book_.finalized()) continue;
    book_.at(vote.subject.view()).own_votes.insert_or_assign(vote.subject.kind, vote);
    count_seen(vote.signer, vote.subject.view());
    count_vote(vote);
  }
}

// Metrics tell durable votes only (C13).
void Core::State::count_cast(VoteKind kind) {
  switch (kind) {
    case VoteKind::Notarize:
      ++counters_.notarize_cast;
      return;
    case VoteKind::Nullify:
      ++counters_.nullify_cast;
      return;
    case VoteKind::Finalize:
      ++counters_.finalize_cast;
      return;
  }
}

void Core::State::count_installed(VoteKind kind) {
  switch (kind) {
    case VoteKind::Notarize:
      ++counters_.notarizations;
      return;
    case VoteKind::Nullify:
      ++counters_.nullifications;
      return;
    case VoteKind::Finalize:
      ++counters_.finalizations;
      return;
  }
}

// C15: from here on the certificate counts.
void Core::State::install(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  if (subject.view() <= book_.finalized() || mode_ == Mode::Halted) return;
  count_installed(subject.kind);
  if (subject.kind != VoteKind::Nullify) set_candidate(subject.candidate);
  if (subject.kind == VoteKind::Finalize) return install_finalization(certificate);
  book_.install(certificate);
  if (subject.kind == VoteKind::Nullify) reach(subject.view());
}

// C17.
void Core::State::install_finalization(const Certificate& certificate) {
  const View view = certificate.subject.view();
  std::vector<View> passed;
  for (const auto& [passed_view, state] : book_.views()) {
    if (passed_view <= view) passed.push_back(passed_view);
  }
  for (const View passed_view : passed) cancel_check(passed_view);
  final_seen_ = book_.at(view).first_seen.value_or(now_);
  next_standstill_.reset();
  book_.install(certificate);
  reach(view);
  end_if_boundary();
}

}  // namespace salus::consensus
