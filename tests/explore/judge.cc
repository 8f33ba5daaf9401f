// Owns: the invariants of section 16 over sets of votes.
#include "explore/judge.h"

#include <fmt/format.h>

#include <vector>

namespace salus::consensus::explore {

Mask agreed(const Votes& votes, std::size_t quorum) {
  // In binary, bit by bit: how many of the four voted.
  Mask ones = 0;
  Mask twos = 0;
  Mask fours = 0;
  for (const Mask one : votes) {
    const Mask carry = ones & one;
    ones ^= one;
    fours |= twos & carry;
    twos ^= carry;
  }
  switch (quorum) {
    case 1:
      return ones | twos | fours;
    case 2:
      return twos | fours;
    case 3:
      return (ones & twos) | fours;
    default:
      return fours;
  }
}

namespace {

struct Decided {
  std::vector<std::size_t> notarized;
  std::vector<std::size_t> final_ones;
  Mask nullified_views = 0;
};

Decided decided(const World& world, Mask quorums) {
  Decided all;
  for (std::size_t one = 0; one < world.subjects(); ++one) {
    if (!has(quorums, one)) continue;
    const Subject& subject = world.subject_at(one);
    if (subject.kind == VoteKind::Notarize) all.notarized.push_back(world.block_of(one));
    if (subject.kind == VoteKind::Finalize) all.final_ones.push_back(world.block_of(one));
    if (subject.kind == VoteKind::Nullify) all.nullified_views |= bit(subject.view().value());
  }
  return all;
}

}  // namespace

std::string judge_world(const World& world, Mask quorums) {
  const Decided all = decided(world, quorums);
  Mask notarized_views = 0;
  Mask notarized = bit(0);
  for (const std::size_t block : all.notarized) {
    const std::uint64_t view = world.block_at(block).candidate.view.value();
    if (has(notarized_views, view)) return fmt::format("O1: two notarizations in view {}", view);
    notarized_views |= bit(view);
    notarized |= bit(block);
  }
  for (const std::size_t block : all.final_ones) {
    const std::uint64_t view = world.block_at(block).candidate.view.value();
    if (!has(notarized, block)) return fmt::format("O2: view {} final, not notarized", view);
    if (has(all.nullified_views, view)) return fmt::format("O3: view {} final and nullified", view);
    for (const std::size_t other : all.final_ones) {
      if (!world.is_ancestor(block, other) && !world.is_ancestor(other, block)) {
        return fmt::format("O4: the final block of view {} is on another chain", view);
      }
    }
  }
  for (const std::size_t block : all.notarized) {
    const Candidate& candidate = world.block_at(block).candidate;
    const std::uint64_t view = candidate.view.value();
    if (!world.well_formed(block) || !has(notarized, world.block_at(block).parent)) {
      return fmt::format("O5: the parent of view {} is not notarized", view);
    }
    for (std::uint64_t between = candidate.parent.value() + 1; between < view; ++between) {
      if (!has(all.nullified_views, between)) {
        return fmt::format("O5: view {} jumps over view {}", view, between);
      }
    }
  }
  return {};
}

}  // namespace salus::consensus::explore
