// Owns: the answers of the one validity function (C29): valid, invalid with the first failing rule,
// or no answer yet.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"

namespace salus::ledger {

enum class CheckReason {
  // No answer yet:
  BlockMissing,       // the bytes are not here
  ParentMissing,      // nor are the parent's
  ParentNotExecuted,  // execute() it first
  VersionUnknown,     // this build is too old: mode observing(version)
  TimeAhead,          // of our clock; for Purpose::Notarize only
  // Invalid, for ever and for everybody (C8), in the order of C29:
  WrongChain,
  WrongEpoch,
  WrongView,
  WrongProposer,
  WrongHeight,
  WrongParent,
  BoundaryFollowed,  // its parent ends the epoch: only the repeat may follow (C42)
  RepeatOfNoBoundary,
  WrongVersion,  // not the active one after the parent (G-10.7)
  WrongValidatorSet,
  TimeNotAfterParent,
  TooLarge,
  TransactionForm,     // malformed, or a wrong signature: condemned by the decoder
  TransactionInvalid,  // by the ledger's rules (decisions.md)
  WrongStateRoot,
  WrongResultsRoot,
};

// What is wrong, for the operator.
std::string_view sentence(CheckReason reason);

struct CheckOutcome {
  enum class Verdict { Valid, Invalid, Pending };
  Verdict verdict = Verdict::Valid;
  // Why not; absent when valid.
  std::optional<CheckReason> reason;

  bool is_valid() const { return verdict == Verdict::Valid; }
};

// Certify leaves out the clock line: it must not depend on a local clock (C30).
enum class Purpose { Notarize, Certify };

// What consensus knows of the candidate that is judged.
struct CheckInput {
  Epoch epoch;
  View view;
  // The digest at the parent view.
  Digest parent;
  // leader(epoch, view), C1.
  ValidatorIndex proposer;
  Purpose purpose = Purpose::Notarize;
  WallMs wall;
  std::uint64_t clock_ahead_ms = 0;
};

}  // namespace salus::ledger
