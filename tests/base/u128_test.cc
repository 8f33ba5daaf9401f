// Owns: arithmetic on amounts is exact or says that it does not fit. The twin divides by counting
// bits, and shares nothing with what it checks.
#include "base/u128.h"

#include <gtest/gtest.h>

#include <random>

namespace salus {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Checked, adds_up_to_the_last_unit_and_no_further) {
  EXPECT_EQ(checked_add(kMax - 1, 1), kMax);
  EXPECT_EQ(checked_add(kMax, 1), std::nullopt);
  EXPECT_EQ(checked_add(kMax, kMax), std::nullopt);
}

TEST(Checked, subtracts_down_to_zero_and_no_further) {
  EXPECT_EQ(checked_sub(5, 5), 0U);
  EXPECT_EQ(checked_sub(5, 6), std::nullopt);
}

TEST(Checked, multiplies_what_fits) {
  EXPECT_EQ(checked_mul(1ULL << 32U, (1ULL << 32U) - 1), 0xffffffff00000000ULL);
  EXPECT_EQ(checked_mul(1ULL << 32U, 1ULL << 32U), std::nullopt);
  EXPECT_EQ(checked_mul(kMax, 0), 0U);
}

TEST(MulDiv, rounds_in_the_direction_of_its_name) {
  EXPECT_EQ(mul_div_floor(10, 1, 3), 3U);
  EXPECT_EQ(mul_div_ceil(10, 1, 3), 4U);
  EXPECT_EQ(mul_div_floor(9, 1, 3), 3U);
  EXPECT_EQ(mul_div_ceil(9, 1, 3), 3U);
  EXPECT_EQ(mul_div_floor(kMax, kMax, kMax), kMax);
  EXPECT_EQ(mul_div_ceil(kMax, kMax, kMax), kMax);
  EXPECT_EQ(mul_div_floor(kMax, 2, 1), std::nullopt);
  EXPECT_EQ(mul_div_ceil(kMax, kMax, kMax - 1), std::nullopt);
}

// Long division, one bit at a time.
U128 slow_quotient(U128 value, std::uint64_t divisor) {
  U128 quotient = 0;
  U128 rest = 0;
  for (int bit = 127; bit >= 0; --bit) {
    rest = (rest << 1U) | ((value >> static_cast<unsigned>(bit)) & 1U);
    quotient <<= 1U;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1U;
    }
  }
  return quotient;
}

TEST(MulDiv, agrees_with_long_division) {
  constexpr std::uint64_t kSeed = 7;
  std::mt19937_64 random{kSeed};
  for (int round = 0; round < 2'000; ++round) {
    const std::uint64_t a = random() >> (random() % 64);
    const std::uint64_t b = random() >> (random() % 64);
    const std::uint64_t c = (random() >> (random() % 64)) | 1U;
    const U128 slow = slow_quotient(U128{a} * b, c);
    const auto fast = mul_div_floor(a, b, c);
    EXPECT_EQ(fast.has_value(), slow <= kMax) << "seed " << kSeed << " round " << round;
    EXPECT_TRUE(!fast || *fast == slow) << "seed " << kSeed << " round " << round;
  }
}

}  // namespace
}  // namespace salus
