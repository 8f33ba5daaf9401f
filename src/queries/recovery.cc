// Owns: the reads of recovery: who may help whom, and what is under way (G-2.6, G-2.7).
#include "dao/accounts/recovery.h"

#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

namespace accounts = dao::accounts;

Answer<v1::GetRecoveryResponse> answer(const View& view, const v1::GetRecoveryRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  const auto account = accounts::find_account(view.state(), *id);
  if (!account) {
    return std::unexpected(refusal(dao::Error::AccountUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetRecoveryResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  if (account->has_recovery()) {
    *response.mutable_plan() = account->recovery();
    response.set_open_guardians(accounts::open_guardians(view.state(), account->recovery()));
  }
  if (auto change = accounts::find_recovery_change(view.state(), *id)) {
    *response.mutable_change() = std::move(*change);
  }
  if (auto recovery = accounts::find_recovery(view.state(), *id)) {
    *response.mutable_recovery() = std::move(*recovery);
  }
  return response;
}

Answer<v1::ListGuardedResponse> answer(const View& view, const v1::ListGuardedRequest& request) {
  const auto id = id_of<AccountId>(request.guardian(), "guardian");
  if (!id) return std::unexpected(id.error());
  v1::ListGuardedResponse response;
  response.set_height(view.height());
  const state::Key prefix = state::Key{state::Table::Guarded}.bytes(id->view());
  auto next =
      walk_keys(view.state(), prefix, request.page_token(), page_size(request.page_size()),
                [&](std::string_view suffix) { response.add_accounts(std::string{suffix}); });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
