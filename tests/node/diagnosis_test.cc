// Owns: the proof of the table of consensus.md, section 12: each row is said when its facts hold,
// with names and numbers, and earlier rows go before later ones.
#include "a_standing_chain.h"

namespace salus::replica {
namespace {

TEST(Diagnose, behind_what_more_than_the_faulty_claim) {
  Situation s = a_standing_chain();
  s.members[1].said->height = Height{900};
  EXPECT_NE(diagnose(s).stall, Stall::Behind) << "one may lie";
  s.members[2].said->height = Height{170};
  s.around.blocks_last_10_s = 50;
  expect(s, Stall::Behind,
         "This node is behind: it has height 70, the others 170; 50 blocks in the last 10 s, some "
         "20 s left.");
  s.around.blocks_last_10_s = 0;
  expect(s, Stall::Behind,
         "This node is behind: it has height 70, the others 170; no block came in the last 10 s.");
}

TEST(Diagnose, behind_when_final_blocks_are_not_here) {
  Situation s = a_standing_chain();
  s.lacks_final_blocks = true;
  core_of(s).finalized = View{8};
  expect(s, Stall::Behind,
         "This node is behind: it holds the finalization of view 8 and not the blocks above height "
         "70.");
  s.finalized_at = s.now;
  EXPECT_EQ(diagnose(s).stall, Stall::Healthy) << "blocks come a moment later";
}

TEST(Diagnose, healthy_within_three_delays_of_a_finalization) {
  Situation s = a_standing_chain();
  s.finalized_at = MonoMs{kNow - 1'500};
  expect(s, Stall::Healthy, "Healthy: height 70 was finalized 1 s ago.");
  s.finalized_at = MonoMs{kNow - 1'501};
  EXPECT_NE(diagnose(s).stall, Stall::Healthy);
}

TEST(Diagnose, idle_with_its_next_heartbeat_and_who_would_be_missing) {
  Situation s = a_standing_chain();
  s.status.waiting_transactions = 0;
  core_of(s).waiting = Waiting::Idle;
  s.heartbeat_at = MonoMs{kNow + 12'000};
  expect(s, Stall::Idle, "Idle at height 70: no work is due, next heartbeat in 12 s.");
  s.members[2].linked = false;
  s.members[3].linked = false;
  s.around.link_errors[node_of(2)] = "The connection was refused.";
  expect(s, Stall::Idle,
         "Idle at height 70: no work is due, next heartbeat in 12 s; but it is linked to 1 of the "
         "2 other validators that it takes; missing: cyd (The connection was refused), dov (never "
         "linked).");
}

TEST(Diagnose, links_with_the_last_error_of_each_missing_one) {
  Situation s = a_standing_chain();
  s.members[2].linked = false;
  s.members[3].linked = false;
  s.around.link_errors[node_of(2)] =
      "The address does not answer. Check that the peer runs. (Connection refused)";
  expect(s, Stall::Links,
         "Too few links: this node is linked to 1 of the 2 other validators that it takes; "
         "missing: cyd (The address does not answer: Connection refused), dov (never linked).");
}

TEST(Diagnose, silent_after_the_views_deadline_with_the_names) {
  Situation s = a_standing_chain();
  core_of(s).ready = MonoMs{kNow - 9'000};
  core_of(s).leader_deadline = MonoMs{kNow - 8'000};
  core_of(s).view_deadline = MonoMs{kNow - 7'500};
  core_of(s).waiting = Waiting::Nullification;
  core_of(s).trigger = consensus::Trigger::LeaderTimeout;
  core_of(s).views.back().nullify = {index(0), index(2)};
  expect(s, Stall::Silent,
         "No vote for view 9 since 9 s from these, though linked: bea, dov; 2 of the 3 votes of a "
         "quorum are here.");
  core_of(s).seen[3] = View{10};
  EXPECT_NE(diagnose(s).stall, Stall::Silent) << "a vote of a later view counts";
}

TEST(Diagnose, no_leader_before_and_after_its_time_is_over) {
  Situation s = a_standing_chain();
  expect(s, Stall::NoLeader,
         "No candidate: bea, who leads view 9, is silent; this node votes to skip it in 700 ms.");
  core_of(s).leader_deadline = MonoMs{kNow - 100};
  core_of(s).trigger = consensus::Trigger::Absent;
  core_of(s).absent = {index(1)};
  core_of(s).seen[1] = View{4};
  core_of(s).views.back().nullify = {index(0), index(2)};
  expect(s, Stall::NoLeader,
         "No candidate: bea, who leads view 9, is silent since view 4; 2 of the 3 votes that skip "
         "the view are here.");
}

TEST(Diagnose, candidate_waits_for_each_thing_that_it_may_lack) {
  const std::string start = "The candidate of view 9 by bea waits for ";
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::Block;
  expect(s, Stall::CandidateWaits, start + "its bytes.");

  core_of(s).waiting = Waiting::Ancestry;
  core_of(s).missing = {{.view = View{7}, .kind = FetchKind::Nullification}};
  expect(s, Stall::CandidateWaits, start + "nullification of view 7, about to ask for it.");
  core_of(s).missing = {
      {.view = View{8}, .kind = FetchKind::Notarization, .tries = 2, .asked = index(2)}};
  expect(s, Stall::CandidateWaits, start + "notarization of view 8, asking cyd, attempt 2.");

  core_of(s).waiting = Waiting::CheckAnswer;
  s.pending = PendingCheck{.reason = CheckReason::ParentNotExecuted};
  expect(s, Stall::CandidateWaits, start + "the execution of its parent.");
  s.pending = PendingCheck{.reason = CheckReason::TimeAhead, .ahead_ms = 1'700};
  expect(s, Stall::CandidateWaits, start + "its time, 1700 ms ahead of this node's clock.");
}

TEST(Diagnose, split_ancestry_in_both_directions) {
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::Ancestry;
  core_of(s).missing = {{.view = View{7},
                         .kind = FetchKind::Nullification,
                         .split = true,
                         .tries = 3,
                         .asked = index(3)}};
  expect(s, Stall::SplitAncestry,
         "View 7 is notarized here and nullified elsewhere; asking dov, attempt 3.");
  core_of(s).missing.front().kind = FetchKind::Notarization;
  expect(s, Stall::SplitAncestry,
         "View 7 is nullified here and notarized elsewhere; asking dov, attempt 3.");
}

TEST(Diagnose, rejected_with_the_reason) {
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::Nullification;
  core_of(s).invalid = static_cast<std::uint32_t>(CheckReason::WrongProposer);
  const Verdict verdict = diagnose(s);
  EXPECT_EQ(verdict.stall, Stall::Rejected);
  EXPECT_TRUE(verdict.sentence.starts_with("The candidate of bea in view 9 is invalid here: "))
      << verdict.sentence;
}

TEST(Diagnose, state_split_with_who_claims_which_root) {
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::Nullification;
  core_of(s).invalid = static_cast<std::uint32_t>(CheckReason::WrongStateRoot);
  s.root_claims = {{.height = Height{70}, .root = root_of(0xaa), .leader = index(3)},
                   {.height = Height{70}, .root = root_of(0xaa), .leader = index(2)},
                   {.height = Height{70}, .root = root_of(0xbb), .leader = index(1)}};
  s.own_root = root_of(0xaa);
  expect(s, Stall::StateSplit,
         "Validators disagree about the state root after height 70: aaaaaaaaaaaa by dov, cyd and "
         "bbbbbbbbbbbb by bea; ours is aaaaaaaaaaaa.");
}

TEST(Diagnose, uncertified_with_what_it_waits_for) {
  const std::string start = "The candidate of view 9 is notarized and waits here for ";
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::Certification;
  core_of(s).bytes_here = false;
  expect(s, Stall::Uncertified, start + "the bytes of its block.");
  core_of(s).bytes_here = true;
  core_of(s).parent_usable = false;
  expect(s, Stall::Uncertified, start + "its parent view, which is not certified here.");
  core_of(s).parent_usable = true;
  expect(s, Stall::Uncertified, start + "the execution of its parent.");
}

TEST(Diagnose, epoch_ending_until_its_last_block_is_final_and_on_the_disk) {
  Situation s = with_candidate();
  core_of(s).ending = true;
  expect(s, Stall::EpochEnding,
         "The last block of epoch 0 waits for a finalization, in view 9 now; 1 of the 3 votes of a "
         "quorum are here.");
  core_of(s).ended = true;
  core_of(s).waiting = Waiting::Nothing;
  expect(s, Stall::EpochEnding,
         "Epoch 0 has ended; its last block is on its way to this node's disk.");
}

TEST(Diagnose, epoch_dead_when_too_few_say_that_they_vote) {
  Situation s = with_candidate();
  core_of(s).view_deadline = MonoMs{kNow - 1};
  s.members[2].said->votes = false;
  EXPECT_NE(diagnose(s).stall, Stall::EpochDead) << "three are a quorum";
  s.members[3].said->votes = false;
  expect(s, Stall::EpochDead,
         "Epoch 0 cannot go on: cyd, dov say that they do not vote, and the others are fewer than "
         "the quorum of 3.");
}

TEST(Diagnose, change_held_with_the_verdict_and_who_is_not_live) {
  Situation s = with_candidate();
  s.held_change =
      HeldChange{.id = 4, .verdict = "n 5, quorum 4, live 3: would wait", .lacking = {"eva"}};
  expect(s, Stall::ChangeHeld,
         "Set change 4 does not pass its pre-flight: n 5, quorum 4, live 3: would wait; not live: "
         "eva.");
}

TEST(Diagnose, disk_when_syncs_or_a_batch_take_too_long) {
  Situation s = with_candidate();
  s.around.sync_p99_us = 250'000;
  EXPECT_EQ(diagnose(s).stall, Stall::UnderWay);
  s.around.sync_p99_us = 260'000;
  expect(s, Stall::Disk,
         "The disk is slow: the slowest hundredth of this node's syncs takes 260 ms, and half the "
         "network's delay of 500 ms would do.");
  s.around.batch_ms = 2'600;
  expect(s, Stall::Disk, "The disk is slow: a ledger batch has been on its way for 2 s.");
}

TEST(Diagnose, slow_execution) {
  Situation s = with_candidate();
  s.around.execution_p99_us = 700'000;
  expect(s, Stall::SlowExecution,
         "Execution is slow: the slowest hundredth of the blocks takes 700 ms, more than the "
         "network's delay of 500 ms.");
}

TEST(Diagnose, clock_off_the_median_of_the_peers) {
  Situation s = with_candidate();
  s.parameters.clock_ahead_ms = 1'000;
  s.members[1].said->clock_offset_ms = 60'000;
  EXPECT_EQ(diagnose(s).stall, Stall::UnderWay) << "one clock may be wrong";
  s.members[2].said->clock_offset_ms = 800;
  expect(s, Stall::Clock, "This node's clock is 800 ms behind the median of its peers.");
  for (Member& member : s.members) {
    if (member.said) member.said->clock_offset_ms = -800;
  }
  expect(s, Stall::Clock, "This node's clock is 800 ms ahead of the median of its peers.");
}

TEST(Diagnose, version_when_the_others_run_what_this_build_lacks) {
  Situation s = with_candidate();
  core_of(s).waiting = Waiting::CheckAnswer;
  s.version_known = 1;
  s.pending = PendingCheck{.reason = CheckReason::VersionUnknown};
  expect(s, Stall::Version,
         "This node is older than the network: the others run a newer protocol version, and "
         "this build knows up to 1.");
}

TEST(Diagnose, under_way_while_the_view_has_time) {
  expect(with_candidate(), Stall::UnderWay,
         "Under way: view 9 waits for notarization since 300 ms; 1 of the 3 votes of a quorum are "
         "here.");
}

TEST(Diagnose, says_the_first_row_that_applies) {
  Situation s = with_candidate();
  s.around.sync_p99_us = 900'000;
  s.held_change = HeldChange{.id = 1, .verdict = "x", .lacking = {}};
  EXPECT_EQ(diagnose(s).stall, Stall::ChangeHeld);
  core_of(s).waiting = Waiting::Block;
  EXPECT_EQ(diagnose(s).stall, Stall::CandidateWaits);
  for (Member& member : s.members) member.linked = false;
  EXPECT_EQ(diagnose(s).stall, Stall::Links);
  core_of(s).waiting = Waiting::Idle;
  EXPECT_EQ(diagnose(s).stall, Stall::Idle);
  s.finalized_at = s.now;
  EXPECT_EQ(diagnose(s).stall, Stall::Healthy);
  core_of(s).mode = Mode::Halted;
  EXPECT_EQ(diagnose(s).stall, Stall::SafetyViolated);
}

TEST(Stalls, each_have_a_name_of_their_own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kStalls; ++i) names.insert(name(static_cast<Stall>(i)));
  EXPECT_EQ(names.size(), kStalls);
}

}  // namespace
}  // namespace salus::replica
