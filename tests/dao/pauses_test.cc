// Owns: proof that sentinels can stop things once, for a while, and never what protects members
// (section 11).
#include "dao/pauses/pauses.h"

#include "dao/a_people.h"
#include "dao/constitution.h"

namespace salus::dao::test {
namespace {

using v1::Action;
constexpr std::uint64_t kHourMs = 3'600'000;

void stop(Dao& dao, const v1::Action& what) {
  ASSERT_EQ(dao.as("mira").apply(what).error(), "Ok");
  ASSERT_EQ(dao.as("noor").apply(what).error(), "Ok");
}

// Compound 62 and 117: a faulty upgrade, and seven days until the fix could execute.
TEST(Incident, compound_117_one_action_type_is_stopped_at_once_and_the_rest_goes_on) {
  Dao dao(a_watched_document());
  stop(dao, pause({Action::kTransfer, Action::kPay}, 72 * kHourMs));
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.apply_as_dao(pay_from_general(mira, 1)), "ActionPaused");
  EXPECT_EQ(dao.as("chen").apply(transfer(mira, 1)).error(), "ActionPaused");
  EXPECT_EQ(dao.as("chen").apply(burn(1)).error(), "Ok");
  dao.end_block();
  // G-1.1: at its end it is over, without anybody doing anything.
  dao.advance_ms(72 * kHourMs - 1);
  EXPECT_EQ(dao.as("chen").apply(transfer(mira, 1)).error(), "ActionPaused");
  dao.advance_ms(1);
  EXPECT_EQ(dao.as("chen").apply(transfer(mira, 1)).error(), "Ok");
  dao.end_block();
}

TEST(Pause, spends_the_charge_of_every_signer_until_a_vote_renews_them) {
  Dao dao(a_watched_document());
  stop(dao, pause({Action::kPay}, kHourMs));
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kMint}, kHourMs)).error(), "NoCharge");
  EXPECT_TRUE(pauses::has_charge(dao.state(), dao.account("pavel")));
  EXPECT_EQ(dao.as("mira").apply(renew_charges()).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(renew_charges()), "Ok");
  EXPECT_EQ(pauses::charge_clock(dao.state()).renewed_ms(), dao.now_ms());
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kMint}, kHourMs)).error(), "Ok");
  dao.end_block();
}

TEST(Pause, of_the_same_type_within_thirty_days_needs_charges_renewed_since) {
  std::vector<Person> people = everybody();
  v1::GenesisDocument document = a_watched_document(people);
  for (const std::uint32_t index : {3U, 4U}) {
    v1::GenesisOffice& office = *document.add_offices();
    office = document.offices(0);
    office.set_account(index);
  }
  Dao dao(document, people);
  stop(dao, pause({Action::kPay}, kHourMs));
  // chen and diaz hold their charges, and still may not go on where the others stopped.
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kPay}, kHourMs)).error(), "NoCharge");
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kMint, Action::kPay}, kHourMs)).error(),
            "NoCharge");
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kMint}, kHourMs)).error(), "Ok");
  dao.end_block();
  dao.advance_ms(pauses::kAgainMs - 1);
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kPay}, kHourMs)).error(), "NoCharge");
  dao.advance_ms(1);
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kPay}, kHourMs)).error(), "Ok");
  dao.end_block();
}

TEST(Pause, lasts_at_most_pause_max_and_stops_at_most_eight_types) {
  Dao dao(a_watched_document());
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kPay}, 72 * kHourMs + 1)).error(), "PauseTooLong");
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kPay}, 0)).error(), "Limit");
  EXPECT_EQ(dao.as("mira").apply(pause({}, kHourMs)).error(), "TooManyTypes");
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kPay, Action::kPay}, kHourMs)).error(),
            "TooManyTypes");
  EXPECT_EQ(dao.as("mira")
                .apply(pause({Action::kTransfer, Action::kMint, Action::kBurn, Action::kApply,
                              Action::kAttest, Action::kVouch, Action::kAdmitMember,
                              Action::kIssueCredential, Action::kPay},
                             kHourMs))
                .error(),
            "TooManyTypes");
  EXPECT_EQ(dao.as("mira")
                .apply(pause({Action::kTransfer, Action::kMint, Action::kBurn, Action::kApply,
                              Action::kAttest, Action::kVouch, Action::kAdmitMember, Action::kPay},
                             72 * kHourMs))
                .error(),
            "Ok");
}

