// Owns: the proof that peer messages keep their bytes, and that no others are accepted.
#include "sync/messages.h"

#include <gtest/gtest.h>

#include <random>

namespace salus::sync {
namespace {

Digest digest(std::uint8_t fill) {
  Digest out;
  out.bytes.fill(fill);
  return out;
}

TEST(PeerMessages, fetches_have_golden_bytes) {
  EXPECT_EQ(hex(encode(FetchMessage{
                FetchCertificate{Epoch{1}, View{2}, consensus::FetchKind::Nullification}})),
            "010000000000000001000000000000000202");
  EXPECT_EQ(hex(encode(FetchMessage{FetchBlock{digest(0xab)}})),
            "02abababababababababababababababababababababababababababababababab");
  EXPECT_EQ(hex(encode(FetchMessage{FetchChain{Height{513}}})), "030000000000000201");
  EXPECT_EQ(hex(encode(FetchMessage{FetchSnapshot{}})), "04");
  EXPECT_EQ(hex(encode(FetchMessage{FetchPart{Height{513}, state::Path{}.child(0xa).child(0x5)}})),
            "05000000000000020102a5");
  EXPECT_EQ(hex(encode(FetchMessage{FetchEpochs{Epoch{513}}})), "070000000000000201");
}

TEST(PeerMessages, answers_have_golden_bytes) {
  EXPECT_EQ(hex(encode(AnswerMessage{CertificatesAnswer{{Bytes{1, 2}, Bytes{3}}}})),
            "0100020000000201020000000103");
  EXPECT_EQ(hex(encode(AnswerMessage{ChainAnswer{.certificate = {9}, .blocks = {Bytes{7, 7}}}})),
            "03000000010900010000000207"
            "07");
  EXPECT_EQ(hex(encode(AnswerMessage{SnapshotAnswer{{8, 9}}})), "04000000020809");
  EXPECT_EQ(hex(encode(AnswerMessage{PartAnswer{Height{513}, state::Path{}, {6}}})),
            "050000000000000201000000000106");
  EXPECT_EQ(hex(encode(AnswerMessage{PrunedAnswer{Height{513}}})), "060000000000000201");
  EXPECT_EQ(hex(encode(AnswerMessage{EpochsAnswer{Epoch{513}, {Bytes{8, 9}, Bytes{7}}}})),
            "070000000000000201"
            "0002"
            "000000020809"
            "0000000107");
}

TEST(PeerMessages, a_status_has_golden_bytes) {
  const StatusMessage status{.epoch = Epoch{1},
                             .view = View{9},
                             .finalized = View{8},
                             .height = Height{7},
                             .mode = 1,
                             .wall = WallMs{256},
                             .votes_of_receiver = {Bytes{5}}};
  EXPECT_EQ(hex(encode(status)),
            "0000000000000001000000000000000900000000000000080000000000000007"
            "01000000000000010001"
            "0000000105");
  EXPECT_EQ(decode_status(encode(status)), status);
}

TEST(PeerMessages, come_back_as_they_were_sent) {
  const FetchMessage fetches[] = {
      FetchCertificate{Epoch{3}, View{4}, consensus::FetchKind::Finalization},
      FetchBlock{digest(1)},
      FetchChain{Height{5}},
      FetchSnapshot{},
      FetchPart{Height{6}, state::Path{}.child(3)},
      FetchEpochs{Epoch{9}}};
  for (const FetchMessage& fetch : fetches) EXPECT_EQ(decode_fetch(encode(fetch)), fetch);
  const AnswerMessage answers[] = {
      CertificatesAnswer{{Bytes(100, 1)}},
      ChainAnswer{.certificate = Bytes(300, 2), .blocks = {Bytes(1000, 3), Bytes(1, 4)}},
      SnapshotAnswer{Bytes(50, 5)},
      SnapshotAnswer{},
      PartAnswer{Height{7}, state::Path{}.child(15), Bytes(70, 6)},
      PrunedAnswer{Height{8}},
      EpochsAnswer{Epoch{9}, {Bytes(70, 1), Bytes(80, 2)}},
      EpochsAnswer{Epoch{9}, {}}};
  for (const AnswerMessage& answer : answers) EXPECT_EQ(decode_answer(encode(answer)), answer);
}

TEST(PeerMessages, a_count_that_is_claimed_is_not_believed) {
  ByteWriter certificates;
  certificates.u8(1);
  certificates.u16(65);
  EXPECT_FALSE(decode_answer(certificates.out())) << "more than 64 certificates";
  ByteWriter epochs;
  epochs.u8(7);
  epochs.u64(0);
  epochs.u16(257);
  EXPECT_FALSE(decode_answer(epochs.out())) << "more than 256 ends";
  ByteWriter chain;
  chain.u8(3);
  chain.u32(0xffffffff);
  EXPECT_FALSE(decode_answer(chain.out())) << "a certificate of 4 GiB";
  ByteWriter none;
  none.u8(1);
  none.u16(0);
  EXPECT_FALSE(decode_answer(none.out())) << "an answer with nothing in it";
  ByteWriter votes;
  for (int i = 0; i < 4; ++i) votes.u64(1);
  votes.u8(0);
  votes.u64(1);
  votes.u8(4);
  EXPECT_FALSE(decode_status(votes.out())) << "more votes than kinds";
}

TEST(PeerMessages, ordinals_from_2_to_the_63_on_are_malformed) {
  EXPECT_FALSE(decode_fetch(encode(FetchMessage{FetchChain{Height{kOrdinalEnd}}})));
  EXPECT_FALSE(decode_fetch(encode(FetchMessage{FetchCertificate{Epoch{0}, View{kOrdinalEnd}}})));
}

TEST(PeerMessages, no_mutation_or_truncation_crashes_a_decoder) {
  constexpr std::uint64_t kSeed = 20'261'125;
  std::mt19937_64 random{kSeed};
  const Bytes samples[] = {
      encode(FetchMessage{FetchBlock{digest(1)}}),
      encode(AnswerMessage{ChainAnswer{.certificate = Bytes(300, 2), .blocks = {Bytes(50, 3)}}}),
      encode(StatusMessage{.epoch = Epoch{1},
                           .view = View{2},
                           .finalized = View{1},
                           .height = Height{1},
                           .mode = 0,
                           .wall = WallMs{1},
                           .votes_of_receiver = {Bytes(123, 1)}})};
  for (const Bytes& sample : samples) {
    for (int round = 0; round < 3'000; ++round) {
      Bytes mutated = sample;
      mutated[random() % mutated.size()] = static_cast<std::uint8_t>(random());
      mutated.resize(random() % (sample.size() + 3));
      // Whatever is accepted is what its encoder writes.
      if (const auto fetch = decode_fetch(mutated)) {
        EXPECT_EQ(encode(*fetch), mutated) << "seed " << kSeed;
      }
      if (const auto answer = decode_answer(mutated)) {
        EXPECT_EQ(encode(*answer), mutated) << "seed " << kSeed;
      }
      if (const auto status = decode_status(mutated)) {
        EXPECT_EQ(encode(*status), mutated) << "seed " << kSeed;
      }
    }
  }
}

}  // namespace
}  // namespace salus::sync
