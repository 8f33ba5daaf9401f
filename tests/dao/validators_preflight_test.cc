// Owns: proof of the one judgement of a set change (G-10.2, G-10.3, G-8.20).
#include "dao/a_validator.h"
#include "dao/validators/preflight.h"

namespace salus::dao::test {
namespace {

using validators::PreflightInput;
using validators::PreflightLine;
using validators::Seat;

PreflightInput a_change_of(std::size_t before, std::size_t adds, std::size_t removes,
                           std::size_t live) {
  PreflightInput input{.size_before = before,
                       .size_min = 4,
                       .size_max = 7,
                       .per_operator_max = 1,
                       .removes = removes,
                       .force = false,
                       .seats = {}};
  for (std::size_t i = 0; i < before - removes + adds; ++i) {
    const std::string name = std::to_string(i);
    input.seats.push_back({.operator_account = name,
                           .org = name,
                           .validator_key = "v" + name,
                           .node_key = "n" + name,
                           .live = i < live,
                           .added = i >= before - removes});
  }
  return input;
}

std::string obstacle(const PreflightInput& input) {
  const auto judged = validators::judge(input);
  const PreflightLine* line = judged.obstacle();
  if (line == nullptr) return "";
  return std::string{validators::name(line->rule)} + " " + std::to_string(line->have) + "/" +
         std::to_string(line->need);
}

TEST(Preflight, holds_exactly_at_each_threshold) {
  EXPECT_EQ(obstacle(a_change_of(5, 0, 1, 4)), "") << "Q1: the least";
  EXPECT_EQ(obstacle(a_change_of(4, 0, 1, 4)), "Q1 3/4");
  EXPECT_EQ(obstacle(a_change_of(6, 1, 0, 7)), "") << "Q1: the most";
  EXPECT_EQ(obstacle(a_change_of(7, 1, 0, 8)), "Q1 8/7");
  EXPECT_EQ(obstacle(a_change_of(7, 0, 1, 5)), "") << "Q2: a quorum of 6 is 5";
  EXPECT_EQ(obstacle(a_change_of(7, 0, 1, 4)), "Q2 4/5");
  EXPECT_EQ(obstacle(a_change_of(7, 1, 1, 7)), "") << "Q3: f(7) = 2";
  EXPECT_EQ(obstacle(a_change_of(7, 1, 2, 6)), "Q3 3/2");
  EXPECT_EQ(obstacle(a_change_of(4, 1, 0, 4)), "Q4 0/1");
  PreflightInput shared = a_change_of(4, 1, 0, 5);
  shared.seats[4].org = "0";
  EXPECT_EQ(obstacle(shared), "Q5 2/1");
  shared.per_operator_max = 2;
  EXPECT_EQ(obstacle(shared), "");
  shared.seats[4].node_key = "v0";
  EXPECT_EQ(obstacle(shared), "Q5 2/1") << "a key stands twice";
}

TEST(Preflight, asks_a_seat_under_new_keys_for_presence_and_not_for_churn) {
  // Of four one is dead, and one changes to keys whose node does not run.
  PreflightInput keys = a_change_of(4, 0, 0, 2);
  keys.seats[2].rekeyed = true;
  EXPECT_EQ(obstacle(keys), "Q2 2/3");
  keys.seats[2].live = true;
  EXPECT_EQ(obstacle(keys), "");
  PreflightInput all = a_change_of(4, 0, 0, 3);
  all.seats[3].rekeyed = true;
  EXPECT_EQ(obstacle(all), "Q4 0/1");
  all.force = true;
  EXPECT_EQ(obstacle(all), "Q4 0/1");
  PreflightInput both = a_change_of(4, 1, 0, 5);
  both.seats[0].rekeyed = true;
  EXPECT_EQ(obstacle(both), "") << "Q3 counts the nominee alone";
}

TEST(Preflight, lets_force_pass_over_liveness_and_churn_alone) {
  PreflightInput asleep = a_change_of(7, 0, 1, 1);
  asleep.force = true;
  EXPECT_EQ(obstacle(asleep), "");
  PreflightInput many = a_change_of(7, 1, 2, 6);
  many.force = true;
  EXPECT_EQ(obstacle(many), "");
  PreflightInput small = a_change_of(4, 0, 1, 4);
  small.force = true;
  EXPECT_EQ(obstacle(small), "Q1 3/4");
  PreflightInput sleeping_nominee = a_change_of(4, 1, 0, 4);
  sleeping_nominee.force = true;
  EXPECT_EQ(obstacle(sleeping_nominee), "Q4 0/1");
  PreflightInput shared = a_change_of(4, 1, 0, 5);
  shared.force = true;
  shared.seats[4].org = "0";
  EXPECT_EQ(obstacle(shared), "Q5 2/1");
}

TEST(Preflight, answers_all_five_and_says_it_in_a_sentence) {
  const auto judged = validators::judge(a_change_of(4, 1, 0, 3));
  EXPECT_EQ(validators::verdict(judged), "n 5, quorum 4, live 3: would wait for Q2");
  EXPECT_EQ(validators::verdict(validators::judge(a_change_of(4, 0, 1, 3))),
            "n 3, quorum 3, live 3: would be refused by Q1");
  EXPECT_EQ(validators::verdict(validators::judge(a_change_of(4, 1, 0, 5))),
            "n 5, quorum 4, live 5: would pass");
  for (const PreflightLine& line : judged.lines) {
    EXPECT_NE(validators::sentence(line), "") << validators::name(line.rule);
  }
}

TEST(Presence, of_genesis_validators_is_vouched_for_and_of_nominees_is_not) {
  Dao dao(a_network());
  const auto live = [&](std::string_view name, std::uint64_t height) {
    return validators::is_live(dao.state(), dao.account(name), Height{height});
  };
  nominate(dao, "ada");
  EXPECT_TRUE(live("olga", 15));
  EXPECT_FALSE(live("olga", 16)) << "4n heights are over";
  EXPECT_FALSE(live("ada", 1)) << "nobody has seen it";
  dao.end_block();  // omar built it
  EXPECT_TRUE(live("omar", 16));
  EXPECT_FALSE(live("omar", 17));
  make_ready(dao, "ada");
  EXPECT_TRUE(live("ada", 11));
  EXPECT_FALSE(live("ada", 12)) << "the window is over";
}

}  // namespace
}  // namespace salus::dao::test
