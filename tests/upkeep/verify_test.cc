// Owns: the proof that a ledger which is right passes, and that any change to what is stored is
// found and named: by place, key and both values.
#include "upkeep/verify.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "consensus/codec.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/prune.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "state/layout.h"
#include "state/prune.h"
#include "state/table.h"
#include "storage/data_folder.h"
#include "support/temp_folder.h"
#include "sync/snapshot_join.h"
#include "upkeep/a_ledger.h"
#include "upkeep/archive.h"

namespace salus::upkeep {
namespace {

using test::ALedger;
using test::read_key;
using test::tamper;

class Verify : public ::testing::Test {
 protected:
  Verify() {
    ALedger ledger{folder_};
    ledger.add_blocks(4);
    ledger.add_segment(3);
    ledger.add_blocks(5);
    tip_ = ledger.tip();
    mira_ = ledger.account("mira");
    ledger.close();
  }

  VerifyReport run(const storage::Path& folder) const {
    auto report = verify_ledger(folder, {.scratch = temp_.path(), .threads = 2});
    EXPECT_TRUE(report) << (report ? "" : report.error().reason);
    return report ? std::move(*report) : VerifyReport{};
  }
  // The one thing that is wrong after a change.
  Finding found_after(const std::string& key, const std::optional<std::string>& value) {
    const auto before = read_key(folder_, key);
    tamper(folder_, key, value);
    const VerifyReport report = run(folder_);
    tamper(folder_, key, before);
    EXPECT_EQ(report.findings.size(), 1U);
    return report.findings.empty() ? Finding{} : report.findings.front();
  }
  std::string balance_key() const {
    return std::string{state::kStatePrefix} +
           state::Key{state::Table::Balances}.bytes(mira_.view()).u32(0).str();
  }

