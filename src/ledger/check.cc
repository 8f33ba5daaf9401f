// Owns: the sentences of check results.
#include "ledger/check.h"

namespace salus::ledger {

std::string_view sentence(CheckReason reason) {
  switch (reason) {
    case CheckReason::BlockMissing:
      return "The block's bytes are not here yet.";
    case CheckReason::ParentMissing:
      return "The parent's bytes are not here yet.";
    case CheckReason::ParentNotExecuted:
      return "The parent is not executed yet.";
    case CheckReason::VersionUnknown:
      return "The block is of a protocol version that this build does not know: update the node.";
    case CheckReason::TimeAhead:
      return "The block's time is ahead of this machine's clock: check the clocks.";
    case CheckReason::WrongChain:
      return "The block is for another chain.";
    case CheckReason::WrongEpoch:
      return "The block is for another epoch.";
    case CheckReason::WrongView:
      return "The header names another view.";
    case CheckReason::WrongProposer:
      return "The header names another proposer than the view's leader.";
    case CheckReason::WrongHeight:
      return "The height does not follow the parent's.";
    case CheckReason::WrongParent:
      return "The header names another parent than the candidate.";
    case CheckReason::BoundaryFollowed:
      return "The parent ends its epoch: in that epoch only the same block may be offered again.";
    case CheckReason::RepeatOfNoBoundary:
      return "A block is offered again that does not end its epoch.";
    case CheckReason::WrongVersion:
      return "The block is not of the protocol version that is active after its parent.";
    case CheckReason::WrongValidatorSet:
      return "The validator set hash is not that of the set after the parent.";
    case CheckReason::TimeNotAfterParent:
      return "The block's time is not after its parent's.";
    case CheckReason::TooLarge:
      return "The block is over consensus.block_bytes_max or ledger.block_txs_max.";
    case CheckReason::TransactionForm:
      return "A transaction is malformed or bears a wrong signature.";
    case CheckReason::TransactionInvalid:
      return "A transaction is for another chain, expired, out of sequence, over a limit, or "
             "signed "
             "by a key that its account does not hold.";
    case CheckReason::WrongStateRoot:
      return "The state root is not that of our own execution of the parent.";
    case CheckReason::WrongResultsRoot:
      return "The results root is not that of our own execution of the parent.";
  }
  return "Unknown.";
}

}  // namespace salus::ledger
