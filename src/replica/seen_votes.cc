// Owns: the window of votes, and what it forgets.
#include "replica/seen_votes.h"

#include <algorithm>

namespace salus::replica {

namespace {

// Two different subjects of one signer, view and kind are evidence; a third adds nothing.
constexpr std::size_t kSubjectsMax = 2;

bool is_open(View view, const SeenVotes::Window& window) {
  if (view.value() > window.current.value() + 1) return false;
  if (view.value() + kViewsBelowFinal < window.finalized.value()) return false;
  // However old, a vote for what is final tells that its signer lacks it (C18).
  return view <= window.finalized || view.value() + kOpenViews - 2 >= window.current.value();
}

}  // namespace

bool SeenVotes::is_new(const consensus::Vote& vote, const Window& window) const {
  const consensus::Subject& subject = vote.subject;
  if (!is_open(subject.view(), window)) return false;
  const auto known = seen_.find({subject.view(), vote.signer, subject.kind});
  if (known == seen_.end()) return true;
  if (std::ranges::find(known->second, subject) != known->second.end()) {
    return subject.view() <= window.finalized;
  }
  return known->second.size() < kSubjectsMax;
}

void SeenVotes::note(const consensus::Vote& vote, const Window& window) {
  const consensus::Subject& subject = vote.subject;
  forget_outside(window);
  if (!is_open(subject.view(), window)) return;
  auto& subjects = seen_[{subject.view(), vote.signer, subject.kind}];
  const bool is_known = std::ranges::find(subjects, subject) != subjects.end();
  if (!is_known && subjects.size() < kSubjectsMax) subjects.push_back(subject);
}

// What is open are two spans: around v_f, and below v_cur. The rest lies before each of them.
void SeenVotes::forget_outside(const Window& window) {
  const auto drop_before_open = [&](auto at) {
    while (at != seen_.end() && !is_open(std::get<View>(at->first), window)) at = seen_.erase(at);
  };
  drop_before_open(seen_.begin());
  drop_before_open(seen_.lower_bound(
      {window.finalized.next(), ValidatorIndex{}, consensus::VoteKind::Notarize}));
}

}  // namespace salus::replica
