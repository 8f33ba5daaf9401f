// Owns: what is missing is asked for, and what is asked is answered (C33 to C37), within bounds.
#include <algorithm>
#include <array>
#include <utility>

#include "consensus/core_state.h"

namespace salus::consensus {

// --- What is missing (C33, C34, C37).

void Core::State::plan_repairs() { repair_.want(wanted(), now_, parameters_.fetch_ms); }

std::vector<Wanted> Core::State::wanted() const {
  std::vector<Wanted> list;
  const auto want_certificates = [&list, this](const std::vector<MissingCertificate>& missing,
                                               std::optional<ValidatorIndex> first) {
    for (const MissingCertificate& one : missing) {
      const bool arriving = staging_.find_certificate(VoteKind::Notarize, one.view) != nullptr ||
                            staging_.find_certificate(VoteKind::Nullify, one.view) != nullptr;
      if (arriving) continue;
      list.push_back({.certificate = one, .digest = std::nullopt, .first = first});
    }
  };

  const View view = pace_.view;
  const ViewState* const current = book_.find(view);
  if (current && current->candidate && !current->notarized() && current->candidate->parent < view) {
    want_certificates(book_.missing_ancestry(*current->candidate, kOpenFetchesMax), leader(view));
    want_block(list, *current->candidate, leader(view));
  }
  for (const View open : book_.uncertified()) {
    const Certificate& held = *book_.find(open)->find_certificate(VoteKind::Notarize);
    const Candidate& candidate = held.subject.candidate;
    want_block(list, candidate, held.signatures.begin()->first);
    if (candidate.parent > book_.finalized() && !book_.notarized(candidate.parent)) {
      want_certificates({{.view = candidate.parent, .kind = FetchKind::Notarization}},
                        leader(open));
    }
  }
  if (const auto& final_one = book_.finalization()) {
    want_block(list, final_one->subject.candidate, final_one->signatures.begin()->first);
  }
  if (claim_ && claim_->until > now_ && claim_->finalized > book_.finalized()) {
    // Any finalization above ours will do, so a boast about a high view gains nothing.
    list.push_back(
        {.certificate = {.view = book_.finalized().next(), .kind = FetchKind::Finalization},
         .digest = std::nullopt,
         .first = claim_->peer,
         .patient = true});
  }
  want_certificates(book_.missing_below(view, kOpenFetchesMax), std::nullopt);
  return list;
}

void Core::State::want_block(std::vector<Wanted>& list, const Candidate& candidate,
                             std::optional<ValidatorIndex> first) const {
  if (blocks_here_.contains(candidate.digest)) return;
  list.push_back({.certificate = {}, .digest = candidate.digest, .first = first, .patient = true});
}

void Core::State::send_due_fetches() {
  for (const Question& question : repair_.due(now_, config_.set.size(), config_.own_index)) {
    ++counters_.fetches;
    const NodeId to = config_.set[question.to].node_key;
    if (question.digest) {
      effects_.ask.emplace_back(FetchBlock{.digest = *question.digest, .from = to});
    } else {
      effects_.early.emplace_back(Fetch{.to = to,
                                        .epoch = config_.epoch,
                                        .view = question.certificate.view,
                                        .kind = question.certificate.kind});
    }
  }
}

// --- What is kept and served (C36).

std::set<Digest> Core::State::needed_blocks() const {
  std::set<Digest> needed = staging_.candidates();
  if (book_.finalization()) needed.insert(book_.final_ancestor().digest);
  if (unsigned_notarize_) needed.insert(unsigned_notarize_->digest);
  const auto& views = book_.views();
  for (auto at = views.upper_bound(book_.finalized()); at != views.end(); ++at) {
    const ViewState& state = at->second;
    const bool rests_on_it = at->first >= pace_.view || state.bytes_staged || state.notarized();
    if (state.candidate && rests_on_it) needed.insert(state.candidate->digest);
  }
  return needed;
}

void Core::State::on(const FetchIn& in) {
  if (in.epoch != config_.epoch) return;
  std::vector<Certificate> found = certificates_for(in);
  if (found.empty()) return;
  effects_.early.emplace_back(Answer{.to = in.from, .certificates = std::move(found)});
}

std::vector<Certificate> Core::State::certificates_for(const FetchIn& in) const {
  std::vector<Certificate> found;
  if (book_.finalization() && (ended_ || book_.finalized() >= in.view)) {
    found.push_back(*book_.finalization());
    add_settling(found, book_.finalized().next());
    return found;
  }
  const ViewState* const state = book_.find(in.view);
  if (state == nullptr) return found;
  // A notarization is served once we vouch for it: bytes here, parent known, check valid.
  const bool certified = state->notarized() && state->certify == CertifyState::Yes;
  const bool either = in.kind == FetchKind::Any;
  if (certified && (either || in.kind == FetchKind::Notarization)) {
    found.push_back(*state->find_certificate(VoteKind::Notarize));
  } else if (state->nullified() && (either || in.kind == FetchKind::Nullification)) {
    found.push_back(*state->find_certificate(VoteKind::Nullify));
  }
  if (either && !found.empty()) add_settling(found, in.view.next());
  return found;
}

// One certificate for each settled view from `from` on, so that who is far behind asks seldom.
void Core::State::add_settling(std::vector<Certificate>& list, View from) const {
  const auto& views = book_.views();
  for (auto at = views.lower_bound(from); at != views.end(); ++at) {
    if (list.size() >= kAnswerCertificatesMax) return;
    const ViewState& state = at->second;
    if (state.notarized() && state.certify == CertifyState::Yes) {
      list.push_back(*state.find_certificate(VoteKind::Notarize));
    } else if (state.nullified()) {
      list.push_back(*state.find_certificate(VoteKind::Nullify));
    }
  }
}

// --- Repetition (C23, C35).

void Core::State::on(const LinkUp& up) {
  effects_.early.emplace_back(SendStatus{up.peer});
  const auto peer = config_.set.find(up.peer);
  if (!peer || !config_.own_index || is_own(*peer)) return;
  Retry retry = retry_of_view();
  if (retry.votes.empty() && retry.certificates.empty()) return;
  retry.to = up.peer;
  effects_.early.emplace_back(std::move(retry));
}

// Between t_r / 2 and t_r after entry, spread by index, and then each t_r.
void Core::State::schedule_retry() {
  const std::uint64_t half = parameters_.retry_ms / 2;
  const std::uint64_t index = config_.own_index ? config_.own_index->value() : 0;
  next_retry_ = MonoMs{now_.value() + half + half * index / config_.set.size()};
}

Retry Core::State::retry_of_view() const {
  Retry retry;
  const View entered_by = pace_.view.previous();
  if (const ViewState* const state = book_.find(pace_.view)) {
    for (const auto& [kind, vote] : state->own_votes) retry.votes.push_back(vote);
    if (const Certificate* const held = state->find_certificate(VoteKind::Notarize)) {
      retry.certificates.push_back(*held);
    }
  }
  if (book_.finalization() && book_.finalized() == entered_by) {
    retry.certificates.push_back(*book_.finalization());
  } else if (const ViewState* const below = book_.find(entered_by)) {
    const Certificate* best = below->find_certificate(VoteKind::Nullify);
    if (best == nullptr) best = below->find_certificate(VoteKind::Notarize);
    if (best != nullptr) retry.certificates.push_back(*best);
  }
  return retry;
}

void Core::State::send_due_repeats() {
  if (now_ >= next_status_) {
    next_status_ = MonoMs{now_.value() + parameters_.retry_ms};
    effects_.early.emplace_back(SendStatus{});
  }
  // A halted validator still says so in its Status, and nothing else.
  if (!config_.own_index || config_.set.size() == 1 || mode_ == Mode::Halted) return;
  if (now_ >= next_retry_) {
    next_retry_ = MonoMs{now_.value() + parameters_.retry_ms};
    ++counters_.retries;
    Retry retry = retry_of_view();
    if (!retry.votes.empty() || !retry.certificates.empty()) {
      effects_.early.emplace_back(std::move(retry));
    }
    const ViewState* const state = book_.find(pace_.view);
    const bool offers = leads_current() && state && state->candidate && state->bytes_here &&
                        !state->notarized() && !ended_;
    if (offers && !is_repeat(*state->candidate)) {
      effects_.early.emplace_back(RelayBlock{*state->candidate});
    }
  }
  if (next_standstill_ && now_ >= *next_standstill_) {
    next_standstill_ = MonoMs{now_.value() + parameters_.standstill_ms};
    ++counters_.standstills;
    effects_.early.emplace_back(standstill_pass());
  }
}

Retry Core::State::standstill_pass() {
  Retry pass;
  if (book_.finalization()) pass.certificates.push_back(*book_.finalization());
  const auto& views = book_.views();
  auto at = views.upper_bound(std::max(standstill_cursor_, book_.finalized()));
  for (; at != views.end() && pass.certificates.size() < kStandstillCertificatesMax; ++at) {
    for (const auto& [kind, certificate] : at->second.certificates) {
      pass.certificates.push_back(certificate);
    }
    for (const auto& [kind, vote] : at->second.own_votes) pass.votes.push_back(vote);
    standstill_cursor_ = at->first;
  }
  // Through: the next pass begins at the bottom again.
  if (at == views.end()) standstill_cursor_ = View{};
  return pass;
}

// --- Wake-ups.

void Core::State::arm_deadline() {
  std::optional<MonoMs> next = next_status_;
  const auto consider = [&](std::optional<MonoMs> at) {
    if (at && *at > now_ && *at < *next) next = at;
  };
  consider(repair_.next_due());
  if (config_.own_index) {
    if (config_.set.size() > 1) {
      consider(next_retry_);
      consider(next_standstill_);
    }
    if (pace_.ready) {
      consider(pace_.leader_deadline());
      consider(pace_.view_deadline());
    } else {
      consider(pace_.settle_deadline());
      consider(pace_allows_from());
    }
  }
  if (armed_ == next) return;
  armed_ = next;
  effects_.ask.emplace_back(Deadline{*next});
}

}  // namespace salus::consensus
