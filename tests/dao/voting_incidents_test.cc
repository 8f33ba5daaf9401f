// Owns: what went wrong elsewhere does not go wrong here: one test for each line of governance.md,
// section 15, that is about proposals and voting, named after the incident.
#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/application.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/dispatcher.h"
#include "dao/governance/casting.h"
#include "dao/governance/deposits.h"
#include "dao/governance/execution.h"
#include "dao/governance/governance.h"
#include "dao/governance/least_track.h"
#include "dao/governance/proposals.h"
#include "dao/governance/queries.h"
#include "dao/governance/rules.h"
#include "dao/governance/standard_tracks.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

using power::kMicro;

TEST(Incident, beanstalk_2022_and_makerdao_2020_borrowed_power_decides_and_executes_at_once) {
  // G-5.1, G-5.6: power gained after the snapshot counts nothing. Seats come by vote only, and here
  // they come while the vote is open.
  const auto people = institutions({{"hope", 3}, {"anne", 2}});
  Dao dao(a_chamber_of_seats(people), people);
  const std::uint64_t id = open_voting(dao, "hope", {create_fund("study")});
  v1::Action seats;
  seats.mutable_set_seats()->set_account(dao.account("anne").to_string());
  seats.mutable_set_seats()->set_seats(1'000);
  ASSERT_EQ(dao.apply_as_dao(seats), "Ok");
  dao.end_block();
  ASSERT_EQ(power::weight_now(dao.state(), dao.account("anne")).units, 1'000U);
  ASSERT_EQ(dao.apply("anne", vote(id, v1::CHOICE_NO)).error(), "Ok");
  ASSERT_EQ(dao.apply("hope", vote(id, v1::CHOICE_YES)).error(), "Ok");
  EXPECT_EQ(tally(dao, id, kInstitutions).no(), 2 * kMicro);
  EXPECT_EQ(tally(dao, id, kInstitutions).eligible(), 5 * kMicro);
  dao.end_block();
  // G-7.6: no track of the house executes at once.
  for (const v1::Track& track : governance::standard_tracks()) {
    EXPECT_GT(track.notice_ms(), 0U) << track.code();
    EXPECT_GT(track.voting_ms(), 0U) << track.code();
    EXPECT_GT(track.timelock_min_ms(), 0U) << track.code();
  }
}

TEST(Incident, build_finance_2022_and_synthetify_2023_takeover_while_nobody_looks) {
  // G-8.7: one of ten voting is not enough where two must say yes.
  std::vector<Person> people = patients(10);
  v1::GenesisDocument document = a_chamber_of_patients(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    track.mutable_chambers(0)->set_min_approval_bp(1'001);
  }
  Dao dao(document, people);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("mine")});
  ASSERT_EQ(dao.apply("p1", vote(id, v1::CHOICE_YES)).error(), "Ok");
  // Ten copies of one proposal are one (G-7.11).
  for (int copy = 2; copy <= 10; ++copy) {
    EXPECT_EQ(dao.apply("p" + std::to_string(copy), submit({create_fund("mine")})).error(),
              "DuplicateOpen");
  }
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "REJECTED");
  EXPECT_EQ(rule_of(dao, id), "MIN_APPROVAL");
}

