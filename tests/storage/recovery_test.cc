// Owns: the table of S9 and the reasons of S10, on real files.
#include "storage/recovery.h"

#include <gtest/gtest.h>

#include "a_validator.h"

namespace salus::storage {
namespace {

consensus::Registers registers_of(const std::vector<consensus::Subject>& votes) {
  consensus::Registers registers;
  for (const auto& vote : votes) registers.record(vote);
  return registers;
}

TEST(Compare, follows_the_table_of_s9) {
  const auto one = registers_of(notarizes(1).votes);
  const auto two = registers_of(notarizes(2).votes);
  const auto other = registers_of(notarizes(2, "B").votes);
  const auto both = registers_of({notarizes(2).votes[0], nullifies(1).votes[0]});
  const consensus::Registers none;
  struct Case {
    const char* name;
    VoteRecord guard;
    bool guard_in_epoch;
    VoteRecord journal;
    std::uint64_t ledger;
    Comparison expected;
  };
  const Case kCases[] = {
      {"equal", {Stage{7}, two}, true, {Stage{7}, two}, 7, Comparison::Level},
      {"equal, ledger behind", {Stage{7}, two}, true, {Stage{7}, two}, 3, Comparison::Level},
      {"equal, new epoch", {Stage{7}, none}, false, {Stage{7}, none}, 7, Comparison::Level},
      {"equal stage, other vote",
       {Stage{7}, two},
       true,
       {Stage{7}, other},
       7,
       Comparison::RegistersDiffer},
      {"equal stage, journal lacks one",
       {Stage{7}, both},
       true,
       {Stage{7}, two},
       7,
       Comparison::RegistersDiffer},
      {"guard one ahead", {Stage{7}, two}, true, {Stage{6}, one}, 6, Comparison::JournalLags},
      {"guard one ahead, journal contradicts",
       {Stage{7}, one},
       true,
       {Stage{6}, two},
       6,
       Comparison::RegistersDiffer},
      {"guard one ahead of an empty journal",
       {Stage{7}, one},
       true,
       {Stage{6}, none},
       6,
       Comparison::JournalLags},
      {"guard one ahead, in an older epoch",
       {Stage{7}, none},
       false,
       {Stage{6}, none},
       6,
       Comparison::StagesApart},
      {"journal one ahead", {Stage{6}, one}, true, {Stage{7}, two}, 6, Comparison::GuardLags},
      {"journal one ahead, new epoch",
       {Stage{6}, none},
       false,
       {Stage{7}, one},
       6,
       Comparison::GuardLags},
      {"journal one ahead, guard contradicts",
       {Stage{6}, other},
       true,
       {Stage{7}, two},
       6,
       Comparison::RegistersDiffer},
      {"guard two ahead", {Stage{8}, two}, true, {Stage{6}, one}, 6, Comparison::StagesApart},
      {"journal two ahead", {Stage{6}, one}, true, {Stage{8}, two}, 6, Comparison::StagesApart},
      {"ledger above both", {Stage{7}, two}, true, {Stage{7}, two}, 8, Comparison::LedgerAhead},
      {"ledger level with the higher",
       {Stage{6}, one},
       true,
       {Stage{7}, two},
       7,
       Comparison::GuardLags},
      {"new key, old ledger", {Stage{0}, none}, false, {Stage{0}, none}, 40, Comparison::NewKey},
      {"new guard, journal with votes",
       {Stage{0}, none},
       false,
       {Stage{40}, one},
       40,
       Comparison::StagesApart},
      {"first vote, guard page lost",
       {Stage{0}, none},
       false,
       {Stage{1}, one},
       0,
       Comparison::GuardLags},
  };
  for (const Case& row : kCases) {
    EXPECT_EQ(compare(row.guard, row.guard_in_epoch, row.journal, Stage{row.ledger}), row.expected)
        << row.name;
  }
}

void expect_amnesia(AValidator& validator) {
  {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::Restricted);
    EXPECT_FALSE(node.why.empty());
    ASSERT_TRUE(node.guard.restriction());
    EXPECT_EQ(*node.guard.restriction(), (Restriction{RestrictionKind::Amnesia, a_nonce()}));
  }
  // It stays so, and says so, at every later start.
  auto again = validator.start();
  EXPECT_EQ(again.standing, Standing::Restricted);
  EXPECT_FALSE(again.why.empty());
  // An observer keeps a journal all the same.
  EXPECT_TRUE(again.journal.append_and_sync(quiet_stage(again.last_stage())));
}

TEST(Recovery, of_a_new_validator_may_vote) {
  AValidator validator;
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote);
  EXPECT_EQ(node.registers(), consensus::Registers{});
  EXPECT_EQ(node.last_stage(), Stage{});
}

