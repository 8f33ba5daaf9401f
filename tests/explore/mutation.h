// Owns: which rule is broken just now, in copies of the engine that mutate.py made for tests. The
// engine that runs anywhere else has never heard of this.
#pragma once

#include <cstdint>

namespace salus::consensus::mutation {

enum class Rule : std::uint8_t {
  None,
  NotarizeAboveLastNotarize,
  NullifyAboveLastNullify,
  NullifyAboveLastFinalize,
  FinalizeAboveLastFinalize,
  FinalizeAboveLastNullify,
  NotarizeInCurrentView,
  NotarizeOnlyTheLeadersCandidate,
  NotarizeNotEquivocated,
  NotarizeOnUsableParent,
  NotarizeOverNullifiedViews,
  NotarizeCheckedValid,
  NotarizeWithItsBytes,
  NullifyInCurrentView,
  NullifyTriggered,
  FinalizeNotarized,
  FinalizeBytesDurable,
  FinalizeCertified,
  FinalizeAboveFinal,
  FinalizeNotNullified,
  CertifyOnUsableParent,
  CertificateDurableBeforeEffect,
  OwnVoteDurableBeforeCount,
  VoteInJournal,
  QuorumSize,
  QuorumOfEqualVotes,
  ViewByCertificateOnly,
  VotingModeOnly,
  PeersHeardBeforeVote,
  RegistersSurviveRestart,
  RecoveredNotarizeNeedsBytes,
};

inline Rule broken_rule = Rule::None;
inline bool broken(Rule rule) { return rule == broken_rule; }

}  // namespace salus::consensus::mutation