TEST(Incident, compound_289_weekend_vote_in_the_last_minute) {
  // G-7.7, G-8.13: late support prolongs the vote, and it must have been passing for a while.
  std::vector<Person> people = patients(10);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("mine")});
  const std::uint64_t end = proposal(dao, id).phase_until_ms();
  pass_to(dao, end - 1);
  ASSERT_EQ(dao.apply("p1", vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  EXPECT_TRUE(proposal(dao, id).extended());
  pass_to(dao, end);
  ASSERT_EQ(state_of(dao, id), "VOTING");
  for (const char* who : {"p2", "p3"}) {
    ASSERT_EQ(dao.apply(who, vote(id, v1::CHOICE_NO)).error(), "Ok");
  }
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "REJECTED");
  // The next attempt costs twice as much and the third four times (G-7.2), when the bar is over.
  for (std::uint32_t failures = 1; failures <= 2; ++failures) {
    const std::uint64_t bar = constitution::value(dao.state(), "governance.resubmit_bar");
    dao.pass_ms(bar);
    const std::uint64_t times = std::uint64_t{1} << failures;
    EXPECT_EQ(dao.apply("p1", submit({create_fund("mine")}, times * kStandardDeposit + 1)).error(),
              "DepositExceeds");
    const std::uint64_t again =
        open_voting(dao, "p1", {create_fund("mine")}, times * kStandardDeposit);
    EXPECT_EQ(proposal(dao, again).deposit_required(), times * kStandardDeposit);
    pass_to(dao, proposal(dao, again).phase_until_ms());
    ASSERT_EQ(state_of(dao, again), "REJECTED");
  }
  // G-8.13, and the beneficiary (G-7.10), have incidents of their own: last_second_outage, mango.
}

TEST(Incident, tornado_cash_2023_a_look_alike_with_other_content) {
  // G-7.1: what is decided on are the typed bytes; a text does not enter, a changed action does.
  const v1::Action honest = submit({create_fund("study")});
  v1::Action reworded = honest;
  reworded.mutable_submit()->set_text_hash(std::string(32, 'x'));
  const v1::Action other = submit({create_fund("studv")});
  const auto hash_of = [](const v1::Action& action) {
    return governance::payload_hash(chain_id(), v1::SCHEME_YES_NO, 0, action.submit().options());
  };
  EXPECT_EQ(hash_of(honest), hash_of(reworded));
  EXPECT_NE(hash_of(honest), hash_of(other));
  // How many may win is part of it.
  EXPECT_NE(
      governance::payload_hash(chain_id(), v1::SCHEME_APPROVAL, 1, honest.submit().options()),
      governance::payload_hash(chain_id(), v1::SCHEME_APPROVAL, 2, honest.submit().options()));
}

TEST(Incident, audius_2022_governance_is_initialised_again) {
  // G-1.7: genesis is the only initialisation. No action brings a document, and applying one to a
  // state that stands is refused whole.
  const auto* action = v1::Action::descriptor();
  for (int i = 0; i < action->field_count(); ++i) {
    const std::string name{action->field(i)->name()};
    EXPECT_EQ(name.find("genesis"), std::string::npos) << name;
    EXPECT_EQ(name.find("init"), std::string::npos) << name;
  }
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  EXPECT_FALSE(apply_genesis(a_document(), chain_id(), dao.state()).has_value());
  EXPECT_EQ(state_of(dao, id), "VOTING");
  dao.end_block();
}

TEST(Incident, cosmos_ghsa_qfc5_6r3j_jj22_invariants_are_run_by_a_transaction) {
  // Whoever pays a fee stops the chain there. Here they are for tests and `salus ledger verify`:
  // no action runs them.
  const auto* action = v1::Action::descriptor();
  for (int i = 0; i < action->field_count(); ++i) {
    const std::string name{action->field(i)->name()};
    EXPECT_EQ(name.find("invariant"), std::string::npos) << name;
    EXPECT_EQ(name.find("verify"), std::string::npos) << name;
  }
}

TEST(Incident, the_dao_2016_re_entry_pays_twice) {
  // G-7.13: a batch that tries to run itself again finds its execution id used up.
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {pay(1, 100, dao.account("pavel"))});
  pass_vote(dao, id);
  const std::uint64_t before = dao.tokens("pavel");
  pass_to(dao, proposal(dao, id).eta_ms());
  ASSERT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(dao.apply("mira", retry(id)).error(), "AlreadyExecuted");
  EXPECT_EQ(dao.tokens("pavel"), before + 100);

  // Even where the record of the proposal does not say so: the mark alone stops it.
  v1::Proposal again = proposal(dao, id);
  state::Overlay attempt = dao.state().branch();
  again.set_state(v1::PROPOSAL_STATE_TIMELOCK);
  std::vector<v1::Event> events;
  const BlockContext block = dao.block();
  governance::execute(attempt, {.block = block, .events = events}, again, dispatch());
  const auto after = governance::find_proposal(attempt, id);
  EXPECT_EQ(after->state(), v1::PROPOSAL_STATE_FAILED);
  EXPECT_EQ(after->failure_code(), static_cast<std::uint32_t>(Error::AlreadyExecuted));
  EXPECT_EQ(assets::balance(attempt, dao.account("pavel"), assets::kNative), before + 100);
}

