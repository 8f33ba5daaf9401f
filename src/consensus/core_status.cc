// Owns: what the core says of itself, and the hash of its canonical state. Changes nothing.
#include <algorithm>
#include <utility>

#include "consensus/core_state.h"
#include "crypto/hash.h"

namespace salus::consensus {

namespace {

constexpr std::uint64_t kStatusViews = 16;

void write_candidate(ByteWriter& out, const std::optional<Candidate>& candidate) {
  out.u8(candidate ? 1 : 0);
  if (!candidate) return;
  out.u64(candidate->view.value());
  out.u64(candidate->parent.value());
  out.bytes(candidate->digest.view());
}

void write_view(ByteWriter& out, View view, const ViewState& state) {
  out.u64(view.value());
  write_candidate(out, state.candidate);
  out.u8(state.equivocated ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(state.check));
  out.u8(static_cast<std::uint8_t>(state.certify));
  out.u8(static_cast<std::uint8_t>((state.bytes_here ? 1 : 0) | (state.bytes_staged ? 2 : 0) |
                                   (state.bytes_durable ? 4 : 0)));
  out.u64(state.tally.by_subject().size());
  for (const auto& [subject, signatures] : state.tally.by_subject()) {
    out.u8(static_cast<std::uint8_t>(subject.kind));
    write_candidate(out, subject.candidate);
    out.u64(signatures.size());
    for (const auto& [signer, signature] : signatures) out.u16(signer.value());
  }
  out.u64(state.certificates.size());
  for (const auto& [kind, held] : state.certificates) out.u8(static_cast<std::uint8_t>(kind));
  out.u64(state.own_votes.size());
  for (const auto& [kind, vote] : state.own_votes) out.u8(static_cast<std::uint8_t>(kind));
}

std::ptrdiff_t count_of(const std::vector<ValidatorIndex>& list, ValidatorIndex index) {
  return std::ranges::count(list, index);
}

// E1 to E3, as far as one view shows them.
void note_equivocation(ViewVotes& row) {
  const auto note = [&row](ValidatorIndex signer) {
    if (count_of(row.equivocated, signer) == 0) row.equivocated.push_back(signer);
  };
  for (const ValidatorIndex signer : row.notarize) {
    if (count_of(row.notarize, signer) > 1) note(signer);
  }
  for (const ValidatorIndex signer : row.finalize) {
    const bool both = count_of(row.nullify, signer) > 0;
    if (both || count_of(row.finalize, signer) > 1) note(signer);
  }
}

}  // namespace

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::Voting:
      return "voting";
    case Mode::Observing:
      return "observing";
    case Mode::Diverged:
      return "diverged";
    case Mode::Halted:
      return "halted";
  }
  std::unreachable();
}

std::string_view name(ObservingReason reason) {
  switch (reason) {
    case ObservingReason::NotInSet:
      return "not_in_set";
    case ObservingReason::Amnesia:
      return "amnesia";
    case ObservingReason::Twin:
      return "twin";
    case ObservingReason::Version:
      return "version";
    case ObservingReason::Stopped:
      return "stopped";
    case ObservingReason::LedgerBehind:
      return "ledger_behind";
  }
  std::unreachable();
}

std::string_view name(Trigger trigger) {
  switch (trigger) {
    case Trigger::LeaderTimeout:
      return "leader_timeout";
    case Trigger::ViewTimeout:
      return "view_timeout";
    case Trigger::Declined:
      return "declined";
    case Trigger::Invalid:
      return "invalid";
    case Trigger::Equivocation:
      return "equivocation";
    case Trigger::LeaderNullified:
      return "leader_nullified";
    case Trigger::Absent:
      return "absent";
  }
  std::unreachable();
}

