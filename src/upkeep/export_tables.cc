// Owns: the tables.
#include "upkeep/export_tables.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/assert.h"
#include "base/bytes.h"

namespace salus::upkeep {

namespace {

constexpr std::array kMoney = {
    v1::EVENT_KIND_MINTED,           v1::EVENT_KIND_BURNED,
    v1::EVENT_KIND_FUND_CREATED,     v1::EVENT_KIND_FUNDS_MOVED,
    v1::EVENT_KIND_DONATED,          v1::EVENT_KIND_PAYOUT_PAID,
    v1::EVENT_KIND_PAYOUT_WAITING,   v1::EVENT_KIND_PAYOUT_EXPIRED,
    v1::EVENT_KIND_PAYOUT_CANCELLED, v1::EVENT_KIND_DEPOSIT_RETURNED,
    v1::EVENT_KIND_DEPOSIT_SLASHED,  v1::EVENT_KIND_BUDGET_SPENT,
    v1::EVENT_KIND_GRANT_AWARDED,    v1::EVENT_KIND_GRANT_LAPSED,
    v1::EVENT_KIND_GRANT_CANCELLED,  v1::EVENT_KIND_TRANCHE_PAID,
    v1::EVENT_KIND_STREAM_OPENED,    v1::EVENT_KIND_STREAM_CANCELLED,
    v1::EVENT_KIND_SCHEDULE_CLAIMED, v1::EVENT_KIND_SCHEDULE_CANCELLED,
    v1::EVENT_KIND_SCHEDULE_LAPSED,
};
constexpr std::array kBallots = {v1::EVENT_KIND_BALLOT_CAST};
constexpr std::array kOutcomes = {
    v1::EVENT_KIND_PROPOSAL_PASSED,   v1::EVENT_KIND_PROPOSAL_REJECTED,
    v1::EVENT_KIND_PROPOSAL_VETOED,   v1::EVENT_KIND_PROPOSAL_LAPSED,
    v1::EVENT_KIND_PROPOSAL_EXPIRED,  v1::EVENT_KIND_PROPOSAL_CANCELLED,
    v1::EVENT_KIND_EXECUTION_HELD,    v1::EVENT_KIND_EXECUTION_FAILED,
    v1::EVENT_KIND_PROPOSAL_EXECUTED,
};
constexpr std::array kDelegations = {
    v1::EVENT_KIND_DELEGATION_SET,
    v1::EVENT_KIND_DELEGATION_CLEARED,
    v1::EVENT_KIND_DELEGATION_ENDED,
};

constexpr std::array kMoneyFields = {
    v1::EVENT_FIELD_FUND,    v1::EVENT_FIELD_ASSET,    v1::EVENT_FIELD_AMOUNT,
    v1::EVENT_FIELD_BALANCE, v1::EVENT_FIELD_RETURNED, v1::EVENT_FIELD_CATEGORY,
    v1::EVENT_FIELD_PAYOUT,  v1::EVENT_FIELD_BUDGET,   v1::EVENT_FIELD_GRANT,
    v1::EVENT_FIELD_TRANCHE, v1::EVENT_FIELD_SCHEDULE, v1::EVENT_FIELD_PROPOSAL,
};
constexpr std::array kBallotFields = {
    v1::EVENT_FIELD_PROPOSAL,
    v1::EVENT_FIELD_CHAMBER,
    v1::EVENT_FIELD_WEIGHT,
};
constexpr std::array kOutcomeFields = {
    v1::EVENT_FIELD_PROPOSAL, v1::EVENT_FIELD_RULE, v1::EVENT_FIELD_CAUSE,
    v1::EVENT_FIELD_ATTEMPT,  v1::EVENT_FIELD_CODE, v1::EVENT_FIELD_ACTION_INDEX,
};
constexpr std::array kDelegationFields = {v1::EVENT_FIELD_TRACK, v1::EVENT_FIELD_SHARE};

struct Columns {
  std::span<const v1::EventKind> kinds;
  std::span<const v1::EventField> fields;
};

Columns columns_of(ExportTable table) {
  switch (table) {
    case ExportTable::History:
      return {};
    case ExportTable::Treasury:
      return {kMoney, kMoneyFields};
    case ExportTable::Votes:
      return {kBallots, kBallotFields};
    case ExportTable::Outcomes:
      return {kOutcomes, kOutcomeFields};
    case ExportTable::Delegations:
      return {kDelegations, kDelegationFields};
  }
  std::unreachable();
}

std::string join(const std::vector<std::string>& cells, char between) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += between;
    out += cells[i];
  }
  return out;
}

