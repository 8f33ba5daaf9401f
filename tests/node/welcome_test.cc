// Owns: whose links stay open when validator sets follow each other, also over a restart (C45).
#include "node/welcome.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/actions.h"

namespace salus::node {
namespace {

NodeId node_of(std::uint8_t number) {
  NodeId out;
  out.bytes[0] = number;
  return out;
}

consensus::ValidatorSet set_of(const std::vector<std::uint8_t>& numbers) {
  std::vector<consensus::Validator> members;
  for (const std::uint8_t number : numbers) {
    PublicKey key;
    key.bytes[1] = number;
    members.push_back({.validator_key = key, .node_key = node_of(number)});
  }
  return *consensus::ValidatorSet::make(std::move(members));
}

std::vector<NodeId> nodes_of(const std::vector<std::uint8_t>& numbers) {
  std::vector<NodeId> out;
  for (const std::uint8_t number : numbers) out.push_back(node_of(number));
  return out;
}

TEST(Welcome, of_a_member_that_left_ends_after_ten_minutes) {
  Welcome welcome{set_of({1, 2, 3, 4}), {}, MonoMs{1'000}};
  EXPECT_EQ(welcome.nodes(), nodes_of({1, 2, 3, 4}));
  welcome.begin(set_of({1, 2, 3, 5}), MonoMs{2'000});
  EXPECT_EQ(welcome.nodes(), nodes_of({1, 2, 3, 5, 4}));
  EXPECT_FALSE(welcome.expire(MonoMs{2'000 + kFormerMs - 1}));
  EXPECT_TRUE(welcome.expire(MonoMs{2'000 + kFormerMs}));
  EXPECT_EQ(welcome.nodes(), nodes_of({1, 2, 3, 5}));
}

TEST(Welcome, of_one_that_comes_back_does_not_end) {
  Welcome welcome{set_of({1, 2}), {}, MonoMs{0}};
  welcome.begin(set_of({1}), MonoMs{0});
  welcome.begin(set_of({1, 2}), MonoMs{10});
  EXPECT_FALSE(welcome.expire(MonoMs{2 * kFormerMs}));
  EXPECT_EQ(welcome.nodes(), nodes_of({1, 2}));
}

TEST(Welcome, of_those_that_left_before_a_restart_has_what_is_left_of_its_time) {
  Welcome welcome{set_of({1, 2}), {{node_of(9), 500}}, MonoMs{7'000}};
  EXPECT_EQ(welcome.nodes(), nodes_of({1, 2, 9}));
  EXPECT_FALSE(welcome.expire(MonoMs{7'499}));
  EXPECT_TRUE(welcome.expire(MonoMs{7'500}));
}

// The state remembers past sets, and the ledger when they ended.
TEST(FormerMembers, are_read_from_the_ledger_after_a_restart) {
  sim::NetworkOptions options = sim::validators(5);
  options.parameters = {{"consensus.epoch_blocks_min", 1}};
  sim::Network network{options};
  network.start_all();
  network.run_for(500);
  const NodeId leaver = network.set()[ValidatorIndex{4}].node_key;
  const auto former = [&](std::uint64_t later_ms) {
    return former_members(network.replica(0).ledger(), network.disk(0).store(),
                          WallMs{network.wall(0).value() + later_ms});
  };
  EXPECT_TRUE(former(0).empty()) << "nobody has left";

  v1::Action leave;
  leave.mutable_leave();
  network.submit(4, "operator 4", leave);
  ASSERT_TRUE(network.run_until([&] { return network.replica(0).epoch() == Epoch{1}; }, 60'000));
  ASSERT_TRUE(network.run_until(
      [&] { return network.replica(0).ledger().finalized().validators.epoch() == 1; }, 10'000));
  const auto now = former(0);
  ASSERT_EQ(now.size(), 1U) << "the others sit in the present set";
  EXPECT_EQ(now.begin()->first, leaver);
  EXPECT_GT(now.begin()->second, kFormerMs - 60'000);
  EXPECT_LE(now.begin()->second, kFormerMs);
  EXPECT_LT(former(300'000).begin()->second, kFormerMs - 300'000 + 1);
  EXPECT_TRUE(former(kFormerMs + 60'000).empty());

  // A second change: both sets are recent.
  network.ask_reseat(0);
  ASSERT_TRUE(network.run_until(
      [&] { return network.replica(0).ledger().finalized().validators.epoch() == 2; }, 60'000));
  EXPECT_TRUE(former(0).contains(leaver));
}

}  // namespace
}  // namespace salus::node
