// Owns: the reads of grants (G-9.7, G-9.8).
#include "queries/grants.h"

#include <algorithm>

#include "dao/acts/acts.h"
#include "dao/treasury/grants.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

namespace treasury = dao::treasury;

namespace {

bool concerns(const v1::Grant& grant, const std::string& account) {
  return grant.payee() == account ||
         std::ranges::find(grant.reviewers(), account) != grant.reviewers().end();
}

// Reviewers sign to pay, or to send back; the first that is open is shown.
void add_open_act(const View& view, const v1::Grant& grant, v1::GrantInfo& info) {
  if (info.next_tranche() == 0) return;
  const v1::Tranche& tranche = grant.tranches(static_cast<int>(info.next_tranche()) - 1);
  if (tranche.state() != v1::TRANCHE_STATE_CLAIMED) return;
  const auto fill = [&](auto& review) {
    review.set_grant(grant.id());
    review.set_tranche(info.next_tranche());
    review.set_deliverable_hash(tranche.deliverable_hash());
  };
  v1::Action approve;
  fill(*approve.mutable_approve_tranche());
  v1::Action back;
  fill(*back.mutable_return_tranche());
  for (const v1::Action& content : {approve, back}) {
    const auto act = dao::acts::find_open(view.state(), view.chain().chain_id(), content);
    if (!act) continue;
    info.set_act(act->id());
    info.set_signed_(static_cast<std::uint32_t>(act->signers_size()));
    return;
  }
}

}  // namespace

v1::GrantInfo info_of(const View& view, const v1::Grant& grant) {
  v1::GrantInfo info;
  *info.mutable_grant() = grant;
  for (const std::uint64_t amount : treasury::tranche_amounts(grant)) info.add_amounts(amount);
  info.set_paid(grant.total() - treasury::unpaid(grant));
  info.set_next_tranche(treasury::next_tranche(grant));
  if (grant.state() == v1::GRANT_STATE_ACTIVE) add_open_act(view, grant, info);
  return info;
}

Answer<v1::GetGrantResponse> answer(const View& view, const v1::GetGrantRequest& request) {
  const auto grant = treasury::find_grant(view.state(), request.grant());
  if (!grant) {
    return std::unexpected(refusal(dao::Error::GrantUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetGrantResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  *response.mutable_grant() = info_of(view, *grant);
  return response;
}

Answer<v1::ListGrantsResponse> answer(const View& view, const v1::ListGrantsRequest& request) {
  if (!request.account().empty()) {
    const auto id = id_of<AccountId>(request.account(), "account");
    if (!id) return std::unexpected(id.error());
  }
  v1::ListGrantsResponse response;
  response.set_height(view.height());
  auto next = walk_down<v1::Grant>(
      view.state(), state::Table::Grants, request.page_token(), page_size(request.page_size()),
      [&](const v1::Grant& grant) {
        if (request.state() != v1::GRANT_STATE_UNSPECIFIED && grant.state() != request.state()) {
          return false;
        }
        if (!request.account().empty() && !concerns(grant, request.account())) return false;
        *response.add_grants() = info_of(view, grant);
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
