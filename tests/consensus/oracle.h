// Owns: what must hold in every run whatever the faults (consensus.md, section 16): O1-O7, O10. It
// sees each signed vote of every life of every validator and each ledger, counts by itself, and
// shares no arithmetic with the core.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "consensus/types.h"

namespace salus::consensus::testing {

struct Block {
  Digest digest;
  Digest parent;
  std::uint64_t height = 0;
  std::uint64_t view = 0;
  std::uint16_t proposer = 0;
  // Of its epoch (C40).
  bool is_last = false;
  // Transactions of this block, and of the whole chain up to it.
  std::set<int> transactions;
  std::set<int> chain_transactions;
};

class Oracle {
 public:
  explicit Oracle(std::size_t validators) : n_(validators), f_((validators - 1) / 3) {}

  // This validator may sign anything; the others are still held to O7, and all runs to the rest.
  void allow_anything_of(std::uint16_t traitor) { traitors_.insert(traitor); }
  void signed_vote(std::uint16_t signer, const Subject& subject);
  void finalized(std::uint16_t node, const Block& block);
  // O6: a quorum of distinct validators signed just this, by the oracle's own books.
  void certificate(const Certificate& certificate);
  // Judges what needs the whole run: O1-O3, O5.
  void judge(const std::map<Digest, Block>& blocks);

  // Whatever was signed as a candidate of this view: parent view and digest.
  std::vector<std::pair<std::uint64_t, Digest>> candidates(std::uint64_t view) const;
  const std::vector<std::string>& violations() const { return violations_; }
  std::uint64_t height() const { return chain_.empty() ? 0 : chain_.rbegin()->first; }

 private:
  using Content = std::pair<std::uint64_t, Digest>;  // parent view and digest
  struct OfView {
    std::map<Content, std::set<std::uint16_t>> notarize;
    std::set<std::uint16_t> nullify;
    std::map<Content, std::set<std::uint16_t>> finalize;
  };
  std::optional<Content> notarized(std::uint64_t view) const;
  bool nullified(std::uint64_t view) const;

  std::size_t n_;
  std::size_t f_;
  std::map<std::uint64_t, OfView> views_;
  std::set<std::uint16_t> traitors_;
  // The one final chain, and how far each node has written it.
  std::map<std::uint64_t, Digest> chain_;
  std::map<std::uint16_t, std::uint64_t> heights_;
  std::vector<std::string> violations_;
};

}  // namespace salus::consensus::testing
