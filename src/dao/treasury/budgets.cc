// Owns: the record of a budget, and how it is spent.
#include "dao/treasury/budgets.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/accounts/accounts.h"
#include "dao/acts/acts.h"
#include "dao/assets/assets.h"
#include "dao/due.h"
#include "dao/membership/membership.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

const Key kBudgetCounter = Key{Table::TreasuryCounters}.u8(3);

Key budget_key(std::uint32_t id) { return Key{Table::Budgets}.u32(id); }

bool is_active(const v1::Budget& budget, std::uint64_t now_ms) {
  return budget.state() == v1::BUDGET_STATE_ACTIVE && budget.from_ms() <= now_ms &&
         now_ms < budget.until_ms();
}

std::uint64_t spent_at(const v1::Budget& budget, std::uint64_t now_ms) {
  return period_of(budget, now_ms) > budget.period_index() ? 0 : budget.spent();
}

void tell(std::vector<v1::Event>& events, v1::EventKind kind, const v1::Budget& budget) {
  std::vector<AccountId> holders;
  for (const std::string& holder : budget.holders()) holders.push_back(*AccountId::from(holder));
  emit(events, kind, holders,
       {{v1::EVENT_FIELD_BUDGET, budget.id()},
        {v1::EVENT_FIELD_FUND, budget.fund()},
        {v1::EVENT_FIELD_ASSET, budget.asset()},
        {v1::EVENT_FIELD_AMOUNT, budget.cap()},
        {v1::EVENT_FIELD_CATEGORY, budget.category()},
        {v1::EVENT_FIELD_UNTIL_MS, budget.until_ms()}},
       true);
}

void queue_end(Overlay& state, const v1::Budget& budget) {
  due::schedule(state, due::Class::Lapses, budget.until_ms(), due::Kind::BudgetEnd, budget.id());
}

void unqueue_end(Overlay& state, const v1::Budget& budget) {
  due::cancel(state, due::Class::Lapses, budget.until_ms(), due::Kind::BudgetEnd,
              due::ref_of(budget.id()));
}

// Accounts, strictly ascending so that nobody stands there twice.
Outcome check_list(const google::protobuf::RepeatedPtrField<std::string>& accounts, int most) {
  if (accounts.size() > most) return refuse(Error::Limit);
  for (int i = 0; i < accounts.size(); ++i) {
    if (accounts[i].size() != AccountId::kSize) return refuse(Error::Limit);
    if (i > 0 && accounts[i] <= accounts[i - 1]) return refuse(Error::BudgetInvalid);
  }
  return {};
}

bool all_open(const Overlay& state,
              const google::protobuf::RepeatedPtrField<std::string>& accounts) {
  return std::ranges::all_of(accounts, [&](const std::string& account) {
    return accounts::is_open(state, *AccountId::from(account));
  });
}

// Holders by list or by role, never both; nobody needs more of them than there are.
bool holders_fit(const v1::SetBudget& action) {
  constexpr std::uint32_t kRoles = membership::kCredentialRoles | membership::kOfficeRoles;
  const bool by_role = action.holder_role() != 0;
  const auto listed = static_cast<std::uint32_t>(action.holders_size());
  if (by_role == (listed > 0)) return false;
  if (by_role && (action.holder_role() >= 32 || ((1U << action.holder_role()) & kRoles) == 0)) {
    return false;
  }
  const auto most = by_role ? static_cast<std::uint32_t>(kHoldersMax) : listed;
  return action.needed() >= 1 && action.needed() <= most;
}

Result<v1::Budget, Error> get_active(const Overlay& state, std::uint32_t id) {
  auto budget = find_budget(state, id);
  if (!budget) return refuse(Error::BudgetUnknown);
  if (budget->state() != v1::BUDGET_STATE_ACTIVE) return refuse(Error::BudgetClosed);
  return std::move(*budget);
}

}  // namespace

std::uint64_t period_of(const v1::Budget& budget, std::uint64_t now_ms) {
  return (now_ms - budget.from_ms()) / budget.period_ms();
}

Outcome charge(v1::Budget& budget, std::uint64_t now_ms, std::uint64_t amount) {
  if (!is_active(budget, now_ms)) return refuse(Error::BudgetClosed);
  // What a period does not use is gone with it.
  const auto spent = checked_add(spent_at(budget, now_ms), amount);
  if (!spent || *spent > budget.cap()) return refuse(Error::BudgetExceeded);
  if (amount > budget.per_payment()) return refuse(Error::PerPaymentExceeded);
  budget.set_period_index(period_of(budget, now_ms));
  budget.set_spent(*spent);
  return {};
}

