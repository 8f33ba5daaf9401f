// Owns: the words for a chain that stands still.
#include "node/watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace salus::node {

namespace {

// A healthy chain finalizes within a second; a line every this long is enough for a log.
constexpr std::uint64_t kQuietMs = 5'000;
constexpr std::size_t kViewsShown = 4;

}  // namespace

std::string print_votes(const consensus::CoreStatus& status) {
  std::string out;
  const std::size_t shown = std::min(kViewsShown, status.views.size());
  for (std::size_t i = status.views.size() - shown; i < status.views.size(); ++i) {
    const consensus::ViewVotes& view = status.views[i];
    std::string row(status.seen.size(), '.');
    const auto mark = [&row](const std::vector<ValidatorIndex>& voters, char letter) {
      for (const ValidatorIndex voter : voters) row[voter.value()] = letter;
    };
    mark(view.notarize, 'N');
    mark(view.nullify, 'X');
    mark(view.finalize, 'F');
    out += fmt::format("{}{}:{}{}{}{}{}", out.empty() ? "" : " ", view.view.value(), row,
                       view.candidate ? " candidate" : "", view.notarized ? " notarized" : "",
                       view.nullified ? " nullified" : "", view.finalized ? " finalized" : "");
  }
  return out;
}

std::optional<std::string> Watch::look(const replica::ReplicaStatus& status, MonoMs now) {
  const consensus::CoreStatus& core = status.consensus;
  const bool idle = core.waiting == consensus::Waiting::Idle && status.waiting_transactions == 0;
  if (status.tip.height != height_ || idle) {
    height_ = status.tip.height;
    since_ = now;
    return std::nullopt;
  }
  if (now.value() - since_.value() < kQuietMs || now.value() - said_.value() < kQuietMs) {
    return std::nullopt;
  }
  said_ = now;
  return fmt::format(
      "No block for {} s while work waits. mode={}{} waits_for={} height={} epoch={} view={} "
      "leader={} finalized_view={} trigger={} links={} heard={}/{} fetches={} votes=[{}]",
      (now.value() - since_.value()) / 1'000, consensus::name(core.mode),
      core.observing ? fmt::format("({})", consensus::name(*core.observing)) : "",
      consensus::name(core.waiting), status.tip.height.value(), core.epoch.value(),
      core.view.value(), core.leader.value(), core.finalized.value(),
      core.trigger ? consensus::name(*core.trigger) : "none", status.links, core.heard,
      core.heard_needed, core.open_fetches, print_votes(core));
}

}  // namespace salus::node
