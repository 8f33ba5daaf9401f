// Owns: figures that mean something on a noisy machine: percentiles, and the machine's own speed of
// Ed25519 in the same run, so that rates can be read as shares of what is possible.
#pragma once

#include <cstdint>
#include <vector>

namespace salus::bench {

struct Latencies {
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
};
Latencies summarize(std::vector<double> samples_ms);

// Verifications a second of one thread, over about half a second.
double ed25519_verifications_per_second();

}  // namespace salus::bench
