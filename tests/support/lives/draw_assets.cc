// Owns: transactions of assets: transfers, schedules between members, stakes, what issuers mint.
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/assets/schedules.h"
#include "dao/assets/stakes.h"
#include "dao/power/power.h"
#include "dao/treasury/streams.h"
#include "support/lives/money.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

MaybeMove transfer(const Pen& pen) {
  const AccountId from = pen.anybody();
  v1::Action action;
  v1::Transfer& transfer = *action.mutable_transfer();
  transfer.set_to((pen.percent(99) ? pen.anybody() : AccountId{}).to_string());
  transfer.set_asset(an_asset(pen));
  transfer.set_amount(pen.a_share(from, transfer.asset()));
  return by(from, std::move(action));
}

// By the issuer of an asset that has one.
MaybeMove mint(const Pen& pen) {
  std::vector<v1::Asset> issued;
  for (const v1::Asset& asset : assets::all(pen.state())) {
    if (pen.known(asset.issuer())) issued.push_back(asset);
  }
  if (issued.empty()) return std::nullopt;
  const v1::Asset& asset = pen.chance.of(issued);
  v1::Action action;
  action.mutable_mint()->set_asset(asset.id());
  action.mutable_mint()->set_to(pen.anybody().to_string());
  action.mutable_mint()->set_amount(pen.an_amount(asset.max_supply() / 10 + 1));
  return by(*pen.known(asset.issuer()), std::move(action));
}

MaybeMove burn(const Pen& pen) {
  const AccountId who = pen.anybody();
  v1::Action action;
  action.mutable_burn()->set_asset(an_asset(pen));
  action.mutable_burn()->set_amount(pen.an_amount(1'000));
  return by(who, std::move(action));
}

MaybeMove open_schedule(const Pen& pen) {
  const AccountId source = pen.anybody();
  v1::Action action;
  v1::OpenSchedule& open = *action.mutable_open_schedule();
  open.set_asset(an_asset(pen));
  open.set_payee(pen.anybody().to_string());
  open.set_total(1 + pen.a_share(source, open.asset()));
  add_points(pen, open.total(), *open.mutable_points());
  open.set_cancel_by(pen.chance.small(4));
  return by(source, std::move(action));
}

// What its payee or its source does with a schedule.
MaybeMove use_schedule(const Pen& pen) {
  const auto schedule =
      pen.recent([&](std::uint64_t id) { return assets::find_schedule(pen.state(), id); },
                 [&](const v1::Schedule& one) {
                   return one.state() == v1::SCHEDULE_STATE_PENDING ||
                          one.state() == v1::SCHEDULE_STATE_RUNNING;
                 });
  if (!schedule) return std::nullopt;
  const bool is_pending = schedule->state() == v1::SCHEDULE_STATE_PENDING;
  v1::Action action;
  std::optional<AccountId> signer = pen.known(schedule->payee());
  if (pen.percent(15)) {
    action.mutable_cancel_schedule()->set_schedule(schedule->id());
    signer = pen.known(schedule->source());
  } else if (is_pending && pen.percent(90)) {
    action.mutable_accept_schedule()->set_schedule(schedule->id());
  } else {
    const std::uint64_t due = assets::claimable(*schedule, pen.now());
    action.mutable_claim_schedule()->set_schedule(schedule->id());
    action.mutable_claim_schedule()->set_amount(pen.percent(60) ? 0 : pen.below(due + 2));
  }
  return by(signer ? *signer : pen.anybody(), std::move(action));
}

MaybeMove stake(const Pen& pen) {
  const auto staker = pen.somebody([&](const AccountId& account) {
    const auto chamber =
        membership::find_chamber(pen.state(), membership::chamber_of(pen.state(), account));
    return chamber && chamber->rule() == v1::CHAMBER_RULE_STAKE;
  });
  const AccountId who = staker && pen.percent(95) ? *staker : pen.anybody();
  v1::Action action;
  if (pen.percent(75)) {
    action.mutable_lock_stake()->set_amount(1 + pen.a_share(who, assets::kNative));
  } else {
    action.mutable_unlock_stake();
  }
  return by(who, std::move(action));
}

}  // namespace

std::uint32_t an_asset(const Pen& pen) {
  if (pen.percent(70)) return assets::kNative;
  if (pen.percent(2)) return 99;
  const std::vector<v1::Asset> all = assets::all(pen.state());
  return pen.chance.of(all).id();
}

MaybeMove draw_of_assets(const Pen& pen) {
  switch (pen.below(12)) {
    case 0:
    case 1:
      return transfer(pen);
    case 2:
      return mint(pen);
    case 3:
      return burn(pen);
    case 4:
    case 5:
      return open_schedule(pen);
    case 6:
    case 7:
    case 8:
    case 9:
      return use_schedule(pen);
    default:
      return stake(pen);
  }
}

}  // namespace salus::dao::lives
