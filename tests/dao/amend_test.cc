// Owns: proof of what may change before anybody votes, of appeals, and of the urgent track (section
// 7, G-6.5, G-7.11, G-7.15).
#include <gtest/gtest.h>

#include "dao/a_ballot.h"
#include "dao/governance/deposits.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "salus/v1/constitution.pb.h"
#include "state/record.h"

namespace salus::dao::test {
namespace {

TEST(Hashes, of_proposals_have_golden_bytes) {
  // docs/formats.md; computed apart from this code.
  const v1::Action one = submit({create_fund("study")});
  const v1::Action two = submit_options(v1::SCHEME_APPROVAL, {{create_fund("study")}, {}}, 2);
  using governance::payload_hash;
  EXPECT_EQ(payload_hash(chain_id(), v1::SCHEME_YES_NO, 0, one.submit().options()).to_hex(),
            "6663b9d91eaab9c3064c0b285075f1800dce6501cb6970b73bcf709ea00714a0");
  EXPECT_EQ(payload_hash(chain_id(), v1::SCHEME_APPROVAL, 2, two.submit().options()).to_hex(),
            "b926231686ab06b45f4231dc3d9323967ed4eaadbcfeb3c4514ae9dee7e487e2");
  EXPECT_EQ(governance::execution_id(chain_id(), 7, 2).to_hex(),
            "9c28eb8e61f19a12815bdff06b51e19169e1d1a657e8fa8c531694f02b22297d");
  Digest parent;
  parent.bytes.fill(0x22);
  EXPECT_EQ(governance::lot(chain_id(), 7, parent).to_hex(),
            "56db06f7dfd4316c1023b68677b83ecd8bf5db272be1620431e632e9526ce0ea");
}

TEST(Amend, replaces_the_content_and_voids_what_was_said_of_it) {
  Dao dao(voting_document());
  const std::uint64_t deposit = kStandardDeposit / 2;
  ASSERT_EQ(dao.apply("mira", submit({create_fund("a")}, deposit)).error(), "Ok");
  ASSERT_EQ(dao.apply("noor", endorse(1)).error(), "Ok");
  const v1::Proposal before = proposal(dao, 1);
  EXPECT_EQ(before.endorsed(), 1U);
  dao.end_block();
  dao.advance_ms(kSecond);
  ASSERT_EQ(dao.apply("mira", amend(1, {create_fund("b")})).error(), "Ok");
  const v1::Proposal after = proposal(dao, 1);
  EXPECT_EQ(after.version(), 2U);
  EXPECT_EQ(after.endorsed(), 0U);
  EXPECT_NE(after.payload_hash(), before.payload_hash());
  EXPECT_EQ(after.deposits(0).amount(), deposit) << "deposits stay";
  EXPECT_GT(after.phase_until_ms(), before.phase_until_ms());
  dao.end_block();
  // An endorsement is of one version (G-7.3).
  EXPECT_EQ(dao.apply("noor", endorse(1)).error(), "Ok");
  EXPECT_EQ(dao.apply("noor", endorse(1)).error(), "AlreadyEndorsed");
  // The old content is free again.
  EXPECT_EQ(governance::payload_of(dao.state(), before.payload_hash()).open(), 0U);
  EXPECT_EQ(dao.apply("chen", submit({create_fund("a")})).error(), "Ok");
  dao.end_block();
}

TEST(Amend, goes_back_from_notice_and_forward_again_at_once_with_a_full_deposit) {
  Dao dao(voting_document());
  ASSERT_EQ(dao.apply("mira", submit({create_fund("a")})).error(), "Ok");
  ASSERT_EQ(state_of(dao, 1), "NOTICE");
  dao.end_block();
  dao.pass_ms(kNoticeMs - 1);
  // The last moment of the notice (G-1.1): the new one is announced from now on.
  ASSERT_EQ(dao.apply("mira", amend(1, {create_fund("b")})).error(), "Ok");
  EXPECT_EQ(state_of(dao, 1), "NOTICE");
  EXPECT_EQ(proposal(dao, 1).phase_until_ms(), dao.now_ms() + kNoticeMs);
  dao.end_block();
  // People asks for more: the deposit is short now.
  ASSERT_EQ(dao.apply("mira", amend(1, {suspend(dao.account("pavel"), dao.now_ms() + 1'000'000)}))
                .error(),
            "Ok");
  EXPECT_EQ(state_of(dao, 1), "SUBMITTED");
  EXPECT_EQ(proposal(dao, 1).lead(), 5U);
  EXPECT_EQ(governance::open_of_track(dao.state(), 5), 1U);
  EXPECT_EQ(governance::open_of_track(dao.state(), 2), 0U);
  // Who is concerned now is recused, who was before no longer (G-7.10).
  ASSERT_EQ(proposal(dao, 1).recused_size(), 1);
  EXPECT_EQ(proposal(dao, 1).recused(0), dao.account("pavel").to_string());
  dao.end_block();
  ASSERT_EQ(dao.apply("mira", amend(1, {create_fund("c")})).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).recused_size(), 0);
  EXPECT_EQ(state_of(dao, 1), "NOTICE");
  dao.end_block();
}

TEST(Amend, is_refused_where_it_is_too_late_or_not_the_proposers) {
  Dao dao(voting_document());
  EXPECT_EQ(dao.apply("mira", amend(1, {create_fund("b")})).error(), "ProposalUnknown");
  ASSERT_EQ(dao.apply("mira", submit({create_fund("a")})).error(), "Ok");
  ASSERT_EQ(dao.apply("hope", submit({create_fund("x")})).error(), "Ok");
  EXPECT_EQ(dao.apply("noor", amend(1, {create_fund("b")})).error(), "NotProposer");
  EXPECT_EQ(dao.apply("zed", amend(1, {create_fund("b")})).error(), "NotMember");
  // Edges of section 7: the payload of another open proposal.
  EXPECT_EQ(dao.apply("mira", amend(1, {create_fund("x")})).error(), "DuplicateOpen");
  v1::Action later = amend(1, {create_fund("b")});
  later.mutable_amend()->add_prerequisites(2);
  EXPECT_EQ(dao.apply("mira", later).error(), "ProposalUnknown") << "only earlier ones (G-7.16)";
  v1::Action shapeless = amend(1, {create_fund("b")});
  shapeless.mutable_amend()->add_options();
  EXPECT_EQ(dao.apply("mira", shapeless).error(), "OptionsInvalid");
  for (int version = 2; version <= 5; ++version) {
    EXPECT_EQ(dao.apply("mira", amend(1, {create_fund("v" + std::to_string(version))})).error(),
              "Ok");
  }
  EXPECT_EQ(dao.apply("mira", amend(1, {create_fund("v6")})).error(), "VersionLimit");
  EXPECT_EQ(proposal(dao, 1).version(), 5U);
  dao.end_block();
  // The block's time decides, even where the due item has not run yet.
  dao.advance_ms(kNoticeMs);
  EXPECT_EQ(dao.apply("hope", amend(2, {create_fund("y")})).error(), "TooLate");
  dao.end_block();
  EXPECT_EQ(state_of(dao, 2), "VOTING");
  EXPECT_EQ(dao.apply("hope", amend(2, {create_fund("y")})).error(), "TooLate");
}

// Two chambers veto a proposal on *standard*.
std::uint64_t vetoed(Dao& dao) {
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  for (const char* who : {"mira", "chen", "ada"}) {
    EXPECT_EQ(dao.apply(who, vote(id, v1::CHOICE_YES)).error(), "Ok");
  }
  for (const char* who : {"noor", "diaz"}) {
    EXPECT_EQ(dao.apply(who, vote(id, {{v1::CHOICE_YES, 59}, {v1::CHOICE_VETO, 41}})).error(),
              "Ok");
  }
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "VETOED");
  return id;
}

