// Owns: a validator whose ledger was changed behind its back executes otherwise than the others: it
// stops voting, says where and what it knows, and the others go on without it (C31).
#include <gtest/gtest.h>

#include "dao/assets/assets.h"
#include "ledger/block.h"
#include "ledger/keys.h"
#include "ledger/results.h"
#include "sim/actions.h"
#include "state/record.h"
#include "wire/block_frame.h"

namespace salus::sim {
namespace {

using dao::test::kSecond;

// It has blocks to fetch by height, and its own ledger was changed.
void start_last_with_a_changed_record_and_behind(Network& network) {
  network.start_all();
  network.run_for(500);
  network.crash(3, CrashKind::Process);
  network.make_differ(3);
  for (int i = 0; i < 3; ++i) {
    const auto paid = pay(network, 0, "mira");
    ASSERT_TRUE(network.run_until([&] { return network.is_final(paid); }, 10 * kSecond));
  }
  network.start(3);
}

TEST(Divergence, is_known_by_height_roots_and_the_records_that_the_block_changed) {
  Network network{validators(4)};
  network.start_all();
  const auto pay = [&] {
    return network.submit(0, "mira", dao::test::transfer(network.account("noor"), 1));
  };
  const auto first = pay();
  ASSERT_TRUE(network.run_until([&] { return network.is_final(first); }, 5 * kSecond));
  network.run_for(2 * kSecond);
  const Height before = network.height(3);

  network.crash(3, CrashKind::Process);
  const std::string key =
      state::Key{state::Table::Balances}.bytes(network.account("mira").view()).u32(0).str();
  const std::string stored = std::string{ledger::kStatePrefix} + key;
  auto balance = state::decode<v1::Balance>(*network.disk(3).store().get(stored));
  balance.set_amount(balance.amount() + 1'000);
  StoreBatch batch;
  batch.put(stored, state::encode(balance));
  ASSERT_TRUE(network.disk(3).store().write(batch));
  network.start(3);
  network.run_for(2 * kSecond);
  EXPECT_FALSE(network.replica(3).divergence()) << "nothing has read the record yet";

  const auto second = pay();
  ASSERT_TRUE(network.run_until([&] { return network.is_final(second); }, 10 * kSecond));
  const auto third = pay();
  ASSERT_TRUE(network.run_until([&] { return network.is_final(third); }, 10 * kSecond));
  network.run_for(2 * kSecond);

  const auto& divergence = network.replica(3).divergence();
  ASSERT_TRUE(divergence);
  EXPECT_TRUE(divergence->is_of_execution());
  EXPECT_NE(divergence->own_state_root, divergence->expected_state_root);
  EXPECT_EQ(divergence->own_results_root, divergence->expected_results_root);
  EXPECT_GT(divergence->height, before.next());
  EXPECT_FALSE(divergence->block.empty());
  if (!divergence->parent_block.empty()) {
    ASSERT_TRUE(divergence->changes.contains(key));
    EXPECT_NE(divergence->changes.at(key).after, network.disk(0).store().get(stored));
  }
  ASSERT_TRUE(divergence->difference) << "its peers show which record it is";
  EXPECT_EQ(divergence->difference->key, key);
  const auto own = state::decode<v1::Balance>(divergence->difference->own.value());
  const auto agreed = state::decode<v1::Balance>(divergence->difference->agreed.value());
  EXPECT_EQ(own.amount(), agreed.amount() + 1'000);
  const auto mode = [&] { return network.replica(3).status().consensus.mode; };
  EXPECT_EQ(mode(), consensus::Mode::Diverged);
  EXPECT_EQ(network.replica(3).ledger().finalized().height, divergence->height.previous())
      << "it goes no further";
  EXPECT_GT(network.height(0), divergence->height);

  network.crash(3, CrashKind::Power);
  network.start(3);
  network.run_for(10);
  EXPECT_EQ(mode(), consensus::Mode::Diverged) << "the journal says so before any block does";
}

TEST(Divergence, met_in_blocks_that_come_by_height_is_as_durable_as_one_met_in_a_vote) {
  Network network{validators(4)};
  ASSERT_NO_FATAL_FAILURE(start_last_with_a_changed_record_and_behind(network));
  const auto is_diverged = [&] {
    return network.replica(3).status().consensus.mode == consensus::Mode::Diverged;
  };
  ASSERT_TRUE(network.run_until(is_diverged, 10 * kSecond));
  network.run_for(100);
  // No link: what it knows, it knows from its own disk.
  network.crash(3, CrashKind::Power);
  network.partition({{0, 1, 2}, {3}});
  network.start(3);
  network.run_for(1 * kSecond);
  EXPECT_TRUE(is_diverged());
  EXPECT_EQ(network.oracle().report(), "");
}

// What it knows is written down also where it has no bytes to show.
TEST(Divergence, over_a_block_that_is_not_held_is_described_by_digest_and_reason) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(500);
  std::optional<Digest> condemned;
  network.watch([&](const Frame& frame) {
    if (frame.to != 3 || frame.type != FrameType::Block) return true;
    const auto block = wire::decode_block_frame(frame.payload);
    if (!condemned && block) {
      condemned = block->digest;
      network.condemn(3, *condemned);
    }
    return !block || block->digest != *condemned;
  });
  const Height before = network.height(3);
  const auto paid = pay(network, 0, "mira");
  ASSERT_TRUE(network.run_until([&] { return network.is_final(paid); }, 10 * kSecond));
  network.run_for(2 * kSecond);
  ASSERT_TRUE(condemned);
  const auto& divergence = network.replica(3).divergence();
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->digest, *condemned);
  EXPECT_FALSE(divergence->reason.empty());
  EXPECT_TRUE(divergence->block.empty());
  EXPECT_GT(divergence->height, before);
  EXPECT_FALSE(divergence->own_state_root);
}

// In blocks that come by height what was executed last never reaches the disk.
TEST(Divergence, met_above_a_block_that_is_not_in_the_ledger_carries_its_results) {
  Network network{validators(4)};
  ASSERT_NO_FATAL_FAILURE(start_last_with_a_changed_record_and_behind(network));
  ASSERT_TRUE(
      network.run_until([&] { return network.replica(3).divergence().has_value(); }, 10 * kSecond));
  const Divergence& divergence = *network.replica(3).divergence();
  ASSERT_FALSE(divergence.parent_block.empty());
  const auto block = ledger::Block::decode(as_bytes(divergence.parent_block));
  ASSERT_TRUE(block.has_value());
  v1::BlockResults own;
  ASSERT_TRUE(own.ParseFromString(divergence.parent_results));
  ASSERT_EQ(static_cast<std::size_t>(own.results_size()), block->transactions().size());
  EXPECT_GT(own.results_size(), 0);
  EXPECT_EQ(ledger::results_root(own), divergence.own_results_root);
}

// Found by seed 13842: the peer that is asked for a part may compute otherwise too, and not know
// it.
TEST(Divergence, regression_who_asks_another_diverged_node_for_a_part_accuses_nobody) {
  // In some of the pairs one is the first that the other asks.
  for (std::uint16_t one = 0; one < 7; ++one) {
    const auto other = static_cast<std::uint16_t>((one + 1) % 7);
    const auto payer = static_cast<std::uint16_t>((one + 2) % 7);
    Network network{validators(7)};
    network.start_all();
    const auto first = pay(network, payer, "mira");
    ASSERT_TRUE(network.run_until([&] { return network.is_final(first); }, 10 * kSecond));
    for (const std::uint16_t node : {one, other}) {
      network.crash(node, CrashKind::Process);
      network.make_differ(node);
      network.start(node);
    }
    const auto has_found = [&](std::uint16_t node) {
      return network.replica(node).divergence() && network.replica(node).divergence()->difference;
    };
    for (int i = 0; i < 20 && !(has_found(one) && has_found(other)); ++i) {
      pay(network, payer, "mira");
      network.run_for(kSecond);
    }
    EXPECT_TRUE(has_found(one) && has_found(other)) << "each finds its record all the same";
    EXPECT_TRUE(network.oracle().violations().empty()) << network.oracle().report();
  }
}

// Of a peer that has not finalized that state yet nothing comes, however often it is asked.
TEST(Divergence, goes_on_asking_for_the_record_until_somebody_shows_it) {
  Network network{validators(4)};
  network.start_all();
  const auto first = pay(network, 0, "mira");
  ASSERT_TRUE(network.run_until([&] { return network.is_final(first); }, 10 * kSecond));
  network.crash(3, CrashKind::Process);
  network.make_differ(3);
  network.start(3);
  bool shows_nothing = true;
  std::uint64_t asked = 0;
  network.watch([&](const Frame& frame) {
    const bool is_answer = frame.to == 3 && frame.type == FrameType::Answer;
    const bool asks = frame.from == 3 && frame.type == FrameType::Fetch;
    if (asks && shows_nothing) ++asked;
    return !(is_answer && shows_nothing && network.replica(3).divergence());
  });
  for (int i = 0; i < 10 && !network.replica(3).divergence(); ++i) {
    pay(network, 0, "mira");
    network.run_for(kSecond);
  }
  ASSERT_TRUE(network.replica(3).divergence());
  network.run_for(600 * kSecond);
  EXPECT_FALSE(network.replica(3).divergence()->difference);
  EXPECT_LT(asked, 100U) << "more and more rarely";
  shows_nothing = false;
  network.run_for(61 * kSecond);
  EXPECT_TRUE(network.replica(3).divergence()->difference);
}

}  // namespace
}  // namespace salus::sim
