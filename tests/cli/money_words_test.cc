// Owns: an export of a ledger adds up, or says where it does not (G-9.3).
#include "apps/salus/money_words.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace salus::cli {
namespace {

v1::FundEntry entry(std::uint64_t number, std::uint64_t in, std::uint64_t out,
                    std::uint64_t balance) {
  v1::FundEntry line;
  line.set_fund(1);
  line.set_number(number);
  line.set_kind(in > 0 ? v1::FUND_ENTRY_KIND_DONATION : v1::FUND_ENTRY_KIND_PAYOUT);
  line.set_in(in);
  line.set_out(out);
  line.set_balance(balance);
  return line;
}

v1::FundLedgerResponse ledger(std::uint64_t entries, std::uint64_t balance) {
  v1::FundLedgerResponse out;
  out.mutable_totals()->set_entries(entries);
  out.set_balance(balance);
  return out;
}

TEST(Export, has_a_column_for_each_field_and_a_trailer_of_sums) {
  LedgerSums sums;
  sums.add(entry(1, 100, 0, 100));
  sums.add(entry(2, 0, 30, 70));
  const auto columns = [](std::string_view line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(columns(csv_line(entry(1, 100, 0, 100))), columns(kCsvHead));
  EXPECT_EQ(columns(csv_trailer(1, 0, sums)), columns(kCsvHead));
  EXPECT_EQ(csv_trailer(1, 0, sums), "sum,,1,0,2,,,100,30,70,,,");
  EXPECT_FALSE(sums.contradiction(ledger(2, 70), true));
}

TEST(Export, tells_a_line_that_does_not_follow_and_sums_that_are_not_the_balance) {
  LedgerSums torn;
  torn.add(entry(1, 100, 0, 100));
  torn.add(entry(2, 0, 30, 71));
  EXPECT_TRUE(torn.contradiction(ledger(2, 71), false));
  LedgerSums whole;
  whole.add(entry(1, 100, 0, 100));
  EXPECT_TRUE(whole.contradiction(ledger(2, 100), true));
  EXPECT_TRUE(whole.contradiction(ledger(1, 99), true));
  EXPECT_FALSE(whole.contradiction(ledger(1, 100), true));
  // A window begins where the lines before it ended.
  LedgerSums window;
  window.add(entry(7, 0, 30, 70));
  EXPECT_FALSE(window.contradiction(ledger(9, 500), false));
}

}  // namespace
}  // namespace salus::cli
