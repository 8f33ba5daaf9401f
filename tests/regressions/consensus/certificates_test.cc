// Owns: regressions of section 15 about certificates: what they decide, when they begin to count,
// and where a core stands that starts from those it kept (C5, C15 to C18, C30, S15).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "consensus/harness.h"
#include "consensus/rig.h"
#include "regressions/consensus/moves.h"

namespace salus::consensus::testing {
namespace {

using Kind = Cluster::Kind;

std::size_t asked_to_certify(const Rig& rig, const Candidate& candidate) {
  const auto checks = rig.asked<Check>();
  return static_cast<std::size_t>(std::ranges::count_if(checks, [&](const Check& check) {
    return check.candidate == candidate && check.purpose == Purpose::Certify;
  }));
}

// From commonwarexyz/monorepo#2695, #2703 and #3225.
TEST(Regressions, timeout_then_certify) {
  const Candidate late = Rig::candidate(1, 0, 'A');
  Rig rig{4, 0};
  rig.open_gate();
  for (std::uint16_t peer = 2; peer <= 3; ++peer) rig.vote(peer, notarize(late));
  rig.tick(Rig::kStartMs + 2 * Parameters{}.delta_ms);
  rig.flush();
  ASSERT_TRUE(rig.has_cast(Rig::skip(1))) << "leader_timeout";
  certify(rig, late, 'A');
  EXPECT_EQ(rig.core().view(), View{2}) << "C16: the notarization moves it on";
  EXPECT_FALSE(rig.has_cast(finalize(late)));

  // The view is left by its nullification; the notarization still makes a parent of it.
  Rig left{4, 3};
  left.open_gate();
  left.certificate_in(Rig::skip(1), {0, 1, 2});
  left.flush();
  ASSERT_EQ(left.core().view(), View{2});
  left.certificate_in(notarize(late), {0, 1, 2});
  left.bring('A');
  left.flush();
  left.answer(late, Purpose::Certify, true);
  const Candidate child = Rig::candidate(2, 1, 'B');
  left.vote(2, notarize(child));
  left.bring('B');
  left.answer(child, Purpose::Notarize, true);
  left.flush();
  EXPECT_TRUE(left.has_cast(notarize(child)));
  EXPECT_FALSE(left.has_cast(finalize(late)));
}

// From commonwarexyz/monorepo#4347 and its voter/state.rs.
TEST(Regressions, certificate_decides_the_candidate) {
  const Candidate first = Rig::candidate(1, 0, 'A');
  const Candidate decided = Rig::candidate(1, 0, 'B');
  Rig rig{4, 0};
  rig.open_gate();
  rig.vote(1, notarize(first));
  rig.bring('A');
  rig.bring('B');
  ASSERT_EQ(rig.asked<Check>().size(), 1U);
  for (std::uint16_t peer = 2; peer <= 3; ++peer) rig.vote(peer, finalize(decided));
  rig.certificate_in(notarize(decided), {1, 2, 3});
  rig.flush();
  const auto cancelled = rig.asked<CancelCheck>();
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(cancelled[0].candidate, first);

  // The answer about the replaced one comes all the same, good or bad.
  for (const bool is_valid : {true, false}) rig.answer(first, Purpose::Notarize, is_valid);
  rig.answer(first, Purpose::Certify, false);
  rig.flush();
  EXPECT_EQ(rig.core().mode(), Mode::Voting);
  EXPECT_TRUE(rig.cast.empty());
  EXPECT_EQ(rig.core().view(), View{1});

  ASSERT_EQ(asked_to_certify(rig, decided), 1U);
  rig.answer(decided, Purpose::Certify, true);
  rig.flush();
  EXPECT_TRUE(rig.has_cast(finalize(decided)));
  EXPECT_EQ(rig.core().finalized(), View{1}) << "with the two votes that came before";
}

// From ton-blockchain/ton commit 1194034a.
TEST(Regressions, certificate_durable_before_effect) {
  Rig rig{4, 0};
  rig.open_gate();
  for (std::uint16_t peer = 1; peer <= 3; ++peer) rig.vote(peer, Rig::skip(1));
  const auto nothing_happened = [&] {
    return rig.core().view() == View{1} && rig.said<SendCertificate>().empty() &&
           rig.sent_early<Answer>().empty();
  };
  EXPECT_TRUE(nothing_happened()) << "staged";

  Core doomed = rig.core().clone();
  auto in_flight = doomed.take_stage();
  ASSERT_TRUE(in_flight);
  const Effects asked = doomed.step(
      FetchIn{.from = Rig::node_id(2), .epoch = Epoch{}, .view = View{1}, .kind = FetchKind::Any});
  EXPECT_TRUE(std::ranges::none_of(asked.early, [](const Early& early) {
    return std::holds_alternative<Answer>(early);
  })) << "in flight";
  EXPECT_EQ(doomed.view(), View{1}) << "in flight";
  EXPECT_FALSE(doomed.take_stage());
  // S4: the record goes to the journal in the stage whose opening says it.
  EXPECT_TRUE(std::ranges::any_of(in_flight->records, [](const Record& record) {
    return std::holds_alternative<CertificateRecord>(record);
  }));

  rig.flush();
  EXPECT_EQ(rig.core().view(), View{2});
  EXPECT_EQ(rig.said<SendCertificate>().size(), 1U);
}

// From commonwarexyz/monorepo#3727.
TEST(Regressions, floor_is_the_ledgers) {
  Recovered recovered;
  recovered.registers.record(notarize(Rig::candidate(1, 0, 'A')));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  recovered.candidates = {Rig::candidate(1, 0, 'A')};
  recovered.certificates = {Rig::valid(4, notarize(Rig::candidate(1, 0, 'A')), {1, 2, 3})};
  // One block more than the journal ever heard of.
  recovered.finalized = Rig::valid(4, finalize(Rig::candidate(2, 1, 'B')), {1, 2, 3});
  Rig rig{4, 0, std::move(recovered)};
  rig.open_gate();
  rig.flush();
  EXPECT_EQ(rig.core().finalized(), View{2});
  EXPECT_EQ(rig.core().view(), View{3});
  EXPECT_TRUE(rig.cast.empty());

  const Candidate next = Rig::candidate(3, 2, 'C');
  certify(rig, next, 'C');
  ASSERT_TRUE(rig.has_cast(finalize(next)));
  for (std::uint16_t peer = 1; peer <= 2; ++peer) rig.vote(peer, finalize(next));
  rig.flush();
  EXPECT_EQ(rig.core().finalized(), View{3});
}

// From tempoxyz/tempo#256 and #408.
TEST(Regressions, all_restart_with_notarized_tip) {
  ClusterOptions options;
  options.faults.delay_ms_min = options.faults.delay_ms_max = 20;
  Cluster cluster(options);
  cluster.filter([](const Cluster::Message& message) {
    return !message.subject || message.subject->kind != VoteKind::Finalize;
  });
  cluster.start_all();
  const int transaction = cluster.submit();
  ASSERT_TRUE(cluster.run_until([&] { return cluster.core(0).view() >= View{3}; }, 5'000));
  for (std::uint16_t node = 0; node < 4; ++node) cluster.crash(node);
  ASSERT_EQ(cluster.height_of(1), 0U);

  std::set<std::uint64_t> parents;
  cluster.filter([&](const Cluster::Message& message) {
    const bool is_offer = message.kind == Kind::Vote && message.subject->kind == VoteKind::Notarize;
    if (is_offer) parents.insert(message.subject->candidate.parent.value());
    return true;
  });
  cluster.start_all();
  EXPECT_TRUE(cluster.run_until([&] { return cluster.all_finalized(transaction); }, 10'000));
  EXPECT_FALSE(parents.empty());
  EXPECT_FALSE(parents.contains(0)) << "what was notarized is built on";
  EXPECT_EQ(cluster.violations(), "");

  // Of one core: the tip is here, and is executed again before anything is built on it.
  const Candidate tip = Rig::candidate(1, 0, 'A');
  Recovered recovered;
  recovered.registers.record(notarize(tip));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  recovered.candidates = {tip};
  recovered.certificates = {Rig::valid(4, notarize(tip), {1, 2, 3})};
  Rig rig{4, 2, std::move(recovered)};
  rig.open_gate();
  EXPECT_TRUE(rig.asked<FetchBlock>().empty());
  EXPECT_EQ(asked_to_certify(rig, tip), 1U);
  EXPECT_EQ(rig.core().view(), View{1});
  rig.answer(tip, Purpose::Certify, true);
  rig.step(WorkDue{.parent = tip.digest, .due = true});
  rig.tick(Rig::kStartMs + 1'000);
  const auto builds = rig.asked<Build>();
  ASSERT_EQ(builds.size(), 1U);
  EXPECT_EQ(builds[0].parent_digest, tip.digest);
}

// From tempoxyz/tempo#1411.
TEST(Regressions, child_executes_without_own_vote) {
  const Candidate unseen = Rig::candidate(1, 0, 'A');
  const Candidate child = Rig::candidate(2, 1, 'B');
  Rig rig{4, 0};
  rig.open_gate();
  rig.certificate_in(notarize(unseen), {1, 2, 3});
  rig.flush();
  rig.tick(Rig::kStartMs + Parameters{}.fetch_ms);
  const auto fetched = rig.asked<FetchBlock>();
  ASSERT_EQ(fetched.size(), 1U);
  EXPECT_EQ(fetched[0].digest, unseen.digest);

  rig.bring('A');
  rig.flush();
  ASSERT_EQ(asked_to_certify(rig, unseen), 1U) << "executed without a vote for it";
  rig.answer(unseen, Purpose::Certify, true);
  rig.flush();
  EXPECT_FALSE(rig.has_cast(notarize(unseen)));
  rig.vote(2, notarize(child));
  rig.bring('B');
  rig.answer(child, Purpose::Notarize, true);
  rig.flush();
  EXPECT_TRUE(rig.has_cast(notarize(child)));
}

// From ava-labs/Simplex#306.
TEST(Regressions, late_vote_gets_finalization) {
  const Candidate last = Rig::candidate(1, 0, 'A');
  Rig rig{4, 0};
  rig.open_gate();
  rig.certificate_in(finalize(last), {1, 2, 3});
  rig.flush();
  rig.early.clear();
  const auto answers = [&] {
    return std::ranges::count_if(rig.sent_early<Answer>(), [&](const Answer& answer) {
      return answer.to == Rig::node_id(3) && answer.certificates.size() == 1 &&
             answer.certificates[0].subject == finalize(last);
    });
  };
  rig.vote(3, Rig::skip(1));
  EXPECT_EQ(answers(), 1);
  rig.vote(3, notarize(last));
  EXPECT_EQ(answers(), 1) << "once per peer and t_r";
  rig.tick(Rig::kStartMs + Parameters{}.retry_ms);
  rig.vote(3, notarize(last));
  EXPECT_EQ(answers(), 2);

  // An idle chain of which one missed the last finalization, and hears none unasked.
  Cluster cluster({});
  cluster.start_all();
  cluster.filter([](const Cluster::Message& message) {
    return message.to != 3 || !message.subject || message.kind == Kind::Answer ||
           message.subject->kind != VoteKind::Finalize;
  });
  cluster.submit();
  EXPECT_TRUE(cluster.run_until([&] { return cluster.height_of(4) >= 1; }, 5'000));
  EXPECT_TRUE(cluster.run_until(
      [&] { return cluster.core(3).finalized() == cluster.core(0).finalized(); }, 30'000));
  EXPECT_EQ(cluster.violations(), "");
}

}  // namespace
}  // namespace salus::consensus::testing
