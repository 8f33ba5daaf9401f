// Owns: the main job on whole replicas: a proposal is submitted, decided by members through
// different nodes, waits out its timelock and is paid once, with equal roots everywhere. Between
// the transactions the chain is idle: what is due is what makes the blocks.
#include <gtest/gtest.h>

#include "dao/assets/assets.h"
#include "dao/governance/proposals.h"
#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

using dao::test::kSecond;
using dao::test::kToken;

v1::Proposal proposal_at(const Network& network, std::uint16_t node) {
  const ledger::Reader reader{network.disk(node).store()};
  return dao::governance::find_proposal(reader.state(), 1).value_or(v1::Proposal{});
}

std::uint64_t tokens_at(const Network& network, std::uint16_t node, std::string_view name) {
  const ledger::Reader reader{network.disk(node).store()};
  return dao::assets::balance(reader.state(), network.account(name), dao::assets::kNative);
}

bool reaches(Network& network, v1::ProposalState state, std::uint64_t span_ms) {
  return network.run_until([&] { return proposal_at(network, 0).state() == state; }, span_ms);
}

void decide_and_pay(Network& network, const std::function<void()>& in_timelock) {
  const std::uint64_t before = tokens_at(network, 0, "ada");
  network.submit(0, "mira", submit_payment(1, 500 * kToken, network.account("ada"), 20 * kToken));
  ASSERT_TRUE(reaches(network, v1::PROPOSAL_STATE_NOTICE, 2 * kSecond));
  ASSERT_TRUE(reaches(network, v1::PROPOSAL_STATE_VOTING, 12 * kSecond));
  std::uint16_t node = 0;
  for (const char* name : {"mira", "noor", "pavel", "chen", "kofi", "hope", "anne"}) {
    const auto handle = network.submit(node, name, vote_yes(1));
    ASSERT_TRUE(network.run_until([&] { return network.is_final(handle); }, 2 * kSecond));
    node = static_cast<std::uint16_t>((node + 1U) % network.size());
  }
  ASSERT_TRUE(reaches(network, v1::PROPOSAL_STATE_TIMELOCK, 130 * kSecond));
  in_timelock();
  const std::uint64_t eta_ms = proposal_at(network, 0).eta_ms();
  ASSERT_TRUE(reaches(network, v1::PROPOSAL_STATE_EXECUTED, 30 * kSecond));
  // It executes when it is due, not at the next heartbeat.
  EXPECT_LT(network.wall(0).value(), eta_ms + 500);

  network.run_for(5 * kSecond);
  EXPECT_TRUE(network.all_equal());
  for (std::uint16_t each = 0; each < network.size(); ++each) {
    EXPECT_EQ(tokens_at(network, each, "ada"), before + 500 * kToken) << "at v" << each;
    EXPECT_EQ(proposal_at(network, each).state(), v1::PROPOSAL_STATE_EXECUTED) << "at v" << each;
  }
  EXPECT_EQ(network.oracle().report(), "");
}

TEST(Treasury, a_proposal_is_decided_locked_and_paid_with_equal_roots_everywhere) {
  Network network{validators(4)};
  network.start_all();
  decide_and_pay(network, [] {});
}

TEST(Treasury, it_is_paid_on_time_by_a_chain_of_one) {
  Network network{validators(1)};
  network.start_all();
  decide_and_pay(network, [] {});
}

TEST(Treasury, it_is_paid_though_all_nodes_restart_while_it_is_locked) {
  Network network{validators(4)};
  network.start_all();
  decide_and_pay(network, [&] {
    for (std::uint16_t node = 0; node < 4; ++node) network.crash(node);
    network.run_for(1 * kSecond);
    network.start_all();
  });
}

}  // namespace
}  // namespace salus::sim
