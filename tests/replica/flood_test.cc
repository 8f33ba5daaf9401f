// Owns: floods by one validator take no memory: votes of views that nobody is in, and votes whose
// signatures are wrong (consensus.md, section 10; FISCO-BCOS/FISCO-BCOS#2211).
#include <gtest/gtest.h>
#include <malloc.h>

#include "consensus/codec.h"
#include "sim/actions.h"
#include "sim/traitor.h"

namespace salus::sim {
namespace {

constexpr std::uint16_t kTraitor = 3;
constexpr std::uint64_t kFrames = 100'000;
// What the simulator and three replicas may hold more after a flood than before: a few blocks, and
// logs of what was sent. The frames themselves have over 12 MB.
constexpr std::size_t kGrowthMax = std::size_t{2} << 20U;

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct FloodTest : testing::Test {
  FloodTest() {
    network.start_all();
    network.run_for(100);
    pay(network, 0);
    network.run_for(1'000);
    traitor.turn_traitor();
  }

  Bytes vote(View view, bool is_signed) const {
    consensus::Vote out{.subject = consensus::nullify(Epoch{0}, view),
                        .signer = network.validator_of(kTraitor),
                        .signature = {}};
    if (is_signed) {
      const Bytes message = consensus::signed_bytes(network.chain_id(), out.subject);
      out.signature = network.validator_key(kTraitor).sign(message);
    }
    return consensus::encode(out);
  }
  // In bursts, after each of which so much time goes by.
  template <typename Next>
  void flood(std::uint64_t burst, std::uint64_t rest_ms, const Next& next) {
    const std::uint64_t sent = network.frames_sent();
    for (std::uint64_t i = 0; i < kFrames; ++i) {
      traitor.send({static_cast<std::uint16_t>(i % 3)}, FrameType::Vote, next(i));
      // Arrived, judged and forgotten.
      if (i % burst == burst - 1) network.run_for(rest_ms);
    }
    network.run_for(1'000);
    ASSERT_GE(network.frames_sent() - sent, kFrames) << "they were on their way";
  }
  void expect_that_nothing_was_kept(std::size_t before) {
    const std::size_t after = heap_bytes();
    EXPECT_LE(after, before + kGrowthMax) << "of " << kFrames << " frames";
    for (const std::uint16_t node : traitor.others()) {
      const ReplicaStatus status = network.replica(node).status();
      EXPECT_EQ(status.consensus.mode, consensus::Mode::Voting);
      EXPECT_LE(status.consensus.open_fetches, 32U) << "section 10";
    }
    pay(network, 1);
    EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 20'000));
    EXPECT_EQ(network.oracle().report(), "");
  }

  Network network{validators(4)};
  Traitor traitor{network, kTraitor};
};

TEST_F(FloodTest, of_votes_for_views_far_ahead_is_not_kept) {
  const std::size_t before = heap_bytes();
  const Bytes real = vote(View{1'000'000}, true);
  flood(500, 20, [&](std::uint64_t i) { return i % 100 == 0 ? real : vote(View{1'000 + i}, false); });
  expect_that_nothing_was_kept(before);
}

TEST_F(FloodTest, of_wrong_signatures_costs_the_sender_its_links_and_is_not_kept) {
  const std::size_t before = heap_bytes();
  // Whoever closed the link takes it again after 5 s.
  flood(5'000, 6'000, [&](std::uint64_t i) {
    const auto status = network.replica(0).status().consensus;
    Bytes bent = vote(View{status.view.value() + i % 2}, false);
    bent.back() = static_cast<std::uint8_t>(i);
    return bent;
  });
  expect_that_nothing_was_kept(before);
}

}  // namespace
}  // namespace salus::sim
