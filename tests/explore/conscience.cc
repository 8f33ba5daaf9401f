// Owns: both columns of C9, the durable facts that they rest on, and nothing else.
#include "explore/conscience.h"

#include <algorithm>
#include <bit>

namespace salus::consensus::explore {

namespace {

constexpr std::size_t kPeersHeardMin = 2;

}  // namespace

void Conscience::told_candidate(const World& world, std::size_t block) {
  const View view = world.block_at(block).candidate.view;
  if (view == view_ || view == view_.next()) offers_ |= bit(block);
}

void Conscience::checked_valid(const World& world, std::size_t block) {
  valid_ |= bit(block);
  conclude(world);
}

void Conscience::durable(World& world, const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (const auto* held = std::get_if<CertificateRecord>(&record)) {
      const Subject& subject = held->certificate.subject;
      const std::size_t number = world.subject(subject);
      certificates_ |= bit(number);
      if (subject.kind != VoteKind::Finalize) continue;
      finalized_ = std::max(finalized_, subject.view());
      ended_ = ended_ || world.block_at(world.block_of(number)).is_last;
    } else if (const auto* kept = std::get_if<CandidateRecord>(&record)) {
      bytes_ |= bit(world.find_candidate(kept->candidate));
    }
  }
  conclude(world);
}

bool Conscience::holds(const World& world, VoteKind kind, View view) const {
  for (std::size_t one = 0; one < world.subjects(); ++one) {
    const Subject& subject = world.subject_at(one);
    if (has(certificates_, one) && subject.kind == kind && subject.view() == view) return true;
  }
  return false;
}

bool Conscience::usable(const World& world, View view) const {
  if (view <= finalized_) return view == finalized_;
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    if (has(certified_, block) && world.block_at(block).candidate.view == view) return true;
  }
  return false;
}

// C30 and C2, until nothing new follows.
void Conscience::conclude(const World& world) {
  for (bool more = true; more;) {
    more = false;
    for (std::size_t one = 0; one < world.subjects(); ++one) {
      if (!has(certificates_, one)) continue;
      const Subject& subject = world.subject_at(one);
      if (subject.kind != VoteKind::Notarize) {
        view_ = std::max(view_, subject.view().next());
        continue;
      }
      const std::size_t block = world.block_of(one);
      const bool ready = has(bytes_, block) && has(valid_, block) && !has(certified_, block);
      if (!ready || !usable(world, subject.candidate.parent)) continue;
      certified_ |= bit(block);
      view_ = std::max(view_, subject.view().next());
      more = true;
    }
  }
}

// Recovery step 4 (section 9).
void Conscience::restarted(const World& world, const Registers& registers) {
  offers_ = valid_ = certified_ = leader_nullified_ = heard_ = staged_ = 0;
  timed_out_ = declined_in_ = View{};
  stopped_ = false;
  view_ = View{1};
  last_notarize_ = registers.notarize ? registers.notarize->view : View{};
  last_nullify_ = registers.nullify.value_or(View{});
  last_finalize_ = registers.finalize ? registers.finalize->view : View{};
  conclude(world);
  view_ = std::max({view_, last_notarize_, last_nullify_});
  if (last_finalize_ > View{}) view_ = std::max(view_, last_finalize_.next());
  restarted_into_ = view_;
  kept_ = 0;
  for (const Subject& subject : registers.votes(Epoch{})) {
    if (const auto known = world.find_subject(subject)) kept_ |= bit(*known);
  }
  cast_ = kept_;
  // What it promised before is its candidate still.
  if (registers.notarize) offers_ |= bit(world.find_candidate(*registers.notarize));
}

std::size_t Conscience::offers_in(const World& world, View view) const {
  std::size_t count = 0;
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    if (has(offers_, block) && world.block_at(block).candidate.view == view) ++count;
  }
  return count;
}

bool Conscience::ancestry_complete(const World& world, const Candidate& candidate) const {
  if (!usable(world, candidate.parent)) return false;
  for (View between = candidate.parent.next(); between < candidate.view; between = between.next()) {
    if (!holds(world, VoteKind::Nullify, between)) return false;
  }
  return true;
}

std::string Conscience::judge_cast(const World& world, std::size_t number) {
  if (has(cast_, number)) return {};
  cast_ |= bit(number);
  if (static_cast<std::size_t>(std::popcount(heard_)) < kPeersHeardMin) {
    return "S13: voted before q-1 others were heard";
  }
  if (stopped_) return "C9: voted while observing";
  if (ended_) return "C43: voted in an epoch that has ended";
  const Subject& subject = world.subject_at(number);
  switch (subject.kind) {
    case VoteKind::Notarize:
      return judge_notarize(world, world.block_of(number));
    case VoteKind::Nullify:
      return judge_nullify(world, subject.view());
    case VoteKind::Finalize:
      return judge_finalize(world, number);
  }
  return {};
}

