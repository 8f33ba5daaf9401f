// Owns: the reads of accounts and assets.
#include "dao/accounts/accounts.h"

#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

Answer<v1::GetAccountResponse> answer(const View& view, const v1::GetAccountRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  auto account = dao::accounts::find_account(view.state(), *id);
  if (!account) return std::unexpected(refusal(dao::Error::AccountUnknown));

  v1::GetAccountResponse response;
  response.set_height(view.height());
  *response.mutable_account() = std::move(*account);
  return response;
}

Answer<v1::GetAssetResponse> answer(const View& view, const v1::GetAssetRequest& request) {
  auto asset = state::find<v1::Asset>(view.state(), Key{Table::Assets}.u32(request.asset()));
  if (!asset) return std::unexpected(refusal(dao::Error::AssetUnknown));

  v1::GetAssetResponse response;
  response.set_height(view.height());
  *response.mutable_asset() = std::move(*asset);
  return response;
}

Answer<v1::ListAssetsResponse> answer(const View& view, const v1::ListAssetsRequest& request) {
  v1::ListAssetsResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Asset>(view.state(), Key{Table::Assets}, request.page_token(),
                              page_size(request.page_size()), [&](const v1::Asset& asset) {
                                *response.add_assets() = asset;
                                return true;
                              });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetBalanceResponse> answer(const View& view, const v1::GetBalanceRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  if (!view.state().contains(Key{Table::Assets}.u32(request.asset()).str())) {
    return std::unexpected(refusal(dao::Error::AssetUnknown));
  }

  v1::GetBalanceResponse response;
  response.set_height(view.height());
  v1::Balance& balance = *response.mutable_balance();
  balance = state::find_or_default<v1::Balance>(
      view.state(), Key{Table::Balances}.bytes(id->view()).u32(request.asset()));
  balance.set_account(id->to_string());
  balance.set_asset(request.asset());
  return response;
}

Answer<v1::ListBalancesResponse> answer(const View& view, const v1::ListBalancesRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());

  v1::ListBalancesResponse response;
  response.set_height(view.height());
  auto next =
      walk<v1::Balance>(view.state(), Key{Table::Balances}.bytes(id->view()), request.page_token(),
                        page_size(request.page_size()), [&](const v1::Balance& balance) {
                          *response.add_balances() = balance;
                          return true;
                        });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
