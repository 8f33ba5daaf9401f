// Owns: whose power a ballot carries (section 5, Casting): one's own weight, and what was delegated
// and not taken back by those who vote themselves. The result depends on the final ballots only, in
// whatever order they came (G-5.10). A recused member's ballot and whatever reaches him count
// nowhere (G-7.10).
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "dao/error.h"
#include "dao/power/power.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// Of one member on one proposal, the first and its replacements (G-5.13).
inline constexpr std::uint32_t kBallotsMax = 100;

// Whether a ballot may be cast now (G-7.5): VotingNotOpen, VotingClosed, OnlyAgainst. The block's
// time decides, even if the due item has not run yet.
Outcome check_voting(const v1::Proposal& proposal, const state::Overlay& state,
                     std::uint64_t now_ms, bool wholly_against);

// The record, which may hold only what was taken back: `cast` says whether there is a ballot.
std::optional<v1::Stance> find_stance(const state::Overlay& state, std::uint64_t proposal,
                                      const AccountId& account);
bool is_recused(const v1::Proposal& proposal, const AccountId& account);

// Whether received power and edges count on this proposal (G-5.11, section 8).
bool counts_delegations(const v1::Proposal& proposal);
// N(p, v): micro-votes that the account carries on the proposal now.
std::uint64_t carried(const state::Overlay& state, const v1::Proposal& proposal,
                      const AccountId& account, const v1::Stance& stance);

// Casts or replaces a ballot that was found valid, and says with what weight; the caller marks the
// proposal as changed. NoPower, Recused, TooManyChanges.
Result<power::Weight, Error> cast(state::Overlay& state, const v1::Proposal& proposal,
                                  const AccountId& account, const v1::Vote& ballot,
                                  std::uint64_t now_ms);

// Takes the weight of a member out of the electorate, his ballot out of the counters, and his power
// from his delegates. `proposal` does not list him yet; those it lists stop what flows to them.
void recuse(state::Overlay& state, const v1::Proposal& proposal, const AccountId& account);

// Deletes at most `max` ballots and endorsements; true if more are left.
bool sweep(state::Overlay& state, std::uint64_t proposal, std::size_t max);

}  // namespace salus::dao::governance
