// Owns: transactions with the DAO's money: gifts, payouts, budgets that holders spend, grants that
// payees show and reviewers judge, streams that holders end.
#include "dao/assets/assets.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/streams.h"
#include "support/lives/money.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using membership::Role;

MaybeMove donate(const Pen& pen) {
  const AccountId donor = pen.anybody();
  const std::vector<v1::Fund> funds = treasury::funds(pen.state());
  v1::Action action;
  v1::Donate& gift = *action.mutable_donate();
  gift.set_fund(pen.percent(97) ? pen.chance.of(funds).id() : 99);
  gift.set_asset(an_asset(pen));
  gift.set_amount(pen.a_share(donor, gift.asset()));
  return by(donor, std::move(action));
}

MaybeMove accept_payout(const Pen& pen) {
  const auto payout =
      pen.recent([&](std::uint64_t id) { return treasury::find_payout(pen.state(), id); },
                 [&](const v1::Payout& one) {
                   return one.state() == v1::PAYOUT_STATE_WAITING || pen.percent(2);
                 });
  if (!payout) return std::nullopt;
  v1::Action action;
  action.mutable_accept_payout()->set_payout(payout->id());
  const auto payee = pen.known(payout->payee());
  return by(payee && pen.percent(97) ? *payee : pen.anybody(), std::move(action));
}

// Rarely: who is known is paid at once, and never has to accept.
MaybeMove mark_payee(const Pen& pen) {
  if (!pen.percent(15)) return std::nullopt;
  v1::Action action;
  action.mutable_mark_payee();
  return by(pen.anybody(), std::move(action));
}

std::optional<AccountId> a_holder(const Pen& pen, const v1::Budget& budget) {
  if (budget.holder_role() == 0) return pen.one_of(budget.holders());
  return pen.holder_of(static_cast<Role>(budget.holder_role()));
}

MaybeMove spend_budget(const Pen& pen) {
  const auto budget = pen.recent(
      [&](std::uint64_t id) {
        return treasury::find_budget(pen.state(), static_cast<std::uint32_t>(id));
      },
      [&](const v1::Budget& one) {
        return one.state() == v1::BUDGET_STATE_ACTIVE || pen.percent(2);
      });
  if (!budget) return std::nullopt;
  v1::Action action;
  v1::SpendBudget& spend = *action.mutable_spend_budget();
  spend.set_budget(budget->id());
  spend.set_amount(pen.an_amount(budget->per_payment() + (pen.percent(3) ? 5 : 0)));
  const auto payee = budget->payees().empty() ? pen.a_member() : pen.one_of(budget->payees());
  spend.set_payee(payee.value_or(pen.anybody()).to_string());
  const auto holder = a_holder(pen, *budget);
  return by(holder ? *holder : pen.anybody(), std::move(action));
}

std::optional<v1::Grant> a_grant(const Pen& pen, v1::GrantState state) {
  return pen.recent([&](std::uint64_t id) { return treasury::find_grant(pen.state(), id); },
                    [&](const v1::Grant& one) { return one.state() == state || pen.percent(1); });
}

MaybeMove accept_grant(const Pen& pen) {
  const auto grant = a_grant(pen, v1::GRANT_STATE_PENDING);
  if (!grant) return std::nullopt;
  v1::Action action;
  action.mutable_accept_grant()->set_grant(grant->id());
  const auto payee = pen.known(grant->payee());
  return by(payee ? *payee : pen.anybody(), std::move(action));
}

template <typename Review>
void fill(const Pen& pen, const v1::Grant& grant, std::uint32_t place, Review& review) {
  review.set_grant(grant.id());
  review.set_tranche(place);
  const std::string& shown = grant.tranches(static_cast<int>(place) - 1).deliverable_hash();
  review.set_deliverable_hash(shown.empty() || pen.percent(2) ? pen.a_hash() : shown);
}

MaybeMove work_on_grant(const Pen& pen) {
  const auto grant = a_grant(pen, v1::GRANT_STATE_ACTIVE);
  const std::uint32_t place = grant ? treasury::next_tranche(*grant) : 0;
  if (place == 0) return std::nullopt;
  const bool is_claimed =
      grant->tranches(static_cast<int>(place) - 1).state() == v1::TRANCHE_STATE_CLAIMED;
  v1::Action action;
  if (pen.percent(5)) {
    // Idle for long, some of them.
    action.mutable_cancel_grant()->set_grant(grant->id());
    const auto treasurer = pen.holder_of(Role::Treasurer);
    return by(treasurer ? *treasurer : pen.anybody(), std::move(action));
  }
  if (!is_claimed && pen.percent(96)) {
    fill(pen, *grant, place, *action.mutable_claim_tranche());
    const auto payee = pen.known(grant->payee());
    return by(payee ? *payee : pen.anybody(), std::move(action));
  }
  pen.percent(80) ? fill(pen, *grant, place, *action.mutable_approve_tranche())
                  : fill(pen, *grant, place, *action.mutable_return_tranche());
  const auto reviewer = pen.one_of(grant->reviewers());
  return by(reviewer ? *reviewer : pen.anybody(), std::move(action));
}

// By a holder of the budget that it was charged to.
MaybeMove cancel_stream(const Pen& pen) {
  const auto budget_of = [&](std::uint64_t schedule) {
    const auto stream = treasury::find_stream(pen.state(), schedule);
    return stream ? treasury::find_budget(pen.state(), stream->budget()) : std::nullopt;
  };
  const auto schedule =
      pen.recent([&](std::uint64_t id) { return assets::find_schedule(pen.state(), id); },
                 [&](const v1::Schedule& one) {
                   const bool is_open = one.state() == v1::SCHEDULE_STATE_PENDING ||
                                        one.state() == v1::SCHEDULE_STATE_RUNNING;
                   return is_open && budget_of(one.id()).has_value();
                 });
  if (!schedule) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_stream()->set_schedule(schedule->id());
  const auto holder = a_holder(pen, *budget_of(schedule->id()));
  return by(holder ? *holder : pen.anybody(), std::move(action));
}

}  // namespace

MaybeMove draw_of_treasury(const Pen& pen) {
  switch (pen.below(16)) {
    case 0:
    case 1:
      return donate(pen);
    case 2:
      return pen.percent(50) ? accept_payout(pen) : std::nullopt;
    case 4:
      return mark_payee(pen);
    case 3:
    case 5:
    case 6:
    case 7:
      return spend_budget(pen);
    case 8:
    case 9:
      return accept_grant(pen);
    case 10:
      return cancel_stream(pen);
    default:
      return work_on_grant(pen);
  }
}

}  // namespace salus::dao::lives
