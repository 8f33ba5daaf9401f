// Owns: the validator set of each epoch, as the genesis document and the recorded ends of the
// epochs prove it. Finalizations of blocks that cannot be executed any more are judged by it.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "sync/finality.h"

namespace salus::upkeep {

class EpochSets {
 public:
  // Follows the records in `store` as far as they lead, and no further than `last`. Refused: why
  // the document is none, or which record proves nothing.
  static Result<EpochSets, std::string> follow(const Store& store, const std::string& genesis_bytes,
                                               Epoch last);

  // nullptr for an epoch that the records do not lead to.
  const sync::TrustedSet* find(Epoch epoch) const;
  std::size_t size() const { return sets_.size(); }

 private:
  // By epoch.
  std::vector<sync::TrustedSet> sets_;
};

}  // namespace salus::upkeep
