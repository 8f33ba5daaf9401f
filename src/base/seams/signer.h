// Owns: the validator key signs nothing that contradicts what it signed before. The signer keeps its
// own durable copy of the vote registers and asks may_vote again (consensus.md, C9, S8). Real:
// storage/sign_guard; in-memory and faulty: tests and the simulator.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/log.h"

namespace salus {

struct SignError {
  // Path, cause and remedy, for the operator.
  std::string reason;
};

class Signer {
 public:
  virtual ~Signer() = default;

  // Signs the votes of one stage, given as their signed bytes (consensus.md, section 2). The guard
  // page that covers them, with `journal` as the position that was durable before this stage, is on
  // the disk before the first signature exists. Votes that C9 refuses, a stage that does not
  // increase, or an older epoch abort the process: the core asked the same question first.
  [[nodiscard]] virtual Result<std::vector<Signature>, SignError> sign(
      Stage stage, LogPosition journal, const std::vector<Bytes>& votes) = 0;
};

}  // namespace salus