  salus::testing::TempFolder temp_;
  storage::Path folder_ = temp_.path() / "data";
  ledger::TipRecord tip_;
  AccountId mira_;
};

TEST_F(Verify, passes_a_ledger_that_is_right) {
  const VerifyReport report = run(folder_);
  for (const Finding& finding : report.findings) ADD_FAILURE() << to_json(finding).dump(2);
  EXPECT_TRUE(report.is_right());
  EXPECT_EQ(report.height, tip_.height);
  EXPECT_EQ(report.state_root, tip_.state_root);
  EXPECT_EQ(report.blocks, 12U);
  EXPECT_EQ(report.transactions, 4 * 2 + 3 + 5 * 2U);
  // The segment of three has one.
  EXPECT_EQ(report.certificates, 10U);
  EXPECT_GT(report.records, 100U);
}

TEST_F(Verify, names_a_record_that_was_changed_with_the_block_that_wrote_it_and_both_values) {
  const auto stored = read_key(folder_, balance_key());
  ASSERT_TRUE(stored);
  v1::Balance balance;
  ASSERT_TRUE(balance.ParseFromString(*stored));
  const std::uint64_t right = balance.amount();
  balance.set_amount(right + 1'000'000);
  const Finding finding = found_after(balance_key(), balance.SerializeAsString());
  EXPECT_EQ(finding.kind, FindingKind::Stored);
  EXPECT_EQ(finding.height, tip_.height) << "mira pays in each block";
  EXPECT_EQ(finding.module, "assets");
  EXPECT_EQ(finding.table, "Balances");
  EXPECT_EQ(finding.key, "account=" + mira_.to_hex() + " asset=0");
  EXPECT_EQ(finding.expected["amount"], std::to_string(right));
  EXPECT_EQ(finding.found["amount"], std::to_string(right + 1'000'000));
}

TEST_F(Verify, names_a_record_that_is_missing_and_one_that_nobody_wrote) {
  const Finding missing = found_after(balance_key(), std::nullopt);
  EXPECT_EQ(missing.table, "Balances");
  EXPECT_TRUE(missing.found.is_null());
  EXPECT_FALSE(missing.expected.is_null());

  AccountId nobody;
  nobody.bytes.fill(0x77);
  const Finding stray =
      found_after(std::string{state::kStatePrefix} +
                      state::Key{state::Table::Balances}.bytes(nobody.view()).u32(0).str(),
                  "");
  EXPECT_EQ(stray.key, "account=" + nobody.to_hex() + " asset=0");
  EXPECT_TRUE(stray.expected.is_null());
  const Finding foreign = found_after("zzz", "1");
  EXPECT_EQ(foreign.kind, FindingKind::Stored);
}

TEST_F(Verify, names_results_indexes_and_outcomes_that_were_changed) {
  v1::BlockResults results;
  ASSERT_TRUE(results.ParseFromString(*read_key(folder_, ledger::results_key(Height{3}))));
  results.mutable_results(1)->set_code(v1::ERROR_CODE_SEQUENCE_USED);
  const Finding result = found_after(ledger::results_key(Height{3}), results.SerializeAsString());
  EXPECT_EQ(result.height, Height{3});
  EXPECT_EQ(result.table, "results");
  EXPECT_EQ(result.key, "height=3 transaction=1");
  EXPECT_NE(result.expected["code"], result.found["code"]);

  std::string outcome = *read_key(folder_, ledger::outcome_key(Height{6}));
  outcome[0] = static_cast<char>(outcome[0] ^ 1);
  EXPECT_EQ(found_after(ledger::outcome_key(Height{6}), outcome).height, Height{6});
  const Finding index = found_after(ledger::height_key(tip_.digest), std::nullopt);
  EXPECT_EQ(index.table, "heights");
  std::string tip = *read_key(folder_, std::string{ledger::kTipKey});
  tip.back() = static_cast<char>(tip.back() ^ 1);
  EXPECT_EQ(found_after(std::string{ledger::kTipKey}, tip).table, "tip");
}

TEST_F(Verify, names_a_page_of_the_tree_that_was_changed) {
  std::string key;
  std::string value;
  {
    const auto store = storage::RocksStore::open_to_read(folder_ / "ledger");
    ASSERT_TRUE(store);
    (*store)->scan(state::kPagePrefix, {}, [&](std::string_view at, std::string_view bytes) {
      key = at;
      value = bytes;
      return true;
    });
  }
  value.back() = static_cast<char>(value.back() ^ 1);
  const Finding finding = found_after(key, value);
  EXPECT_EQ(finding.module, "state");
  EXPECT_EQ(finding.table, "tree");
}

TEST_F(Verify, refuses_every_changed_bit_of_a_block_at_the_first_that_does_not_follow) {
  const std::string key = ledger::block_key(Height{2});
  const std::string bytes = *read_key(folder_, key);
  for (std::size_t at = 0; at < bytes.size(); at += 131) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x04);
    const Finding finding = found_after(key, changed);
    EXPECT_TRUE(finding.height == Height{2} || finding.height == Height{3}) << at;
    EXPECT_NE(finding.kind, FindingKind::File);
  }
  EXPECT_EQ(found_after(key, std::nullopt).kind, FindingKind::Block);
}

TEST_F(Verify, refuses_finalizations_that_prove_nothing) {
  struct Case {
    const char* name;
    std::uint64_t height;
    std::uint64_t taken_from;
  };
  constexpr Case kCases[] = {
      {"of the block below", 4, 3},
      {"of a segment that begins later", 1, 6},
      {"at the end, of a block below", 12, 11},
  };
  for (const Case& row : kCases) {
    const auto other = read_key(folder_, ledger::certificate_key(Height{row.taken_from}));
    const Finding finding = found_after(ledger::certificate_key(Height{row.height}), other);
    EXPECT_EQ(finding.kind, FindingKind::Certificate) << row.name << finding.sentence;
  }
  std::string forged = *read_key(folder_, ledger::certificate_key(Height{2}));
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_EQ(found_after(ledger::certificate_key(Height{2}), forged).kind, FindingKind::Certificate);
  EXPECT_EQ(found_after(ledger::certificate_key(Height{2}), std::nullopt).kind,
            FindingKind::Certificate);
}

