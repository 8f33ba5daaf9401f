// Owns: what a real kill -9 leaves of a ledger while its past is archived and pruned, while it is
// backed up, and while a backup is restored: a folder that is whole, or one that says what to do.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "node/pruner.h"
#include "support/killed.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"
#include "upkeep/archive.h"
#include "upkeep/backup.h"
#include "upkeep/verify.h"

namespace salus::node {
namespace {

namespace fs = std::filesystem;
using salus::testing::Ending;
using salus::testing::run_and_kill;
using std::chrono::microseconds;

constexpr Height kTip{60};
constexpr int kKills = 16;
constexpr microseconds kLong{60'000'000};
const storage::RocksOptions kSmall{.block_cache_mib = 8, .write_buffer_mib = 1};

// RocksDB's own threads do not survive a fork: this process never opens a database, its children do.
class Kill : public ::testing::Test {
 protected:
  Kill() {
    in_child("making a ledger", [this] {
      upkeep::test::ALedger ledger{origin()};
      ledger.add_blocks(kTip.value(), 10);
      std::ofstream{chain_file()} << ledger.chain_id().to_hex();
      ledger.close();
    });
    std::string chain;
    std::ifstream{chain_file()} >> chain;
    chain_id_ = ChainId::from_hex(chain).value_or(ChainId{});
  }

  fs::path origin() const { return temp_.path() / "origin"; }
  fs::path data() const { return temp_.path() / "data"; }
  fs::path archive() const { return temp_.path() / "archive"; }
  fs::path backup() const { return temp_.path() / "backup"; }
  fs::path chain_file() const { return temp_.path() / "chain"; }

  // Expectations of `work` are this test's.
  static void in_child(const std::string& when, const std::function<void()>& work) {
    const Ending ending = run_and_kill(kLong, [&] {
      work();
      return !::testing::Test::HasFailure();
    });
    ASSERT_EQ(ending, Ending::Finished) << when;
  }
  // As it was, with nothing beside it.
  void begin_anew() {
    for (const fs::path& path : {data(), archive(), backup()}) fs::remove_all(path);
    fs::copy(origin(), data(), fs::copy_options::recursive);
  }
  void expect_whole(const fs::path& folder, const fs::path& with_archive,
                    const std::string& when) const {
    in_child(when, [&] {
      const auto report =
          upkeep::verify_ledger(folder, {.scratch = temp_.path(), .archive = with_archive});
      ASSERT_TRUE(report) << when << ": " << report.error().reason;
      EXPECT_TRUE(report->is_right()) << when << ": " << report->findings.front().sentence;
      EXPECT_EQ(report->height, kTip) << when;
    });
  }
  // Kills `work` at moments that lie evenly over the time that it takes, each time anew; after each
  // `judge`, and then it is let go on to its end.
  void sweep(const std::function<bool()>& work,
             const std::function<void(const std::string& when)>& judge) {
    begin_anew();
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(run_and_kill(kLong, work), Ending::Finished);
    const auto whole = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() -
                                                                begin);
    int killed = 0;
    for (int i = 0; i < kKills; ++i) {
      begin_anew();
      const auto after = whole * i / kKills;
      const Ending ending = run_and_kill(after, work);
      const std::string when = "killed after " + std::to_string(after.count()) + " us";
      ASSERT_NE(ending, Ending::Failed) << when;
      if (ending == Ending::Killed) ++killed;
      judge(when);
    }
    EXPECT_GT(killed, kKills / 3) << "most of the kills come in the middle";
  }

  salus::testing::TempFolder temp_;
  ChainId chain_id_;
};

TEST_F(Kill, while_the_past_is_archived_and_pruned_leaves_a_whole_ledger_that_goes_on_pruning) {
  const auto prune = [this] {
    auto store = storage::RocksStore::open(data() / "ledger", kSmall);
    if (!store) return false;
    Pruner pruner{**store, chain_id_,
                  {.states = 6, .blocks = 8, .events = 4, .archive = archive()}};
    pruner.consider(kTip);
    pruner.finish();
    return true;
  };
  sweep(prune, [&](const std::string& when) {
    expect_whole(data(), archive(), when);
    ASSERT_EQ(run_and_kill(kLong, prune), Ending::Finished) << when;
    expect_whole(data(), archive(), when + ", then pruned to the end");
    in_child(when, [&] {
      const auto store = storage::RocksStore::open(data() / "ledger", kSmall);
      ASSERT_TRUE(store) << store.error().reason;
      EXPECT_EQ(ledger::Reader{**store}.kept(), (ledger::Kept{Height{52}, Height{56}})) << when;
    });
  });
}

TEST_F(Kill, while_a_backup_is_made_leaves_none_or_a_whole_one) {
  const auto back_up = [this] {
    const auto store = storage::RocksStore::open(data() / "ledger", kSmall);
    if (!store) return false;
    return upkeep::make_backup(**store, backup(), [](const upkeep::BackupProgress&) {
             return true;
           }).has_value();
  };
  sweep(back_up, [&](const std::string& when) {
    const auto manifest = upkeep::read_manifest(backup());
    if (!manifest) {
      EXPECT_EQ(manifest.error().fault, upkeep::Fault::NotABackup) << when;
    } else {
      const auto damaged =
          upkeep::damaged_files(backup(), *manifest, [](std::uint64_t) { return true; });
      EXPECT_TRUE(damaged.empty()) << when << ": " << damaged.front().reason;
    }
    expect_whole(data(), {}, when);
  });
}

TEST_F(Kill, while_a_backup_is_restored_leaves_a_folder_that_says_so_or_a_whole_one) {
  const auto kept = temp_.path() / "kept";
  in_child("making a backup", [&] {
    const auto store = storage::RocksStore::open(origin() / "ledger", kSmall);
    ASSERT_TRUE(store) << store.error().reason;
    const auto on = [](const upkeep::BackupProgress&) { return true; };
    ASSERT_TRUE(upkeep::make_backup(**store, kept, on));
  });
  const auto target = temp_.path() / "restored";
  const auto restore = [&] {
    fs::remove_all(target);
    return upkeep::restore_backup(kept, target, [](const upkeep::BackupProgress&) {
             return true;
           }).has_value();
  };
  sweep(restore, [&](const std::string& when) {
    if (!fs::exists(target)) return;
    const auto checked = upkeep::check_restored(target);
    if (!checked) {
      EXPECT_FALSE(checked.error().reason.empty()) << when;
    } else if (fs::exists(target / "ledger")) {
      expect_whole(target, {}, when);
    }
    ASSERT_EQ(run_and_kill(kLong, restore), Ending::Finished) << when;
    expect_whole(target, {}, when + ", then restored anew");
  });
}

}  // namespace
}  // namespace salus::node
