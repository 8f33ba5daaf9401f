// Owns: the proof that what is archived comes back byte for byte, that no file is believed before
// it is verified, and that a crash or a gap leaves a ledger that is merely shorter.
#include "upkeep/archive.h"

#include <gtest/gtest.h>

#include <fstream>

#include "ledger/body_codec.h"
#include "ledger/header.h"
#include "ledger/keys.h"
#include "ledger/prune.h"
#include "ledger/reader.h"
#include "support/faulty_store.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"

namespace salus::upkeep {
namespace {

using test::ALedger;
using test::all_entries;

// BLAKE2b-256 of the bytes, as `b2sum -l 256` prints it.
constexpr std::string_view kGoldenName =
    "000000000007-000000000007-d847450314dc4daaf6e737e5a6f1d8a5b536cabf91d50e6096612026b940f66b."
    "archive";
constexpr auto kNothing = [](auto&&) {};

// One empty block with opaque papers.
Archive small_archive() {
  ledger::Header header;
  header.chain_id.bytes.fill(0xc1);
  header.height = Height{7};
  Archive out{.head = {.chain_id = header.chain_id, .first = Height{7}, .last = Height{7}},
              .blocks = {}};
  ArchivedBlock entry{.block = ledger::encode_body(ledger::encode(header), {}),
                      .certificate = "c",
                      .outcome = {},
                      .results = "r"};
  entry.outcome.active = true;
  out.blocks.push_back(entry);
  return out;
}

TEST(ArchiveFormat, has_golden_bytes_and_a_name_that_any_program_can_check) {
  const std::string bytes = encode(small_archive());
  const std::string body = small_archive().blocks[0].block;
  std::string chain;
  for (int i = 0; i < 32; ++i) chain += "c1";
  // Tag, chain, range; block, certificate, roots, active, has results, results.
  EXPECT_EQ(hex(as_bytes(bytes)), "73616c75732e617263686976652e3100" + chain +
                                      "00000000000000070000000000000007" + "000000e9" +
                                      hex(as_bytes(body)) + "0000000163" + std::string(128, '0') +
                                      "0101" + "0000000172");
  EXPECT_EQ(archive_name(small_archive().head, archive_hash(as_bytes(bytes))), kGoldenName);
}

TEST(ArchiveFormat, comes_back_and_no_changed_or_cut_file_is_another_one) {
  const std::string bytes = encode(small_archive());
  const auto back = decode_archive(as_bytes(bytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), bytes);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_archive(as_bytes(bytes.substr(0, length)))) << length;
  }
  EXPECT_EQ(decode_archive(as_bytes(bytes + "x")).error(), ArchiveFlaw::Incomplete);
  const Hash hash = archive_hash(as_bytes(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(archive_hash(as_bytes(changed)), hash) << bit;
    const auto other = decode_archive(as_bytes(changed));
    if (other) {
      EXPECT_EQ(encode(*other), changed) << bit;
    }
  }
}

TEST(ArchiveFormat, refuses_what_it_cannot_be_by_name) {
  const auto flaw = [](Archive archive) {
    return decode_archive(as_bytes(encode(archive))).error();
  };
  Archive other = small_archive();
  other.head.chain_id.bytes.fill(1);
  EXPECT_EQ(flaw(other), ArchiveFlaw::OtherBlock);
  other = small_archive();
  other.head.last = Height{7 + kArchiveBlocksMax};
  EXPECT_EQ(flaw(other), ArchiveFlaw::TooLarge);
  other = small_archive();
  other.head.first = Height{8};
  EXPECT_EQ(flaw(other), ArchiveFlaw::NotAnArchive);
  other = small_archive();
  other.head.last = Height{8};
  EXPECT_EQ(flaw(other), ArchiveFlaw::Incomplete);
  ledger::Header next;
  next.chain_id = other.head.chain_id;
  next.height = Height{8};
  other.blocks.push_back(other.blocks[0]);
  other.blocks[1].block = ledger::encode_body(ledger::encode(next), {});
  EXPECT_EQ(flaw(other), ArchiveFlaw::Unlinked);
  for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(ArchiveFlaw::Unlinked); ++i) {
    EXPECT_FALSE(sentence(static_cast<ArchiveFlaw>(i)).empty());
  }
}

TEST(ArchiveFormat, a_name_has_one_spelling) {
  const std::string name = archive_name(small_archive().head, Hash{});
  ASSERT_TRUE(parse_archive_name(name));
  EXPECT_EQ(parse_archive_name(name)->first, Height{7});
  for (const std::string& other :
       {name + "x", "0" + name, name.substr(1), std::string{"-.archive"}, std::string{".archive"},
        std::string{"archive.unfinished"}, std::string{}}) {
    EXPECT_FALSE(parse_archive_name(other)) << other;
  }
}