TEST_F(Verify, refuses_another_genesis_document) {
  const std::string key{ledger::kGenesisKey};
  std::string document = *read_key(folder_, key);
  const auto at = document.find("mira");
  document[at == std::string::npos ? 10 : at] ^= 1;
  const Finding finding = found_after(key, document);
  EXPECT_TRUE(finding.kind == FindingKind::Genesis || finding.kind == FindingKind::Certificate ||
              finding.kind == FindingKind::Block)
      << finding.sentence;
}

TEST_F(Verify, names_a_file_with_one_changed_byte_and_looks_no_further) {
  for (const auto& entry : std::filesystem::directory_iterator{folder_ / "ledger"}) {
    const std::string name = entry.path().filename().string();
    const bool counts = name == "CURRENT" || name.starts_with("MANIFEST") ||
                        name.ends_with(".log") || name.ends_with(".sst");
    if (!counts || std::filesystem::file_size(entry.path()) == 0) continue;
    std::string bytes;
    {
      std::ifstream file{entry.path(), std::ios::binary};
      bytes.assign(std::istreambuf_iterator<char>{file}, {});
    }
    std::string changed = bytes;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 0x08);
    std::ofstream{entry.path(), std::ios::binary} << changed;
    const VerifyReport report = run(folder_);
    std::ofstream{entry.path(), std::ios::binary} << bytes;
    ASSERT_FALSE(report.findings.empty()) << name;
    EXPECT_EQ(report.findings.front().kind, FindingKind::File) << name;
    EXPECT_NE(report.findings.front().sentence.find(name), std::string::npos)
        << report.findings.front().sentence;
  }
  EXPECT_TRUE(run(folder_).is_right());
}

TEST_F(Verify, is_refused_where_there_is_no_ledger_or_a_node_runs) {
  const auto nothing = verify_ledger(temp_.path(), {});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, Fault::NoLedger);

  const auto held = storage::DataFolder::open(folder_);
  ASSERT_TRUE(held);
  const auto in_use = verify_ledger(folder_, {});
  ASSERT_FALSE(in_use);
  EXPECT_EQ(in_use.error().fault, Fault::InUse);
}

TEST(VerifyNotes, of_epochs_are_compared_with_how_the_epochs_ended) {
  const salus::testing::TempFolder temp;
  const storage::Path folder = temp.path() / "data";
  ALedger ledger{folder};
  ledger.end_epoch("olga", 'a');
  const Height first = ledger.tip().height;
  ledger.end_epoch("omar", 'b');
  const Height second = ledger.tip().height;
  ledger.add_blocks(2);
  ledger.close();
  const auto run = [&] {
    auto report = verify_ledger(folder, {.scratch = temp.path(), .threads = 2});
    EXPECT_TRUE(report) << (report ? "" : report.error().reason);
    return report ? std::move(report->findings) : std::vector<Finding>{};
  };
  const std::string notes[] = {replica::epoch_end_key(Epoch{0}), replica::epoch_end_key(Epoch{1})};
  tamper(folder, notes[1], ledger::encode_height(second));
  EXPECT_TRUE(run().empty()) << "a node that joined in epoch 1";
  tamper(folder, notes[0], ledger::encode_height(first));
  EXPECT_TRUE(run().empty());

  const auto expect_found = [&](const std::string& what) {
    const auto findings = run();
    ASSERT_EQ(findings.size(), 1U) << what;
    EXPECT_EQ(findings[0].kind, FindingKind::Stored) << what;
    EXPECT_EQ(findings[0].table, "epoch_heights") << what;
  };
  tamper(folder, notes[0], ledger::encode_height(first.next()));
  expect_found("another height");
  tamper(folder, notes[0], "short");
  expect_found("another form");
  tamper(folder, notes[0], ledger::encode_height(first));
  tamper(folder, notes[1], std::nullopt);
  expect_found("the last one is missing");
  tamper(folder, notes[1], ledger::encode_height(second));
  tamper(folder, replica::epoch_end_key(Epoch{2}), ledger::encode_height(second.next()));
  expect_found("an epoch that has not ended");
}

