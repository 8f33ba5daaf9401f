// Owns: the reads of treasury: what each fund holds, has promised, took in and gave out.
#include "dao/treasury/treasury.h"

#include "dao/treasury/funds.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

namespace {

v1::FundInfo info_of(const View& view, const v1::Fund& fund) {
  v1::FundInfo info;
  *info.mutable_fund() = fund;
  const std::string prefix = Key{Table::FundTotals}.u32(fund.id()).str();
  view.state().scan(prefix, {}, [&](std::string_view key, std::string_view bytes) {
    ByteReader reader{as_bytes(key.substr(prefix.size()))};
    const std::uint32_t asset = reader.u32();
    const auto totals = state::decode<v1::FundTotals>(bytes);
    v1::FundHolding& holding = *info.add_holdings();
    holding.set_asset(asset);
    holding.set_total_in(totals.in());
    holding.set_total_out(totals.out());
    holding.set_balance(
        state::find_or_default<v1::Balance>(
            view.state(), Key{Table::Balances}.bytes(as_bytes(fund.account())).u32(asset))
            .amount());
    holding.set_escrowed(totals.promised());
    return true;
  });
  return info;
}

}  // namespace

Answer<v1::GetFundResponse> answer(const View& view, const v1::GetFundRequest& request) {
  const auto fund = dao::treasury::find_fund(view.state(), request.fund());
  if (!fund) return std::unexpected(refusal(dao::Error::FundUnknown, grpc::StatusCode::NOT_FOUND));

  v1::GetFundResponse response;
  response.set_height(view.height());
  *response.mutable_fund() = info_of(view, *fund);
  return response;
}

Answer<v1::ListFundsResponse> answer(const View& view, const v1::ListFundsRequest& request) {
  v1::ListFundsResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Fund>(view.state(), Key{Table::Funds}, request.page_token(),
                             page_size(request.page_size()), [&](const v1::Fund& fund) {
                               *response.add_funds() = info_of(view, fund);
                               return true;
                             });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetPayoutResponse> answer(const View& view, const v1::GetPayoutRequest& request) {
  auto payout = dao::treasury::find_payout(view.state(), request.payout());
  if (!payout) {
    return std::unexpected(refusal(dao::Error::PayoutUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetPayoutResponse response;
  response.set_height(view.height());
  *response.mutable_payout() = std::move(*payout);
  return response;
}

Answer<v1::ListPayoutsResponse> answer(const View& view, const v1::ListPayoutsRequest& request) {
  if (!request.payee().empty()) {
    const auto id = id_of<AccountId>(request.payee(), "payee");
    if (!id) return std::unexpected(id.error());
  }
  v1::ListPayoutsResponse response;
  response.set_height(view.height());
  auto next = walk_down<v1::Payout>(
      view.state(), Table::Payouts, request.page_token(), page_size(request.page_size()),
      [&](const v1::Payout& payout) {
        if (request.state() != v1::PAYOUT_STATE_UNSPECIFIED && payout.state() != request.state()) {
          return false;
        }
        if (!request.payee().empty() && payout.payee() != request.payee()) return false;
        *response.add_payouts() = payout;
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