std::string_view name(Waiting waiting) {
  switch (waiting) {
    case Waiting::Nothing:
      return "nothing";
    case Waiting::Idle:
      return "idle";
    case Waiting::Candidate:
      return "candidate";
    case Waiting::Block:
      return "block";
    case Waiting::Ancestry:
      return "ancestry";
    case Waiting::CheckAnswer:
      return "check_answer";
    case Waiting::BuildAnswer:
      return "build_answer";
    case Waiting::Notarization:
      return "notarization";
    case Waiting::Certification:
      return "certification";
    case Waiting::Nullification:
      return "nullification";
  }
  std::unreachable();
}

StatusOut Core::State::status_for(const NodeId& receiver) const {
  StatusOut out{.epoch = config_.epoch,
                .view = pace_.view,
                .finalized = book_.finalized(),
                .votes_of_receiver = {}};
  if (const auto index = config_.set.find(receiver)) {
    for (const auto& [kind, vote] : newest_[index->value()]) out.votes_of_receiver.push_back(vote);
  }
  return out;
}

Waiting Core::State::waiting() const {
  if (mode_ == Mode::Halted || mode_ == Mode::Diverged || ended_) return Waiting::Nothing;
  const ViewState* const state = book_.find(pace_.view);
  if (!pace_.ready && config_.own_index) return Waiting::Idle;
  if (state && state->notarized()) return Waiting::Certification;
  if (!state || !state->candidate) {
    if (pace_.trigger) return Waiting::Nullification;
    return build_ == BuildState::Asked ? Waiting::BuildAnswer : Waiting::Candidate;
  }
  if (!state->bytes_here) return Waiting::Block;
  if (state->check == CheckState::Asked) return Waiting::CheckAnswer;
  if (!book_.ancestry_complete(*state->candidate)) return Waiting::Ancestry;
  return state->check == CheckState::Invalid ? Waiting::Nullification : Waiting::Notarization;
}

ViewVotes Core::State::view_votes(View view) const {
  ViewVotes row;
  row.view = view;
  row.leader = leader(view);
  const ViewState* const state = book_.find(view);
  if (state == nullptr) return row;
  row.candidate = state->candidate;
  // What a finalization passed keeps the names of its certificates only.
  row.notarized = state->certified_by.contains(VoteKind::Notarize);
  row.nullified = state->certified_by.contains(VoteKind::Nullify);
  row.finalized = state->certified_by.contains(VoteKind::Finalize);
  const auto list_of = [&row](VoteKind kind) -> std::vector<ValidatorIndex>& {
    return kind == VoteKind::Notarize  ? row.notarize
           : kind == VoteKind::Nullify ? row.nullify
                                       : row.finalize;
  };
  for (const auto& [subject, signatures] : state->tally.by_subject()) {
    for (const auto& [signer, signature] : signatures) list_of(subject.kind).push_back(signer);
  }
  note_equivocation(row);
  for (const auto& [kind, signers] : state->certified_by) {
    auto& list = kind == VoteKind::Notarize  ? row.notarize_certified
                 : kind == VoteKind::Nullify ? row.nullify_certified
                                             : row.finalize_certified;
    for (const ValidatorIndex signer : signers) {
      if (count_of(list_of(kind), signer) == 0) list.push_back(signer);
    }
  }
  return row;
}

// C24, asked of everybody.
std::vector<ValidatorIndex> Core::State::absent() const {
  const std::uint64_t span = parameters_.skip_turns * config_.set.size();
  if (pace_.view.value() <= span) return {};
  const View since{pace_.view.value() - span};
  std::vector<ValidatorIndex> out;
  for (std::uint16_t i = 0; i < config_.set.size(); ++i) {
    if (!is_own(ValidatorIndex{i}) && seen_[i] < since) out.push_back(ValidatorIndex{i});
  }
  if (config_.set.size() - out.size() < config_.set.quorum()) out.clear();
  return out;
}

