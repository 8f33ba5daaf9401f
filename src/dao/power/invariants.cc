// Owns: the recount of weights, totals and received power by their definitions (G-4.10, G-5.1,
// G-5.9). Iterates; shares no arithmetic with what it checks.
#include <map>
#include <string>
#include <tuple>

#include "base/u128.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::power {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

// The heads of all histories: what is true now.
struct Heads {
  std::map<std::string, v1::WeightPoint> weights;
  // Account, track.
  std::map<std::pair<std::string, int>, v1::DelegationPoint> delegations;
  std::map<std::pair<std::string, int>, v1::ReceivedPoint> received;
};

template <typename History>
void check_points(const History& history, const std::string& what,
                  std::vector<std::string>& broken) {
  for (int i = 1; i < history.points_size(); ++i) {
    if (history.points(i - 1).since() >= history.points(i).since()) {
      broken.push_back("G-5.1: the points of a " + what + " history do not ascend");
    }
  }
  if (static_cast<std::size_t>(history.points_size()) > kPointsMax) {
    broken.push_back("G-5.2: a " + what + " history is longer than the live snapshots need");
  }
}

// The head of each history of a table, by the account and the track in its key.
template <typename History, typename Heads>
void read_table(const Overlay& state, Table table, const std::string& what, Heads& heads,
                std::vector<std::string>& broken) {
  const std::string prefix = Key{table}.str();
  state.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    const auto history = state::decode<History>(value);
    check_points(history, what, broken);
    if (history.points().empty()) return true;
    const std::string account{key.substr(1, AccountId::kSize)};
    if constexpr (std::is_same_v<typename Heads::key_type, std::string>) {
      heads[account] = *history.points().rbegin();
    } else {
      heads[{account, static_cast<unsigned char>(key.back())}] = *history.points().rbegin();
    }
    return true;
  });
}

void check_totals(const Overlay& state, const Heads& heads, std::vector<std::string>& broken) {
  std::map<std::uint32_t, Total> sums;
  for (const auto& [account, point] : heads.weights) {
    if (point.weight() == 0) continue;
    Total& sum = sums[point.chamber()];
    sum.units += point.weight();
    sum.members += 1;
  }
  for (std::uint32_t chamber = 1; chamber <= 8; ++chamber) {
    const Total total = total_now(state, chamber);
    const Total sum = sums[chamber];
    if (total.units != sum.units || total.members != sum.members) {
      broken.push_back("G-4.10: the total of chamber " + std::to_string(chamber) +
                       " is not the sum of its members' weights");
    }
  }
}

using Sums = std::map<std::pair<std::string, int>, std::array<U128, 3>>;

// One member's weight, pushed down his live edges for three hops.
void push(const Heads& heads, const std::string& from, int track, U128 amount, std::size_t hop,
          Sums& sums) {
  const auto made = heads.delegations.find({from, track});
  if (hop == 3 || made == heads.delegations.end()) return;
  const auto own = heads.weights.find(from);
  for (const v1::DelegationEdge& edge : made->second.targets()) {
    const auto his = heads.weights.find(edge.to());
    if (own == heads.weights.end() || his == heads.weights.end()) continue;
    if (his->second.serial() != edge.serial() || own->second.weight() == 0 ||
        own->second.chamber() != his->second.chamber()) {
      continue;
    }
    const U128 arrived = amount * edge.share() / 100;
    sums[{edge.to(), track}][hop] += arrived;
    push(heads, edge.to(), track, arrived, hop + 1, sums);
  }
}

void check_received(const Heads& heads, std::vector<std::string>& broken) {
  Sums sums;
  for (const auto& [key, point] : heads.delegations) {
    const auto weight = heads.weights.find(key.first);
    if (weight == heads.weights.end()) continue;
    push(heads, key.first, key.second, U128{weight->second.weight()} * kMicro, 0, sums);
  }
  for (const auto& [key, point] : heads.received) sums.try_emplace(key);
  for (const auto& [key, sum] : sums) {
    const auto stored = heads.received.find(key);
    const v1::ReceivedPoint point =
        stored == heads.received.end() ? v1::ReceivedPoint{} : stored->second;
    if (sum[0] != point.r1() || sum[1] != point.r2() || sum[2] != point.r3()) {
      broken.push_back("G-5.9: power received on track " + std::to_string(key.second) +
                       " is not what its definition gives");
    }
  }
}

}  // namespace

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  Heads heads;
  read_table<v1::WeightHistory>(state, Table::Weights, "weight", heads.weights, broken);
  read_table<v1::DelegationHistory>(state, Table::Delegations, "delegation", heads.delegations,
                                    broken);
  read_table<v1::ReceivedHistory>(state, Table::Received, "received", heads.received, broken);
  check_totals(state, heads, broken);
  check_received(heads, broken);
  return broken;
}

}  // namespace salus::dao::power
