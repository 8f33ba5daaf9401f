// Owns: which evals there are, and when an answer equals what a vector expects.
#include <algorithm>

#include "support/vectors/runner.h"

namespace salus::vectors {

namespace {

bool is_number(const Json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_string()) return false;
  const auto text = value.get<std::string>();
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_whole(std::string_view key) {
  return key == "errors" || key == "counters" || key == "eligible";
}

void compare(const Json& expected, const Json& actual, const std::string& place, bool whole,
             std::vector<std::string>& found) {
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      const std::string at = place.empty() ? key : place + "." + key;
      if (!actual.contains(key)) {
        found.push_back(at + " is missing");
      } else {
        compare(value, actual.at(key), at, whole || is_whole(key), found);
      }
    }
    if (!whole) return;
    for (const auto& [key, value] : actual.items()) {
      if (!expected.contains(key)) found.push_back(place + "." + key + " is not expected");
    }
    return;
  }
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      compare(expected[i], actual[i], place + "[" + std::to_string(i) + "]", whole, found);
    }
    return;
  }
  const bool equal = is_number(expected) && is_number(actual) ? number(expected) == number(actual)
                                                              : expected == actual;
  if (!equal) found.push_back(place + " is " + actual.dump() + ", expected " + expected.dump());
}

}  // namespace

const Eval* find_eval(std::string_view name) {
  for (const auto& table : {voting_evals(), money_evals(), people_evals(), network_evals()}) {
    const auto eval = std::ranges::find(table, name, &Eval::name);
    if (eval != table.end()) return &*eval;
  }
  return nullptr;
}

bool is_phase_two(std::string_view eval) { return eval == "ranked_ballot" || eval == "matching"; }

std::uint64_t number(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!is_number(value)) throw Malformed(value.dump() + " is not a number");
  if (value.is_number_integer()) {
    const auto signed_value = value.get<std::int64_t>();
    if (signed_value < 0) throw Malformed(value.dump() + " is negative");
    return static_cast<std::uint64_t>(signed_value);
  }
  try {
    return std::stoull(value.get<std::string>());
  } catch (const std::out_of_range&) {
    throw Malformed(value.dump() + " is above 64 bits");
  }
}

std::uint64_t number_or(const Json& object, const char* key, std::uint64_t otherwise) {
  return object.contains(key) ? number(object.at(key)) : otherwise;
}

std::uint32_t small_or(const Json& object, const char* key, std::uint32_t otherwise) {
  const std::uint64_t value = number_or(object, key, otherwise);
  if (value > 0xffff'ffffU) throw Malformed(std::string{key} + " is above 32 bits");
  return static_cast<std::uint32_t>(value);
}

std::vector<std::string> differences(const Json& expected, const Json& actual) {
  std::vector<std::string> found;
  compare(expected, actual, "", false, found);
  return found;
}

}  // namespace salus::vectors
