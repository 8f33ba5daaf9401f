// Owns: what people ask of governance, answered from state and changing nothing (G-13.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// The stored outcome, or for a proposal being voted on the verdict as of now with every comparison;
// nullopt where there is no such proposal or nothing to judge yet.
std::optional<v1::Outcome> why(const state::Overlay& state, std::uint64_t proposal,
                               const BlockContext& now);

// Newest first, from below `before` (0 = from the newest), at most `limit` <= 256 of them.
struct ProposalFilter {
  // UNSPECIFIED and 0 = any.
  v1::ProposalState state = v1::PROPOSAL_STATE_UNSPECIFIED;
  std::uint32_t track = 0;
};
std::vector<v1::Proposal> list_proposals(const state::Overlay& state, const ProposalFilter& filter,
                                         std::uint64_t before, std::size_t limit);

// Why a member weighs nothing now (section 5, GetPower).
enum class PowerReason : std::uint8_t {
  HasPower,
  NotMember,
  Applied,    // waits for admission
  Probation,  // until `until_ms`
  Suspended,  // until `until_ms`
  Exited,
  Expelled,   // barred until `until_ms`
  NoChamber,  // no live role with a place in a chamber
};
struct Power {
  std::uint32_t chamber = 0;
  std::uint64_t units = 0;
  PowerReason reason = PowerReason::NotMember;
  std::uint64_t until_ms = 0;
};
Power power_of(const state::Overlay& state, const AccountId& account);

// What one member may still do on a proposal: his weight at its snapshot, recusal, ballot.
struct Standing {
  std::uint32_t chamber = 0;
  std::uint64_t units = 0;
  bool recused = false;
  std::optional<v1::Stance> ballot;
};
std::optional<Standing> standing(const state::Overlay& state, std::uint64_t proposal,
                                 const AccountId& account);

}  // namespace salus::dao::governance
