// Owns: what the reads of power, votes, rules, pauses and upgrades answer, each proven.
#include <random>

#include "queries/missing.h"
#include "queries/why_text.h"
#include "queries/words.h"
#include "rpc/a_dao_node.h"

namespace salus::rpc {
namespace {

constexpr std::uint64_t kVote = 1'000'000;

v1::GetPowerRequest power_of(std::string account, std::uint32_t track) {
  v1::GetPowerRequest request;
  request.set_account(std::move(account));
  request.set_track(track);
  return request;
}

TEST_F(Decided, power_says_what_reaches_a_delegate_and_what_a_member_sends_on) {
  const auto mira = proven(power_of(person("mira"), 3));
  EXPECT_EQ(mira.chamber(), 1U);
  EXPECT_EQ(mira.weight(), 1U);
  EXPECT_TRUE(mira.delegation());
  ASSERT_EQ(mira.received_size(), 3);
  EXPECT_EQ(mira.received(0), 600'000U);
  EXPECT_EQ(mira.power(), kVote + 600'000);
  EXPECT_NE(mira.sentence().find("0.6 delegated"), std::string::npos) << mira.sentence();
  const auto noor = proven(power_of(person("noor"), 3));
  EXPECT_EQ(noor.power(), kVote);
  ASSERT_EQ(noor.sent_size(), 3);
  EXPECT_EQ(noor.sent(0), 600'000U);
  // Another track knows nothing of it.
  EXPECT_EQ(proven(power_of(person("mira"), 2)).power(), kVote);
  EXPECT_EQ(refused(power_of(person("mira"), 15)), "TrackUnknown");
}

TEST_F(Decided, power_says_why_it_is_zero) {
  const auto zed = proven(power_of(person("zed"), 0));
  EXPECT_EQ(zed.weight(), 0U);
  EXPECT_EQ(zed.reason(), v1::NO_POWER_REASON_NOT_MEMBER);
  EXPECT_NE(zed.sentence().find("no member"), std::string::npos);
}

TEST_F(Decided, power_on_a_proposal_is_that_of_its_snapshot) {
  auto request = power_of(person("mira"), 0);
  request.set_proposal(2);
  const auto power = proven(request);
  EXPECT_EQ(power.track(), 3U);
  EXPECT_EQ(power.power(), kVote + 600'000);
  request.set_proposal(99);
  EXPECT_EQ(refused(request), "ProposalUnknown");
}

TEST_F(Decided, delegations_are_found_from_both_ends) {
  v1::GetDelegationRequest own;
  own.set_account(person("noor"));
  const auto out = proven(own);
  ASSERT_EQ(out.delegations_size(), 1);
  EXPECT_EQ(out.delegations(0).track(), 3U);
  ASSERT_EQ(out.delegations(0).targets_size(), 1);
  EXPECT_EQ(out.delegations(0).targets(0).to(), person("mira"));
  EXPECT_TRUE(out.delegations(0).live(0));
  v1::ListDelegatorsRequest theirs;
  theirs.set_delegate(person("mira"));
  theirs.set_track(3);
  const auto in = proven(theirs);
  ASSERT_EQ(in.delegations_size(), 1);
  EXPECT_EQ(in.delegations(0).account(), person("noor"));
  theirs.set_track(2);
  EXPECT_EQ(proven(theirs).delegations_size(), 0);
  theirs.set_track(99);
  EXPECT_EQ(refused(theirs), "TrackUnknown");
}

TEST_F(Decided, delegates_are_listed_with_how_often_they_voted) {
  v1::ListDelegatesRequest request;
  request.set_track(3);
  const auto all = proven(request);
  ASSERT_EQ(all.delegates_size(), 1);
  EXPECT_EQ(all.delegates(0).profile().account(), person("mira"));
  EXPECT_EQ(all.delegates(0).received(), 600'000U);
  EXPECT_EQ(all.votings(), 2U);
  request.set_chamber(2);
  EXPECT_EQ(proven(request).delegates_size(), 0);
}

TEST_F(Decided, what_waits_for_a_ballot_is_what_one_may_vote_on_and_has_not) {
  v1::NeedsMeRequest request;
  request.set_account(person("hope"));
  const auto waits = proven(request);
  ASSERT_EQ(waits.votes_size(), 1);
  EXPECT_EQ(waits.votes(0).proposal().id(), 2U);
  EXPECT_EQ(waits.votes(0).power(), 3 * kVote);
  EXPECT_FALSE(waits.votes(0).only_against());
  // She has voted; he is paid by it, so he is recused; the third is no member.
  for (const char* name : {"mira", "ada", "zed"}) {
    request.set_account(person(name));
    EXPECT_EQ(proven(request).votes_size(), 0) << name;
  }
}

TEST_F(Decided, a_tally_says_what_each_chamber_still_needs) {
  v1::GetTallyRequest request;
  request.set_proposal(2);
  const auto tally = proven(request);
  EXPECT_EQ(tally.tallies_size(), 4);
  bool patients = false;
  bool institutions = false;
  for (const v1::Threshold& row : tally.thresholds()) {
    if (row.rule() != v1::VERDICT_RULE_APPROVAL) continue;
    if (row.chamber() == 1) {
      patients = true;
      EXPECT_TRUE(row.holds());
      EXPECT_EQ(row.missing(), 0U);
    }
    if (row.chamber() == 4) {
      institutions = true;
      EXPECT_FALSE(row.holds());
      EXPECT_EQ(row.missing(), 1U);
      EXPECT_EQ(row.sentence().find("1 more yes in institutions"), 0U) << row.sentence();
    }
  }
  EXPECT_TRUE(patients && institutions);
  // What is decided misses nothing any more.
  request.set_proposal(1);
  EXPECT_EQ(proven(request).thresholds_size(), 0);
}

TEST_F(Decided, why_is_computed_offline_from_an_export_to_the_same_bytes) {
  for (const std::uint64_t id : {1U, 2U}) {
    v1::ExportProposalRequest request;
    request.set_proposal(id);
    const auto exported = proven(request);
    v1::WhyRequest asked;
    asked.set_proposal(id);
    const auto why = proven(asked);
    EXPECT_EQ(queries::explain(exported.export_()).SerializeAsString(), why.SerializeAsString());
    EXPECT_FALSE(why.sentences().empty());
    EXPECT_FALSE(why.circumstances().empty());
  }
}

// Regression: the end of the phase was told with an outage, and the moment since which it passed
// without it (G-7.8).
TEST_F(Decided, passing_since_is_told_with_the_outage_that_moved_it) {
  v1::ExportProposalRequest request;
  request.set_proposal(2);
  v1::ProposalExport facts = proven(request).export_();
  v1::Proposal& voting = *facts.mutable_proposal();
  voting.set_passing(true);
  voting.set_passing_since_ms(voting.phase_until_ms() - 60'000);
  voting.set_passing_outage_ms(5'000);
  voting.set_outage_seen_ms(6'000);
  facts.set_credit_ms(3'000);
  const std::string since = queries::spell_time(voting.phase_until_ms() - 56'000);
  const auto why = queries::explain(facts);
  EXPECT_TRUE(std::ranges::any_of(why.circumstances(), [&](const std::string& sentence) {
    return sentence.starts_with("It has been passing since " + since);
  })) << since;
}

TEST_F(Decided, times_are_those_behind_and_those_ahead) {
  v1::TimelineRequest request;
  request.set_proposal(2);
  const auto times = proven(request);
  EXPECT_EQ(times.state(), v1::PROPOSAL_STATE_VOTING);
  ASSERT_GE(times.entries_size(), 4);
  std::uint64_t last = 0;
  for (const v1::TimelineEntry& entry : times.entries()) {
    EXPECT_LE(last, entry.at_ms());
    EXPECT_EQ(entry.ahead(), entry.at_ms() > times.now_ms()) << entry.sentence();
    last = entry.at_ms();
  }
  request.set_proposal(1);
  const auto over = proven(request);
  for (const v1::TimelineEntry& entry : over.entries()) EXPECT_FALSE(entry.ahead());
  request.set_proposal(99);
  EXPECT_EQ(refused(request), "ProposalUnknown");
}

TEST_F(Decided, an_execution_is_done_once_or_waits_for_its_time) {
  v1::ExecutionStatusRequest request;
  request.set_proposal(1);
  const auto done = proven(request);
  EXPECT_EQ(done.state(), v1::PROPOSAL_STATE_EXECUTED);
  EXPECT_EQ(done.execution().state(), v1::EXECUTION_STATE_DONE);
  EXPECT_GT(done.execution().height(), 0U);
  request.set_proposal(2);
  const auto open = proven(request);
  EXPECT_FALSE(open.has_execution());
  EXPECT_EQ(open.sentence(), "It is not decided yet.");
}

v1::Action pay_action(std::uint64_t amount, const std::string& payee) {
  v1::Action action;
  action.mutable_pay()->set_fund(1);
  action.mutable_pay()->set_amount(amount);
  action.mutable_pay()->set_payee(payee);
  return action;
}

TEST_F(Decided, the_track_of_a_batch_is_the_join_of_its_least_tracks) {
  v1::GetEffectiveTrackRequest request;
  v1::ProposalOption& option = *request.add_options();
  *option.add_actions() = pay_action(kToken, person("kofi"));
  v1::SetParameter& parameter = *option.add_actions()->mutable_set_parameter();
  parameter.set_name("governance.retry_gap");
  parameter.set_from(7'000);
  parameter.set_to(8'000);
  const auto track = proven(request);
  ASSERT_EQ(track.actions_size(), 2);
  EXPECT_EQ(track.actions(0).track(), "spend");
  EXPECT_EQ(track.actions(1).track(), "constitution");
  EXPECT_EQ(track.effective().rules().code(), "constitution");
  EXPECT_EQ(track.deposit_required(), 200 * kToken);
  ASSERT_EQ(track.interested_size(), 1);
  EXPECT_EQ(track.interested(0), person("kofi"));
}

TEST_F(Decided, the_track_of_what_cannot_be_proposed_is_a_refusal) {
  v1::GetEffectiveTrackRequest request;
  request.add_options()->add_actions()->mutable_endorse()->set_proposal(1);
  EXPECT_EQ(refused(request), "ActionNotAllowed");
  request.mutable_options(0)->mutable_actions(0)->clear_kind();
  EXPECT_EQ(refused(request), "ActionInvalid");
  request.mutable_options(0)->clear_actions();
  for (int i = 0; i < 33; ++i) {
    *request.mutable_options(0)->add_actions() = pay_action(1, person("kofi"));
  }
  EXPECT_EQ(refused(request), "TooManyProposalActions");
  request.mutable_options(0)->clear_actions();
  request.set_scheme(v1::SCHEME_OPTIMISTIC);
  EXPECT_EQ(refused(request), "SchemeNotAllowed");
}

TEST_F(Decided, parameters_have_bounds_and_a_history) {
  v1::GetParameterRequest request;
  request.set_name("governance.retry_gap");
  const auto parameter = proven(request);
  EXPECT_EQ(parameter.parameter().value(), 7 * kSecond);
  EXPECT_EQ(parameter.unit(), "ms");
  // Class TEST lowers the least of every span to a second (G-6.10).
  EXPECT_EQ(parameter.min(), kSecond);
  EXPECT_EQ(parameter.max(), 86'400 * kSecond);
  EXPECT_EQ(parameter.standard(), 600 * kSecond);
  v1::GetParameterHistoryRequest history;
  history.set_name("governance.retry_gap");
  const auto changes = proven(history);
  ASSERT_EQ(changes.history().changes_size(), 1);
  EXPECT_EQ(changes.history().changes(0).before(), 5 * kSecond);
  EXPECT_EQ(changes.history().changes(0).after(), 7 * kSecond);
  EXPECT_EQ(changes.history().changes(0).proposal(), 1U);
  history.set_name("nonsense");
  EXPECT_EQ(refused(history), "ParameterUnknown");
}

TEST_F(Decided, joint_acts_sentinels_and_pauses_are_listed) {
  v1::ListActsRequest open;
  open.set_state(v1::ACT_STATE_OPEN);
  const auto acts = proven(open);
  ASSERT_EQ(acts.acts_size(), 1);
  EXPECT_EQ(acts.acts(0).needed(), 2U);
  EXPECT_TRUE(acts.acts(0).content().has_pause());
  v1::GetActRequest one;
  one.set_act(acts.acts(0).id());
  EXPECT_EQ(proven(one).act().opened_by(), person("pavel"));
  one.set_act(99);
  EXPECT_EQ(refused(one), "ActUnknown");
  const auto sentinels = proven(v1::ListSentinelsRequest{});
  ASSERT_EQ(sentinels.sentinels_size(), 1);
  EXPECT_EQ(sentinels.sentinels(0).office().account(), person("pavel"));
  EXPECT_TRUE(sentinels.sentinels(0).charge());
  EXPECT_EQ(sentinels.needed(), 2U);
  EXPECT_EQ(proven(v1::ListPausesRequest{}).pauses_size(), 0);
}

TEST_F(Decided, a_network_without_an_upgrade_says_its_version) {
  const auto none = proven(v1::GetUpgradeRequest{});
  EXPECT_EQ(none.active_version(), 1U);
  EXPECT_FALSE(none.has_upgrade());
  v1::GetUpgradeRequest request;
  request.set_version(9);
  EXPECT_EQ(refused(request), "UpgradeUnknown");
}

TEST_F(Decided, a_member_has_a_history_of_weights_and_a_proposal_its_defences) {
  v1::GetWeightHistoryRequest request;
  request.set_account(person("hope"));
  const auto history = proven(request);
  ASSERT_FALSE(history.points().empty());
  EXPECT_EQ(history.points(history.points_size() - 1).weight(), 3U);
  EXPECT_EQ(history.next_snapshot(), 3U);
  v1::ListDefencesRequest defences;
  defences.set_proposal(1);
  EXPECT_EQ(proven(defences).defences_size(), 0);
  defences.set_proposal(99);
  EXPECT_EQ(refused(defences), "ProposalUnknown");
}

// Any ballots: adding what is missing makes the rule hold, one less does not.
TEST(Missing, is_the_least_that_makes_a_rule_hold) {
  v1::ProposalExport facts;
  v1::Proposal& proposal = *facts.mutable_proposal();
  proposal.set_scheme(v1::SCHEME_YES_NO);
  proposal.add_options();
  v1::TrackChamber& rule = *proposal.mutable_effective()->mutable_rules()->add_chambers();
  rule.set_chamber(1);
  rule.set_mode(v1::CHAMBER_MODE_REQUIRED);
  v1::Tally& tally = *facts.add_tallies();
  tally.set_chamber(1);
  std::mt19937_64 random{20'261'126};
  for (int step = 0; step < 2'000; ++step) {
    rule.set_approval_bp(5'000 + static_cast<std::uint32_t>(random() % 4'500));
    rule.set_support_bp(static_cast<std::uint32_t>(random() % 9'001));
    rule.set_min_approval_bp(10 + static_cast<std::uint32_t>(random() % 8'990));
    tally.set_yes(random() % 40);
    tally.set_no(random() % 40);
    tally.set_veto(random() % 5);
    tally.set_abstain(random() % 20);
    tally.set_eligible(200);
    for (const v1::Threshold& row : queries::thresholds(facts)) {
      if (row.holds()) continue;
      const auto holds_with = [&](std::uint64_t more) {
        v1::ProposalExport changed = facts;
        changed.mutable_tallies(0)->set_yes(tally.yes() + more);
        for (const v1::Threshold& again : queries::thresholds(changed)) {
          if (again.rule() == row.rule()) return again.holds();
        }
        return false;
      };
      EXPECT_TRUE(holds_with(row.missing())) << step << ' ' << row.sentence();
      EXPECT_FALSE(holds_with(row.missing() - 1)) << step << ' ' << row.sentence();
    }
  }
}

}  // namespace
}  // namespace salus::rpc
