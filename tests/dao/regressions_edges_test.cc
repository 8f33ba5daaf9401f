// Owns: one test for each fault that was found at the edge of a value's type or of a record's life,
// named after it.
#include <gtest/gtest.h>

#include <limits>

#include "dao/a_ballot.h"
#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/a_validator.h"
#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/governance/proposals.h"
#include "dao/governance/rules.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

// The enums of proto3 are open. A negative scheme passed for one that the tracks allow, by the low
// bits of a shift, and an assertion stopped every node where voting began (G-8.1).
TEST(Regressions, scheme_out_of_the_enum_is_refused) {
  for (const int scheme : {0, -1, -31, -63, std::numeric_limits<int>::min()}) {
    Dao dao;
    v1::Action action = submit({create_fund("study")});
    action.mutable_submit()->set_scheme(static_cast<v1::Scheme>(scheme));
    EXPECT_EQ(dao.apply("mira", action).error(), "SchemeNotAllowed") << scheme;
    ASSERT_EQ(dao.apply("mira", submit({create_fund("study")})).error(), "Ok");
    v1::Action change;
    v1::Amend& amend = *change.mutable_amend();
    amend.set_proposal(1);
    amend.set_scheme(static_cast<v1::Scheme>(scheme));
    amend.set_text_hash(std::string(32, 'u'));
    *amend.add_options()->add_actions() = create_fund("study");
    EXPECT_EQ(dao.apply("mira", change).error(), "SchemeNotAllowed") << scheme;
  }
  // Asked of a node (GetEffectiveTrack).
  Dao dao;
  governance::Options options;
  *options.Add()->add_actions() = create_fund("study");
  for (const int scheme : {-31, 6, 33}) {
    const auto track = governance::effective_track(
        dao.state(), options, {.scheme = static_cast<v1::Scheme>(scheme), .winners = 1});
    ASSERT_FALSE(track) << scheme;
    EXPECT_EQ(track.error(), Error::SchemeNotAllowed);
  }
}

// A number whose low eight bits name a track passed for it (G-5.3).
TEST(Regressions, track_above_the_last_one_is_unknown) {
  Dao dao;
  ASSERT_EQ(dao.apply("noor", delegate_profile(true)).error(), "Ok");
  const Targets noor{{dao.account("noor"), 100}};
  const std::uint64_t until = dao.now_ms() + 10 * kSecond;
  EXPECT_EQ(dao.apply("mira", delegate_to(noor, until, 258)).error(), "TrackUnknown");
  EXPECT_EQ(dao.apply("mira", clear_delegation(258)).error(), "TrackUnknown");
  EXPECT_FALSE(constitution::find_track(dao.state(), 258));
  EXPECT_EQ(dao.apply("mira", delegate_to(noor, until, 2)).error(), "Ok");
}

// Where a vote raised outage_gap in the first block after an outage, the credit of what had begun
// in that block was below zero (G-7.8).
TEST(Regressions, credit_of_an_outage_is_never_below_zero) {
  Dao dao;
  v1::Proposal proposal;
  proposal.set_outage_seen_ms(5);
  EXPECT_EQ(governance::credit_ms(proposal, dao.state(), dao.now_ms()), 0U);
}

// A member whom a full chamber refused went on voting in the one that he had left (G-4.10, G-8.23).
TEST(Regressions, member_of_a_full_chamber_has_no_weight_elsewhere) {
  v1::GenesisDocument document = a_document();
  set_in(document, "membership.probation", 0);
  Dao dao(document);
  ASSERT_EQ(dao.apply_as_dao(set_chamber(a_chamber_without_a_track())), "Ok");
  ASSERT_TRUE(power::set_weight(dao.state(), dao.account("zed"), 5, power::kChamberWeightMax));
  ASSERT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 1U);
  ASSERT_EQ(dao.apply("mira", recheck(dao.account("chen"))).error(), "Ok");
  EXPECT_EQ(dao.member("chen").chamber(), 5U);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 0U);
}

// What followed the end of an account, in its transaction or block, was done for it all the same:
// money went to an account that is closed for ever (section 2).
TEST(Regressions, closed_account_does_nothing_more) {
  Dao dao;
  const std::uint64_t all = dao.tokens("zed");
  const v1::Action away = transfer(dao.account("mira"), all);
  EXPECT_EQ(dao.apply_all("zed", {away, close_account(), cancel_recovery()}).error(),
            "AccountClosed");
  EXPECT_EQ(dao.tokens("zed"), all) << "nothing is half done";
  ASSERT_EQ(dao.apply_all("zed", {away, close_account()}).error(), "Ok");
  EXPECT_EQ(dao.apply("zed", cancel_recovery()).error(), "AccountClosed");
  dao.end_block();
}

// Proofs were counted and not measured: one made a transaction that fits no small block.
TEST(Regressions, proof_is_as_long_as_a_signature) {
  v1::OpenAccount open;
  open.set_nonce(std::string(32, 'n'));
  open.add_proofs(std::string(65, 'p'));
  EXPECT_EQ(accounts::check(open), refuse(Error::Limit));
  v1::RotateKeys rotate;
  rotate.add_proofs(std::string(65'000, 'p'));
  EXPECT_EQ(accounts::check(rotate), refuse(Error::Limit));
}

}  // namespace
}  // namespace salus::dao::test
