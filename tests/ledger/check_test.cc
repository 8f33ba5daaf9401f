// Owns: one test for each reason of C29: what is not right about a candidate is told by its own
// name, and by the first one that applies.
#include "ledger/check.h"

#include <gtest/gtest.h>

#include <set>

#include "ledger/chain.h"

namespace salus::ledger {
namespace {

using test::Chain;
using Verdict = CheckOutcome::Verdict;

// A candidate on the tip that is right in everything, and a way to make one thing wrong.
class Check : public testing::Test {
 protected:
  explicit Check(const v1::GenesisDocument& document = test::small_genesis()) : chain_(document) {}

  Header right() {
    const Built built =
        chain_.ledger().build({.epoch = Epoch{0},
                               .view = View{1},
                               .proposer = ValidatorIndex{1},
                               .parent = chain_.tip(),
                               .time = WallMs{chain_.ledger().finalized().time.value() + 1},
                               .transactions = {}});
    return built.block->header();
  }
  // What the header would be judged with if it were right.
  CheckInput input() {
    return {.epoch = Epoch{0},
            .view = View{1},
            .parent = chain_.tip(),
            .proposer = ValidatorIndex{1},
            .purpose = Purpose::Notarize,
            .wall = right().time,
            .clock_ahead_ms = 0};
  }
  Digest add(const Header& header,
             const std::vector<Validated<wire::Transaction>>& transactions = {}) {
    auto block = Block::make(header, transactions);
    const Digest digest = block->digest();
    EXPECT_TRUE(chain_.ledger().add(std::move(block)));
    return digest;
  }
  void expect(Verdict verdict, CheckReason reason, const Digest& digest, const CheckInput& given) {
    const CheckOutcome outcome = chain_.ledger().check(digest, given);
    EXPECT_EQ(outcome.verdict, verdict);
    ASSERT_TRUE(outcome.reason.has_value());
    EXPECT_EQ(*outcome.reason, reason) << sentence(*outcome.reason);
  }
  void expect_invalid(CheckReason reason, const Header& header,
                      const std::vector<Validated<wire::Transaction>>& transactions = {}) {
    expect(Verdict::Invalid, reason, add(header, transactions), input());
  }

