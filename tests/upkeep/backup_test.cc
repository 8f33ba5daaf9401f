// Owns: the proof that a backup is whole or no backup, and a restore whole or marked, wherever the
// work ends; and that nothing which could make a key vote twice is ever in one.
#include "upkeep/backup.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "ledger/keys.h"
#include "ledger/reader.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"
#include "upkeep/verify.h"

namespace salus::upkeep {
namespace {

using test::ALedger;

constexpr std::uint64_t kSeed = 20261126;

bool go_on(const BackupProgress&) { return true; }

std::string read(const Path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const Path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

class Backup : public ::testing::Test {
 protected:
  Backup() { ledger_.add_blocks(3); }

  salus::testing::TempFolder temp_;
  ALedger ledger_{temp_.path() / "data"};
  Path backup_ = temp_.path() / "backup";
  Path restored_ = temp_.path() / "restored";
  int backups_ = 0;
};

TEST_F(Backup, of_a_store_in_use_is_the_ledger_of_one_moment) {
  const auto tip = ledger_.tip();
  bool wrote_meanwhile = false;
  const auto made = make_backup(ledger_.store(), backup_, [&](const BackupProgress& progress) {
    const bool copied = progress.stage == BackupProgress::Stage::Hashing;
    if (copied && !wrote_meanwhile) ledger_.add_blocks(2);
    wrote_meanwhile = wrote_meanwhile || copied;
    return true;
  });
  ASSERT_TRUE(made) << made.error().reason;
  EXPECT_TRUE(wrote_meanwhile);
  EXPECT_EQ(made->height, tip.height);
  EXPECT_EQ(made->state_root, tip.state_root);
  EXPECT_EQ(made->chain_id, ledger_.chain_id());
  EXPECT_EQ(ledger_.tip().height, Height{5}) << "the node went on";
  const auto report = verify_ledger(backup_, {});
  ASSERT_TRUE(report) << report.error().reason;
  for (const Finding& finding : report->findings) ADD_FAILURE() << to_json(finding).dump(2);
  EXPECT_EQ(report->height, tip.height);
}

TEST_F(Backup, holds_neither_guard_nor_journal_nor_key) {
  ASSERT_TRUE(make_backup(ledger_.store(), backup_, go_on));
  for (const auto& entry : std::filesystem::recursive_directory_iterator{backup_}) {
    const std::string name = entry.path().filename().string();
    for (const char* part : {"guard", "journal", "key", "validator"}) {
      EXPECT_EQ(name.find(part), std::string::npos) << entry.path();
    }
  }
  ASSERT_TRUE(restore_backup(backup_, restored_, go_on));
  EXPECT_FALSE(std::filesystem::exists(restored_ / "journal"));
  EXPECT_FALSE(std::filesystem::exists(restored_ / "keys"));
}

TEST_F(Backup, restores_to_the_same_ledger) {
  ASSERT_TRUE(make_backup(ledger_.store(), backup_, go_on));
  const auto restored = restore_backup(backup_, restored_, go_on);
  ASSERT_TRUE(restored) << restored.error().reason;
  EXPECT_TRUE(check_restored(restored_));
  const auto store = storage::RocksStore::open(restored_ / "ledger");
  ASSERT_TRUE(store);
  EXPECT_EQ(ledger::Reader{**store}.tip().digest, ledger_.tip().digest);
  EXPECT_EQ(read(restored_ / "genesis.json"), ledger::Reader{**store}.genesis_bytes());
}

TEST_F(Backup, that_ended_after_any_step_is_none_and_says_what_to_do) {
  int steps = 0;
  ASSERT_TRUE(make_backup(ledger_.store(), backup_, [&](const BackupProgress&) {
    ++steps;
    return true;
  }));
  ASSERT_GT(steps, 5);
  // The last call comes when all is done.
  for (int last = 1; last < steps; ++last) {
    const Path folder = temp_.path() / ("cut" + std::to_string(last));
    int step = 0;
    const auto made =
        make_backup(ledger_.store(), folder, [&](const BackupProgress&) { return ++step < last; });
    ASSERT_FALSE(made) << last;
    EXPECT_EQ(made.error().fault, Fault::Stopped);
    const auto manifest = read_manifest(folder);
    ASSERT_FALSE(manifest) << last;
    EXPECT_EQ(manifest.error().fault, Fault::NotABackup);
    EXPECT_NE(manifest.error().reason.find("remove it"), std::string::npos);
    const auto restored = restore_backup(folder, restored_, go_on);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().fault, Fault::NotABackup);
    EXPECT_FALSE(std::filesystem::exists(restored_)) << "nothing was begun";
    const auto again = make_backup(ledger_.store(), folder, go_on);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().fault, Fault::Exists);
  }
  EXPECT_TRUE(read_manifest(backup_));
}

TEST_F(Backup, whose_restore_ended_after_any_step_says_so_or_is_whole) {
  ASSERT_TRUE(make_backup(ledger_.store(), backup_, go_on));
  int steps = 0;
  ASSERT_TRUE(restore_backup(backup_, restored_, [&](const BackupProgress&) {
    ++steps;
    return true;
  }));
  for (int last = 1; last < steps; ++last) {
    const Path folder = temp_.path() / ("cut" + std::to_string(last));
    int step = 0;
    const auto cut =
        restore_backup(backup_, folder, [&](const BackupProgress&) { return ++step < last; });
    ASSERT_FALSE(cut) << last;
    EXPECT_EQ(cut.error().fault, Fault::Stopped);
    if (!std::filesystem::exists(folder)) {
      EXPECT_TRUE(restore_backup(backup_, folder, go_on)) << "nothing was begun";
      continue;
    }
    const auto started = check_restored(folder);
    ASSERT_FALSE(started) << "a node must not begin an empty ledger here; step " << last;
    EXPECT_NE(started.error().reason.find("not finished"), std::string::npos);
    const auto again = restore_backup(backup_, folder, go_on);
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().reason.find("Remove it"), std::string::npos);
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(restore_backup(backup_, folder, go_on));
  }
}

