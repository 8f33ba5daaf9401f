// Owns: every table of the state has a name here, and any bytes have words.
#include "upkeep/records.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "base/ids.h"
#include "state/table.h"

namespace salus::upkeep {
namespace {

TEST(Records, of_every_table_have_its_name_and_a_module) {
  std::ifstream file{std::string{SALUS_SOURCE_DIR} + "/src/state/table.h"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::regex line{"^  ([A-Za-z]+) = 0x([0-9a-f]{2}),", std::regex::multiline};
  int found = 0;
  for (std::sregex_iterator at{text.begin(), text.end(), line}, end; at != end; ++at) {
    const auto number = static_cast<char>(std::stoul((*at)[2], nullptr, 16));
    const RecordName name = name_of(std::string(1, number));
    EXPECT_EQ(name.table, (*at)[1].str());
    EXPECT_NE(name.module, "unknown");
    ++found;
  }
  EXPECT_GT(found, 40) << "the search itself is broken";
}

TEST(Records, have_their_key_in_words) {
  AccountId account;
  account.bytes.fill(0xab);
  EXPECT_EQ(name_of(state::Key{state::Table::Balances}.bytes(account.view()).u32(7).str()).key,
            "account=" + account.to_hex() + " asset=7");
  EXPECT_EQ(name_of(state::Key{state::Table::Parameters}.bytes(as_bytes("a.b")).str()).key,
            "name=a.b");
  EXPECT_EQ(name_of(state::Key{state::Table::DueByTime}.u8(1).u64(2).u8(9).u64(3).str()).key,
            "class=1 at_ms=2 kind=9 ref=3");
  EXPECT_EQ(name_of(state::Key{state::Table::Network}.str()).key, "");
}

TEST(Records, have_words_for_any_bytes) {
  EXPECT_EQ(name_of("").table, "unknown");
  EXPECT_EQ(name_of("\xff\x01").key, "ff01");
  EXPECT_EQ(name_of(state::Key{state::Table::Balances}.u8(1).str()).key, "01");
  const std::string key = state::Key{state::Table::Funds}.u32(1).str();
  EXPECT_EQ(value_of(key, "\xff\xff"), "ffff");
  EXPECT_TRUE(value_of(key, std::nullopt).is_null());
  EXPECT_EQ(
      value_of(state::Key{state::Table::ActCounters}.str(), std::string("\0\0\0\0\0\0\0\5", 8)),
      "5");
}

}  // namespace
}  // namespace salus::upkeep
