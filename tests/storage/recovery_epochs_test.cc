// Owns: recovery where guard, journal and ledger are of different epochs, or of different keys.
#include <gtest/gtest.h>

#include "a_validator.h"

namespace salus::storage {
namespace {

// A rekey waits and the operator runs the new key already: the epoch's votes are the old key's.
TEST(Recovery, of_a_new_key_before_its_seat_observes_and_is_no_amnesia) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.run(node, finalizes(1));
  }
  validator.ledger_stage = Stage{2};
  ASSERT_TRUE(SignGuard::create(validator.folder / "new-guard", a_key(2).public_key()));
  const auto start_new_key = [&](bool is_seated) {
    RecoveryInput input = validator.input();
    input.guard = validator.folder / "new-guard";
    input.is_seated = is_seated;
    auto recovered = recover(input, a_key(2));
    SALUS_ASSERT(recovered.has_value(), recovered.error().reason);
    return std::move(*recovered);
  };
  for (int start = 0; start < 2; ++start) {
    auto node = start_new_key(/*is_seated=*/false);
    EXPECT_EQ(node.standing, Standing::NotSeated);
    EXPECT_FALSE(node.guard.restriction());
    EXPECT_NE(node.why.find("no seat in the present epoch yet"), std::string::npos) << node.why;
    EXPECT_EQ(node.last_stage(), Stage{2}) << "stages are numbered on";
    EXPECT_TRUE(node.journal.append_and_sync(quiet_stage(node.last_stage())));
  }
  // The old key may come back as long as it has its seat.
  EXPECT_EQ(validator.start().standing, Standing::MayVote);

  validator.epoch = Epoch{4};
  auto node = start_new_key(/*is_seated=*/true);
  EXPECT_EQ(node.standing, Standing::MayVote);
  EXPECT_EQ(node.last_stage(), Stage{2});
  const Turn skip{{consensus::nullify(Epoch{4}, View{1})}, 0};
  const LogPosition before = node.journal.durable_end();
  validator.append(node, Stage{3}, skip);
  const auto signatures =
      node.guard.sign(Stage{3}, before, {consensus::signed_bytes(a_chain(), skip.votes.front())});
  ASSERT_TRUE(signatures) << signatures.error().reason;
  EXPECT_EQ(node.guard.stage(), Stage{3});
}

// The ledger was put back, or its last batch lost: the folder of the epoch that began since is
// there, and the guard has signed nothing in it.
TEST(Recovery, sets_aside_the_folder_of_an_epoch_that_the_ledger_does_not_know) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  for (const bool has_vote : {false, true}) {
    SCOPED_TRACE(has_vote);
    {
      auto young =
          FileLog::create(epoch_folder(validator.folder / "journal", Epoch{4}),
                          {a_chain(), Epoch{4}}, Stage{1}, {.file_bytes = validator.file_bytes});
      ASSERT_TRUE(young) << young.error().reason;
      const Turn skip{{consensus::nullify(Epoch{4}, View{1})}, 0};
      // Appended, and never signed: the crash fell before the guard's page.
      if (has_vote) {
        ASSERT_TRUE(young->append_and_sync(stage_of(Stage{2}, skip)));
      }
    }
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote) << "in its own epoch";
    EXPECT_EQ(node.registers().notarize, a_candidate(1));
    EXPECT_FALSE(std::filesystem::exists(validator.folder / "journal" / "epoch-4"));
  }
  EXPECT_TRUE(std::filesystem::exists(validator.folder / "journal" / "epoch-4.set-aside.2"));
  {
    auto node = validator.start();
    validator.run(node, finalizes(1));
  }
  // It votes on where it stands, and the epoch that comes again is begun anew.
  validator.epoch = Epoch{4};
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote);
  EXPECT_EQ(node.last_stage(), Stage{2});
}

TEST(Recovery, keeps_the_folder_of_an_epoch_that_the_guard_voted_in) {
  AValidator validator;
  {
    validator.epoch = Epoch{4};
    auto node = validator.start();
    validator.run(node, {{consensus::nullify(Epoch{4}, View{1})}, 0});
  }
  validator.epoch = Epoch{3};
  EXPECT_EQ(validator.start().standing, Standing::LedgerBehind);
  EXPECT_TRUE(std::filesystem::exists(validator.folder / "journal" / "epoch-4"));
}