TEST_F(Backup, with_one_changed_byte_in_any_file_is_refused_and_the_file_is_named) {
  const auto made = make_backup(ledger_.store(), backup_, go_on);
  ASSERT_TRUE(made);
  std::mt19937_64 random{kSeed};
  for (const BackupFile& file : made->files) {
    const Path path = backup_ / file.path;
    const std::string bytes = read(path);
    if (bytes.empty()) continue;
    std::string changed = bytes;
    const std::size_t at = random() % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    // The store's own file may be the same one on the disk.
    std::filesystem::remove(path);
    write(path, changed);
    const auto restored = restore_backup(backup_, restored_, go_on);
    ASSERT_FALSE(restored) << path << " byte " << at << " seed " << kSeed;
    EXPECT_EQ(restored.error().fault, Fault::BackupDamaged);
    EXPECT_NE(restored.error().reason.find(path.filename().string()), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(restored_));
    const auto report = verify_ledger(backup_, {});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->is_right()) << path;
    std::filesystem::remove(path);
    const auto missing = restore_backup(backup_, restored_, go_on);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().reason.find(path.filename().string()), std::string::npos);
    write(path, bytes);
  }
  EXPECT_TRUE(restore_backup(backup_, restored_, go_on));
}

TEST_F(Backup, whose_copy_differs_in_one_byte_is_refused_and_the_copy_is_named) {
  const auto made = make_backup(ledger_.store(), backup_, go_on);
  ASSERT_TRUE(made);
  for (const BackupFile& file : made->files) {
    if (file.bytes == 0) continue;
    const Path path = backup_ / file.path;
    const std::string bytes = read(path);
    // After all was hashed, and before this file is copied.
    bool is_changed = false;
    const auto restored = restore_backup(backup_, restored_, [&](const BackupProgress& progress) {
      if (progress.stage != BackupProgress::Stage::Copying || is_changed) return true;
      std::string changed = bytes;
      changed.back() = static_cast<char>(changed.back() ^ 1);
      std::filesystem::remove(path);
      write(path, changed);
      return is_changed = true;
    });
    std::filesystem::remove(path);
    write(path, bytes);
    ASSERT_FALSE(restored) << path;
    EXPECT_EQ(restored.error().fault, Fault::BackupDamaged);
    EXPECT_NE(restored.error().reason.find(path.filename().string()), std::string::npos)
        << restored.error().reason;
    EXPECT_FALSE(check_restored(restored_)) << "a node must not start from it";
    std::filesystem::remove_all(restored_);
  }
  EXPECT_TRUE(restore_backup(backup_, restored_, go_on));
}