TEST(VerifyWhileJoining, says_that_a_snapshot_is_not_whole_and_what_to_do) {
  const salus::testing::TempFolder temp;
  const storage::Path folder = temp.path() / "data";
  ALedger ledger{folder};
  ledger.add_blocks(6);
  const Bytes offer = *sync::make_offer(ledger::Reader{ledger.store()}, 5);
  ledger.close();
  // As a join that was killed leaves it.
  tamper(folder, std::string{sync::kJoinKey}, '\1' + std::string{as_chars(offer)});
  const auto refused = verify_ledger(folder, {.scratch = temp.path()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::NoLedger);
  for (const char* part : {"snapshot of height 5", "not finished", "sync.snapshot = true"}) {
    EXPECT_NE(refused.error().reason.find(part), std::string::npos) << refused.error().reason;
  }
  const auto still = StillFolder::hold(folder);
  ASSERT_TRUE(still);
  EXPECT_EQ(still->open_initialised().error().fault, Fault::NoLedger);
  // Before an offer was taken.
  tamper(folder, std::string{sync::kJoinKey}, std::string(1, '\0'));
  EXPECT_FALSE(verify_ledger(folder, {.scratch = temp.path()}));
}

TEST_F(Verify, leaves_no_intermediate_data_and_changes_no_byte) {
  const auto list = [&] {
    std::map<std::string, std::uint64_t> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{temp_.path()}) {
      if (entry.is_regular_file()) out[entry.path().string()] = entry.file_size();
    }
    return out;
  };
  const auto before = list();
  EXPECT_TRUE(run(folder_).is_right());
  EXPECT_EQ(list(), before);
}

