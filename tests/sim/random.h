// Owns: the only chance in a simulation: a small generator with named streams, so that leaving one
// fault out of a run does not change what the others draw. Integers only: equal on every compiler.
#pragma once

#include <bit>
#include <cstdint>

namespace salus::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // An independent stream of the same seed.
  Random(std::uint64_t seed, std::uint64_t stream) : state_(seed) {
    state_ = next() ^ (stream * 0x9e3779b97f4a7c15U);
    next();
  }

  // SplitMix64 (public domain, Steele, Lea, Flood).
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // In [low, high]; `low` if they are the wrong way round.
  std::uint64_t draw(std::uint64_t low, std::uint64_t high) {
    return low >= high ? low : low + next() % (high - low + 1);
  }
  bool one_in(std::uint64_t n) { return n > 0 && next() % n == 0; }
  bool percent(std::uint64_t chance) { return next() % 100 < chance; }
  bool permille(std::uint64_t chance) { return chance > 0 && next() % 1'000 < chance; }

  // Exponential with this mean, up to a straight line between the powers of two.
  std::uint64_t exponential(std::uint64_t mean) {
    if (mean == 0) return 0;
    const std::uint64_t r = next();
    const auto halvings =
        static_cast<std::uint64_t>(std::countr_zero(r | (std::uint64_t{1} << 40U)));
    const std::uint64_t fraction = r >> 54U;
    return mean * 693 / 1'000 * (halvings * 1'024 + fraction) / 1'024;
  }

 private:
  std::uint64_t state_;
};

}  // namespace salus::sim
