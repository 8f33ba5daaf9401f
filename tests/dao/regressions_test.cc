// Owns: one test for each fault that was found in the DAO, named after it.
#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/a_validator.h"
#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/governance/deposits.h"
#include "dao/governance/least_track.h"
#include "dao/governance/proposals.h"
#include "dao/interest.h"
#include "dao/pauses/pauses.h"
#include "dao/power/power.h"
#include "dao/validators/records.h"
#include "dao/validators/upgrades.h"
#include "state/record.h"

namespace salus::dao::test {
namespace {

std::string failure_of(const Dao& dao, std::uint64_t id) {
  return std::string{name(static_cast<Error>(proposal(dao, id).failure_code()))};
}

// A vote that lives through 300 others kept every point that was written since, and the history
// passed its bound: an assertion on every node, in the same block (G-5.2).
TEST(Regressions, history_outlives_one_long_vote_and_300_short_ones) {
  salus::test::MemoryStore store;
  state::Overlay state(store, "s");
  const AccountId anne = AccountId{};
  ASSERT_TRUE(power::set_weight(state, anne, 1, 1));
  const std::uint64_t first = power::take_snapshot(state);
  std::uint64_t second = 0;
  for (std::uint64_t i = 2; i <= 301; ++i) {
    ASSERT_TRUE(power::set_weight(state, anne, 1, i));
    const std::uint64_t one = power::take_snapshot(state);
    if (i == 150) second = one;
    if (i != 150) power::release_snapshot(state, one);
    EXPECT_EQ(power::weight_at(state, anne, first).units, 1U);
    EXPECT_EQ(power::weight_now(state, anne).units, i);
  }
  EXPECT_EQ(power::weight_at(state, anne, second).units, 150U);
  EXPECT_EQ(power::total_at(state, 1, first).units, 1U);
  EXPECT_EQ(power::total_at(state, 1, second).units, 150U);
  EXPECT_TRUE(power::broken_invariants(state).empty());
}

// A vote lowered max_open of one track below what was open there and raised others: more
// proposals could be open than snapshots live (X4).
TEST(Regressions, proposals_are_bounded_over_all_tracks) {
  Dao dao;
  v1::OpenCount count;
  count.set_open(static_cast<std::uint32_t>(power::kLiveMax));
  // As if another track had them.
  const state::Key elsewhere = state::Key{state::Table::OpenByTrack}.u8(16);
  state::put(dao.state(), elsewhere, count);
  EXPECT_EQ(dao.apply("mira", submit({create_fund("study")})).error(), "TrackFull");
  count.set_open(count.open() - 1);
  state::put(dao.state(), elsewhere, count);
  EXPECT_EQ(dao.apply("mira", submit({create_fund("study")})).error(), "Ok");
  state::erase(dao.state(), elsewhere);
  dao.end_block();
}

// Who signalled for a version that was cancelled counted for the next upgrade of that number, which
// brings other code (G-10.9).
TEST(Regressions, readiness_for_a_cancelled_upgrade_does_not_count_for_the_next) {
  v1::GenesisDocument document = a_network();
  set_in(document, "validators.upgrade_notice", 5);
  set_in(document, "validators.upgrade_window", 4);
  Dao dao(document);
  ASSERT_EQ(dao.apply_as_dao(schedule_upgrade(2, 6)), "Ok");
  dao.end_block();
  for (const char* who : {"olga", "omar", "otto", "oona"}) {
    ASSERT_EQ(dao.apply(who, signal_ready(2)).error(), "Ok");
  }
  ASSERT_EQ(dao.apply_as_dao(cancel_upgrade(2)), "Ok");
  const std::uint64_t from = dao.height().value() + 5;
  ASSERT_EQ(dao.apply_as_dao(schedule_upgrade(2, from)), "Ok");
  const auto ready = [&] {
    return validators::readiness(dao.state(), dao::validator_set(dao.state()),
                                 *validators::find_upgrade(dao.state(), 2))
        .ready;
  };
  EXPECT_EQ(ready(), 0U);
  dao.end_block();
  while (dao.height().value() <= from) dao.end_block();
  EXPECT_EQ(dao::protocol_version(dao.state()), 1U);
  ASSERT_EQ(dao.apply("olga", signal_ready(2)).error(), "Ok");
  EXPECT_EQ(ready(), 1U);
}

// Where a retried execution scheduled it, a signal of the same block was taken and never counted
// (G-10.8).
TEST(Regressions, signal_in_the_block_of_the_schedule_counts) {
  v1::GenesisDocument document = a_network();
  set_in(document, "validators.upgrade_notice", 5);
  Dao dao(document);
  ASSERT_EQ(dao.apply_as_dao(schedule_upgrade(2, 100)), "Ok");
  ASSERT_EQ(dao.apply("olga", signal_ready(2)).error(), "Ok");
  EXPECT_EQ(validators::readiness(dao.state(), dao::validator_set(dao.state()),
                                  *validators::find_upgrade(dao.state(), 2))
                .ready,
            1U);
  dao.end_block();
}

// Opening the vetoed content anew, and taking it back, opened the way for a second appeal (G-7.11).
TEST(Regressions, one_appeal_a_veto_whatever_was_withdrawn_in_between) {
  using governance::check_duplicate;
  const governance::Resubmission spans{.bar_ms = 30};
  v1::Payload payload;
  const auto life = [&](std::uint64_t id, bool appeal, v1::ProposalState end, std::uint64_t at) {
    governance::note_open(payload, id, appeal);
    governance::note_end(payload, end, at, appeal);
  };
  life(7, false, v1::PROPOSAL_STATE_VETOED, 10);
  life(8, true, v1::PROPOSAL_STATE_VETOED, 30);
  life(9, false, v1::PROPOSAL_STATE_CANCELLED, 62);
  for (const std::uint64_t of : {7U, 8U, 9U}) {
    EXPECT_EQ(check_duplicate(payload, 63, spans, of).error(), Error::AppealInvalid) << of;
  }
  // A new veto, by a vote that was no appeal, may be appealed.
  life(10, false, v1::PROPOSAL_STATE_VETOED, 70);
  EXPECT_TRUE(check_duplicate(payload, 71, spans, 10).has_value());
}

// The end of the vote moved by an outage, the moment since which it passed did not: the outage
// counted as time in which somebody could have answered (G-7.8, G-8.13).
TEST(Regressions, outage_confirms_nothing) {
  std::vector<Person> people = patients(3);
  Dao dao(a_chamber_of_patients(people), people);
  const std::uint64_t gap = constitution::value(dao.state(), "governance.outage_gap") + kSecond;
  const std::uint64_t id = open_voting(dao, "p1", {create_fund("study")});
  // Support early, so that nothing is extended; it passes in the last second before the outage.
  ASSERT_EQ(dao.apply("p1", vote(id, v1::CHOICE_ABSTAIN)).error(), "Ok");
  dao.end_block();
  const std::uint64_t end = proposal(dao, id).phase_until_ms();
  pass_to(dao, end - 2 * kSecond);
  ASSERT_EQ(dao.apply("p2", vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  ASSERT_TRUE(proposal(dao, id).passing());
  dao.pass_ms(gap);
  ASSERT_EQ(state_of(dao, id), "VOTING");
  const std::uint64_t moved = end + gap;
  EXPECT_EQ(proposal(dao, id).phase_until_ms(), moved);
  pass_to(dao, moved);
  ASSERT_EQ(state_of(dao, id), "CONFIRMING") << "it passed for two seconds";
  EXPECT_EQ(proposal(dao, id).phase_until_ms(), moved - 2 * kSecond + kConfirmationMs);
  // Another outage while it is confirmed.
  const std::uint64_t until = proposal(dao, id).phase_until_ms();
  dao.pass_ms(gap);
  ASSERT_EQ(state_of(dao, id), "CONFIRMING");
  pass_to(dao, until + gap - 1);
  EXPECT_EQ(state_of(dao, id), "CONFIRMING");
  dao.pass_ms(1);
  EXPECT_EQ(state_of(dao, id), "TIMELOCK");
}

// What an action names by its id only concerned nobody: a grantee voted on the end of his own grant
// (G-7.10).
TEST(Regressions, who_has_the_grant_is_recused_from_its_cancellation) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(award_grant(dao)), "Ok");
  ASSERT_EQ(dao.apply_as_dao(set_budget(dao)), "Ok");
  dao.end_block();
  const std::uint64_t grant = open_voting(dao, "mira", {cancel_grant(1)});
  EXPECT_EQ(dao.apply("pavel", vote(grant, v1::CHOICE_NO)).error(), "Recused") << "the payee";
  EXPECT_EQ(dao.apply("chen", vote(grant, v1::CHOICE_NO)).error(), "Recused") << "a reviewer";
  const std::uint64_t renewal = open_voting(dao, "noor", {renew_budget(1)});
  const v1::Action budget = set_budget(dao);
  for (const std::string& holder : budget.set_budget().holders()) {
    const auto recused = proposal(dao, renewal).recused();
    EXPECT_NE(std::ranges::find(recused, holder), recused.end());
  }
}

TEST(Regressions, who_would_be_added_is_recused_from_the_withdrawal_of_the_change) {
  Dao dao(a_network());
  v1::SetChangeQueue queue;
  v1::SetChange& change = *queue.add_changes();
  change.set_id(7);
  change.add_add()->set_operator_account(dao.account("olga").to_string());
  validators::put_queue(dao.state(), queue);
  google::protobuf::RepeatedPtrField<v1::ProposalOption> options;
  *options.Add()->add_actions() = withdraw_change(7);
  EXPECT_EQ(interested(options, dao.state()), std::vector{dao.account("olga")});
  *options.Mutable(0)->mutable_actions(0) = withdraw_change(8);
  EXPECT_TRUE(interested(options, dao.state()).empty());
}

// A simulation charged by the caps after the batch, an execution by those before it (G-6.6): what
// was told to apply failed weeks later.
TEST(Regressions, simulation_charges_as_an_execution_does) {
  Dao dao;
  const v1::Action payment = pay(1, 60, dao.account("pavel"));
  governance::Options options;
  *options.Add()->add_actions() = payment;
  const std::uint32_t charged = governance::window_track(dao.state(), options, 1);
  ASSERT_NE(charged, 0U);
  v1::Track narrow = *constitution::find_track(dao.state(), charged);
  const v1::Track wide = narrow;
  for (v1::SpendCap& cap : *narrow.mutable_spend_caps()) cap.set_per_window(1);
  const auto simulated = [&](const v1::Track& track) {
    return simulate_as_dao(dao.block(), {set_track(track), payment}, charged, dao.state()).batch;
  };
  EXPECT_TRUE(simulated(narrow));
  ASSERT_EQ(dao.apply_as_dao(set_track(narrow)), "Ok");
  EXPECT_EQ(simulated(wide), refuse(Error::TrackCapExceeded));
}

// A record that an action writes as it is was told as a change (G-13.3).
TEST(Regressions, simulation_names_no_record_that_stays_as_it_is) {
  Dao dao;
  const auto standard = *constitution::find_track(dao.state(), "standard");
  const auto simulated = simulate_as_dao(dao.block(), {set_track(standard)}, 0, dao.state());
  EXPECT_EQ(simulated.actions, std::vector<Outcome>{Outcome{}});
  EXPECT_TRUE(simulated.changes.empty());
}

// What has neither ballots nor endorsements queued a sweep all the same, and one sweep is done a
// block: real ballots waited behind them (section 12).
TEST(Regressions, nothing_to_sweep_queues_no_sweep) {
  Dao dao;
  ASSERT_EQ(dao.apply("mira", submit_by_endorsement({create_fund("study")})).error(), "Ok");
  ASSERT_EQ(dao.apply("mira", cancel(1)).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).due_ms(), 0U);
  dao.end_block();
}

// The answer to a first text barred the answer to the amended one (G-4.7).
TEST(Regressions, defence_may_answer_what_was_amended) {
  Dao dao;
  ASSERT_EQ(dao.apply("mira", submit({expel(dao.account("pavel"))}, 50 * kToken)).error(), "Ok");
  ASSERT_EQ(dao.apply("pavel", file_defence(1, 'd')).error(), "Ok");
  v1::Action change;
  v1::Amend& amend = *change.mutable_amend();
  amend.set_proposal(1);
  amend.set_scheme(v1::SCHEME_YES_NO);
  amend.set_text_hash(std::string(32, 'u'));
  *amend.add_options()->add_actions() = expel(dao.account("pavel"));
  ASSERT_EQ(dao.apply("mira", change).error(), "Ok");
  ASSERT_EQ(dao.apply("pavel", file_defence(1, 'e')).error(), "Ok");
  const auto defence = membership::find_defence(dao.state(), 1, dao.account("pavel"));
  EXPECT_EQ(defence->version(), 2U);
  EXPECT_EQ(defence->statement_hash(), std::string(32, 'e'));
  EXPECT_EQ(dao.apply("pavel", file_defence(1, 'f')).error(), "DefenceFiled");
}

// A vote that lowered the caps of a track moved what was in flight to a wider window, or to none
// (G-6.2, G-6.6).
TEST(Regressions, tighter_caps_do_not_free_what_is_in_flight) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {pay(1, 60, dao.account("pavel"))});
  pass_vote(dao, id);
  std::uint32_t tracks = 0;
  for (v1::Track track : constitution::tracks(dao.state())) {
    if (track.spend_caps().empty()) continue;
    ++tracks;
    for (v1::SpendCap& cap : *track.mutable_spend_caps()) {
      cap.set_per_proposal(1);
      cap.set_per_window(1);
    }
    ASSERT_EQ(dao.apply_as_dao(set_track(track)), "Ok") << track.code();
  }
  ASSERT_GT(tracks, 0U);
  pass_to(dao, proposal(dao, id).eta_ms());
  EXPECT_EQ(state_of(dao, id), "FAILED");
  EXPECT_EQ(failure_of(dao, id), "TrackCapExceeded");
}