TEST(Incident, mango_2022_votes_for_his_own_settlement) {
  // G-7.10: the payee leaves numerator and denominator, and cannot vote through a delegate.
  Dao dao(voting_document());
  ASSERT_EQ(dao.apply("noor", delegate_profile(true)).error(), "Ok");
  ASSERT_EQ(dao.apply("mira", delegate_to({{dao.account("noor"), 100}},
                                          dao.now_ms() + 100'000 * kSecond, 3))
                .error(),
            "Ok");
  const std::uint64_t id = open_voting(dao, "hope", {pay(1, 100, dao.account("mira"))});
  EXPECT_EQ(dao.apply("mira", vote(id, v1::CHOICE_YES)).error(), "Recused");
  ASSERT_EQ(dao.apply("noor", vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(tally(dao, id, kPatients).yes(), kMicro);
  EXPECT_EQ(tally(dao, id, kPatients).recused(), kMicro);
}

TEST(Incident, lazy_summer_2026_a_role_grant_hidden_in_a_batch_of_twelve) {
  // G-6.7: one action of a stricter track makes the whole batch run under it.
  Dao dao;
  std::vector<v1::Action> batch;
  for (int i = 1; i <= 11; ++i) batch.push_back(create_fund("f" + std::to_string(i)));
  batch.push_back(grant_office(dao.account("zed"), membership::Role::Sentinel, kSecond));
  ASSERT_EQ(dao.apply("mira", submit(batch, 50 * kToken)).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).lead(), 5U) << "people";
}

TEST(Incident, cosmos_15117_and_gaia_2246_scam_and_spam_proposals) {
  // G-7.2: a crowded track, and each failure of the same content, double the deposit.
  const governance::Throttle quiet{.step = 8, .open = 7, .failures = 0};
  const governance::Throttle crowded{.step = 8, .open = 8, .failures = 0};
  const governance::Throttle again{.step = 8, .open = 8, .failures = 2};
  EXPECT_EQ(governance::required_deposit(100, quiet), 100U);
  EXPECT_EQ(governance::required_deposit(100, crowded), 200U);
  EXPECT_EQ(governance::required_deposit(100, again), 800U);
  // G-7.4, G-8.18: spam loses its deposit to fund general.
  std::vector<Person> people = patients(10);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t general = fund_balance(dao, 1);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("scam")});
  for (const char* who : {"p2", "p3", "p4"}) {
    ASSERT_EQ(dao.apply(who, vote(id, v1::CHOICE_NO)).error(), "Ok");
  }
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_TRUE(proposal(dao, id).outcome().slashed());
  EXPECT_EQ(fund_balance(dao, 1), general + kStandardDeposit);
}

TEST(Incident, x_group_division_by_zero_end_block_error_and_empty_group_passes) {
  // G-1.3, G-12.3: nobody is eligible, so it is rejected, and the chain goes on.
  const auto people = institutions({{"hope", 3}});
  Dao dao(a_chamber_of_seats(people), people);
  const std::uint64_t id = open_voting(dao, "hope", {create_fund("study")});
  ASSERT_EQ(dao.apply("hope", declare_conflict(id)).error(), "Ok");
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(rule_of(dao, id), "ZERO_ELECTORATE");
  // Tracks that changed so that nothing can decide it any more end it; the deposit goes back.
  v1::Action action = submit({create_fund("other")});
  ASSERT_EQ(dao.apply("hope", action).error(), "Ok");
  dao.end_block();
  v1::Track track = *constitution::find_track(dao.state(), "standard");
  track.set_schemes(1U << (v1::SCHEME_CHOICE - 1));
  constitution::put_track(dao.state(), track);
  const std::uint64_t before = dao.tokens("hope");
  dao.pass_ms(kNoticeMs);
  EXPECT_EQ(state_of(dao, id + 1), "CANCELLED");
  EXPECT_EQ(dao.tokens("hope"), before + kStandardDeposit);
}

TEST(Incident, cosmos_25915_and_cw_plus_141_members_changed_in_the_middle_of_a_vote) {
  // G-4.9: who leaves after the snapshot has voted, and may still vote.
  std::vector<Person> people = patients(3);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("study")});
  ASSERT_EQ(dao.apply("p2", vote(id, v1::CHOICE_NO)).error(), "Ok");
  for (const char* who : {"p2", "p3"}) {
    ASSERT_EQ(dao.apply(who, exit_dao()).error(), "Ok");
  }
  ASSERT_EQ(dao.apply("p3", vote(id, v1::CHOICE_NO)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(tally(dao, id, kPatients).no(), 2 * kMicro);
  EXPECT_EQ(tally(dao, id, kPatients).eligible(), 3 * kMicro);
}

TEST(Incident, cve_2022_31198_a_lowered_quorum_revives_a_defeated_proposal) {
  // G-6.2, G-8.22: what ended stays ended; what runs keeps the rules it started with.
  std::vector<Person> people = patients(10);
  v1::GenesisDocument document = a_chamber_of_patients(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    track.mutable_chambers(0)->set_support_bp(5'000);
  }
  Dao dao(document, people);
  const std::uint64_t defeated = open_voting(dao, "p1", {create_fund("a")});
  ASSERT_EQ(dao.apply("p1", vote(defeated, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  pass_to(dao, proposal(dao, defeated).phase_until_ms());
  ASSERT_EQ(rule_of(dao, defeated), "SUPPORT");
  const std::uint64_t running = open_voting(dao, "p2", {create_fund("b")});
  v1::Track track = *constitution::find_track(dao.state(), "standard");
  track.mutable_chambers(0)->set_support_bp(0);
  constitution::put_track(dao.state(), track);
  ASSERT_EQ(dao.apply("p1", vote(running, v1::CHOICE_YES)).error(), "Ok");
  EXPECT_EQ(dao.apply("p1", vote(defeated, v1::CHOICE_YES)).error(), "VotingClosed");
  EXPECT_EQ(dao.apply("p1", retry(defeated)).error(), "NotRetryable");
  dao.end_block();
  pass_to(dao, proposal(dao, running).phase_until_ms());
  EXPECT_EQ(state_of(dao, defeated), "REJECTED");
  EXPECT_EQ(rule_of(dao, running), "SUPPORT");
}

TEST(Incident, cosmos_4043_votes_deleted_at_close_and_sei_4000_unbounded_end_block_tally) {
  // Section 12: ballots stay after the close, and are swept in bounded steps much later.
  std::vector<Person> people = patients(10);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("a")});
  ASSERT_EQ(dao.apply("p2", vote(id, v1::CHOICE_NO)).error(), "Ok");
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  ASSERT_EQ(state_of(dao, id), "REJECTED");
  EXPECT_TRUE(governance::find_stance(dao.state(), id, dao.account("p2")).has_value());
  const v1::Tally counted = tally(dao, id, kPatients);
  dao.pass_ms(500 * kSecond);
  EXPECT_FALSE(governance::find_stance(dao.state(), id, dao.account("p2")).has_value());
  EXPECT_EQ(tally(dao, id, kPatients).no(), counted.no()) << "the tally stays";
}

TEST(Incident, baal_32_cosmos_15445_and_gno_5261_stuck_or_silently_failed_execution) {
  // A failed batch says why, may be tried again, and ends for good when its grace is over; one that
  // is stuck holds up no other.
  Dao dao;
  const std::uint64_t stuck = open_voting(dao, "mira", {pay(2, 100, dao.account("pavel"))});
  const std::uint64_t other = open_voting(dao, "hope", {create_fund("study")});
  all_vote_yes(dao, stuck);
  pass_vote(dao, other);
  pass_to(dao, std::max(proposal(dao, stuck).eta_ms(), proposal(dao, other).eta_ms()));
  EXPECT_EQ(state_of(dao, stuck), "FAILED");
  EXPECT_EQ(proposal(dao, stuck).failure_code(), static_cast<std::uint32_t>(Error::FundShort));
  EXPECT_EQ(state_of(dao, other), "EXECUTED");
  pass_to(dao, proposal(dao, stuck).grace_until_ms());
  EXPECT_EQ(state_of(dao, stuck), "EXPIRED");
  EXPECT_EQ(dao.apply("mira", retry(stuck)).error(), "NotRetryable");
}

TEST(Incident, cosmos_12417_and_13010_no_cancel_no_edit) {
  Dao dao(voting_document());
  ASSERT_EQ(dao.apply("mira", submit({create_fund("typo")})).error(), "Ok");
  ASSERT_EQ(dao.apply("mira", amend(1, {create_fund("study")})).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).version(), 2U);
  ASSERT_EQ(dao.apply("mira", cancel(1)).error(), "Ok");
  EXPECT_EQ(state_of(dao, 1), "CANCELLED");
  dao.end_block();
}

TEST(Incident, dao_165_and_254_a_no_helps_the_proposal_to_its_quorum) {
  // G-8.6, G-8.21: no does not count toward support.
  std::vector<Person> people = patients(10);
  v1::GenesisDocument document = a_chamber_of_patients(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    track.mutable_chambers(0)->set_support_bp(3'000);
  }
  Dao dao(document, people);
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("study")});
  for (const char* who : {"p1", "p2"}) {
    ASSERT_EQ(dao.apply(who, vote(id, v1::CHOICE_YES)).error(), "Ok");
  }
  ASSERT_EQ(dao.apply("p3", vote(id, v1::CHOICE_NO)).error(), "Ok");
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(rule_of(dao, id), "SUPPORT");
}

TEST(Incident, openzeppelin_4963_and_2929_partial_expiring_delegation_and_split_votes) {
  std::vector<Person> people = patients(3);
  Dao dao(a_chamber_of_patients(people), people);
  ASSERT_EQ(dao.apply("p2", delegate_profile(true)).error(), "Ok");
  ASSERT_EQ(
      dao.apply("p1", delegate_to({{dao.account("p2"), 33}}, dao.now_ms() + 60 * kSecond)).error(),
      "Ok");
  const std::uint64_t id = open_voting(dao, "p3", {create_fund("study")});
  ASSERT_EQ(dao.apply("p2", vote(id, {{v1::CHOICE_YES, 60}, {v1::CHOICE_NO, 40}})).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(tally(dao, id, kPatients).yes(), 798'000U);
  EXPECT_EQ(tally(dao, id, kPatients).no(), 532'000U);
}

TEST(Incident, snapshot_2797_4338_and_govtool_788_why_is_my_voting_power_zero) {
  Dao dao;
  using governance::PowerReason;
  EXPECT_EQ(governance::power_of(dao.state(), dao.account("mira")).reason, PowerReason::HasPower);
  EXPECT_EQ(governance::power_of(dao.state(), dao.account("zed")).reason, PowerReason::NotMember);
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("noor"), dao.now_ms() + 86'400'000)), "Ok");
  EXPECT_EQ(governance::power_of(dao.state(), dao.account("noor")).reason, PowerReason::Suspended);
}

TEST(Incident, last_second_outage_during_a_vote) {
  // G-7.8: a stopped chain stops the clock of the vote.
  std::vector<Person> people = patients(3);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t gap = constitution::value(dao.state(), "governance.outage_gap") + kSecond;
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("study")});
  const std::uint64_t end = proposal(dao, id).phase_until_ms();
  pass_to(dao, end - kSecond);
  dao.advance_ms(gap);
  ASSERT_EQ(dao.apply("p1", vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(state_of(dao, id), "VOTING");
}

}  // namespace
}  // namespace salus::dao::test
