// Owns: regressions of section 15 about epochs as one instance sees them: who is in the set, and
// where it ends, is said by certificates alone (C40 to C45).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "consensus/harness.h"
#include "consensus/rig.h"
#include "regressions/consensus/moves.h"

namespace salus::consensus::testing {
namespace {

// From ava-labs/Simplex#545.
TEST(Regressions, one_final_block_per_height) {
  ClusterOptions options;
  options.under_load = true;
  options.last_height = 3;
  options.faults.delay_ms_min = options.faults.delay_ms_max = 20;
  Cluster cluster(options);
  // What is offered of the boundary block is notarized in five views before a finalize vote comes.
  std::map<std::uint64_t, Digest> offers;
  cluster.filter([&](const Cluster::Message& message) {
    if (message.kind != Cluster::Kind::Vote || message.subject->view() < View{3}) return true;
    if (message.subject->kind == VoteKind::Notarize) {
      offers.emplace(message.subject->view().value(), message.subject->candidate.digest);
    }
    return message.subject->kind != VoteKind::Finalize || message.subject->view() > View{7};
  });
  cluster.start_all();
  const auto have_ended = [&] {
    for (std::uint16_t node = 0; node < 4; ++node) {
      if (!cluster.epoch_end(node)) return false;
    }
    return true;
  };
  ASSERT_TRUE(cluster.run_until(have_ended, 30'000));
  cluster.run_for(10'000);
  ASSERT_GE(offers.size(), 5U);
  std::set<Digest> digests;
  for (const auto& [view, digest] : offers) digests.insert(digest);
  EXPECT_EQ(digests.size(), 1U) << "each view offers the same block";
  for (std::uint16_t node = 0; node < 4; ++node) {
    EXPECT_EQ(cluster.height(node), 3U) << "a repeat takes no height";
  }
  EXPECT_EQ(cluster.violations(), "");
}

// One core with view 1 notarized and nullified (C25), in this order or the other.
Rig with_both(std::uint16_t own, bool nullified_first) {
  const Candidate parent = Rig::candidate(1, 0, 'A');
  std::vector<std::uint16_t> others;
  for (std::uint16_t index = 0; index < 4; ++index) {
    if (index != own) others.push_back(index);
  }
  Rig rig{4, own};
  rig.open_gate();
  const auto nullified = [&] {
    rig.certificate_in(Rig::skip(1), others);
    rig.flush();
  };
  if (nullified_first) nullified();
  rig.certificate_in(notarize(parent), others);
  rig.bring('A');
  rig.flush();
  rig.answer(parent, Purpose::Certify, true);
  rig.flush();
  if (!nullified_first) nullified();
  return rig;
}

// From ava-labs/Simplex#556.
TEST(Regressions, builder_and_checker_share_parent) {
  const Digest parent = Rig::block('A');
  for (const bool is_boundary : {false, true}) {
    for (const bool nullified_first : {false, true}) {
      SCOPED_TRACE(::testing::Message() << is_boundary << nullified_first);
      Rig leader = with_both(2, nullified_first);
      Rig checker = with_both(0, !nullified_first);
      if (is_boundary) {
        leader.step(BoundaryIn{parent});
        checker.step(BoundaryIn{parent});
      }
      leader.step(WorkDue{.parent = parent, .due = true});
      leader.tick(Rig::kStartMs + 200);
      const auto builds = leader.asked<Build>();
      ASSERT_EQ(builds.size(), 1U);
      EXPECT_EQ(builds[0].parent_digest, parent);

      // The repeat of a boundary block (C42) is judged on the block that it repeats.
      const char offered = is_boundary ? 'A' : 'B';
      leader.step(BuildDone{.view = builds[0].view, .block = Rig::block(offered)});
      leader.flush();
      const Candidate child = Rig::candidate(2, builds[0].parent.value(), offered);
      EXPECT_TRUE(leader.has_cast(notarize(child)));
      EXPECT_EQ(leader.sent_early<RelayBlock>().empty(), is_boundary);

      checker.asks.clear();
      checker.vote(2, notarize(child));
      checker.bring(offered);
      const auto checks = checker.asked<Check>();
      ASSERT_EQ(checks.size(), 1U);
      EXPECT_EQ(checks[0].candidate, child);
      EXPECT_EQ(checks[0].parent_digest, builds[0].parent_digest);
    }
  }
}

// From ava-labs/Simplex#543 and #544.
TEST(Regressions, set_only_by_certificate) {
  const ValidatorSet set = Rig::make_set(4);
  Rig rig{4, 0};
  rig.open_gate();
  const VoteContext later{
      .chain_id = Rig::chain_id(), .epoch = Epoch{1}, .set = set, .verify = crypto::verify};
  const Subject skip_later = nullify(Epoch{1}, View{1});
  Certificate unasked{.subject = skip_later, .set_size = 4, .signatures = {}};
  for (std::uint16_t peer = 1; peer < 4; ++peer) {
    // All claim to be far ahead, and vote there with the keys of the set that sits here.
    rig.step(StatusIn{.from = Rig::node_id(peer),
                      .epoch = Epoch{9},
                      .view = View{100},
                      .finalized = View{99},
                      .own_votes = {}});
    const Vote vote = Rig::signed_by(peer, skip_later);
    rig.step(VoteIn{*Vote::validate(vote, later)});
    unasked.signatures.emplace(vote.signer, vote.signature);
    // Votes of this epoch for what is long past or far off.
    rig.vote(peer, Rig::skip(1'000));
  }
  rig.step(CertificateIn{.certificate = *Certificate::validate(unasked, later),
                         .from = Rig::node_id(1)});
  rig.flush();
  EXPECT_EQ(rig.asked<Behind>().size(), 3U) << "who claims it is asked to prove it";
  EXPECT_EQ(rig.core().epoch(), Epoch{});
  EXPECT_EQ(rig.core().view(), View{1});
  EXPECT_EQ(rig.core().mode(), Mode::Voting);
  EXPECT_FALSE(rig.core().status().ended);
  EXPECT_TRUE(rig.said<EpochEnd>().empty());

  // A boundary block that is here and not final ends nothing; nor does it stop votes.
  const Candidate boundary = Rig::candidate(1, 0, 'A');
  rig.step(BoundaryIn{boundary.digest});
  certify(rig, boundary, 'A');
  EXPECT_TRUE(rig.has_cast(finalize(boundary)));
  EXPECT_TRUE(rig.said<EpochEnd>().empty());
  rig.certificate_in(finalize(boundary), {1, 2, 3});
  rig.flush();
  ASSERT_EQ(rig.said<EpochEnd>().size(), 1U);
  EXPECT_EQ(rig.said<EpochEnd>()[0].certificate.subject, finalize(boundary));
}

}  // namespace
}  // namespace salus::consensus::testing
