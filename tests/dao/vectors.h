// Owns: reading tests/vectors/governance.json, and the promise that no vector vanishes silently:
// a runner names every id that passed, and what is not built yet is counted, never passed.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace salus::dao::test {

using Json = nlohmann::json;

inline const Json& governance_vectors() {
  static const Json vectors = [] {
    std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/governance.json");
    Json all = Json::parse(file);
    return all.at("vectors");
  }();
  return vectors;
}

// Integers, or decimal strings above 2^53.
inline std::uint64_t number(const Json& value) {
  return value.is_string() ? std::stoull(value.get<std::string>()) : value.get<std::uint64_t>();
}
inline std::uint64_t number_or(const Json& object, const char* key, std::uint64_t otherwise) {
  return object.contains(key) ? number(object.at(key)) : otherwise;
}

// Compares the keys that `expected` names, recursively; numbers by value.
inline void expect_matches(const Json& expected, const Json& actual, const std::string& place) {
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key)) {
        ADD_FAILURE() << place << "." << key << " is missing";
        continue;
      }
      expect_matches(value, actual.at(key), place + "." + key);
    }
    return;
  }
  const auto is_number = [](const Json& j) {
    return j.is_number_unsigned() || j.is_number_integer() ||
           (j.is_string() && !j.get<std::string>().empty() &&
            j.get<std::string>().find_first_not_of("0123456789") == std::string::npos);
  };
  if (is_number(expected) && is_number(actual)) {
    EXPECT_EQ(number(expected), number(actual)) << place;
    return;
  }
  EXPECT_EQ(expected, actual) << place;
}

// Answers one vector, or nullopt if what it asks for is not built.
using Runner = std::function<std::optional<Json>(const Json& in)>;

// Runs every vector of `eval`. `not_built` are the ids expected to be passed over: exactly these.
inline void run_vectors(const std::string& eval, const std::set<std::string>& not_built,
                        std::size_t passed_expected, const Runner& runner) {
  std::set<std::string> skipped;
  std::vector<std::string> passed;
  for (const Json& vector : governance_vectors()) {
    if (vector.at("eval") != eval) continue;
    const std::string id = vector.at("id");
    SCOPED_TRACE(eval + " " + id);
    const bool failed_before = testing::Test::HasFailure();
    const std::optional<Json> out = runner(vector.at("in"));
    if (!out) {
      skipped.insert(id);
      continue;
    }
    expect_matches(vector.at("out"), *out, id);
    for (const char* exact : {"errors", "counters", "eligible"}) {
      if (vector.at("out").contains(exact)) {
        EXPECT_EQ(vector.at("out").at(exact).size(), out->at(exact).size()) << exact;
      }
    }
    if (testing::Test::HasFailure() == failed_before) passed.push_back(id);
  }
  EXPECT_EQ(skipped, not_built) << eval;
  EXPECT_EQ(passed.size(), passed_expected) << eval;
  std::cout << eval << ": " << passed.size() << " passed, " << skipped.size() << " not built\n";
}

}  // namespace salus::dao::test
