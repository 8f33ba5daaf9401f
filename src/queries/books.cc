// Owns: the reads of a fund's books, line by line and by category, and of what is ahead (G-9.2,
// G-9.3).
#include <algorithm>
#include <map>

#include "base/u128.h"
#include "dao/assets/schedules.h"
#include "dao/treasury/treasury.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

namespace treasury = dao::treasury;
using state::Key;
using state::Table;

namespace {

// Lines of a ledger, or obligations of one kind, that one answer adds up.
constexpr std::uint64_t kAddedMax = 10'000;
constexpr std::uint32_t kForecastDays = 90;
constexpr std::uint32_t kForecastDaysMax = 365;
constexpr std::uint64_t kDayMs = 86'400'000;

Answer<v1::Fund> get_fund(const View& view, std::uint32_t id) {
  auto fund = treasury::find_fund(view.state(), id);
  if (fund) return std::move(*fund);
  return std::unexpected(refusal(dao::Error::FundUnknown, grpc::StatusCode::NOT_FOUND));
}

struct Window {
  std::uint64_t from_ms;
  // 0 = without end.
  std::uint64_t until_ms;

  bool holds(std::uint64_t at_ms) const {
    return at_ms >= from_ms && (until_ms == 0 || at_ms < until_ms);
  }
};

using FundAsset = std::pair<std::uint32_t, std::uint32_t>;
using Lines = std::map<FundAsset, v1::ForecastLine>;

Lines lines_of(const View& view) {
  Lines lines;
  for (const v1::Fund& fund : treasury::funds(view.state())) {
    const std::string prefix = Key{Table::FundTotals}.u32(fund.id()).str();
    view.state().scan(prefix, {}, [&](std::string_view key, std::string_view bytes) {
      ByteReader reader{as_bytes(key.substr(prefix.size()))};
      const std::uint32_t asset = reader.u32();
      v1::ForecastLine& line = lines[{fund.id(), asset}];
      line.set_fund(fund.id());
      line.set_asset(asset);
      line.set_free(treasury::free_of(view.state(), fund, asset));
      line.set_promised(state::decode<v1::FundTotals>(bytes).promised());
      return true;
    });
  }
  return lines;
}

// Escrows of one kind of owner; false if some were left out.
bool for_each_escrow(const View& view, v1::EscrowOwner owner,
                     const std::function<void(const v1::Escrow&)>& visit) {
  std::uint64_t seen = 0;
  bool whole = true;
  view.state().scan(Key{Table::Escrows}.u8(static_cast<std::uint8_t>(owner)).str(), {},
                    [&](std::string_view, std::string_view bytes) {
                      if (seen == kAddedMax) return whole = false;
                      ++seen;
                      visit(state::decode<v1::Escrow>(bytes));
                      return true;
                    });
  return whole;
}

std::uint64_t tranches_until(const v1::Grant& grant, std::uint64_t until_ms) {
  const auto amounts = treasury::tranche_amounts(grant);
  std::uint64_t sum = 0;
  for (int i = 0; i < grant.tranches_size(); ++i) {
    const v1::Tranche& tranche = grant.tranches(i);
    if (tranche.state() == v1::TRANCHE_STATE_PAID || tranche.due_ms() > until_ms) continue;
    sum += amounts[static_cast<std::size_t>(i)];
  }
  return sum;
}

// The most that holders may take from `now` until `until`: what is left of this period, and the cap
// of each later one that begins in time (G-9.6).
std::uint64_t permitted(const v1::Budget& budget, std::uint64_t now_ms, std::uint64_t until_ms) {
  const std::uint64_t end = std::min(until_ms, budget.until_ms());
  if (budget.state() != v1::BUDGET_STATE_ACTIVE || end <= budget.from_ms() || end <= now_ms) {
    return 0;
  }
  const std::uint64_t last = treasury::period_of(budget, end - 1);
  const bool begun = now_ms >= budget.from_ms();
  const std::uint64_t first = begun ? treasury::period_of(budget, now_ms) : 0;
  const U128 sum = U128{begun ? treasury::left_of(budget, now_ms) : budget.cap()} +
                   U128{budget.cap()} * (last - first);
  constexpr U128 kMax = ~std::uint64_t{0};
  return static_cast<std::uint64_t>(std::min(sum, kMax));
}

std::uint64_t capped_sum(std::uint64_t a, std::uint64_t b) {
  return checked_add(a, b).value_or(~std::uint64_t{0});
}

bool add_promises(const View& view, std::uint64_t until_ms, Lines& lines) {
  bool whole = for_each_escrow(view, v1::ESCROW_OWNER_GRANT, [&](const v1::Escrow& escrow) {
    const auto grant = treasury::find_grant(view.state(), escrow.owner_id());
    if (!grant) return;
    v1::ForecastLine& line = lines[{grant->fund(), grant->asset()}];
    line.set_tranches(line.tranches() + tranches_until(*grant, until_ms));
  });
  whole &= for_each_escrow(view, v1::ESCROW_OWNER_SCHEDULE, [&](const v1::Escrow& escrow) {
    const auto stream = treasury::find_stream(view.state(), escrow.owner_id());
    const auto schedule = dao::assets::find_schedule(view.state(), escrow.owner_id());
    if (!stream || !schedule) return;
    v1::ForecastLine& line = lines[{stream->fund(), schedule->asset()}];
    line.set_streams(line.streams() + dao::assets::vested(schedule->points(), until_ms) -
                     schedule->claimed());
  });
  whole &= for_each_escrow(view, v1::ESCROW_OWNER_PAYOUT, [&](const v1::Escrow& escrow) {
    const auto payout = treasury::find_payout(view.state(), escrow.owner_id());
    if (!payout) return;
    v1::ForecastLine& line = lines[{payout->fund(), payout->asset()}];
    line.set_payouts(line.payouts() + escrow.in() - escrow.out());
  });
  return whole;
}

}  // namespace

