// Owns: what the report of a node that has diverged says, for a block that is in the ledger already
// and for one that is not.
#include "upkeep/divergence.h"

#include <gtest/gtest.h>

#include <fstream>

#include "ledger/keys.h"
#include "state/layout.h"
#include "state/table.h"
#include "support/temp_folder.h"
#include "upkeep/a_ledger.h"

namespace salus::upkeep {
namespace {

using test::ALedger;

class DivergenceReports : public ::testing::Test {
 protected:
  DivergenceReports() {
    ledger_.add_blocks(2);
    divergence_.height = ledger_.tip().height.next();
    divergence_.reason = "The state root is another one.";
    divergence_.block = "the next block";
    divergence_.parent = ledger_.tip().digest;
    divergence_.own_state_root = ledger_.tip().state_root;
    divergence_.own_results_root = ledger_.tip().results_root;
    divergence_.expected_state_root.bytes.fill(9);
    divergence_.expected_results_root = ledger_.tip().results_root;
  }

  salus::testing::TempFolder temp_;
  ALedger ledger_{temp_.path() / "data"};
  replica::Divergence divergence_;
};

TEST_F(DivergenceReports, name_every_record_that_the_last_block_changed_with_its_own_value) {
  const DivergenceReport report = describe(divergence_, ledger_.store());
  EXPECT_EQ(report.json["height"], "2");
  EXPECT_EQ(report.json["refused_height"], "3");
  EXPECT_EQ(report.json["state_root"]["own"], ledger_.tip().state_root.to_hex());
  EXPECT_EQ(report.json["state_root"]["expected"], divergence_.expected_state_root.to_hex());
  EXPECT_EQ(report.json["block_bytes"],
            hex(as_bytes(*ledger_.store().get(ledger::block_key(Height{2})))));
  bool has_balance = false;
  for (const Json& change : report.json["changes"]) {
    if (change["table"] != "Balances") continue;
    if (change["key"] != "account=" + ledger_.account("mira").to_hex() + " asset=0") continue;
    has_balance = true;
    EXPECT_EQ(std::stoull(change["before"]["amount"].get<std::string>()),
              std::stoull(change["own"]["amount"].get<std::string>()) + 2);
  }
  EXPECT_TRUE(has_balance) << report.json.dump(2);
  EXPECT_NE(report.sentence.find("height 2"), std::string::npos);
  EXPECT_NE(report.sentence.find("assets"), std::string::npos) << report.sentence;
}

TEST_F(DivergenceReports, name_the_one_record_where_there_is_one) {
  divergence_.parent_block = "a block in memory";
  divergence_.changes.emplace(state::Key{state::Table::Funds}.u32(7).str(),
                              replica::RecordChange{.before = std::nullopt, .after = ""});
  const DivergenceReport report = describe(divergence_, ledger_.store());
  EXPECT_NE(report.sentence.find("treasury Funds fund=7"), std::string::npos) << report.sentence;
  EXPECT_EQ(report.json["changes"].size(), 1U);
}

TEST_F(DivergenceReports, name_the_record_that_peers_showed_with_both_values) {
  const std::string key = state::Key{state::Table::Funds}.u32(7).str();
  divergence_.difference =
      replica::RecordDifference{.key = key, .own = std::nullopt, .agreed = std::string{}};
  const DivergenceReport report = describe(divergence_, ledger_.store());
  EXPECT_NE(report.sentence.find("The first record that differs is treasury Funds fund=7."),
            std::string::npos)
      << report.sentence;
  const Json& difference = report.json["difference"];
  EXPECT_EQ(difference["module"], "treasury");
  EXPECT_EQ(difference["table"], "Funds");
  EXPECT_EQ(difference["key"], "fund=7");
  EXPECT_TRUE(difference["own"].is_null());
  EXPECT_TRUE(difference["agreed"].is_object()) << difference.dump();
}

TEST_F(DivergenceReports, hold_the_own_results_where_these_differ) {
  divergence_.expected_state_root = *divergence_.own_state_root;
  divergence_.expected_results_root.bytes.fill(9);
  const auto stored = describe(divergence_, ledger_.store());
  ASSERT_EQ(stored.json["results"].size(), 2U);
  EXPECT_EQ(stored.json["results"][0]["code"], "ERROR_CODE_UNSPECIFIED");
  EXPECT_EQ(stored.json["results_left_out"], 0U);
  EXPECT_NE(stored.sentence.find("results root"), std::string::npos);
  EXPECT_NE(stored.sentence.find("chain block 2"), std::string::npos) << stored.sentence;
  // In blocks that come by height the executed one never reaches the ledger.
  v1::BlockResults own;
  own.add_results()->set_tx_id("one");
  divergence_.parent_block = "a block in memory";
  divergence_.parent_results = own.SerializeAsString();
  const auto held = describe(divergence_, ledger_.store());
  ASSERT_EQ(held.json["results"].size(), 1U);
  EXPECT_EQ(held.json["results"][0]["tx_id"], hex(as_bytes("one")));
  // However much the block did.
  for (int i = 0; i < 9; ++i) own.add_results()->set_tx_id(std::string(1U << 20U, 'x'));
  divergence_.parent_results = own.SerializeAsString();
  const auto cut = describe(divergence_, ledger_.store());
  EXPECT_EQ(cut.json["results"].size() + cut.json["results_left_out"].get<std::size_t>(), 10U);
  EXPECT_LT(cut.json.dump().size(), std::size_t{16} << 20U);
}

TEST_F(DivergenceReports, promise_no_results_that_are_not_kept) {
  divergence_.expected_state_root = *divergence_.own_state_root;
  divergence_.expected_results_root.bytes.fill(9);
  StoreBatch pruned;
  pruned.erase(ledger::results_key(Height{2}));
  ASSERT_TRUE(ledger_.store().write(pruned).has_value());
  const auto report = describe(divergence_, ledger_.store());
  EXPECT_FALSE(report.json.contains("results"));
  EXPECT_NE(report.sentence.find("not kept"), std::string::npos) << report.sentence;
}

TEST_F(DivergenceReports, of_a_block_that_is_not_held_say_which_and_why) {
  replica::Divergence unheld;
  unheld.height = Height{3};
  unheld.digest.bytes.fill(7);
  unheld.reason = "A transaction in it is wrongly signed.";
  const auto report = describe(unheld, ledger_.store());
  EXPECT_EQ(report.json["height"], "2");
  EXPECT_EQ(report.json["refused_block"], unheld.digest.to_hex());
  EXPECT_EQ(report.json["reason"], unheld.reason);
  EXPECT_FALSE(report.json.contains("state_root")) << "nothing is known of it";
  EXPECT_NE(report.sentence.find(unheld.reason), std::string::npos);
}

TEST_F(DivergenceReports, of_a_block_that_breaks_a_rule_say_the_rule) {
  divergence_.expected_state_root = *divergence_.own_state_root;
  divergence_.reason = "Its time is not after its parent's.";
  const DivergenceReport report = describe(divergence_, ledger_.store());
  EXPECT_NE(report.sentence.find(divergence_.reason), std::string::npos);
  EXPECT_TRUE(report.json["changes"].empty());
}

TEST_F(DivergenceReports, are_written_once_and_again_when_the_record_is_known) {
  const DivergenceReport report = describe(divergence_, ledger_.store());
  const auto path = write_report(report, Height{2}, temp_.path());
  ASSERT_TRUE(path) << path.error().reason;
  EXPECT_EQ(path->filename(), "divergence-2.json");
  const auto size = std::filesystem::file_size(*path);
  const auto again = write_report({"other", Json::object()}, Height{2}, temp_.path());
  ASSERT_TRUE(again);
  EXPECT_EQ(std::filesystem::file_size(*path), size) << "the first one says where";
  EXPECT_EQ(sentence_of_report(*path), report.sentence);
  // A power cut left the half of a file beside it.
  std::ofstream{path->string() + ".new"} << "half";
  divergence_.difference = replica::RecordDifference{
      .key = state::Key{state::Table::Funds}.u32(7).str(), .own = std::nullopt, .agreed = ""};
  const DivergenceReport better = describe(divergence_, ledger_.store());
  ASSERT_TRUE(write_report(better, Height{2}, temp_.path()));
  EXPECT_EQ(sentence_of_report(*path), better.sentence);
  EXPECT_FALSE(std::filesystem::exists(path->string() + ".new"));
  EXPECT_EQ(sentence_of_report(temp_.path() / "divergence-3.json"), "");
  const auto refused = write_report(report, Height{2}, temp_.path() / "nowhere");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::DiskFailed);
}

}  // namespace
}  // namespace salus::upkeep
