// Owns: what the DAO decides on its own rules: parameters, tracks, chambers, pauses, proposals, the
// set of validators, versions of the protocol.
#include "dao/application.h"
#include "dao/constitution.h"
#include "dao/governance/proposals.h"
#include "dao/pauses/pauses.h"
#include "dao/validators/upgrades.h"
#include "dao/validators/validators.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

// Nodes do not run by these.
bool is_harmless(std::string_view name) {
  return name.starts_with("assets.") || name.starts_with("treasury.") ||
         name == "membership.vouch_open_max" || name == "membership.vouchers_needed" ||
         name == "governance.slash_below_bp" || name == "governance.cancel_fee_bp";
}

// Whatever a life must go on with stays short: spans grow to a few minutes at most.
MaybeAction set_parameter(const Pen& pen) {
  const constitution::Rule& rule = pen.chance.of(constitution::rules());
  if (pen.style.keeps_network && !is_harmless(rule.name)) return std::nullopt;
  const auto bounds = constitution::bounds_in(genesis_class(pen.state()), rule.unit, rule.bounds);
  const std::uint64_t present = constitution::value(pen.state(), rule.name);
  const std::uint64_t reach = std::min(bounds.max - bounds.min, present / 2 + 2);
  std::uint64_t to = present - std::min(present, reach) + pen.below(2 * reach + 1);
  if (pen.percent(96)) to = std::clamp(to, bounds.min, bounds.max);
  v1::Action action;
  v1::SetParameter& set = *action.mutable_set_parameter();
  set.set_name(std::string{rule.name});
  set.set_from(pen.percent(98) ? present : present + 1);
  set.set_to(to);
  return action;
}

MaybeAction set_track(const Pen& pen) {
  constexpr std::uint32_t kFirstPilot = 12;
  const std::vector<v1::Track> tracks = constitution::tracks(pen.state());
  v1::Action action;
  v1::SetTrack& set = *action.mutable_set_track();
  v1::Track& track = *set.mutable_track();
  track = pen.chance.of(tracks);
  const bool is_pilot = track.id() >= kFirstPilot;
  if (is_pilot && pen.percent(40)) {
    set.set_remove(true);
    return action;
  }
  if (pen.percent(50)) {
    // A new one that leads nothing yet.
    track = pen.chance.of(tracks);
    track.set_id(kFirstPilot + pen.chance.small(4));
    track.set_code("pilot-" + std::to_string(track.id()));
    track.set_rank(track.id());
    track.set_max_open(1);
    return action;
  }
  track.set_deposit(track.deposit() / 2 + pen.below(track.deposit() + 1));
  track.set_voting_ms(30 * kSecond + pen.below(20 * kSecond));
  track.set_endorsers(1 + pen.chance.small(4));
  if (pen.percent(10)) track.set_timelock_min_ms(track.timelock_max_ms() + 1);
  return action;
}

MaybeAction set_chamber(const Pen& pen) {
  const v1::Chamber present = pen.chance.of(membership::chambers(pen.state()));
  v1::Action action;
  v1::Chamber& chamber = *action.mutable_set_chamber()->mutable_chamber();
  chamber = present;
  chamber.set_opened(false);
  if (pen.percent(20)) {
    // One for nobody yet, which may go again.
    chamber.set_id(7);
    chamber.set_code("guests");
    chamber.set_precedence(77);
    chamber.set_rule(v1::CHAMBER_RULE_PERSON);
    action.mutable_set_chamber()->set_remove(
        membership::find_chamber(pen.state(), chamber.id()).has_value());
    return action;
  }
  chamber.set_min_members(1 + pen.chance.small(3));
  if (pen.percent(10)) chamber.set_precedence(1 + pen.chance.small(9));
  return action;
}

MaybeAction end_pause(const Pen& pen) {
  const auto pause = pen.recent(
      [&](std::uint64_t id) { return pauses::find_pause(pen.state(), id); },
      [&](const v1::PauseRecord& one) { return pen.now() + 60 * kSecond < one.until_ms(); });
  if (!pause) return std::nullopt;
  v1::Action action;
  action.mutable_end_pause()->set_pause(pause->id());
  return action;
}

