// Owns: regressions about one node against a quorum: what it says and does when the others certify
// what it cannot follow (C29, C31), and about who asks how an epoch ended (C43).
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/codec.h"
#include "crypto/merkle.h"
#include "ledger/body_codec.h"
#include "ledger/reader.h"
#include "replica/diagnosis.h"
#include "replica/facts.h"
#include "sim/actions.h"
#include "wire/block_frame.h"

namespace salus::sim {
namespace {

constexpr std::uint64_t kSecond = 1'000;

// A correct validator 0; the test speaks for the others, who lead view 1.
class OneAgainstAQuorum : public ::testing::Test {
 protected:
  OneAgainstAQuorum() {
    network.start_all();
    network.run_for(100);
    EXPECT_EQ(network.replica(0).view(), View{1});
    for (std::uint16_t node = 1; node < 4; ++node) network.make_puppet(node);
  }

  // What a correct leader of view 1 would offer.
  ledger::Header header() const {
    const ledger::Ledger& ledger = network.replica(0).ledger();
    return ledger
        .build({.epoch = Epoch{},
                .view = View{1},
                .proposer = ValidatorIndex{1},
                .parent = ledger.finalized().digest,
                .time = network.wall(1),
                .transactions = {}})
        .block->header();
  }

  void show(const Digest& digest, ByteView block) {
    network.inject({.from = 1,
                    .to = 0,
                    .type = FrameType::Block,
                    .payload = wire::encode(
                        wire::BlockFrame{.epoch = Epoch{}, .digest = digest, .bytes = block})});
  }

  void certify(const consensus::Subject& subject) {
    consensus::Certificate certificate{.subject = subject, .set_size = 4, .signatures = {}};
    const Bytes message = consensus::signed_bytes(network.chain_id(), subject);
    for (std::uint16_t node = 1; node < 4; ++node) {
      certificate.signatures.emplace(ValidatorIndex{node},
                                     network.validator_key(node).sign(message));
    }
    network.inject({.from = 1,
                    .to = 0,
                    .type = FrameType::Certificate,
                    .payload = consensus::encode(certificate)});
  }

  static consensus::Candidate candidate(const Digest& digest) {
    return {.epoch = Epoch{}, .view = View{1}, .parent = View{}, .digest = digest};
  }

  replica::Verdict ask() const { return replica::diagnose(network.replica(0).situation()); }

