// Owns: the table of least tracks, and the amount rule with its windows.
#include "dao/governance/least_track.h"

#include <algorithm>

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

enum class Least : std::uint8_t {
  Routine,
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
    case v1::Action::kRenewBudget:
      return Least::Routine;
    case v1::Action::kAdmitMember:
    case v1::Action::kRefuseApplication:
    case v1::Action::kEndOffice:
    case v1::Action::kCreateFund:
    case v1::Action::kCreateAsset:
    case v1::Action::kSetAsset:
    case v1::Action::kCancelSchedule:
    case v1::Action::kCancelGrant:
    case v1::Action::kCancelStream:
    case v1::Action::kCancelPayout:
    case v1::Action::kEndBudget:
    case v1::Action::kEndPause:
      return Least::Standard;
    case v1::Action::kGrantOffice:
      return action.grant_office().role() == static_cast<std::uint32_t>(membership::Role::Sentinel)
                 ? Least::People
                 : Least::Standard;
    case v1::Action::kPay:
    case v1::Action::kMoveFunds:
    case v1::Action::kAwardGrant:
    case v1::Action::kOpenStream:
    case v1::Action::kSetBudget:
      return Least::ByAmount;
    case v1::Action::kExpelMember:
    case v1::Action::kSuspendMember:
    case v1::Action::kReinstate:
    case v1::Action::kSetSeats:
    case v1::Action::kSetIssuer:
    case v1::Action::kRevokeCredential:
    case v1::Action::kRenewCharges:
      return Least::People;
    case v1::Action::kSetParameter:
      return is_network_parameter(action.set_parameter().name()) ? Least::Network
                                                                 : Least::Constitution;
    case v1::Action::kMint:
    case v1::Action::kSetTrack:
    case v1::Action::kSetChamber:
      return Least::Constitution;
    case v1::Action::kChangeSet:
      return action.change_set().force() ? Least::Constitution : Least::Network;
    case v1::Action::kWithdrawChange:
    case v1::Action::kScheduleUpgrade:
    case v1::Action::kCancelUpgrade:
      return Least::Network;
    case v1::Action::kCancelProposal:
      return Least::AsTarget;
    case v1::Action::kOpenAccount:
    case v1::Action::kRotateKeys:
    case v1::Action::kSetRecovery:
    case v1::Action::kStartRecovery:
    case v1::Action::kSupportRecovery:
    case v1::Action::kCancelRecovery:
    case v1::Action::kCloseAccount:
    case v1::Action::kTransfer:
    case v1::Action::kBurn:
    case v1::Action::kOpenSchedule:
    case v1::Action::kAcceptSchedule:
    case v1::Action::kClaimSchedule:
    case v1::Action::kLockStake:
    case v1::Action::kUnlockStake:
    case v1::Action::kApply:
    case v1::Action::kAttest:
    case v1::Action::kVouch:
    case v1::Action::kWithdrawApplication:
    case v1::Action::kExit:
    case v1::Action::kIssueCredential:
    case v1::Action::kRenewCredential:
    case v1::Action::kCoSign:
    case v1::Action::kWithdrawAct:
    case v1::Action::kFileDefence:
    case v1::Action::kRecheck:
    case v1::Action::kSubmit:
    case v1::Action::kTopUp:
    case v1::Action::kEndorse:
    case v1::Action::kCancel:
    case v1::Action::kAmend:
    case v1::Action::kVote:
    case v1::Action::kRetryExecution:
    case v1::Action::kDeclareConflict:
    case v1::Action::kSetDelegation:
    case v1::Action::kClearDelegation:
    case v1::Action::kSetDelegateProfile:
    case v1::Action::kPause:
    case v1::Action::kDonate:
    case v1::Action::kAcceptPayout:
    case v1::Action::kMarkPayee:
    case v1::Action::kSpendBudget:
    case v1::Action::kAcceptGrant:
    case v1::Action::kClaimTranche:
    case v1::Action::kApproveTranche:
    case v1::Action::kReturnTranche:
    case v1::Action::kRegisterNominee:
    case v1::Action::kProveReady:
    case v1::Action::kRekey:
    case v1::Action::kLeave:
    case v1::Action::kReseat:
    case v1::Action::kReportEquivocation:
    case v1::Action::kSignalReady:
    // An issuer stops its own credentials; the DAO can only end them.
    case v1::Action::kSuspendCredential:
    case v1::Action::kReinstateCredential:
    case v1::Action::KIND_NOT_SET:
      return Least::None;
  }
  return Least::None;
}

constexpr std::string_view kLadder[] = {"routine", "spend", "large"};

std::vector<v1::Track> ladder_of(const Overlay& state) {
  std::vector<v1::Track> ladder;
  for (const std::string_view code : kLadder) {
    if (auto track = constitution::find_track(state, code)) ladder.push_back(std::move(*track));
  }
  return ladder;
}

