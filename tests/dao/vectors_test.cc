// Owns: every vector of governance.json passes through the runners that `salus-vectors` uses, and
// none vanishes on the way: what is of phase 2 is counted as not built.
#include <gtest/gtest.h>

#include <fstream>

#include "support/vectors/runner.h"

namespace salus::dao::test {
namespace {

struct Expected {
  const char* eval;
  int passed;
  int not_built;
};

void expect_same(const vectors::Json& expected, const vectors::Json& out) {
  for (const std::string& difference : vectors::differences(expected, out)) {
    ADD_FAILURE() << difference;
  }
}

class GovernanceVectors : public testing::TestWithParam<Expected> {};

const vectors::Json& all_vectors() {
  static const vectors::Json all = [] {
    std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/governance.json");
    return vectors::Json::parse(file);
  }();
  return all.at("vectors");
}

TEST_P(GovernanceVectors, pass_through_production_code) {
  const vectors::Eval* eval = vectors::find_eval(GetParam().eval);
  ASSERT_NE(eval, nullptr);
  int passed = 0;
  int not_built = 0;
  for (const vectors::Json& vector : all_vectors()) {
    if (vector.at("eval") != GetParam().eval) continue;
    SCOPED_TRACE(vector.at("id").get<std::string>());
    const auto out = eval->run(vector.at("in"));
    // What is not built says so exactly where phase 2 begins.
    EXPECT_EQ(!out.has_value(), vector.at("phase") == 2);
    if (!out) {
      ++not_built;
      continue;
    }
    expect_same(vector.at("out"), *out);
    ++passed;
  }
  EXPECT_EQ(passed, GetParam().passed);
  EXPECT_EQ(not_built, GetParam().not_built);
}

INSTANTIATE_TEST_SUITE_P(
    All, GovernanceVectors,
    testing::Values(
        Expected{"verdict", 102, 12}, Expected{"split", 10, 0}, Expected{"tally_parts", 2, 0},
        Expected{"tally_sets", 3, 0}, Expected{"quadratic_ballot", 5, 0},
        Expected{"timelock", 8, 0}, Expected{"deposit", 18, 0}, Expected{"duplicate", 5, 0},
        Expected{"open_limit", 1, 0}, Expected{"track_join", 5, 0}, Expected{"least_track", 5, 0},
        Expected{"window", 2, 0}, Expected{"power", 45, 0}, Expected{"history", 4, 0},
        Expected{"timeline", 29, 0}, Expected{"execution", 14, 0}, Expected{"auth", 5, 0},
        Expected{"keyset", 7, 0}, Expected{"sequence", 9, 0}, Expected{"recovery", 6, 0},
        Expected{"schedule", 17, 0}, Expected{"budget", 4, 0}, Expected{"batch", 5, 0},
        Expected{"payout", 4, 0}, Expected{"grant", 4, 0}, Expected{"reached", 2, 0},
        Expected{"member", 9, 0}, Expected{"pause", 4, 0}, Expected{"params", 21, 0},
        Expected{"preflight", 18, 0}, Expected{"live", 4, 0}, Expected{"ready", 5, 0},
        Expected{"readiness", 9, 0}),
    [](const auto& one) { return std::string{one.param.eval}; });

TEST(Vectors, of_faults_that_were_found_pass) {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/governance_found.json");
  const vectors::Json document = vectors::Json::parse(file);
  int passed = 0;
  for (const vectors::Json& vector : document.at("vectors")) {
    SCOPED_TRACE(vector.at("id").get<std::string>());
    const vectors::Eval* eval = vectors::find_eval(vector.at("eval").get<std::string>());
    ASSERT_NE(eval, nullptr);
    const auto out = eval->run(vector.at("in"));
    ASSERT_TRUE(out.has_value());
    expect_same(vector.at("out"), *out);
    ++passed;
  }
  EXPECT_EQ(passed, 6);
}

TEST(Vectors, of_every_eval_are_run_or_of_phase_two) {
  for (const vectors::Json& vector : all_vectors()) {
    const std::string eval = vector.at("eval");
    EXPECT_TRUE(vectors::find_eval(eval) != nullptr || vectors::is_phase_two(eval)) << eval;
  }
  EXPECT_EQ(vectors::find_eval("no such eval"), nullptr);
}

TEST(Vectors, that_do_not_match_say_where) {
  using vectors::differences;
  using vectors::Json;
  EXPECT_TRUE(differences({{"a", 1}}, {{"a", "1"}, {"b", 2}}).empty()) << "numbers by value";
  EXPECT_EQ(differences({{"a", 1}}, {{"a", 2}}).size(), 1U);
  EXPECT_EQ(differences({{"a", 1}}, Json::object()).size(), 1U);
  // Errors, counters and eligible power must match whole, at any depth.
  EXPECT_EQ(differences({{"errors", Json::object()}}, {{"errors", {{"1", "NoPower"}}}}).size(), 1U);
  EXPECT_EQ(differences({{"counters", {{"p", {{"1", {{"yes", 1}}}}}}}},
                        {{"counters", {{"p", {{"1", {{"yes", 1}, {"no", 1}}}}}}}})
                .size(),
            1U);
}

}  // namespace
}  // namespace salus::dao::test