// What a manifest cannot tell: the backup is byte for byte what was made, of a ledger that was
// wrong already.
TEST_F(Backup, of_a_ledger_whose_tip_no_quorum_made_is_not_restored) {
  const auto refused_after = [&](const std::string& key, const std::optional<std::string>& value,
                                 const std::string& why) {
    const auto before = ledger_.store().get(key);
    StoreBatch batch;
    batch.writes.emplace_back(key, value);
    ASSERT_TRUE(ledger_.store().write(batch));
    const Path backup = temp_.path() / ("backup" + std::to_string(++backups_));
    ASSERT_TRUE(make_backup(ledger_.store(), backup, go_on));
    const auto restored = restore_backup(backup, restored_, go_on);
    ASSERT_FALSE(restored) << why;
    EXPECT_EQ(restored.error().fault, Fault::BackupDamaged);
    EXPECT_NE(restored.error().reason.find(why), std::string::npos) << restored.error().reason;
    EXPECT_FALSE(check_restored(restored_));
    std::filesystem::remove_all(restored_);
    StoreBatch back;
    back.writes.emplace_back(key, before);
    ASSERT_TRUE(ledger_.store().write(back));
  };
  const Height tip = ledger_.tip().height;
  const auto certificate = ledger_.store().get(ledger::certificate_key(tip));
  std::string forged = *certificate;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  refused_after(ledger::certificate_key(tip), forged, "no quorum");
  refused_after(ledger::certificate_key(tip), std::nullopt, "no quorum");
  refused_after(ledger::certificate_key(tip),
                ledger_.store().get(ledger::certificate_key(tip.previous())), "no quorum");
  refused_after(ledger::block_key(tip), ledger_.store().get(ledger::block_key(tip.previous())),
                "another one");
  const ledger::Tip real = ledger_.tip();
  ledger::TipRecord other = real;
  other.state_root.bytes[0] ^= 1;
  refused_after(std::string{ledger::kTipKey}, ledger::encode(other), "another root");
}

TEST_F(Backup, is_refused_where_something_is_or_nothing_can_be) {
  EXPECT_EQ(check_target(temp_.path()).error().fault, Fault::Exists);
  EXPECT_EQ(check_target("relative").error().fault, Fault::Exists);
  EXPECT_EQ(check_target(temp_.path() / "no" / "where").error().fault, Fault::Exists);
  ASSERT_TRUE(make_backup(ledger_.store(), backup_, go_on));
  const auto restored = restore_backup(backup_, ledger_.folder(), go_on);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().fault, Fault::Exists);
  EXPECT_NE(restored.error().reason.find("not empty"), std::string::npos);
}

BackupManifest a_manifest() {
  BackupManifest out;
  out.chain_id.bytes.fill(1);
  out.network = "consortium";
  out.height = Height{7};
  out.digest.bytes.fill(2);
  out.state_root.bytes.fill(3);
  BackupFile genesis{.path = "genesis.json", .bytes = 10, .hash = {}};
  genesis.hash.bytes.fill(4);
  out.files = {genesis, {.path = "ledger/CURRENT", .bytes = 16, .hash = {}}};
  return out;
}

TEST(BackupManifestText, is_golden) {
  const std::string text = encode(a_manifest());
  EXPECT_NE(text.find("\"format\": \"salus.backup.1\""), std::string::npos);
  const auto at = text.find("\"checksum\": \"");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.substr(at + 13, 64),
            "654deb47ed2f48a31ab8851c130aac884c6c8d41345d13fa3afb6ef38bf1de3c");
  const auto decoded = decode_manifest(text);
  ASSERT_TRUE(decoded) << decoded.error().reason;
  EXPECT_EQ(*decoded, a_manifest());
}

TEST(BackupManifestText, is_refused_after_any_change_that_means_something) {
  const std::string text = encode(a_manifest());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    const auto decoded = decode_manifest(changed);
    if (decoded) {
      EXPECT_EQ(*decoded, a_manifest()) << "byte " << at;
    } else {
      EXPECT_EQ(decoded.error().fault, Fault::BackupDamaged);
    }
  }
}

TEST(BackupManifestText, that_leads_out_of_the_folder_is_refused) {
  for (const char* path : {"../genesis.json", "/etc/passwd", "ledger/../x", "ledger/", "ledger/..",
                           "ledger/a/b", "keys/validator.json", ""}) {
    BackupManifest manifest = a_manifest();
    manifest.files = {{.path = path, .bytes = 1, .hash = {}}};
    EXPECT_FALSE(decode_manifest(encode(manifest))) << path;
  }
  for (const char* text : {"", "[]", "{}", "nonsense", "{\"format\": 1}"}) {
    EXPECT_FALSE(decode_manifest(text)) << text;
  }
}

}  // namespace
}  // namespace salus::upkeep