// Seen by the simulator: a validator whose ledger was lost caught up from genesis, came to an epoch
// that it had begun before the loss without a vote in it, and stopped because its folder was there.
TEST(Recovery, sets_aside_what_was_begun_after_the_guards_epoch_though_the_ledger_is_behind) {
  AValidator validator;
  {
    validator.epoch = Epoch{4};
    auto node = validator.start();
    validator.run(node, {{consensus::nullify(Epoch{4}, View{1})}, 0});
    ASSERT_TRUE(FileLog::create(epoch_folder(validator.folder / "journal", Epoch{5}),
                                {a_chain(), Epoch{5}}, Stage{2},
                                {.file_bytes = validator.file_bytes}));
  }
  validator.epoch = Epoch{3};
  EXPECT_EQ(validator.start().standing, Standing::LedgerBehind);
  EXPECT_TRUE(std::filesystem::exists(validator.folder / "journal" / "epoch-4"));
  EXPECT_FALSE(std::filesystem::exists(validator.folder / "journal" / "epoch-5"));
}

// A validator that voted in epoch 3, and one that observed or voted on in epoch 4, whose first stage
// let the journal of epoch 3 go; then the ledger was lost.
struct LostLedger : ::testing::Test {
  LostLedger() {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    validator.run(node, finalizes(1));
    registers = node.guard.registers_in(Epoch{3});
  }
  void begin_epoch_4(std::initializer_list<std::uint64_t> unsigned_stages) {
    auto young =
        FileLog::create(epoch_folder(journals, Epoch{4}), {a_chain(), Epoch{4}}, Stage{2},
                        {.file_bytes = validator.file_bytes});
    SALUS_ASSERT(young.has_value(), young.error().reason);
    const Turn skip{{consensus::nullify(Epoch{4}, View{1})}, 0};
    for (const std::uint64_t stage : unsigned_stages) {
      ASSERT_TRUE(young->append_and_sync(stage_of(Stage{stage}, skip)));
    }
  }

  AValidator validator;
  Path journals = validator.folder / "journal";
  consensus::Registers registers;
};

// Seen by the simulator: a validator that had left the set, or had not voted in the new epoch yet,
// lost its ledger and was told that it had lost its memory, though the guard had all of it.
TEST_F(LostLedger, is_no_amnesia_when_the_journal_went_because_a_later_epoch_was_begun) {
  for (const bool has_unsigned_vote : {false, true}) {
    SCOPED_TRACE(has_unsigned_vote);
    if (has_unsigned_vote) begin_epoch_4({validator.start().guard.stage().value() + 1});
    if (!has_unsigned_vote) begin_epoch_4({});
    ASSERT_TRUE(remove_folder(epoch_folder(journals, Epoch{3})));
    for (int start = 0; start < 2; ++start) {
      const auto node = validator.start();
      EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
      EXPECT_EQ(node.registers(), registers) << "whatever was signed binds it";
      EXPECT_FALSE(node.guard.restriction());
    }
    EXPECT_FALSE(std::filesystem::exists(epoch_folder(journals, Epoch{4})));
  }
}

TEST_F(LostLedger, is_no_amnesia_either_when_the_ledger_is_of_an_earlier_epoch) {
  begin_epoch_4({});
  ASSERT_TRUE(remove_folder(epoch_folder(journals, Epoch{3})));
  validator.epoch = Epoch{2};
  EXPECT_EQ(validator.start().standing, Standing::LedgerBehind);
  validator.epoch = Epoch{3};
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
  EXPECT_EQ(node.registers(), registers);
}

// Then the guard was put back from a backup as well: what it signed since is not known.
TEST_F(LostLedger, is_amnesia_when_the_later_journal_knows_more_votes_than_the_guard) {
  begin_epoch_4({3, 4});
  ASSERT_TRUE(remove_folder(epoch_folder(journals, Epoch{3})));
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::Restricted);
  EXPECT_TRUE(node.guard.restriction());
}

// A crash at any point of that leads to the same verdict.
TEST_F(LostLedger, may_crash_while_the_journal_is_brought_back) {
  begin_epoch_4({});
  ASSERT_TRUE(remove_folder(epoch_folder(journals, Epoch{3})));
  const Disk lost = read_disk(validator.folder.path());
  validator.start();
  const Disk whole = read_disk(validator.folder.path());
  // Only the guard was written.
  Disk guard_only = lost;
  guard_only["guard"] = whole.at("guard");
  write_disk(validator.folder.path(), guard_only);
  EXPECT_EQ(validator.start().standing, Standing::MayVote);
  // The journal was begun, and has no vote yet.
  write_disk(validator.folder.path(), guard_only);
  ASSERT_TRUE(FileLog::create(epoch_folder(journals, Epoch{3}), {a_chain(), Epoch{3}}, Stage{2},
                              {.file_bytes = validator.file_bytes}));
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
  EXPECT_EQ(node.registers(), registers);
}

}  // namespace
}  // namespace salus::storage
