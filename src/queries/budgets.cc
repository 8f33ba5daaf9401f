// Owns: the reads of budgets, and why a payment was made (G-9.5, G-9.6).
#include "dao/treasury/budgets.h"

#include <algorithm>

#include "dao/acts/acts.h"
#include "dao/assets/schedules.h"
#include "dao/governance/proposals.h"
#include "dao/treasury/treasury.h"
#include "queries/grants.h"
#include "queries/paging.h"
#include "queries/queries.h"
#include "queries/schedules.h"
#include "queries/words.h"

namespace salus::queries {

namespace treasury = dao::treasury;
using state::Key;
using state::Table;

namespace {

bool is_open(const v1::Budget& budget, std::uint64_t now_ms) {
  return budget.state() == v1::BUDGET_STATE_ACTIVE && budget.from_ms() <= now_ms &&
         now_ms < budget.until_ms();
}

v1::BudgetInfo info_of(const View& view, const v1::Budget& budget) {
  v1::BudgetInfo info;
  *info.mutable_budget() = budget;
  const auto fund = treasury::find_fund(view.state(), budget.fund());
  if (fund) info.set_free(treasury::free_of(view.state(), *fund, budget.asset()));
  if (!is_open(budget, view.now_ms())) return info;
  info.set_open(true);
  info.set_left(treasury::left_of(budget, view.now_ms()));
  const std::uint64_t from =
      budget.from_ms() + treasury::period_of(budget, view.now_ms()) * budget.period_ms();
  info.set_period_from_ms(from);
  info.set_period_until_ms(std::min(from + budget.period_ms(), budget.until_ms()));
  return info;
}

// Grants and streams charged to a budget, newest first.
void add_promises(const View& view, std::uint32_t budget, v1::BudgetUseResponse& response) {
  static_cast<void>(walk_down<v1::Grant>(view.state(), Table::Grants, {}, kPageSizeMax,
                                         [&](const v1::Grant& grant) {
                                           if (grant.budget() != budget) return false;
                                           *response.add_grants() = grant;
                                           return true;
                                         }));
  static_cast<void>(walk<v1::Stream>(
      view.state(), Key{Table::Streams}, {}, kPageSizeMax, [&](const v1::Stream& stream) {
        if (stream.budget() != budget) return false;
        const auto schedule = dao::assets::find_schedule(view.state(), stream.schedule());
        if (schedule) *response.add_streams() = queries::info_of(view, *schedule);
        return true;
      }));
}

std::string state_sentence(const v1::Payout& payout) {
  // A stored enumeration of ours; its sentinels cannot occur.
  switch (payout.state()) {
    case v1::PAYOUT_STATE_WAITING:
      return "It waits until " + spell_time(payout.until_ms()) + " UTC for its payee to accept it.";
    case v1::PAYOUT_STATE_PAID:
      return "It was paid, once.";
    case v1::PAYOUT_STATE_EXPIRED:
      return "Nobody accepted it in time; the money is back in the fund.";
    default:
      return "The DAO took it back; the money is back in the fund.";
  }
}

void fill_reasons(const View& view, v1::WhyPaidResponse& response) {
  const v1::Payout& payout = response.payout();
  if (payout.proposal() != 0) {
    response.set_proposal(payout.proposal());
    if (const auto decided = dao::governance::find_proposal(view.state(), payout.proposal())) {
      response.set_state(decided->state());
      *response.mutable_outcome() = decided->outcome();
    }
    response.add_sentences("Proposal " + std::to_string(payout.proposal()) + " decided it.");
  }
  if (payout.budget() != 0) {
    if (auto budget = treasury::find_budget(view.state(), payout.budget())) {
      *response.mutable_budget() = std::move(*budget);
    }
    response.add_sentences("It is charged to budget " + std::to_string(payout.budget()) +
                           ", in its period " + std::to_string(payout.period_index()) + ".");
  }
  if (payout.act() != 0) {
    if (auto act = dao::acts::find_act(view.state(), payout.act())) {
      *response.mutable_act() = std::move(*act);
    }
    response.add_sentences("Joint act " + std::to_string(payout.act()) + " spent it, signed by " +
                           std::to_string(response.act().signers_size()) + ".");
  }
  response.add_sentences(state_sentence(payout));
}

}  // namespace

Answer<v1::GetBudgetResponse> answer(const View& view, const v1::GetBudgetRequest& request) {
  const auto budget = treasury::find_budget(view.state(), request.budget());
  if (!budget) {
    return std::unexpected(refusal(dao::Error::BudgetUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetBudgetResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  *response.mutable_budget() = info_of(view, *budget);
  return response;
}

Answer<v1::ListBudgetsResponse> answer(const View& view, const v1::ListBudgetsRequest& request) {
  v1::ListBudgetsResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  auto next = walk<v1::Budget>(view.state(), Key{Table::Budgets}, request.page_token(),
                               page_size(request.page_size()), [&](const v1::Budget& budget) {
                                 if (request.fund() != 0 && budget.fund() != request.fund())
                                   return false;
                                 *response.add_budgets() = info_of(view, budget);
                                 return true;
                               });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::BudgetUseResponse> answer(const View& view, const v1::BudgetUseRequest& request) {
  if (!treasury::find_budget(view.state(), request.budget())) {
    return std::unexpected(refusal(dao::Error::BudgetUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::BudgetUseResponse response;
  response.set_height(view.height());
  if (request.page_token().empty()) add_promises(view, request.budget(), response);
  auto next = walk_down<v1::Payout>(view.state(), Table::Payouts, request.page_token(),
                                    page_size(request.page_size()), [&](const v1::Payout& payout) {
                                      if (payout.budget() != request.budget()) return false;
                                      *response.add_payouts() = payout;
                                      return true;
                                    });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::WhyPaidResponse> answer(const View& view, const v1::WhyPaidRequest& request) {
  auto payout = treasury::find_payout(view.state(), request.payout());
  if (!payout) {
    return std::unexpected(refusal(dao::Error::PayoutUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::WhyPaidResponse response;
  response.set_height(view.height());
  *response.mutable_payout() = std::move(*payout);
  fill_reasons(view, response);
  return response;
}

}  // namespace salus::queries
