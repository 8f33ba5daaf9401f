// Owns: the words for a chain that stands still.
#include "node/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "consensus/vote_matrix.h"
#include "replica/diagnosis.h"

namespace salus::node {

namespace {

// A healthy chain finalizes within a second; a line every this long is enough for a log.
constexpr std::uint64_t kQuietMs = 5'000;
constexpr std::uint64_t kRateMs = 10'000;
constexpr std::size_t kViewsShown = 4;

}  // namespace

std::string print_votes(const consensus::CoreStatus& status) {
  const consensus::VoteMatrix matrix = consensus::vote_matrix(status);
  std::string out;
  const std::size_t shown = std::min(kViewsShown, matrix.views.size());
  for (std::size_t i = matrix.views.size() - shown; i < matrix.views.size(); ++i) {
    out += fmt::format("{}{}:", out.empty() ? "" : " ", matrix.views[i].value());
    for (std::size_t row = 0; row < matrix.cells.size(); ++row) {
      const std::string& cell = matrix.cells[row][i];
      out += fmt::format("{}{}", row == 0 ? "" : ",", cell.empty() ? "." : cell);
    }
    if (!matrix.certificates[i].empty()) out += fmt::format("={}", matrix.certificates[i]);
  }
  return out;
}

std::uint64_t Watch::blocks_last_10_s() const {
  if (looks_.empty()) return 0;
  return looks_.back().height.value() - looks_.front().height.value();
}

std::optional<std::string> Watch::look(const replica::Situation& situation) {
  const MonoMs now = situation.now;
  const Height height = situation.status.tip.height;
  looks_.push_back({.at = now, .height = height});
  while (now.value() - looks_.front().at.value() > kRateMs) looks_.pop_front();
  const replica::Verdict verdict = replica::diagnose(situation);
  if (height != height_ || replica::is_well(verdict.stall)) {
    height_ = height;
    since_ = now;
    return std::nullopt;
  }
  if (now.value() - since_.value() < kQuietMs || now.value() - said_.value() < kQuietMs) {
    return std::nullopt;
  }
  said_ = now;
  const consensus::CoreStatus& core = situation.status.consensus;
  return fmt::format(
      "No block for {} s. {} {} verdict={} mode={}{} waits_for={} height={} epoch={} view={} "
      "leader={} finalized_view={} trigger={} links={} heard={}/{} fetches={} votes=[{}]",
      (now.value() - since_.value()) / 1'000, verdict.sentence, verdict.remedy,
      replica::name(verdict.stall), consensus::name(core.mode),
      core.observing ? fmt::format("({})", consensus::name(*core.observing)) : "",
      consensus::name(core.waiting), height.value(), core.epoch.value(), core.view.value(),
      core.leader.value(), core.finalized.value(),
      core.trigger ? consensus::name(*core.trigger) : "none", situation.status.links, core.heard,
      core.heard_needed, core.open_fetches, print_votes(core));
}

}  // namespace salus::node
