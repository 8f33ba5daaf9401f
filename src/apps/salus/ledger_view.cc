// Owns: the words.
#include "apps/salus/ledger_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/salus/table.h"

namespace salus::cli {

namespace {

using upkeep::Json;

// What fits on a screen; --json has all.
constexpr std::size_t kShownRecords = 10;
constexpr std::size_t kShownBytes = 600;

double per_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::string short_text(const Json& value) {
  if (value.is_null()) return "(none)";
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.size() > kShownBytes) text = text.substr(0, kShownBytes) + " ...";
  return text;
}

std::string print(const upkeep::Finding& finding) {
  std::string out = fmt::format("{}: {}\n", upkeep::name(finding.kind), finding.sentence);
  std::vector<std::pair<std::string, std::string>> lines;
  if (finding.height) lines.emplace_back("  height", std::to_string(finding.height->value()));
  if (!finding.module.empty()) {
    lines.emplace_back("  module", finding.module);
    lines.emplace_back("  table", finding.table);
    lines.emplace_back("  key", finding.key);
  }
  const bool has_values =
      finding.kind == upkeep::FindingKind::Stored || finding.kind == upkeep::FindingKind::Execution;
  if (has_values) {
    lines.emplace_back("  expected", short_text(finding.expected));
    lines.emplace_back("  found", short_text(finding.found));
  }
  if (!lines.empty()) out += facts(lines);
  if (finding.changes.is_array() && !finding.changes.empty()) {
    out += fmt::format("  the block writes {} records here; --json shows them\n",
                       finding.changes.size());
  }
  return out;
}

// From where on, and how.
std::string what_was_verified(const upkeep::VerifyReport& report) {
  const auto executed_from = report.executed_from.value();
  std::string out;
  if (executed_from == 0) {
    out = "every block, certificate, root, result and record";
    if (report.archived > 0) {
      out += fmt::format(", from genesis on; {} blocks came from the archive", report.archived);
    }
  } else {
    out = fmt::format(
        "verified from the state after height {}, whose root {}, and every block after it",
        executed_from, report.is_certified ? "a quorum signed" : "no later block certifies yet");
    if (report.linked_from <= report.executed_from) {
      out += fmt::format("; blocks {} to {} by hash, signatures and roots",
                         report.linked_from.value(), executed_from);
    }
    out += ".\nEarlier ones are not here: --archive FOLDER verifies from genesis on";
  }
  return out + ".\n";
}

}  // namespace

std::string print(const upkeep::VerifyReport& report) {
  std::string out;
  for (const upkeep::Finding& finding : report.findings) out += print(finding);
  if (report.is_right()) {
    out += "The ledger is right: " + what_was_verified(report);
  } else if (report.height != Height{0} && report.blocks > 0) {
    out +=
        fmt::format("Right up to there: {} of {} blocks.\n", report.blocks, report.height.value());
  }
  if (!report.chain_id.is_zero()) {
    out += facts({{"chain", report.chain_id.to_hex()},
                  {"height", std::to_string(report.height.value())},
                  {"state root", report.state_root.to_hex()},
                  {"epochs", std::to_string(report.epochs)},
                  {"files", std::to_string(report.files)},
                  {"blocks", std::to_string(report.blocks)},
                  {"certificates", std::to_string(report.certificates)},
                  {"transactions", std::to_string(report.transactions)},
                  {"records", std::to_string(report.records)},
                  {"speed", fmt::format("{:.0f} blocks/s, {:.0f} transactions/s",
                                        per_second(report.blocks, report.replay_seconds),
                                        per_second(report.transactions, report.replay_seconds))},
                  {"time", fmt::format("{:.1f} s", report.seconds)}});
  }
  return out;
}

Json to_json(const upkeep::VerifyReport& report) {
  Json out = Json::object();
  out["right"] = report.is_right();
  out["chain_id"] = report.chain_id.to_hex();
  out["height"] = std::to_string(report.height.value());
  out["digest"] = report.digest.to_hex();
  out["state_root"] = report.state_root.to_hex();
  out["epochs"] = report.epochs;
  out["executed_from"] = std::to_string(report.executed_from.value());
  out["certified"] = report.is_certified;
  out["linked_from"] = std::to_string(report.linked_from.value());
  out["archived"] = report.archived;
  out["files"] = report.files;
  out["blocks"] = report.blocks;
  out["certificates"] = report.certificates;
  out["transactions"] = report.transactions;
  out["records"] = report.records;
  out["seconds"] = report.seconds;
  out["blocks_per_second"] = per_second(report.blocks, report.replay_seconds);
  out["transactions_per_second"] = per_second(report.transactions, report.replay_seconds);
  out["findings"] = Json::array();
  for (const upkeep::Finding& finding : report.findings) {
    out["findings"].push_back(upkeep::to_json(finding));
  }
  return out;
}

