// Owns: guard_survives_power_cut (consensus.md, section 15): whatever subset of unsynced sectors of
// journal and guard reaches the disk, a start never comes back with less than what was spoken, and
// never takes one crash for amnesia.
#include <gtest/gtest.h>

#include "storage/power_cut.h"

namespace salus::storage {
namespace {

TEST(PowerCut, guard_survives_power_cut) {
  const Turn both{{consensus::notarize(a_candidate(3)), consensus::nullify(Epoch{3}, View{3})}, 0};
  const Life kLives[] = {
      {"first vote ever", {notarizes(1)}},
      {"first vote ever, a block over sectors", {notarizes(1, "A", 1'200)}},
      {"finalize after notarize", {notarizes(1), finalizes(1)}},
      {"nullify after notarize", {notarizes(1), nullifies(1)}},
      {"notarize after nullify", {nullifies(1), notarizes(1, "A", 900)}},
      {"several votes before", {notarizes(1), finalizes(1), notarizes(2), nullifies(2), both}},
      {"a block of two pages", {notarizes(1), notarizes(2, "B", 5'000)}},
  };
  for (const Life& life : kLives) cut_power_in_the_last_turn(life);
}

TEST(PowerCut, on_the_change_of_files_loses_nothing) {
  // 15 stages fill a file of 64 KiB; the 16th begins the next one.
  Life life{"sixteenth stage", {}};
  for (std::uint64_t view = 1; view <= 16; ++view) life.turns.push_back(notarizes(view));
  cut_power_in_the_last_turn(life);
}

TEST(PowerCut, in_a_new_epoch_keeps_it_voting) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  validator.epoch = Epoch{4};
  Disk before;
  const Turn turn{{consensus::nullify(Epoch{4}, View{1})}, 0};
  {
    auto node = validator.start();
    before = read_disk(validator.folder.path());
    validator.run(node, turn);
  }
  const Disk after = read_disk(validator.folder.path());
  const auto sectors = differences(before, after);
  for (const std::uint64_t survivors : subsets(sectors.size())) {
    write_disk(validator.folder.path(), mix(before, after, sectors, survivors));
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
    EXPECT_EQ(node.guard.stage(), node.journal.last_stage());
  }
}

// What a start may not forget is more than votes: a certificate whose stage was synced stays (S2).
TEST(PowerCut, keeps_stages_without_votes_that_were_synced) {
  AValidator validator;
  Disk before;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    ASSERT_TRUE(node.journal.append_and_sync(quiet_stage(Stage{1}, 7)));
    before = read_disk(validator.folder.path());
    validator.run(node, finalizes(1));
  }
  const Disk after = read_disk(validator.folder.path());
  const auto sectors = differences(before, after);
  for (const std::uint64_t survivors : subsets(sectors.size())) {
    write_disk(validator.folder.path(), mix(before, after, sectors, survivors));
    const auto node = validator.start();
    int quiet = 0;
    ASSERT_TRUE(node.journal.replay([&quiet](Stage, const consensus::Record& record) {
      if (std::holds_alternative<consensus::HaltRecord>(record)) ++quiet;
      return Result<void, JournalError>{};
    }));
    EXPECT_EQ(quiet, 1) << survivors;
  }
}

}  // namespace
}  // namespace salus::storage
