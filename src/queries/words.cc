// Owns: the spelling.
#include "queries/words.h"

#include <ctime>

#include "base/u128.h"
#include "dao/power/power.h"

namespace salus::queries {

namespace {

// `value` with a point before its last `digits` digits, without zeros behind.
std::string with_point(std::uint64_t value, std::size_t digits) {
  std::string text = std::to_string(value);
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  text.insert(text.size() - digits, 1, '.');
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::string spell_votes(std::uint64_t micro) { return with_point(micro, 6); }

std::uint64_t whole_votes(std::uint64_t micro) {
  return micro / dao::power::kMicro + (micro % dao::power::kMicro == 0 ? 0U : 1U);
}

std::string spell_share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return with_point(static_cast<std::uint64_t>(U128{part} * 1'000 / whole), 1) + " %";
}

std::string spell_bp(std::uint64_t bp) { return with_point(bp, 2) + " %"; }

std::string spell_time(std::uint64_t ms) {
  if (ms == 0) return "-";
  const auto seconds = static_cast<std::time_t>(ms / 1'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char out[64];
  const std::size_t length = std::strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S", &utc);
  return std::string(out, length);
}

std::string spell_span(std::uint64_t ms) {
  constexpr std::uint64_t kSecond = 1'000;
  constexpr std::uint64_t kHour = 3'600 * kSecond;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (ms > 0 && ms % kDay == 0) return std::to_string(ms / kDay) + " d";
  if (ms > 0 && ms % kHour == 0) return std::to_string(ms / kHour) + " h";
  if (ms % kSecond == 0) return std::to_string(ms / kSecond) + " s";
  return std::to_string(ms) + " ms";
}

}  // namespace salus::queries
