// Owns: the table of tables: module, parts of the key, and record of each.
#include "upkeep/records.h"

#include <memory>
#include <span>

#include "base/bytes.h"
#include "salus/v1/accounts.pb.h"
#include "salus/v1/acts.pb.h"
#include "salus/v1/assets.pb.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/treasury.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/table.h"

namespace salus::upkeep {

namespace {

using google::protobuf::Message;
using state::Table;

struct Part {
  const char* name;
  // Bytes of a number; 32 for an id; 0 for text to the end.
  std::size_t bytes;
};

struct Row {
  Table table;
  const char* module;
  const char* name;
  std::vector<Part> key;
  // Null: the value is no message but an id or number.
  const Message* record;
};

template <typename T>
const Message* record() {
  return &T::default_instance();
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {Table::Network, "dao", "Network", {}, record<v1::GenesisDocument>()},
      {Table::DueByTime,
       "dao",
       "DueByTime",
       {{"class", 1}, {"at_ms", 8}, {"kind", 1}, {"ref", 0}},
       record<v1::DueItem>()},
      {Table::Acts, "acts", "Acts", {{"act", 8}}, record<v1::JointAct>()},
      {Table::ActsByContent, "acts", "ActsByContent", {{"hash", 32}}, nullptr},
      {Table::ActCounters, "acts", "ActCounters", {}, nullptr},
      {Table::Pauses, "pauses", "Pauses", {{"pause", 8}}, record<v1::PauseRecord>()},
      {Table::PausedTypes, "pauses", "PausedTypes", {{"type", 4}}, record<v1::PausedType>()},
      {Table::Charges, "pauses", "Charges", {{"account", 32}}, record<v1::Sentinel>()},
      {Table::ChargeClock, "pauses", "ChargeClock", {}, record<v1::ChargeClock>()},
      {Table::PauseCounters, "pauses", "PauseCounters", {}, nullptr},
      {Table::ParameterHistories,
       "governance",
       "ParameterHistories",
       {{"name", 0}},
       record<v1::ParameterHistory>()},
      {Table::RetiredTracks,
       "governance",
       "RetiredTracks",
       {{"track", 1}},
       record<v1::RetiredTrack>()},
      {Table::Accounts, "accounts", "Accounts", {{"account", 32}}, record<v1::Account>()},
      {Table::OpenQuotas, "accounts", "OpenQuotas", {{"account", 32}}, record<v1::OpenQuota>()},
      {Table::Recoveries, "accounts", "Recoveries", {{"account", 32}}, record<v1::Recovery>()},
      {Table::RecoveryChanges,
       "accounts",
       "RecoveryChanges",
       {{"account", 32}},
       record<v1::RecoveryChange>()},
      {Table::Guarded, "accounts", "Guarded", {{"guardian", 32}, {"account", 32}}, nullptr},
      {Table::Assets, "assets", "Assets", {{"asset", 4}}, record<v1::Asset>()},
      {Table::Balances,
       "assets",
       "Balances",
       {{"account", 32}, {"asset", 4}},
       record<v1::Balance>()},
      {Table::Escrows,
       "assets",
       "Escrows",
       {{"owner", 1}, {"id", 8}, {"asset", 4}},
       record<v1::Escrow>()},
      {Table::Schedules, "assets", "Schedules", {{"schedule", 8}}, record<v1::Schedule>()},
      {Table::SchedulesOf, "assets", "SchedulesOf", {{"account", 32}, {"schedule", 8}}, nullptr},
      {Table::StakeLocks, "assets", "StakeLocks", {{"account", 32}}, record<v1::StakeLock>()},
      {Table::AssetCounters, "assets", "AssetCounters", {{"counter", 1}}, nullptr},
      {Table::Weights, "power", "Weights", {{"account", 32}}, record<v1::WeightHistory>()},
      {Table::Totals, "power", "Totals", {{"chamber", 1}}, record<v1::TotalHistory>()},
      {Table::SnapshotClock, "power", "SnapshotClock", {}, record<v1::SnapshotClock>()},
      {Table::Delegations,
       "power",
       "Delegations",
       {{"account", 32}, {"track", 1}},
       record<v1::DelegationHistory>()},
      {Table::Received,
       "power",
       "Received",
       {{"account", 32}, {"track", 1}},
       record<v1::ReceivedHistory>()},
      {Table::DelegateProfiles,
       "power",
       "DelegateProfiles",
       {{"account", 32}},
       record<v1::DelegateProfile>()},
      {Table::DelegatorsOf,
       "power",
       "DelegatorsOf",
       {{"delegate", 32}, {"track", 1}, {"account", 32}},
       nullptr},
      {Table::Members, "membership", "Members", {{"account", 32}}, record<v1::Member>()},
      {Table::Chambers, "membership", "Chambers", {{"chamber", 1}}, record<v1::Chamber>()},
      {Table::Applications,
       "membership",
       "Applications",
       {{"account", 32}},
       record<v1::Application>()},
      {Table::Nullifiers, "membership", "Nullifiers", {{"nullifier", 32}}, nullptr},
      {Table::Credentials,
       "membership",
       "Credentials",
       {{"credential", 8}},
       record<v1::Credential>()},
      {Table::CredentialsOf,
       "membership",
       "CredentialsOf",
       {{"account", 32}, {"kind", 1}},
       nullptr},
      {Table::Issuers, "membership", "Issuers", {{"account", 32}}, record<v1::Issuer>()},
      {Table::Offices,
       "membership",
       "Offices",
       {{"account", 32}, {"role", 1}},
       record<v1::Office>()},
      {Table::MembershipCounters, "membership", "MembershipCounters", {{"counter", 1}}, nullptr},
      {Table::MemberCounts, "membership", "MemberCounts", {}, record<v1::MemberCounts>()},
      {Table::IssuedBy, "membership", "IssuedBy", {{"issuer", 32}, {"number", 8}}, nullptr},
      {Table::Defences,
       "membership",
       "Defences",
       {{"proposal", 8}, {"account", 32}},
       record<v1::Defence>()},
      {Table::Parameters, "governance", "Parameters", {{"name", 0}}, record<v1::Parameter>()},
      {Table::Tracks, "governance", "Tracks", {{"track", 1}}, record<v1::Track>()},
      {Table::Proposals, "governance", "Proposals", {{"proposal", 8}}, record<v1::Proposal>()},
      {Table::Tallies,
       "governance",
       "Tallies",
       {{"proposal", 8}, {"chamber", 1}},
       record<v1::Tally>()},
      {Table::Stances,
       "governance",
       "Stances",
       {{"proposal", 8}, {"account", 32}},
       record<v1::Stance>()},
      {Table::Endorsements,
       "governance",
       "Endorsements",
       {{"proposal", 8}, {"account", 32}},
       record<v1::Endorsement>()},
      {Table::Payloads, "governance", "Payloads", {{"hash", 32}}, record<v1::Payload>()},
      {Table::Executions, "governance", "Executions", {{"execution", 32}}, record<v1::Execution>()},
      {Table::TrackWindows,
       "governance",
       "TrackWindows",
       {{"track", 1}, {"asset", 4}},
       record<v1::TrackWindow>()},
      {Table::OpenByTrack, "governance", "OpenByTrack", {{"track", 1}}, record<v1::OpenCount>()},
      {Table::OpenByMember,
       "governance",
       "OpenByMember",
       {{"account", 32}},
       record<v1::OpenCount>()},
      {Table::OutageClock, "governance", "OutageClock", {}, record<v1::OutageClock>()},
      {Table::GovernanceCounters, "governance", "GovernanceCounters", {{"counter", 1}}, nullptr},
      {Table::OpenProposals, "governance", "OpenProposals", {{"proposal", 8}}, nullptr},
      {Table::Funds, "treasury", "Funds", {{"fund", 4}}, record<v1::Fund>()},
      {Table::Payouts, "treasury", "Payouts", {{"payout", 8}}, record<v1::Payout>()},
      {Table::PayoutsByOrigin, "treasury", "PayoutsByOrigin", {{"origin", 32}}, nullptr},
      {Table::PayeeMarks, "treasury", "PayeeMarks", {{"account", 32}}, record<v1::PayeeMark>()},
      {Table::FundTotals,
       "treasury",
       "FundTotals",
       {{"fund", 4}, {"asset", 4}},
       record<v1::FundTotals>()},
      {Table::TreasuryCounters, "treasury", "TreasuryCounters", {{"counter", 1}}, nullptr},
      {Table::Budgets, "treasury", "Budgets", {{"budget", 4}}, record<v1::Budget>()},
      {Table::Grants, "treasury", "Grants", {{"grant", 8}}, record<v1::Grant>()},
      {Table::Streams, "treasury", "Streams", {{"schedule", 8}}, record<v1::Stream>()},
      {Table::FundEntries,
       "treasury",
       "FundEntries",
       {{"fund", 4}, {"asset", 4}, {"number", 8}},
       record<v1::FundEntry>()},
      {Table::PayoutsOf, "treasury", "PayoutsOf", {{"payee", 32}, {"payout", 8}}, nullptr},
      {Table::ValidatorSets, "validators", "ValidatorSets", {}, record<v1::ValidatorSet>()},
      {Table::ValidatorLiveness,
       "validators",
       "ValidatorLiveness",
       {{"operator", 32}},
       record<v1::ValidatorLiveness>()},
      {Table::PendingSet, "validators", "PendingSet", {}, record<v1::ValidatorSet>()},
      {Table::PastSets, "validators", "PastSets", {{"slot", 1}}, record<v1::ValidatorSet>()},
      {Table::SetChanges, "validators", "SetChanges", {}, record<v1::SetChangeQueue>()},
      {Table::ValidatorCounters, "validators", "ValidatorCounters", {}, nullptr},
      {Table::Validators, "validators", "Validators", {{"operator", 32}}, record<v1::Validator>()},
      {Table::ValidatorKeys, "validators", "ValidatorKeys", {{"key", 32}}, nullptr},
      {Table::ValidatorNames, "validators", "ValidatorNames", {{"name", 0}}, nullptr},
      {Table::Equivocations,
       "validators",
       "Equivocations",
       {{"epoch", 8}, {"operator", 32}},
       record<v1::Equivocation>()},
      {Table::RecentDigests, "validators", "RecentDigests", {{"slot", 4}}, nullptr},
      {Table::Protocol, "validators", "Protocol", {}, record<v1::Protocol>()},
      {Table::Upgrades, "validators", "Upgrades", {{"version", 4}}, record<v1::Upgrade>()},
      {Table::ReadySignals,
       "validators",
       "ReadySignals",
       {{"operator", 32}},
       record<v1::ReadySignal>()},
  };
  return kRows;
}

const Row* find_row(std::string_view state_key) {
  if (state_key.empty()) return nullptr;
  for (const Row& row : rows()) {
    if (static_cast<std::uint8_t>(row.table) == static_cast<std::uint8_t>(state_key.front())) {
      return &row;
    }
  }
  return nullptr;
}

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes) out = (out << 8U) | byte;
  return out;
}

