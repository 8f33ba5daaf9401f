// Owns: the point in an amount.
#include "apps/salus/amount.h"

#include "base/u128.h"

namespace salus::cli {

std::optional<std::uint64_t> parse_amount(std::string_view text, std::uint32_t decimals) {
  std::uint64_t units = 0;
  std::uint32_t behind = 0;
  bool point = false;
  bool digit = false;
  const auto append = [&units](std::uint64_t value) {
    const auto shifted = checked_mul(units, 10);
    const auto sum = shifted ? checked_add(*shifted, value) : std::nullopt;
    if (sum) units = *sum;
    return sum.has_value();
  };
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (point && ++behind > decimals) return std::nullopt;
    if (!append(static_cast<std::uint64_t>(c - '0'))) return std::nullopt;
    digit = true;
  }
  if (!digit) return std::nullopt;
  for (; behind < decimals; ++behind) {
    if (!append(0)) return std::nullopt;
  }
  return units;
}

std::string print_amount(std::uint64_t units, std::uint32_t decimals) {
  std::string digits = std::to_string(units);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  std::string whole = digits.substr(0, digits.size() - decimals);
  std::string fraction = digits.substr(digits.size() - decimals);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fraction.empty() ? whole : whole + "." + fraction;
}

}  // namespace salus::cli
