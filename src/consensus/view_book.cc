// Owns: the views that are open, by number, and the bounds on them (section 10).
#include "consensus/view_book.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace salus::consensus {

ViewBook::ViewBook(Epoch epoch, const Digest& first_ancestor)
    : epoch_(epoch), final_{.view = View{}, .digest = first_ancestor} {}

const ViewState* ViewBook::find(View view) const {
  const auto found = views_.find(view);
  return found == views_.end() ? nullptr : &found->second;
}

void ViewBook::install(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  const View view = subject.view();
  SALUS_ASSERT(view > final_.view, "a certificate at or below v_f was about to be installed");
  ++version_;
  ViewState& state = views_[view];
  state.certificates.emplace(subject.kind, certificate);
  std::vector<ValidatorIndex>& signers = state.certified_by[subject.kind];
  signers.clear();
  for (const auto& [signer, signature] : certificate.signatures) signers.push_back(signer);
  if (subject.kind == VoteKind::Notarize && state.certify != CertifyState::Yes) {
    uncertified_.insert(view);
  }
  if (subject.kind != VoteKind::Finalize) return;

  final_ = {.view = view, .digest = subject.candidate.digest};
  finalization_ = certificate;
  forget_passed();
}

void ViewBook::forget_passed() {
  const View final_view = final_.view;
  uncertified_.erase(uncertified_.begin(), uncertified_.upper_bound(final_view));
  const std::uint64_t kept = std::min(kEvidenceViews, final_view.value());
  views_.erase(views_.begin(), views_.lower_bound(View{final_view.value() - kept}));
  for (auto at = views_.begin(); at != views_.upper_bound(final_view); ++at) {
    ViewState& state = at->second;
    state.certificates.clear();
    state.own_votes.clear();
  }
}

void ViewBook::set_certified(View view, CertifyState state) {
  ++version_;
  views_[view].certify = state;
  if (state == CertifyState::Yes || state == CertifyState::No) uncertified_.erase(view);
}

bool ViewBook::usable(View view) const {
  if (view <= final_.view) return view == final_.view;
  const ViewState* const state = find(view);
  return state != nullptr && state->notarized() && state->certify == CertifyState::Yes;
}

bool ViewBook::nullified(View view) const {
  const ViewState* const state = find(view);
  return state != nullptr && state->nullified();
}

bool ViewBook::notarized(View view) const {
  const ViewState* const state = find(view);
  return state != nullptr && state->notarized();
}

Ancestor ViewBook::ancestor(View view) const {
  if (view == final_.view) return final_;
  const ViewState* const state = find(view);
  SALUS_ASSERT(state != nullptr && state->notarized(), "the ancestor asked for is not usable");
  return {.view = view,
          .digest = state->find_certificate(VoteKind::Notarize)->subject.candidate.digest};
}

View ViewBook::lowest_known_ancestor(const Candidate& candidate) const {
  View below = candidate.parent;
  while (below > final_.view && notarized(below)) {
    const View next = find(below)->find_certificate(VoteKind::Notarize)->subject.candidate.parent;
    if (next >= below) break;
    below = next;
  }
  return below;
}

std::optional<Ancestor> ViewBook::find_parent(View view) const {
  for (View below = view.previous(); below > final_.view; below = below.previous()) {
    if (usable(below)) return ancestor(below);
    if (!nullified(below)) return std::nullopt;
  }
  return final_;
}

bool ViewBook::ancestry_complete(const Candidate& candidate) const {
  if (!usable(candidate.parent)) return false;
  for (View between = candidate.parent.next(); between < candidate.view; between = between.next()) {
    // A gap is met after as many steps as there are nullifications held, not as it is wide.
    if (!nullified(between)) return false;
  }
  return true;
}

std::vector<MissingCertificate> ViewBook::missing_ancestry(const Candidate& candidate,
                                                           std::size_t max) const {
  std::vector<MissingCertificate> missing;
  if (candidate.parent > final_.view && !notarized(candidate.parent)) {
    missing.push_back({.view = candidate.parent, .kind = FetchKind::Notarization});
  }
  View between = std::max(candidate.parent, final_.view).next();
  for (; between < candidate.view && missing.size() < max; between = between.next()) {
    if (!nullified(between)) {
      missing.push_back({.view = between, .kind = FetchKind::Nullification});
    }
  }
  return missing;
}

std::vector<MissingCertificate> ViewBook::missing_below(View view, std::size_t max) const {
  std::vector<MissingCertificate> missing;
  for (View below = view.previous(); below > final_.view; below = below.previous()) {
    if (usable(below) || missing.size() >= max) break;
    if (!nullified(below) && !notarized(below)) {
      missing.push_back({.view = below, .kind = FetchKind::Any});
    }
  }
  return missing;
}

std::size_t ViewBook::unfinalized_blocks(View ancestor, std::size_t max) const {
  std::size_t blocks = 0;
  while (ancestor > final_.view && blocks < max) {
    const ViewState* const state = find(ancestor);
    if (state == nullptr || !state->candidate || state->candidate->parent >= ancestor) break;
    ++blocks;
    ancestor = state->candidate->parent;
  }
  return blocks;
}

}  // namespace salus::consensus
