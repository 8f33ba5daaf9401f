// Owns: percentiles and the Ed25519 yardstick.
#include "measures.h"

#include <algorithm>
#include <chrono>

#include "crypto/ed25519.h"

namespace salus::bench {

Latencies summarize(std::vector<double> samples_ms) {
  if (samples_ms.empty()) return {};
  std::ranges::sort(samples_ms);
  const auto at = [&](double share) {
    const auto last = static_cast<double>(samples_ms.size() - 1);
    return samples_ms[static_cast<std::size_t>(share * last)];
  };
  return {.p50_ms = at(0.5), .p99_ms = at(0.99), .max_ms = samples_ms.back()};
}

double ed25519_verifications_per_second() {
  const crypto::KeyPair key = crypto::KeyPair::from_seed(crypto::Seed{7});
  const Bytes message(200, 1);
  const Signature signature = key.sign(message);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  std::uint64_t count = 0;
  while (Clock::now() - begin < std::chrono::milliseconds{500}) {
    for (int i = 0; i < 50; ++i) count += crypto::verify(key.public_key(), message, signature);
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  return static_cast<double>(count) / took.count();
}

}  // namespace salus::bench
