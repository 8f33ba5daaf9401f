// Owns: one test for each fault that was found in chambers that no track names, named after it.
#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/constitution.h"
#include "dao/governance/proposals.h"
#include "dao/governance/queries.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

// He begins his probation there.
void move_chen_to(Dao& dao, const v1::Chamber& chamber) {
  ASSERT_EQ(dao.apply_as_dao(set_chamber(chamber)), "Ok");
  ASSERT_EQ(dao.apply("zed", recheck(dao.account("chen"))).error(), "Ok");
}

// A chamber that the constitution does not name had no say over its own members (G-4.7).
TEST(Regressions, chamber_that_no_track_names_is_required_for_its_member) {
  Dao dao;
  const v1::Chamber nurses = a_chamber_without_a_track();
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses)), "Ok");
  for (const char* who : {"chen", "diaz"}) {
    ASSERT_EQ(dao.apply("zed", recheck(dao.account(who))).error(), "Ok");
  }
  dao.pass_ms(constitution::value(dao.state(), "membership.probation"));
  ASSERT_EQ(dao.member("chen").chamber(), 5U);
  ASSERT_EQ(dao.apply("mira", submit({expel(dao.account("chen"))}, 50 * kToken)).error(), "Ok");
  dao.pass_ms(kNoticeMs);
  ASSERT_EQ(state_of(dao, 1), "VOTING");
  const auto rules = proposal(dao, 1).effective().rules();
  const auto row = std::ranges::find(rules.chambers(), 5U, &v1::TrackChamber::chamber);
  ASSERT_NE(row, rules.chambers().end());
  EXPECT_EQ(row->mode(), v1::CHAMBER_MODE_REQUIRED);
  // Without a nurse's word it does not pass.
  for (const char* who : {"mira", "noor", "pavel", "ada", "kofi", "hope", "anne"}) {
    static_cast<void>(dao.apply(who, vote(1, v1::CHOICE_YES)));
  }
  dao.end_block();
  pass_to(dao, proposal(dao, 1).phase_until_ms());
  EXPECT_EQ(state_of(dao, 1), "REJECTED");
}

// It was required also once it was gone, and an assertion stopped every node where the vote opened:
// who has no weight in a chamber keeps none from being removed (G-4.7, G-12.3).
TEST(Regressions, chamber_that_was_removed_is_asked_nothing) {
  Dao dao;
  const v1::Chamber nurses = a_chamber_without_a_track();
  ASSERT_NO_FATAL_FAILURE(move_chen_to(dao, nurses));
  ASSERT_EQ(dao.member("chen").chamber(), 5U);
  ASSERT_EQ(dao.apply("mira", submit({expel(dao.account("chen"))}, 50 * kToken)).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "Ok") << "he is in his probation";
  dao.pass_ms(kNoticeMs);
  ASSERT_EQ(state_of(dao, 1), "VOTING");
  const auto rules = proposal(dao, 1).effective().rules();
  EXPECT_EQ(std::ranges::find(rules.chambers(), 5U, &v1::TrackChamber::chamber),
            rules.chambers().end());
}

// The same by the rules of an earlier proposal, which hold for the one that ends it (G-6.8).
TEST(Regressions, chamber_that_was_removed_is_left_out_of_the_rules_of_then) {
  Dao dao;
  const v1::Chamber nurses = a_chamber_without_a_track();
  ASSERT_NO_FATAL_FAILURE(move_chen_to(dao, nurses));
  const std::uint64_t first = open_voting(dao, "mira", {expel(dao.account("chen"))}, 50 * kToken);
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "Ok");
  v1::Action stop;
  stop.mutable_cancel_proposal()->set_proposal(first);
  const std::uint64_t second = open_voting(dao, "noor", {stop}, 50 * kToken);
  const auto rules = proposal(dao, second).effective().rules();
  ASSERT_NE(std::ranges::find(rules.chambers(), 5U, &v1::TrackChamber::chamber),
            rules.chambers().end());
  EXPECT_TRUE(governance::find_tally(dao.state(), second, 5)->left_out());
}

// He had weight in a chamber that was not there when his probation ended (G-4.11).
TEST(Regressions, probation_in_a_chamber_that_went_begins_anew_in_another) {
  Dao dao;
  const std::uint64_t probation = constitution::value(dao.state(), "membership.probation");
  const std::uint32_t before = dao.member("chen").chamber();
  const v1::Chamber nurses = a_chamber_without_a_track();
  ASSERT_NO_FATAL_FAILURE(move_chen_to(dao, nurses));
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "Ok");
  dao.pass_ms(probation);
  EXPECT_EQ(dao.member("chen").chamber(), before);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 0U);
  EXPECT_EQ(governance::power_of(dao.state(), dao.account("chen")).reason,
            governance::PowerReason::Probation);
  dao.pass_ms(probation);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 1U);
}

// The same where he was suspended meanwhile (G-4.9).
TEST(Regressions, suspension_from_a_chamber_that_went_ends_in_another) {
  Dao dao;
  const std::uint64_t probation = constitution::value(dao.state(), "membership.probation");
  const std::uint32_t before = dao.member("chen").chamber();
  const v1::Chamber nurses = a_chamber_without_a_track();
  ASSERT_NO_FATAL_FAILURE(move_chen_to(dao, nurses));
  dao.pass_ms(probation);
  ASSERT_EQ(power::weight_now(dao.state(), dao.account("chen")).chamber, 5U);
  EXPECT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "ChamberInUse");
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("chen"), dao.now_ms() + kSecond)), "Ok");
  ASSERT_EQ(dao.apply_as_dao(set_chamber(nurses, true)), "Ok");
  dao.pass_ms(kSecond);
  EXPECT_EQ(dao.member("chen").state(), v1::MEMBER_STATE_ACTIVE);
  EXPECT_EQ(dao.member("chen").chamber(), before);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 0U);
  EXPECT_EQ(governance::power_of(dao.state(), dao.account("chen")).reason,
            governance::PowerReason::Probation);
  dao.pass_ms(probation);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("chen")).units, 1U);
}

}  // namespace
}  // namespace salus::dao::test