std::uint64_t left_of(const v1::Budget& budget, std::uint64_t now_ms) {
  return is_active(budget, now_ms) ? budget.cap() - spent_at(budget, now_ms) : 0;
}

Result<v1::Budget, Error> charged(const Overlay& state, const Charge& wish, std::uint64_t now_ms) {
  auto budget = find_budget(state, wish.budget);
  if (!budget) return refuse(Error::BudgetUnknown);
  if (budget->fund() != wish.fund || budget->asset() != wish.asset) {
    return refuse(Error::BudgetInvalid);
  }
  const auto& payees = budget->payees();
  const bool may_be_paid = payees.empty()
                               ? membership::is_active(state, wish.payee, now_ms)
                               : std::ranges::find(payees, wish.payee.to_string()) != payees.end();
  if (auto outcome = charge(*budget, now_ms, wish.amount); !outcome) {
    return refuse(outcome.error());
  }
  if (!may_be_paid) return refuse(Error::PayeeNotListed);
  return std::move(*budget);
}

void put_budget(Overlay& state, const v1::Budget& budget) {
  state::put(state, budget_key(budget.id()), budget);
}

void credit_back(Overlay& state, std::uint32_t id, std::uint64_t period_index, std::uint64_t amount,
                 std::uint64_t now_ms) {
  if (id == 0) return;
  auto budget = find_budget(state, id);
  SALUS_ASSERT(budget.has_value(), "budgets end but never go");
  const bool same_period =
      budget->period_index() == period_index && period_of(*budget, now_ms) == period_index;
  if (!same_period) return;
  const auto left = checked_sub(budget->spent(), amount);
  SALUS_ASSERT(left.has_value(), "what comes back in its period was charged in it (G-9.6)");
  budget->set_spent(*left);
  put_budget(state, *budget);
}

bool is_holder(const Overlay& state, const v1::Budget& budget, const AccountId& account,
               std::uint64_t now_ms) {
  if (budget.holder_role() != 0) {
    const std::uint32_t roles = membership::live_roles(state, account, now_ms);
    return (roles & (1U << budget.holder_role())) != 0;
  }
  const auto& holders = budget.holders();
  return std::ranges::find(holders, account.to_string()) != holders.end() &&
         accounts::is_open(state, account);
}

Outcome check(const v1::SetBudget& action) {
  if (auto outcome = check_list(action.holders(), kHoldersMax); !outcome) return outcome;
  if (auto outcome = check_list(action.payees(), kPayeesMax); !outcome) return outcome;
  const bool amounts_fit =
      action.cap() >= 1 && action.per_payment() >= 1 && action.per_payment() <= action.cap();
  const bool times_fit = action.period_ms() >= 1 && action.length_ms() >= action.period_ms() &&
                         action.length_ms() <= kBudgetMsMax;
  const bool fits = amounts_fit && times_fit && holders_fit(action);
  return fits ? Outcome{} : refuse(Error::BudgetInvalid);
}

Outcome apply(const v1::SetBudget& action, ActionContext& context, Overlay& state) {
  if (!find_fund(state, action.fund())) return refuse(Error::FundUnknown);
  if (!assets::find_asset(state, action.asset())) return refuse(Error::AssetUnknown);
  if (!all_open(state, action.holders())) return refuse(Error::AccountUnknown);
  if (!all_open(state, action.payees())) return refuse(Error::PayeeUnknown);
  const std::uint64_t from = action.from_ms() == 0 ? context.now_ms() : action.from_ms();
  // One that begins further away than the longest may last is a slip of units.
  const bool in_reach = from < context.now_ms() || from - context.now_ms() <= kBudgetMsMax;
  if (!in_reach || from + action.length_ms() <= context.now_ms()) {
    return refuse(Error::BudgetInvalid);
  }

  v1::Budget budget;
  budget.set_id(static_cast<std::uint32_t>(state::take_number(state, kBudgetCounter)));
  budget.set_fund(action.fund());
  budget.set_asset(action.asset());
  budget.set_cap(action.cap());
  budget.set_period_ms(action.period_ms());
  budget.set_from_ms(from);
  budget.set_until_ms(from + action.length_ms());
  budget.set_length_ms(action.length_ms());
  budget.set_category(action.category());
  budget.set_holder_role(action.holder_role());
  *budget.mutable_holders() = action.holders();
  budget.set_needed(action.needed());
  budget.set_per_payment(action.per_payment());
  *budget.mutable_payees() = action.payees();
  budget.set_state(v1::BUDGET_STATE_ACTIVE);
  put_budget(state, budget);
  queue_end(state, budget);
  tell(context.events, v1::EVENT_KIND_BUDGET_SET, budget);
  return {};
}

