// Owns: what a ballot does to the counters (sections 5 and 8): the last one counts, a recused one
// counts nowhere, and the counters always equal a recount (G-5.12).
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "dao/error.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

inline constexpr std::uint32_t kBallotChangesMax = 100;

// Whether a ballot may be cast now (G-7.5): VotingClosed, OnlyAgainst. The block's time decides,
// even if the due item has not run yet.
Outcome check_voting(const v1::Proposal& proposal, const state::Overlay& state,
                     std::uint64_t now_ms, bool wholly_against);

std::optional<v1::Stance> find_stance(const state::Overlay& state, std::uint64_t proposal,
                                      const AccountId& account);
bool is_recused(const v1::Proposal& proposal, const AccountId& account);

// Adds a ballot of `power` to the counters, or takes it back out.
enum class Sign : std::uint8_t { Plus, Minus };
void count_ballot(v1::Tally& tally, Sign sign, std::uint64_t power,
                  const google::protobuf::RepeatedPtrField<v1::BallotPart>& parts);

// Takes the weight of a member recused at the snapshot out of the electorate, and his ballot out of
// the counters.
void recuse(state::Overlay& state, const v1::Proposal& proposal, const AccountId& account);

// Deletes at most `max` ballots; true if more are left.
bool sweep_stances(state::Overlay& state, std::uint64_t proposal, std::size_t max);

}  // namespace salus::dao::governance
