// Owns: each fault of a disk by its name, alone: what the node does with it, and that the chain
// goes on (consensus.md, section 16, "disk").
#include <gtest/gtest.h>

#include "sim/actions.h"

namespace salus::sim {
namespace {

constexpr std::uint16_t kVictim = 2;

class DiskFault : public ::testing::Test {
 protected:
  void SetUp() override {
    Faults faults;
    faults.delay_ms_max = 5;
    faults.disk_ms_min = 1;
    faults.disk_ms_max = 3;
    network.set_faults(faults);
    network.restart_failed_after(1'000);
    network.start_all();
    network.run_for(200);
    pay_and_run(10);
  }
  void pay_and_run(int count) {
    for (int i = 0; i < count; ++i) {
      pay(network, static_cast<std::uint16_t>(i % 2));
      network.run_for(150);
    }
  }
  consensus::CoreStatus status() const { return network.replica(kVictim).status().consensus; }
  void expect_that_the_chain_goes_on() {
    pay_and_run(3);
    EXPECT_TRUE(settles(network, 20'000));
    EXPECT_EQ(network.oracle().report(), "");
  }
  void expect_that_it_votes() {
    const auto before = network.is_up(kVictim) ? status().counters.notarize_cast : 0;
    pay_and_run(5);
    network.run_for(3'000);
    ASSERT_TRUE(network.is_up(kVictim));
    EXPECT_EQ(status().mode, consensus::Mode::Voting);
    EXPECT_GT(status().counters.notarize_cast, before);
  }
  void expect_that_it_observes() {
    ASSERT_TRUE(network.is_up(kVictim));
    EXPECT_EQ(status().mode, consensus::Mode::Observing);
    pay_and_run(5);
    EXPECT_EQ(status().counters.notarize_cast, 0U);
  }

  Network network{validators(4, 7)};
};

TEST_F(DiskFault, slow_sync_and_stalls_cost_time_only) {
  Faults faults = network.faults();
  faults.disk_ms_max = 20;
  faults.disk_stalls = 100;
  faults.disk_stall_ms_max = 2'000;
  network.set_faults(faults);
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, an_error_of_sync_ends_the_process_and_it_comes_back_and_votes) {
  network.fail_next_sync(kVictim);
  pay_and_run(2);
  EXPECT_EQ(network.oracle().aborts(), 1U);
  network.run_for(2'000);
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, an_error_of_write_ends_the_process_and_it_comes_back_and_votes) {
  network.fail_next_write(kVictim);
  pay_and_run(2);
  EXPECT_EQ(network.oracle().aborts(), 1U);
  network.run_for(2'000);
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, builds_declined_for_want_of_space_and_slow_links_cost_time_only) {
  Faults faults = network.faults();
  faults.declined = 300;
  faults.link_mib_per_s = 1;
  network.set_faults(faults);
  pay_and_run(20);
  EXPECT_TRUE(settles(network, 20'000));
  std::uint64_t declined = 0;
  for (std::uint16_t node = 0; node < 4; ++node) {
    declined += network.replica(node).status().consensus.counters.triggers[static_cast<std::size_t>(
        consensus::Trigger::Declined)];
  }
  EXPECT_GT(declined, 0U);
  network.set_faults({});
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, a_full_disk_ends_the_process_until_there_is_room) {
  network.set_disk_full(kVictim, true);
  pay_and_run(60);
  EXPECT_GE(network.oracle().aborts(), 1U);
  EXPECT_FALSE(network.is_up(kVictim));
  network.set_disk_full(kVictim, false);
  network.run_for(2'000);
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, a_flipped_bit_before_the_tail_is_amnesia) {
  network.crash(kVictim);
  ASSERT_TRUE(network.damage_journal(kVictim));
  network.start(kVictim);
  expect_that_it_observes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, a_lost_disk_is_amnesia) {
  network.crash(kVictim);
  network.lose_disk(kVictim);
  network.start(kVictim);
  expect_that_it_observes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, an_old_backup_is_caught_by_what_others_heard) {
  network.back_up(kVictim);
  pay_and_run(10);
  network.crash(kVictim);
  network.restore_backup(kVictim);
  network.start(kVictim);
  network.run_for(2'000);
  expect_that_it_observes();
  // And it still does after another start: the guard knows.
  network.crash(kVictim);
  network.start(kVictim);
  network.run_for(2'000);
  expect_that_it_observes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, a_record_that_changed_by_itself_makes_its_node_diverge_alone) {
  network.crash(kVictim);
  network.make_differ(kVictim);
  network.start(kVictim);
  pay_and_run(10);
  network.run_for(5'000);
  ASSERT_TRUE(network.is_up(kVictim));
  EXPECT_EQ(status().mode, consensus::Mode::Diverged);
  for (std::uint16_t other = 0; other < 4; ++other) {
    if (other == kVictim) continue;
    EXPECT_EQ(network.replica(other).status().consensus.mode, consensus::Mode::Voting);
  }
  // It stays so over a start.
  network.crash(kVictim);
  network.start(kVictim);
  network.run_for(2'000);
  EXPECT_EQ(status().mode, consensus::Mode::Diverged);
  const Height before = network.oracle().height();
  pay_and_run(5);
  EXPECT_GT(network.oracle().height(), before);
  network.oracle().finish();
  EXPECT_EQ(network.oracle().report(), "");
}

TEST_F(DiskFault, torn_tails_of_many_power_cuts_lose_no_vote) {
  for (std::uint64_t cut = 0; cut < 40; ++cut) {
    pay(network, 0);
    network.run_for(cut % 13);
    network.crash(kVictim, cut % 3 == 0 ? CrashKind::Process : CrashKind::Power);
    network.run_for(30);
    if (cut % 4 == 1) {
      network.start_twice(kVictim);
    } else {
      network.start(kVictim);
    }
    network.run_for(200);
  }
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, power_cuts_of_all_at_once_lose_nothing_final) {
  for (std::uint64_t cut = 0; cut < 25; ++cut) {
    pay(network, 0);
    network.run_for(cut);
    for (std::uint16_t node = 0; node < 4; ++node) network.crash(node);
    network.run_for(10);
    network.start_all();
    network.run_for(500);
    network.submit_lost_again();
  }
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

// S9: nothing of what it signed is lost, so it is no amnesia; it waits for its ledger.
TEST_F(DiskFault, a_lost_ledger_beside_a_whole_guard_is_no_amnesia) {
  network.ask_reseat(0);
  pay_and_run(5);
  ASSERT_EQ(network.replica(0).epoch(), Epoch{1});
  network.crash(kVictim);
  network.lose_ledger(kVictim);
  network.start(kVictim);
  EXPECT_EQ(status().observing, consensus::ObservingReason::LedgerBehind);
  expect_that_the_chain_goes_on();
  // The guard and the journal of that epoch agree.
  network.crash(kVictim);
  network.start(kVictim);
  expect_that_it_votes();
  expect_that_the_chain_goes_on();
}

TEST_F(DiskFault, a_lost_disk_is_filled_by_a_snapshot_though_one_of_the_peers_lies) {
  // Every part that it gives is wrong by a bit.
  class Liar final : public Corruption {
   public:
    void sends(Frame frame, std::vector<Frame>& out) override {
      if (frame.type == FrameType::Answer && frame.payload.size() > 40) frame.payload.back() ^= 1;
      out.push_back(std::move(frame));
    }
    void hears(const Frame&) override {}
  };
  Liar liar;
  network.corrupt(0, &liar);
  pay_and_run(5);
  network.crash(kVictim);
  network.lose_disk(kVictim);
  network.join_by_snapshot(kVictim);
  EXPECT_TRUE(network.is_joining(kVictim));
  ASSERT_TRUE(network.run_until([&] { return network.is_up(kVictim); }, 60'000));
  EXPECT_EQ(network.snapshots(), 1U);
  EXPECT_GT(network.height(kVictim), Height{5});
  expect_that_it_observes();
  expect_that_the_chain_goes_on();
  network.corrupt(0, nullptr);
}

TEST_F(DiskFault, a_crash_in_the_middle_of_a_snapshot_costs_what_was_on_its_way) {
  for (int crash = 0; crash < 12; ++crash) {
    network.crash(kVictim);
    if (crash == 0) network.lose_disk(kVictim);
    network.join_by_snapshot(kVictim);
    network.run_for(static_cast<std::uint64_t>(3 * crash));
  }
  ASSERT_TRUE(network.run_until([&] { return network.is_up(kVictim); }, 60'000));
  EXPECT_EQ(network.snapshots(), 1U);
  expect_that_the_chain_goes_on();
}

}  // namespace
}  // namespace salus::sim
