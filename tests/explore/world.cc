// Owns: blocks and subjects, numbered as they appear.
#include "explore/world.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace salus::consensus::explore {

namespace {

ValidatorSet make_set() {
  std::vector<Validator> members;
  for (std::size_t i = 0; i < kValidators; ++i) {
    PublicKey key;
    key.bytes[0] = static_cast<std::uint8_t>(i + 1);
    members.push_back({.validator_key = key, .node_key = World::node_id(i)});
  }
  return *ValidatorSet::make(std::move(members));
}

// Of what it says, so that equal blocks have equal digests.
Digest digest_of(View view, const Digest& parent, std::uint8_t variant) {
  Digest digest;
  digest.bytes[0] = static_cast<std::uint8_t>(view.value());
  digest.bytes[1] = static_cast<std::uint8_t>('a' + variant);
  for (std::size_t i = 2; i < Digest::kSize; ++i) digest.bytes[i] = parent.bytes[i - 2];
  return digest;
}

}  // namespace

World::World(bool ends) : set_(make_set()), ends_(ends) {
  const Digest genesis = *Digest::from(chain_id().view());
  blocks_.push_back({.candidate = {.epoch = {}, .view = {}, .parent = {}, .digest = genesis}});
  by_digest_.emplace(genesis, 0);
}

ChainId World::chain_id() {
  ChainId id;
  id.bytes.fill(0x5a);
  return id;
}

NodeId World::node_id(std::size_t validator) {
  NodeId id;
  id.bytes[0] = static_cast<std::uint8_t>(validator + 1);
  return id;
}

std::size_t World::block(View view, View parent_view, std::size_t parent, std::uint8_t variant) {
  const WorldBlock& below = blocks_[parent];
  const Digest& digest_below = below.candidate.digest;
  const Candidate candidate{
      .epoch = {},
      .view = view,
      .parent = parent_view,
      .digest = below.is_last ? digest_below : digest_of(view, digest_below, variant)};
  const bool is_last = below.is_last || (ends_ && parent == 0);
  const auto [at, fresh] = by_candidate_.emplace(candidate, blocks_.size());
  if (fresh) {
    const std::size_t source = by_digest_.emplace(candidate.digest, blocks_.size()).first->second;
    blocks_.push_back(
        {.candidate = candidate, .parent = parent, .source = source, .is_last = is_last});
  }
  return at->second;
}

std::size_t World::find_block(const Digest& digest) const { return by_digest_.at(digest); }

std::size_t World::find_candidate(const Candidate& candidate) const {
  return by_candidate_.at(candidate);
}

bool World::extends(std::size_t block, const Digest& parent_digest) const {
  return blocks_[blocks_[block].parent].candidate.digest == parent_digest;
}

bool World::is_ancestor(std::size_t ancestor, std::size_t of) const {
  while (of != ancestor && of != 0) of = blocks_[of].parent;
  return of == ancestor;
}

bool World::well_formed(std::size_t block) const {
  return blocks_[blocks_[block].parent].candidate.view == blocks_[block].candidate.parent;
}

std::size_t World::subject(const Subject& subject) {
  const auto [at, fresh] = numbers_.emplace(subject, subjects_.size());
  if (fresh) {
    SALUS_ASSERT(subjects_.size() < kSubjectsMax, "the small world has too many subjects");
    subjects_.push_back(subject);
    block_of_.push_back(subject.kind == VoteKind::Nullify ? 0 : find_candidate(subject.candidate));
  }
  return at->second;
}

std::optional<std::size_t> World::find_subject(const Subject& subject) const {
  const auto found = numbers_.find(subject);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

Mask World::implied(std::size_t number) const {
  Mask all = bit(number);
  const auto add = [&](const Subject& subject) {
    if (const auto known = find_subject(subject)) all |= bit(*known);
  };
  if (subjects_[number].kind == VoteKind::Nullify) return all;
  for (std::size_t block = block_of_[number]; block != 0; block = blocks_[block].parent) {
    const Candidate& candidate = blocks_[block].candidate;
    add(notarize(candidate));
    for (View between = candidate.parent.next(); between < candidate.view;
         between = between.next()) {
      add(nullify(Epoch{}, between));
    }
  }
  return all;
}

bool World::consistent(Mask agreed) const {
  for (std::size_t a = 0; a < subjects_.size(); ++a) {
    if (!has(agreed, a)) continue;
    for (std::size_t b = 0; b < a; ++b) {
      if (!has(agreed, b) || subjects_[a].view() != subjects_[b].view()) continue;
      const bool skips_a = subjects_[a].kind == VoteKind::Nullify;
      const bool skips_b = subjects_[b].kind == VoteKind::Nullify;
      if (!skips_a && !skips_b && block_of_[a] != block_of_[b]) return false;
      if (skips_a && subjects_[b].kind == VoteKind::Finalize) return false;
      if (skips_b && subjects_[a].kind == VoteKind::Finalize) return false;
    }
  }
  return true;
}

std::string World::describe(std::size_t number) const {
  const Subject& subject = subjects_[number];
  const std::uint64_t view = subject.view().value();
  if (subject.kind == VoteKind::Nullify) return fmt::format("nullify({})", view);
  const char* const kind = subject.kind == VoteKind::Notarize ? "notarize" : "finalize";
  return fmt::format("{}({}<-{}, {})", kind, subject.candidate.parent.value(), view,
                     static_cast<char>(subject.candidate.digest.bytes[1]));
}

}  // namespace salus::consensus::explore
