// Owns: the lines.
#include "upkeep/export_lines.h"

#include <algorithm>

#include "base/bytes.h"

namespace salus::upkeep {

std::string word_of(std::string_view name, std::string_view prefix) {
  std::string out{name.starts_with(prefix) ? name.substr(prefix.size()) : name};
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

std::string kind_of(const v1::Event& event) {
  return word_of(v1::EventKind_Name(event.kind()), "EVENT_KIND_");
}

std::string height_of(const v1::FinalizedBlock& block) {
  return std::to_string(block.header().height());
}

bool each_event(const v1::FinalizedBlock& block, const std::function<bool(const Placed&)>& visit) {
  const auto all = [&](const auto& events, std::optional<int> transaction) {
    for (int i = 0; i < events.size(); ++i) {
      if (!visit({block, transaction, i, events[i]})) return false;
    }
    return true;
  };
  for (int i = 0; i < block.results().results_size(); ++i) {
    if (!all(block.results().results(i).events(), i)) return false;
  }
  return all(block.results().due_events(), std::nullopt);
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
  out["result"] =
      result.code() == 0 ? "applied" : word_of(v1::ErrorCode_Name(result.code()), "ERROR_CODE_");
  out["refused_action"] = result.code() == 0 ? Json{} : Json(result.action_index());
  return out;
}

Json event_json(const Placed& placed) {
  Json out = Json::object();
  out["type"] = "event";
  out["height"] = height_of(placed.block);
  out["time_ms"] = std::to_string(placed.block.header().time_ms());
  out["transaction"] = placed.transaction ? Json(*placed.transaction) : Json{};
  out["index"] = placed.index;
  out["kind"] = kind_of(placed.event);
  out["accounts"] = Json::array();
  for (const std::string& account : placed.event.accounts()) {
    out["accounts"].push_back(hex(as_bytes(account)));
  }
  out["attributes"] = Json::array();
  for (const v1::EventAttribute& at : placed.event.attributes()) {
    out["attributes"].push_back(
        {{"field", word_of(v1::EventField_Name(at.field()), "EVENT_FIELD_")},
         {"value", std::to_string(at.value())}});
  }
  return out;
}

}  // namespace salus::upkeep
