// Owns: the one place where the compiler's 128-bit integers are spelled, and checked arithmetic on
// amounts. A decision never divides (G-1.3); overflow is a typed failure, never a wrap.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace salus {

__extension__ using U128 = unsigned __int128;

constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
  return a + b;
}

constexpr std::optional<std::uint64_t> checked_sub(std::uint64_t a, std::uint64_t b) {
  if (b > a) return std::nullopt;
  return a - b;
}

constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) {
  const U128 product = U128{a} * b;
  if (product > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(product);
}

// floor(a * b / c). Rounds down: the caller names who keeps the remainder (G-1.4). `c` is not 0;
// nullopt when the result does not fit.
constexpr std::optional<std::uint64_t> mul_div_floor(std::uint64_t a, std::uint64_t b,
                                                     std::uint64_t c) {
  const U128 quotient = U128{a} * b / c;
  if (quotient > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(quotient);
}

// ceil(a * b / c), where *ceil* is written and meant (G-1.4).
constexpr std::optional<std::uint64_t> mul_div_ceil(std::uint64_t a, std::uint64_t b,
                                                    std::uint64_t c) {
  const U128 quotient = (U128{a} * b + (c - 1)) / c;
  if (quotient > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(quotient);
}

}  // namespace salus
