// Owns: the tallies and certificates of one view (C14): signers are distinct, one certificate a
// kind.
#include "consensus/view_state.h"

#include <cstddef>
#include <vector>

namespace salus::consensus {

namespace {

constexpr std::size_t kSubjectsPerSignerAndKindMax = 2;

bool contradict(VoteKind a, VoteKind b) {
  if (a == b) return a != VoteKind::Nullify;
  return a != VoteKind::Notarize && b != VoteKind::Notarize;
}

}  // namespace

Tally::Added Tally::add(const Vote& vote) {
  Added added;
  std::size_t of_kind = 0;
  // A view has few subjects: two a signer at the very most, one in all when nobody is faulty.
  for (const auto& [subject, signatures] : by_subject_) {
    const auto found = signatures.find(vote.signer);
    if (found == signatures.end()) continue;
    if (subject == vote.subject) return {};
    if (subject.kind == vote.subject.kind) ++of_kind;
    if (contradict(subject.kind, vote.subject.kind) && !added.contradicted) {
      added.contradicted =
          Vote{.subject = subject, .signer = vote.signer, .signature = found->second};
    }
  }
  if (of_kind >= kSubjectsPerSignerAndKindMax) return added;

  by_subject_[vote.subject].emplace(vote.signer, vote.signature);
  signers_.insert(vote.signer);
  added.counted = true;
  return added;
}

const std::map<ValidatorIndex, Signature>& Tally::signatures(const Subject& subject) const {
  static const std::map<ValidatorIndex, Signature> kNone;
  const auto found = by_subject_.find(subject);
  return found == by_subject_.end() ? kNone : found->second;
}

bool Tally::has(VoteKind kind, ValidatorIndex signer) const {
  for (const auto& [subject, signatures] : by_subject_) {
    if (subject.kind == kind && signatures.contains(signer)) return true;
  }
  return false;
}

const Certificate* ViewState::find_certificate(VoteKind kind) const {
  const auto found = certificates.find(kind);
  return found == certificates.end() ? nullptr : &found->second;
}

void ViewState::take_candidate(const Candidate& taken, MonoMs now, bool bytes_are_here) {
  equivocated = false;
  if (candidate == taken) return;
  candidate = taken;
  if (!first_seen) first_seen = now;
  check = CheckState::None;
  check_reason = 0;
  bytes_here = bytes_are_here;
  bytes_staged = false;
  bytes_durable = false;
}

}  // namespace salus::consensus
