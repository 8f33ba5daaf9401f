// Owns: whoever executes the chain from genesis arrives at the roots that the network certified.
#include <gtest/gtest.h>

#include "ledger/genesis.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "sim/actions.h"
#include "replica/facts.h"
#include "state/record.h"

namespace salus::sim {
namespace {

TEST(Replay, the_chain_executed_from_genesis_gives_the_same_roots) {
  Faults faults;
  faults.delay_ms_max = 40;
  faults.lost = 50;
  faults.disk_ms_max = 5;
  Network network{validators(4, 11, faults)};
  network.start_all();
  network.submit(
      1, "mira",
      submit_payment(1, dao::test::kToken, network.account("ada"), 20 * dao::test::kToken));
  for (int i = 0; i < 60; ++i) {
    const auto node = static_cast<std::uint16_t>(i % 4);
    if (i == 15) network.submit(2, "noor", vote_yes(1));
    pay(network, node, i % 2 == 0 ? "chen" : "hope", static_cast<std::uint64_t>(i + 1));
    if (i % 20 == 7) network.crash(3);
    if (i % 20 == 17) network.start(3);
    network.run_for(900);
    network.submit_lost_again();
  }
  network.set_faults({});
  ASSERT_TRUE(settles(network, 30'000));
  ASSERT_EQ(network.oracle().report(), "");

  const ledger::Reader held{network.disk(0).store()};
  const std::string genesis = held.genesis_bytes();
  const auto document = state::decode<v1::GenesisDocument>(genesis);
  storage::MemoryStore fresh;
  ASSERT_TRUE(fresh.write(*ledger::make_genesis(document, as_bytes(genesis))));
  auto replayed = ledger::Ledger::open(fresh);
  ASSERT_TRUE(replayed);
  for (Height height{1}; height <= held.tip().height; height = height.next()) {
    const auto stored = held.stored_block(height);
    auto block = ledger::Block::decode_and_verify(as_bytes(stored->bytes));
    ASSERT_TRUE(block);
    const ledger::Header header = (*block)->header();
    const Digest digest = (*block)->digest();
    // Each header certifies the state before it.
    ASSERT_EQ(header.state_root, replayed->finalized().state_root) << height.value();
    ASSERT_EQ(header.results_root, replayed->finalized().results_root) << height.value();
    ASSERT_TRUE(replayed->add(std::move(*block)));
    ASSERT_TRUE(replayed->execute(digest));
    ASSERT_TRUE(fresh.write(replayed->prepare_finalize(digest, stored->certificate)));
    replayed->confirm_finalized(digest);
  }
  // Not only the roots: every byte that the ledger holds, but for this node's own note (S9).
  auto theirs = network.disk(0).store().entries();
  theirs.erase(std::string{kVoteStageKey});
  EXPECT_EQ(fresh.entries(), theirs);
  EXPECT_GT(held.tip().height.value(), 60U);
}

}  // namespace
}  // namespace salus::sim
