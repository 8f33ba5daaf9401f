// Owns: how tracks join, and what is copied beside the join.
#include "dao/governance/rules.h"

#include <algorithm>

#include "base/assert.h"
#include "dao/constitution.h"
#include "dao/governance/least_track.h"
#include "dao/membership/membership.h"

namespace salus::dao::governance {

namespace {

using state::Overlay;

// The smaller of two thresholds of which 0 means none.
std::uint32_t stricter_veto(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

void join_chamber(v1::TrackChamber& into, const v1::TrackChamber& other) {
  if (other.mode() == v1::CHAMBER_MODE_REQUIRED) into.set_mode(v1::CHAMBER_MODE_REQUIRED);
  if (other.if_small() == v1::IF_SMALL_FAIL) into.set_if_small(v1::IF_SMALL_FAIL);
  into.set_approval_bp(std::max(into.approval_bp(), other.approval_bp()));
  into.set_support_bp(std::max(into.support_bp(), other.support_bp()));
  into.set_min_approval_bp(std::max(into.min_approval_bp(), other.min_approval_bp()));
  into.set_objection_bp(stricter_veto(into.objection_bp(), other.objection_bp()));
  into.set_reserved_veto_bp(stricter_veto(into.reserved_veto_bp(), other.reserved_veto_bp()));
}

void join_chambers(v1::Track& into,
                   const google::protobuf::RepeatedPtrField<v1::TrackChamber>& rows) {
  for (const v1::TrackChamber& row : rows) {
    auto* chambers = into.mutable_chambers();
    const auto mine = std::ranges::find(*chambers, row.chamber(), &v1::TrackChamber::chamber);
    if (mine != chambers->end()) {
      join_chamber(*mine, row);
    } else {
      *chambers->Add() = row;
    }
  }
  std::ranges::sort(*into.mutable_chambers(), {}, &v1::TrackChamber::chamber);
}

bool is_required(const v1::TrackChamber& row) { return row.mode() == v1::CHAMBER_MODE_REQUIRED; }

// What *standard* asks of a chamber. One that it does not require is asked as the first that it
// does, but never holds up the others by being small: no chamber is without a say over its members
// because the constitution does not know it yet.
v1::TrackChamber standard_rule(const v1::Track& standard, std::uint32_t chamber) {
  const auto& rows = standard.chambers();
  const auto own = std::ranges::find(rows, chamber, &v1::TrackChamber::chamber);
  if (own != rows.end() && is_required(*own)) return *own;
  const auto first = std::ranges::find_if(rows, is_required);
  SALUS_ASSERT(first != rows.end(), "a track has a chamber that decides (G-6.3)");
  v1::TrackChamber rule = *first;
  rule.set_chamber(chamber);
  rule.set_if_small(v1::IF_SMALL_SKIP);
  return rule;
}

// A concerned member's chamber that no joined track requires is required by the rule of *standard*.
void require_chamber_of(const Overlay& state, const AccountId& account, v1::Track& rules) {
  const auto member = membership::find_member(state, account);
  const auto standard = constitution::find_track(state, "standard");
  // A chamber that went while he had no weight in it has nobody to ask.
  if (!member || !standard || !membership::find_chamber(state, member->chamber())) return;
  const auto is_his = [&](const v1::TrackChamber& row) {
    return row.chamber() == member->chamber() && is_required(row);
  };
  if (std::ranges::any_of(rules.chambers(), is_his)) return;
  google::protobuf::RepeatedPtrField<v1::TrackChamber> one;
  *one.Add() = standard_rule(*standard, member->chamber());
  join_chambers(rules, one);
}

void copy_figures(const Overlay& state, bool appeal, v1::EffectiveTrack& effective) {
  const auto figure = [&](std::string_view name) {
    return static_cast<std::uint32_t>(constitution::value(state, name));
  };
  effective.set_veto_floor_bp(figure("governance.veto_floor_bp"));
  // An appeal asks for more to veto again; a reserved veto is not weakened (section 8, Veto).
  effective.add_veto_groups_bp(
      figure(appeal ? "governance.appeal_groups_2_bp" : "governance.veto_groups_2_bp"));
  effective.add_veto_groups_bp(
      figure(appeal ? "governance.appeal_groups_3_bp" : "governance.veto_groups_3_bp"));
  effective.add_veto_groups_bp(
      figure(appeal ? "governance.appeal_groups_4_bp" : "governance.veto_groups_4_bp"));
  effective.set_opposition_lo_bp(figure("governance.opposition_lo_bp"));
  effective.set_opposition_hi_bp(figure("governance.opposition_hi_bp"));
  effective.set_slash_below_bp(figure("governance.slash_below_bp"));
  effective.set_quadratic_credits(figure("governance.quadratic_credits"));
}

// The urgent track takes few actions and joins with nothing (G-6.5, G-6.7).
Result<v1::Track, Error> urgent_track(const Overlay& state, const Options& options) {
  for (const v1::ProposalOption& option : options) {
    if (!std::ranges::all_of(option.actions(), is_urgent)) return refuse(Error::ActionNotAllowed);
  }
  return find_track(state, "urgent");
}

Result<v1::Track, Error> joined_track(const Overlay& state, const Options& options,
                                      const Ask& ask) {
  std::optional<v1::Track> rules;
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      auto track = least_track(state, action, options, ask.winners);
      if (!track) return std::unexpected(track.error());
      rules = rules ? join(*rules, *track) : std::move(*track);
    }
  }
  // A resolution decides nothing but itself.
  if (!rules) return find_track(state, "standard");
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      const auto account = membership::concerned_member(action);
      if (account) require_chamber_of(state, *account, *rules);
    }
  }
  return std::move(*rules);
}