std::string print(const upkeep::LedgerDifference& difference) {
  const auto height = difference.height.value();
  std::string out;
  switch (difference.parting) {
    case upkeep::Parting::Nowhere:
      return fmt::format("Equal up to height {}, the last one that both have ({} and {}).\n",
                         height, difference.first_height.value(),
                         difference.second_height.value()) +
             (difference.compared_from == Height{0}
                  ? ""
                  : fmt::format("Compared from height {} on, the lowest that both keep.\n",
                                difference.compared_from.value()));
    case upkeep::Parting::Block:
      out = fmt::format("They part at height {}: two different blocks.\n", height);
      break;
    case upkeep::Parting::Results:
      out = fmt::format("They part at height {}: the same block, other results.\n", height);
      break;
    case upkeep::Parting::State:
      out = fmt::format("They part at height {}: the same block, another state.\n", height);
      break;
    case upkeep::Parting::Record:
      out = fmt::format(
          "All roots agree up to height {}, but records differ: one folder was changed.\n", height);
      break;
  }
  out += facts({{"block", difference.block.first + "\n" + difference.block.second},
                {"state root", difference.state_root.first + "\n" + difference.state_root.second},
                {"agreed by a quorum", difference.agreed_state_root.value_or("not known here")}});
  if (!difference.result.empty()) {
    out += fmt::format("result of {}\n  first   {}\n  second  {}\n", difference.result,
                       short_text(difference.first_result), short_text(difference.second_result));
  }
  if (!difference.states_are_kept) {
    out += "One of the folders has forgotten the state of that height: no records to compare.\n";
  }
  const std::size_t shown = std::min(kShownRecords, difference.records.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Json record = upkeep::to_json(difference.records[i], "first", "second");
    out +=
        fmt::format("{} {} {}\n  first   {}\n  second  {}\n", record["module"].get<std::string>(),
                    record["table"].get<std::string>(), record["key"].get<std::string>(),
                    short_text(record["first"]), short_text(record["second"]));
  }
  if (difference.records_in_all > shown) {
    out += fmt::format("{} records more differ; --json shows up to {}.\n",
                       difference.records_in_all - shown, upkeep::kShownDifferencesMax);
  }
  return out;
}

std::string print_bytes(std::uint64_t bytes) {
  if (bytes < 1'048'576) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / 1'048'576);
}

std::string print(const upkeep::BackupManifest& manifest) {
  std::uint64_t bytes = 0;
  for (const upkeep::BackupFile& file : manifest.files) bytes += file.bytes;
  return facts({{"chain", manifest.chain_id.to_hex() + " (" + manifest.network + ")"},
                {"height", std::to_string(manifest.height.value())},
                {"state root", manifest.state_root.to_hex()},
                {"files", fmt::format("{}, {}", manifest.files.size(), print_bytes(bytes))}});
}

Json to_json(const upkeep::BackupManifest& manifest) {
  return Json::parse(upkeep::encode(manifest));
}

std::string print(const upkeep::VerifyProgress& progress) {
  switch (progress.stage) {
    case upkeep::VerifyProgress::Stage::Files:
      return fmt::format("files {} of {}", progress.done, progress.of);
    case upkeep::VerifyProgress::Stage::Blocks:
      return fmt::format("block {} of {}, {:.0f} blocks/s, {:.0f} transactions/s", progress.done,
                         progress.of, per_second(progress.done, progress.seconds),
                         per_second(progress.transactions, progress.seconds));
    case upkeep::VerifyProgress::Stage::Records:
      return fmt::format("{} records compared", progress.done);
    case upkeep::VerifyProgress::Stage::Invariants:
      return "invariants of the whole state";
  }
  return {};
}

}  // namespace salus::cli
