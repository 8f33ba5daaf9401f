// Owns: the regression of a node that does not see an epoch end: it holds the epoch's last block,
// executes it otherwise, and cannot judge what the next set signs. It must not stand still (C31).
#include <gtest/gtest.h>

#include "dao/validators/validators.h"
#include "ledger/keys.h"
#include "ledger/reader.h"
#include "replica/diagnosis.h"
#include "replica/situation.h"
#include "sim/actions.h"
#include "state/table.h"

namespace salus::sim {
namespace {

constexpr std::uint64_t kSecond = 1'000;
constexpr std::uint16_t kOdd = 3;

bool is_epoch_pending(Network& network, std::uint16_t node) {
  const ledger::Reader reader{network.disk(node).store()};
  return dao::validators::pending_set(reader.state()).has_value();
}

// The node is down at the block that makes the next one the epoch's last, and forgets that it is.
void forget_pending_set(Network& network, std::uint16_t node) {
  network.crash(node, CrashKind::Process);
  StoreBatch batch;
  batch.erase(std::string{ledger::kStatePrefix} + state::Key{state::Table::PendingSet}.str());
  ASSERT_TRUE(network.disk(node).store().write(batch));
}

void end_epoch_without(Network& network, std::uint16_t node) {
  network.start_all();
  network.run_for(500);
  network.ask_reseat(0);
  ASSERT_TRUE(network.run_until([&] { return is_epoch_pending(network, node); }, 10 * kSecond));
  network.oracle().expect_difference(node);
  forget_pending_set(network, node);
  ASSERT_TRUE(
      network.run_until([&] { return network.replica(0).epoch() == Epoch{1}; }, 10 * kSecond));
  const auto paid = pay(network, 0);
  ASSERT_TRUE(network.run_until([&] { return network.is_final(paid); }, 10 * kSecond));
}

consensus::Mode mode(const Network& network, std::uint16_t node) {
  return network.replica(node).status().consensus.mode;
}

bool diverges(Network& network, std::uint16_t node, std::uint64_t span_ms) {
  return network.run_until([&] { return mode(network, node) == consensus::Mode::Diverged; },
                           span_ms);
}

TEST(Regressions, who_sees_no_end_of_an_epoch_that_others_ended_has_diverged) {
  Network network{validators(4)};
  end_epoch_without(network, kOdd);
  network.start(kOdd);
  ASSERT_TRUE(diverges(network, kOdd, 20 * kSecond));
  EXPECT_EQ(network.replica(kOdd).epoch(), Epoch{}) << "for its execution the epoch goes on";
  const auto& divergence = network.replica(kOdd).divergence();
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->height, network.height(kOdd).next());
  EXPECT_TRUE(divergence->is_of_execution());
  EXPECT_EQ(divergence->reason,
            "The block before it ends the epoch, and not by our own execution.");

  network.run_for(2 * kSecond);
  network.crash(kOdd, CrashKind::Power);
  network.start(kOdd);
  network.run_for(100);
  EXPECT_EQ(mode(network, kOdd), consensus::Mode::Diverged) << "no start forgets it";
  EXPECT_EQ(network.oracle().report(), "");
}

TEST(Regressions, who_cannot_be_sure_says_whose_blocks_it_cannot_follow) {
  Network network{validators(4)};
  end_epoch_without(network, kOdd);
  network.start(kOdd);
  ASSERT_TRUE(diverges(network, kOdd, 20 * kSecond));
  // What it knew a moment before it was sure.
  Situation situation = network.replica(kOdd).situation();
  ASSERT_FALSE(situation.at_odds.empty());
  situation.status.consensus.mode = consensus::Mode::Voting;
  situation.status.diverged = false;
  situation.finalized_at.reset();
  situation.at_odds = {"v0", "v1"};
  const Verdict verdict = diagnose(situation);
  EXPECT_EQ(verdict.stall, Stall::Behind);
  EXPECT_NE(verdict.sentence.find("cannot follow"), std::string::npos) << verdict.sentence;
  EXPECT_NE(verdict.sentence.find("v0, v1"), std::string::npos) << verdict.sentence;
  situation.at_odds = {"v0"};
  EXPECT_EQ(diagnose(situation).sentence.find("cannot follow"), std::string::npos) << "one may lie";
}

}  // namespace
}  // namespace salus::sim
