// Owns: what a proof must be to be believed: every way to bend one is refused, by name.
#include "salus/verify.h"

#include <gtest/gtest.h>

#include "client/a_verifier.h"
#include "client/receipt_file.h"
#include "consensus/codec.h"
#include "ledger/header.h"
#include "queries/receipt.h"

namespace salus::client {
namespace {

TEST_F(VerifyTest, a_header_is_final_by_a_quorum_of_the_set_of_genesis) {
  node_.seal({node_.chain().transfer(0, 0)});
  const auto verified = verify_finality(genesis(), finality());
  ASSERT_TRUE(verified.has_value()) << outcome(verified);
  EXPECT_EQ(verified->height, Height{1});
  EXPECT_EQ(verified->digest, node_.chain().tip());
  EXPECT_EQ(verified->trusted.epoch, Epoch{0});
}

TEST_F(VerifyTest, genesis_is_known_by_its_hash_and_must_start_a_chain) {
  const std::string document = node_.chain().genesis_bytes();
  EXPECT_EQ(outcome(trust_genesis(document + " ", node_.chain().chain_id())), "GenesisForged");
  EXPECT_EQ(outcome(trust_genesis("{}", ledger::chain_id_of(as_bytes("{}")))), "GenesisInvalid");
  EXPECT_EQ(outcome(trust_genesis("no json", ledger::chain_id_of(as_bytes("no json")))),
            "GenesisInvalid");
}

TEST_F(VerifyTest, fewer_signers_than_a_quorum_finalize_nothing) {
  const Digest digest = node_.chain().extend(node_.chain().tip(), {});
  const Bytes three = node_.chain().certificate_of(digest, 1);
  const Bytes two = node_.chain().certificate_of(digest, 2);
  node_.chain().finalize(digest);
  v1::FinalityProof proof = finality();
  proof.mutable_header()->set_certificate(std::string{as_chars(three)});
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "Ok");
  proof.mutable_header()->set_certificate(std::string{as_chars(two)});
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "CertificateInvalid");
}

TEST_F(VerifyTest, a_certificate_is_for_one_block) {
  node_.seal({});
  node_.seal({});
  v1::FinalityProof first = finality(1);
  first.mutable_header()->set_certificate(finality(2).header().certificate());
  EXPECT_EQ(outcome(verify_finality(genesis(), first)), "CertificateForOther");
}

TEST_F(VerifyTest, headers_up_to_the_certified_one_are_linked) {
  for (int i = 0; i < 3; ++i) node_.seal({});
  v1::FinalityProof proof = finality(1);
  const std::string second = finality(2).header().headers(0);
  const std::string third = finality(3).header().headers(0);
  proof.mutable_header()->add_headers(second);
  proof.mutable_header()->set_certificate(finality(2).header().certificate());
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "Ok");
  proof.mutable_header()->set_headers(1, third);
  proof.mutable_header()->set_certificate(finality(3).header().certificate());
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "HeadersUnlinked");
  proof.mutable_header()->clear_headers();
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "HeaderMalformed");
  for (int i = 0; i <= kHeadersMax; ++i) proof.mutable_header()->add_headers(second);
  EXPECT_EQ(outcome(verify_finality(genesis(), proof)), "TooLong");
}

TEST_F(VerifyTest, another_chain_and_another_set_are_refused) {
  node_.seal({});
  const v1::FinalityProof proof = finality();
  TrustedSet trusted = genesis();
  trusted.chain_id.bytes[0] ^= 1;
  EXPECT_EQ(outcome(verify_finality(trusted, proof)), "OtherChain");
  trusted = genesis();
  trusted.validators.mutable_validators()->SwapElements(0, 1);
  EXPECT_EQ(outcome(verify_finality(trusted, proof)), "SetUnknown");
  trusted = genesis();
  trusted.epoch = Epoch{1};
  EXPECT_EQ(outcome(verify_finality(trusted, proof)), "EpochUnexpected");
}