void Conscience::allow_finalizes_below(const World& world, View view) {
  const View from = std::max({finalized_, last_nullify_, last_finalize_});
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    const Candidate& candidate = world.block_at(block).candidate;
    if (!has(certified_, block) || candidate.view <= from || candidate.view >= view) continue;
    const auto number = world.find_subject(finalize(candidate));
    if (number && judge_finalize(world, *number).empty()) cast_ |= bit(*number);
  }
}

std::string Conscience::judge_order(const World& world, std::size_t number) {
  if (has(kept_, number)) return {};
  const Subject& subject = world.subject_at(number);
  const View view = subject.view();
  if (subject.kind == VoteKind::Notarize) {
    if (view <= last_notarize_) return "C9: notarize at or below the last notarize";
    last_notarize_ = view;
    return {};
  }
  const bool nullifies = subject.kind == VoteKind::Nullify;
  if (view <= last_nullify_) {
    return nullifies ? "C9: nullify at or below the last nullify"
                     : "C9: finalize at or below the last nullify";
  }
  if (view <= last_finalize_) {
    return nullifies ? "C9: nullify at or below the last finalize"
                     : "C9: finalize at or below the last finalize";
  }
  (nullifies ? last_nullify_ : last_finalize_) = view;
  return {};
}

std::string Conscience::judge_notarize(const World& world, std::size_t block) const {
  const Candidate& candidate = world.block_at(block).candidate;
  if (candidate.view != view_) return "C9: notarize outside the current view";
  const std::optional<std::size_t> notarization = world.find_subject(notarize(candidate));
  const bool notarized = notarization && has(certificates_, *notarization);
  if (!notarized && holds(world, VoteKind::Notarize, view_)) {
    return "C9: notarize of what is not the candidate";
  }
  const bool own = world.leader(candidate.view) == own_;
  if (!notarized && !own && !has(offers_, block)) return "C9: notarize of what nobody offered";
  if (!notarized && offers_in(world, view_) > 1) return "C9: notarize of an equivocated view";
  if (candidate.parent < finalized_) return "C8: notarize below the final view";
  if (!ancestry_complete(world, candidate)) return "C26: notarize without complete ancestry";
  if (!has(valid_, block)) return "C9: notarize without a valid check";
  return {};
}

std::string Conscience::judge_nullify(const World& world, View view) const {
  if (view != view_) return "C9: nullify outside the current view";
  const bool declined =
      world.leader(view) == own_ && (restarted_into_ == view || declined_in_ == view);
  bool invalid = false;
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    const Candidate& candidate = world.block_at(block).candidate;
    if (!has(offers_, block) || candidate.view != view) continue;
    invalid = invalid || !world.well_formed(block) || candidate.parent < finalized_;
  }
  const bool triggered = timed_out_ == view || has(leader_nullified_, view.value()) || declined ||
                         invalid || offers_in(world, view) > 1;
  return triggered ? "" : "C9: nullify without a trigger";
}

std::string Conscience::judge_finalize(const World& world, std::size_t subject) const {
  const std::size_t block = world.block_of(subject);
  const Candidate& candidate = world.block_at(block).candidate;
  const auto notarization = world.find_subject(notarize(candidate));
  if (!notarization || !has(certificates_, *notarization)) {
    return "C15: finalize before its notarization is durable";
  }
  if (!has(bytes_, block)) return "C9: finalize before the bytes are durable";
  if (!has(certified_, block)) return "C9: finalize without certify";
  if (candidate.view <= finalized_) return "C9: finalize at or below the final view";
  if (holds(world, VoteKind::Nullify, candidate.view)) return "C9: finalize of a nullified view";
  return {};
}

std::string Conscience::judge_stage(const World& world, Mask votes,
                                    const std::vector<Record>& records) {
  if ((votes & staged_) != 0) return "C9: the same vote staged twice";
  staged_ |= votes;
  Mask bytes = bytes_;
  Mask in_journal = 0;
  for (const Record& record : records) {
    if (const auto* kept = std::get_if<CandidateRecord>(&record)) {
      bytes |= bit(world.find_candidate(kept->candidate));
    } else if (const auto* vote = std::get_if<OwnVoteRecord>(&record)) {
      in_journal |= bit(*world.find_subject(vote->subject));
    }
  }
  if (in_journal != votes) return "S1: the guard and the journal get different votes";
  for (std::size_t one = 0; one < world.subjects(); ++one) {
    if (!has(votes, one) || world.subject_at(one).kind != VoteKind::Notarize) continue;
    if (!has(bytes, world.block_of(one))) return "S3: notarize staged without its bytes";
  }
  return {};
}

void Conscience::write(ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>((stopped_ ? 1 : 0) | (ended_ ? 2 : 0)));
  for (const Mask mask : {certificates_, bytes_, offers_, valid_, certified_, leader_nullified_,
                          heard_, cast_, kept_, staged_}) {
    out.u64(mask);
  }
  for (const View view : {view_, finalized_, timed_out_, declined_in_, restarted_into_,
                          last_notarize_, last_nullify_, last_finalize_}) {
    out.u64(view.value());
  }
}

}  // namespace salus::consensus::explore
