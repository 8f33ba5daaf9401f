// Owns: the words of the report.
#include "upkeep/divergence.h"

#include <cerrno>
#include <set>

#include "ledger/keys.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/stale.h"
#include "upkeep/records.h"

namespace salus::upkeep {

namespace {

// More records than a block can change; the report stays readable.
constexpr std::size_t kChangesMax = 10'000;

struct Change {
  std::string state_key;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

// The state key of an entry of the history; nullopt for another kind of entry.
std::optional<std::string> key_of_history(std::string_view entry) {
  if (!entry.starts_with(state::kHistoryPrefix)) return std::nullopt;
  entry.remove_prefix(state::kHistoryPrefix.size());
  std::string out;
  while (entry.size() >= 2) {
    const bool is_zero = entry[0] == '\0';
    if (is_zero && entry[1] == '\0') return out;
    out.push_back(entry[0]);
    entry.remove_prefix(is_zero ? 2 : 1);
  }
  return std::nullopt;
}

// What the block at `height` changed, from the history beside the state.
std::vector<Change> changes_at(const Store& store, Height height) {
  std::vector<Change> out;
  if (height == Height{0}) return out;
  const state::StateAt before{store, height.previous()};
  const state::StateAt after{store, height};
  std::string prefix = state::stale_key(height, 0);
  prefix.resize(prefix.size() - 4);
  store.scan(prefix, prefix, [&](std::string_view, std::string_view list) {
    for (const std::string& entry : state::decode_stale(list)) {
      const auto key = key_of_history(entry);
      if (!key || out.size() == kChangesMax) continue;
      const std::string at = std::string{state::kStatePrefix} + *key;
      out.push_back({*key, before.get(at), after.get(at)});
    }
    return true;
  });
  return out;
}

std::vector<Change> changes_of(const replica::Divergence& divergence, const Store& store) {
  if (divergence.parent_block.empty()) return changes_at(store, divergence.height.previous());
  std::vector<Change> out;
  for (const auto& [key, value] : divergence.changes) {
    if (out.size() == kChangesMax) break;
    // The state below the block may be in memory only; the stored one is near enough to read.
    out.push_back({key, store.get(std::string{state::kStatePrefix} + key), value});
  }
  return out;
}

Json to_json(const Change& change) {
  const RecordName name = name_of(change.state_key);
  Json out = Json::object();
  out["module"] = name.module;
  out["table"] = name.table;
  out["key"] = name.key;
  out["key_bytes"] = hex(as_bytes(change.state_key));
  out["before"] = value_of(change.state_key, change.before);
  out["own"] = value_of(change.state_key, change.after);
  out["own_bytes"] = change.after ? Json(hex(as_bytes(*change.after))) : Json{};
  return out;
}

std::string where_of(const std::vector<Change>& changes) {
  if (changes.empty()) return "The block changed no record here.";
  const RecordName first = name_of(changes.front().state_key);
  const std::string record = first.module + " " + first.table + " " + first.key;
  if (changes.size() == 1) return "The record is " + record + ".";
  std::set<std::string> modules;
  for (const Change& change : changes) modules.insert(name_of(change.state_key).module);
  std::string names;
  for (const std::string& module : modules) names += (names.empty() ? "" : ", ") + module;
  return "It is among the " + std::to_string(changes.size()) +
         " records that the block changed here, of " + names + "; the first is " + record +
         ". To find it: salus ledger diff.";
}

Json root_pair(const Root& expected, const std::optional<Root>& own) {
  return {{"expected", expected.to_hex()}, {"own", own ? Json(own->to_hex()) : Json{}}};
}

}  // namespace

DivergenceReport describe(const replica::Divergence& divergence, const Store& store) {
  const Height executed = divergence.height.previous();
  DivergenceReport out;
  Json& json = out.json = Json::object();
  json["format"] = "salus.divergence.1";
  json["height"] = std::to_string(executed.value());
  json["refused_height"] = std::to_string(divergence.height.value());
  json["refused_block"] = divergence.digest.to_hex();
  json["reason"] = divergence.reason;
  json["state_root"] = root_pair(divergence.expected_state_root, divergence.own_state_root);
  json["results_root"] = root_pair(divergence.expected_results_root, divergence.own_results_root);
  json["refused_block_bytes"] = hex(as_bytes(divergence.block));
  std::string block = divergence.parent_block;
  if (block.empty()) block = store.get(ledger::block_key(executed)).value_or(std::string{});
  json["block"] = divergence.parent.to_hex();
  json["block_bytes"] = hex(as_bytes(block));
  json["changes"] = Json::array();
  if (!divergence.is_of_execution()) {
    out.sentence = "The block at height " + std::to_string(divergence.height.value()) +
                   " does not follow here: " + divergence.reason;
    return out;
  }
  const auto changes = changes_of(divergence, store);
  for (const Change& change : changes) json["changes"].push_back(to_json(change));
  const bool is_state = divergence.own_state_root != divergence.expected_state_root;
  out.sentence = "This node executes the block at height " + std::to_string(executed.value()) +
                 " to another " + (is_state ? "state" : "results") + " root than a quorum. " +
                 (is_state ? where_of(changes) : std::string{"Its results are in the ledger."});
  return out;
}

Result<Path, Error> write_report(const DivergenceReport& report, Height height,
                                 const Path& data_folder) {
  const Path path = data_folder / ("divergence-" + std::to_string(height.value()) + ".json");
  if (storage::is_there(path)) return path;
  const auto failed = [&](const storage::IoError& error) {
    return std::unexpected(Error{Fault::DiskFailed, storage::sentence(error)});
  };
  auto file = storage::File::create(path, 0600);
  if (!file) return failed(file.error());
  if (const auto written = file->write(0, as_bytes(report.json.dump(2) + "\n")); !written) {
    return failed(written.error());
  }
  if (const auto synced = file->sync(); !synced) return failed(synced.error());
  return path;
}

}  // namespace salus::upkeep
