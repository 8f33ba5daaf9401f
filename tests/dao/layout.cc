// Owns: the table of tables.
#include "dao/layout.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <string_view>

#include "state/record.h"
#include "wire/strict_parse.h"

namespace salus::dao::test {

namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr std::size_t kAnyLength = 1'000;

struct Layout {
  int table;
  std::string_view name;
  // After the table byte.
  std::size_t key_bytes;
  // A message; or nothing, and this many bytes.
  std::string_view record;
  std::size_t value_bytes;
};
constexpr Layout kLayouts[] = {
    {0x01, "Network", kAnyLength, "", kAnyLength},
    {0x02, "DueByTime", kAnyLength, "DueItem", 0},
    {0x04, "Acts", 8, "JointAct", 0},
    {0x05, "ActsByContent", 32, "", 8},
    {0x06, "ActCounters", 0, "", 8},
    {0x07, "Pauses", 8, "PauseRecord", 0},
    {0x08, "PausedTypes", 4, "PausedType", 0},
    {0x09, "Charges", 32, "Sentinel", 0},
    {0x0a, "ChargeClock", 0, "ChargeClock", 0},
    {0x0b, "PauseCounters", 0, "", 8},
    {0x0c, "ParameterHistories", kAnyLength, "ParameterHistory", 0},
    {0x0d, "RetiredTracks", 1, "RetiredTrack", 0},
    {0x10, "Accounts", 32, "Account", 0},
    {0x11, "OpenQuotas", 32, "OpenQuota", 0},
    {0x12, "Recoveries", 32, "Recovery", 0},
    {0x13, "RecoveryChanges", 32, "RecoveryChange", 0},
    {0x14, "Guarded", 32 + 32, "", 0},
    {0x18, "Assets", 4, "Asset", 0},
    {0x19, "Balances", 32 + 4, "Balance", 0},
    {0x1a, "Escrows", 1 + 8 + 4, "Escrow", 0},
    {0x1b, "Schedules", 8, "Schedule", 0},
    {0x1c, "SchedulesOf", 32 + 8, "", 0},
    {0x1d, "StakeLocks", 32, "StakeLock", 0},
    {0x1e, "AssetCounters", 1, "", 8},
    {0x20, "Weights", 32, "WeightHistory", 0},
    {0x21, "Totals", 1, "TotalHistory", 0},
    {0x22, "SnapshotClock", 0, "SnapshotClock", 0},
    {0x23, "Delegations", 32 + 1, "DelegationHistory", 0},
    {0x24, "Received", 32 + 1, "ReceivedHistory", 0},
    {0x25, "DelegateProfiles", 32, "DelegateProfile", 0},
    {0x26, "DelegatorsOf", 32 + 1 + 32, "", 0},
    {0x28, "Members", 32, "Member", 0},
    {0x29, "Chambers", 1, "Chamber", 0},
    {0x2a, "Applications", 32, "Application", 0},
    {0x2b, "Nullifiers", 32, "", 32},
    {0x2c, "Credentials", 8, "Credential", 0},
    {0x2d, "CredentialsOf", 32 + 1, "", kAnyLength},
    {0x2e, "Issuers", 32, "Issuer", 0},
    {0x2f, "Offices", 32 + 1, "Office", 0},
    {0x30, "MembershipCounters", 0, "", 8},
    {0x31, "MemberCounts", 0, "MemberCounts", 0},
    {0x32, "IssuedBy", 32 + 8, "", 8},
    {0x33, "Defences", 8 + 32, "Defence", 0},
    {0x38, "Parameters", kAnyLength, "Parameter", 0},
    {0x39, "Tracks", 1, "Track", 0},
    {0x3a, "Proposals", 8, "Proposal", 0},
    {0x3b, "Tallies", 8 + 1, "Tally", 0},
    {0x3c, "Stances", 8 + 32, "Stance", 0},
    {0x3d, "Endorsements", 8 + 32, "Endorsement", 0},
    {0x3e, "Payloads", 32, "Payload", 0},
    {0x3f, "Executions", 32, "Execution", 0},
    {0x40, "TrackWindows", 1 + 4, "TrackWindow", 0},
    {0x41, "OpenByTrack", 1, "OpenCount", 0},
    {0x42, "OpenByMember", 32, "OpenCount", 0},
    {0x43, "OutageClock", 0, "OutageClock", 0},
    {0x44, "GovernanceCounters", 1, "", 8},
    {0x45, "OpenProposals", 8, "", kAnyLength},
    {0x50, "Funds", 4, "Fund", 0},
    {0x51, "Payouts", 8, "Payout", 0},
    {0x52, "PayoutsByOrigin", 32, "", 8},
    {0x53, "PayeeMarks", 32, "PayeeMark", 0},
    {0x54, "FundTotals", 4 + 4, "FundTotals", 0},
    {0x55, "TreasuryCounters", 1, "", 8},
    {0x56, "Budgets", 4, "Budget", 0},
    {0x57, "Grants", 8, "Grant", 0},
    {0x58, "Streams", 8, "Stream", 0},
    {0x59, "FundEntries", 4 + 4 + 8, "FundEntry", 0},
    {0x5a, "PayoutsOf", 32 + 8, "", 0},
    {0x60, "ValidatorSets", 0, "ValidatorSet", 0},
    {0x61, "ValidatorLiveness", 32, "ValidatorLiveness", 0},
    {0x62, "PendingSet", 0, "ValidatorSet", 0},
    {0x63, "PastSets", 1, "ValidatorSet", 0},
    {0x64, "SetChanges", 0, "SetChangeQueue", 0},
    {0x65, "ValidatorCounters", 0, "", 8},
    {0x66, "Validators", 32, "Validator", 0},
    {0x67, "ValidatorKeys", 32, "", 32},
    {0x68, "ValidatorNames", kAnyLength, "", 32},
    {0x69, "Equivocations", 8 + 32, "Equivocation", 0},
    {0x6a, "RecentDigests", 4, "", 8 + 32},
    {0x62, "PendingSet", 0, "ValidatorSet", 0},
    {0x63, "PastSets", 1, "ValidatorSet", 0},
    {0x64, "SetChanges", 0, "SetChangeQueue", 0},
    {0x65, "ValidatorCounters", 0, "", 8},
    {0x66, "Validators", 32, "Validator", 0},
    {0x67, "ValidatorKeys", 32, "", 32},
    {0x68, "ValidatorNames", kAnyLength, "", 32},
    {0x69, "Equivocations", 8 + 32, "Equivocation", 0},
    {0x6a, "RecentDigests", 4, "", 40},
    {0x6b, "Protocol", 0, "Protocol", 0},
    {0x6c, "Upgrades", 4, "Upgrade", 0},
    {0x6d, "ReadySignals", 32, "ReadySignal", 0},
};

const Layout* find_layout(int table) {
  const auto* const found = std::ranges::find(kLayouts, table, &Layout::table);
  return found == std::end(kLayouts) ? nullptr : found;
}

void expect_one(std::string_view key, std::string_view value) {
  const int table = static_cast<std::uint8_t>(key[0]);
  SCOPED_TRACE("table " + std::to_string(table));
  const Layout* layout = find_layout(table);
  ASSERT_NE(layout, nullptr) << "no line in tests/dao/layout.cc";
  if (layout->key_bytes != kAnyLength) {
    EXPECT_EQ(key.size(), 1 + layout->key_bytes);
  }
  if (layout->record.empty()) {
    if (layout->value_bytes != kAnyLength) {
      EXPECT_EQ(value.size(), layout->value_bytes);
    }
    return;
  }
  const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(
      "salus.v1." + std::string{layout->record});
  ASSERT_NE(type, nullptr) << layout->record;
  const std::unique_ptr<Message> record{
      MessageFactory::generated_factory()->GetPrototype(type)->New()};
  EXPECT_TRUE(wire::parse_bounded(*record, value, 100));
  EXPECT_FALSE(wire::has_unknown_fields(*record));
  EXPECT_EQ(state::encode(*record), value);
}

}  // namespace

std::set<int> expect_known_layout(const state::Overlay& state) {
  std::set<int> tables;
  state.scan("", "", [&](std::string_view key, std::string_view value) {
    tables.insert(static_cast<std::uint8_t>(key[0]));
    expect_one(key, value);
    return true;
  });
  return tables;
}

void expect_layout_of_every_table() {
  std::ifstream header(SALUS_SOURCE_DIR "/src/state/table.h");
  const std::regex row(R"(^\s+(\w+) = 0x([0-9a-f]+),)");
  std::size_t tables = 0;
  for (std::string line; std::getline(header, line);) {
    std::smatch found;
    if (!std::regex_search(line, found, row)) continue;
    ++tables;
    const Layout* layout = find_layout(std::stoi(found[2].str(), nullptr, 16));
    ASSERT_NE(layout, nullptr) << found[1] << " has no line in tests/dao/layout.cc";
    EXPECT_EQ(layout->name, found[1].str());
  }
  EXPECT_GE(tables, 42U);
}

}  // namespace salus::dao::test