TEST_F(VerifyTest, the_ends_of_epochs_lead_from_genesis_to_any_later_set) {
  end_epoch("olga", 'a');
  end_epoch("omar", 'b');
  ASSERT_EQ(epoch(), 2U);
  const v1::FinalityProof proof = finality();
  ASSERT_EQ(proof.epoch_ends_size(), 2);
  const auto verified = verify_finality(genesis(), proof);
  ASSERT_TRUE(verified.has_value()) << outcome(verified);
  EXPECT_EQ(verified->trusted.epoch, Epoch{2});
  // From there on the next proof is short.
  const v1::FinalityProof later = finality(0, 2);
  EXPECT_EQ(later.epoch_ends_size(), 0);
  EXPECT_EQ(outcome(verify_finality(verified->trusted, later)), "Ok");

  v1::FinalityProof skipped = proof;
  skipped.mutable_epoch_ends()->DeleteSubrange(0, 1);
  EXPECT_EQ(outcome(verify_finality(genesis(), skipped)), "EpochUnexpected");
  v1::FinalityProof forged = proof;
  v1::ProvenRecord& set = *forged.mutable_epoch_ends(0)->mutable_next_set()->mutable_records(0);
  set.set_value(set.value() + " ");
  EXPECT_EQ(outcome(verify_finality(genesis(), forged)), "SetUnproven");
  v1::FinalityProof bare = proof;
  bare.mutable_epoch_ends(0)->clear_next_set();
  EXPECT_EQ(outcome(verify_finality(genesis(), bare)), "SetUnproven");
  v1::FinalityProof swapped = proof;
  swapped.mutable_epoch_ends()->SwapElements(0, 1);
  EXPECT_EQ(outcome(verify_finality(genesis(), swapped)), "EpochUnexpected");
}

TEST_F(VerifyTest, a_receipt_proves_a_transaction_and_what_it_did) {
  const auto sent = node_.chain().transfer(0, 0, 7);
  node_.seal({node_.chain().transfer(1, 0), sent, node_.chain().transfer(2, 0, 2'000'000)});
  node_.seal({});
  const v1::Receipt receipt = receipt_of(sent->id());
  const auto fact = verify_receipt(node_.chain().chain_id(), receipt);
  ASSERT_TRUE(fact.has_value()) << outcome(fact);
  ASSERT_TRUE(fact->transaction.has_value());
  EXPECT_EQ(fact->transaction->id, sent->id());
  EXPECT_EQ(fact->transaction->height, Height{1});
  EXPECT_EQ(fact->transaction->index, 1U);
  EXPECT_EQ(fact->transaction->result.code(), 0U);
  EXPECT_EQ(fact->transaction->result.events_size(), 1);
}

TEST_F(VerifyTest, parts_of_two_receipts_make_none) {
  const auto first = node_.chain().transfer(0, 0);
  const auto second = node_.chain().transfer(1, 0);
  node_.seal({first, second});
  node_.seal({});
  const ChainId& chain_id = node_.chain().chain_id();
  const v1::Receipt one = receipt_of(first->id());
  const v1::Receipt two = receipt_of(second->id());
  v1::Receipt mixed = one;
  *mixed.mutable_transaction()->mutable_result() = two.transaction().result();
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "ResultUnproven");
  mixed = one;
  *mixed.mutable_transaction()->mutable_transaction()->mutable_path() =
      two.transaction().transaction().path();
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "TransactionUnproven");
  mixed = one;
  mixed.mutable_transaction()->set_block_header(one.finality().header().headers(0));
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "HeadersUnlinked");
  mixed = one;
  mixed.clear_transaction();
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "FactMissing");
  mixed = one;
  mixed.set_format(2);
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "FormatUnknown");
  mixed = one;
  mixed.set_genesis("{}");
  EXPECT_EQ(outcome(verify_receipt(chain_id, mixed)), "GenesisForged");
}

