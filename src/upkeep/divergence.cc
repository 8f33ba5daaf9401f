// Owns: the words of the report.
#include "upkeep/divergence.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "ledger/keys.h"
#include "salus/v1/tx.pb.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/stale.h"
#include "upkeep/records.h"

namespace salus::upkeep {

namespace {

// More records than a block can change; the report stays readable.
constexpr std::size_t kChangesMax = 10'000;
// Of results, as stored; in the report they take some times that.
constexpr std::size_t kResultsBytesMax = std::size_t{4} << 20U;

using Changes = std::map<std::string, replica::RecordChange>;

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
Changes changes_at(const Store& store, Height height) {
  Changes out;
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
      out.emplace(*key, replica::RecordChange{before.get(at), after.get(at)});
    }
    return true;
  });
  return out;
}

Json to_json(const std::string& state_key, const replica::RecordChange& change) {
  Json out = to_json(RecordDifference{state_key, change.before, change.after}, "before", "own");
  out["own_bytes"] = change.after ? Json(hex(as_bytes(*change.after))) : Json{};
  return out;
}

std::string words_of(const std::string& state_key) {
  const RecordName name = name_of(state_key);
  return name.module + " " + name.table + " " + name.key;
}

std::string where_of(const Changes& changes) {
  if (changes.empty()) return "The block changed no record here.";
  const std::string first = words_of(changes.begin()->first);
  if (changes.size() == 1) return "The block changed one record here: " + first + ".";
  std::set<std::string> modules;
  for (const auto& [key, change] : changes) modules.insert(name_of(key).module);
  std::string names;
  for (const std::string& module : modules) names += (names.empty() ? "" : ", ") + module;
  return "The block changed " + std::to_string(changes.size()) + " records here, of " + names +
         "; the first is " + first + ". Which one differs is not known yet.";
}

// In block order, then the events of the due work, until the report is full.
void add_results(Json& json, const v1::BlockResults& own) {
  Json results = Json::array();
  Json due_events = Json::array();
  std::size_t bytes = 0;
  std::size_t left_out = 0;
  const auto add = [&](Json& to, const google::protobuf::Message& entry) {
    bytes += entry.ByteSizeLong();
    if (bytes > kResultsBytesMax) {
      ++left_out;
    } else {
      to.push_back(upkeep::to_json(entry));
    }
  };
  for (const v1::TxResult& result : own.results()) add(results, result);
  for (const v1::Event& event : own.due_events()) add(due_events, event);
  json["results"] = std::move(results);
  json["due_events"] = std::move(due_events);
  json["results_left_out"] = left_out;
}

// What the block did here, where the quorum's header says something else of it; and in words.
std::string describe_results(Json& json, const replica::Divergence& divergence,
                             const Store& store) {
  if (divergence.own_results_root == divergence.expected_results_root) return {};
  const Height executed = divergence.height.previous();
  const auto bytes = divergence.parent_block.empty() ? store.get(ledger::results_key(executed))
                                                     : std::optional{divergence.parent_results};
  v1::BlockResults own;
  // They were pruned.
  if (!bytes || !own.ParseFromString(*bytes)) return "Its results are not kept here.";
  add_results(json, own);
  return "Its results are in the report: compare them with another node's (salus chain block " +
         std::to_string(executed.value()) + ").";
}

Json root_pair(const Root& expected, const std::optional<Root>& own) {
  return {{"expected", expected.to_hex()}, {"own", own ? Json(own->to_hex()) : Json{}}};
}

// The file is the old one or the new one, whole, whenever the power goes.
Result<void, storage::IoError> replace(const Path& path, const std::string& text) {
  const Path fresh = path.string() + ".new";
  if (const auto removed = storage::remove_file(fresh); !removed) return removed;
  auto file = storage::File::create(fresh, 0600);
  if (!file) return std::unexpected(file.error());
  if (const auto written = file->write(0, as_bytes(text)); !written) return written;
  if (const auto synced = file->sync(); !synced) return synced;
  std::error_code failed;
  std::filesystem::rename(fresh, path, failed);
  if (failed) return std::unexpected(storage::IoError{path, "cannot be replaced", failed.value()});
  return storage::sync_folder(path.parent_path());
}

}  // namespace

namespace {

// Its bytes prove nothing but that it is invalid, so they are not kept.
DivergenceReport describe_unheld(const replica::Divergence& divergence) {
  DivergenceReport out;
  const std::string above = std::to_string(divergence.height.previous().value());
  out.sentence = "A quorum finalizes block " + divergence.digest.to_hex() + " above height " +
                 above + ", which is invalid here and not held: " + divergence.reason;
  out.json = {{"format", "salus.divergence.1"},
              {"height", above},
              {"refused_block", divergence.digest.to_hex()},
              {"reason", divergence.reason},
              {"sentence", out.sentence}};
  return out;
}

}  // namespace

DivergenceReport describe(const replica::Divergence& divergence, const Store& store) {
  if (divergence.block.empty()) return describe_unheld(divergence);
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
    json["sentence"] = out.sentence;
    return out;
  }
  const Changes changes = divergence.parent_block.empty()
                              ? changes_at(store, divergence.height.previous())
                              : divergence.changes;
  for (const auto& [key, change] : changes) {
    if (json["changes"].size() == kChangesMax) break;
    json["changes"].push_back(to_json(key, change));
  }
  if (const auto& difference = divergence.difference) {
    json["difference"] = to_json(
        RecordDifference{difference->key, difference->own, difference->agreed}, "own", "agreed");
  }
  const std::string results = describe_results(json, divergence, store);
  const bool is_state = divergence.own_state_root != divergence.expected_state_root;
  out.sentence = "This node executes the block at height " + std::to_string(executed.value()) +
                 " to another " + (is_state ? "state" : "results") + " root than a quorum. ";
  if (divergence.difference) {
    out.sentence +=
        "The first record that differs is " + words_of(divergence.difference->key) + ".";
  } else {
    out.sentence += is_state ? where_of(changes) : results;
  }
  json["sentence"] = out.sentence;
  return out;
}

Result<Path, Error> write_report(const DivergenceReport& report, Height height,
                                 const Path& data_folder) {
  const Path path = data_folder / ("divergence-" + std::to_string(height.value()) + ".json");
  // Of an earlier run, and nothing more is known in this one.
  if (storage::is_there(path) && !report.json.contains("difference")) return path;
  if (const auto written = replace(path, report.json.dump(2) + "\n"); !written) {
    return std::unexpected(Error{Fault::DiskFailed, storage::sentence(written.error())});
  }
  return path;
}

std::string sentence_of_report(const Path& report) {
  std::ifstream in{report, std::ios::binary};
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("sentence")) return {};
  const Json& sentence = json["sentence"];
  return sentence.is_string() ? sentence.get<std::string>() : std::string{};
}

}  // namespace salus::upkeep