  Chain chain_;
};

TEST_F(Check, finds_nothing_wrong_with_what_is_right) {
  EXPECT_TRUE(chain_.ledger().check(add(right(), {chain_.transfer(0, 0)}), input()).is_valid());
}

TEST_F(Check, waits_for_bytes_that_are_not_here) {
  expect(Verdict::Pending, CheckReason::BlockMissing, *Digest::from(std::string(32, 'x')), input());
}

TEST_F(Check, waits_for_the_bytes_of_the_parent) {
  Header header = right();
  header.height = Height{2};
  header.parent = *Digest::from(std::string(32, 'x'));
  CheckInput given = input();
  given.parent = header.parent;
  expect(Verdict::Pending, CheckReason::ParentMissing, add(header), given);
}

TEST_F(Check, waits_for_the_execution_of_the_parent) {
  const Digest parent = add(right());
  Header header = right();
  header.height = Height{2};
  header.parent = parent;
  CheckInput given = input();
  given.parent = parent;
  const Digest digest = add(header);
  expect(Verdict::Pending, CheckReason::ParentNotExecuted, digest, given);
  ASSERT_TRUE(chain_.ledger().execute(parent));
  expect(Verdict::Invalid, CheckReason::TimeNotAfterParent, digest, given);
}

TEST_F(Check, does_not_judge_a_version_that_it_does_not_know) {
  Header header = right();
  header.version = kProtocolVersion + 1;
  // Whatever else there is: a later version may have other rules for it.
  header.chain_id = ChainId{};
  expect(Verdict::Pending, CheckReason::VersionUnknown, add(header), input());
}

TEST_F(Check, lets_the_clock_delay_a_notarization_and_nothing_else) {
  const Digest digest = add(right());
  CheckInput given = input();
  given.wall = WallMs{right().time.value() - 100};
  given.clock_ahead_ms = 99;
  expect(Verdict::Pending, CheckReason::TimeAhead, digest, given);
  given.clock_ahead_ms = 100;
  EXPECT_TRUE(chain_.ledger().check(digest, given).is_valid());
  given.clock_ahead_ms = 0;
  given.purpose = Purpose::Certify;
  EXPECT_TRUE(chain_.ledger().check(digest, given).is_valid());
}

TEST_F(Check, names_another_chain) {
  Header header = right();
  header.chain_id = *ChainId::from(std::string(32, 'x'));
  expect_invalid(CheckReason::WrongChain, header);
}

// G-10.7: the active version after the parent, and no earlier one that the build knows too.
TEST_F(Check, names_another_version) {
  Header header = right();
  header.version = kProtocolVersion - 1;
  expect_invalid(CheckReason::WrongVersion, header);
}

TEST_F(Check, names_another_epoch) {
  Header header = right();
  header.epoch = Epoch{1};
  expect_invalid(CheckReason::WrongEpoch, header);
}

TEST_F(Check, names_another_view) {
  Header header = right();
  header.view = View{2};
  expect_invalid(CheckReason::WrongView, header);
}

TEST_F(Check, names_another_proposer) {
  Header header = right();
  header.proposer = ValidatorIndex{2};
  expect_invalid(CheckReason::WrongProposer, header);
}

TEST_F(Check, names_a_height_that_does_not_follow) {
  Header header = right();
  header.height = Height{2};
  expect_invalid(CheckReason::WrongHeight, header);
}

TEST_F(Check, names_another_parent_than_the_view_has) {
  const Digest parent = add(right());
  ASSERT_TRUE(chain_.ledger().execute(parent));
  Header header = right();
  header.height = Height{2};
  header.parent = *Digest::from(std::string(32, 'x'));
  CheckInput given = input();
  given.parent = parent;
  expect(Verdict::Invalid, CheckReason::WrongParent, add(header), given);
}

TEST_F(Check, names_another_validator_set) {
  Header header = right();
  header.validator_set_hash = Hash{};
  expect_invalid(CheckReason::WrongValidatorSet, header);
}

TEST_F(Check, names_a_time_that_is_not_after_the_parents) {
  Header header = right();
  header.time = chain_.ledger().finalized().time;
  expect_invalid(CheckReason::TimeNotAfterParent, header);
}

TEST_F(Check, names_a_transaction_that_the_decoder_condemned) {
  const Digest digest = *Digest::from(std::string(32, 'x'));
  chain_.ledger().condemn(digest);
  expect(Verdict::Invalid, CheckReason::TransactionForm, digest, input());
}

TEST_F(Check, forgets_the_oldest_condemned_block_first) {
  const auto digest = [](std::size_t i) {
    std::string bytes(32, 'x');
    bytes[0] = static_cast<char>(i);
    bytes[1] = static_cast<char>(i / 256);
    return *Digest::from(bytes);
  };
  for (std::size_t i = 0; i <= kCondemnedMax; ++i) chain_.ledger().condemn(digest(i));
  expect(Verdict::Pending, CheckReason::BlockMissing, digest(0), input());
  expect(Verdict::Invalid, CheckReason::TransactionForm, digest(1), input());
}

TEST_F(Check, names_a_transaction_that_no_block_may_hold) {
  const auto changed = [&](auto change) {
    v1::TxBody body =
        test::transfer_body(chain_.chain_id(), chain_.account(0), chain_.account(1), 0);
    change(body);
    return test::signed_transaction(body, {1});
  };
  struct Case {
    const char* name;
    std::vector<Validated<wire::Transaction>> transactions;
  };
  const Case cases[] = {
      {"for another chain", {changed([](auto& body) { body.set_chain_id(std::string(32, 'x')); })}},
      {"expired", {changed([](auto& body) { body.set_expiry_height(0); })}},
      {"of nobody", {changed([](auto& body) { body.set_account(std::string(32, 'x')); })}},
      {"of somebody else",
       {changed([&](auto& body) { body.set_account(chain_.account(1).to_string()); })}},
      {"over a limit",
       {changed([](auto& body) { body.mutable_actions(0)->mutable_transfer()->set_amount(0); })}},
      {"one past the next", {chain_.transfer(0, 1)}},
      {"twice in the block", {chain_.transfer(0, 0), chain_.transfer(0, 0, 2)}},
      {"with a gap in the block", {chain_.transfer(0, 0), chain_.transfer(0, 2)}},
      {"backwards in the block", {chain_.transfer(0, 1), chain_.transfer(0, 0)}},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    expect_invalid(CheckReason::TransactionInvalid, right(), row.transactions);
  }
}

TEST_F(Check, names_a_used_sequence) {
  chain_.finalize(chain_.extend(chain_.tip(), {chain_.transfer(0, 0)}));
  expect_invalid(CheckReason::TransactionInvalid, right(), {chain_.transfer(0, 0)});
}

// G-1.5: a transaction that fails when it runs is a result, not a reason against its block.
TEST_F(Check, has_nothing_against_a_transaction_that_will_be_refused) {
  const Digest digest = add(right(), {chain_.transfer(0, 0, 2'000'000)});
  EXPECT_TRUE(chain_.ledger().check(digest, input()).is_valid());
}

TEST_F(Check, names_a_state_root_that_is_not_ours) {
  Header header = right();
  header.state_root = Root{};
  expect_invalid(CheckReason::WrongStateRoot, header);
}

TEST_F(Check, names_a_results_root_that_is_not_ours) {
  Header header = right();
  header.results_root = Root{};
  expect_invalid(CheckReason::WrongResultsRoot, header);
}

v1::GenesisDocument with_parameter(std::string_view name, std::uint64_t value) {
  v1::GenesisDocument document = test::small_genesis();
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(std::string{name});
  parameter.set_value(value);
  return document;
}

class CheckCount : public Check {
 protected:
  CheckCount() : Check(with_parameter("ledger.block_txs_max", 2)) {}
};

TEST_F(CheckCount, names_a_block_of_too_many_transactions) {
  expect_invalid(CheckReason::TooLarge, right(),
                 {chain_.transfer(0, 0), chain_.transfer(1, 0), chain_.transfer(2, 0)});
  const Digest digest = add(right(), {chain_.transfer(0, 0), chain_.transfer(1, 0)});
  EXPECT_TRUE(chain_.ledger().check(digest, input()).is_valid());
}

TEST_F(CheckCount, is_what_a_builder_keeps_to) {
  std::vector<Validated<wire::Transaction>> offered{chain_.transfer(0, 0), chain_.transfer(0, 5),
                                                    chain_.transfer(1, 0), chain_.transfer(2, 0)};
  const Built built = chain_.ledger().build({.epoch = Epoch{0},
                                             .view = View{1},
                                             .proposer = ValidatorIndex{1},
                                             .parent = chain_.tip(),
                                             .time = right().time,
                                             .transactions = offered});
  EXPECT_EQ(built.block->transactions().size(), 2U);
  ASSERT_EQ(built.left_out.size(), 1U);
  EXPECT_EQ(built.left_out[0], offered[1]->id());
}

class CheckBytes : public Check {
 protected:
  CheckBytes() : Check(with_parameter("consensus.block_bytes_max", 64 * 1'024)) {}
};

TEST_F(CheckBytes, names_a_block_of_too_many_bytes) {
  std::vector<Validated<wire::Transaction>> many;
  for (std::uint64_t i = 0; block_bytes_bound(many.size(), many.size() * 200) < 90'000; ++i) {
    many.push_back(chain_.transfer(0, i));
  }
  expect_invalid(CheckReason::TooLarge, right(), many);
}

// C8: every validator names the same reason, so their order is part of the rule.
TEST_F(Check, tells_the_first_reason_of_C29) {
  Header header = right();
  header.chain_id = ChainId{};
  header.epoch = Epoch{5};
  header.view = View{5};
  header.proposer = ValidatorIndex{5};
  header.height = Height{5};
  header.parent = Digest{};
  header.validator_set_hash = Hash{};
  header.time = WallMs{1};
  header.state_root = Root{};
  header.results_root = Root{};
  const std::vector<Validated<wire::Transaction>> transactions{chain_.transfer(0, 7)};
  expect_invalid(CheckReason::WrongChain, header, transactions);
  header.chain_id = chain_.chain_id();
  expect_invalid(CheckReason::WrongEpoch, header, transactions);
  header.epoch = Epoch{0};
  expect_invalid(CheckReason::WrongView, header, transactions);
  header.view = View{1};
  expect_invalid(CheckReason::WrongProposer, header, transactions);
  header.proposer = ValidatorIndex{1};
  expect_invalid(CheckReason::WrongHeight, header, transactions);
  header.height = Height{1};
  header.parent = chain_.tip();
  expect_invalid(CheckReason::WrongValidatorSet, header, transactions);
  header.validator_set_hash = right().validator_set_hash;
  expect_invalid(CheckReason::TimeNotAfterParent, header, transactions);
  header.time = right().time;
  expect_invalid(CheckReason::TransactionInvalid, header, transactions);
  expect_invalid(CheckReason::WrongStateRoot, header);
  header.state_root = right().state_root;
  expect_invalid(CheckReason::WrongResultsRoot, header);
  header.results_root = right().results_root;
  EXPECT_TRUE(chain_.ledger().check(add(header), input()).is_valid());
}

TEST(CheckReasons, have_sentences_of_their_own) {
  std::set<std::string_view> sentences;
  for (int reason = 0; reason <= static_cast<int>(CheckReason::WrongResultsRoot); ++reason) {
    const std::string_view text = sentence(static_cast<CheckReason>(reason));
    EXPECT_TRUE(text.ends_with('.')) << text;
    EXPECT_GT(text.size(), 20U) << text;
    EXPECT_TRUE(sentences.insert(text).second) << text;
  }
}

}  // namespace
}  // namespace salus::ledger
