// Owns: the least track of each action, and how tracks join.
#include "dao/governance/rules.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "dao/constitution.h"
#include "dao/governance/proposals.h"
#include "dao/membership/membership.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

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

enum class Least : std::uint8_t {
  Standard,
  ByAmount,
  People,
  Network,
  Constitution,
  AsTarget,
  None
};

bool is_network_parameter(std::string_view name) {
  return name.starts_with("validators.") || name.starts_with("consensus.");
}

// G-6.5. None: the DAO does not apply it. New kinds are added here before the compiler is content.
Least least_of(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kAdmitMember:
    case v1::Action::kRefuseApplication:
    case v1::Action::kEndOffice:
    case v1::Action::kCreateFund:
      return Least::Standard;
    case v1::Action::kGrantOffice:
      return action.grant_office().role() == static_cast<std::uint32_t>(membership::Role::Sentinel)
                 ? Least::People
                 : Least::Standard;
    case v1::Action::kPay:
    case v1::Action::kMoveFunds:
      return Least::ByAmount;
    case v1::Action::kExpelMember:
    case v1::Action::kSuspendMember:
    case v1::Action::kReinstate:
    case v1::Action::kSetIssuer:
    case v1::Action::kRevokeCredential:
      return Least::People;
    case v1::Action::kSetParameter:
      return is_network_parameter(action.set_parameter().name()) ? Least::Network
                                                                 : Least::Constitution;
    case v1::Action::kMint:
      return Least::Constitution;
    case v1::Action::kChangeSet:
      return action.change_set().force() ? Least::Constitution : Least::Network;
    case v1::Action::kWithdrawChange:
      return Least::Network;
    case v1::Action::kCancelProposal:
      return Least::AsTarget;
    case v1::Action::kOpenAccount:
    case v1::Action::kRotateKeys:
    case v1::Action::kTransfer:
    case v1::Action::kBurn:
    case v1::Action::kApply:
    case v1::Action::kAttest:
    case v1::Action::kVouch:
    case v1::Action::kWithdrawApplication:
    case v1::Action::kExit:
    case v1::Action::kIssueCredential:
    case v1::Action::kSubmit:
    case v1::Action::kTopUp:
    case v1::Action::kEndorse:
    case v1::Action::kCancel:
    case v1::Action::kVote:
    case v1::Action::kRetryExecution:
    case v1::Action::kDeclareConflict:
    case v1::Action::kDonate:
    case v1::Action::kAcceptPayout:
    case v1::Action::kMarkPayee:
    case v1::Action::kRegisterNominee:
    case v1::Action::kProveReady:
    case v1::Action::kRekey:
    case v1::Action::kLeave:
    case v1::Action::kReseat:
    case v1::Action::kReportEquivocation:
    case v1::Action::KIND_NOT_SET:
      return Least::None;
  }
  return Least::None;
}

// The member an action is about, whose own chamber must be among the required ones (G-4.7).
std::optional<AccountId> concerned(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kExpelMember:
      return AccountId::from(action.expel_member().account());
    case v1::Action::kSuspendMember:
      return AccountId::from(action.suspend_member().account());
    default:
      return std::nullopt;
  }
}

// Who gains or loses by it (G-7.10).
std::optional<AccountId> interest(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kPay:
      return AccountId::from(action.pay().payee());
    case v1::Action::kMint:
      return AccountId::from(action.mint().to());
    case v1::Action::kAdmitMember:
      return AccountId::from(action.admit_member().account());
    case v1::Action::kRefuseApplication:
      return AccountId::from(action.refuse_application().account());
    case v1::Action::kGrantOffice:
      return AccountId::from(action.grant_office().account());
    case v1::Action::kEndOffice:
      return AccountId::from(action.end_office().account());
    case v1::Action::kSetIssuer:
      return AccountId::from(action.set_issuer().account());
    case v1::Action::kReinstate:
      return AccountId::from(action.reinstate().account());
    default:
      return concerned(action);
  }
}

constexpr std::string_view kLadder[] = {"routine", "spend", "large"};

std::vector<v1::Track> ladder_of(const Overlay& state) {
  std::vector<v1::Track> ladder;
  for (const std::string_view code : kLadder) {
    if (auto track = constitution::find_track(state, code)) ladder.push_back(std::move(*track));
  }
  return ladder;
}

Result<v1::Track, Error> track_of_code(const Overlay& state, std::string_view code) {
  auto track = constitution::find_track(state, code);
  if (!track) return refuse(Error::TrackUnknown);
  return std::move(*track);
}

Result<v1::Track, Error> amount_track(const Overlay& state, const Options& options) {
  const std::vector<v1::Track> ladder = ladder_of(state);
  if (const v1::Track* track = least_by_amount(ladder, spending(options))) return *track;
  return track_of_code(state, "constitution");
}

Result<v1::Track, Error> target_track(const Overlay& state, std::uint64_t proposal) {
  const auto target = find_proposal(state, proposal);
  if (!target) return refuse(Error::ProposalUnknown);
  if (target->has_effective()) return target->effective().rules();
  auto track = constitution::find_track(state, target->lead());
  if (!track) return refuse(Error::TrackUnknown);
  return std::move(*track);
}

Result<v1::Track, Error> least_track(const Overlay& state, const v1::Action& action,
                                     const Options& options) {
  switch (least_of(action)) {
    case Least::Standard:
      return track_of_code(state, "standard");
    case Least::ByAmount:
      return amount_track(state, options);
    case Least::People:
      return track_of_code(state, "people");
    case Least::Network:
      return track_of_code(state, "network");
    case Least::Constitution:
      return track_of_code(state, "constitution");
    case Least::AsTarget:
      return target_track(state, action.cancel_proposal().proposal());
    case Least::None:
      return refuse(Error::ActionNotAllowed);
  }
  return refuse(Error::ActionNotAllowed);
}

