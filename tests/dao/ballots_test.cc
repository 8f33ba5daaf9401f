// Owns: proof that a ballot weighs what its member weighed at the power snapshot, once, whatever he
// became since (G-5.6, G-5.13, G-4.9, G-7.10, G-8.1, G-8.2).
#include "dao/governance/casting.h"

#include <gtest/gtest.h>

#include "dao/a_proposal.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;
using power::kMicro;

TEST(Ballot, is_replaced_never_added) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
  EXPECT_EQ(tally(dao, id, kInstitutions).yes(), 3 * kMicro);
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_VETO)).error(), "Ok");
  EXPECT_EQ(tally(dao, id, kInstitutions).yes(), 0U);
  EXPECT_EQ(tally(dao, id, kInstitutions).veto(), 3 * kMicro);
  EXPECT_EQ(tally(dao, id, kInstitutions).voters(), 1U);
  dao.end_block();
}

TEST(Ballot, is_cast_at_most_100_times) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  for (std::uint32_t i = 0; i < governance::kBallotsMax; ++i) {
    ASSERT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_NO)).error(), "Ok") << i;
  }
  EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_YES)).error(), "TooManyChanges");
  EXPECT_EQ(tally(dao, id, kPatients).no(), kMicro);
  dao.end_block();
}

TEST(Ballot, has_one_to_eight_valid_parts) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  using Parts = std::vector<Part>;
  struct Case {
    const char* name;
    Parts parts;
    const char* error;
  };
  const Case cases[] = {
      {"none", {}, "BallotInvalid"},
      {"a part of 0", {{v1::CHOICE_YES, 0}}, "BallotInvalid"},
      {"all of 10,000", {{v1::CHOICE_YES, 10'000}}, "Ok"},
      {"one over 10,000", {{v1::CHOICE_YES, 10'001}}, "BallotInvalid"},
      {"together 10,000", {{v1::CHOICE_YES, 9'999}, {v1::CHOICE_NO, 1}}, "Ok"},
      {"together one over", {{v1::CHOICE_YES, 9'999}, {v1::CHOICE_NO, 2}}, "BallotInvalid"},
      {"a choice twice", {{v1::CHOICE_YES, 1}, {v1::CHOICE_YES, 1}}, "BallotInvalid"},
      {"no choice", {{v1::CHOICE_UNSPECIFIED, 1}}, "BallotInvalid"},
      {"an unknown choice", {{static_cast<v1::Choice>(5), 1}}, "BallotInvalid"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.as("noor").apply(vote(id, row.parts)).error(), row.error) << row.name;
  }
  v1::Action with_reason = vote(id, v1::CHOICE_YES);
  with_reason.mutable_vote()->set_reason_hash(std::string(31, 'r'));
  EXPECT_EQ(dao.as("noor").apply(with_reason).error(), "Limit");
  dao.end_block();
}

TEST(Ballot, in_parts_adds_up_to_its_weight) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  const std::vector<Part> thirds{
      {v1::CHOICE_VETO, 1}, {v1::CHOICE_YES, 1}, {v1::CHOICE_ABSTAIN, 1}};
  ASSERT_EQ(dao.as("noor").apply(vote(id, thirds)).error(), "Ok");
  // In the order yes, no, abstain, veto, whatever the order of the parts (G-8.2).
  const v1::Tally counted = tally(dao, id, kPatients);
  EXPECT_EQ(counted.yes(), 333'333U);
  EXPECT_EQ(counted.abstain(), 333'333U);
  EXPECT_EQ(counted.veto(), 333'334U);
  dao.end_block();
}

TEST(PowerSnapshot, does_not_know_who_was_admitted_later) {
  Dao dao;
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), bit(Role::Patient))).error(), "Ok");
  // Probation ends 14 s from now; voting starts after 10 s.
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  EXPECT_EQ(dao.as("zed").apply(vote(id, v1::CHOICE_YES)).error(), "NoPower");
  dao.pass_ms(4 * kSecond);
  ASSERT_EQ(dao.member("zed").weight(), 1U);
  EXPECT_EQ(dao.as("zed").apply(vote(id, v1::CHOICE_YES)).error(), "NoPower");
  EXPECT_EQ(dao.as("zed").apply(declare_conflict(id)).error(), "NoPower");
  EXPECT_EQ(tally(dao, id, kPatients).eligible(), 3 * kMicro);
  EXPECT_EQ(dao.as("registry").apply(vote(id, v1::CHOICE_YES)).error(), "NoPower");
  dao.end_block();
  // The next proposal counts him.
  const std::uint64_t next = open_voting(dao, "noor", {create_fund("other")});
  EXPECT_EQ(dao.as("zed").apply(vote(next, v1::CHOICE_YES)).error(), "Ok");
  EXPECT_EQ(tally(dao, next, kPatients).eligible(), 4 * kMicro);
  dao.end_block();
}

TEST(PowerSnapshot, waits_for_a_probation_that_ends_at_the_same_instant) {
  // G-12.2, G-5.8: class 0 before class 2, in one block.
  Dao dao;
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), bit(Role::Patient))).error(), "Ok");
  dao.pass_ms(4 * kSecond);
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  EXPECT_EQ(tally(dao, id, kPatients).eligible(), 4 * kMicro);
  EXPECT_EQ(dao.as("zed").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
}

TEST(PowerSnapshot, keeps_the_power_of_who_left_since) {
  // G-4.9: ballots stay and may still be cast there.
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  ASSERT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
  ASSERT_EQ(dao.as("noor").apply(exit_dao()).error(), "Ok");
  ASSERT_EQ(dao.as("pavel").apply(exit_dao()).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("hope"), dao.now_ms() + 50 * kSecond)), "Ok");
  ASSERT_EQ(dao.apply_as_dao(expel(dao.account("chen"))), "Ok");
  dao.end_block();
  EXPECT_EQ(tally(dao, id, kPatients).yes(), kMicro);
  for (const char* name : {"noor", "pavel", "hope", "chen"}) {
    EXPECT_EQ(dao.apply(name, vote(id, v1::CHOICE_NO)).error(), "Ok") << name;
  }
  EXPECT_EQ(tally(dao, id, kPatients).no(), 2 * kMicro);
  EXPECT_EQ(tally(dao, id, kPatients).eligible(), 3 * kMicro);
  EXPECT_EQ(tally(dao, id, kInstitutions).no(), 3 * kMicro);
  EXPECT_EQ(tally(dao, id, kClinicians).no(), kMicro);
  dao.end_block();
}

TEST(PowerSnapshot, keeps_the_chamber_of_who_changed_it_since) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  ASSERT_EQ(dao.as("registry")
                .apply(issue(dao.account("noor"), v1::CREDENTIAL_KIND_CLINICIAN,
                             dao.now_ms() + 1'000 * kSecond))
                .error(),
            "Ok");
  dao.end_block();
  ASSERT_EQ(dao.member("noor").chamber(), kClinicians);
  EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
  EXPECT_EQ(tally(dao, id, kPatients).yes(), kMicro);
  EXPECT_EQ(tally(dao, id, kClinicians).yes(), 0U);
  dao.end_block();
}

TEST(Recusal, takes_the_payee_out_of_the_vote_and_of_the_electorate) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {pay(1, kToken, dao.account("noor"))});
  EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_YES)).error(), "Recused");
  EXPECT_EQ(tally(dao, id, kPatients).recused(), kMicro);
  EXPECT_EQ(tally(dao, id, kPatients).recused_members(), 1U);
  dao.end_block();
}

