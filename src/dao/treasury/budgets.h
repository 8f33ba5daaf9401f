// Owns: what a budget allows (G-9.6). It is a permission, not a pot: the money stays in the fund
// until it is spent. A budget is charged once for each obligation, when that is made, for its whole
// amount; what comes back in the same period may be spent again in it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

inline constexpr int kHoldersMax = 9;
inline constexpr int kPayeesMax = 32;
inline constexpr std::uint32_t kRenewalsMax = 2;
inline constexpr std::uint64_t kBudgetMsMax = 3'650 * 86'400'000ULL;

// The number of the period at `now_ms`, which is not before the budget begins.
std::uint64_t period_of(const v1::Budget& budget, std::uint64_t now_ms);
// BudgetClosed outside `from <= now < until`, BudgetExceeded, PerPaymentExceeded; counts the
// amount.
Outcome charge(v1::Budget& budget, std::uint64_t now_ms, std::uint64_t amount);
// What may still be charged in the period of `now_ms`; 0 outside the budget's time.
std::uint64_t left_of(const v1::Budget& budget, std::uint64_t now_ms);

// An obligation that names a budget: BudgetUnknown, BudgetInvalid (another fund or asset),
// PayeeNotListed, and what `charge` refuses. Changes nothing.
struct Charge {
  std::uint32_t budget;
  std::uint32_t fund;
  std::uint32_t asset;
  std::uint64_t amount;
  AccountId payee;
};
Result<v1::Budget, Error> charged(const state::Overlay& state, const Charge& charge,
                                  std::uint64_t now_ms);
void put_budget(state::Overlay& state, const v1::Budget& budget);
// What EXPIRES or is CANCELLED in the period it was charged to; nothing for budget 0.
void credit_back(state::Overlay& state, std::uint32_t budget, std::uint64_t period_index,
                 std::uint64_t amount, std::uint64_t now_ms);

// Whether an account may spend now: listed and open, or an ACTIVE holder of the role.
bool is_holder(const state::Overlay& state, const v1::Budget& budget, const AccountId& account,
               std::uint64_t now_ms);

std::optional<v1::Budget> find_budget(const state::Overlay& state, std::uint32_t id);
// All of them, ascending by id: each one was set by a vote.
std::vector<v1::Budget> budgets(const state::Overlay& state);

}  // namespace salus::dao::treasury
