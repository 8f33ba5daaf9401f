// Owns: proof that no vote passes what is compiled in, and that a change is judged against the
// constitution with it made (section 6).
#include "dao/constitution.h"

#include <algorithm>

#include "dao/a_people.h"
#include "dao/dispatcher.h"
#include "dao/governance/least_track.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kDay = membership::kDayMs;

v1::Track track(const Dao& dao, std::string_view code) {
  return *constitution::find_track(dao.state(), code);
}

// A track that nothing names.
v1::Track a_new_track(const Dao& dao) {
  v1::Track fresh = track(dao, "standard");
  fresh.set_id(11);
  fresh.set_code("pilot");
  fresh.set_rank(25);
  return fresh;
}

TEST(Track, is_added_changed_and_removed_by_the_dao_and_its_id_is_never_used_again) {
  Dao dao;
  v1::Track pilot = a_new_track(dao);
  EXPECT_EQ(dao.as("mira").apply(set_track(pilot)).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(set_track(pilot)), "Ok");
  pilot.set_endorsers(7);
  ASSERT_EQ(dao.apply_as_dao(set_track(pilot)), "Ok");
  EXPECT_EQ(track(dao, "pilot").endorsers(), 7U);
  ASSERT_EQ(dao.apply_as_dao(set_track(pilot, true)), "Ok");
  EXPECT_FALSE(constitution::find_track(dao.state(), "pilot").has_value());
  EXPECT_EQ(dao.apply_as_dao(set_track(pilot)), "TrackIdUsed");
  EXPECT_EQ(dao.apply_as_dao(set_track(pilot, true)), "TrackUnknown");
  pilot.set_id(12);
  EXPECT_EQ(dao.apply_as_dao(set_track(pilot)), "Ok") << "its code is free";
  dao.end_block();
}

TEST(Track, keeps_its_code_and_shares_it_with_none) {
  Dao dao;
  v1::Track renamed = track(dao, "spend");
  renamed.set_code("spending");
  EXPECT_EQ(dao.apply_as_dao(set_track(renamed)), "TrackUnknown");
  v1::Track twin = a_new_track(dao);
  twin.set_code("spend");
  EXPECT_EQ(dao.apply_as_dao(set_track(twin)), "CodeInUse");
  twin.set_id(17);
  EXPECT_EQ(dao.apply_as_dao(set_track(twin)), "TrackUnknown");
}

// G-6.9.
TEST(Track, that_leads_an_open_proposal_is_not_removed_or_ranked_anew) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(submit({pay_from_general(dao.account("noor"), 1)})).error(), "Ok");
  v1::Track spend = track(dao, "spend");
  spend.set_rank(31);
  EXPECT_EQ(dao.apply_as_dao(set_track(spend)), "TrackInUse");
  EXPECT_EQ(dao.apply_as_dao(set_track(track(dao, "spend"), true)), "TrackInUse");
  spend.set_rank(30);
  spend.set_endorsers(3);
  EXPECT_EQ(dao.apply_as_dao(set_track(spend)), "Ok");
  // G-6.2: what was copied when voting started stays; the rest follows the rules of today.
  ASSERT_EQ(dao.as("mira").apply(cancel(1)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(set_track(track(dao, "spend"), true)), "Ok");
  dao.end_block();
}

// X11.
TEST(Track, that_is_the_least_of_some_action_is_not_removed) {
  Dao dao;
  EXPECT_EQ(dao.apply_as_dao(set_track(track(dao, "standard"), true)), "ConstraintBroken");
  EXPECT_EQ(dao.apply_as_dao(set_track(track(dao, "network"), true)), "ConstraintBroken");
  // Every action that the DAO accepts has a least track, and no other has one.
  for (const Access& row : access_table()) {
    v1::Action action;
    const auto* field = v1::Action::descriptor()->FindFieldByNumber(static_cast<int>(row.kind));
    action.GetReflection()->MutableMessage(&action, field);
    const auto least = governance::least_track(dao.state(), action, {}, 1);
    const bool none = !least && least.error() == Error::ActionNotAllowed;
    EXPECT_EQ(none, !row.dao) << field->name();
  }
}

