// Owns: the queries' reading of the records.
#include "dao/governance/queries.h"

#include <algorithm>

#include "dao/governance/casting.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "dao/membership/membership.h"
#include "dao/power/power.h"

namespace salus::dao::governance {

namespace {

constexpr std::size_t kListMax = 256;
// Records looked at for one answer, however few of them match.
constexpr std::size_t kScannedMax = 4'096;

}  // namespace

std::optional<v1::Outcome> why(const state::Overlay& state, std::uint64_t id,
                               const BlockContext& now) {
  const auto proposal = find_proposal(state, id);
  if (!proposal) return std::nullopt;
  if (proposal->has_outcome()) return proposal->outcome();
  if (!is_voting(proposal->state())) return std::nullopt;
  v1::Outcome outcome =
      verdict(proposal->effective(), tallies(state, *proposal), decision_of(*proposal));
  outcome.set_at_ms(now.time.value());
  outcome.set_height(now.height.value());
  return outcome;
}

std::vector<v1::Proposal> list_proposals(const state::Overlay& state, const ProposalFilter& filter,
                                         std::uint64_t before, std::size_t limit) {
  std::vector<v1::Proposal> found;
  const std::uint64_t last = last_proposal_id(state);
  std::uint64_t id = before == 0 ? last : std::min(last, before - 1);
  std::size_t scanned = 0;
  for (; id >= 1 && found.size() < std::min(limit, kListMax) && scanned < kScannedMax; --id) {
    ++scanned;
    auto proposal = find_proposal(state, id);
    if (!proposal) continue;
    if (filter.state != v1::PROPOSAL_STATE_UNSPECIFIED && proposal->state() != filter.state) {
      continue;
    }
    if (filter.track != 0 && proposal->lead() != filter.track) continue;
    found.push_back(std::move(*proposal));
  }
  return found;
}

Power power_of(const state::Overlay& state, const AccountId& account) {
  const power::Weight weight = power::weight_now(state, account);
  Power power{.chamber = weight.chamber, .units = weight.units};
  if (weight.units > 0) {
    power.reason = PowerReason::HasPower;
    return power;
  }
  const auto member = membership::find_member(state, account);
  if (!member) {
    power.reason = membership::find_application(state, account) ? PowerReason::Applied
                                                                : PowerReason::NotMember;
    return power;
  }
  switch (member->state()) {
    case v1::MEMBER_STATE_APPLIED:
      power.reason = PowerReason::Applied;
      break;
    case v1::MEMBER_STATE_PROBATION:
      power.reason = PowerReason::Probation;
      power.until_ms = member->weight_from_ms();
      break;
    case v1::MEMBER_STATE_ACTIVE:
      // Moved to another chamber, where he weighs from the end of a new probation on.
      power.reason = member->chamber() != 0 && member->weight() > 0 ? PowerReason::Probation
                                                                    : PowerReason::NoChamber;
      power.until_ms = member->weight_from_ms();
      break;
    case v1::MEMBER_STATE_SUSPENDED:
      power.reason = PowerReason::Suspended;
      power.until_ms = member->suspended_until_ms();
      break;
    case v1::MEMBER_STATE_EXITED:
      power.reason = PowerReason::Exited;
      break;
    case v1::MEMBER_STATE_EXPELLED:
      power.reason = PowerReason::Expelled;
      power.until_ms = member->bar_until_ms();
      break;
    default:
      break;
  }
  return power;
}

std::optional<Standing> standing(const state::Overlay& state, std::uint64_t id,
                                 const AccountId& account) {
  const auto proposal = find_proposal(state, id);
  if (!proposal || proposal->power_snapshot() == 0) return std::nullopt;
  Standing answer;
  // After the close the histories may have dropped what they held at the snapshot.
  if (is_voting(proposal->state())) {
    const auto weight = power::weight_at(state, account, proposal->power_snapshot());
    answer.chamber = weight.chamber;
    answer.units = weight.units;
  }
  answer.recused = is_recused(*proposal, account);
  answer.ballot = find_stance(state, id, account);
  return answer;
}

}  // namespace salus::dao::governance
