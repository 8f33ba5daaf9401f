// Owns: which held candidates nobody builds on. Only those may be dropped to make room, the
// farthest from the finalized chain first, and finding it costs no walk over the others: a peer
// pays with bytes for each block that it makes us look at, and with nothing else of ours.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ids.h"

namespace salus::ledger {

class Leaves {
 public:
  // The block is not held yet.
  void add(const Digest& digest, Height height, const Digest& parent);
  // The block is held.
  void drop(const Digest& digest);
  // The highest leaf above `height` that is none of `kept`, which costs a look at those above it.
  std::optional<Digest> farthest_above(Height height, const std::set<Digest>& kept = {}) const;

 private:
  struct Held {
    Height height;
    Digest parent;
  };

  std::map<Digest, Held> held_;
  // How many held blocks name it as their parent, whether it is held itself or not; never 0.
  std::map<Digest, std::size_t> children_;
  std::set<std::pair<Height, Digest>> leaves_;
};

}  // namespace salus::ledger
