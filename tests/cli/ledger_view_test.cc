// Owns: what a verification and a comparison say to people: the place, the key and both values.
#include "apps/salus/ledger_view.h"

#include <gtest/gtest.h>

namespace salus::cli {
namespace {

upkeep::VerifyReport a_report() {
  upkeep::VerifyReport report;
  report.chain_id.bytes.fill(1);
  report.height = Height{40};
  report.blocks = 40;
  report.transactions = 1'000;
  report.replay_seconds = 0.5;
  return report;
}

TEST(LedgerView, of_a_right_ledger_says_so_with_its_speed) {
  const std::string text = print(a_report());
  EXPECT_NE(text.find("The ledger is right"), std::string::npos);
  EXPECT_NE(text.find("80 blocks/s, 2000 transactions/s"), std::string::npos) << text;
  const upkeep::Json json = to_json(a_report());
  EXPECT_EQ(json["right"], true);
  EXPECT_EQ(json["transactions_per_second"], 2'000.0);
}

TEST(LedgerView, of_a_difference_says_height_module_key_and_both_values) {
  upkeep::VerifyReport report = a_report();
  upkeep::Finding finding;
  finding.kind = upkeep::FindingKind::Stored;
  finding.sentence = "What is stored differs.";
  finding.height = Height{7};
  finding.module = "assets";
  finding.table = "Balances";
  finding.key = "account=ab asset=0";
  finding.expected = "5";
  finding.found = "6";
  report.findings.push_back(finding);
  const std::string text = print(report);
  for (const char* word : {"stored: What is stored differs.", "7", "assets", "Balances",
                           "account=ab asset=0", "5", "6", "Right up to there: 40 of 40 blocks."}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  EXPECT_EQ(to_json(report)["findings"][0]["height"], "7");
}

TEST(LedgerView, of_two_ledgers_says_where_they_part_and_who_agrees) {
  upkeep::LedgerDifference difference;
  difference.first_height = Height{9};
  difference.second_height = Height{12};
  difference.height = Height{9};
  EXPECT_NE(print(difference).find("Equal up to height 9"), std::string::npos);
  difference.parting = upkeep::Parting::State;
  difference.agreed_state_root = "aa";
  difference.records.push_back({.state_key = "\x50", .first = std::nullopt, .second = ""});
  difference.records_in_all = 5;
  const std::string text = print(difference);
  for (const char* word : {"They part at height 9", "another state", "aa", "treasury Funds",
                           "(none)", "4 records more differ"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
}

}  // namespace
}  // namespace salus::cli
