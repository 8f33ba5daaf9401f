// Owns: a protocol version is voted in, made ready for, and reached by whole replicas that do not
// know it: they all stop at the same height before its first block, and none diverges (G-10.9).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dao/application.h"
#include "dao/governance/proposals.h"
#include "ledger/reader.h"
#include "replica/diagnosis.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

using dao::test::kSecond;
using dao::test::kToken;

constexpr std::uint64_t kFromHeight = 60;

v1::Action submit_upgrade() {
  v1::Action action = submit_payment(1, 1, AccountId{}, 50 * kToken);
  v1::ProposalOption& option = *action.mutable_submit()->mutable_options(0);
  option.clear_actions();
  v1::ScheduleUpgrade& upgrade = *option.add_actions()->mutable_schedule_upgrade();
  upgrade.set_version(ledger::kProtocolVersion + 1);
  upgrade.set_manifest_hash(std::string(32, 'm'));
  upgrade.set_from_height(kFromHeight);
  return action;
}

std::uint32_t scheduled_at(const Network& network, std::uint16_t node) {
  const ledger::Reader reader{network.disk(node).store()};
  const auto coming = dao::coming_upgrade(reader.state());
  return coming ? coming->version : 0;
}

v1::ProposalState standing(const Network& network) {
  const ledger::Reader reader{network.disk(0).store()};
  return dao::governance::find_proposal(reader.state(), 1).value_or(v1::Proposal{}).state();
}

TEST(Upgrade, stops_old_builds_at_one_height_before_the_first_block_of_the_new_version) {
  NetworkOptions options = validators(4);
  options.parameters = {{"validators.upgrade_notice", 1}, {"validators.upgrade_window", 1'000}};
  Network network{options};
  network.start_all();
  network.submit(0, "mira", submit_upgrade());
  ASSERT_TRUE(network.run_until([&] { return standing(network) == v1::PROPOSAL_STATE_VOTING; },
                                15 * kSecond));
  for (const char* name : {"mira", "noor", "pavel", "chen", "kofi", "hope", "anne"}) {
    const auto handle = network.submit(0, name, vote_yes(1));
    ASSERT_TRUE(network.run_until([&] { return network.is_final(handle); }, 2 * kSecond));
  }
  ASSERT_TRUE(network.run_until([&] { return scheduled_at(network, 0) != 0; }, 170 * kSecond));
  for (int i = 0; i < 4; ++i) {
    v1::Action ready;
    ready.mutable_signal_ready()->set_version(ledger::kProtocolVersion + 1);
    const auto handle = network.submit(0, fmt::format("operator {}", i), ready);
    ASSERT_TRUE(network.run_until([&] { return network.is_final(handle); }, 2 * kSecond));
  }
  const auto stopped = [&](std::uint16_t node) {
    const auto status = network.replica(node).status();
    return status.consensus.mode == consensus::Mode::Observing &&
           status.consensus.observing == consensus::ObservingReason::Version;
  };
  // Payments make the blocks, up to the height.
  for (int i = 0; i < 80 && !stopped(0); ++i) {
    pay(network, 0);
    network.run_for(kSecond / 2);
  }
  ASSERT_TRUE(network.run_until(
      [&] { return stopped(0) && stopped(1) && stopped(2) && stopped(3); }, 10 * kSecond));
  network.run_for(5 * kSecond);
  for (std::uint16_t node = 0; node < 4; ++node) {
    const replica::Replica& replica = network.replica(node);
    EXPECT_EQ(replica.ledger().finalized().height, Height{kFromHeight}) << "at v" << node;
    EXPECT_EQ(replica::diagnose(replica.situation()).stall, replica::Stall::Version);
    EXPECT_FALSE(replica.status().diverged);
  }
  // A restart finds it in the state, before any vote.
  network.crash(0);
  network.start(0);
  ASSERT_TRUE(network.run_until([&] { return stopped(0); }, 2 * kSecond));
}

}  // namespace
}  // namespace salus::sim
