// Owns: what a node can say of itself when a quorum finalized a block that it finds invalid (C31):
// which block, which roots were agreed on, and what its own execution did instead. Two operators
// compare what theirs say; nobody goes on by accepting it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/ids.h"

namespace salus::replica {

// A record of the state, whole; absent: it is not there.
struct RecordChange {
  std::optional<std::string> before;
  std::optional<std::string> after;
};
struct RecordDifference {
  std::string key;
  std::optional<std::string> own;
  std::optional<std::string> agreed;
};

struct Divergence {
  // The block that does not follow here, and why. Of one that is not held, as it is condemned, no
  // more is known, and `height` is the lowest that it can have.
  Height height;
  Digest digest;
  std::string reason;
  // Its bytes; empty if it is not held.
  std::string block;
  // The block before it, whose execution the roots in its header judge. Its roots are known unless
  // it does not execute here.
  Digest parent;
  // As its header says, so as a quorum agreed on.
  Root expected_state_root;
  Root expected_results_root;
  std::optional<Root> own_state_root;
  std::optional<Root> own_results_root;
  // The block before it, its v1::BlockResults here, and the records that it changed here; all empty
  // if it is in the ledger already.
  std::string parent_block;
  std::string parent_results;
  std::map<std::string, RecordChange> changes;
  // The first one, in the order of key hashes, that differs from the state of that root: known once
  // peers have sent the parts of it that lead there.
  std::optional<RecordDifference> difference;

  // The execution of the block before it is what differs.
  bool is_of_execution() const {
    return own_state_root &&
           (own_state_root != expected_state_root || own_results_root != expected_results_root);
  }
};

}  // namespace salus::replica
