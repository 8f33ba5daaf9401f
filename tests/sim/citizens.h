// Owns: what people send in a simulated network besides payments: transactions of all modules, of
// citizens whom nobody else in a simulation needs, drawn from what every client may read, the state
// of the node that is furthest. Nothing that they do can hinder the nodes or what others decide on
// them.
#pragma once

#include <cstdint>

#include "sim/network.h"
#include "support/lives/drawer.h"

namespace salus::sim {

class Citizens {
 public:
  // `network` outlives it.
  Citizens(Network& network, std::uint64_t seed);

  // Somebody's next transaction, to `node`.
  void act(std::uint16_t node);

 private:
  Network& network_;
  dao::lives::Population people_;
  dao::lives::Drawer drawer_;
};

}  // namespace salus::sim