TEST(Recovery, finds_guard_and_journal_level) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.run(node, finalizes(1));
    ASSERT_TRUE(node.journal.append_and_sync(quiet_stage(node.last_stage())));
    validator.run(node, nullifies(2));
  }
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote);
  EXPECT_EQ(node.last_stage(), Stage{3});
  EXPECT_EQ(node.registers().notarize, a_candidate(1));
  EXPECT_EQ(node.registers().finalize, a_candidate(1));
  EXPECT_EQ(node.registers().nullify, View{2});
}

TEST(Recovery, brings_a_lagging_journal_level) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, finalizes(1));
    validator.run(node, nullifies(2));
    // The crash falls between the guard's sync and the journal's.
    validator.sign(node, Stage{3}, node.journal.durable_end(),
                   {{consensus::notarize(a_candidate(3)), consensus::finalize(a_candidate(3))}, 0});
  }
  for (int start = 0; start < 2; ++start) {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote);
    EXPECT_EQ(node.journal.last_stage(), Stage{3});
    EXPECT_EQ(node.registers(), node.guard.registers_in(Epoch{3}));
    EXPECT_EQ(node.registers().finalize, a_candidate(3));
  }
}

TEST(Recovery, brings_a_lagging_guard_level) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.append(node, Stage{2}, nullifies(2));
  }
  for (int start = 0; start < 2; ++start) {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote);
    EXPECT_EQ(node.guard.stage(), Stage{2});
    EXPECT_EQ(node.guard.registers_in(Epoch{3}).nullify, View{2});
    EXPECT_EQ(node.registers(), node.guard.registers_in(Epoch{3}));
  }
}

// tendermint/tendermint#3418.
TEST(Recovery, key_without_guard_is_amnesia) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  std::filesystem::remove(validator.folder / "guard");
  expect_amnesia(validator);
}

TEST(Recovery, key_without_guard_and_journal_is_amnesia) {
  AValidator validator;
  std::filesystem::remove(validator.folder / "guard");
  expect_amnesia(validator);
}

TEST(Recovery, of_a_lost_journal_is_amnesia) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  std::filesystem::remove_all(validator.journal_folder());
  expect_amnesia(validator);
}

TEST(Recovery, of_a_damaged_guard_is_amnesia_and_keeps_it_for_examination) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  rot(validator.folder / "guard", 50);
  rot(validator.folder / "guard", 4'096 + 50);
  expect_amnesia(validator);
  EXPECT_TRUE(std::filesystem::exists(validator.folder / "guard.set-aside.1"));
}

TEST(Recovery, of_a_guard_for_another_key_is_amnesia) {
  AValidator validator;
  std::filesystem::remove(validator.folder / "guard");
  ASSERT_TRUE(SignGuard::create(validator.folder / "guard", a_key(2).public_key()));
  expect_amnesia(validator);
}

TEST(Recovery, of_rot_before_the_tail_is_amnesia_and_keeps_the_journal_for_examination) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.run(node, finalizes(1));
  }
  rot(journal_file_path(validator.journal_folder(), 0), 4'096 + 30);
  expect_amnesia(validator);
  EXPECT_TRUE(std::filesystem::exists(validator.folder / "journal" / "epoch-3.set-aside.1"));
}

TEST(Recovery, of_a_journal_from_another_chain_or_epoch_is_amnesia) {
  for (const auto& identity :
       {JournalIdentity{a_chain("another"), Epoch{3}}, JournalIdentity{a_chain(), Epoch{2}}}) {
    AValidator validator;
    {
      auto node = validator.start();
      validator.run(node, notarizes(1));
    }
    std::filesystem::remove_all(validator.journal_folder());
    {
      ASSERT_TRUE(FileLog::create(validator.journal_folder(), identity, Stage{1}));
    }
    expect_amnesia(validator);
  }
}

TEST(Recovery, of_an_old_copy_of_the_guard_is_amnesia) {
  AValidator validator;
  Disk old;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    old = read_disk(validator.folder.path());
    validator.run(node, finalizes(1));
    validator.run(node, notarizes(2));
  }
  Disk now = read_disk(validator.folder.path());
  now["guard"] = old["guard"];
  write_disk(validator.folder.path(), now);
  expect_amnesia(validator);
}

TEST(Recovery, of_an_old_copy_of_the_journal_is_amnesia) {
  AValidator validator;
  Disk old;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    old = read_disk(validator.folder.path());
    validator.run(node, finalizes(1));
    validator.run(node, notarizes(2));
  }
  old["guard"] = read_disk(validator.folder.path())["guard"];
  write_disk(validator.folder.path(), old);
  expect_amnesia(validator);
}

