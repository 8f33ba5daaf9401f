// Owns: a sum paid by milestones (G-9.7, G-9.8). All of it lies in the grant's escrow from the
// award on; a milestone pays once, when enough reviewers have looked at what the payee delivered,
// and none of them decides on his own pay.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

inline constexpr int kTranchesMax = 16;
inline constexpr int kReviewersMax = 9;
inline constexpr std::uint32_t kWholeBp = 10'000;
// How long after its due time an unclaimed milestone lets treasurers end the grant, and how many of
// them it takes.
inline constexpr std::uint64_t kOverdueMs = 90 * 86'400'000ULL;
inline constexpr std::uint32_t kTreasurersNeeded = 2;

// G-9.7: part i of a total by cumulative basis points, so that the parts add up to it exactly.
// TranchesNotWhole unless there are 1 to 16 of them, each at least 1, that add up to 10,000.
Outcome check_tranches(std::span<const std::uint32_t> bps);
std::vector<std::uint64_t> tranche_amounts(std::uint64_t total, std::span<const std::uint32_t> bps);
std::vector<std::uint64_t> tranche_amounts(const v1::Grant& grant);
// Not paid yet, which is what its escrow holds while it is PENDING or ACTIVE.
std::uint64_t unpaid(const v1::Grant& grant);
// The place from 1 of the milestone that is next; 0 when all are paid.
std::uint32_t next_tranche(const v1::Grant& grant);

// Between grants.cc and reviews.cc.
void put_grant(state::Overlay& state, const v1::Grant& grant);
// The payee and all reviewers hear of every step.
void tell_grant(const state::Overlay& state, std::vector<v1::Event>& events, v1::EventKind kind,
                const v1::Grant& grant, std::uint64_t amount, std::uint32_t tranche = 0);
// GrantUnknown, NotPayee.
Result<v1::Grant, Error> grant_of_payee(const state::Overlay& state, std::uint64_t id,
                                        const AccountId& payee);
// Ends the open joint acts on its next milestone, and one to cancel it.
void close_reviews(state::Overlay& state, const ChainId& chain_id, const v1::Grant& grant,
                   std::vector<v1::Event>& events);

std::optional<v1::Grant> find_grant(const state::Overlay& state, std::uint64_t id);

}  // namespace salus::dao::treasury
