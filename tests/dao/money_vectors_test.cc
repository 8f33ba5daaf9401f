// Owns: every vector of accounts, schedules, budgets, batches, payouts and grants passes through
// the runners that `salus-vectors` uses, and none is lost on the way.
#include <gtest/gtest.h>

#include <fstream>

#include "support/vectors/runner.h"

namespace salus::dao::test {
namespace {

struct Expected {
  const char* eval;
  int vectors;
};

class MoneyVectors : public testing::TestWithParam<Expected> {};

TEST_P(MoneyVectors, pass_through_production_code) {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/governance.json");
  const vectors::Json all = vectors::Json::parse(file);
  const vectors::Eval* eval = vectors::find_eval(GetParam().eval);
  ASSERT_NE(eval, nullptr);
  int passed = 0;
  for (const vectors::Json& vector : all.at("vectors")) {
    if (vector.at("eval") != GetParam().eval) continue;
    SCOPED_TRACE(vector.at("id").get<std::string>());
    const auto out = eval->run(vector.at("in"));
    ASSERT_TRUE(out.has_value());
    for (const std::string& difference : vectors::differences(vector.at("out"), *out)) {
      ADD_FAILURE() << difference;
    }
    ++passed;
  }
  EXPECT_EQ(passed, GetParam().vectors);
}

INSTANTIATE_TEST_SUITE_P(All, MoneyVectors,
                         testing::Values(Expected{"auth", 5}, Expected{"keyset", 7},
                                         Expected{"sequence", 9}, Expected{"recovery", 6},
                                         Expected{"schedule", 17}, Expected{"budget", 4},
                                         Expected{"batch", 5}, Expected{"payout", 4},
                                         Expected{"grant", 4}, Expected{"reached", 2}),
                         [](const auto& one) { return std::string{one.param.eval}; });

}  // namespace
}  // namespace salus::dao::test