TEST(Recovery, of_old_copies_of_both_is_amnesia_when_the_ledger_knows_better) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  validator.ledger_stage = Stage{2};
  expect_amnesia(validator);
}

TEST(Recovery, begins_the_journal_of_a_later_epoch_after_the_guards_stage) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.run(node, finalizes(1));
  }
  validator.epoch = Epoch{4};
  for (int start = 0; start < 2; ++start) {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote);
    EXPECT_EQ(node.last_stage(), Stage{2});
    EXPECT_EQ(node.journal.last_stage(), Stage{2});
    EXPECT_EQ(node.registers(), consensus::Registers{});
  }
  auto node = validator.start();
  validator.run(node, {{consensus::nullify(Epoch{4}, View{1})}, 0});
  EXPECT_EQ(node.guard.epoch(), Epoch{4});
}

TEST(Recovery, lets_a_reseated_key_vote_in_the_first_epoch_after_the_reseat) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  ASSERT_TRUE(std::filesystem::remove_all(validator.journal_folder()) > 0);
  expect_amnesia(validator);

  const auto start_in = [&](std::uint64_t epoch, const Reseat& reseat) {
    validator.epoch = Epoch{epoch};
    RecoveryInput input = validator.input();
    input.reseat = reseat;
    auto recovered = recover(input, a_key());
    SALUS_ASSERT(recovered.has_value(), recovered.error().reason);
    return std::move(*recovered);
  };
  const Nonce other{};
  EXPECT_EQ(start_in(3, {a_nonce(), Epoch{3}}).standing, Standing::Restricted) << "not after it";
  EXPECT_EQ(start_in(4, {other, Epoch{3}}).standing, Standing::Restricted) << "another's nonce";
  for (int start = 0; start < 2; ++start) {
    const auto node = start_in(4, {a_nonce(), Epoch{3}});
    EXPECT_EQ(node.standing, Standing::MayVote);
    EXPECT_EQ(node.registers(), consensus::Registers{});
    EXPECT_EQ(node.guard.stage(), node.journal.last_stage());
  }
  auto node = start_in(4, {a_nonce(), Epoch{3}});
  validator.run(node, {{consensus::nullify(Epoch{4}, View{1})}, 0});
  EXPECT_EQ(node.guard.epoch(), Epoch{4});
  // A ledger out of an old backup does not bring the old epoch back.
  EXPECT_EQ(start_in(3, {a_nonce(), Epoch{2}}).standing, Standing::LedgerBehind);
}

TEST(Recovery, waits_for_a_ledger_that_is_an_epoch_behind_the_guard) {
  AValidator validator;
  {
    validator.epoch = Epoch{4};
    auto node = validator.start();
    validator.run(node, {{consensus::nullify(Epoch{4}, View{1})}, 0});
  }
  validator.epoch = Epoch{3};
  {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::LedgerBehind);
    EXPECT_FALSE(node.guard.restriction());
  }
  // Once it has caught up, nothing was lost.
  validator.epoch = Epoch{4};
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote);
  EXPECT_EQ(node.registers().nullify, View{1});
}

TEST(Recovery, starts_a_new_key_above_the_stages_of_the_one_before_it) {
  AValidator validator;
  validator.ledger_stage = Stage{40};
  for (int start = 0; start < 2; ++start) {
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote);
    EXPECT_EQ(node.last_stage(), Stage{40});
    EXPECT_EQ(node.guard.stage(), node.journal.last_stage());
  }
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  EXPECT_EQ(validator.start().last_stage(), Stage{41});
}

TEST(Recovery, gives_an_observer_a_journal_and_sets_a_damaged_one_aside) {
  testing::TempFolder temp;
  const JournalIdentity identity{a_chain(), Epoch{3}};
  const JournalOptions options{.file_bytes = 64 * 1024};
  {
    auto journal = open_observer_journal(temp.path(), identity, options);
    ASSERT_TRUE(journal) << journal.error().reason;
    ASSERT_TRUE(journal->append_and_sync(quiet_stage(Stage{})));
  }
  {
    ASSERT_TRUE(open_observer_journal(temp.path(), identity, options));
  }
  const JournalIdentity other{a_chain("another"), Epoch{3}};
  ASSERT_TRUE(open_observer_journal(temp.path(), other, options));
  EXPECT_TRUE(std::filesystem::exists(temp / "epoch-3.set-aside.1"));
}

}  // namespace
}  // namespace salus::storage
