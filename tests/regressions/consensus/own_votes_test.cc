// Owns: regressions of section 15 about own votes: what was signed once stands against everything
// that comes later, by whichever path it comes, and a start knows it again (C9, C13).
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "consensus/harness.h"
#include "consensus/rig.h"
#include "regressions/consensus/moves.h"

namespace salus::consensus::testing {
namespace {

// From ava-labs/Simplex#280.
TEST(Regressions, no_finalize_after_nullify_by_any_path) {
  const Candidate late = Rig::candidate(1, 0, 'A');
  Rig rig{4, 0};
  rig.open_gate();
  rig.vote(1, Rig::skip(1));
  rig.flush();
  ASSERT_TRUE(rig.has_cast(Rig::skip(1)));
  certify(rig, late, 'A');
  ASSERT_EQ(rig.core().view(), View{2});

  // Its tally is pruned (section 10), and every path that says votes again is walked.
  for (std::uint64_t view = 2; view <= 80; ++view) skip(rig, view);
  for (std::uint64_t second = 1; second <= 40; ++second) {
    rig.tick(Rig::kStartMs + second * 1'000);
    for (std::uint16_t peer = 1; peer < 4; ++peer) rig.step(LinkUp{Rig::node_id(peer)});
    rig.flush();
  }
  for (std::uint16_t peer = 1; peer < 3; ++peer) rig.vote(peer, finalize(late));
  rig.flush();
  EXPECT_FALSE(rig.has_cast(finalize(late)));
  EXPECT_FALSE(repeats(rig, finalize(late)));

  Recovered recovered;
  recovered.registers.record(Rig::skip(1));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  recovered.candidates = {late};
  recovered.certificates = {Rig::valid(4, notarize(late), {1, 2, 3})};
  Rig next_life{4, 0, std::move(recovered)};
  next_life.open_gate();
  next_life.answer(late, Purpose::Certify, true);
  next_life.flush();
  ASSERT_EQ(next_life.core().view(), View{2});
  EXPECT_FALSE(next_life.has_cast(finalize(late)));
}

// From ava-labs/Simplex#290.
TEST(Regressions, no_finalize_for_view_skipped_by_final_chain) {
  const Candidate skipped = Rig::candidate(1, 0, 'A');
  const Candidate chosen = Rig::candidate(2, 0, 'B');
  Rig rig{4, 0};
  // The gate of S13 holds the finalize back until the view is passed.
  certify(rig, skipped, 'A');
  ASSERT_EQ(rig.core().view(), View{2});
  rig.certificate_in(finalize(chosen), {1, 2, 3});
  rig.flush();
  ASSERT_EQ(rig.core().finalized(), View{2});

  rig.open_gate();
  for (std::uint16_t peer = 1; peer < 4; ++peer) {
    rig.vote(peer, notarize(skipped));
    rig.vote(peer, finalize(skipped));
  }
  rig.certificate_in(notarize(skipped), {1, 2, 3});
  rig.bring('B');
  rig.answer(skipped, Purpose::Certify, true);
  for (std::uint64_t second = 1; second <= 30; ++second) {
    rig.tick(Rig::kStartMs + second * 1'000);
    rig.flush();
  }
  for (const Subject& cast : rig.cast) EXPECT_GT(cast.view(), View{2});
}

// From commonwarexyz/monorepo#2290.
TEST(Regressions, no_nullify_after_finalize) {
  const Candidate good = Rig::candidate(1, 0, 'A');
  Rig rig{4, 0};
  rig.open_gate();
  certify(rig, good, 'A');
  ASSERT_TRUE(rig.has_cast(finalize(good)));
  rig.vote(1, Rig::skip(1));
  rig.vote(2, Rig::skip(1));
  rig.tick(Rig::kStartMs + 60'000);
  rig.flush();
  EXPECT_FALSE(rig.has_cast(Rig::skip(1)));
  EXPECT_FALSE(may_vote(rig.core().registers(), Rig::skip(1)));

  // Of a life of which only the registers are left.
  Recovered recovered;
  recovered.registers.record(finalize(good));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  Rig next_life{4, 0, std::move(recovered)};
  next_life.open_gate();
  for (std::uint16_t peer = 1; peer <= 2; ++peer) next_life.vote(peer, Rig::skip(1));
  next_life.tick(Rig::kStartMs + 60'000);
  next_life.flush();
  EXPECT_FALSE(next_life.has_cast(Rig::skip(1)));

  // The other order.
  Rig other{4, 0};
  other.open_gate();
  other.vote(1, Rig::skip(1));
  certify(other, good, 'A');
  EXPECT_TRUE(other.has_cast(Rig::skip(1)));
  EXPECT_FALSE(other.has_cast(finalize(good)));
}

// From commonwarexyz/monorepo#2045 and #2050.
TEST(Regressions, restart_remembers_own_votes) {
  const Candidate ours = Rig::candidate(1, 0, 'A');
  const Candidate other = Rig::candidate(1, 0, 'B');
  Recovered recovered;
  recovered.registers.record(notarize(ours));
  recovered.registers.record(Rig::skip(1));
  recovered.stage = Stage{2};
  recovered.restarted = true;
  recovered.candidates = {ours};
  Rig rig{4, 0, std::move(recovered)};
  rig.open_gate();
  rig.flush();
  EXPECT_TRUE(rig.has_cast(notarize(ours)));
  EXPECT_TRUE(rig.has_cast(Rig::skip(1)));

  // Cast already: another candidate of the view gets nothing.
  rig.vote(1, notarize(other));
  rig.bring('B');
  rig.answer(other, Purpose::Notarize, true);
  rig.flush();
  EXPECT_FALSE(rig.has_cast(notarize(other)));

  // It counts: two others complete the quorum with it.
  for (std::uint16_t peer = 2; peer <= 3; ++peer) rig.vote(peer, Rig::skip(1));
  rig.flush();
  EXPECT_EQ(rig.core().view(), View{2});
  const auto said = rig.said<SendCertificate>();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(said[0].certificate.signatures.contains(ValidatorIndex{0}));
}

// From commonwarexyz/monorepo#4275.
TEST(Regressions, all_crash_after_nullify) {
  Cluster cluster({});
  cluster.filter([](const Cluster::Message& message) {
    return message.kind == Cluster::Kind::Status;  // so that S13 passes, and nothing else
  });
  cluster.start_all();
  const int transaction = cluster.submit();
  ASSERT_TRUE(cluster.run_until(
      [&] {
        for (std::uint16_t node = 0; node < 4; ++node) {
          if (cluster.core(node).status().counters.nullify_cast == 0) return false;
        }
        return true;
      },
      10'000));
  for (std::uint16_t node = 0; node < 4; ++node) {
    ASSERT_EQ(cluster.core(node).view(), View{1});
    cluster.crash(node);
  }
  cluster.filter(nullptr);
  cluster.start_all();
  EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 10'000));
  EXPECT_EQ(cluster.violations(), "");
}

// From ava-labs/Simplex#328.
TEST(Regressions, highest_view_is_not_last_record) {
  const auto start = [](std::optional<Subject> own) {
    Recovered recovered;
    if (own) recovered.registers.record(*own);
    recovered.stage = Stage{3};
    recovered.restarted = true;
    // The last record is of a low view.
    for (const std::uint64_t view : {3U, 1U, 2U}) {
      recovered.certificates.push_back(Rig::valid(4, Rig::skip(view), {0, 2, 3}));
    }
    Rig rig{4, 1, std::move(recovered)};
    rig.open_gate();
    rig.flush();
    return rig;
  };
  EXPECT_EQ(start(std::nullopt).core().view(), View{4}) << "above the highest nullified view";
  EXPECT_EQ(start(notarize(Rig::candidate(2, 0, 'A'))).core().view(), View{4});
  EXPECT_EQ(start(Rig::skip(7)).core().view(), View{7}) << "the own vote is the highest";

  // Resumed after nullify, it says its vote again and again.
  Rig rig = start(Rig::skip(4));
  ASSERT_EQ(rig.core().view(), View{4});
  for (std::uint64_t second = 2; second <= 4; ++second) {
    rig.early.clear();
    rig.tick(second * Rig::kStartMs);
    EXPECT_TRUE(repeats(rig, Rig::skip(4))) << second;
  }
}

// From commonwarexyz/monorepo consensus/src/marshal.
TEST(Regressions, leader_crash_between_relay_and_vote) {
  ClusterOptions options;
  options.faults.sync_ms_min = options.faults.sync_ms_max = 20;
  Cluster cluster(options);
  cluster.set_crash_loss(Cluster::CrashLoss::LoseStage);
  cluster.start_all();
  // Status goes first (S13).
  cluster.run_for(100);
  const int transaction = cluster.submit();
  ASSERT_TRUE(cluster.run_until([&] { return cluster.built_at().contains(1); }, 100));
  cluster.run_for(10);
  cluster.crash(1);
  cluster.start(1);
  const std::uint64_t restarted = cluster.now();
  ASSERT_TRUE(cluster.run_until([&] { return cluster.core(3).view() > View{1}; }, 10'000));
  EXPECT_LT(cluster.now(), restarted + options.parameters.delta_ms)
      << "the leader declines, and nobody waits for t_l";
  EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 10'000));
  EXPECT_TRUE(cluster.oracle().candidates(1).empty()) << "no second block in that view";
  EXPECT_EQ(cluster.violations(), "");
}

}  // namespace
}  // namespace salus::consensus::testing
