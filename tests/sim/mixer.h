// Owns: a fast 64-bit hash of bytes, for traces and ideal signatures. Not for anything that leaves
// the simulator. Words are read little-endian wherever it runs.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace salus::sim {

static_assert(std::endian::native == std::endian::little, "words are read as they lie");

class Mixer {
 public:
  explicit Mixer(std::uint64_t seed) : state_(seed) {}

  void word(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9fb21c651e98df25U;
    state_ ^= std::rotl(state_, 25) ^ std::rotl(state_, 47);
    state_ *= 0xd6e8feb86659fd93U;
  }
  void bytes(ByteView in) {
    word(in.size());
    while (in.size() >= 8) {
      std::uint64_t value = 0;
      std::memcpy(&value, in.data(), 8);
      word(value);
      in = in.subspan(8);
    }
    if (in.empty()) return;
    std::uint64_t value = 0;
    std::memcpy(&value, in.data(), in.size());
    word(value);
  }
  // The hash so far; each call gives another one.
  std::uint64_t next() {
    word(0x9e3779b97f4a7c15U);
    return state_ ^ (state_ >> 29U);
  }
  std::uint64_t value() const { return state_ ^ (state_ >> 31U); }

 private:
  std::uint64_t state_;
};

}  // namespace salus::sim
