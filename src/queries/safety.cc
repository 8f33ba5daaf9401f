// Owns: the reads of what several people do together or an operator must know ahead: joint acts,
// pauses and sentinels, the coming version of the protocol (governance.md, sections 1, 10 and 11).
#include "dao/acts/acts.h"
#include "dao/application.h"
#include "dao/constitution.h"
#include "dao/membership/membership.h"
#include "dao/pauses/pauses.h"
#include "dao/validators/upgrades.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

namespace {

namespace validators = dao::validators;
using state::Key;
using state::Table;

bool is_in_force(const v1::PauseRecord& pause, std::uint64_t now_ms) {
  return pause.from_ms() <= now_ms && now_ms < pause.until_ms();
}

std::optional<v1::Upgrade> find_upgrade(const View& view, std::uint32_t version) {
  if (version != 0) return validators::find_upgrade(view.state(), version);
  if (auto scheduled = validators::scheduled_upgrade(view.state())) return scheduled;
  return validators::active_upgrade(view.state());
}

void add_readiness(const View& view, const v1::Upgrade& upgrade, v1::GetUpgradeResponse& response) {
  const v1::ValidatorSet set = dao::validator_set(view.state());
  const auto ready = validators::readiness(view.state(), set, upgrade);
  response.set_ready(ready.ready);
  response.set_needed(ready.need);
  for (const v1::ValidatorInfo& validator : set.validators()) {
    v1::ReadyOperator& row = *response.add_operators();
    row.set_operator_account(validator.operator_account());
    const auto id = AccountId::from(validator.operator_account());
    const auto signal = id ? validators::find_ready_signal(view.state(), *id) : std::nullopt;
    if (!signal || !validators::answers(*signal, upgrade)) continue;
    row.set_ready(true);
    row.set_height(signal->height());
  }
}

}  // namespace

Answer<v1::GetActResponse> answer(const View& view, const v1::GetActRequest& request) {
  auto act = dao::acts::find_act(view.state(), request.act());
  if (!act) return std::unexpected(refusal(dao::Error::ActUnknown, grpc::StatusCode::NOT_FOUND));
  v1::GetActResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  *response.mutable_act() = std::move(*act);
  return response;
}

Answer<v1::ListActsResponse> answer(const View& view, const v1::ListActsRequest& request) {
  v1::ListActsResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  auto next = walk_down<v1::JointAct>(
      view.state(), Table::Acts, request.page_token(), page_size(request.page_size()),
      [&](const v1::JointAct& act) {
        if (request.state() != v1::ACT_STATE_UNSPECIFIED && act.state() != request.state()) {
          return false;
        }
        *response.add_acts() = act;
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::ListPausesResponse> answer(const View& view, const v1::ListPausesRequest& request) {
  v1::ListPausesResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  auto next =
      walk_down<v1::PauseRecord>(view.state(), Table::Pauses, request.page_token(),
                                 page_size(request.page_size()), [&](const v1::PauseRecord& pause) {
                                   if (request.active() && !is_in_force(pause, view.now_ms()))
                                     return false;
                                   *response.add_pauses() = pause;
                                   return true;
                                 });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::ListSentinelsResponse> answer(const View& view,
                                         const v1::ListSentinelsRequest& request) {
  v1::ListSentinelsResponse response;
  response.set_height(view.height());
  response.set_needed(dao::constitution::value(view.state(), "governance.pause_needed"));
  response.set_renewals(dao::pauses::charge_clock(view.state()).renewals());
  constexpr auto kSentinel = static_cast<std::uint32_t>(dao::membership::Role::Sentinel);
  auto next = walk<v1::Office>(view.state(), Key{Table::Offices}, request.page_token(),
                               page_size(request.page_size()), [&](const v1::Office& office) {
                                 const auto account = AccountId::from(office.account());
                                 if (office.role() != kSentinel || !account) return false;
                                 v1::SentinelInfo& info = *response.add_sentinels();
                                 *info.mutable_office() = office;
                                 info.set_charge(dao::pauses::has_charge(view.state(), *account));
                                 const auto spent = dao::pauses::find_spent(view.state(), *account);
                                 if (spent) info.set_spent_ms(spent->spent_ms());
                                 return true;
                               });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetUpgradeResponse> answer(const View& view, const v1::GetUpgradeRequest& request) {
  auto upgrade = find_upgrade(view, request.version());
  if (!upgrade && request.version() != 0) {
    return std::unexpected(refusal(dao::Error::UpgradeUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetUpgradeResponse response;
  response.set_height(view.height());
  response.set_active_version(validators::protocol_version(view.state()));
  if (!upgrade) return response;
  if (upgrade->state() == v1::UPGRADE_STATE_SCHEDULED) {
    add_readiness(view, *upgrade, response);
  }
  *response.mutable_upgrade() = std::move(*upgrade);
  return response;
}

}  // namespace salus::queries