Result<v1::Track, Error> amount_track(const Overlay& state, const Options& options,
                                      std::uint32_t winners) {
  const std::vector<v1::Track> ladder = ladder_of(state);
  if (const v1::Track* track = least_by_amount(ladder, spending(options, winners))) return *track;
  return find_track(state, "constitution");
}

Result<v1::Track, Error> target_track(const Overlay& state, std::uint64_t proposal) {
  const auto target = find_proposal(state, proposal);
  if (!target) return refuse(Error::ProposalUnknown);
  if (target->has_effective()) return target->effective().rules();
  auto track = constitution::find_track(state, target->lead());
  if (!track) return refuse(Error::TrackUnknown);
  return std::move(*track);
}

// A budget is a permission of its cap in each of its periods, counted for a year of months.
U128 worth(const v1::SetBudget& budget) {
  constexpr std::uint64_t kPeriodsMax = 12;
  if (budget.period_ms() == 0) return budget.cap();
  const std::uint64_t whole = budget.length_ms() / budget.period_ms();
  const std::uint64_t periods = whole + (budget.length_ms() % budget.period_ms() > 0 ? 1 : 0);
  return U128{budget.cap()} * std::clamp<std::uint64_t>(periods, 1, kPeriodsMax);
}

void add_spending(const v1::Action& action, Spending& sums) {
  if (action.has_pay()) sums[action.pay().asset()] += action.pay().amount();
  if (action.has_move_funds()) sums[action.move_funds().asset()] += action.move_funds().amount();
  if (action.has_award_grant()) sums[action.award_grant().asset()] += action.award_grant().total();
  if (action.has_open_stream()) sums[action.open_stream().asset()] += action.open_stream().total();
  if (action.has_set_budget()) sums[action.set_budget().asset()] += worth(action.set_budget());
}

Spending spending_of(const v1::ProposalOption& option) {
  Spending sums;
  for (const v1::Action& action : option.actions()) add_spending(action, sums);
  return sums;
}

}  // namespace

Result<v1::Track, Error> find_track(const Overlay& state, std::string_view code) {
  auto track = constitution::find_track(state, code);
  if (!track) return refuse(Error::TrackUnknown);
  return std::move(*track);
}

bool is_urgent(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kChangeSet:
      return !action.change_set().force();
    case v1::Action::kWithdrawChange:
    case v1::Action::kCancelUpgrade:
    case v1::Action::kCancelProposal:
    case v1::Action::kEndPause:
    case v1::Action::kRenewCharges:
      return true;
    default:
      return false;
  }
}

Result<v1::Track, Error> least_track(const Overlay& state, const v1::Action& action,
                                     const Options& options, std::uint32_t winners) {
  switch (least_of(action)) {
    case Least::Routine:
      // A network may do without; then nothing is below standard.
      return find_track(state, constitution::find_track(state, "routine") ? "routine" : "standard");
    case Least::Standard:
      return find_track(state, "standard");
    case Least::ByAmount:
      return amount_track(state, options, winners);
    case Least::People:
      return find_track(state, "people");
    case Least::Network:
      return find_track(state, "network");
    case Least::Constitution:
      return find_track(state, "constitution");
    case Least::AsTarget:
      return target_track(state, action.cancel_proposal().proposal());
    case Least::None:
      return refuse(Error::ActionNotAllowed);
  }
  return refuse(Error::ActionNotAllowed);
}

Spending spending(const Options& options, std::uint32_t winners) {
  std::map<std::uint32_t, std::vector<U128>> sums;
  for (const v1::ProposalOption& option : options) {
    for (const auto& [asset, sum] : spending_of(option)) sums[asset].push_back(sum);
  }
  Spending largest;
  for (auto& [asset, of_options] : sums) {
    std::ranges::sort(of_options, std::greater<>{});
    // As many options as may win together spend together.
    for (std::size_t i = 0; i < of_options.size() && i < std::max(winners, 1U); ++i) {
      largest[asset] += of_options[i];
    }
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

std::uint32_t window_track(const Overlay& state, const Options& options, std::uint32_t winners) {
  const Spending sums = spending(options, winners);
  const std::vector<v1::Track> ladder = ladder_of(state);
  const v1::Track* track = sums.empty() ? nullptr : least_by_amount(ladder, sums);
  return track == nullptr ? 0 : track->id();
}

Outcome charge_windows(Overlay& state, std::uint32_t window_track, const Options& executed,
                       std::uint64_t now_ms) {
  // Above the ladder is the constitution track, which has no cap.
  if (window_track == 0) return {};
  const Spending sums = spending(executed, static_cast<std::uint32_t>(executed.size()));
  // By its caps of now: a vote that tightens them binds what waits (G-6.2).
  const auto track = constitution::find_track(state, window_track);
  if (!track) return refuse(Error::TrackCapExceeded);
  for (const auto& [asset, sum] : sums) {
    const auto cap = std::ranges::find(track->spend_caps(), asset, &v1::SpendCap::asset);
    // An asset that is no longer listed has cap 0.
    if (cap == track->spend_caps().end()) return refuse(Error::TrackCapExceeded);
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

}  // namespace salus::dao::governance
