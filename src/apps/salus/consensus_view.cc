// Owns: the lines and columns of `salus consensus`.
#include "apps/salus/consensus_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/salus/table.h"
#include "apps/salus/words.h"
#include "base/bytes.h"

namespace salus::cli {

namespace {

std::string ms_text(std::uint64_t ms) {
  return ms < 10'000 ? fmt::format("{} ms", ms) : fmt::format("{} s", ms / 1'000);
}

std::string us_text(std::uint64_t us) {
  return fmt::format("{}.{} ms", us / 1'000, us % 1'000 / 100);
}

// "candidate due in 700 ms", "candidate was due".
std::string due_text(std::int64_t ms, const char* what, const char* passed) {
  if (ms <= 0) return passed;
  return fmt::format("{} in {}", what, ms_text(static_cast<std::uint64_t>(ms)));
}

std::string mode_text(const v1::ConsensusStatusResponse& status) {
  const std::string mode = print_enum(v1::ConsensusMode_Name(status.mode()), "CONSENSUS_MODE_");
  if (status.observing() != v1::OBSERVING_UNSPECIFIED) {
    return fmt::format("{}: {}", mode,
                       print_enum(v1::Observing_Name(status.observing()), "OBSERVING_"));
  }
  if (status.heard() >= status.heard_needed()) return mode;
  return fmt::format("{}, after {} of {} validators are heard", mode, status.heard(),
                     status.heard_needed());
}

std::string deadlines_text(const v1::ConsensusStatusResponse& status) {
  if (!status.has_view_deadline_ms()) return "none, the view is idle";
  return due_text(status.leader_deadline_ms(), "candidate due", "candidate was due") + ", " +
         due_text(status.view_deadline_ms(), "skip", "view was due");
}

std::string finalized_text(const v1::ConsensusStatusResponse& status) {
  return fmt::format("height {}, view {}, {}", status.height(), status.finalized_view(),
                     status.has_finalized_ago_ms() ? ms_text(status.finalized_ago_ms()) + " ago"
                                                   : "before this run");
}

std::string wait_text(const v1::ConsensusStatusResponse& status) {
  std::string text = print_enum(v1::ConsensusWait_Name(status.wait()), "CONSENSUS_WAIT_");
  if (status.trigger() != v1::NULLIFY_TRIGGER_UNSPECIFIED) {
    text += ", skipping for " +
            print_enum(v1::NullifyTrigger_Name(status.trigger()), "NULLIFY_TRIGGER_");
  }
  if (status.has_heartbeat_in_ms()) {
    text += ", heartbeat in " + ms_text(status.heartbeat_in_ms());
  }
  return text;
}

std::string link_text(const v1::ValidatorRow& row) {
  if (row.own()) return "own";
  return row.linked() ? "up" : "down";
}

}  // namespace

std::string print(const v1::ConsensusStatusResponse& status) {
  std::vector<std::pair<std::string, std::string>> lines = {
      {"mode", mode_text(status)},
      {"epoch, view", fmt::format("{}, {} for {}, led by {}", status.epoch(), status.view(),
                                  ms_text(status.view_ms()), status.leader())},
      {"waits for", wait_text(status)},
      {"delay", fmt::format("{}, back-off {}", ms_text(status.delay_ms()), status.backoff())},
      {"deadlines", deadlines_text(status)},
      {"finalized", finalized_text(status)},
      {"validators", fmt::format("{}, quorum {}", status.validators(), status.quorum())},
      {"links", fmt::format("{} up, {} needed", status.links_up(), status.links_needed())},
      {"sync wait",
       fmt::format("p50 {}, p99 {}", us_text(status.sync_p50_us()), us_text(status.sync_p99_us()))},
      {"open fetches", std::to_string(status.open_fetches())},
      {"waiting", fmt::format("{} transactions", status.mempool_transactions())},
      {"set hash", hex(as_bytes(status.set_hash()))}};
  if (!status.held_change().empty()) lines.emplace_back("set change", status.held_change());
  return status.node_name() + "\n" + facts(lines);
}

std::string print(const v1::ConsensusVotesResponse& votes) {
  std::vector<std::string> head = {"name", "link", "heard", "view", "height", "clock"};
  for (const v1::ViewColumn& column : votes.views()) {
    // The last digits tell views apart; the line above has the whole numbers.
    head.push_back(fmt::format("{:02}", column.view() % 100));
  }
  Table table{head};
  for (const v1::ValidatorRow& row : votes.validators()) {
    std::vector<std::string> cells = {
        row.name() + (row.absent() ? " absent" : ""),
        link_text(row),
        row.has_heard_ago_ms() ? ms_text(row.heard_ago_ms()) : "-",
        row.view() != 0 ? std::to_string(row.view()) : "-",
        row.own() || row.has_heard_ago_ms() ? std::to_string(row.height()) : "-",
        row.has_clock_offset_ms() ? fmt::format("{:+} ms", row.clock_offset_ms()) : "-"};
    for (const std::string& cell : row.cells()) cells.push_back(cell.empty() ? "·" : cell);
    table.add(cells);
  }
  std::vector<std::string> last = {"certificate", "", "", "", "", ""};
  for (const v1::ViewColumn& column : votes.views()) {
    last.push_back(column.certificates().empty() ? "·" : column.certificates());
  }
  table.add(last);
  const std::string range = votes.views().empty()
                                ? "no views yet"
                                : fmt::format("views {} to {}", votes.views(0).view(),
                                              votes.views(votes.views_size() - 1).view());
  return fmt::format("epoch {}, {}\n", votes.epoch(), range) + table.str("No validators.") +
         "P leader with its candidate, N notarize, X nullify, F finalize, ! votes that exclude "
         "each other;\nlower case: known only from a certificate; ·: nothing\n";
}

std::string print(const v1::WhyStalledResponse& why) {
  // Spelled as in the log.
  std::string verdict = print_enum(v1::StallVerdict_Name(why.verdict()), "STALL_VERDICT_");
  std::ranges::replace(verdict, '-', '_');
  return facts({{"verdict", verdict}, {"why", why.sentence()}, {"do", why.remedy()}});
}

}  // namespace salus::cli
