// Owns: which votes were passed on for verification, so that each is verified once. Only verified
// votes are remembered, and only of views in the window: however long finality stands still, memory
// is bounded by views x validators x kinds (consensus.md, section 10).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "consensus/types.h"

namespace salus::replica {

// Views around the current one whose votes are looked at, as the core admits them.
inline constexpr std::uint64_t kOpenViews = 64;
// Views below v_f in which votes are still looked at, for evidence only.
inline constexpr std::uint64_t kViewsBelowFinal = 10;

class SeenVotes {
 public:
  struct Window {
    View finalized;
    View current;
  };

  // Worth a verification: not seen, or said again by one who may have missed the finalization and
  // is worth an answer (C18).
  bool is_new(const consensus::Vote& vote, const Window& window) const;
  // Its signature is right.
  void note(const consensus::Vote& vote, const Window& window);
  void clear() { seen_.clear(); }
  std::size_t size() const { return seen_.size(); }

 private:
  void forget_outside(const Window& window);

  std::map<std::tuple<View, ValidatorIndex, consensus::VoteKind>, std::vector<consensus::Subject>>
      seen_;
};

}  // namespace salus::replica