// G-11.3.
TEST(Pause, never_touches_keys_votes_leaving_and_claims) {
  Dao dao(a_watched_document());
  for (const auto type : {Action::kOpenAccount,
                          Action::kRotateKeys,
                          Action::kVote,
                          Action::kEndorse,
                          Action::kSubmit,
                          Action::kSetDelegation,
                          Action::kClearDelegation,
                          Action::kDeclareConflict,
                          Action::kRetryExecution,
                          Action::kCancelProposal,
                          Action::kEndPause,
                          Action::kRenewCharges,
                          Action::kExit,
                          Action::kFileDefence,
                          Action::kCoSign,
                          Action::kProveReady,
                          Action::kReseat,
                          Action::kReportEquivocation,
                          Action::kLeave,
                          Action::kAcceptPayout,
                          Action::kSetRecovery,
                          Action::kStartRecovery,
                          Action::kSupportRecovery,
                          Action::kCancelRecovery,
                          Action::kCloseAccount,
                          Action::kClaimSchedule,
                          Action::kClaimTranche}) {
    EXPECT_EQ(dao.as("mira").apply(pause({type}, kHourMs)).error(), "NotPausable")
        << static_cast<int>(type);
  }
  // A number that names no action stops nothing.
  for (const std::uint32_t number : {999U, 1'000U, ~0U}) {
    v1::Action strange;
    strange.mutable_pause()->add_types(number);
    strange.mutable_pause()->set_span_ms(kHourMs);
    EXPECT_EQ(dao.as("mira").apply(strange).error(), "NotPausable") << number;
  }
}

TEST(Pause, is_ended_early_by_the_dao_alone) {
  Dao dao(a_watched_document());
  stop(dao, pause({Action::kPay}, 72 * kHourMs));
  dao.pass_ms(kHourMs);
  EXPECT_EQ(dao.as("mira").apply(end_pause(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(end_pause(2)), "PauseUnknown");
  ASSERT_EQ(dao.apply_as_dao(end_pause(1)), "Ok");
  EXPECT_FALSE(pauses::is_paused(dao.state(), Action::kPay, dao.now_ms()));
  EXPECT_EQ(dao.apply_as_dao(end_pause(1)), "PauseUnknown");
  EXPECT_FALSE(pauses::has_charge(dao.state(), dao.account("mira"))) << "it stays spent";
  dao.end_block();
}

// X10.
TEST(Pause, never_needs_more_sentinels_than_there_are) {
  Dao dao(a_watched_document());
  EXPECT_EQ(dao.apply_as_dao(set_parameter("governance.pause_needed", 2, 4)), "ConstraintBroken");
  ASSERT_EQ(dao.apply_as_dao(set_parameter("governance.pause_needed", 2, 3)), "Ok");
  // An office ends by time, so what stands is not undone, and other changes go on.
  ASSERT_EQ(dao.apply_as_dao(end_office(dao.account("mira"), membership::Role::Sentinel)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(set_parameter("governance.pause_max", 72 * kHourMs, kHourMs)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(set_parameter("governance.pause_needed", 3, 2)), "Ok");
  dao.end_block();
}

TEST(Pause, is_asked_of_sentinels_only) {
  Dao dao(a_watched_document());
  EXPECT_EQ(dao.as("chen").apply(pause({Action::kPay}, kHourMs)).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("mira"), dao.now_ms() + kHourMs)), "Ok");
  EXPECT_EQ(dao.as("mira").apply(pause({Action::kPay}, kHourMs)).error(), "NotAuthorized")
      << "a suspension stops offices at once (G-4.8)";
}

}  // namespace
}  // namespace salus::dao::test
