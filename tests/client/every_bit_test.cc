// Owns: proof that each single bit of a proof counts: turned over, it is refused, or it says the very
// same (where protobuf has two encodings of one message).
#include <gtest/gtest.h>

#include "client/a_verifier.h"

namespace salus::client {
namespace {

// The message with each single bit of its bytes turned over, where that is still a message.
template <typename Message, typename Judge>
void each_bit_of(const Message& message, const Judge& judge) {
  const std::string bytes = message.SerializeAsString();
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string bent = bytes;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    Message parsed;
    if (parsed.ParseFromString(bent)) {
      judge(parsed, "byte " + std::to_string(bit / 8) + ", bit " + std::to_string(bit % 8));
    }
  }
}

void expect_same_header(const VerifiedFact& right, const VerifiedFact& fact,
                        const std::string& where) {
  EXPECT_EQ(fact.header.bytes, right.header.bytes) << where;
  EXPECT_EQ(fact.header.digest, right.header.digest) << where;
  EXPECT_EQ(fact.header.trusted.epoch, right.header.trusted.epoch) << where;
  EXPECT_EQ(fact.header.trusted.validators.SerializeAsString(),
            right.header.trusted.validators.SerializeAsString())
      << where;
}

using EveryBit = VerifyTest;

TEST_F(EveryBit, no_bit_of_header_or_certificate_can_change) {
  node_.seal({});
  const TrustedSet trusted = genesis();
  const v1::FinalityProof right = finality();
  const auto refuse_each_bit = [&](const std::string& bytes, const auto& put) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string bent = bytes;
      bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
      v1::FinalityProof proof = right;
      put(proof, bent);
      EXPECT_FALSE(verify_finality(trusted, proof).has_value()) << "bit " << bit;
    }
  };
  refuse_each_bit(right.header().headers(0), [](v1::FinalityProof& proof, std::string& bent) {
    proof.mutable_header()->set_headers(0, bent);
  });
  refuse_each_bit(right.header().certificate(), [](v1::FinalityProof& proof, std::string& bent) {
    proof.mutable_header()->set_certificate(bent);
  });
}

TEST_F(EveryBit, a_bent_receipt_is_refused_or_says_the_same) {
  const auto sent = node_.chain().transfer(0, 0);
  node_.seal({sent, node_.chain().transfer(1, 0)});
  node_.seal({});
  v1::Receipt receipt = receipt_of(sent->id());
  const std::string genesis = receipt.genesis();
  receipt.clear_genesis();
  const ChainId& chain_id = node_.chain().chain_id();
  const auto right = verify_receipt(chain_id, receipt, genesis);
  ASSERT_TRUE(right.has_value()) << outcome(right);
  const VerifiedTransaction& whole = *right->transaction;
  std::size_t refused = 0;
  each_bit_of(receipt, [&](const v1::Receipt& bent, const std::string& where) {
    const auto fact = verify_receipt(chain_id, bent, genesis);
    if (!fact) return void(++refused);
    expect_same_header(*right, *fact, where);
    ASSERT_TRUE(fact->transaction.has_value()) << where;
    EXPECT_FALSE(fact->proposal.has_value()) << where;
    EXPECT_EQ(fact->transaction->id, whole.id) << where;
    EXPECT_EQ(fact->transaction->height, whole.height) << where;
    EXPECT_EQ(fact->transaction->index, whole.index) << where;
    EXPECT_EQ(fact->transaction->time, whole.time) << where;
    EXPECT_EQ(fact->transaction->transaction.SerializeAsString(),
              whole.transaction.SerializeAsString())
        << where;
    EXPECT_EQ(fact->transaction->result.SerializeAsString(), whole.result.SerializeAsString())
        << where;
  });
  EXPECT_GT(refused, 8 * receipt.ByteSizeLong() / 2) << "most bits count";
}

TEST_F(EveryBit, a_bent_receipt_of_a_proposal_is_refused_or_says_the_same) {
  node_.apply("mira", test::submit_payment(node_.chain().person("ada")));
  node_.pass_ms(11 * dao::test::kSecond);
  node_.apply("noor", test::vote_yes(1));
  node_.seal({});
  v1::GetReceiptRequest request;
  request.set_proposal(1);
  v1::Receipt receipt = ask(&v1::Chain::Stub::GetReceipt, request).receipt();
  const std::string genesis = receipt.genesis();
  receipt.clear_genesis();
  const ChainId& chain_id = node_.chain().chain_id();
  const auto right = verify_receipt(chain_id, receipt, genesis);
  ASSERT_TRUE(right.has_value()) << outcome(right);
  const VerifiedProposal& whole = *right->proposal;
  ASSERT_FALSE(whole.tallies.empty());
  std::size_t refused = 0;
  each_bit_of(receipt, [&](const v1::Receipt& bent, const std::string& where) {
    const auto fact = verify_receipt(chain_id, bent, genesis);
    if (!fact) return void(++refused);
    expect_same_header(*right, *fact, where);
    EXPECT_FALSE(fact->transaction.has_value()) << where;
    ASSERT_TRUE(fact->proposal.has_value()) << where;
    EXPECT_EQ(fact->proposal->id, whole.id) << where;
    EXPECT_EQ(fact->proposal->height, whole.height) << where;
    ASSERT_TRUE(fact->proposal->record.has_value()) << where;
    EXPECT_EQ(fact->proposal->record->SerializeAsString(), whole.record->SerializeAsString())
        << where;
    ASSERT_EQ(fact->proposal->tallies.size(), whole.tallies.size()) << where;
    for (const auto& [chamber, tally] : whole.tallies) {
      ASSERT_TRUE(fact->proposal->tallies.contains(chamber)) << where;
      EXPECT_EQ(fact->proposal->tallies.at(chamber).SerializeAsString(), tally.SerializeAsString())
          << where;
    }
  });
  EXPECT_GT(refused, 8 * receipt.ByteSizeLong() / 2) << "most bits count";
}

// What leads from set to set: a bit of it that counts for nothing leads to the same set.
TEST_F(EveryBit, a_bent_end_of_an_epoch_leads_to_the_same_set_or_nowhere) {
  end_epoch("olga", 'a');
  v1::FinalityProof proof = finality();
  ASSERT_EQ(proof.epoch_ends_size(), 1);
  const auto right = verify_finality(genesis(), proof);
  ASSERT_TRUE(right.has_value()) << outcome(right);
  const v1::EpochEnd end = proof.epoch_ends(0);
  std::size_t refused = 0;
  each_bit_of(end, [&](const v1::EpochEnd& bent, const std::string& where) {
    *proof.mutable_epoch_ends(0) = bent;
    const auto led = verify_finality(genesis(), proof);
    if (!led) return void(++refused);
    EXPECT_EQ(led->trusted.epoch, right->trusted.epoch) << where;
    EXPECT_EQ(led->trusted.validators.SerializeAsString(),
              right->trusted.validators.SerializeAsString())
        << where;
  });
  EXPECT_GT(refused, 8 * end.ByteSizeLong() / 2) << "most bits count";
}

}  // namespace
}  // namespace salus::client