// G-6.4.
TEST(Track, in_which_patients_have_the_last_word_is_beyond_any_vote) {
  Dao dao;
  for (const char* code : {"people", "constitution"}) {
    EXPECT_EQ(dao.apply_as_dao(set_track(track(dao, code), true)), "Entrenched") << code;
    v1::Track weaker = track(dao, code);
    weaker.mutable_chambers(0)->set_mode(v1::CHAMBER_MODE_ADVISORY);
    EXPECT_EQ(dao.apply_as_dao(set_track(weaker)), "Entrenched") << code;
    weaker = track(dao, code);
    weaker.mutable_chambers(0)->set_if_small(v1::IF_SMALL_SKIP);
    EXPECT_EQ(dao.apply_as_dao(set_track(weaker)), "Entrenched") << code;
    weaker = track(dao, code);
    weaker.mutable_chambers()->erase(weaker.chambers().begin());
    EXPECT_EQ(dao.apply_as_dao(set_track(weaker)), "Entrenched") << code;
  }
  v1::Track constitution_track = track(dao, "constitution");
  constitution_track.mutable_chambers(0)->set_reserved_veto_bp(0);
  EXPECT_EQ(dao.apply_as_dao(set_track(constitution_track)), "Entrenched");
  constitution_track = track(dao, "constitution");
  constitution_track.mutable_chambers(1)->set_approval_bp(5'999);
  EXPECT_EQ(dao.apply_as_dao(set_track(constitution_track)), "Entrenched");
  constitution_track.mutable_chambers(1)->set_approval_bp(6'000);
  EXPECT_EQ(dao.apply_as_dao(set_track(constitution_track)), "Ok");
  v1::Track consent = track(dao, "constitution");
  consent.set_id(7);
  consent.set_code("consent");
  consent.mutable_chambers(0)->set_reserved_veto_bp(0);
  EXPECT_EQ(dao.apply_as_dao(set_track(consent)), "Entrenched");
  dao.end_block();
}

// "Compiled bounds for any track", each at its edge.
TEST(Track, stays_within_the_compiled_bounds) {
  Dao dao;
  const auto refused = [&](const auto& change) {
    v1::Track one = a_new_track(dao);
    change(one);
    return dao.apply_as_dao(set_track(one));
  };
  EXPECT_EQ(refused([](v1::Track& t) { t.set_notice_ms(60 * kDay); }), "Ok");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_notice_ms(60 * kDay + 1); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_voting_ms(60 * kDay + 1); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_objection_ms(30 * kDay + 1); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_timelock_min_ms(0); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_timelock_max_ms(90 * kDay + 1); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_grace_ms(90 * kDay + 1); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_deposit((std::uint64_t{1} << 40U) + 1); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_deposit(std::uint64_t{1} << 40U); }), "Ok");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_endorsers(201); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_endorsers(0); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_max_open(65); }), "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.set_max_open(64); }), "Ok");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_approval_bp(4'999); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_approval_bp(9'501); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_support_bp(9'001); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_min_approval_bp(9); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_reserved_veto_bp(999); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_reserved_veto_bp(5'001); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(0)->set_objection_bp(5'001); }),
            "OutOfBounds");
  EXPECT_EQ(refused([](v1::Track& t) { t.mutable_chambers(3)->set_chamber(5); }), "ChamberUnknown");
}

