// Owns: the lines.
#include "upkeep/export.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "ledger/reader.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/tx.pb.h"
#include "upkeep/json.h"

namespace salus::upkeep {

namespace {

// An event and where it stands.
struct Placed {
  const v1::FinalizedBlock& block;
  // Absent: of the due work.
  std::optional<int> transaction;
  const v1::Event& event;
};

std::optional<std::uint64_t> attribute(const v1::Event& event, v1::EventField field) {
  for (const v1::EventAttribute& at : event.attributes()) {
    if (at.field() == field) return at.value();
  }
  return std::nullopt;
}

// `EVENT_KIND_PAYOUT_PAID` as `payout_paid`.
std::string word_of(const std::string& name, std::size_t prefix) {
  std::string out = name.size() > prefix ? name.substr(prefix) : name;
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

std::string kind_of(const v1::Event& event) {
  return word_of(v1::EventKind_Name(event.kind()), std::string_view{"EVENT_KIND_"}.size());
}

Json event_json(const v1::Event& event) {
  Json out = Json::object();
  out["kind"] = kind_of(event);
  out["accounts"] = Json::array();
  for (const std::string& account : event.accounts()) {
    out["accounts"].push_back(hex(as_bytes(account)));
  }
  out["attributes"] = Json::array();
  for (const v1::EventAttribute& at : event.attributes()) {
    out["attributes"].push_back({{"field", word_of(v1::EventField_Name(at.field()),
                                                   std::string_view{"EVENT_FIELD_"}.size())},
                                 {"value", std::to_string(at.value())}});
  }
  return out;
}

std::string height_of(const v1::FinalizedBlock& block) {
  return std::to_string(block.header().height());
}

Json block_json(const v1::FinalizedBlock& block) {
  Json out = Json::object();
  out["type"] = "block";
  out["height"] = height_of(block);
  const Json header = to_json(block.header());
  for (const auto& [key, value] : header.items()) {
    if (key != "height") out[key] = value;
  }
  out["state_root"] = hex(as_bytes(block.state_root()));
  out["results_root"] = hex(as_bytes(block.results_root()));
  out["transactions"] = block.transactions_size();
  return out;
}

Json transaction_json(const v1::FinalizedBlock& block, int index) {
  const v1::Transaction& transaction = block.transactions(index);
  const v1::TxResult& result = block.results().results(index);
  Json out = Json::object();
  out["type"] = "transaction";
  out["height"] = height_of(block);
  out["index"] = index;
  out["tx_id"] = hex(as_bytes(result.tx_id()));
  v1::TxBody body;
  if (body.ParseFromString(transaction.body())) out["body"] = to_json(body);
  out["signers"] = Json::array();
  for (const v1::TxSignature& signature : transaction.signatures()) {
    out["signers"].push_back(to_json(signature));
  }
  const auto prefix = std::string_view{"ERROR_CODE_"}.size();
  out["result"] =
      result.code() == 0 ? "applied" : word_of(v1::ErrorCode_Name(result.code()), prefix);
  out["refused_action"] = result.code() == 0 ? Json{} : Json(result.action_index());
  return out;
}

Json placed_json(const Placed& placed) {
  Json out = Json::object();
  out["type"] = "event";
  out["height"] = height_of(placed.block);
  out["time_ms"] = std::to_string(placed.block.header().time_ms());
  out["transaction"] = placed.transaction ? Json(*placed.transaction) : Json{};
  const Json event = event_json(placed.event);
  for (const auto& [key, value] : event.items()) out[key] = value;
  return out;
}

// Calls `visit` with each event in order until it answers false.
bool each_event(const v1::FinalizedBlock& block, const std::function<bool(const Placed&)>& visit) {
  for (int i = 0; i < block.results().results_size(); ++i) {
    for (const v1::Event& event : block.results().results(i).events()) {
      if (!visit({block, i, event})) return false;
    }
  }
  for (const v1::Event& event : block.results().due_events()) {
    if (!visit({block, std::nullopt, event})) return false;
  }
  return true;
}

std::string number(const std::optional<std::uint64_t>& value) {
  return value ? std::to_string(*value) : std::string{};
}

std::string join(const std::vector<std::string>& cells) {
  std::string out;
  for (const std::string& cell : cells) {
    if (!out.empty() || &cell != &cells.front()) out += ',';
    out += cell;
  }
  return out;
}

// What each line begins with: numbers and hexadecimal only, so nothing needs quotes.
std::vector<std::string> place_cells(const Placed& placed) {
  std::string id;
  if (placed.transaction) {
    id = hex(as_bytes(placed.block.results().results(*placed.transaction).tx_id()));
  }
  return {height_of(placed.block), std::to_string(placed.block.header().time_ms()), id};
}

bool moves_money(v1::EventKind kind) {
  constexpr std::array kKinds = {
      v1::EVENT_KIND_MINTED,           v1::EVENT_KIND_BURNED,
      v1::EVENT_KIND_FUND_CREATED,     v1::EVENT_KIND_FUNDS_MOVED,
      v1::EVENT_KIND_DONATED,          v1::EVENT_KIND_PAYOUT_PAID,
      v1::EVENT_KIND_PAYOUT_WAITING,   v1::EVENT_KIND_PAYOUT_EXPIRED,
      v1::EVENT_KIND_DEPOSIT_RETURNED, v1::EVENT_KIND_DEPOSIT_SLASHED,
  };
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

constexpr std::string_view kTreasuryHead =
    "height,time_ms,tx_id,event,fund,asset,amount,balance,payout,category,proposal,accounts";

std::string treasury_line(const Placed& placed) {
  auto cells = place_cells(placed);
  cells.push_back(kind_of(placed.event));
  for (const auto field : {v1::EVENT_FIELD_FUND, v1::EVENT_FIELD_ASSET, v1::EVENT_FIELD_AMOUNT,
                           v1::EVENT_FIELD_BALANCE, v1::EVENT_FIELD_PAYOUT,
                           v1::EVENT_FIELD_CATEGORY, v1::EVENT_FIELD_PROPOSAL}) {
    cells.push_back(number(attribute(placed.event, field)));
  }
  std::string accounts;
  for (const std::string& account : placed.event.accounts()) {
    accounts += (accounts.empty() ? "" : " ") + hex(as_bytes(account));
  }
  cells.push_back(std::move(accounts));
  return join(cells);
}

constexpr std::string_view kVotesHead =
    "height,time_ms,tx_id,proposal,account,chamber,weight,choice,part";

// One line for each part of the ballot.
std::vector<std::string> vote_lines(const Placed& placed) {
  const v1::Event& event = placed.event;
  auto start = place_cells(placed);
  start.push_back(number(attribute(event, v1::EVENT_FIELD_PROPOSAL)));
  start.push_back(event.accounts_size() > 0 ? hex(as_bytes(event.accounts(0))) : std::string{});
  start.push_back(number(attribute(event, v1::EVENT_FIELD_CHAMBER)));
  start.push_back(number(attribute(event, v1::EVENT_FIELD_WEIGHT)));
  std::vector<std::string> out;
  std::string choice;
  for (const v1::EventAttribute& at : event.attributes()) {
    if (at.field() == v1::EVENT_FIELD_CHOICE) choice = std::to_string(at.value());
    if (at.field() != v1::EVENT_FIELD_PART) continue;
    auto cells = start;
    cells.push_back(choice);
    cells.push_back(std::to_string(at.value()));
    out.push_back(join(cells));
  }
  return out;
}

class Exporter {
 public:
  Exporter(ExportForm form, const std::function<bool(std::string_view)>& write)
      : form_(form), write_(write) {}

  bool head() {
    switch (form_) {
      case ExportForm::JsonLines:
        return true;
      case ExportForm::TreasuryCsv:
        return put(kTreasuryHead);
      case ExportForm::VotesCsv:
        return put(kVotesHead);
    }
    std::unreachable();
  }

  bool block(const v1::FinalizedBlock& block) {
    ++done.blocks;
    if (form_ == ExportForm::JsonLines) return whole(block);
    return each_event(block, [&](const Placed& placed) { return event(placed); });
  }

  Exported done;

 private:
  bool put(std::string_view line) {
    ++done.lines;
    return write_(line);
  }

  bool whole(const v1::FinalizedBlock& block) {
    if (!put(block_json(block).dump())) return false;
    for (int i = 0; i < block.transactions_size(); ++i) {
      if (!put(transaction_json(block, i).dump())) return false;
    }
    return each_event(block, [&](const Placed& placed) { return put(placed_json(placed).dump()); });
  }

  bool event(const Placed& placed) {
    if (form_ == ExportForm::TreasuryCsv) {
      return !moves_money(placed.event.kind()) || put(treasury_line(placed));
    }
    if (placed.event.kind() != v1::EVENT_KIND_BALLOT_CAST) return true;
    return std::ranges::all_of(vote_lines(placed),
                               [&](const std::string& line) { return put(line); });
  }

  ExportForm form_;
  const std::function<bool(std::string_view)>& write_;
};

}  // namespace

Result<Exported, Error> export_ledger(const Path& folder, ExportForm form, const ExportRange& range,
                                      const std::function<bool(std::string_view line)>& write) {
  const auto still = StillFolder::hold(folder);
  if (!still) return std::unexpected(still.error());
  const auto store = still->open_initialised();
  if (!store) return std::unexpected(store.error());
  const ledger::Reader reader{**store};
  const Height last = std::min(reader.tip().height, range.to.value_or(reader.tip().height));
  const Height lowest = reader.kept().results;
  const Height from = std::max(range.from, Height{1});
  if (from < lowest) {
    return std::unexpected(
        Error{Fault::Pruned, "Results and events below height " + std::to_string(lowest.value()) +
                                 " are not in this ledger. Export from there: --from " +
                                 std::to_string(lowest.value()) +
                                 ", or put an archive back first: salus ledger import."});
  }
  Exporter exporter{form, write};
  bool goes_on = exporter.head();
  for (Height height = from; goes_on && height <= last; height = height.next()) {
    const auto block = reader.block(height);
    if (!block) {
      return std::unexpected(
          Error{Fault::Damaged, "The block at height " + std::to_string(height.value()) +
                                    " is not in the ledger. Check it: salus ledger verify."});
    }
    goes_on = exporter.block(*block);
  }
  if (!goes_on) {
    return std::unexpected(
        Error{Fault::Stopped, "The export ended early: nobody takes its lines."});
  }
  return exporter.done;
}

}  // namespace salus::upkeep
