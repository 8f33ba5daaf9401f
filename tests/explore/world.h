// Owns: the names of a small world of four validators: its blocks, and everything that can be voted
// on, by number. A set of votes is one word, so that a quorum is a few bit operations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "consensus/types.h"

namespace salus::consensus::explore {

inline constexpr std::size_t kValidators = 4;
// One bit a subject (or block), by number.
using Mask = std::uint64_t;
inline constexpr std::size_t kSubjectsMax = 64;

constexpr Mask bit(std::size_t number) { return Mask{1} << number; }
constexpr bool has(Mask mask, std::size_t number) { return (mask & bit(number)) != 0; }

struct WorldBlock {
  Candidate candidate;
  // The block that its header names. A candidate is valid only if its parent view holds this one.
  std::size_t parent = 0;
  // The block whose bytes these are: itself, unless it is a repeat (C42).
  std::size_t source = 0;
  // The last of its epoch (C40).
  bool is_last = false;
};

class World {
 public:
  // `ends`: the state of the first ancestor has a pending set change, so that each child of it is a
  // boundary block (C40), on which only its repeat may follow (C42).
  explicit World(bool ends = false);

  static ChainId chain_id();
  static NodeId node_id(std::size_t validator);
  const ValidatorSet& set() const { return set_; }
  std::size_t leader(View view) const { return set_.leader_of(Epoch{}, view).value(); }

  // Block 0 is the first ancestor. Equal questions get equal blocks; a leader that makes a second
  // block in a view gives it another `variant`. On a boundary block it is the repeat.
  std::size_t block(View view, View parent_view, std::size_t parent, std::uint8_t variant);
  bool knows(const Digest& digest) const { return by_digest_.contains(digest); }
  // The one whose bytes they are.
  std::size_t find_block(const Digest& digest) const;
  std::size_t find_candidate(const Candidate& candidate) const;
  const WorldBlock& block_at(std::size_t number) const { return blocks_[number]; }
  std::size_t blocks() const { return blocks_.size(); }
  // The header's parent is the block that the chain has at the parent view.
  bool extends(std::size_t block, const Digest& parent_digest) const;
  bool is_ancestor(std::size_t ancestor, std::size_t of) const;
  // Its parent view is the view of its header's parent.
  bool well_formed(std::size_t block) const;

  std::size_t subject(const Subject& subject);
  const Subject& subject_at(std::size_t number) const { return subjects_[number]; }
  std::size_t subjects() const { return subjects_.size(); }
  // For notarize and finalize.
  std::size_t block_of(std::size_t subject) const { return block_of_[subject]; }
  std::optional<std::size_t> find_subject(const Subject& subject) const;

  // What must be agreed on if `subject` is: the ancestry of its block (O2, O5).
  Mask implied(std::size_t subject) const;
  // No two of these exclude each other (O1, O3).
  bool consistent(Mask agreed) const;

  std::string describe(std::size_t subject) const;

 private:
  ValidatorSet set_;
  std::vector<WorldBlock> blocks_;
  bool ends_;
  std::map<Digest, std::size_t> by_digest_;
  std::map<Candidate, std::size_t> by_candidate_;
  std::vector<Subject> subjects_;
  std::vector<std::size_t> block_of_;
  std::map<Subject, std::size_t> numbers_;
};

}  // namespace salus::consensus::explore
