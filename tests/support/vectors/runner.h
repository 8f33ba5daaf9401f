// Owns: how a vector of governance.json is answered by production code. An eval has one runner: it
// takes the vector's `in`, runs it through the production code, and returns what `out` is compared
// with; nullopt where it asks for something of phase 2. The tests and `salus-vectors` share them.
// Runners use no test macros: what cannot be run is a `Malformed`, with the reason.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace salus::vectors {

using Json = nlohmann::json;

// The vector does not say what its eval needs, or asks for what no state could hold.
struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Eval {
  std::string_view name;
  std::optional<Json> (*run)(const Json& in);
};

// One table each; runners.cc joins them.
std::span<const Eval> voting_evals();
std::span<const Eval> money_evals();
std::span<const Eval> people_evals();
std::span<const Eval> network_evals();

// Null for an eval that nobody knows.
const Eval* find_eval(std::string_view name);
// Ranked choice and quadratic matching: known, not built (governance.md, section 16).
bool is_phase_two(std::string_view eval);

// Integers, or decimal strings above 2^53.
std::uint64_t number(const Json& value);
std::uint64_t number_or(const Json& object, const char* key, std::uint64_t otherwise);
std::uint32_t small_or(const Json& object, const char* key, std::uint32_t otherwise);

// What of `expected` is not in `actual`, one sentence each; empty = equal. Only the keys that
// `expected` names are compared, but `errors`, `counters` and `eligible` must match whole.
std::vector<std::string> differences(const Json& expected, const Json& actual);

}  // namespace salus::vectors
