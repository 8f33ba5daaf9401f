// Owns: the proof of the first rows of that table: whether this node may vote, and why not.
#include "a_standing_chain.h"

namespace salus::replica {
namespace {

TEST(Diagnose, diverged) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Diverged;
  expect(s, Stall::Diverged,
         "This node has diverged: its own execution contradicts what a quorum finalized above "
         "height 70.");
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::Stopped;
  s.status.diverged = true;
  EXPECT_EQ(diagnose(s).stall, Stall::Diverged) << "which is why it was stopped";
  s.diverged_at = DivergedAt{.height = Height{71}, .reason = "The height does not follow."};
  s.around.divergence_report = "/data/divergence-70.json";
  expect(s, Stall::Diverged,
         "This node has diverged: its own execution contradicts what a quorum finalized above "
         "height 70: the height does not follow.");
  EXPECT_NE(diagnose(s).remedy.find("read /data/divergence-70.json,"), std::string::npos);
}

TEST(Diagnose, safety_violated) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Halted;
  expect(s, Stall::SafetyViolated,
         "Two certificates of epoch 0 exclude each other: more than a third of the validators are "
         "faulty.");
}

TEST(Diagnose, not_voting_for_each_reason) {
  struct Case {
    ObservingReason reason;
    const char* says;
  };
  constexpr Case kCases[] = {{ObservingReason::Amnesia, "(amnesia)"},
                             {ObservingReason::Twin, "(twin)"},
                             {ObservingReason::Stopped, "stopped it"},
                             {ObservingReason::NotInSet, "not in the set of epoch 0"}};
  for (const Case& row : kCases) {
    Situation s = a_standing_chain();
    core_of(s).mode = Mode::Observing;
    core_of(s).observing = row.reason;
    const Verdict verdict = diagnose(s);
    EXPECT_EQ(verdict.stall, Stall::NotVoting);
    EXPECT_NE(verdict.sentence.find(row.says), std::string::npos) << verdict.sentence;
  }
}

// A ledger out of a backup is no lost memory: nothing needs a reseat.
TEST(Diagnose, a_ledger_older_than_its_guard_is_not_amnesia) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::LedgerBehind;
  s.guard_epoch = Epoch{2};
  expect(s, Stall::NotVoting,
         "This validator does not vote: its ledger is older than its sign guard, which stands in "
         "epoch 2; the ledger is in epoch 0.");
  EXPECT_EQ(diagnose(s).remedy.find("reseat"), std::string::npos);
  EXPECT_TRUE(diagnose(s).remedy.starts_with("Wait: it fetches the blocks."));
  core_of(s).epoch = Epoch{2};
  EXPECT_TRUE(diagnose(s).remedy.starts_with("Restart the node:"));
}

TEST(Diagnose, a_key_whose_seat_is_to_come_only_waits) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::NotInSet;
  s.is_seat_to_come = true;
  expect(s, Stall::NotVoting,
         "This node's validator key is not seated yet: it is not in the set of epoch 0, and a set "
         "change that waits seats it.");
}

TEST(Diagnose, blocks_that_every_linked_node_has_forgotten_before_a_vote_that_is_not_cast) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::NotInSet;
  s.status.blocks_gone = Height{500};
  expect(s, Stall::Behind,
         "This node is behind: it has height 70, and every linked node that is ahead has forgotten "
         "the blocks after it; the lowest that one of them keeps has height 500.");
  EXPECT_NE(diagnose(s).remedy.find("sync.snapshot = true"), std::string::npos);
}

TEST(Diagnose, a_full_disk_of_the_journal) {
  Situation s = with_candidate();
  s.journal_alarm = "journal/epoch-0 cannot be extended: no space left.";
  const Verdict verdict = diagnose(s);
  EXPECT_EQ(verdict.stall, Stall::Disk) << verdict.sentence;
  EXPECT_NE(verdict.sentence.find("offers no blocks"), std::string::npos);
  EXPECT_NE(verdict.sentence.find("no space left"), std::string::npos);
}

TEST(Diagnose, a_full_disk_of_the_journal_while_the_chain_is_well) {
  Situation s = a_standing_chain();
  s.finalized_at = MonoMs{kNow - 1'000};
  s.journal_alarm = "journal/epoch-0 cannot be extended: no space left.";
  expect(s, Stall::Healthy,
         "Healthy: height 70 was finalized 1 s ago.\n"
         "The disk has no space for the journal's next file, so this node offers no blocks while "
         "the others do: journal/epoch-0 cannot be extended: no space left.");
  EXPECT_TRUE(diagnose(s).remedy.starts_with("Free space"));
}

TEST(Diagnose, a_build_that_is_older_than_the_network_before_it_is_behind) {
  Situation s = a_standing_chain();
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::Version;
  s.version_known = 1;
  s.version_needed = 2;
  for (Member& member : s.members) {
    if (member.said) member.said->height = Height{900};
  }
  expect(s, Stall::Version,
         "This node is older than the network: the others run protocol version 2, and this build "
         "knows up to 1.");
  EXPECT_NE(diagnose(s).remedy.find("Upgrade to a build that knows protocol version 2"),
            std::string::npos);
}

TEST(Diagnose, not_voting_before_enough_others_were_heard) {
  Situation s = a_standing_chain();
  core_of(s).heard_enough = false;
  core_of(s).heard = 1;
  s.members[2].said.reset();
  s.members[3].said.reset();
  expect(s, Stall::NotVoting,
         "This validator does not vote yet: since its start it heard from 1 of the 2 validators "
         "that it takes; not from: cyd, dov.");
}

TEST(Diagnose, of_an_observer_by_choice_is_not_that_it_does_not_vote) {
  Situation s = a_standing_chain();
  s.is_validator = false;
  s.members[0].own = false;
  core_of(s).own_index.reset();
  core_of(s).mode = Mode::Observing;
  core_of(s).observing = ObservingReason::NotInSet;
  core_of(s).ready.reset();
  core_of(s).leader_deadline.reset();
  core_of(s).view_deadline.reset();
  s.status.waiting_transactions = 0;
  EXPECT_EQ(diagnose(s).stall, Stall::Idle);
  for (Member& member : s.members) member.linked = false;
  s.status.waiting_transactions = 1;
  EXPECT_EQ(diagnose(s).stall, Stall::Links);
}

}  // namespace
}  // namespace salus::replica
