// Owns: what a laggard gets however large a segment is, and what votes may cost while finality
// stands still (C37, C43, section 10).
#include <gtest/gtest.h>

#include "consensus/codec.h"
#include "net/frame.h"
#include "replica/chain_segments.h"
#include "replica/seen_votes.h"
#include "sim/actions.h"

namespace salus::replica {
namespace {

static_assert(sync::kAnswerBytesMax == net::kAnswerBytesMax, "an answer fits its frame");

constexpr std::size_t kMiB = std::size_t{1} << 20U;

// As the store would bring them: `sizes` of the blocks of each segment.
std::optional<sync::ChainAnswer> answer_of(const std::vector<std::vector<std::size_t>>& segments) {
  ChainSegments out;
  std::uint8_t name = 0;
  for (const auto& sizes : segments) {
    const Bytes certificate(consensus::kCertificateBytesMax, ++name);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const bool ends = i + 1 == sizes.size();
      if (!out.add(Bytes(sizes[i], name), certificate, ends)) return std::move(out).finish();
    }
  }
  return std::move(out).finish();
}

TEST(ChainSegments, an_answer_stops_at_the_last_segment_that_fits_a_frame) {
  const auto answer = answer_of({{kMiB - 1'000}, {4 * kMiB, 4 * kMiB, kMiB}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->blocks.size(), 1U);
  EXPECT_EQ(answer->certificate.front(), 1);
  EXPECT_LE(sync::encode(sync::AnswerMessage{*answer}).size(), net::kAnswerBytesMax);
}

TEST(ChainSegments, a_segment_at_the_cap_is_answered_whole) {
  const std::size_t head = 1 + 4 + consensus::kCertificateBytesMax + 2;
  const auto answer = answer_of({{kMiB, sync::kAnswerBytesMax - head - kMiB - 8}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->blocks.size(), 2U);
  EXPECT_EQ(sync::encode(sync::AnswerMessage{*answer}).size(), net::kAnswerBytesMax);
}

TEST(ChainSegments, an_answer_grows_to_its_soft_limit_and_no_further) {
  const auto answer = answer_of({{600'000}, {600'000}, {600'000}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->blocks.size(), 2U);
  EXPECT_EQ(answer->certificate.front(), 2);
}

TEST(ChainSegments, a_first_segment_over_a_cap_is_named_by_its_finalization_alone) {
  for (const auto& segment :
       {std::vector<std::size_t>{8 * kMiB, 2 * kMiB}, std::vector<std::size_t>(257, 300)}) {
    const auto answer = answer_of({segment, {100}});
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->blocks.empty());
    EXPECT_EQ(answer->certificate.front(), 1);
    const auto read = sync::decode_answer(sync::encode(sync::AnswerMessage{*answer}));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<sync::ChainAnswer>(*read), *answer);
  }
  EXPECT_FALSE(answer_of({}));
}

consensus::Vote vote_at(std::uint64_t view, std::uint16_t signer, std::uint8_t digest = 1) {
  consensus::Candidate candidate{.epoch = {}, .view = View{view}, .parent = {}, .digest = {}};
  candidate.digest.bytes[0] = digest;
  return {
      .subject = consensus::notarize(candidate), .signer = ValidatorIndex{signer}, .signature = {}};
}

TEST(SeenVotes, memory_is_bounded_while_finality_stands_still) {
  SeenVotes seen;
  constexpr std::uint16_t kValidators = 7;
  for (std::uint64_t view = 1; view < 10'000; ++view) {
    const SeenVotes::Window window{.finalized = View{100}, .current = View{view}};
    for (std::uint16_t signer = 0; signer < kValidators; ++signer) {
      seen.note(vote_at(view, signer), window);
      seen.note(vote_at(view + 1, signer), window);
    }
    EXPECT_LE(seen.size(), (kOpenViews + kViewsBelowFinal + 1) * kValidators);
  }
}

TEST(SeenVotes, a_vote_outside_of_the_open_views_is_not_verified) {
  const SeenVotes seen;
  const SeenVotes::Window window{.finalized = View{100}, .current = View{1'000}};
  EXPECT_TRUE(seen.is_new(vote_at(1'001, 1), window));
  EXPECT_FALSE(seen.is_new(vote_at(1'002, 1), window));
  EXPECT_TRUE(seen.is_new(vote_at(938, 1), window));
  EXPECT_FALSE(seen.is_new(vote_at(937, 1), window));
  EXPECT_FALSE(seen.is_new(vote_at(101, 1), window));
  // C18, and evidence.
  EXPECT_TRUE(seen.is_new(vote_at(100, 1), window));
  EXPECT_TRUE(seen.is_new(vote_at(90, 1), window));
  EXPECT_FALSE(seen.is_new(vote_at(89, 1), window));
}

TEST(SeenVotes, a_third_subject_and_a_repeat_add_nothing_unless_the_view_is_final) {
  SeenVotes seen;
  SeenVotes::Window window{.finalized = View{4}, .current = View{6}};
  seen.note(vote_at(5, 1, 1), window);
  EXPECT_FALSE(seen.is_new(vote_at(5, 1, 1), window));
  EXPECT_TRUE(seen.is_new(vote_at(5, 1, 2), window));
  seen.note(vote_at(5, 1, 2), window);
  EXPECT_FALSE(seen.is_new(vote_at(5, 1, 3), window));
  EXPECT_TRUE(seen.is_new(vote_at(5, 2, 3), window));
  window.finalized = View{5};
  EXPECT_TRUE(seen.is_new(vote_at(5, 1, 1), window));
}

}  // namespace
}  // namespace salus::replica

namespace salus::sim {
namespace {

bool is_chain(const Frame& frame) {
  return frame.type == FrameType::Answer && frame.payload.front() == 3;
}

// C37: the chain of a finalization comes by digest, parent by parent.
TEST(Laggard, a_short_chain_comes_by_digest_when_no_answer_by_height_does) {
  Network network{validators(4)};
  network.start_all();
  network.run_for(100);
  network.crash(3);
  for (int i = 0; i < 15; ++i) {
    pay(network, static_cast<std::uint16_t>(i % 3));
    network.run_for(300);
  }
  ASSERT_TRUE(network.run_until([&] { return network.are_all_final(); }, 10'000));
  const std::uint64_t missed = network.oracle().height().value();
  ASSERT_GT(missed, 10U);
  ASSERT_LT(missed, 60U);
  network.watch([&](const Frame& frame) { return frame.to != 3 || !is_chain(frame); });
  network.start(3);
  EXPECT_TRUE(network.run_until([&] { return network.all_equal(); }, 15'000))
      << network.height(3).value() << " of " << missed;
  EXPECT_EQ(network.oracle().report(), "");
}

}  // namespace
}  // namespace salus::sim
