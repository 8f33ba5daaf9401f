// Owns: times and spans are read exactly or refused.
#include "apps/salus/spans.h"

#include <gtest/gtest.h>

#include <string_view>

namespace salus::cli {
namespace {

constexpr std::uint64_t kDay = 86'400'000;

TEST(Spans, have_a_unit_or_are_milliseconds) {
  EXPECT_EQ(parse_span("90d"), 90 * kDay);
  EXPECT_EQ(parse_span("36h"), 36U * 3'600'000);
  EXPECT_EQ(parse_span("10m"), 600'000U);
  EXPECT_EQ(parse_span("45s"), 45'000U);
  EXPECT_EQ(parse_span("250ms"), 250U);
  EXPECT_EQ(parse_span("250"), 250U);
  EXPECT_EQ(parse_span("0s"), 0U);
}

TEST(Spans, are_refused_where_they_mean_nothing) {
  for (const char* text :
       {"", "d", "-1d", "1.5d", "1w", "1 d", "1d1h", "213503982335d", "99999999999999999999"}) {
    EXPECT_FALSE(parse_span(text)) << text;
  }
}

TEST(Times, are_days_of_the_calendar_in_utc) {
  EXPECT_EQ(parse_time("1970-01-01", 7), 0U);
  EXPECT_EQ(parse_time("1970-01-02", 7), kDay);
  EXPECT_EQ(parse_time("2024-02-29", 7), 1'709'164'800'000U);
  EXPECT_EQ(parse_time("2027-01-31T12:00", 7), 1'801'396'800'000U);
  EXPECT_EQ(parse_time("2027-01-31 12:00:30", 7), 1'801'396'830'000U);
  EXPECT_EQ(parse_time("+30d", 7), 30 * kDay + 7);
  EXPECT_EQ(parse_time("1700000000000", 7), 1'700'000'000'000U);
}

TEST(Times, are_refused_where_no_clock_shows_them) {
  for (const char* text : {"", "2027", "tomorrow", "2023-02-29", "2027-13-01", "2027-00-01",
                           "2027-01-32", "1969-12-31", "2027-01-31T24:00", "2027-01-31T12:60",
                           "2027-01-31T12", "2027-01-31T12:00:60", "2027-01-31x", "+", "+1w"}) {
    // A bare number is one, and a year alone is such a number.
    if (std::string_view{text} == "2027") continue;
    EXPECT_FALSE(parse_time(text, 7)) << text;
  }
}

}  // namespace
}  // namespace salus::cli