TEST(Track, obeys_the_constraints_between_figures) {
  Dao dao;
  const auto refused = [&](const char* code, const auto& change) {
    v1::Track one = track(dao, code);
    change(one);
    return dao.apply_as_dao(set_track(one));
  };
  // X1.
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_extension_ms(t.voting_ms() + 1); }),
            "ConstraintBroken");
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_confirmation_ms(t.voting_ms() + 1); }),
            "ConstraintBroken");
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_extension_ms(t.voting_ms()); }), "Ok");
  // X2.
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_timelock_min_ms(t.timelock_max_ms() + 1); }),
            "ConstraintBroken");
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_timelock_min_ms(t.timelock_max_ms()); }),
            "Ok");
  // X4: the test DAO has 6 tracks of 8; 256 are all that may be open.
  for (const char* code : {"standard", "spend", "large"}) {
    EXPECT_EQ(refused(code, [](v1::Track& t) { t.set_max_open(64); }), "Ok");
  }
  EXPECT_EQ(refused("people", [](v1::Track& t) { t.set_max_open(49); }), "ConstraintBroken");
  EXPECT_EQ(refused("people", [](v1::Track& t) { t.set_max_open(48); }), "Ok");
  // X5.
  EXPECT_EQ(refused("people", [](v1::Track& t) { t.set_notice_ms(kSecond - 1); }), "OutOfBounds");
  ASSERT_EQ(dao.apply_as_dao(set_parameter("membership.defence", kSecond, 10 * kSecond)), "Ok");
  EXPECT_EQ(refused("people", [](v1::Track& t) { t.set_notice_ms(10 * kSecond - 1); }),
            "ConstraintBroken");
  // X13: grace >= 2 * retry_gap.
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_grace_ms(10 * kSecond - 1); }),
            "ConstraintBroken");
  EXPECT_EQ(refused("spend", [](v1::Track& t) { t.set_grace_ms(10 * kSecond); }), "Ok");
  // X12.
  v1::Track urgent = a_new_track(dao);
  urgent.set_code("urgent");
  urgent.set_max_open(1);
  for (v1::TrackChamber& row : *urgent.mutable_chambers()) row.set_approval_bp(6'667);
  urgent.mutable_chambers(2)->set_approval_bp(6'666);
  EXPECT_EQ(dao.apply_as_dao(set_track(urgent)), "ConstraintBroken");
}

TEST(Track, is_judged_when_it_is_proposed_and_again_when_it_executes) {
  Dao dao;
  v1::Track wrong = a_new_track(dao);
  wrong.set_endorsers(0);
  EXPECT_EQ(dao.as("mira").apply(submit({set_track(wrong)}, 200 * kToken)).error(), "OutOfBounds");
  const v1::Track fine = a_new_track(dao);
  ASSERT_EQ(dao.as("mira").apply(submit({set_track(fine)}, 200 * kToken)).error(), "Ok");
  EXPECT_EQ(proposal(dao, 1).lead(), track(dao, "constitution").id());
  dao.pass_ms(kNoticeMs);
  all_vote_yes(dao, 1);
  dao.pass_ms(kVotingMs);
  // Meanwhile somebody else took the code.
  v1::Track other = a_new_track(dao);
  other.set_id(12);
  ASSERT_EQ(dao.apply_as_dao(set_track(other)), "Ok");
  dao.pass_ms(kTimelockMaxMs);
  EXPECT_EQ(state_of(dao, 1), "FAILED");
  EXPECT_EQ(proposal(dao, 1).failure_code(), static_cast<std::uint32_t>(Error::CodeInUse));
}

// cosmos/cosmos-sdk#5808, #9447, #3473: a parameter that halts the chain.
TEST(Incident, cosmos_a_parameter_that_would_halt_the_chain_is_refused_before_the_vote) {
  Dao dao;
  const auto proposed = [&](std::string_view name, std::uint64_t from, std::uint64_t to) {
    return dao.as("mira").apply(submit({set_parameter(name, from, to)}, 200 * kToken)).error();
  };
  EXPECT_EQ(proposed("consensus.block_bytes_max", 2 * 1'024 * 1'024, 0), "OutOfBounds");
  EXPECT_EQ(proposed("validators.min", 4, 5), "ConstraintBroken");
  EXPECT_EQ(proposed("governance.due_executions", 4, 0), "OutOfBounds");
  EXPECT_EQ(proposed("governance.due_ends", 64, 8), "Ok");
  EXPECT_EQ(proposed("governance.due_ends", 63, 8), "StaleValue");
  EXPECT_EQ(proposed("governance.no_such_thing", 0, 8), "ParameterUnknown");
}

TEST(Parameter, remembers_its_last_changes) {
  Dao dao;
  EXPECT_EQ(constitution::history(dao.state(), "governance.slash_below_bp").changes_size(), 0);
  for (std::uint64_t i = 0; i < 40; ++i) {
    ASSERT_EQ(dao.apply_as_dao(set_parameter("governance.slash_below_bp", 500 + i, 501 + i)), "Ok");
  }
  const auto history = constitution::history(dao.state(), "governance.slash_below_bp");
  ASSERT_EQ(history.changes_size(), 32);
  EXPECT_EQ(history.changes(0).before(), 508U);
  EXPECT_EQ(history.changes(31).after(), 540U);
  EXPECT_EQ(history.changes(31).at_ms(), dao.now_ms());
  EXPECT_EQ(history.changes(31).height(), dao.height().value());
  dao.end_block();
}

// G-6.10.
TEST(Genesis, of_class_test_lowers_spans_and_heights_alone) {
  using constitution::Unit;
  const constitution::Bounds span{.min = 7 * kDay, .max = 60 * kDay};
  EXPECT_EQ(constitution::bounds_in(v1::GENESIS_CLASS_TEST, Unit::Span, span).min, kSecond);
  EXPECT_EQ(constitution::bounds_in(v1::GENESIS_CLASS_PRODUCTION, Unit::Span, span).min, 7 * kDay);
  EXPECT_EQ(constitution::bounds_in(v1::GENESIS_CLASS_TEST, Unit::Heights, {100, 200}).min, 1U);
  EXPECT_EQ(constitution::bounds_in(v1::GENESIS_CLASS_TEST, Unit::Count, {100, 200}).min, 100U);
  EXPECT_EQ(constitution::bounds_in(v1::GENESIS_CLASS_TEST, Unit::Span, span).max, 60 * kDay);
}

}  // namespace
}  // namespace salus::dao::test
