// Owns: a validator that says whatever its key can sign: votes for everything, two candidates to
// two halves, nullify beside finalize, to whom it likes. Its bytes are well formed, for others are
// refused at the door. One seed decides what it does.
#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "consensus/harness.h"

namespace salus::consensus::testing {

class Traitor {
 public:
  // `index` is never started as a node; the traitor must outlive the run of the cluster.
  Traitor(Cluster& cluster, std::uint16_t index, std::uint64_t seed);
  // From now on it acts again and again, at most every `pause_ms_max`.
  void begin(std::uint64_t pause_ms_max);

 private:
  void act();
  void offer_two(std::uint64_t view);
  void vote_at_random(std::uint64_t view);
  std::pair<std::uint64_t, Digest> some_parent(std::uint64_t view);
  std::uint64_t draw(std::uint64_t low, std::uint64_t high);

  Cluster& cluster_;
  std::uint16_t index_;
  std::mt19937_64 random_;
  std::uint64_t pause_ms_max_ = 0;
  std::uint64_t offered_ = 0;
};

}  // namespace salus::consensus::testing
