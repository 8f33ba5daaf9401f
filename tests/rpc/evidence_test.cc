// Owns: the way of an equivocation from the node that saw it to the chain: what the operator's
// socket says of it is what the action takes.
#include "apps/salus/evidence.h"

#include <gtest/gtest.h>

#include "consensus/codec.h"
#include "crypto/ed25519.h"
#include "dao/validators/validators.h"
#include "rpc/operator_answers.h"

namespace salus::cli {
namespace {

consensus::Vote vote(std::uint16_t signer, std::uint64_t epoch, const consensus::Subject& subject) {
  crypto::Seed seed{};
  seed[0] = static_cast<std::uint8_t>(signer + 1);
  consensus::Subject of_epoch = subject;
  of_epoch.candidate.epoch = Epoch{epoch};
  const Bytes message = consensus::signed_bytes(ChainId{}, of_epoch);
  return {.subject = of_epoch,
          .signer = ValidatorIndex{signer},
          .signature = crypto::KeyPair::from_seed(seed).sign(message)};
}

// Two notarize votes of one view.
consensus::Evidence evidence(std::uint16_t signer, std::uint64_t epoch) {
  consensus::Candidate candidate{
      .epoch = {}, .view = View{9}, .parent = View{8}, .digest = Digest{}};
  const consensus::Vote first = vote(signer, epoch, consensus::notarize(candidate));
  candidate.digest.bytes[0] = 1;
  return {.first = first, .second = vote(signer, epoch, consensus::notarize(candidate))};
}

replica::Situation situation_with(std::vector<consensus::Evidence> seen) {
  replica::Situation out;
  out.status.consensus.epoch = Epoch{3};
  out.status.evidence = std::move(seen);
  for (const char* name : {"ada", "bea", "cyd"}) {
    out.members.push_back({.name = name, .node = {}, .own = false, .linked = true});
  }
  return out;
}

const auto kNothing = [](std::uint64_t, ValidatorIndex) { return false; };

TEST(Evidence, that_a_node_saw_is_told_by_name_and_taken_by_the_chain) {
  const auto status = rpc::consensus_status(situation_with({evidence(1, 3)}), "st-anne");
  ASSERT_EQ(status.equivocations_size(), 1);
  EXPECT_EQ(status.equivocations(0).validator(), "bea");
  EXPECT_EQ(status.equivocations(0).epoch(), 3U);
  EXPECT_EQ(status.equivocations(0).view(), 9U);
  const auto reports = reports_of(status, kNothing);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_TRUE(dao::validators::check(reports[0].report_equivocation()));
}

TEST(Evidence, of_an_ended_epoch_has_no_name_and_is_reported_all_the_same) {
  const auto status = rpc::consensus_status(situation_with({evidence(1, 2)}), "st-anne");
  EXPECT_EQ(status.equivocations(0).validator(), "");
  EXPECT_EQ(reports_of(status, kNothing).size(), 1U);
}

TEST(Evidence, is_reported_once_a_validator_and_epoch_and_not_when_it_is_on_record) {
  const auto status = rpc::consensus_status(
      situation_with({evidence(1, 3), evidence(1, 3), evidence(2, 3), evidence(1, 2)}), "st-anne");
  EXPECT_EQ(reports_of(status, kNothing).size(), 3U);
  const auto reports = reports_of(status, [](std::uint64_t epoch, ValidatorIndex signer) {
    return epoch == 3 && signer == ValidatorIndex{1};
  });
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(signer_of(reports[0].report_equivocation().first_vote()), ValidatorIndex{2});
}

TEST(Evidence, that_is_no_vote_is_left_out) {
  v1::ConsensusStatusResponse status;
  status.add_equivocations()->set_first_vote("no vote");
  EXPECT_TRUE(reports_of(status, kNothing).empty());
  EXPECT_FALSE(signer_of(""));
}

}  // namespace
}  // namespace salus::cli
