// Owns: what an export says of a small history, line by line.
#include "upkeep/export.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/bytes.h"
#include "dao/a_ballot.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"
#include "upkeep/json.h"

namespace salus::upkeep {
namespace {

using test::ALedger;

class Export : public ::testing::Test {
 protected:
  Export() {
    ALedger ledger{folder_};
    ledger.add_blocks(2, 1);
    ledger.add_block("zed", {dao::test::burn(1)});
    mira_ = ledger.account("mira");
    ledger.close();
  }

  std::vector<std::string> run(const ExportWish& wish = {}) const {
    std::vector<std::string> lines;
    const auto done = export_ledger(folder_, wish, [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    EXPECT_TRUE(done) << (done ? "" : done.error().reason);
    EXPECT_EQ(done ? done->lines : 0, lines.size());
    return lines;
  }

  salus::testing::TempFolder temp_;
  Path folder_ = temp_.path() / "data";
  AccountId mira_;
};

TEST_F(Export, of_json_lines_has_blocks_transactions_and_events_in_order) {
  const auto lines = run();
  std::vector<std::string> types;
  std::uint64_t last = 0;
  for (const std::string& line : lines) {
    const Json json = Json::parse(line);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    types.push_back(json["type"]);
    const std::uint64_t height = std::stoull(json["height"].get<std::string>());
    EXPECT_GE(height, last);
    last = height;
  }
  ASSERT_GE(types.size(), 6U);
  EXPECT_EQ(types[0], "block");
  EXPECT_EQ(types[1], "transaction");
  EXPECT_EQ(types[2], "event");
  EXPECT_EQ(last, 3U);
  const Json transaction = Json::parse(lines[1]);
  EXPECT_EQ(transaction["body"]["account"], mira_.to_hex());
  EXPECT_EQ(transaction["result"], "applied");
  EXPECT_TRUE(transaction["body"]["actions"][0].contains("transfer"));
  const Json event = Json::parse(lines[2]);
  EXPECT_EQ(event["kind"], "transferred");
  EXPECT_EQ(event["transaction"], 0);
}

TEST_F(Export, of_a_range_has_its_blocks_only) {
  const auto lines = run({.from = Height{2}, .to = Height{2}});
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_EQ(Json::parse(line)["height"], "2");
}

TEST_F(Export, of_csv_has_a_head_and_equal_columns) {
  for (const auto table : {ExportTable::Treasury, ExportTable::Votes, ExportTable::Outcomes,
                           ExportTable::Delegations}) {
    const auto lines = run({.table = table, .form = ExportForm::Csv});
    ASSERT_FALSE(lines.empty());
    const auto columns = std::ranges::count(lines.front(), ',');
    for (const std::string& line : lines) EXPECT_EQ(std::ranges::count(line, ','), columns) << line;
  }
}

TEST_F(Export, says_where_each_event_stands) {
  const auto lines = run({.table = ExportTable::Treasury});
  ASSERT_EQ(lines.size(), 1U);
  const Json burned = Json::parse(lines[0]);
  EXPECT_EQ(burned["kind"], "burned");
  EXPECT_EQ(burned["height"], "3");
  EXPECT_EQ(burned["transaction"], 0);
  EXPECT_EQ(burned["index"], 0);
}

TEST_F(Export, ends_when_nobody_takes_its_lines) {
  const auto done = export_ledger(folder_, {}, [](std::string_view) { return false; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::Stopped);
}

// A proposal from its submission to its outcome, with a delegation: a block a second.
class ExportOfVotes : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kVotesAt = dao::test::kGenesisMs + 15'000;

  static void SetUpTestSuite() {
    ALedger ledger{folder()};
    ledger.add_block("noor", {dao::test::delegate_profile(true)});
    ledger.add_block("pavel", {dao::test::delegate_to({{ledger.account("noor"), 100}},
                                                      dao::test::kGenesisMs + 10'000'000)});
    v1::Action submitted = dao::test::submit({dao::test::create_fund("library")});
    ledger.add_block("mira", {submitted});
    ledger.add_blocks(12, 0);
    v1::Action ballot = dao::test::vote(1, {{v1::CHOICE_YES, 6'000}, {v1::CHOICE_ABSTAIN, 4'000}});
    ballot.mutable_vote()->set_reason_hash(std::string(32, 'r'));
    ledger.add_block("mira", {ballot});
    ledger.add_block("noor",
                     {dao::test::vote(1, v1::CHOICE_NO), dao::test::vote(1, v1::CHOICE_YES)});
    ledger.add_blocks(110, 0);
    ledger.close();
  }
  static void TearDownTestSuite() { temp().reset(); }

  static std::unique_ptr<salus::testing::TempFolder>& temp() {
    static auto temp = std::make_unique<salus::testing::TempFolder>();
    return temp;
  }
  static Path folder() { return temp()->path() / "data"; }

  static std::vector<std::string> run(const ExportWish& wish) {
    std::vector<std::string> lines;
    const auto done = export_ledger(folder(), wish, [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    });
    EXPECT_TRUE(done) << (done ? "" : done.error().reason);
    return lines;
  }
};

// G-13.5: ballots with their reasons, outcomes and delegations, for a recount.
TEST_F(ExportOfVotes, has_each_ballot_whole_with_its_reason) {
  const auto lines = run({.table = ExportTable::Votes});
  ASSERT_EQ(lines.size(), 3U);
  const Json split = Json::parse(lines[0]);
  EXPECT_EQ(split["ballot"]["parts"].size(), 2U);
  EXPECT_EQ(split["ballot"]["reason_hash"], hex(as_bytes(std::string(32, 'r'))));
  // Two ballots of one transaction are told apart, in their order.
  EXPECT_EQ(Json::parse(lines[1])["ballot"]["parts"][0]["choice"], "CHOICE_NO");
  EXPECT_EQ(Json::parse(lines[2])["ballot"]["parts"][0]["choice"], "CHOICE_YES");
}

TEST_F(ExportOfVotes, has_a_row_for_each_part_of_a_ballot) {
  const auto lines = run({.table = ExportTable::Votes, .form = ExportForm::Csv});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_TRUE(lines[0].ends_with(",proposal,chamber,weight,choice,option,part,votes,reason_hash"));
  const std::string reason = hex(as_bytes(std::string(32, 'r')));
  EXPECT_TRUE(lines[1].ends_with(",yes,,6000,," + reason)) << lines[1];
  EXPECT_TRUE(lines[2].ends_with(",abstain,,4000,," + reason)) << lines[2];
  EXPECT_TRUE(lines[4].ends_with(",yes,,1,,")) << lines[4];
}

TEST_F(ExportOfVotes, has_outcomes_and_delegations) {
  const auto outcomes = run({.table = ExportTable::Outcomes});
  ASSERT_FALSE(outcomes.empty());
  for (const std::string& line : outcomes) {
    EXPECT_EQ(Json::parse(line)["attributes"][0]["field"], "proposal") << line;
  }
  const auto delegations = run({.table = ExportTable::Delegations, .form = ExportForm::Csv});
  ASSERT_EQ(delegations.size(), 2U);
  EXPECT_NE(delegations[1].find(",delegation_set,"), std::string::npos) << delegations[1];
}

// Every block of the period and no other, whichever way its edges fall.
TEST_F(ExportOfVotes, by_period_has_its_blocks_only) {
  const auto all = run({});
  for (const std::uint64_t since : {kVotesAt - 1, kVotesAt, kVotesAt + 1}) {
    for (const std::uint64_t until : {kVotesAt, kVotesAt + 1'000, kVotesAt + 1'000'000}) {
      std::vector<std::string> wanted;
      for (const std::string& line : all) {
        const Json json = Json::parse(line);
        const std::uint64_t time =
            dao::test::kGenesisMs + 1'000 * std::stoull(json["height"].get<std::string>());
        if (time >= since && time < until) wanted.push_back(line);
      }
      EXPECT_EQ(run({.since_ms = since, .until_ms = until}), wanted) << since << " " << until;
    }
  }
}

TEST(ExportOfPrunedLedger, refuses_a_period_that_may_begin_below_what_is_here) {
  const salus::testing::TempFolder temp;
  const Path folder = temp.path() / "data";
  ALedger ledger{folder};
  ledger.add_blocks(6, 1);
  ledger.forget(Height{3}, Height{3}, Height{0});
  ledger.close();
  const auto ask = [&](std::uint64_t since_ms) {
    return export_ledger(folder, {.since_ms = since_ms}, [](std::string_view) { return true; });
  };
  // Height 3 is the lowest here; what is of its second may be below it too.
  for (const std::uint64_t height : {1U, 2U, 3U}) {
    const auto done = ask(dao::test::kGenesisMs + 1'000 * height);
    ASSERT_FALSE(done) << height;
    EXPECT_EQ(done.error().fault, Fault::Pruned);
    EXPECT_NE(done.error().reason.find("--from 3"), std::string::npos);
  }
  const auto done = ask(dao::test::kGenesisMs + 4'000);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->blocks, 3U);
}

}  // namespace
}  // namespace salus::upkeep
