// Owns: the proof that the place where two ledgers part is found: height, kind, key and both
// values.
#include "upkeep/diff.h"

#include <gtest/gtest.h>

#include "ledger/keys.h"
#include "state/layout.h"
#include "state/table.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"

namespace salus::upkeep {
namespace {

using test::ALedger;
using test::read_key;
using test::tamper;

class Diff : public ::testing::Test {
 protected:
  LedgerDifference run() const {
    auto difference = diff_ledgers(one_, two_);
    EXPECT_TRUE(difference) << (difference ? "" : difference.error().reason);
    return difference ? std::move(*difference) : LedgerDifference{};
  }

  salus::testing::TempFolder temp_;
  Path one_ = temp_.path() / "one";
  Path two_ = temp_.path() / "two";
};

TEST_F(Diff, of_equal_ledgers_is_none_also_when_one_is_behind) {
  ALedger{one_}.add_blocks(3);
  ALedger{two_}.add_blocks(5);
  const LedgerDifference difference = run();
  EXPECT_EQ(difference.parting, Parting::Nowhere);
  EXPECT_EQ(difference.height, Height{3});
  EXPECT_EQ(difference.first_height, Height{3});
  EXPECT_EQ(difference.second_height, Height{5});
  EXPECT_EQ(difference.records_in_all, 0U);
}

TEST_F(Diff, names_the_first_height_with_different_blocks) {
  ALedger one{one_};
  one.add_blocks(2);
  one.add_blocks(1, 1);
  one.close();
  ALedger{two_}.add_blocks(4);
  const LedgerDifference difference = run();
  EXPECT_EQ(difference.parting, Parting::Block);
  EXPECT_EQ(difference.height, Height{3});
  EXPECT_NE(difference.block.first, difference.block.second);
}

// What a node that executes otherwise leaves: the same blocks, another root from some height on,
// where it stops; the other ledger goes on.
TEST_F(Diff, names_height_module_key_and_both_values_where_execution_differs) {
  AccountId mira;
  std::string balance;
  {
    ALedger one{one_};
    one.add_blocks(3);
    mira = one.account("mira");
    one.close();
    ALedger two{two_};
    two.add_blocks(3);
    two.close();
    balance = state::Key{state::Table::Balances}.bytes(mira.view()).u32(0).str();
    // As if the second had executed block 3 to another balance.
    v1::Balance other;
    const std::string key = std::string{state::kStatePrefix} + balance;
    ASSERT_TRUE(other.ParseFromString(*read_key(two_, key)));
    other.set_amount(other.amount() - 5);
    tamper(two_, key, other.SerializeAsString());
    std::string outcome = *read_key(two_, ledger::outcome_key(Height{3}));
    outcome[0] = static_cast<char>(outcome[0] ^ 1);
    tamper(two_, ledger::outcome_key(Height{3}), outcome);
  }
  const LedgerDifference difference = run();
  EXPECT_EQ(difference.parting, Parting::State);
  EXPECT_EQ(difference.height, Height{3});
  EXPECT_NE(difference.state_root.first, difference.state_root.second);
  EXPECT_EQ(difference.block.first, difference.block.second);
  ASSERT_EQ(difference.records_in_all, 1U);
  const Json record = to_json(difference.records.front(), "first", "second");
  EXPECT_EQ(record["module"], "assets");
  EXPECT_EQ(record["table"], "Balances");
  EXPECT_EQ(record["key"], "account=" + mira.to_hex() + " asset=0");
  const auto units = [&](const char* side) {
    return std::stoull(record[side]["amount"].get<std::string>());
  };
  EXPECT_EQ(units("first"), units("second") + 5);
}

TEST_F(Diff, finds_a_record_that_was_changed_under_equal_roots) {
  ALedger{one_}.add_blocks(2);
  ALedger two{two_};
  two.add_blocks(2);
  two.close();
  tamper(two_, std::string{state::kStatePrefix} + state::Key{state::Table::Funds}.u32(99).str(),
         "");
  const LedgerDifference difference = run();
  EXPECT_EQ(difference.parting, Parting::Record);
  ASSERT_EQ(difference.records_in_all, 1U);
  EXPECT_EQ(name_of(difference.records.front().state_key).key, "fund=99");
}

TEST_F(Diff, names_the_result_that_differs) {
  ALedger{one_}.add_blocks(2);
  ALedger two{two_};
  two.add_blocks(2);
  two.close();
  v1::BlockResults results;
  ASSERT_TRUE(results.ParseFromString(*read_key(two_, ledger::results_key(Height{1}))));
  results.mutable_results(0)->set_code(v1::ERROR_CODE_SEQUENCE_USED);
  tamper(two_, ledger::results_key(Height{1}), results.SerializeAsString());
  std::string outcome = *read_key(two_, ledger::outcome_key(Height{1}));
  outcome[40] = static_cast<char>(outcome[40] ^ 1);
  tamper(two_, ledger::outcome_key(Height{1}), outcome);
  const LedgerDifference difference = run();
  EXPECT_EQ(difference.parting, Parting::Results);
  EXPECT_EQ(difference.height, Height{1});
  EXPECT_EQ(difference.result, "height=1 transaction=0");
  ASSERT_TRUE(difference.agreed_results_root);
  EXPECT_EQ(*difference.agreed_results_root, difference.results_root.first);
}

TEST_F(Diff, is_refused_where_there_is_no_ledger) {
  ALedger{one_}.add_blocks(1);
  const auto refused = diff_ledgers(one_, two_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::NoLedger);
}

}  // namespace
}  // namespace salus::upkeep
