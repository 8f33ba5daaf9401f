// Owns: the proof that consensus work is verified before a flood of transactions, and that the
// flood is refused at its bound.
#include "node/verify_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <vector>

namespace salus::node {
namespace {

using replica::Verification;
using replica::Verified;

Verified answer(std::string_view what) { return replica::BadFrame{.from = {}, .what = what}; }

// Holds the only worker until it is let go.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::promise<void> running;

  Verification job() {
    return {Verification::Urgency::Consensus, [this] {
              running.set_value();
              opened.wait();
              return answer("gate");
            }};
  }
};

TEST(VerifyPool, answers_consensus_work_before_bulk_work_that_came_first) {
  std::mutex mutex;
  std::vector<std::string_view> order;
  std::promise<void> done;
  Gate gate;
  VerifyPool pool{1, [&](std::vector<Verified> answers) {
                    const std::lock_guard lock{mutex};
                    for (const Verified& verified : answers) {
                      order.push_back(std::get<replica::BadFrame>(verified).what);
                    }
                    if (order.size() == 4) done.set_value();
                  }};
  ASSERT_TRUE(pool.submit(gate.job()));
  gate.running.get_future().wait();
  ASSERT_TRUE(pool.submit({Verification::Urgency::Bulk, [] { return answer("bulk"); }}));
  ASSERT_TRUE(pool.submit({Verification::Urgency::Bulk, [] { return answer("bulk"); }}));
  ASSERT_TRUE(pool.submit({Verification::Urgency::Consensus, [] { return answer("vote"); }}));
  gate.open.set_value();
  done.get_future().wait();
  pool.stop();
  EXPECT_EQ(order, (std::vector<std::string_view>{"gate", "vote", "bulk", "bulk"}));
}

// Regression: whoever sent the most had the most of it verified, and everybody's votes waited.
TEST(VerifyPool, answers_the_consensus_work_of_peers_in_turn) {
  const auto work_of = [](std::uint8_t peer, std::string_view what) {
    NodeId from;
    from.bytes.fill(peer);
    return Verification{Verification::Urgency::Consensus, [what] { return answer(what); },
                        std::nullopt, from};
  };
  std::mutex mutex;
  std::vector<std::string_view> order;
  std::promise<void> done;
  Gate gate;
  VerifyPool pool{1, [&](const std::vector<Verified>& answers) {
                    const std::lock_guard lock{mutex};
                    for (const Verified& verified : answers) {
                      order.push_back(std::get<replica::BadFrame>(verified).what);
                    }
                    if (order.size() == 6) done.set_value();
                  }};
  ASSERT_TRUE(pool.submit(gate.job()));
  gate.running.get_future().wait();
  for (const std::string_view what : {"1a", "1b", "1c"}) ASSERT_TRUE(pool.submit(work_of(1, what)));
  for (const std::string_view what : {"2a", "2b"}) ASSERT_TRUE(pool.submit(work_of(2, what)));
  gate.open.set_value();
  done.get_future().wait();
  pool.stop();
  EXPECT_EQ(order, (std::vector<std::string_view>{"gate", "1a", "2a", "1b", "2b", "1c"}));
}

TEST(VerifyPool, refuses_bulk_work_beyond_its_bound_and_never_consensus_work) {
  Gate gate;
  VerifyPool pool{1, [](std::vector<Verified>) {}};
  ASSERT_TRUE(pool.submit(gate.job()));
  gate.running.get_future().wait();
  std::size_t accepted = 0;
  while (pool.submit({Verification::Urgency::Bulk, [] { return answer("bulk"); }})) ++accepted;
  EXPECT_EQ(accepted, VerifyPool::kBulkMax);
  EXPECT_TRUE(pool.submit({Verification::Urgency::Consensus, [] { return answer("vote"); }}));
  gate.open.set_value();
  pool.stop();
}

// One peer that sends faster than its blocks are decoded fills its own place only, and has it again
// when they are.
TEST(VerifyPool, holds_at_most_so_many_bytes_of_one_peer) {
  constexpr std::size_t kBlock = std::size_t{8} << 20U;
  const auto block = [](std::uint8_t peer) {
    NodeId from;
    from.bytes.fill(peer);
    return Verification{Verification::Urgency::Consensus, [] { return answer("block"); },
                        std::nullopt, from, kBlock};
  };
  std::mutex mutex;
  std::size_t answered = 0;
  std::promise<void> done;
  Gate gate;
  VerifyPool pool{1, [&](const std::vector<Verified>& answers) {
                    const std::lock_guard lock{mutex};
                    answered += answers.size();
                    if (answered == 4) done.set_value();
                  }};
  ASSERT_TRUE(pool.submit(gate.job()));
  gate.running.get_future().wait();
  std::size_t accepted = 0;
  while (pool.submit(block(1))) ++accepted;
  EXPECT_EQ(accepted, VerifyPool::kPeerBytesMax / kBlock);
  EXPECT_TRUE(pool.submit(block(2))) << "another peer pays for itself";
  gate.open.set_value();
  done.get_future().wait();
  EXPECT_TRUE(pool.submit(block(1)));
  pool.stop();
}

TEST(VerifyPool, holds_at_most_so_many_bytes_of_bulk_work) {
  constexpr std::size_t kTransaction = std::size_t{64} << 10U;
  Gate gate;
  VerifyPool pool{1, [](const std::vector<Verified>&) {}};
  ASSERT_TRUE(pool.submit(gate.job()));
  gate.running.get_future().wait();
  std::size_t accepted = 0;
  while (pool.submit({Verification::Urgency::Bulk, [] { return answer("bulk"); }, std::nullopt,
                      std::nullopt, kTransaction})) {
    ++accepted;
  }
  EXPECT_EQ(accepted, VerifyPool::kBulkBytesMax / (kTransaction + VerifyPool::kOrderBytes));
  gate.open.set_value();
  pool.stop();
}

}  // namespace
}  // namespace salus::node
