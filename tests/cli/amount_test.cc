// Owns: proof that an amount is exact in both directions, or refused.
#include "apps/salus/amount.h"

#include <gtest/gtest.h>

#include <random>

namespace salus::cli {
namespace {

constexpr std::uint64_t kMost = ~std::uint64_t{0};

TEST(ParseAmount, is_exact_or_refuses) {
  struct Case {
    const char* text;
    std::uint32_t decimals;
    std::optional<std::uint64_t> expected;
  };
  const Case cases[] = {
      {"125.50", 6, 125'500'000},
      {"0", 6, 0},
      {"0.000001", 6, 1},
      {"007", 0, 7},
      {"1.", 2, 100},
      {".5", 1, 5},
      {"18446744073709551615", 0, kMost},
      {"18446744073709.551615", 6, kMost},
      {"18446744073709551616", 0, std::nullopt},
      {"18446744073709.551616", 6, std::nullopt},
      {"18446744073709551615", 1, std::nullopt},
      {"99999999999999999999999999999999", 0, std::nullopt},
      {"0.0000001", 6, std::nullopt},
      {"0.0000000", 6, std::nullopt},
      {"1.5", 0, std::nullopt},
      {"1.", 0, 1},
      {"", 6, std::nullopt},
      {".", 6, std::nullopt},
      {"1.2.3", 6, std::nullopt},
      {"-1", 6, std::nullopt},
      {"+1", 6, std::nullopt},
      {" 1", 6, std::nullopt},
      {"1 ", 6, std::nullopt},
      {"1,5", 6, std::nullopt},
      {"1e3", 6, std::nullopt},
      {"0x10", 6, std::nullopt},
      {"1'000", 6, std::nullopt},
      {"\xd9\xa1", 6, std::nullopt},
      {"1", 19, 10'000'000'000'000'000'000ULL},
      {"2", 19, std::nullopt},
      {"1", 20, std::nullopt},
      {"0", 4'000'000, 0},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(parse_amount(row.text, row.decimals), row.expected)
        << "'" << row.text << "' with " << row.decimals;
  }
}

TEST(PrintAmount, has_no_zero_that_says_nothing) {
  EXPECT_EQ(print_amount(125'500'000, 6), "125.5");
  EXPECT_EQ(print_amount(0, 6), "0");
  EXPECT_EQ(print_amount(1, 6), "0.000001");
  EXPECT_EQ(print_amount(1'000'000, 6), "1");
  EXPECT_EQ(print_amount(100, 0), "100");
  EXPECT_EQ(print_amount(kMost, 0), "18446744073709551615");
  EXPECT_EQ(print_amount(kMost, 19), "1.8446744073709551615");
  EXPECT_EQ(print_amount(kMost, 20), "0.18446744073709551615");
}

TEST(Amount, that_was_printed_is_read_back) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random{seed};
    for (int i = 0; i < 2'000; ++i) {
      const std::uint64_t units = random() >> (random() % 64);
      const auto decimals = static_cast<std::uint32_t>(random() % 20);
      EXPECT_EQ(parse_amount(print_amount(units, decimals), decimals), units)
          << "seed " << seed << ": " << units << " with " << decimals;
    }
  }
}

}  // namespace
}  // namespace salus::cli
