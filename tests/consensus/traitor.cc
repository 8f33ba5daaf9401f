// Owns: what a traitor says next.
#include "consensus/traitor.h"

#include <algorithm>

namespace salus::consensus::testing {

Traitor::Traitor(Cluster& cluster, std::uint16_t index, std::uint64_t seed)
    : cluster_(cluster), index_(index), random_(seed) {
  cluster_.oracle().allow_anything_of(index);
}

std::uint64_t Traitor::draw(std::uint64_t low, std::uint64_t high) {
  return low + random_() % (high - low + 1);
}

void Traitor::begin(std::uint64_t pause_ms_max) {
  pause_ms_max_ = pause_ms_max;
  cluster_.after(draw(1, pause_ms_max_), [this] { act(); });
}

void Traitor::act() {
  std::uint64_t view = 0;
  for (std::uint16_t node = 0; node < cluster_.size(); ++node) {
    if (cluster_.is_up(node)) view = std::max(view, cluster_.core(node).view().value());
  }
  if (view > 0) {
    const bool leads = cluster_.set().leader_of(Epoch{}, View{view}).value() == index_;
    if (leads && offered_ < view && draw(0, 2) > 0) {
      offer_two(view);
    } else {
      vote_at_random(view + 1 - std::min<std::uint64_t>(draw(0, 4), view));
    }
  }
  cluster_.after(draw(1, pause_ms_max_), [this] { act(); });
}

// Mostly a view just below, sometimes any: a candidate may be as wrong as it likes.
std::pair<std::uint64_t, Digest> Traitor::some_parent(std::uint64_t view) {
  for (std::uint64_t below = view - 1; below > 0 && view - below < 8; --below) {
    const auto candidates = cluster_.oracle().candidates(below);
    if (candidates.empty() || draw(0, 3) == 0) continue;
    return {below, candidates[draw(0, candidates.size() - 1)].second};
  }
  return {0, cluster_.genesis()};
}

void Traitor::offer_two(std::uint64_t view) {
  offered_ = view;
  std::vector<Candidate> both;
  for (int one = 0; one < 2; ++one) {
    const auto [parent, digest] = some_parent(view);
    both.push_back({.epoch = Epoch{},
                    .view = View{view},
                    .parent = View{parent},
                    .digest = cluster_.make_block(digest, view, index_)});
  }
  for (std::uint16_t to = 0; to < cluster_.size(); ++to) {
    if (!cluster_.is_up(to)) continue;
    const Candidate& shown = both[draw(0, 1)];
    // Bytes are withheld from some.
    if (draw(0, 3) > 0) cluster_.inject_block(to, shown.digest);
    if (!cluster_.is_up(to)) continue;
    cluster_.inject(to, cluster_.sign_as(index_, notarize(shown)));
  }
}

void Traitor::vote_at_random(std::uint64_t view) {
  if (view == 0) return;
  const auto candidates = cluster_.oracle().candidates(view);
  const std::uint64_t kind = draw(0, 2);
  Subject subject = nullify(Epoch{}, View{view});
  if (kind > 0 && !candidates.empty()) {
    const auto& [parent, digest] = candidates[draw(0, candidates.size() - 1)];
    const Candidate candidate{
        .epoch = Epoch{}, .view = View{view}, .parent = View{parent}, .digest = digest};
    subject = kind == 1 ? notarize(candidate) : finalize(candidate);
  }
  const Vote vote = cluster_.sign_as(index_, subject);
  for (std::uint16_t to = 0; to < cluster_.size(); ++to) {
    if (cluster_.is_up(to) && draw(0, 2) > 0) cluster_.inject(to, vote);
  }
}

}  // namespace salus::consensus::testing
