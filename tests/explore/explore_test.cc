// Owns: the small worlds that are searched on each change, and how far.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explore/explorer.h"
#include "explore/guard.h"

namespace salus::consensus::explore {
namespace {

// Whether all that the set-up can lead to is seen, or as much as a minute allows.
enum class Reach : std::uint8_t { Everything, ABudget };

void search(const Setup& setup, Reach reach = Reach::Everything) {
  Explorer explorer{setup};
  const Outcome outcome = explorer.run();
  fmt::print(
      "{:<42} {:>11} states {:>12} transitions {:>5.1f} s {:>8.0f} states/s | core: {} runs, {} "
      "states in {} classes | view {}, final {} | {} walk steps, {} continuations | {}\n",
      setup.name, outcome.states, outcome.transitions, outcome.seconds,
      static_cast<double>(outcome.states) / outcome.seconds, outcome.core_runs,
      outcome.validator_states, outcome.validator_classes, outcome.highest_view, outcome.final_view,
      outcome.walk_steps, outcome.continuations,
      outcome.exhausted ? "EXHAUSTED" : "not exhausted: the budget ended it");
  EXPECT_EQ(outcome.exhausted, reach == Reach::Everything)
      << setup.name << ": what was searched is another part of the whole now; say so here";
  if (!outcome.finding) return;
  std::string trace;
  for (const std::string& step : outcome.finding->trace) trace += step + "\n";
  ADD_FAILURE() << outcome.finding->rule << "\n" << trace;
}

TEST(SmallWorld, four_correct_validators_in_one_view) {
  search({.name = "4 correct, view 1", .views = 1, .walks = 100});
}

TEST(SmallWorld, four_correct_validators_in_two_views) {
  search({.name = "4 correct, views 1-2", .views = 2, .states_max = 30'000'000, .walks = 200});
}

TEST(SmallWorld, four_correct_validators_in_three_views) {
  search({.name = "4 correct, views 1-3",
          .views = 3,
          .states_max = 3'000'000,
          .validator_states_max = 30'000,
          .walks = 2'000},
         Reach::ABudget);
}

TEST(SmallWorld, candidates_come_early_and_bytes_late_in_one_view) {
  search({.name = "4 correct, view 1, slow disk, bytes apart",
          .views = 1,
          .habits = {.slow_disk = true, .bytes_apart = true},
          .early_candidates = true,
          .states_max = 4'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_traitor_leads_one_view) {
  search({.name = "traitor leads view 1",
          .views = 1,
          .traitor = 1,
          .traitor_blocks = {{1, 0, 0, 0}, {1, 0, 0, 1}},
          .walks = 100});
}

TEST(SmallWorld, a_traitor_leads_the_first_of_two_views) {
  search({.name = "traitor leads view 1 of 1-2",
          .views = 2,
          .traitor = 1,
          .traitor_blocks = {{1, 0, 0, 0}, {1, 0, 0, 1}},
          .states_max = 30'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_traitor_leads_the_second_of_two_views) {
  search({.name = "traitor leads view 2 of 1-2",
          .views = 2,
          .traitor = 2,
          .traitor_blocks = {{2, 0, 0, 0}, {2, 1, 1, 0}, {2, 1, 0, 1}},
          .states_max = 30'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_traitor_leads_neither_of_two_views) {
  search({.name = "traitor follows, views 1-2",
          .views = 2,
          .traitor = 0,
          .states_max = 30'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_traitor_leads_one_view_and_votes_come_one_by_one) {
  search({.name = "traitor leads view 1, vote by vote",
          .views = 1,
          .traitor = 1,
          .traitor_blocks = {{1, 0, 0, 0}, {1, 0, 0, 1}},
          .by_votes = true,
          .states_max = 2'000'000,
          .validator_states_max = 20'000,
          .walks = 200},
         Reach::ABudget);
}

TEST(SmallWorld, a_leader_crashes_at_any_stage_of_one_view) {
  search({.name = "leader crashes, view 1",
          .views = 1,
          .crasher = 1,
          .states_max = 10'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_follower_crashes_at_any_stage_of_one_view) {
  search({.name = "follower crashes, view 1",
          .views = 1,
          .crasher = 0,
          .states_max = 10'000'000,
          .walks = 200});
}

TEST(SmallWorld, a_leader_crashes_at_any_stage_of_two_views) {
  search({.name = "leader of view 1 crashes, views 1-2",
          .views = 2,
          .crasher = 1,
          .states_max = 10'000'000,
          .validator_states_max = 40'000,
          .walks = 500},
         Reach::ABudget);
}

TEST(SmallWorld, the_last_block_of_an_epoch_is_repeated_until_it_is_final_in_two_views) {
  search({.name = "boundary block, views 1-2",
          .views = 2,
          .ends = true,
          .states_max = 30'000'000,
          .walks = 500});
}

TEST(SmallWorld, the_last_block_of_an_epoch_is_repeated_until_it_is_final_in_three_views) {
  search({.name = "boundary block, views 1-3",
          .views = 3,
          .ends = true,
          .states_max = 1'000'000,
          .validator_states_max = 10'000,
          .walks = 1'000},
         Reach::ABudget);
}

TEST(SmallWorld, a_traitor_follows_at_the_end_of_an_epoch) {
  search({.name = "boundary block, traitor follows, views 1-2",
          .views = 2,
          .traitor = 0,
          .ends = true,
          .states_max = 30'000'000,
          .walks = 500});
}

TEST(Guard, refuses_in_every_order_of_votes_what_column_2_refuses) {
  const GuardOutcome outcome = offer_every_order_of_votes();
  EXPECT_EQ(outcome.broken, "");
  EXPECT_GT(outcome.states, 100U);
  fmt::print("guard: {} histories of votes\n", outcome.states);
}

}  // namespace
}  // namespace salus::consensus::explore
