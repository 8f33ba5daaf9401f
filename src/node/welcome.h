// Owns: whose links stay open while validator sets follow each other (consensus.md, C45): those of
// the present set, and for a while those that left it, who still serve and hear how their epoch
// ended. A restart remembers them, because the state does.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/ids.h"
#include "consensus/types.h"
#include "ledger/ledger.h"

namespace salus::node {

inline constexpr std::uint64_t kFormerMs = 600'000;

// Past members, and how long each is still welcome, ms: the rest of kFormerMs since the block that
// ended its last epoch. Those of the present set are not among them.
std::map<NodeId, std::uint64_t> former_members(const ledger::Ledger& ledger, const Store& store,
                                               WallMs now);

// On the driver's strand.
class Welcome {
 public:
  Welcome(const consensus::ValidatorSet& set, const std::map<NodeId, std::uint64_t>& former,
          MonoMs now);

  // The members before it are former ones from now on.
  void begin(const consensus::ValidatorSet& set, MonoMs now);
  // True if somebody's time was over.
  bool expire(MonoMs now);
  std::vector<NodeId> nodes() const;

 private:
  std::vector<NodeId> members_;
  std::map<NodeId, MonoMs> former_;
};

}  // namespace salus::node