TEST_F(VerifyTest, a_receipt_from_a_later_epoch_is_short_and_convinces_who_trusts_that_set) {
  end_epoch("olga", 'a');
  end_epoch("omar", 'b');
  const auto verified = verify_finality(genesis(), finality());
  ASSERT_TRUE(verified.has_value());
  const TrustedSet latest = verified->trusted;
  ASSERT_EQ(latest.epoch, Epoch{2});
  const auto sent = node_.chain().transfer(0, 0, 7);
  node_.seal({sent});
  node_.seal({});
  v1::GetReceiptRequest request;
  request.set_tx_id(sent->id().to_string());
  const v1::Receipt whole = ask(&v1::Chain::Stub::GetReceipt, request).receipt();
  request.set_from_epoch(2);
  const v1::Receipt rest = ask(&v1::Chain::Stub::GetReceipt, request).receipt();
  EXPECT_EQ(whole.finality().epoch_ends_size(), 2);
  EXPECT_EQ(rest.finality().epoch_ends_size(), 0);
  EXPECT_TRUE(rest.genesis().empty()) << "of no use to who trusts a later set";

  const auto fact = verify_receipt(latest, rest);
  ASSERT_TRUE(fact.has_value()) << outcome(fact);
  ASSERT_TRUE(fact->transaction.has_value());
  EXPECT_EQ(fact->transaction->id, sent->id());
  EXPECT_EQ(outcome(verify_receipt(node_.chain().chain_id(), whole)), "Ok");
  const std::string document = node_.chain().genesis_bytes();
  EXPECT_EQ(outcome(verify_receipt(node_.chain().chain_id(), rest, document)), "EpochTooLate");
  EXPECT_NE(outcome(verify_receipt(genesis(), rest)), "Ok");
  TrustedSet other = latest;
  other.validators.mutable_validators()->SwapElements(0, 1);
  EXPECT_EQ(outcome(verify_receipt(other, rest)), "SetUnknown");
  // What is older than the trusted epoch is proven from an earlier one.
  request.set_from_epoch(3);
  const auto stub = v1::Chain::NewStub(node_.channel());
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  EXPECT_EQ(test::name_of(stub->GetReceipt(&context, request, &response)), "EpochOutOfRange");
}

TEST_F(VerifyTest, a_receipt_with_more_parts_than_a_proof_has_is_refused_before_it_is_built) {
  const auto sent = node_.chain().transfer(0, 0, 7);
  node_.seal({sent});
  node_.seal({});
  v1::Receipt receipt = receipt_of(sent->id());
  EXPECT_TRUE(parse_receipt(print_receipt(receipt)));
  EXPECT_TRUE(parse_receipt(receipt.SerializeAsString()));
  for (int i = 0; i < kEpochEndsMax; ++i) receipt.mutable_finality()->add_epoch_ends();
  EXPECT_TRUE(parse_receipt(receipt.SerializeAsString()));
  for (int i = 0; i < 8 * kEpochEndsMax; ++i) receipt.mutable_finality()->add_epoch_ends();
  EXPECT_FALSE(parse_receipt(receipt.SerializeAsString()));
  EXPECT_FALSE(parse_receipt(print_receipt(receipt)));
}

TEST_F(VerifyTest, a_receipt_proves_where_a_proposal_stands) {
  node_.apply("mira", test::submit_payment(node_.chain().person("ada")));
  node_.pass_ms(11 * dao::test::kSecond);
  node_.apply("noor", test::vote_yes(1));
  node_.seal({});
  v1::GetReceiptRequest request;
  request.set_proposal(1);
  const v1::Receipt receipt = ask(&v1::Chain::Stub::GetReceipt, request).receipt();
  const auto fact = verify_receipt(node_.chain().chain_id(), receipt);
  ASSERT_TRUE(fact.has_value()) << outcome(fact);
  ASSERT_TRUE(fact->proposal.has_value());
  EXPECT_EQ(fact->proposal->id, 1U);
  ASSERT_TRUE(fact->proposal->record.has_value());
  EXPECT_EQ(fact->proposal->record->id(), 1U);
  EXPECT_EQ(fact->proposal->record->state(), v1::PROPOSAL_STATE_VOTING);
  EXPECT_EQ(fact->proposal->height, fact->header.height.previous());
  EXPECT_FALSE(fact->proposal->tallies.empty());

  v1::Receipt bent = receipt;
  bent.mutable_state()->mutable_records(0)->clear_value();
  EXPECT_EQ(outcome(verify_receipt(node_.chain().chain_id(), bent)), "StateUnproven");
  bent = receipt;
  bent.mutable_state()->set_height(receipt.state().height() - 1);
  EXPECT_EQ(outcome(verify_receipt(node_.chain().chain_id(), bent)), "StateUnproven");
}

