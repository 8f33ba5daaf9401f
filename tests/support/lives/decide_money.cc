// Owns: what the DAO decides on assets, funds, budgets, grants and streams.
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/streams.h"
#include "support/lives/money.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

constexpr std::size_t kAssetsMax = 12;
constexpr std::size_t kFundsMax = 8;

std::string a_code(const Pen& pen, const char* what) {
  return what + std::to_string(pen.people.take_number());
}

v1::Fund a_fund(const Pen& pen) { return pen.chance.of(treasury::funds(pen.state())); }

// Of what a fund has, mostly little; now and then more than there is.
std::uint64_t a_sum(const Pen& pen, const v1::Fund& fund, std::uint32_t asset) {
  const std::uint64_t free = treasury::free_of(pen.state(), fund, asset);
  return 1 + pen.an_amount(pen.percent(4) ? 2 * free + 1 : free / 20 + 1);
}

MaybeAction mint(const Pen& pen) {
  const auto asset = assets::find_asset(pen.state(), pen.percent(50) ? 0 : an_asset(pen));
  if (!asset || (asset->id() != assets::kNative && !asset->issuer().empty())) return std::nullopt;
  v1::Action action;
  action.mutable_mint()->set_asset(asset->id());
  action.mutable_mint()->set_to(pen.anybody().to_string());
  action.mutable_mint()->set_amount(pen.an_amount(asset->max_supply() / 1'000 + 10));
  return action;
}

MaybeAction create_asset(const Pen& pen) {
  if (assets::all(pen.state()).size() >= kAssetsMax) return std::nullopt;
  v1::Action action;
  v1::CreateAsset& asset = *action.mutable_create_asset();
  asset.set_code(a_code(pen, "asset-"));
  asset.set_decimals(pen.chance.small(10));
  asset.set_max_supply(1 + pen.an_amount(1'000'000));
  asset.set_flags(pen.chance.small(8));
  if (pen.percent(60)) asset.set_issuer(pen.a_member().to_string());
  return action;
}

MaybeAction set_asset(const Pen& pen) {
  const v1::Asset asset = pen.chance.of(assets::all(pen.state()));
  v1::Action action;
  action.mutable_set_asset()->set_asset(asset.id());
  action.mutable_set_asset()->set_max_supply(
      asset.max_supply() - pen.below((asset.max_supply() - asset.supply()) / 4 + 1));
  action.mutable_set_asset()->set_flags(pen.percent(90) ? asset.flags() | assets::kTransferable
                                                        : pen.chance.small(8));
  return action;
}

std::optional<v1::Schedule> an_open_schedule(const Pen& pen, bool is_stream) {
  return pen.recent([&](std::uint64_t id) { return assets::find_schedule(pen.state(), id); },
                    [&](const v1::Schedule& one) {
                      const bool is_open = one.state() == v1::SCHEDULE_STATE_PENDING ||
                                           one.state() == v1::SCHEDULE_STATE_RUNNING;
                      return is_open && (one.cancel_by() & assets::kCancelByDao) != 0 &&
                             treasury::find_stream(pen.state(), one.id()).has_value() == is_stream;
                    });
}

MaybeAction cancel_schedule(const Pen& pen, bool is_stream) {
  const auto schedule = an_open_schedule(pen, is_stream);
  if (!schedule) return std::nullopt;
  v1::Action action;
  if (is_stream) {
    action.mutable_cancel_stream()->set_schedule(schedule->id());
  } else {
    action.mutable_cancel_schedule()->set_schedule(schedule->id());
  }
  return action;
}

MaybeAction create_fund(const Pen& pen) {
  if (treasury::funds(pen.state()).size() >= kFundsMax) return std::nullopt;
  v1::Action action;
  action.mutable_create_fund()->set_code(a_code(pen, "fund-"));
  action.mutable_create_fund()->set_purpose(1 + pen.chance.small(9));
  return action;
}

MaybeAction move_funds(const Pen& pen) {
  const v1::Fund from = a_fund(pen);
  v1::Action action;
  v1::MoveFunds& move = *action.mutable_move_funds();
  move.set_from(from.id());
  move.set_to(a_fund(pen).id());
  move.set_asset(an_asset(pen));
  move.set_amount(a_sum(pen, from, move.asset()));
  return action;
}

// Whose payouts wait until he accepts them.
std::optional<AccountId> a_stranger(const Pen& pen) {
  return pen.somebody([&](const AccountId& account) {
    return !treasury::is_known_payee(pen.state(), account, pen.now());
  });
}

MaybeAction pay(const Pen& pen) {
  const v1::Fund fund = a_fund(pen);
  if (treasury::free_of(pen.state(), fund, assets::kNative) == 0) return std::nullopt;
  v1::Action action;
  v1::Pay& pay = *action.mutable_pay();
  pay.set_fund(fund.id());
  pay.set_asset(pen.percent(85) ? assets::kNative : an_asset(pen));
  pay.set_amount(a_sum(pen, fund, pay.asset()));
  const auto stranger = a_stranger(pen);
  pay.set_payee((stranger && pen.percent(85) ? *stranger : pen.anybody()).to_string());
  pay.set_category(pen.chance.small(9));
  return action;
}

MaybeAction cancel_payout(const Pen& pen) {
  const auto payout =
      pen.recent([&](std::uint64_t id) { return treasury::find_payout(pen.state(), id); },
                 [](const v1::Payout& one) { return one.state() == v1::PAYOUT_STATE_WAITING; });
  if (!payout) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_payout()->set_payout(payout->id());
  return action;
}

template <typename List>
void add_accounts(const std::vector<AccountId>& accounts, List& list) {
  for (const AccountId& account : accounts) *list.Add() = account.to_string();
}

MaybeAction set_budget(const Pen& pen) {
  const v1::Fund fund = a_fund(pen);
  v1::Action action;
  v1::SetBudget& budget = *action.mutable_set_budget();
  budget.set_fund(fund.id());
  budget.set_cap(1 + a_sum(pen, fund, assets::kNative));
  budget.set_per_payment(1 + pen.below(budget.cap()));
  budget.set_period_ms(1 + pen.below(60 * kSecond));
  budget.set_length_ms(budget.period_ms() + pen.below(600 * kSecond));
  if (pen.percent(20)) budget.set_from_ms(pen.now() + 150 * kSecond + pen.below(100 * kSecond));
  budget.set_category(pen.chance.small(9));
  if (pen.percent(20)) {
    budget.set_holder_role(static_cast<std::uint32_t>(membership::Role::Treasurer));
    budget.set_needed(1 + pen.chance.small(2));
  } else {
    add_accounts(pen.some_accounts(4), *budget.mutable_holders());
    budget.set_needed(1 + pen.chance.small(std::min<std::uint64_t>(
                              2, static_cast<std::uint64_t>(budget.holders_size()))));
  }
  if (pen.percent(40)) {
    std::vector<AccountId> payees = pen.some_accounts(4);
    const auto unknown = a_stranger(pen);
    if (unknown && std::ranges::find(payees, *unknown) == payees.end()) payees.push_back(*unknown);
    std::ranges::sort(payees);
    add_accounts(payees, *budget.mutable_payees());
  }
  return action;
}

std::optional<v1::Budget> a_budget(const Pen& pen) {
  return pen.recent(
      [&](std::uint64_t id) {
        return treasury::find_budget(pen.state(), static_cast<std::uint32_t>(id));
      },
      [&](const v1::Budget& one) {
        return one.state() == v1::BUDGET_STATE_ACTIVE && pen.now() < one.until_ms();
      });
}

MaybeAction change_budget(const Pen& pen, bool renews) {
  const auto budget = a_budget(pen);
  if (!budget) return std::nullopt;
  v1::Action action;
  if (renews) {
    action.mutable_renew_budget()->set_budget(budget->id());
  } else {
    action.mutable_end_budget()->set_budget(budget->id());
  }
  return action;
}

// What a promise may be charged to.
std::uint32_t charged_to(const Pen& pen, std::uint32_t fund) {
  const auto budget = a_budget(pen);
  return budget && budget->fund() == fund && pen.percent(60) ? budget->id() : 0;
}

MaybeAction award_grant(const Pen& pen) {
  const v1::Fund fund = a_fund(pen);
  v1::Action action;
  v1::AwardGrant& grant = *action.mutable_award_grant();
  grant.set_fund(fund.id());
  grant.set_total(a_sum(pen, fund, assets::kNative));
  const AccountId payee = pen.anybody();
  grant.set_payee(payee.to_string());
  grant.set_category(pen.chance.small(9));
  // Some were due so long ago that treasurers may end them.
  std::uint64_t due_ms = pen.percent(30) ? pen.now() - treasury::kOverdueMs : pen.now();
  std::uint32_t rest = treasury::kWholeBp;
  for (std::uint64_t i = pen.below(3); i > 0 && rest > 1; --i) {
    v1::TrancheTerms& terms = *grant.add_tranches();
    terms.set_bp(1 + pen.chance.small(rest - 1));
    terms.set_due_ms(due_ms += pen.below(60 * kSecond));
    rest -= terms.bp();
  }
  v1::TrancheTerms& last = *grant.add_tranches();
  last.set_bp(rest);
  last.set_due_ms(due_ms);
  for (const AccountId& reviewer : pen.some_accounts(3)) {
    if (reviewer != payee) grant.add_reviewers(reviewer.to_string());
  }
  if (grant.reviewers().empty()) return std::nullopt;
  grant.set_needed(1 + pen.chance.small(static_cast<std::uint64_t>(grant.reviewers_size())));
  if (pen.percent(25)) grant.set_budget(charged_to(pen, fund.id()));
  return action;
}

MaybeAction cancel_grant(const Pen& pen) {
  const auto grant = pen.recent(
      [&](std::uint64_t id) { return treasury::find_grant(pen.state(), id); },
      [](const v1::Grant& one) {
        return one.state() == v1::GRANT_STATE_PENDING || one.state() == v1::GRANT_STATE_ACTIVE;
      });
  if (!grant) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_grant()->set_grant(grant->id());
  return action;
}

MaybeAction open_stream(const Pen& pen) {
  const v1::Fund fund = a_fund(pen);
  v1::Action action;
  v1::OpenStream& stream = *action.mutable_open_stream();
  stream.set_fund(fund.id());
  stream.set_payee(pen.a_member().to_string());
  stream.set_category(pen.chance.small(9));
  stream.set_total(a_sum(pen, fund, assets::kNative));
  add_points(pen, stream.total(), *stream.mutable_points());
  if (pen.percent(70)) stream.set_budget(charged_to(pen, fund.id()));
  return action;
}

}  // namespace

MaybeAction decide_on_money(const Pen& pen, v1::Action::KindCase kind) {
  switch (kind) {
    case v1::Action::kMint:
      return mint(pen);
    case v1::Action::kCreateAsset:
      return create_asset(pen);
    case v1::Action::kSetAsset:
      return set_asset(pen);
    case v1::Action::kCancelSchedule:
      return cancel_schedule(pen, false);
    case v1::Action::kCancelStream:
      return cancel_schedule(pen, true);
    case v1::Action::kCreateFund:
      return create_fund(pen);
    case v1::Action::kMoveFunds:
      return move_funds(pen);
    case v1::Action::kPay:
      return pay(pen);
    case v1::Action::kCancelPayout:
      return cancel_payout(pen);
    case v1::Action::kSetBudget:
      return set_budget(pen);
    case v1::Action::kRenewBudget:
      return change_budget(pen, true);
    case v1::Action::kEndBudget:
      return change_budget(pen, false);
    case v1::Action::kAwardGrant:
      return award_grant(pen);
    case v1::Action::kCancelGrant:
      return cancel_grant(pen);
    case v1::Action::kOpenStream:
      return open_stream(pen);
    default:
      return std::nullopt;
  }
}

}  // namespace salus::dao::lives
