// Owns: regressions of section 15 that need more than cores: blocks that are hashed and executed,
// clocks, sets that change, and a node that catches up (C29, C30, C44 to C46).
#include <gtest/gtest.h>

#include <vector>

#include "dao/a_validator.h"
#include "dao/validators/preflight.h"
#include "ledger/reader.h"
#include "sim/actions.h"
#include "sim/traitor.h"

namespace salus::sim {
namespace {

constexpr std::uint64_t kSecond = 1'000;

bool are_all_voting(const Network& network) {
  for (std::uint16_t node = 0; node < network.size(); ++node) {
    if (!network.is_up(node)) continue;
    if (network.replica(node).status().consensus.mode != consensus::Mode::Voting) return false;
  }
  return true;
}

// From FISCO-BCOS/FISCO-BCOS#2448.
TEST(Regressions, digest_is_recomputed) {
  Network network{validators(4)};
  Traitor traitor{network, 3};
  network.start_all();
  network.run_for(100);
  pay(network, 0);
  network.run_for(kSecond);
  ASSERT_TRUE(traitor.turn_traitor_when_it_leads());

  // A block with which nothing is wrong, under the name of another.
  const auto block = ledger::Block::make(traitor.header(), {});
  Digest claimed = block->digest();
  claimed.bytes[7] ^= 1;
  traitor.show(traitor.others(), claimed, as_bytes(block->bytes()));
  traitor.vote(traitor.others(), claimed);
  network.run_for(5 * kSecond);
  for (const std::uint16_t node : traitor.others()) {
    const ledger::Reader reader{network.disk(node).store()};
    EXPECT_FALSE(reader.height_of(claimed));
  }
  pay(network, 1);
  EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 10 * kSecond));
  EXPECT_TRUE(are_all_voting(network));
  EXPECT_EQ(network.oracle().report(), "");
}

// From besu-eth/besu#8425.
TEST(Regressions, fast_clock_is_pending) {
  struct Case {
    std::int64_t ahead_ms;
    bool is_skipped;
  };
  // Beyond clock_ahead_ms by less than t_a it is waited for; beyond that its views are skipped.
  for (const Case& row : {Case{.ahead_ms = 1'300, .is_skipped = false},
                          Case{.ahead_ms = 300'000, .is_skipped = true}}) {
    SCOPED_TRACE(row.ahead_ms);
    Network network{validators(4)};
    network.start_all();
    network.run_for(100);
    network.shift_clock(2, row.ahead_ms);
    for (int i = 0; i < 10; ++i) {
      pay(network, 0);
      EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 10 * kSecond)) << i;
    }
    std::uint64_t timeouts = 0;
    for (std::uint16_t node = 0; node < 4; ++node) {
      const consensus::Counters& of = network.replica(node).status().consensus.counters;
      EXPECT_EQ(of.invalid_candidates, 0U) << "nobody rejects it";
      timeouts += of.triggers[static_cast<std::size_t>(consensus::Trigger::ViewTimeout)];
    }
    EXPECT_EQ(timeouts > 0, row.is_skipped);
    EXPECT_TRUE(are_all_voting(network));
    EXPECT_EQ(network.oracle().report(), "");
  }
}

// From ava-labs/Simplex#552.
TEST(Regressions, one_instance_over_two_epochs) {
  NetworkOptions options = validators(4);
  options.parameters = {{"consensus.epoch_blocks_min", 1}};
  Network network{options};
  network.start_all();
  network.run_for(500);
  network.crash(3);
  const auto epoch_of = [&](std::uint16_t node) {
    return network.replica(node).status().consensus.epoch;
  };
  for (std::uint16_t epoch = 1; epoch <= 2; ++epoch) {
    network.ask_reseat(epoch);
    ASSERT_TRUE(network.run_until([&] { return epoch_of(0) == Epoch{epoch}; }, 60 * kSecond));
    for (int i = 0; i < 4; ++i) {
      pay(network, 0);
      ASSERT_TRUE(network.run_until([&] { return network.are_all_final(); }, 10 * kSecond));
    }
  }

  network.start(3);
  std::vector<Epoch> lived{epoch_of(3)};
  ASSERT_TRUE(network.run_until(
      [&] {
        if (lived.back() != epoch_of(3)) lived.push_back(epoch_of(3));
        return network.all_equal() && network.height_of(4) == network.oracle().height();
      },
      30 * kSecond));
  EXPECT_EQ(lived, (std::vector{Epoch{0}, Epoch{1}, Epoch{2}})) << "one after the other";
  // It is needed again, and votes.
  network.crash(0);
  const auto paid = pay(network, 1);
  EXPECT_TRUE(network.run_until([&] { return network.is_final(paid); }, 30 * kSecond));
  EXPECT_TRUE(are_all_voting(network));
  EXPECT_EQ(network.oracle().report(), "");
}

}  // namespace
}  // namespace salus::sim

namespace salus::dao::test {
namespace {

// From FISCO-BCOS/FISCO-BCOS#3876 and #4123.
TEST(Regressions, set_change_needs_live_quorum) {
  Dao dao(a_network(3), people_of_network(3));
  // Only the first four of seven build blocks; 4n heights later the others count as absent.
  end_blocks(dao, 28);
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"olga"}})), "Ok");
  end_blocks(dao, 8);
  EXPECT_EQ(waits(dao), (std::vector<std::string>{"Q2"})) << "waits, and says why";
  EXPECT_FALSE(validators::pending_set(dao.state()).has_value());
  const v1::SetChangeQueue queue = validators::set_changes(dao.state());
  const auto judged = validators::preflight(dao.state(), queue.changes(0), dao.height());
  EXPECT_EQ(validators::verdict(judged), "n 6, quorum 5, live 3: would wait for Q2");

  // Two that say they are there make the quorum of the next set.
  make_ready(dao, "op0");
  make_ready(dao, "op1");
  cross_boundary(dao);
  EXPECT_EQ(members(dao).size(), 6U);
  EXPECT_TRUE(waits(dao).empty());
}

}  // namespace
}  // namespace salus::dao::test