TEST(Recusal, takes_back_a_ballot_that_was_cast) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_NO)).error(), "Ok");
  ASSERT_EQ(dao.as("hope").apply(declare_conflict(id)).error(), "Ok");
  const v1::Tally counted = tally(dao, id, kInstitutions);
  EXPECT_EQ(counted.no(), 0U);
  EXPECT_EQ(counted.voters(), 0U);
  EXPECT_EQ(counted.recused(), 3 * kMicro);
  dao.end_block();
}

TEST(Recusal, declared_before_voting_counts_from_its_start) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")})).error(), "Ok");
  ASSERT_EQ(dao.as("hope").apply(declare_conflict(1)).error(), "Ok");
  dao.end_block();
  dao.pass_ms(kNoticeMs);
  EXPECT_EQ(tally(dao, 1, kInstitutions).recused(), 3 * kMicro);
  EXPECT_EQ(dao.as("hope").apply(vote(1, v1::CHOICE_YES)).error(), "Recused");
  dao.end_block();
}

TEST(Vote, on_what_does_not_exist_is_refused) {
  Dao dao;
  EXPECT_EQ(dao.as("mira").apply(vote(1, v1::CHOICE_YES)).error(), "ProposalUnknown");
  EXPECT_EQ(dao.as("mira").apply(declare_conflict(1)).error(), "ProposalUnknown");
}

}  // namespace
}  // namespace salus::dao::test
