// Owns: the reading.
#include "apps/salus/spans.h"

#include <charconv>
#include <chrono>

#include "base/u128.h"

namespace salus::cli {

namespace {

constexpr std::uint64_t kSecond = 1'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

// Digits at the front of `text`, which are taken off it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::uint64_t> unit_of(std::string_view text) {
  if (text == "d") return kDay;
  if (text == "h") return kHour;
  if (text == "m") return kMinute;
  if (text == "s") return kSecond;
  if (text == "ms" || text.empty()) return 1;
  return std::nullopt;
}

// `2027-01-31` at the front, which is taken off.
std::optional<std::uint64_t> take_day(std::string_view& text) {
  const auto year = take_number(text);
  if (!year || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto month = take_number(text);
  if (!month || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto day = take_number(text);
  if (!day || *year < 1970 || *year > 9999 || *month > 12 || *day > 31) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return static_cast<std::uint64_t>(days) * kDay;
}

// `12:00` or `12:00:30`, all of `text`.
std::optional<std::uint64_t> clock_of(std::string_view text) {
  constexpr std::uint64_t kUnits[] = {kHour, kMinute, kSecond};
  constexpr std::uint64_t kBelow[] = {24, 60, 60};
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = take_number(text);
    if (!part || *part >= kBelow[i]) return std::nullopt;
    ms += *part * kUnits[i];
    if (text.empty()) return i >= 1 ? std::optional{ms} : std::nullopt;
    if (!text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_span(std::string_view text) {
  const auto number = take_number(text);
  const auto unit = unit_of(text);
  if (!number || !unit) return std::nullopt;
  return checked_mul(*number, *unit);
}

std::optional<std::uint64_t> parse_time(std::string_view text, std::uint64_t now_ms) {
  if (text.starts_with('+')) {
    const auto span = parse_span(text.substr(1));
    return span ? checked_add(now_ms, *span) : std::nullopt;
  }
  std::string_view digits = text;
  const auto bare = take_number(digits);
  if (bare && digits.empty()) return bare;
  const auto day = take_day(text);
  if (!day) return std::nullopt;
  if (text.empty()) return day;
  if (!text.starts_with('T') && !text.starts_with(' ')) return std::nullopt;
  const auto clock = clock_of(text.substr(1));
  return clock ? std::optional{*day + *clock} : std::nullopt;
}

}  // namespace salus::cli
