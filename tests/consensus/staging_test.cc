// Owns: a stage stays under the journal's bounds, in order, and each word rests on what is durable
// (S1 to S4).
#include "consensus/staging.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rig.h"
#include "storage/journal_format.h"

namespace salus::consensus::testing {
namespace {

static_assert(kStageWorkRecordsMax <= storage::kStageRecordsMax);
// 64 bytes of framing a record are plenty.
static_assert(kStageWorkCandidatesMax * (kRecordPayloadBytesMax + 64) +
                  kStageWorkRecordsMax * (kCertificateBytesMax + 64) <=
              storage::kStageBytesMax);

constexpr ValidatorIndex kOwn{0};

struct Drained {
  std::vector<Record> records;
  std::vector<Vote> votes;
  std::vector<Late> late;
  std::size_t stages = 0;
};

// Each stage in turn; what a certificate's word rests on is durable by then.
Drained drain(Staging& staging) {
  Drained out;
  while (auto work = staging.take(Rig::chain_id(), kOwn)) {
    ++out.stages;
    EXPECT_LE(work->records.size(), kStageWorkRecordsMax);
    EXPECT_LE(std::ranges::count_if(work->records,
                                    [](const Record& record) {
                                      return std::holds_alternative<CandidateRecord>(record);
                                    }),
              static_cast<std::ptrdiff_t>(kStageWorkCandidatesMax));
    EXPECT_FALSE(staging.take(Rig::chain_id(), kOwn)) << "two stages in flight";
    const std::vector<Signature> signatures(work->votes.size());
    const auto token = DurableToken::after({}, signatures);
    const DurableStage done = staging.finish(work->stage, signatures, kOwn);
    EXPECT_EQ(done.records, work->records);
    EXPECT_EQ(done.votes.size(), work->votes.size());
    out.records.insert(out.records.end(), done.records.begin(), done.records.end());
    out.votes.insert(out.votes.end(), done.votes.begin(), done.votes.end());
    for (Late& late : std::move(work->late).open(*token)) {
      if (const auto* const sent = std::get_if<SendCertificate>(&late)) {
        const Record under{CertificateRecord{sent->certificate}};
        EXPECT_NE(std::ranges::find(out.records, under), out.records.end()) << "S1";
      }
      out.late.push_back(std::move(late));
    }
  }
  return out;
}

Certificate finalization(std::uint64_t view) {
  return {
      .subject = finalize(Rig::candidate(view, view - 1, 'a')), .set_size = 4, .signatures = {}};
}

TEST(Staging, more_certificates_than_a_stage_holds_leave_in_order_in_several) {
  Staging staging{Stage{7}};
  constexpr std::uint64_t kCount = 3 * kStageWorkRecordsMax + 5;
  for (std::uint64_t view = 1; view <= kCount; ++view) staging.add_certificate(finalization(view));
  const Drained all = drain(staging);
  EXPECT_EQ(all.stages, 4U);
  EXPECT_EQ(staging.last(), Stage{7}) << "no votes, no new vote stage";
  ASSERT_EQ(all.records.size(), kCount);
  ASSERT_EQ(all.late.size(), 2 * kCount);
  for (std::uint64_t view = 1; view <= kCount; ++view) {
    EXPECT_EQ(all.records[view - 1], Record{CertificateRecord{finalization(view)}});
    const Late& last = all.late[2 * view - 1];
    EXPECT_EQ(std::get<Finalized>(last).certificate, finalization(view));
  }
  EXPECT_EQ(staging.find_certificate(VoteKind::Finalize, View{1}), nullptr);
  EXPECT_EQ(staging.finalized(), View{});
}

TEST(Staging, a_candidate_and_its_notarize_are_in_one_stage) {
  Staging staging{Stage{}};
  // The cut by count would come between the two.
  for (std::uint64_t view = 1; view < kStageWorkRecordsMax; ++view) {
    staging.add_certificate(finalization(view));
  }
  const Candidate candidate = Rig::candidate(900, 899, 'b');
  staging.add_record(CandidateRecord{.candidate = candidate, .block = {}});
  staging.add_vote(notarize(candidate));
  auto first = staging.take(Rig::chain_id(), kOwn);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->records.size(), kStageWorkRecordsMax - 1);
  EXPECT_TRUE(first->votes.empty());
  staging.finish(first->stage, {}, kOwn);
  const auto second = staging.take(Rig::chain_id(), kOwn);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->records.size(), 2U);
  ASSERT_EQ(second->votes.size(), 1U);
  EXPECT_EQ(second->stage, Stage{1});
}

TEST(Staging, candidates_leave_a_few_at_a_time_each_with_its_vote) {
  Staging staging{Stage{}};
  constexpr std::uint64_t kCount = 5;
  for (std::uint64_t view = 1; view <= kCount; ++view) {
    const Candidate candidate = Rig::candidate(view, view - 1, 'c');
    staging.add_record(CandidateRecord{.candidate = candidate, .block = {}});
    staging.add_vote(notarize(candidate));
  }
  const Drained all = drain(staging);
  EXPECT_EQ(all.stages, 3U);
  EXPECT_EQ(staging.last(), Stage{3});
  ASSERT_EQ(all.votes.size(), kCount);
  for (std::uint64_t view = 1; view <= kCount; ++view) {
    EXPECT_EQ(all.votes[view - 1].subject.view(), View{view});
  }
}

}  // namespace
}  // namespace salus::consensus::testing