MaybeAction renew_charges() {
  v1::Action action;
  action.mutable_renew_charges();
  return action;
}

MaybeAction cancel_proposal(const Pen& pen) {
  const auto target = pen.a_proposal([&](const v1::Proposal& one) {
    return one.state() == v1::PROPOSAL_STATE_NOTICE || one.state() == v1::PROPOSAL_STATE_FAILED ||
           (!governance::is_terminal(one.state()) && pen.percent(20));
  });
  if (!target) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_proposal()->set_proposal(target->id());
  return action;
}

void add_nominee(const Pen& pen, v1::ChangeSet& change) {
  const auto nominee = pen.somebody([&](const AccountId& account) {
    const auto validator = validators::find_validator(pen.state(), account);
    return validator && validator->state() == v1::VALIDATOR_STATE_NOMINEE;
  });
  if (!nominee) return;
  v1::NomineeRef& added = *change.add_add();
  added.set_operator_account(nominee->to_string());
  added.set_validator_key(
      validators::find_validator(pen.state(), *nominee)->info().validator_key());
}

// Mostly one that comes; one goes where there are enough.
MaybeAction change_set(const Pen& pen) {
  const v1::ValidatorSet set = validators::current_set(pen.state());
  const auto n = static_cast<std::uint64_t>(set.validators_size());
  v1::Action action;
  v1::ChangeSet& change = *action.mutable_change_set();
  if (n < 8) add_nominee(pen, change);
  const bool goes = change.add().empty() || pen.percent(20);
  if (goes && n > 4) {
    change.add_remove(set.validators(static_cast<int>(pen.below(n))).operator_account());
  }
  if (change.add().empty() && change.remove().empty()) return std::nullopt;
  change.set_force(pen.percent(8));
  return action;
}

MaybeAction withdraw_change(const Pen& pen) {
  const v1::SetChangeQueue queue = validators::set_changes(pen.state());
  if (queue.changes().empty()) return std::nullopt;
  v1::Action action;
  action.mutable_withdraw_change()->set_change(
      queue.changes(static_cast<int>(pen.below(static_cast<std::uint64_t>(queue.changes_size()))))
          .id());
  return action;
}

MaybeAction schedule_upgrade(const Pen& pen) {
  constexpr std::uint64_t kNotice = 50;
  v1::Action action;
  v1::ScheduleUpgrade& upgrade = *action.mutable_schedule_upgrade();
  upgrade.set_version(protocol_version(pen.state()) + 1 + pen.chance.small(2));
  upgrade.set_manifest_hash(pen.a_hash());
  upgrade.set_from_height(pen.view.height.value() + kNotice + pen.below(kNotice));
  return action;
}

MaybeAction cancel_upgrade(const Pen& pen) {
  const auto upgrade = validators::scheduled_upgrade(pen.state());
  if (!upgrade) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_upgrade()->set_version(upgrade->version());
  return action;
}

}  // namespace

MaybeAction decide_on_rules(const Pen& pen, v1::Action::KindCase kind) {
  switch (kind) {
    case v1::Action::kSetParameter:
      return set_parameter(pen);
    case v1::Action::kSetTrack:
      return set_track(pen);
    case v1::Action::kSetChamber:
      return set_chamber(pen);
    case v1::Action::kEndPause:
      return end_pause(pen);
    case v1::Action::kRenewCharges:
      return renew_charges();
    case v1::Action::kCancelProposal:
      return pen.percent(50) ? cancel_proposal(pen) : std::nullopt;
    case v1::Action::kChangeSet:
      return change_set(pen);
    case v1::Action::kWithdrawChange:
      return withdraw_change(pen);
    case v1::Action::kScheduleUpgrade:
      return schedule_upgrade(pen);
    case v1::Action::kCancelUpgrade:
      return cancel_upgrade(pen);
    default:
      return std::nullopt;
  }
}

}  // namespace salus::dao::lives
