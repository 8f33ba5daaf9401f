// Owns: validators die at every kind of moment and come back; what was final stays final, and
// nobody votes against what it signed before.
#include <gtest/gtest.h>

#include "sim/actions.h"

namespace salus::sim {
namespace {

Faults disk_of_1_to_4_ms() {
  Faults faults;
  faults.delay_ms_min = 1;
  faults.delay_ms_max = 3;
  faults.disk_ms_min = 1;
  faults.disk_ms_max = 4;
  return faults;
}

TEST(Crash, one_validator_dies_at_any_point_returns_and_votes_again) {
  for (std::uint64_t point = 0; point < 40; ++point) {
    const auto victim = static_cast<std::uint16_t>(point % 4);
    Network network{validators(4, 100 + point, disk_of_1_to_4_ms())};
    network.start_all();
    network.run_for(50);
    pay(network, static_cast<std::uint16_t>((victim + 1) % 4));
    network.run_for(point);
    network.crash(victim);
    for (int i = 0; i < 3; ++i) {
      pay(network, static_cast<std::uint16_t>((victim + 1) % 4));
      network.run_for(700);
    }
    EXPECT_TRUE(network.are_all_final()) << "with one of four down, point " << point;

    network.start(victim);
    EXPECT_TRUE(settles(network, 15'000)) << "it does not catch up, point " << point;
    const auto votes = network.replica(victim).status().consensus.counters.finalize_cast;
    pay(network, victim);
    network.run_for(2'000);
    EXPECT_GT(network.replica(victim).status().consensus.counters.finalize_cast, votes)
        << "it does not vote again, point " << point;
    EXPECT_TRUE(settles(network, 5'000)) << point;
    EXPECT_EQ(network.oracle().report(), "") << "point " << point;
  }
}

TEST(Crash, all_die_at_once_at_any_point_and_resume) {
  for (std::uint64_t point = 0; point < 40; ++point) {
    Network network{validators(4, 200 + point, disk_of_1_to_4_ms())};
    network.start_all();
    network.run_for(50);
    pay(network, 0);
    pay(network, 1);
    network.run_for(point);
    for (std::uint16_t node = 0; node < 4; ++node) network.crash(node);
    network.run_for(500);
    network.start_all();
    EXPECT_TRUE(settles(network, 15'000)) << "point " << point;
    EXPECT_EQ(network.oracle().report(), "") << "point " << point;
  }
}

TEST(Crash, a_chain_of_one_resumes_from_any_point) {
  for (std::uint64_t point = 0; point < 40; ++point) {
    Network network{validators(1, 300 + point, disk_of_1_to_4_ms())};
    network.start_all();
    network.run_for(10);
    pay(network, 0);
    network.run_for(point);
    network.crash(0);
    network.run_for(10);
    network.start_all();
    pay(network, 0);
    EXPECT_TRUE(settles(network, 5'000)) << "point " << point;
    EXPECT_EQ(network.oracle().report(), "") << "point " << point;
  }
}

// The client's second node had heard of the transaction already; it takes over all the same.
TEST(Crash, a_transaction_whose_node_died_is_said_again_by_the_next_node_that_is_asked) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(3'000);
  const std::uint16_t led_by = network.replica(0).status().consensus.leader.value();
  const auto first = static_cast<std::uint16_t>((led_by + 3) % 4);
  const auto second = static_cast<std::uint16_t>((led_by + 2) % 4);
  network.watch([&](const Frame& frame) {
    return frame.type != FrameType::Transaction || frame.to == second;
  });
  const auto handle = pay(network, first);
  network.run_for(10);
  network.crash(first);
  network.watch(nullptr);
  network.submit_again(second, handle);
  EXPECT_TRUE(network.run_until([&] { return network.is_final(handle); }, 10'000));
  EXPECT_EQ(network.client(handle).answers.front(), SubmissionState::Admitted);
  EXPECT_EQ(network.oracle().report(), "");
}

}  // namespace
}  // namespace salus::sim
