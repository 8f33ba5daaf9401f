// Owns: what one view holds: its verified votes, its candidate, its durable certificates, its own
// durable votes. At most two subjects of a kind are kept for each signer, so that a flood of
// contradicting votes costs a bounded number of bytes (consensus.md, section 10).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "consensus/types.h"

namespace salus::consensus {

class Tally {
 public:
  struct Added {
    // False for a repeat, and for a third subject of the same kind and signer.
    bool counted = false;
    // A vote by the same signer which this one contradicts (E1, E2, E3).
    std::optional<Vote> contradicted;
  };
  Added add(const Vote& vote);

  // The signers of equal votes (C14).
  const std::map<ValidatorIndex, Signature>& signatures(const Subject& subject) const;
  bool has(VoteKind kind, ValidatorIndex signer) const;
  // Signers of any vote of the view.
  const std::set<ValidatorIndex>& signers() const { return signers_; }
  const std::map<Subject, std::map<ValidatorIndex, Signature>>& by_subject() const {
    return by_subject_;
  }
  bool empty() const { return by_subject_.empty(); }

 private:
  std::map<Subject, std::map<ValidatorIndex, Signature>> by_subject_;
  std::set<ValidatorIndex> signers_;
};

enum class CheckState : std::uint8_t { None, Asked, Valid, Invalid };
enum class CertifyState : std::uint8_t { None, Asked, Yes, No };

struct ViewState {
  Tally tally;

  std::optional<Candidate> candidate;
  // The leader offered two candidates and no certificate has decided between them (C6).
  bool equivocated = false;
  std::optional<MonoMs> first_seen;
  // About `candidate`, and reset when a certificate replaces it (C5).
  CheckState check = CheckState::None;
  std::uint32_t check_reason = 0;
  bool bytes_here = false;
  bool bytes_staged = false;
  bool bytes_durable = false;

  CertifyState certify = CertifyState::None;
  // Durable ones only (C15), by the kind of their votes.
  std::map<VoteKind, Certificate> certificates;
  // Who signed them; for the operator, and kept when a finalization passes the view.
  std::map<VoteKind, std::vector<ValidatorIndex>> certified_by;
  // Durable ones only (C13).
  std::map<VoteKind, Vote> own_votes;

  const Certificate* find_certificate(VoteKind kind) const;
  bool notarized() const { return find_certificate(VoteKind::Notarize) != nullptr; }
  bool nullified() const { return find_certificate(VoteKind::Nullify) != nullptr; }
  bool finalized() const { return find_certificate(VoteKind::Finalize) != nullptr; }

  // Sets the candidate and forgets what was known about another one.
  void take_candidate(const Candidate& taken, MonoMs now, bool bytes_are_here);
};

}  // namespace salus::consensus