// Quadratic ballots count persons. A chamber of seats that must agree can't be asked in this way,
// and leaving it out would take its say.
bool counts_persons(const Overlay& state, const v1::Track& rules) {
  return std::ranges::all_of(rules.chambers(), [&](const v1::TrackChamber& row) {
    if (row.mode() != v1::CHAMBER_MODE_REQUIRED) return true;
    const auto chamber = membership::find_chamber(state, row.chamber());
    return chamber && chamber->rule() == v1::CHAMBER_RULE_PERSON;
  });
}

}  // namespace

v1::Track join(const v1::Track& a, const v1::Track& b) {
  v1::Track out = a.rank() >= b.rank() ? a : b;
  const v1::Track& other = a.rank() >= b.rank() ? b : a;
  out.set_schemes(a.schemes() & b.schemes());
  join_chambers(out, other.chambers());
  out.set_notice_ms(std::max(a.notice_ms(), b.notice_ms()));
  out.set_voting_ms(std::max(a.voting_ms(), b.voting_ms()));
  out.set_extension_ms(std::max(a.extension_ms(), b.extension_ms()));
  out.set_confirmation_ms(std::max(a.confirmation_ms(), b.confirmation_ms()));
  out.set_objection_ms(std::max(a.objection_ms(), b.objection_ms()));
  out.set_timelock_min_ms(std::max(a.timelock_min_ms(), b.timelock_min_ms()));
  out.set_timelock_max_ms(std::max(a.timelock_max_ms(), b.timelock_max_ms()));
  out.set_grace_ms(std::max(a.grace_ms(), b.grace_ms()));
  out.set_deposit(std::max(a.deposit(), b.deposit()));
  out.set_endorsers(std::max(a.endorsers(), b.endorsers()));
  out.set_delegation(a.delegation() && b.delegation());
  // A stricter join has more ways to be vetoed, never fewer.
  out.set_group_veto(a.group_veto() || b.group_veto());
  return out;
}

Result<v1::EffectiveTrack, Error> effective_track(const Overlay& state, const Options& options,
                                                  const Ask& ask) {
  if (ask.scheme < v1::SCHEME_YES_NO || ask.scheme > v1::SCHEME_QUADRATIC) {
    return refuse(Error::SchemeNotAllowed);
  }
  auto rules = ask.urgent ? urgent_track(state, options) : joined_track(state, options, ask);
  if (!rules) return std::unexpected(rules.error());
  const std::uint32_t bit = 1U << (static_cast<std::uint32_t>(ask.scheme) - 1);
  if ((rules->schemes() & bit) == 0) return refuse(Error::SchemeNotAllowed);
  if (ask.scheme == v1::SCHEME_QUADRATIC && !counts_persons(state, *rules)) {
    return refuse(Error::SchemeNotAllowed);
  }
  v1::EffectiveTrack effective;
  *effective.mutable_rules() = std::move(*rules);
  copy_figures(state, ask.appeal, effective);
  return effective;
}

}  // namespace salus::dao::governance