std::string values_of(const v1::Event& event, v1::EventField field) {
  std::vector<std::string> out;
  for (const v1::EventAttribute& at : event.attributes()) {
    if (at.field() == field) out.push_back(std::to_string(at.value()));
  }
  return join(out, ' ');
}

// Where it stands, what it is, who did it, its numbers.
std::vector<std::string> common_cells(ExportTable table, const Placed& placed) {
  const v1::Event& event = placed.event;
  std::string id;
  if (placed.transaction) {
    id = hex(as_bytes(placed.block.results().results(*placed.transaction).tx_id()));
  }
  std::vector<std::string> accounts;
  for (const std::string& account : event.accounts()) accounts.push_back(hex(as_bytes(account)));
  std::vector<std::string> out{height_of(placed.block),
                               std::to_string(placed.block.header().time_ms()),
                               placed.transaction ? std::to_string(*placed.transaction) : "",
                               std::to_string(placed.index),
                               id,
                               kind_of(event),
                               join(accounts, ' ')};
  for (const v1::EventField field : columns_of(table).fields) {
    out.push_back(values_of(event, field));
  }
  return out;
}

// Choice, option, part or votes, reason.
std::vector<std::vector<std::string>> ballot_cells(const v1::Vote& ballot) {
  const std::string reason = hex(as_bytes(ballot.reason_hash()));
  std::vector<std::vector<std::string>> out;
  for (const v1::BallotPart& part : ballot.parts()) {
    out.push_back({word_of(v1::Choice_Name(part.choice()), "CHOICE_"),
                   part.option() == 0 ? "" : std::to_string(part.option()),
                   std::to_string(part.part()), "", reason});
  }
  for (const std::uint32_t option : ballot.options()) {
    out.push_back({"approve", std::to_string(option), "", "", reason});
  }
  for (const v1::OptionVotes& entry : ballot.votes()) {
    out.push_back({entry.option() == 0 ? "none" : "option",
                   entry.option() == 0 ? "" : std::to_string(entry.option()), "",
                   std::to_string(entry.votes()), reason});
  }
  // An approval ballot that approves nothing is a ballot too.
  if (out.empty()) out.push_back({"", "", "", "", reason});
  return out;
}

}  // namespace

bool belongs(ExportTable table, v1::EventKind kind) {
  return table == ExportTable::History ||
         std::ranges::find(columns_of(table).kinds, kind) != columns_of(table).kinds.end();
}

std::string head_of(ExportTable table) {
  SALUS_ASSERT(table != ExportTable::History, "the whole history is no table");
  std::string out = "height,time_ms,transaction,index,tx_id,event,accounts";
  for (const v1::EventField field : columns_of(table).fields) {
    out += ',' + word_of(v1::EventField_Name(field), "EVENT_FIELD_");
  }
  if (table == ExportTable::Votes) out += ",choice,option,part,votes,reason_hash";
  return out;
}

std::vector<std::string> rows_of(ExportTable table, const Placed& placed) {
  const auto start = common_cells(table, placed);
  if (table != ExportTable::Votes) return {join(start, ',')};
  std::vector<std::string> out;
  for (const auto& cells : ballot_cells(ballot_of(placed).value_or(v1::Vote{}))) {
    out.push_back(join(start, ',') + ',' + join(cells, ','));
  }
  return out;
}

std::optional<v1::Vote> ballot_of(const Placed& placed) {
  if (placed.event.kind() != v1::EVENT_KIND_BALLOT_CAST || !placed.transaction) return std::nullopt;
  v1::TxBody body;
  if (!body.ParseFromString(placed.block.transactions(*placed.transaction).body())) {
    return std::nullopt;
  }
  // Each vote of an applied transaction left one event, in the same order.
  const auto& events = placed.block.results().results(*placed.transaction).events();
  auto earlier =
      std::count_if(events.begin(), events.begin() + placed.index,
                    [](const auto& event) { return event.kind() == v1::EVENT_KIND_BALLOT_CAST; });
  for (const v1::Action& action : body.actions()) {
    if (action.has_vote() && earlier-- == 0) return action.vote();
  }
  return std::nullopt;
}

}  // namespace salus::upkeep