  Network network{validators(4)};
};

// A block whose transaction is none: nobody can execute it, and its digest is known for ever.
TEST_F(OneAgainstAQuorum, a_certified_block_that_is_condemned_by_its_digest_is_divergence) {
  const Bytes no_transaction(40, 0xee);
  ledger::Header wrong = header();
  wrong.transactions_root = crypto::merkle_root(std::vector{wire::leaf_of(no_transaction)});
  const Bytes head = ledger::encode(wrong);
  const std::vector<ByteView> raws{no_transaction};
  const std::string block = ledger::encode_body(head, raws);
  const Digest digest = ledger::digest_of(head);

  show(digest, as_bytes(block));
  network.run_for(kSecond / 10);
  EXPECT_EQ(network.replica(0).status().consensus.mode, consensus::Mode::Voting)
      << "alone it is an invalid block and no more";
  certify(consensus::notarize(candidate(digest)));
  ASSERT_TRUE(network.run_until(
      [&] { return network.replica(0).status().consensus.mode == consensus::Mode::Diverged; },
      5 * kSecond));
  EXPECT_TRUE(network.replica(0).is_halted());
  EXPECT_EQ(ask().stall, replica::Stall::Diverged);

  // For good: the halt is on the disk.
  network.run_for(kSecond);
  network.crash(0);
  network.start(0);
  network.run_for(kSecond);
  EXPECT_EQ(network.replica(0).status().consensus.mode, consensus::Mode::Diverged);
}

TEST_F(OneAgainstAQuorum,
       a_certified_block_of_an_unknown_version_is_an_old_build_and_no_divergence) {
  ledger::Header later = header();
  later.version = ledger::kProtocolVersion + 1;
  const auto block = ledger::Block::make(later, {});
  show(block->digest(), as_bytes(block->bytes()));
  certify(consensus::notarize(candidate(block->digest())));
  ASSERT_TRUE(
      network.run_until([&] { return ask().stall == replica::Stall::Version; }, 5 * kSecond))
      << ask().sentence;
  const auto status = network.replica(0).status();
  EXPECT_EQ(status.consensus.mode, consensus::Mode::Observing);
  EXPECT_EQ(status.consensus.observing, consensus::ObservingReason::Version);
  EXPECT_NE(ask().remedy.find("protocol version 2"), std::string::npos) << ask().remedy;

  // Nor is it when the block is final and the others are far ahead.
  certify(consensus::finalize(candidate(block->digest())));
  network.run_for(5 * kSecond);
  EXPECT_FALSE(network.replica(0).status().diverged);
  EXPECT_FALSE(network.replica(0).is_halted());
  EXPECT_EQ(network.replica(0).ledger().finalized().height, Height{0})
      << "it stops before that height";
  EXPECT_EQ(ask().stall, replica::Stall::Version);
}

// One leader may claim anything: its view is skipped, and nobody stops voting.
TEST_F(OneAgainstAQuorum, an_offered_block_of_an_unknown_version_only_waits) {
  ledger::Header later = header();
  later.version = ledger::kProtocolVersion + 1;
  const auto block = ledger::Block::make(later, {});
  show(block->digest(), as_bytes(block->bytes()));
  const consensus::Subject subject = consensus::notarize(candidate(block->digest()));
  const Bytes message = consensus::signed_bytes(network.chain_id(), subject);
  network.inject({.from = 1,
                  .to = 0,
                  .type = FrameType::Vote,
                  .payload = consensus::encode(
                      consensus::Vote{.subject = subject,
                                      .signer = ValidatorIndex{1},
                                      .signature = network.validator_key(1).sign(message)})});
  network.run_for(10 * kSecond);
  const auto status = network.replica(0).status().consensus;
  EXPECT_EQ(status.mode, consensus::Mode::Voting);
  EXPECT_GE(status.counters.triggers[static_cast<std::size_t>(consensus::Trigger::ViewTimeout)],
            1U);
}

// Two nodes that told each other how an epoch ended did so for ever.
TEST(EndedEpoch, its_finalization_is_answered_by_nobody_and_a_vote_of_it_is) {
  NetworkOptions options = validators(4);
  options.parameters = {{"consensus.epoch_blocks_min", 1}};
  Network network{options};
  network.start_all();
  network.run_for(500);
  network.ask_reseat(1);
  ASSERT_TRUE(network.run_until(
      [&] { return network.replica(0).epoch() == Epoch{1} && network.all_equal(); }, 60 * kSecond));
  network.run_for(5 * kSecond);

  const ledger::Reader reader{network.disk(0).store()};
  std::optional<Bytes> end;
  for (Height height{1}; height <= network.height(0); height = height.next()) {
    const auto stored = reader.stored_block(height);
    const auto held = consensus::decode_certificate(stored->certificate);
    if (held && held->subject.epoch() == Epoch{0}) end = stored->certificate;
  }
  ASSERT_TRUE(end);
  std::size_t answers = 0;
  network.watch([&](const Frame& frame) {
    if (frame.from != 0 || frame.to != 1 || frame.type != FrameType::Certificate) return true;
    const auto said = consensus::decode_certificate(frame.payload);
    if (said && said->subject.epoch() == Epoch{0}) ++answers;
    return true;
  });
  for (int i = 0; i < 5; ++i) {
    network.inject({.from = 1, .to = 0, .type = FrameType::Certificate, .payload = *end});
    network.run_for(2 * kSecond);
  }
  EXPECT_EQ(answers, 0U);

  // Who votes there lacks it.
  const consensus::Subject late = consensus::nullify(Epoch{0}, View{900});
  const Bytes message = consensus::signed_bytes(network.chain_id(), late);
  network.inject({.from = 1,
                  .to = 0,
                  .type = FrameType::Vote,
                  .payload = consensus::encode(
                      consensus::Vote{.subject = late,
                                      .signer = ValidatorIndex{1},
                                      .signature = network.validator_key(1).sign(message)})});
  network.run_for(2 * kSecond);
  EXPECT_EQ(answers, 1U);
}

}  // namespace
}  // namespace salus::sim
