// Owns: Twins (consensus.md, section 16): f validators run twice, each copy the
// unmodified code with a disk of its own, and in each view a mask says which copies each correct
// node hears. Then all hear all, and ten more blocks must come.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/trial.h"

namespace salus::sim {

// What a correct node hears of a twin in a view.
enum class Hears : std::uint8_t { Neither, First, Second, Both };

struct TwinsCase {
  std::uint64_t number = 0;
  std::size_t n = 4;
  // One-way delay of every link.
  std::uint64_t delay_ms = 5;
  // The validators that run twice; each leads one of the masked views.
  std::vector<std::uint16_t> doubled;
  // By view from 1, then by correct validator (the how manieth) and twin.
  std::vector<std::vector<Hears>> masks;
};

// n = 4: 3 views, and `number` modulo 4^9 is the mask itself, two bits a place. Else 5 views,
// drawn; every fourth case has links of 500 ms.
TwinsCase twins_case(std::size_t n, std::uint64_t number);

Outcome play_twins(const TwinsCase& twins,
                   std::function<void(const std::string&)> listener = nullptr);

}  // namespace salus::sim
