// Owns: the proof that a running node forgets beside its work what its operator does not keep, gets
// the room on the disk back, and forgets nothing that should be archived and is not.
#include "node/pruner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "ledger/keys.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"
#include "upkeep/archive.h"

namespace salus::node {
namespace {

constexpr Height kTip{40};

class Forgetting : public ::testing::Test {
 protected:
  Forgetting() { ledger_.add_blocks(kTip.value(), 20); }

  // Until it has done what it begins with at this tip.
  void prune(const Retention& retention) {
    Pruner pruner{ledger_.store(), ledger_.chain_id(), retention};
    pruner.consider(kTip);
    pruner.finish();
  }
  ledger::Kept kept() { return ledger::Reader{ledger_.store()}.kept(); }

  salus::testing::TempFolder temp_;
  upkeep::test::ALedger ledger_{temp_.path() / "data"};
};

TEST_F(Forgetting, keeps_everything_unless_it_is_told_otherwise) {
  prune({});
  EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{1}}));
}

TEST_F(Forgetting, takes_blocks_and_events_below_what_is_retained_and_frees_the_disk) {
  std::atomic<bool> stopping = false;
  ledger_.store().compact_chain(stopping);
  const std::uint64_t before = ledger_.store().disk_bytes();
  prune({.blocks = 8, .events = 4});
  EXPECT_EQ(kept(), (ledger::Kept{Height{32}, Height{36}}));
  EXPECT_LT(ledger_.store().disk_bytes(), before * 2 / 3) << before;
}

TEST_F(Forgetting, events_go_with_their_blocks_when_nothing_else_is_said) {
  prune({.blocks = 8});
  EXPECT_EQ(kept(), (ledger::Kept{Height{32}, Height{32}}));
}

TEST_F(Forgetting, archives_first_and_all_of_it_comes_back) {
  const auto archive = temp_.path() / "archive";
  prune({.blocks = 8, .events = 4, .archive = archive});
  EXPECT_EQ(kept(), (ledger::Kept{Height{32}, Height{36}}));
  const auto files = upkeep::list_archive(archive, ledger_.chain_id());
  ASSERT_TRUE(files);
  EXPECT_EQ(upkeep::first_not_archived(*files, Height{1}), Height{36});
  const auto back = upkeep::import_archive(ledger_.store(), archive, [](Height) {});
  ASSERT_TRUE(back) << back.error().reason;
  EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{1}}));
}

TEST_F(Forgetting, takes_no_damaged_file_for_an_archive) {
  const auto archive = temp_.path() / "archive";
  const auto written = upkeep::write_archive(ledger_.store(), archive, Height{1}, Height{35});
  ASSERT_TRUE(written) << written.error().reason;
  {
    std::fstream file{written->path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(-1, std::ios::end);
    file.put('x');
  }
  const Retention retention{.blocks = 8, .events = 4, .archive = archive};
  for (int run = 0; run < 2; ++run) {
    prune(retention);
    EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{1}}));
  }
  // As the log says.
  std::filesystem::rename(written->path, temp_.path() / "damaged");
  prune(retention);
  EXPECT_EQ(kept(), (ledger::Kept{Height{32}, Height{36}}));
  ASSERT_TRUE(upkeep::import_archive(ledger_.store(), archive, [](Height) {}));
  EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{1}}));
}

TEST_F(Forgetting, forgets_nothing_that_cannot_be_archived) {
  const auto archive = temp_.path() / "archive";
  std::ofstream{archive} << "a file where a folder is due";
  prune({.blocks = 8, .events = 4, .archive = archive});
  EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{1}}));
}

}  // namespace
}  // namespace salus::node
