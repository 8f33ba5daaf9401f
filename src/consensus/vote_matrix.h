// Owns: the votes of the last views as an operator reads them: one cell a validator and view, and
// under each view the certificates held (consensus.md, section 12).
#pragma once

#include <string>
#include <vector>

#include "consensus/core.h"

namespace salus::consensus {

struct VoteMatrix {
  // Oldest first, at most 16.
  std::vector<View> views;
  std::vector<ValidatorIndex> leaders;
  // By validator, then by view. P: leader, with its candidate; N: notarize; X: nullify; F:
  // finalize; !: votes that exclude each other. Lower case: known only from a certificate. Empty:
  // nothing.
  std::vector<std::vector<std::string>> cells;
  // By view: N, X, F for each certificate held.
  std::vector<std::string> certificates;
};

VoteMatrix vote_matrix(const CoreStatus& status);

}  // namespace salus::consensus