void forget(const storage::Path& folder, std::uint64_t block, std::uint64_t results,
            std::uint64_t state) {
  auto store = storage::RocksStore::open(folder / "ledger");
  ASSERT_TRUE(store);
  const auto chain = ledger::prune_chain(**store, {Height{block}, Height{results}}, 99'999);
  ASSERT_TRUE((*store)->write(chain.batch));
  ASSERT_TRUE((*store)->write(state::prune_state(**store, Height{state}, 99'999).batch));
}

// A ledger that forgot, or never had, its first blocks.
class VerifyLater : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    origin_ = std::make_unique<salus::testing::TempFolder>();
    const storage::Path& path = origin_->path();
    ALedger ledger{path / "data"};
    ledger.add_blocks(6);
    ledger.add_segment(3);
    ledger.add_blocks(7);
    test::join_by_snapshot(ledger, path / "joined", 5, Height{16});
    ledger.close();
    EXPECT_TRUE(archive_ledger(path / "data", path / "archive", std::nullopt, [](auto&&) {}));
  }
  static void TearDownTestSuite() { origin_.reset(); }
  VerifyLater() {
    for (const char* part : {"data", "joined", "archive"}) {
      std::filesystem::copy(origin_->path() / part, temp_.path() / part,
                            std::filesystem::copy_options::recursive);
    }
  }
  void forget(std::uint64_t block, std::uint64_t results, std::uint64_t state) {
    upkeep::forget(folder_, block, results, state);
  }
  VerifyReport run(const storage::Path& folder, const storage::Path& archive = {}) const {
    auto report =
        verify_ledger(folder, {.scratch = temp_.path(), .archive = archive, .threads = 2});
    EXPECT_TRUE(report) << (report ? "" : report.error().reason);
    return report ? std::move(*report) : VerifyReport{};
  }
  void expect_right(const VerifyReport& report) {
    for (const Finding& finding : report.findings) ADD_FAILURE() << to_json(finding).dump(2);
  }
  Finding found_after(const storage::Path& folder, const std::string& key,
                      const std::optional<std::string>& value) {
    const auto before = read_key(folder, key);
    EXPECT_NE(before, value) << "a change";
    tamper(folder, key, value);
    const VerifyReport report = run(folder);
    tamper(folder, key, before);
    EXPECT_EQ(report.findings.size(), 1U) << key;
    return report.findings.empty() ? Finding{} : report.findings.front();
  }

  inline static std::unique_ptr<salus::testing::TempFolder> origin_;
  salus::testing::TempFolder temp_;
  storage::Path folder_ = temp_.path() / "data";
  storage::Path joined_ = temp_.path() / "joined";
  storage::Path archive_ = temp_.path() / "archive";
};

TEST_F(VerifyLater, begins_with_the_lowest_state_and_says_so) {
  forget(4, 7, 9);
  const VerifyReport report = run(folder_);
  expect_right(report);
  EXPECT_EQ(report.executed_from, Height{9});
  EXPECT_EQ(report.linked_from, Height{4});
  EXPECT_TRUE(report.is_certified);
  EXPECT_EQ(report.blocks, 13U) << "six by hash, seven executed";
  EXPECT_EQ(report.archived, 0U);
}

TEST_F(VerifyLater, begins_above_the_lowest_state_where_the_blocks_begin_later) {
  forget(12, 12, 5);
  const VerifyReport report = run(folder_);
  expect_right(report);
  EXPECT_EQ(report.executed_from, Height{12});
  EXPECT_EQ(report.linked_from, Height{12});
}

TEST_F(VerifyLater,
       follows_a_ledger_with_all_blocks_from_genesis_though_events_and_states_are_gone) {
  forget(1, 7, 9);
  const VerifyReport report = run(folder_);
  expect_right(report);
  EXPECT_EQ(report.executed_from, Height{0});
  EXPECT_EQ(report.blocks, 16U);
}

TEST_F(VerifyLater, begins_with_the_snapshot_of_a_ledger_that_joined_by_one) {
  const VerifyReport report = run(joined_);
  expect_right(report);
  EXPECT_EQ(report.executed_from, Height{15});
  EXPECT_EQ(report.blocks, 1U);
}

TEST_F(VerifyLater, a_ledger_that_joined_by_a_snapshot_stays_right_when_it_forgets_results_first) {
  const storage::Path joined = temp_.path() / "joined earlier";
  ALedger origin{temp_.path() / "origin"};
  origin.add_blocks(9);
  test::join_by_snapshot(origin, joined, 5, Height{9});
  for (const std::uint64_t block : {6U, 7U, 8U}) {
    upkeep::forget(joined, block, 8, 0);
    expect_right(run(joined));
  }
}

TEST_F(VerifyLater, begins_with_genesis_again_when_an_archive_has_the_blocks) {
  forget(4, 7, 9);
  for (const auto& folder : {folder_, joined_}) {
    const VerifyReport report = run(folder, archive_);
    expect_right(report);
    EXPECT_EQ(report.executed_from, Height{0});
    EXPECT_EQ(report.blocks, 16U);
    EXPECT_EQ(report.archived, folder == folder_ ? 3U : 15U);
  }
  std::filesystem::remove_all(archive_);
  const VerifyReport without = run(folder_, archive_);
  ASSERT_EQ(without.findings.size(), 1U);
  EXPECT_EQ(without.findings[0].height, Height{1});
}

TEST_F(VerifyLater, an_imported_archive_makes_a_ledger_that_is_right_from_genesis) {
  forget(4, 7, 9);
  ASSERT_TRUE(import_into(folder_, archive_, [](auto&&) {}));
  const VerifyReport report = run(folder_);
  expect_right(report);
  EXPECT_EQ(report.executed_from, Height{0});
}

TEST_F(VerifyLater, names_whatever_was_changed_in_what_is_left) {
  forget(4, 7, 9);
  const auto flipped = [&](const std::string& key) {
    auto value = read_key(folder_, key);
    EXPECT_TRUE(value) << key;
    value->back() = static_cast<char>(value->back() ^ 1);
    return value;
  };
  const auto kind_after = [&](const std::string& key) {
    return found_after(folder_, key, flipped(key)).kind;
  };
  // Below the base: by hash. Above it: executed.
  EXPECT_EQ(kind_after(ledger::block_key(Height{5})), FindingKind::Block);
  EXPECT_EQ(kind_after(ledger::block_key(Height{13})), FindingKind::Block);
  EXPECT_EQ(kind_after(ledger::certificate_key(Height{5})), FindingKind::Certificate);
  EXPECT_EQ(kind_after(ledger::certificate_key(Height{10})), FindingKind::Certificate);
  EXPECT_EQ(kind_after(ledger::results_key(Height{8})), FindingKind::Stored);
  EXPECT_EQ(kind_after(ledger::results_key(Height{12})), FindingKind::Stored);
  std::string outcome = *read_key(folder_, ledger::outcome_key(Height{6}));
  outcome[0] = static_cast<char>(outcome[0] ^ 1);
  EXPECT_EQ(found_after(folder_, ledger::outcome_key(Height{6}), outcome).kind,
            FindingKind::Stored);
  EXPECT_EQ(found_after(folder_, ledger::block_key(Height{5}), std::nullopt).kind,
            FindingKind::Block);
  EXPECT_EQ(found_after(folder_, "zzz", "1").kind, FindingKind::Stored);
  std::string page;
  for (const auto& [key, value] : test::all_entries(folder_)) {
    if (key.starts_with(state::kPagePrefix)) page = page.empty() ? key : page;
  }
  EXPECT_EQ(found_after(folder_, page, std::nullopt).kind, FindingKind::Stored);
  // Each table of the state: first and last entry.
  for (const std::string_view prefix :
       {state::kStatePrefix, state::kPagePrefix, state::kHistoryPrefix, state::kStalePrefix}) {
    std::string last;
    for (const auto& [key, value] : test::all_entries(folder_)) {
      if (key.starts_with(prefix) && !value.empty()) last = key;
    }
    ASSERT_FALSE(last.empty()) << prefix;
    const Finding changed = found_after(folder_, last, flipped(last));
    EXPECT_EQ(changed.kind, FindingKind::Stored) << prefix << changed.sentence;
  }
}

TEST(VerifyEpochs, follows_the_sets_through_recorded_ends_where_the_blocks_are_gone) {
  const salus::testing::TempFolder temp;
  const storage::Path folder = temp.path() / "data";
  const storage::Path archive = temp.path() / "archive";
  ALedger ledger{folder};
  ledger.add_blocks(2);
  ledger.end_epoch("olga", 'a');
  ledger.add_blocks(1);
  ledger.end_epoch("omar", 'b');
  ledger.add_blocks(5);
  ASSERT_EQ(ledger.tip().validators.epoch(), 2U);
  const Height tip = ledger.tip().height;
  ledger.close();
  ASSERT_TRUE(archive_ledger(folder, archive, std::nullopt, [](auto&&) {}));
  forget(folder, tip.value() - 4, tip.value() - 4, tip.value() - 2);
  const auto run = [&](const storage::Path& with) {
    auto report = verify_ledger(folder, {.scratch = temp.path(), .archive = with, .threads = 2});
    EXPECT_TRUE(report) << (report ? "" : report.error().reason);
    return report ? std::move(*report) : VerifyReport{};
  };
  for (const auto& with : {storage::Path{}, archive}) {
    const VerifyReport report = run(with);
    for (const Finding& finding : report.findings) ADD_FAILURE() << to_json(finding).dump(2);
    EXPECT_EQ(report.epochs, 3U);
    EXPECT_EQ(report.executed_from, with.empty() ? Height{tip.value() - 2} : Height{0});
  }
  // The end of epoch 1 proves nothing any more.
  const std::string key = ledger::epoch_end_key(Epoch{1});
  const auto stored = read_key(folder, key);
  ASSERT_TRUE(stored);
  tamper(folder, key, read_key(folder, ledger::epoch_end_key(Epoch{0})));
  const VerifyReport forged = run({});
  ASSERT_EQ(forged.findings.size(), 1U);
  EXPECT_EQ(forged.findings[0].kind, FindingKind::Certificate);
  tamper(folder, key, stored);
  const auto done = import_into(folder, archive, [](auto&&) {});
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(done->block, Height{1}) << "across both ends";
  EXPECT_TRUE(run({}).is_right());
}

}  // namespace
}  // namespace salus::upkeep
