// Owns: the end of an epoch as one core sees it and as a network of cores lives it: a boundary
// block is followed by its repeat or by nothing, one finalization of it at whichever view ends the
// instance, and who missed it is told (C40 to C43).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "consensus/harness.h"

namespace salus::consensus::testing {
namespace {

using Kind = Cluster::Kind;

ClusterOptions ending_at(std::uint64_t height, std::size_t n = 4, std::uint64_t seed = 1) {
  ClusterOptions options;
  options.n = n;
  options.seed = seed;
  options.faults.delay_ms_min = options.faults.delay_ms_max = 20;
  options.under_load = true;
  options.last_height = height;
  return options;
}

bool has_ended(const Cluster& cluster, std::uint16_t node) {
  return cluster.epoch_end(node).has_value();
}

bool have_all_ended(const Cluster& cluster) {
  for (std::uint16_t node = 0; node < cluster.size(); ++node) {
    if (cluster.is_up(node) && !has_ended(cluster, node)) return false;
  }
  return true;
}

TEST(EpochEnd, comes_with_the_finalization_of_the_boundary_block) {
  for (const std::size_t n : {1U, 2U, 4U, 7U}) {
    Cluster cluster(ending_at(3, n));
    cluster.start_all();
    ASSERT_TRUE(cluster.run_until([&] { return have_all_ended(cluster); }, 20'000)) << n;
    for (std::uint16_t node = 0; node < n; ++node) {
      EXPECT_EQ(cluster.height(node), 3U);
      EXPECT_TRUE(cluster.core(node).status().ended);
    }
    EXPECT_EQ(cluster.violations(), "");
  }
}

TEST(EpochEnd, lets_no_vote_come_after_it) {
  Cluster cluster(ending_at(3));
  cluster.start_all();
  ASSERT_TRUE(cluster.run_until([&] { return have_all_ended(cluster); }, 20'000));
  // What was on its way to the disk arrives.
  cluster.run_for(200);
  const auto casts = [&](std::uint16_t node) {
    const Counters counters = cluster.core(node).status().counters;
    return counters.notarize_cast + counters.nullify_cast + counters.finalize_cast;
  };
  std::vector<std::uint64_t> before;
  for (std::uint16_t node = 0; node < 4; ++node) before.push_back(casts(node));
  cluster.run_for(60'000);
  for (std::uint16_t node = 0; node < 4; ++node) EXPECT_EQ(casts(node), before[node]);
  EXPECT_EQ(cluster.height_of(1), 3U);
  EXPECT_EQ(cluster.violations(), "");
}

// No finalize vote of the first three views in which the block is offered arrives.
TEST(EpochEnd, is_reached_by_a_repeat_when_the_first_offer_is_not_finalized) {
  Cluster cluster(ending_at(2));
  std::set<Digest> offered;
  std::optional<View> first;
  cluster.filter([&](const Cluster::Message& message) {
    if (!message.subject || message.subject->kind != VoteKind::Finalize) return true;
    if (message.kind != Kind::Vote) return true;
    const View view = message.subject->view();
    if (view.value() < 2) return true;
    offered.insert(message.subject->candidate.digest);
    if (!first) first = view;
    return view.value() > first->value() + 2;
  });
  cluster.start_all();
  ASSERT_TRUE(cluster.run_until([&] { return have_all_ended(cluster); }, 20'000));
  EXPECT_EQ(offered.size(), 1U) << "C42: every view offers the same block";
  EXPECT_GT(cluster.epoch_end(0)->subject.view().value(), first->value() + 2);
  for (std::uint16_t node = 0; node < 4; ++node) EXPECT_EQ(cluster.height(node), 2U);
  EXPECT_EQ(cluster.violations(), "");
}

TEST(EpochEnd, is_told_to_who_missed_it) {
  Cluster cluster(ending_at(3));
  cluster.start_all();
  // Validator 3 hears no finalization until the others have ended and said so.
  cluster.filter([&](const Cluster::Message& message) {
    if (message.to != 3 || !message.subject) return true;
    return message.subject->kind != VoteKind::Finalize;
  });
  ASSERT_TRUE(cluster.run_until(
      [&] { return has_ended(cluster, 0) && has_ended(cluster, 1) && has_ended(cluster, 2); },
      20'000));
  EXPECT_FALSE(has_ended(cluster, 3));
  cluster.filter(nullptr);
  EXPECT_TRUE(cluster.run_until([&] { return has_ended(cluster, 3); }, 5'000));
  EXPECT_EQ(cluster.violations(), "");
}

TEST(EpochEnd, survives_crashes_of_everybody_around_the_boundary) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Cluster cluster(ending_at(3, 4, seed));
    Faults faults;
    faults.delay_ms_max = 30;
    faults.lost = 100;
    faults.sync_ms_max = 10;
    cluster.set_faults(faults);
    cluster.start_all();
    cluster.run_until([&] { return cluster.height_of(1) >= 2; }, 20'000);
    cluster.run_for(seed * 2);
    for (std::uint16_t node = 0; node < 4; ++node) cluster.crash(node);
    cluster.start_all();
    const auto done = [&] { return have_all_ended(cluster) && cluster.height_of(4) == 3; };
    EXPECT_TRUE(cluster.run_until(done, 60'000)) << seed;
    ASSERT_EQ(cluster.violations(), "") << seed;
  }
}

}  // namespace
}  // namespace salus::consensus::testing
