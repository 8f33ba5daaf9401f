// Owns: whom to ask next, and when.
#include "sync/catch_up.h"

#include <algorithm>

namespace salus::sync {

namespace {

constexpr std::uint64_t kPatienceMsMax = 10'000;

}  // namespace

void CatchUp::link_up(const NodeId& peer) {
  peers_.try_emplace(peer);
  // It may have what the others had not.
  useless_ = 0;
  rest_until_.reset();
}

void CatchUp::link_down(const NodeId& peer) {
  peers_.erase(peer);
  if (open_ && open_->peer == peer) open_.reset();
}

void CatchUp::claim(const NodeId& peer, Height height, MonoMs now) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return;
  Peer& known = found->second;
  known.height = std::max(known.height, height);
  if (known.height > reached_ && !known.ahead_since) known.ahead_since = now;
}

void CatchUp::reached(Height height) {
  if (height <= reached_) return;
  reached_ = height;
  useless_ = 0;
  rest_until_.reset();
  for (auto& [peer, known] : peers_) {
    if (known.height <= reached_) known.ahead_since.reset();
  }
}

void CatchUp::need(Height height) { needed_ = std::max(needed_, height); }

void CatchUp::answered(const NodeId& peer, bool useful) {
  if (!open_ || open_->peer != peer) return;
  open_.reset();
  if (useful) {
    patience_ms_ = fetch_ms_;
    useless_ = 0;
  } else {
    ++useless_;
  }
}

void CatchUp::pruned(const NodeId& peer, Height lowest) {
  if (!is_asked(peer)) return;
  open_.reset();
  forgot(peer, lowest);
}

void CatchUp::forgot(const NodeId& peer, Height lowest) {
  if (lowest <= reached_.next()) return;
  if (const auto found = peers_.find(peer); found != peers_.end()) found->second.lowest = lowest;
}

std::optional<Height> CatchUp::gone() const {
  std::optional<Height> lowest;
  for (const auto& [peer, known] : peers_) {
    if (known.height <= reached_) continue;
    if (can_serve_next(known)) return std::nullopt;
    lowest = lowest ? std::min(*lowest, known.lowest) : known.lowest;
  }
  return lowest;
}

std::optional<NodeId> CatchUp::pick(Height height) const {
  std::optional<NodeId> first;
  for (const auto& [peer, known] : peers_) {
    if (known.height < height && needed_ < height) continue;
    if (!can_serve_next(known)) continue;
    if (!first) first = peer;
    if (peer > last_asked_) return peer;
  }
  return first;
}

bool CatchUp::is_wanted(MonoMs now) const {
  if (needed_ > reached_) return true;
  return std::ranges::any_of(peers_, [&](const auto& entry) {
    const Peer& known = entry.second;
    if (known.height <= reached_ || !known.ahead_since || !can_serve_next(known)) return false;
    const bool far = known.height > reached_.next();
    return far || now.value() >= known.ahead_since->value() + fetch_ms_;
  });
}

std::optional<CatchUp::Request> CatchUp::next(MonoMs now) {
  if (open_ && now < open_->until) return std::nullopt;
  if (open_) {
    open_.reset();
    patience_ms_ = std::min(kPatienceMsMax, patience_ms_ * 2);
  }
  // Over, also for who wants nothing any more: a deadline that has passed is not told again.
  if (rest_until_ && now >= *rest_until_) rest_until_.reset();
  if (!is_wanted(now)) return std::nullopt;
  const auto peer = pick(reached_.next());
  if (!peer) return std::nullopt;
  patience_ms_ = std::max(patience_ms_, fetch_ms_);
  if (useless_ >= peers_.size()) {
    useless_ = 0;
    rest_until_ = MonoMs{now.value() + patience_ms_};
    patience_ms_ = std::min(kPatienceMsMax, patience_ms_ * 2);
  }
  if (rest_until_) return std::nullopt;
  open_ = Open{.peer = *peer, .until = MonoMs{now.value() + patience_ms_}};
  last_asked_ = *peer;
  return Request{.peer = *peer, .from = reached_.next()};
}

std::optional<MonoMs> CatchUp::deadline() const {
  if (open_) return open_->until;
  if (rest_until_) return rest_until_;
  std::optional<MonoMs> earliest;
  for (const auto& [peer, known] : peers_) {
    if (known.height <= reached_ || !known.ahead_since || !can_serve_next(known)) continue;
    const MonoMs at{known.ahead_since->value() + fetch_ms_};
    if (!earliest || at < *earliest) earliest = at;
  }
  return earliest;
}

Height CatchUp::target() const {
  Height highest = std::max(reached_, needed_);
  for (const auto& [peer, known] : peers_) highest = std::max(highest, known.height);
  return highest;
}

}  // namespace salus::sync