Outcome apply(const v1::RenewBudget& action, ActionContext& context, Overlay& state) {
  auto budget = get_active(state, action.budget());
  if (!budget) return refuse(budget.error());
  if (context.now_ms() >= budget->until_ms()) return refuse(Error::BudgetClosed);
  if (budget->renewals() >= kRenewalsMax) return refuse(Error::RenewalsUsed);
  unqueue_end(state, *budget);
  budget->set_until_ms(budget->until_ms() + budget->length_ms());
  budget->set_renewals(budget->renewals() + 1);
  put_budget(state, *budget);
  queue_end(state, *budget);
  tell(context.events, v1::EVENT_KIND_BUDGET_RENEWED, *budget);
  return {};
}

Outcome apply(const v1::EndBudget& action, ActionContext& context, Overlay& state) {
  auto budget = get_active(state, action.budget());
  if (!budget) return refuse(budget.error());
  unqueue_end(state, *budget);
  budget->set_state(v1::BUDGET_STATE_ENDED);
  put_budget(state, *budget);
  tell(context.events, v1::EVENT_KIND_BUDGET_ENDED, *budget);
  return {};
}

Outcome check(const v1::SpendBudget& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  if (!AccountId::from(action.payee())) return refuse(Error::PayeeUnknown);
  return {};
}

Outcome apply(const v1::SpendBudget& action, ActionContext& context, Overlay& state) {
  const auto known = find_budget(state, action.budget());
  if (!known) return refuse(Error::BudgetUnknown);
  if (!is_holder(state, *known, context.signer, context.now_ms())) {
    return refuse(Error::NotHolder);
  }
  const AccountId payee = *AccountId::from(action.payee());
  if (!accounts::is_open(state, payee)) return refuse(Error::PayeeUnknown);
  // Judged with the first signature, and again with the last: time and other payments pass.
  const auto budget = charged(state,
                              {.budget = known->id(),
                               .fund = known->fund(),
                               .asset = known->asset(),
                               .amount = action.amount(),
                               .payee = payee},
                              context.now_ms());
  if (!budget) return refuse(budget.error());

  v1::Action content;
  *content.mutable_spend_budget() = action;
  const auto progress =
      acts::sign({.content = content,
                  .needed = known->needed(),
                  .entitled =
                      [&](const AccountId& account) {
                        return is_holder(state, *known, account, context.now_ms());
                      },
                  .conflicted = [&](const AccountId& account) { return account == payee; }},
                 context, state);
  if (!progress) return refuse(progress.error());
  if (progress->step != acts::Step::Reached) return {};

  put_budget(state, *budget);
  emit(context.events, v1::EVENT_KIND_BUDGET_SPENT, progress->signers,
       {{v1::EVENT_FIELD_BUDGET, budget->id()},
        {v1::EVENT_FIELD_AMOUNT, action.amount()},
        {v1::EVENT_FIELD_ACT, progress->act}});
  return pay({.fund = budget->fund(),
              .asset = budget->asset(),
              .amount = action.amount(),
              .payee = payee,
              .category = budget->category(),
              .origin = origin_of_act(context.block.chain_id, progress->act),
              .budget = budget->id(),
              .period_index = budget->period_index(),
              .act = progress->act},
             context, state);
}

void end_budget(Overlay& state, const BlockContext& block, ByteView ref,
                std::vector<v1::Event>& events) {
  auto budget = find_budget(state, static_cast<std::uint32_t>(due::id_of(ref)));
  const bool over = budget && budget->state() == v1::BUDGET_STATE_ACTIVE &&
                    block.time.value() >= budget->until_ms();
  if (!over) return;
  budget->set_state(v1::BUDGET_STATE_ENDED);
  put_budget(state, *budget);
  tell(events, v1::EVENT_KIND_BUDGET_ENDED, *budget);
}

std::optional<v1::Budget> find_budget(const Overlay& state, std::uint32_t id) {
  return state::find<v1::Budget>(state, budget_key(id));
}

std::vector<v1::Budget> budgets(const Overlay& state) {
  std::vector<v1::Budget> all;
  for (std::uint32_t id = 1; auto budget = find_budget(state, id); ++id) all.push_back(*budget);
  return all;
}

}  // namespace salus::dao::treasury
