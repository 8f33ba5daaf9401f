// Owns: regressions of section 15 about what others say: their numbers, signatures and uses of our
// key move nobody who cannot verify them (section 10, S14).
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "consensus/codec.h"
#include "consensus/harness.h"
#include "consensus/rig.h"
#include "regressions/consensus/moves.h"

namespace salus::consensus::testing {
namespace {

constexpr std::uint64_t kHuge = std::uint64_t{1} << 63U;

// From FISCO-BCOS/FISCO-BCOS#2211.
TEST(Regressions, huge_view_moves_nobody) {
  const ValidatorSet set = Rig::make_set(4);
  Rig rig{4, 0};
  rig.open_gate();
  const auto before = rig.core().status();
  const Candidate far{.epoch = Epoch{},
                      .view = View{kHuge - 1},
                      .parent = View{kHuge - 2},
                      .digest = Rig::block('A')};
  for (std::uint16_t peer = 1; peer < 4; ++peer) {
    rig.vote(peer, notarize(far));
    rig.vote(peer, Rig::skip(kHuge - 1));
    rig.vote(peer, finalize(far));
    rig.step(StatusIn{.from = Rig::node_id(peer),
                      .epoch = Epoch{},
                      .view = View{kHuge - 1},
                      .finalized = View{kHuge - 2},
                      .own_votes = {}});
  }
  rig.tick(Rig::kStartMs + 5'000);
  EXPECT_FALSE(rig.flush()) << "nothing of it goes to the disk";
  const auto after = rig.core().status();
  EXPECT_EQ(after.view, View{1});
  EXPECT_EQ(after.finalized, View{});
  EXPECT_EQ(after.seen, before.seen);
  EXPECT_EQ(after.views.size(), before.views.size());
  EXPECT_EQ(after.counters.votes_dropped, 9U);
  EXPECT_LE(after.open_fetches, 1U);
  // The candidate of this view names a parent from there: invalid, whoever waits for it.
  rig.vote(1, notarize(Rig::candidate(1, kHuge - 2, 'B')));
  rig.flush();
  EXPECT_TRUE(rig.has_cast(Rig::skip(1)));

  for (const std::uint64_t view : {kHuge, std::numeric_limits<std::uint64_t>::max()}) {
    const Vote vote = Rig::signed_by(1, Rig::skip(view));
    const auto refused = validate_vote(encode(vote), Rig::context(set));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Refusal::OrdinalTooLarge);
  }
}

// From CVE-2018-3756, CVE-2020-15091, GHSA-hrhf-2vcr-ghch and GHSA-p7mv-53f2-4cwj.
TEST(Regressions, distinct_signers_all_verified) {
  const ValidatorSet set = Rig::make_set(4);
  const VoteContext context = Rig::context(set);
  const Subject subject = finalize(Rig::candidate(1, 0, 'A'));
  const Certificate good = Rig::certificate(4, subject, {0, 1, 2});
  const Bytes bytes = encode(good);
  ASSERT_TRUE(validate_certificate(bytes, context));
  const auto expect_refused = [&](const Bytes& bad, Refusal refusal, const char* name) {
    const auto outcome = validate_certificate(bad, context);
    ASSERT_FALSE(outcome) << name;
    EXPECT_EQ(outcome.error(), refusal) << name << ": " << sentence(outcome.error());
  };

  // One signature under three names.
  Certificate repeated = good;
  for (auto& [signer, signature] : repeated.signatures) {
    signature = good.signatures.begin()->second;
  }
  expect_refused(encode(repeated), Refusal::BadSignature, "one signature three times");
  // Each one alone is looked at, the last as the first.
  for (std::uint16_t index = 0; index < 3; ++index) {
    Certificate forged = good;
    forged.signatures[ValidatorIndex{index}].bytes[10] ^= 1;
    expect_refused(encode(forged), Refusal::BadSignature, "one is forged");
  }
  // More than a quorum, and the one too many is wrong.
  Certificate surplus = good;
  surplus.signatures.emplace(ValidatorIndex{3}, Signature{});
  expect_refused(encode(surplus), Refusal::BadSignature, "the fourth is forged");
  // Real signatures, of another kind of vote.
  Certificate other_kind = Rig::certificate(4, notarize(subject.candidate), {0, 1, 2});
  other_kind.subject = subject;
  expect_refused(encode(other_kind), Refusal::BadSignature, "another kind");
  expect_refused(encode(Rig::certificate(4, subject, {0, 1})), Refusal::TooFewSigners, "two");

  const std::size_t bitmap = bytes.size() - 3 * 64 - 1;
  ASSERT_EQ(bytes[bitmap], 0b0111);
  Bytes padded = bytes;
  padded[bitmap] = 0b0001'0011;  // index 4 of a set of four
  expect_refused(padded, Refusal::PaddingBits, "an index outside");
  Bytes larger = bytes;
  larger[bitmap - 1] = 5;
  expect_refused(larger, Refusal::WrongSetSize, "n of another set");

  const Vote stranger{.subject = subject, .signer = ValidatorIndex{4}, .signature = {}};
  const auto refused = validate_vote(encode(stranger), context);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Refusal::UnknownSigner);

  // In the core, one validator that says it again and again is one.
  Rig rig{4, 0};
  rig.open_gate();
  for (int again = 0; again < 5; ++again) {
    rig.vote(2, Rig::skip(1));
    rig.vote(3, Rig::skip(1));
  }
  rig.flush();
  EXPECT_EQ(rig.core().view(), View{1});
}

// From FISCO-BCOS/FISCO-BCOS#3617.
TEST(Regressions, same_key_twice) {
  ClusterOptions options;
  options.under_load = true;
  options.faults.delay_ms_min = options.faults.delay_ms_max = 10;
  Cluster cluster(options);
  cluster.oracle().allow_anything_of(0);
  cluster.start_all();
  cluster.run_for(2'000);
  ASSERT_GT(cluster.height_of(4), 5U);
  const auto casts = [&] {
    const Counters& of = cluster.core(0).status().counters;
    return of.notarize_cast + of.nullify_cast + of.finalize_cast;
  };

  // The other machine with this key voted one view ahead; somebody's Status shows it here.
  const View ahead = cluster.core(0).view().next().next();
  cluster.inject(0, cluster.sign_as(0, nullify(Epoch{}, ahead)));
  EXPECT_EQ(cluster.core(0).mode(), Mode::Observing);
  EXPECT_EQ(cluster.core(0).observing(), ObservingReason::Twin);
  const auto& reports = cluster.reports(0);
  const auto named = std::ranges::find_if(
      reports, [](const Report& report) { return std::holds_alternative<ForeignVote>(report); });
  ASSERT_NE(named, reports.end());
  EXPECT_EQ(std::get<ForeignVote>(*named).meaning, ForeignVoteMeaning::Twin);

  cluster.run_for(100);
  const std::uint64_t before = casts();
  const std::uint64_t height = cluster.height_of(4);
  cluster.run_for(10'000);
  EXPECT_EQ(casts(), before) << "it stops voting";
  EXPECT_GT(cluster.height_of(4), height + 10) << "the chain goes on, and it follows";
  EXPECT_EQ(cluster.violations(), "");
}

}  // namespace
}  // namespace salus::consensus::testing