// One ledger and its archive, of which each test gets a copy.
class Archived : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    origin_ = std::make_unique<salus::testing::TempFolder>();
    ALedger ledger{origin_->path() / "data"};
    ledger.add_blocks(4);
    ledger.add_segment(3);
    ledger.add_blocks(5);
    tip_ = ledger.tip();
    chain_id_ = ledger.chain_id();
    ledger.close();
    whole_ = all_entries(origin_->path() / "data");
    // Files of 1-3, 4-6 (within the segment), and 7-10.
    for (const std::uint64_t below : {4U, 7U, 11U}) {
      const auto done = archive_ledger(origin_->path() / "data", origin_->path() / "archive",
                                       Height{below}, kNothing);
      ASSERT_TRUE(done) << done.error().reason;
      EXPECT_EQ(done->files, 1U);
      EXPECT_EQ(done->next, Height{below});
    }
  }
  static void TearDownTestSuite() { origin_.reset(); }
  Archived() { begin_anew(); }

  void begin_anew() {
    for (const char* part : {"data", "archive"}) {
      std::filesystem::remove_all(temp_.path() / part);
      std::filesystem::copy(origin_->path() / part, temp_.path() / part,
                            std::filesystem::copy_options::recursive);
    }
  }
  void forget(std::uint64_t block, std::uint64_t results) {
    auto store = storage::RocksStore::open(folder_ / "ledger");
    ASSERT_TRUE(store);
    const auto step = ledger::prune_chain(**store, {Height{block}, Height{results}}, 99'999);
    ASSERT_TRUE((*store)->write(step.batch).has_value());
  }
  void expect_whole() {
    auto now = all_entries(folder_);
    now.erase(std::string{ledger::kKeptKey});
    EXPECT_EQ(now, whole_);
  }
  ledger::Kept kept() {
    return ledger::Reader{**storage::RocksStore::open_to_read(folder_ / "ledger")}.kept();
  }
  std::vector<ArchiveFile> files() { return *list_archive(archive_, chain_id()); }
  static const ChainId& chain_id() { return chain_id_; }
  static void damage(const Path& path) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(900);
    file.put('x');
  }
  // Another content under its own right name, in place of the file.
  void replace(const ArchiveFile& file, const std::function<void(Archive&)>& change) {
    auto archive = read_archive(file);
    ASSERT_TRUE(archive);
    change(*archive);
    const std::string bytes = encode(*archive);
    std::filesystem::remove(file.path);
    std::ofstream{archive_ / archive_name(archive->head, archive_hash(as_bytes(bytes))),
                  std::ios::binary}
        << bytes;
  }

  inline static std::unique_ptr<salus::testing::TempFolder> origin_;
  inline static ledger::TipRecord tip_;
  inline static ChainId chain_id_;
  inline static std::map<std::string, std::string> whole_;
  salus::testing::TempFolder temp_;
  storage::Path folder_ = temp_.path() / "data";
  storage::Path archive_ = temp_.path() / "archive";
};

TEST_F(Archived, blocks_come_back_byte_for_byte) {
  forget(9, 11);
  const auto done = import_into(folder_, archive_, kNothing);
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(done->blocks, 8U);
  EXPECT_EQ(done->block, Height{1});
  EXPECT_EQ(done->results, Height{1});
  expect_whole();
  const auto again = import_into(folder_, archive_, kNothing);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->blocks, 0U);
}

TEST_F(Archived, files_are_never_written_twice_and_cover_without_gaps) {
  const auto before = files();
  ASSERT_EQ(before.size(), 3U);
  EXPECT_EQ(first_not_archived(before, Height{1}), Height{11});
  EXPECT_EQ(first_not_archived(before, Height{11}), Height{11});
  EXPECT_EQ(first_not_archived({before[0], before[2]}, Height{1}), Height{4});
  const auto more = archive_ledger(folder_, archive_, std::nullopt, kNothing);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->blocks, 2U) << "with the tip";
  EXPECT_EQ(archive_ledger(folder_, archive_, std::nullopt, kNothing)->files, 0U);
}

TEST_F(Archived, a_gap_ends_the_import_where_it_is) {
  forget(9, 9);
  std::filesystem::remove(files()[1].path);
  const auto done = import_into(folder_, archive_, kNothing);
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(done->block, Height{7});
  EXPECT_EQ(kept(), (ledger::Kept{Height{7}, Height{7}}));
}

TEST_F(Archived, results_that_were_pruned_before_are_absent_and_stay_so) {
  forget(1, 5);
  std::filesystem::remove_all(archive_);
  ASSERT_TRUE(archive_ledger(folder_, archive_, Height{11}, kNothing));
  forget(9, 9);
  const auto done = import_into(folder_, archive_, kNothing);
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(kept(), (ledger::Kept{Height{1}, Height{5}}));
}

