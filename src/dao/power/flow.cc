// Owns: the histories of delegations and of received power, and how power flows between them.
#include "dao/power/flow.h"

#include <algorithm>

#include "base/assert.h"
#include "dao/constitution.h"
#include "dao/power/delegation.h"
#include "dao/power/history.h"
#include "dao/power/tables.h"
#include "state/record.h"

namespace salus::dao::power {

namespace {

using state::Overlay;

enum class Sign : std::uint8_t { Plus, Minus };

std::uint64_t moved(std::uint64_t value, std::uint64_t by, Sign sign) {
  SALUS_ASSERT(sign == Sign::Plus || value >= by, "received power holds what was sent (G-5.9)");
  return sign == Sign::Plus ? value + by : value - by;
}

void put_received(Overlay& state, const AccountId& account, std::uint32_t track, const Hops& r) {
  const state::Key key = received_key(account, track);
  auto history = state::find_or_default<v1::ReceivedHistory>(state, key);
  v1::ReceivedPoint point;
  point.set_r1(r[0]);
  point.set_r2(r[1]);
  point.set_r3(r[2]);
  write_point(history, std::move(point), clock_of(state));
  const bool nothing = history.points_size() == 1 && r == Hops{};
  if (nothing) {
    state::erase(state, key);
  } else {
    state::put(state, key, history);
  }
}

// Ends by itself: after three hops nothing is left to send on (at most 4 + 16 + 64 targets).
void move_flow(Overlay& state, const AccountId& from, std::uint32_t track, const Hops& flow,
               Sign sign) {
  if (flow == Hops{}) return;
  for (const Edge& edge : live_edges_now(state, from, track)) {
    const Hops arrived = over_edge(flow, edge.share);
    Hops received = received_now(state, edge.to, track);
    for (std::size_t i = 0; i < kHopsMax; ++i) received[i] = moved(received[i], arrived[i], sign);
    put_received(state, edge.to, track, received);
    move_flow(state, edge.to, track, onward(arrived), sign);
  }
}

Hops flow_of(const Overlay& state, const AccountId& account, std::uint32_t track) {
  const Hops received = received_now(state, account, track);
  return {weight_now(state, account).units * kMicro, received[0], received[1]};
}

}  // namespace

std::vector<std::uint32_t> tracks_of(const Overlay& state, const AccountId& account) {
  std::vector<std::uint32_t> tracks;
  for (std::uint32_t track = 1; track <= constitution::kTracksMax; ++track) {
    if (find_delegation(state, account, track) || received_now(state, account, track) != Hops{}) {
      tracks.push_back(track);
    }
  }
  return tracks;
}

void withdraw_flow(Overlay& state, const AccountId& account, std::uint32_t track) {
  move_flow(state, account, track, flow_of(state, account, track), Sign::Minus);
}

void send_flow(Overlay& state, const AccountId& account, std::uint32_t track) {
  move_flow(state, account, track, flow_of(state, account, track), Sign::Plus);
}

void forget_received(Overlay& state, const AccountId& account, std::uint32_t track) {
  put_received(state, account, track, {});
}

Hops over_edge(const Hops& flow, std::uint32_t share) {
  Hops arrived{};
  for (std::size_t i = 0; i < kHopsMax; ++i)
    arrived[i] = flow[i] / 100 * share + flow[i] % 100 * share / 100;
  return arrived;
}

Hops received_now(const Overlay& state, const AccountId& account, std::uint32_t track) {
  return received_at(state, account, track, clock_of(state).next_snapshot());
}

Hops received_at(const Overlay& state, const AccountId& account, std::uint32_t track,
                 std::uint64_t snapshot) {
  const auto point = point_at(
      state::find_or_default<v1::ReceivedHistory>(state, received_key(account, track)), snapshot);
  return {point.r1(), point.r2(), point.r3()};
}

std::vector<Edge> live_edges_at(const Overlay& state, const AccountId& account, std::uint32_t track,
                                std::uint64_t snapshot) {
  std::vector<Edge> live;
  const auto history = state::find<v1::DelegationHistory>(state, delegation_key(account, track));
  if (!history) return live;
  const auto point = point_at(*history, snapshot);
  if (point.targets().empty()) return live;
  const std::uint32_t chamber = weight_at(state, account, snapshot).chamber;
  for (const v1::DelegationEdge& edge : point.targets()) {
    const AccountId to = *AccountId::from(edge.to());
    const Weight weight = weight_at(state, to, snapshot);
    // A delegator without weight has no chamber, and nothing to send.
    if (weight.serial != edge.serial() || weight.chamber != chamber || chamber == 0) continue;
    live.push_back({.to = to, .share = edge.share(), .serial = edge.serial()});
  }
  return live;
}

std::vector<Edge> live_edges_now(const Overlay& state, const AccountId& account,
                                 std::uint32_t track) {
  return live_edges_at(state, account, track, clock_of(state).next_snapshot());
}

}  // namespace salus::dao::power