bool is_text(std::string_view bytes) {
  for (const char c : bytes) {
    if (c < ' ' || c > '~') return false;
  }
  return !bytes.empty();
}

std::string key_text(const Row& row, std::string_view key) {
  std::string out;
  for (const Part& part : row.key) {
    const std::size_t bytes = part.bytes == 0 ? key.size() : part.bytes;
    if (key.size() < bytes) break;
    const std::string_view at = key.substr(0, bytes);
    key.remove_prefix(bytes);
    if (!out.empty()) out += ' ';
    out += std::string{part.name} + "=";
    if (part.bytes == 0 && is_text(at)) {
      out += at;
    } else if (bytes <= 8) {
      out += std::to_string(number_of(as_bytes(at)));
    } else {
      out += hex(as_bytes(at));
    }
  }
  if (key.empty()) return out;
  return out + (out.empty() ? "" : " ") + hex(as_bytes(key));
}

}  // namespace

RecordName name_of(std::string_view state_key) {
  const Row* row = find_row(state_key);
  if (row == nullptr) return {"unknown", "unknown", hex(as_bytes(state_key))};
  return {row->module, row->name, key_text(*row, state_key.substr(1))};
}

Json value_of(std::string_view state_key, const std::optional<std::string>& value) {
  if (!value) return nullptr;
  const Row* row = find_row(state_key);
  if (row == nullptr || row->record == nullptr) {
    if (value->size() == 8) return std::to_string(number_of(as_bytes(*value)));
    return hex(as_bytes(*value));
  }
  const std::unique_ptr<Message> record{row->record->New()};
  if (!record->ParseFromString(*value)) return hex(as_bytes(*value));
  return to_json(*record);
}

Json to_json(const RecordDifference& difference, const std::string& first,
             const std::string& second) {
  const RecordName name = name_of(difference.state_key);
  Json out = Json::object();
  out["module"] = name.module;
  out["table"] = name.table;
  out["key"] = name.key;
  out["key_bytes"] = hex(as_bytes(difference.state_key));
  out[first] = value_of(difference.state_key, difference.first);
  out[second] = value_of(difference.state_key, difference.second);
  return out;
}

}  // namespace salus::upkeep