TEST_F(Archived, a_crash_between_two_batches_leaves_a_whole_ledger_that_goes_on) {
  forget(10, 10);
  StoreBatch pruned;
  for (const auto& [key, value] : all_entries(folder_)) pruned.put(key, value);
  using Survives = salus::testing::FaultyStore::BatchSurvives;
  // One batch a file.
  for (std::uint64_t at = 0; at < 3; ++at) {
    salus::testing::FaultyStore store;
    ASSERT_TRUE(store.write(pruned).has_value());
    store.fail_write_after(at, at == 1 ? Survives::Yes : Survives::No);
    const auto cut = import_archive(store, archive_, kNothing);
    ASSERT_FALSE(cut) << at;
    EXPECT_EQ(cut.error().fault, Fault::DiskFailed);
    store.restart();
    const ledger::Reader reader{store};
    for (Height height = reader.kept().block; height <= tip_.height; height = height.next()) {
      EXPECT_TRUE(reader.block(height)->has_results()) << height.value();
    }
    const auto done = import_archive(store, archive_, kNothing);
    ASSERT_TRUE(done) << done.error().reason;
    EXPECT_EQ(done->block, Height{1});
  }
}

TEST_F(Archived, a_damaged_file_is_named_and_nothing_of_it_counts) {
  forget(9, 9);
  const Path path = files()[2].path;
  damage(path);
  const auto refused = import_into(folder_, archive_, kNothing);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::Damaged);
  EXPECT_NE(refused.error().reason.find(path.filename().string()), std::string::npos);
  EXPECT_EQ(kept().block, Height{9});
}

TEST_F(Archived, a_file_that_does_not_read_back_never_gets_its_name) {
  std::filesystem::remove_all(archive_);
  test::tamper(folder_, ledger::block_key(Height{2}), "what is no block reads back as none");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto refused = archive_ledger(folder_, archive_, Height{4}, kNothing);
    ASSERT_FALSE(refused) << attempt;
    EXPECT_EQ(refused.error().fault, Fault::Damaged);
    EXPECT_TRUE(files().empty());
  }
}

TEST_F(Archived, a_damaged_file_is_written_anew_by_whoever_still_has_its_blocks) {
  const ArchiveFile file = files()[0];
  damage(file.path);
  ASSERT_FALSE(read_archive(file));
  const auto store = storage::RocksStore::open_to_read(folder_ / "ledger");
  const auto again = write_archive(**store, archive_, file.name.first, file.name.last);
  ASSERT_TRUE(again) << again.error().reason;
  EXPECT_EQ(again->path, file.path);
  EXPECT_TRUE(read_archive(file));
}

TEST_F(Archived, a_file_counts_before_a_pruning_only_if_it_holds_what_the_ledger_does) {
  const auto check = [&](const ArchiveFile& file) {
    return check_archived(**storage::RocksStore::open_to_read(folder_ / "ledger"), file);
  };
  for (const ArchiveFile& file : files()) EXPECT_TRUE(check(file));
  replace(files()[0], [](Archive& archive) { archive.blocks[1].results.reset(); });
  replace(files()[1], [](Archive& archive) { archive.blocks[1].outcome.active ^= true; });
  replace(files()[2], [](Archive& archive) {
    auto& transactions = archive.blocks[3].block;
    transactions.back() = static_cast<char>(transactions.back() ^ 1);
  });
  for (const ArchiveFile& file : files()) {
    const auto refused = check(file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::Damaged);
    EXPECT_NE(refused.error().reason.find(file.path.string()), std::string::npos);
  }
  // What is forgotten here already is not compared.
  forget(4, 4);
  EXPECT_TRUE(check(files()[0]));
}

TEST_F(Archived, a_file_under_its_right_name_that_tells_another_story_is_refused) {
  struct Case {
    const char* name;
    std::function<void(Archive&)> change;
  };
  const Case cases[] = {
      {"other results",
       [](Archive& archive) { archive.blocks[1].results = archive.blocks[3].results; }},
      {"another root",
       [](Archive& archive) { archive.blocks[1].outcome.state_root.bytes[0] ^= 1; }},
      {"a certificate of the block below",
       [](Archive& archive) { archive.blocks[1].certificate = archive.blocks[0].certificate; }},
      {"a forged signature",
       [](Archive& archive) {
         auto& last = archive.blocks[1].certificate.back();
         last = static_cast<char>(last ^ 1);
       }},
      {"no certificate", [](Archive& archive) { archive.blocks[1].certificate.clear(); }},
  };
  for (const Case& row : cases) {
    begin_anew();
    forget(11, 11);
    replace(files()[2], row.change);
    const auto refused = import_into(folder_, archive_, kNothing);
    ASSERT_FALSE(refused) << row.name;
    EXPECT_EQ(refused.error().fault, Fault::Damaged) << row.name;
    EXPECT_GT(kept().block, Height{8}) << row.name;
  }
}

TEST_F(Archived, files_of_other_chains_and_strangers_are_passed_over) {
  std::ofstream{archive_ / "notes.txt"} << "ours";
  std::ofstream{archive_ / "archive.unfinished"} << "half";
  const std::string other = encode(small_archive());
  std::ofstream{archive_ / archive_name(small_archive().head, archive_hash(as_bytes(other))),
                std::ios::binary}
      << other;
  EXPECT_EQ(files().size(), 3U);
  EXPECT_TRUE(list_archive(temp_.path() / "absent", chain_id())->empty());
}

}  // namespace
}  // namespace salus::upkeep
