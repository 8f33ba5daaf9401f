// Owns: every number a vote needs is a short history read by key, so nothing ever iterates members
// (governance.md, section 5). A power snapshot is a number; the weight at it never changes again
// (G-5.6). Membership alone writes weights; governance alone takes and releases snapshots.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/error.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::power {

// Micro-votes of one voting unit: 100^3, so that three hops of whole percents divide exactly
// (G-5.5).
inline constexpr std::uint64_t kMicro = 1'000'000;
// Bound of what one chamber may weigh (G-1.3), which keeps every product of a verdict below 2^74.
inline constexpr std::uint64_t kChamberWeightMax = 1'000'000'000'000;
// Snapshots that may be live: the sum of max_open over the tracks (X4).
inline constexpr std::size_t kLiveMax = 256;
inline constexpr std::size_t kPointsMax = kLiveMax + 1;

// What one member weighs; chamber 0 and weight 0 where he has none.
struct Weight {
  std::uint32_t chamber = 0;
  std::uint64_t units = 0;
  // Grows when he changes chamber, loses all weight or closes his delegate profile (G-5.4).
  std::uint32_t serial = 0;
};

struct Total {
  std::uint64_t units = 0;
  std::uint32_t members = 0;
};

// Sets the present weight and keeps the chamber totals equal to the sum of weights (G-4.10). Weight
// 0 takes the member out of the count. WeightLimit, without effect, if the chamber would pass
// kChamberWeightMax (G-8.23). What he sends and receives by delegation follows on every track, at
// most 2 x 84 records each (G-5.5).
[[nodiscard]] Outcome set_weight(state::Overlay& state, const AccountId& account,
                                 std::uint32_t chamber, std::uint64_t units);

Weight weight_now(const state::Overlay& state, const AccountId& account);
Weight weight_at(const state::Overlay& state, const AccountId& account, std::uint64_t snapshot);
Total total_now(const state::Overlay& state, std::uint32_t chamber);
Total total_at(const state::Overlay& state, std::uint32_t chamber, std::uint64_t snapshot);

// Numbers the present moment, and keeps it readable until it is released (G-5.1, G-5.2).
[[nodiscard]] std::uint64_t take_snapshot(state::Overlay& state);
void release_snapshot(state::Overlay& state, std::uint64_t snapshot);
std::vector<std::uint64_t> live_snapshots(const state::Overlay& state);

// Totals are the sums of weights at their head, histories are ascending and bounded, and received
// power is what its definition gives (G-5.9). Iterates: for tests and verification only.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::power