Answer<v1::FundLedgerResponse> answer(const View& view, const v1::FundLedgerRequest& request) {
  const auto fund = get_fund(view, request.fund());
  if (!fund) return std::unexpected(fund.error());
  v1::FundLedgerResponse response;
  response.set_height(view.height());
  *response.mutable_totals() = treasury::totals(view.state(), request.fund(), request.asset());
  response.set_balance(treasury::free_of(view.state(), *fund, request.asset()));
  const Window window{.from_ms = request.from_ms(), .until_ms = request.until_ms()};
  auto next = walk<v1::FundEntry>(
      view.state(), Key{Table::FundEntries}.u32(request.fund()).u32(request.asset()),
      request.page_token(), page_size(request.page_size()), [&](const v1::FundEntry& entry) {
        if (!window.holds(entry.at_ms())) return false;
        *response.add_entries() = entry;
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::CategoryTotalsResponse> answer(const View& view,
                                          const v1::CategoryTotalsRequest& request) {
  const auto fund = get_fund(view, request.fund());
  if (!fund) return std::unexpected(fund.error());
  const std::uint64_t lines =
      treasury::totals(view.state(), request.fund(), request.asset()).entries();
  const std::uint64_t first = lines > kAddedMax ? lines - kAddedMax + 1 : 1;
  const Key prefix = Key{Table::FundEntries}.u32(request.fund()).u32(request.asset());
  Key from = prefix;
  const Window window{.from_ms = request.from_ms(), .until_ms = request.until_ms()};
  std::map<std::uint32_t, v1::CategoryTotal> totals;
  std::optional<std::uint64_t> earliest;
  view.state().scan(prefix.str(), from.u64(first).str(),
                    [&](std::string_view, std::string_view bytes) {
                      const auto entry = state::decode<v1::FundEntry>(bytes);
                      if (!earliest) earliest = entry.at_ms();
                      if (!window.holds(entry.at_ms())) return true;
                      v1::CategoryTotal& total = totals[entry.category()];
                      total.set_category(entry.category());
                      total.set_in(total.in() + entry.in());
                      total.set_out(total.out() + entry.out());
                      total.set_entries(total.entries() + 1);
                      return true;
                    });
  v1::CategoryTotalsResponse response;
  response.set_height(view.height());
  // Lines before the first that was read are no younger than it.
  response.set_whole(first == 1 || (earliest && *earliest < request.from_ms()));
  for (auto& [category, total] : totals) *response.add_totals() = std::move(total);
  return response;
}

Answer<v1::ForecastResponse> answer(const View& view, const v1::ForecastRequest& request) {
  const std::uint32_t days = request.days() == 0 ? kForecastDays : request.days();
  if (days > kForecastDaysMax) {
    return std::unexpected(refusal(RpcError::ArgumentInvalid, "days is 1 to 365."));
  }
  v1::ForecastResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  response.set_until_ms(view.now_ms() + days * kDayMs);
  Lines lines = lines_of(view);
  response.set_whole(add_promises(view, response.until_ms(), lines));
  for (const v1::Budget& budget : treasury::budgets(view.state())) {
    v1::ForecastLine& line = lines[{budget.fund(), budget.asset()}];
    line.set_fund(budget.fund());
    line.set_asset(budget.asset());
    line.set_budgets(
        capped_sum(line.budgets(), permitted(budget, view.now_ms(), response.until_ms())));
  }
  for (auto& [place, line] : lines) {
    line.set_free_then(line.free() - std::min(line.free(), line.budgets()));
    *response.add_lines() = std::move(line);
  }
  return response;
}

}  // namespace salus::queries