v1::Action appeal_of(std::uint64_t vetoed_id, const std::vector<v1::Action>& frozen) {
  v1::Action action = submit(frozen, 2 * kStandardDeposit);
  action.mutable_submit()->set_appeal_of(vetoed_id);
  return action;
}

TEST(Appeal, runs_once_with_higher_thresholds_for_a_group_veto) {
  // G-7.11: 20.5 % of two chambers veto at 1,700 bp, not at the appeal's 2,300.
  Dao dao(voting_document());
  const std::uint64_t id = vetoed(dao);
  EXPECT_EQ(dao.apply("mira", submit({create_fund("study")}, 2 * kStandardDeposit)).error(),
            "DuplicateRecent");
  EXPECT_EQ(dao.apply("mira", appeal_of(id, {create_fund("other")})).error(), "AppealInvalid");
  EXPECT_EQ(dao.apply("mira", appeal_of(id + 1, {create_fund("study")})).error(), "AppealInvalid");
  ASSERT_EQ(dao.apply("mira", appeal_of(id, {create_fund("study")})).error(), "Ok");
  const std::uint64_t appeal = governance::last_proposal_id(dao.state());
  EXPECT_EQ(dao.apply("mira", amend(appeal, {create_fund("other")})).error(), "AppealInvalid");
  dao.end_block();
  dao.pass_ms(kNoticeMs);
  EXPECT_EQ(proposal(dao, appeal).effective().veto_groups_bp(0), 2'300U);
  for (const char* who : {"mira", "chen", "ada"}) {
    EXPECT_EQ(dao.apply(who, vote(appeal, v1::CHOICE_YES)).error(), "Ok");
  }
  for (const char* who : {"noor", "diaz"}) {
    EXPECT_EQ(dao.apply(who, vote(appeal, {{v1::CHOICE_YES, 59}, {v1::CHOICE_VETO, 41}})).error(),
              "Ok");
  }
  dao.end_block();
  pass_to(dao, proposal(dao, appeal).phase_until_ms());
  EXPECT_EQ(state_of(dao, appeal), "TIMELOCK");
}

TEST(Appeal, is_over_after_its_window_and_a_withdrawal_wipes_out_no_defeat) {
  // G-7.11, pure: over at equality; one appeal a veto.
  v1::Payload payload;
  const governance::Resubmission spans{.bar_ms = 30};
  const std::uint64_t window = governance::kAppealWindowMs;
  governance::note_open(payload, 7, false);
  governance::note_end(payload, v1::PROPOSAL_STATE_VETOED, 10, false);
  EXPECT_TRUE(governance::check_duplicate(payload, 10 + window - 1, spans, 7).has_value());
  EXPECT_EQ(governance::check_duplicate(payload, 10 + window, spans, 7).error(),
            Error::AppealInvalid);
  // To open an appeal and take it back does not open the way for a plain copy.
  governance::note_open(payload, 8, true);
  governance::note_end(payload, v1::PROPOSAL_STATE_CANCELLED, 20, true);
  EXPECT_EQ(governance::check_duplicate(payload, 39, spans).error(), Error::DuplicateRecent);
  EXPECT_EQ(governance::check_duplicate(payload, 39, spans, 7).error(), Error::AppealInvalid);
  EXPECT_TRUE(governance::check_duplicate(payload, 40, spans).has_value()) << "bar over (G-8.19)";
}

v1::GenesisDocument with_urgent_track() {
  v1::GenesisDocument document = voting_document();
  v1::Track urgent = document.tracks(0);
  urgent.set_id(9);
  urgent.set_code("urgent");
  urgent.set_rank(90);
  urgent.set_schemes(1);
  urgent.clear_chambers();
  for (v1::TrackChamber chamber : document.tracks(0).chambers()) {
    const bool decides = chamber.chamber() == kInstitutions;
    chamber.set_mode(decides ? v1::CHAMBER_MODE_REQUIRED : v1::CHAMBER_MODE_ADVISORY);
    if (decides) chamber.set_approval_bp(7'500);
    *urgent.add_chambers() = chamber;
  }
  *document.add_tracks() = urgent;
  return document;
}

v1::Action urgently(const std::vector<v1::Action>& frozen) {
  v1::Action action = submit(frozen);
  action.mutable_submit()->set_urgent(true);
  return action;
}

TEST(Urgent, is_asked_for_by_few_for_few_actions) {
  // G-6.5, G-6.7: no join.
  Dao dao(with_urgent_track());
  EXPECT_EQ(dao.apply("mira", urgently({cancel_proposal(2)})).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply("hope", urgently({create_fund("b")})).error(), "ActionNotAllowed");
  ASSERT_EQ(dao.apply("hope", urgently({cancel_proposal(2)})).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).lead(), 9U);
  dao.end_block();
  dao.pass_ms(kNoticeMs);
  dao.pass_ms(20 * kSecond);
  ASSERT_EQ(dao.apply("mira", submit({create_fund("a")})).error(), "Ok");
  for (const char* who : {"hope", "anne"}) {
    ASSERT_EQ(dao.apply(who, vote(1, v1::CHOICE_YES)).error(), "Ok");
  }
  dao.pass_ms(kNoticeMs);
  EXPECT_EQ(state_of(dao, 2), "VOTING");
  pass_to(dao, proposal(dao, 1).phase_until_ms());
  pass_to(dao, proposal(dao, 1).eta_ms());
  EXPECT_EQ(state_of(dao, 1), "EXECUTED");
  EXPECT_EQ(state_of(dao, 2), "CANCELLED");
}

void pause_funds_until(Dao& dao, std::uint64_t until_ms) {
  const auto type = static_cast<std::uint32_t>(v1::Action::kCreateFund);
  v1::PausedType record;
  record.set_type(type);
  record.set_pause(1);
  record.set_from_ms(dao.now_ms());
  record.set_until_ms(until_ms);
  state::put(dao.state(), state::Key{state::Table::PausedTypes}.u32(type), record);
}

TEST(Execution, waits_for_the_end_of_a_pause_and_its_grace_moves_too) {
  // G-7.15.
  Dao dao(voting_document());
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  pass_vote(dao, id);
  const v1::Proposal before = proposal(dao, id);
  const std::uint64_t until = before.eta_ms() + 30 * kSecond;
  pause_funds_until(dao, until);
  // Only what hangs on the pause is looked at here; its own records are the pauses' matter.
  state::Overlay& state = dao.state();
  dao.advance_ms(before.eta_ms() - dao.now_ms());
  salus::dao::end_block(dao.block(), state);
  EXPECT_EQ(state_of(dao, id), "TIMELOCK");
  EXPECT_EQ(proposal(dao, id).eta_ms(), until);
  EXPECT_EQ(proposal(dao, id).grace_until_ms(), before.grace_until_ms() + 30 * kSecond);
  EXPECT_TRUE(governance::broken_invariants(state).empty());
  dao.advance_ms(30 * kSecond);
  salus::dao::end_block(dao.block(), state);
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
}

TEST(Retry, of_a_paused_batch_is_refused_and_uses_up_no_attempt) {
  Dao dao(voting_document());
  // Fund 2 is empty.
  const std::uint64_t id = open_voting(dao, "mira", {pay(2, 100, dao.account("pavel"))});
  pass_vote(dao, id);
  pass_to(dao, proposal(dao, id).eta_ms());
  ASSERT_EQ(state_of(dao, id), "FAILED");
  const auto type = static_cast<std::uint32_t>(v1::Action::kPay);
  v1::PausedType record;
  record.set_type(type);
  record.set_until_ms(dao.now_ms() + 100 * kSecond);
  state::put(dao.state(), state::Key{state::Table::PausedTypes}.u32(type), record);
  dao.advance_ms(50 * kSecond);
  EXPECT_EQ(dao.apply("mira", retry(id)).error(), "ActionPaused");
  EXPECT_EQ(proposal(dao, id).attempts(), 1U);
}

}  // namespace
}  // namespace salus::dao::test