void Core::State::describe_candidate(CoreStatus& out) const {
  const ViewState* const state = book_.find(pace_.view);
  if (state == nullptr || !state->candidate) return;
  const Candidate& candidate = *state->candidate;
  out.bytes_here = state->bytes_here;
  out.parent_usable = book_.usable(candidate.parent);
  if (state->check == CheckState::Invalid) out.invalid = state->check_reason;
  if (candidate.parent >= candidate.view || candidate.parent < book_.finalized()) return;
  for (const MissingCertificate& lacks : book_.missing_ancestry(candidate, kOpenFetchesMax)) {
    const Repair::Asked asked = repair_.asked(lacks, config_.set.size(), config_.own_index);
    const bool other_way = lacks.kind == FetchKind::Nullification ? book_.notarized(lacks.view)
                                                                  : book_.nullified(lacks.view);
    out.missing.push_back({.view = lacks.view,
                           .kind = lacks.kind,
                           .split = other_way,
                           .tries = asked.tries,
                           .asked = asked.last});
  }
}

CoreStatus Core::State::status() const {
  CoreStatus out;
  out.mode = mode_;
  out.observing = observing_;
  out.heard = heard_.size();
  out.heard_needed = config_.set.quorum() - 1;
  out.epoch = config_.epoch;
  out.view = pace_.view;
  out.leader = leader(pace_.view);
  out.entered = pace_.entered;
  out.delay_ms = pace_.delay;
  out.backoff = pace_.backoff;
  out.ready = pace_.ready;
  out.leader_deadline = pace_.leader_deadline();
  out.view_deadline = pace_.view_deadline();
  out.trigger = pace_.trigger;
  out.waiting = waiting();
  out.finalized = book_.finalized();
  out.ended = ended_;
  out.open_fetches = repair_.open();
  out.own_index = config_.own_index;
  out.quorum = config_.set.quorum();
  out.heard_enough = gate_open();
  out.has_parent = parent_.has_value();
  out.ending =
      parent_ && parent_->view > book_.finalized() && boundaries_.contains(parent_->digest);
  describe_candidate(out);
  out.seen = seen_;
  out.absent = absent();
  const std::uint64_t last = pace_.view.value();
  const std::uint64_t first = last >= kStatusViews ? last - kStatusViews + 1 : 1;
  for (std::uint64_t view = first; view <= last; ++view) {
    out.views.push_back(view_votes(View{view}));
  }
  out.counters = counters_;
  out.counters.triggers = pace_.latched;
  return out;
}

Hash Core::State::fingerprint() const {
  ByteWriter out;
  out.u64(config_.epoch.value());
  out.u8(static_cast<std::uint8_t>(mode_));
  out.u64(pace_.view.value());
  out.u64(pace_.delay);
  // Of time, only which deadlines stand.
  out.u8(pace_.ready ? 1 : 0);
  out.u8(pace_.trigger ? static_cast<std::uint8_t>(static_cast<std::uint8_t>(*pace_.trigger) + 1)
                       : std::uint8_t{0});
  out.u8(static_cast<std::uint8_t>(build_));
  out.u8(work_due_ ? 1 : 0);
  out.u8(static_cast<std::uint8_t>((ended_ ? 1 : 0) | (heard_enough_ ? 2 : 0)));
  out.u64(boundaries_.size());
  for (const Digest& digest : boundaries_) out.bytes(digest.view());
  out.bytes(encode(registers_));
  write_candidate(out, unsigned_notarize_);
  // Where a restarted leader offers no second block.
  out.u64(restarted_ ? first_view_.value() : 0);
  out.u64(book_.finalized().value());
  out.bytes(book_.final_ancestor().digest.view());
  for (const auto& [view, state] : book_.views()) write_view(out, view, state);
  for (const View seen : seen_) out.u64(seen.value());
  out.u64(heard_.size());
  for (const ValidatorIndex heard : heard_) out.u16(heard.value());
  for (const ValidatorIndex reported : evidence_reported_) out.u16(reported.value());
  out.u64(blocks_here_.size());
  for (const Digest& digest : blocks_here_) out.bytes(digest.view());
  staging_.write_fingerprint(out);
  repair_.write_fingerprint(out);
  return crypto::hash("salus.simplex.1", out.out());
}

}  // namespace salus::consensus