// A concerned member's chamber that no joined track requires is required by the rule of *standard*.
void require_chamber_of(const Overlay& state, const AccountId& account, v1::Track& rules) {
  const auto member = membership::find_member(state, account);
  const auto standard = constitution::find_track(state, "standard");
  if (!member || !standard) return;
  const auto is_his = [&](const v1::TrackChamber& row) {
    return row.chamber() == member->chamber() && row.mode() == v1::CHAMBER_MODE_REQUIRED;
  };
  if (std::ranges::any_of(rules.chambers(), is_his)) return;
  for (const v1::TrackChamber& row : standard->chambers()) {
    if (!is_his(row)) continue;
    google::protobuf::RepeatedPtrField<v1::TrackChamber> one;
    *one.Add() = row;
    join_chambers(rules, one);
  }
}

void copy_figures(const Overlay& state, v1::EffectiveTrack& effective) {
  const auto figure = [&](std::string_view name) {
    return static_cast<std::uint32_t>(constitution::value(state, name));
  };
  effective.set_veto_floor_bp(figure("governance.veto_floor_bp"));
  effective.add_veto_groups_bp(figure("governance.veto_groups_2_bp"));
  effective.add_veto_groups_bp(figure("governance.veto_groups_3_bp"));
  effective.add_veto_groups_bp(figure("governance.veto_groups_4_bp"));
  effective.set_opposition_lo_bp(figure("governance.opposition_lo_bp"));
  effective.set_opposition_hi_bp(figure("governance.opposition_hi_bp"));
  effective.set_slash_below_bp(figure("governance.slash_below_bp"));
}

void add_spending(const v1::Action& action, Spending& sums) {
  if (action.has_pay()) sums[action.pay().asset()] += action.pay().amount();
  if (action.has_move_funds()) sums[action.move_funds().asset()] += action.move_funds().amount();
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

Spending spending(const Options& options) {
  Spending largest;
  for (const v1::ProposalOption& option : options) {
    Spending sums;
    for (const v1::Action& action : option.actions()) add_spending(action, sums);
    for (const auto& [asset, sum] : sums) largest[asset] = std::max(largest[asset], sum);
  }
  return largest;
}

const v1::Track* least_by_amount(std::span<const v1::Track> ladder, const Spending& spending) {
  const auto fits = [&](const v1::Track& track) {
    return std::ranges::all_of(spending, [&](const auto& sum) {
      const auto cap = std::ranges::find(track.spend_caps(), sum.first, &v1::SpendCap::asset);
      return cap != track.spend_caps().end() && sum.second <= cap->per_proposal();
    });
  };
  const auto least = std::ranges::find_if(ladder, fits);
  return least == ladder.end() ? nullptr : &*least;
}

Outcome charge_window(v1::TrackWindow& window, std::uint64_t now_ms, std::uint64_t window_ms,
                      std::uint64_t per_window, U128 amount) {
  const std::uint64_t index = window_ms == 0 ? 0 : now_ms / window_ms;
  const std::uint64_t spent = window.index() == index ? window.spent() : 0;
  if (amount + spent > per_window) return refuse(Error::TrackCapExceeded);
  window.set_index(index);
  window.set_spent(spent + static_cast<std::uint64_t>(amount));
  return {};
}

Outcome charge_windows(Overlay& state, const Options& options, std::uint64_t now_ms) {
  const Spending sums = spending(options);
  const std::vector<v1::Track> ladder = ladder_of(state);
  const v1::Track* track = least_by_amount(ladder, sums);
  // Above the ladder is the constitution track, which has no cap.
  if (track == nullptr) return {};
  for (const auto& [asset, sum] : sums) {
    const auto cap = std::ranges::find(track->spend_caps(), asset, &v1::SpendCap::asset);
    const Key key = Key{Table::TrackWindows}.u8(static_cast<std::uint8_t>(track->id())).u32(asset);
    auto window = state::find_or_default<v1::TrackWindow>(state, key);
    if (auto outcome = charge_window(window, now_ms, track->window_ms(), cap->per_window(), sum);
        !outcome) {
      return outcome;
    }
    state::put(state, key, window);
  }
  return {};
}

Result<v1::EffectiveTrack, Error> effective_track(const Overlay& state, const Options& options,
                                                  v1::Scheme scheme) {
  std::optional<v1::Track> rules;
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      auto track = least_track(state, action, options);
      if (!track) return std::unexpected(track.error());
      rules = rules ? join(*rules, *track) : std::move(*track);
    }
  }
  if (!rules) {
    // A resolution decides nothing but itself.
    auto standard = track_of_code(state, "standard");
    if (!standard) return std::unexpected(standard.error());
    rules = std::move(*standard);
  }
  const std::uint32_t bit = 1U << (static_cast<std::uint32_t>(scheme) - 1);
  if ((rules->schemes() & bit) == 0) return refuse(Error::SchemeNotAllowed);
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      if (const auto account = concerned(action)) require_chamber_of(state, *account, *rules);
    }
  }
  v1::EffectiveTrack effective;
  *effective.mutable_rules() = std::move(*rules);
  copy_figures(state, effective);
  return effective;
}

std::vector<AccountId> interested(const Options& options) {
  std::set<AccountId> accounts;
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      if (const auto account = interest(action)) accounts.insert(*account);
      for (const v1::NomineeRef& nominee : action.change_set().add()) {
        if (const auto id = AccountId::from(nominee.operator_account())) accounts.insert(*id);
      }
    }
  }
  return {accounts.begin(), accounts.end()};
}

}  // namespace salus::dao::governance
