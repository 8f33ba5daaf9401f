// Owns: what an export says of a small history, line by line.
#include "upkeep/export.h"

#include <gtest/gtest.h>

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

  std::vector<std::string> run(ExportForm form, const ExportRange& range = {}) const {
    std::vector<std::string> lines;
    const auto done = export_ledger(folder_, form, range, [&](std::string_view line) {
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
  const auto lines = run(ExportForm::JsonLines);
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
  const auto lines = run(ExportForm::JsonLines, {.from = Height{2}, .to = Height{2}});
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_EQ(Json::parse(line)["height"], "2");
}

TEST_F(Export, of_csv_has_a_head_and_equal_columns) {
  for (const auto form : {ExportForm::TreasuryCsv, ExportForm::VotesCsv}) {
    const auto lines = run(form);
    ASSERT_FALSE(lines.empty());
    const auto columns = std::ranges::count(lines.front(), ',');
    for (const std::string& line : lines) EXPECT_EQ(std::ranges::count(line, ','), columns) << line;
  }
}

TEST_F(Export, ends_when_nobody_takes_its_lines) {
  const auto done =
      export_ledger(folder_, ExportForm::JsonLines, {}, [](std::string_view) { return false; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::Stopped);
}

}  // namespace
}  // namespace salus::upkeep