// Each record of it is true, and what it seems to say is not.
TEST_F(VerifyTest, a_receipt_holds_all_that_belongs_to_one_proposal_and_nothing_else) {
  node_.apply("mira", test::submit_payment(node_.chain().person("ada")));
  node_.apply("noor", test::submit_payment(node_.chain().person("kofi")));
  node_.pass_ms(11 * dao::test::kSecond);
  node_.apply("noor", test::vote_yes(1));
  node_.seal({});
  v1::GetReceiptRequest asked;
  asked.set_proposal(1);
  const v1::Receipt receipt = ask(&v1::Chain::Stub::GetReceipt, asked).receipt();
  const auto with_keys = [&](const std::vector<std::string>& keys) {
    v1::GetProofRequest request;
    for (const std::string& key : keys) request.add_keys(key);
    v1::Receipt crafted = receipt;
    *crafted.mutable_state() = ask(&v1::Chain::Stub::GetProof, request).state();
    return outcome(verify_receipt(node_.chain().chain_id(), crafted));
  };
  const auto first = queries::receipt_keys(1);
  const auto second = queries::receipt_keys(2);
  EXPECT_EQ(with_keys(first), "Ok");
  // One that is not there is a fact as well.
  EXPECT_EQ(with_keys(queries::receipt_keys(9)), "Ok");
  // A tally left out; one of another proposal in its stead; two proposals; no proposal.
  EXPECT_EQ(with_keys({first.begin(), first.end() - 1}), "FactMisshapen");
  auto mixed = first;
  mixed[1] = second[1];
  EXPECT_EQ(with_keys(mixed), "FactMisshapen");
  mixed = first;
  mixed.insert(mixed.end(), second.begin(), second.end());
  EXPECT_EQ(with_keys(mixed), "FactMisshapen");
  EXPECT_EQ(with_keys({first.begin() + 1, first.end()}), "FactMisshapen");
  EXPECT_EQ(with_keys({first[0], second[0]}), "FactMisshapen");
  EXPECT_EQ(with_keys({first[0].substr(0, 4)}), "FactMisshapen");
}

// Its results and roots would be the node's word under a line that says otherwise.
TEST_F(VerifyTest, a_block_without_a_later_one_shows_no_results) {
  node_.seal({node_.chain().transfer(0, 0)});
  v1::GetBlockRequest request;
  request.set_height(1);
  v1::FinalizedBlock block = ask(&v1::Chain::Stub::GetBlock, request).block();
  ASSERT_TRUE(block.has_results());
  const auto own = verify_finality(genesis(), finality(1));
  const auto alone = verify_block(*own, std::nullopt, block);
  ASSERT_TRUE(alone.has_value()) << outcome(alone);
  EXPECT_FALSE(alone->has_results());
  EXPECT_TRUE(alone->state_root().empty());
  EXPECT_TRUE(alone->results_root().empty());
  node_.seal({});
  const auto next = verify_finality(genesis(), finality(2));
  const auto whole = verify_block(*own, *next, block);
  ASSERT_TRUE(whole.has_value()) << outcome(whole);
  EXPECT_TRUE(whole->has_results());
  EXPECT_EQ(whole->state_root(), next->state_root.to_string());
}

// The node's own bytes would stand beside the word "verified", and nobody had judged them.
TEST_F(VerifyTest, a_block_shows_the_certificate_that_was_verified) {
  node_.seal({});
  v1::GetBlockRequest request;
  request.set_height(1);
  v1::FinalizedBlock block = ask(&v1::Chain::Stub::GetBlock, request).block();
  const auto own = verify_finality(genesis(), finality(1));
  ASSERT_TRUE(own.has_value()) << outcome(own);
  const std::string right = own->certificate;
  EXPECT_EQ(right, finality(1).header().certificate());
  for (const std::string& said : {std::string{}, right + "x", std::string{"what nobody signed"}}) {
    block.set_certificate(said);
    const auto shown = verify_block(*own, std::nullopt, block);
    ASSERT_TRUE(shown.has_value()) << outcome(shown);
    EXPECT_EQ(shown->certificate(), right);
  }
}

TEST(Flaws, have_a_name_and_a_sentence_each) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Flaw::EpochBehind); ++i) {
    EXPECT_GT(sentence(static_cast<Flaw>(i)).size(), 20U);
    EXPECT_TRUE(names.insert(name_of(static_cast<Flaw>(i))).second);
  }
}

}  // namespace
}  // namespace salus::client