// A pause that the DAO ended went on holding what it had held, until its first end (G-7.15).
TEST(Regressions, what_a_pause_held_may_run_once_the_pause_is_ended) {
  v1::GenesisDocument document = a_watched_document();
  Dao dao(document);
  const std::uint64_t id = open_voting(dao, "mira", {pay(1, 60, dao.account("pavel"))});
  pass_vote(dao, id);
  const v1::Action stop = pause({v1::Action::kPay}, 600 * kSecond);
  ASSERT_EQ(dao.apply("mira", stop).error(), "Ok");
  ASSERT_EQ(dao.apply("noor", stop).error(), "Ok");
  EXPECT_EQ(dao.apply("mira", retry(id)).error(), "NotRetryable") << "its time has not come";
  pass_to(dao, proposal(dao, id).eta_ms());
  ASSERT_EQ(state_of(dao, id), "TIMELOCK");
  ASSERT_TRUE(proposal(dao, id).held());
  EXPECT_EQ(dao.apply("mira", retry(id)).error(), "ActionPaused");
  ASSERT_EQ(dao.apply_as_dao(end_pause(1)), "Ok");
  ASSERT_EQ(dao.apply("mira", retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(dao.apply("mira", retry(id)).error(), "AlreadyExecuted");
  dao.end_block();
}

// An act that was opened when two signers sufficed took effect with two after a vote had asked for
// three (G-1.10, G-11.1).
TEST(Regressions, joint_act_needs_what_is_asked_when_it_takes_effect) {
  Dao dao(a_watched_document());
  const v1::Action stop = pause({v1::Action::kPay}, 600 * kSecond);
  ASSERT_EQ(dao.apply("mira", stop).error(), "Ok");
  ASSERT_EQ(dao.apply_as_dao(set_parameter("governance.pause_needed", 2, 3)), "Ok");
  ASSERT_EQ(dao.apply("noor", stop).error(), "Ok");
  EXPECT_FALSE(pauses::is_paused(dao.state(), v1::Action::kPay, dao.now_ms()));
  dao.end_block();
}

// Endorsements were kept for ever.
TEST(Regressions, endorsements_are_swept_with_the_ballots) {
  Dao dao;
  ASSERT_EQ(dao.apply("mira", submit_by_endorsement({create_fund("study")})).error(), "Ok");
  ASSERT_EQ(dao.apply("noor", endorse(1)).error(), "Ok");
  const auto endorsements = [&] {
    const std::string prefix = state::Key{state::Table::Endorsements}.u64(1).str();
    int count = 0;
    dao.state().scan(prefix, prefix, [&](std::string_view, std::string_view) { return ++count; });
    return count;
  };
  EXPECT_EQ(endorsements(), 1);
  ASSERT_EQ(dao.apply("mira", cancel(1)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(endorsements(), 1);
  dao.pass_ms(constitution::value(dao.state(), "governance.stance_retention"));
  EXPECT_EQ(endorsements(), 0);
}

}  // namespace
}  // namespace salus::dao::test
