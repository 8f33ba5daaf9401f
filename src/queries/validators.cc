// Owns: the reads of validators: sets, who stands where, what waits and for what, and the
// pre-flight of a change before anybody proposes it (G-10.3).
#include "dao/validators/validators.h"

#include "dao/constitution.h"
#include "dao/validators/preflight.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

namespace {

namespace validators = dao::validators;

v1::ValidatorEntry entry_of(const View& view, const v1::Validator& validator) {
  v1::ValidatorEntry entry;
  *entry.mutable_validator() = validator;
  const auto id = AccountId::from(validator.info().operator_account());
  if (!id) return entry;
  if (auto liveness = validators::find_liveness(view.state(), *id)) {
    *entry.mutable_liveness() = std::move(*liveness);
  }
  entry.set_live(validators::is_live(view.state(), *id, Height{view.height()}));
  return entry;
}

v1::PreflightVerdict verdict_of(const validators::Preflight& judged) {
  v1::PreflightVerdict verdict;
  verdict.set_size(judged.size);
  verdict.set_quorum(judged.quorum);
  verdict.set_live(judged.live);
  for (const validators::PreflightLine& line : judged.lines) {
    v1::PreflightAnswer& one = *verdict.add_answers();
    one.set_rule(line.rule);
    one.set_have(line.have);
    one.set_need(line.need);
    one.set_holds(line.holds);
    one.set_forced(line.forced);
    one.set_sentence(validators::sentence(line));
  }
  if (const auto* refused = judged.refusal()) verdict.set_refused_by(refused->rule);
  if (const auto* waits = judged.wait()) verdict.set_waits_for(waits->rule);
  verdict.set_sentence(validators::verdict(judged));
  return verdict;
}

}  // namespace

Answer<v1::GetValidatorSetResponse> answer(const View& view, const v1::GetValidatorSetRequest&) {
  v1::GetValidatorSetResponse response;
  response.set_height(view.height());
  *response.mutable_set() = view.tip().validators;
  return response;
}

Answer<v1::GetLivenessResponse> answer(const View& view, const v1::GetLivenessRequest&) {
  v1::GetLivenessResponse response;
  response.set_height(view.height());
  for (const v1::ValidatorInfo& validator : view.tip().validators.validators()) {
    v1::ValidatorPresence& presence = *response.add_validators();
    *presence.mutable_validator() = validator;
    const auto id = AccountId::from(validator.operator_account());
    if (!id) continue;
    const auto liveness = validators::find_liveness(view.state(), *id);
    if (liveness) {
      presence.set_last_proposed_height(liveness->last_proposed_height());
      presence.set_last_ready_height(liveness->last_ready_height());
    }
    presence.set_live(validators::is_live(view.state(), *id, Height{view.height()}));
  }
  return response;
}

Answer<v1::GetSetResponse> answer(const View& view, const v1::GetSetRequest& request) {
  v1::GetSetResponse response;
  response.set_height(view.height());
  if (auto set = validators::set_of_epoch(view.state(), Epoch{request.epoch()})) {
    *response.mutable_set() = std::move(*set);
    return response;
  }
  auto pending = validators::pending_set(view.state());
  if (!pending || pending->epoch() != request.epoch()) {
    return std::unexpected(refusal(dao::Error::NotFound));
  }
  *response.mutable_set() = std::move(*pending);
  response.set_pending(true);
  return response;
}

Answer<v1::ListValidatorsResponse> answer(const View& view,
                                          const v1::ListValidatorsRequest& request) {
  v1::ListValidatorsResponse response;
  response.set_height(view.height());
  const bool all = request.state() == v1::VALIDATOR_STATE_UNSPECIFIED;
  auto next =
      walk<v1::Validator>(view.state(), Key{Table::Validators}, request.page_token(),
                          page_size(request.page_size()), [&](const v1::Validator& validator) {
                            if (!all && validator.state() != request.state()) return false;
                            *response.add_validators() = entry_of(view, validator);
                            return true;
                          });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetValidatorResponse> answer(const View& view, const v1::GetValidatorRequest& request) {
  const auto id = id_of<AccountId>(request.operator_account(), "operator_account");
  if (!id) return std::unexpected(id.error());
  const auto validator = validators::find_validator(view.state(), *id);
  if (!validator) return std::unexpected(refusal(dao::Error::ValidatorUnknown));

  v1::GetValidatorResponse response;
  response.set_height(view.height());
  *response.mutable_validator() = entry_of(view, *validator);
  return response;
}

Answer<v1::ListSetChangesResponse> answer(const View& view, const v1::ListSetChangesRequest&) {
  v1::ListSetChangesResponse response;
  response.set_height(view.height());
  const v1::SetChangeQueue queue = validators::set_changes(view.state());
  for (const v1::SetChange& change : queue.changes()) {
    v1::SetChangeEntry& entry = *response.add_changes();
    *entry.mutable_change() = change;
    *entry.mutable_verdict() =
        verdict_of(validators::preflight(view.state(), change, Height{view.height()}));
  }
  *response.mutable_owed() = queue.owed();
  const std::uint64_t least = dao::constitution::value(view.state(), "consensus.epoch_blocks_min");
  const std::uint64_t blocks =
      view.height() - validators::current_set(view.state()).opened_height();
  response.set_blocks_missing(blocks < least ? least - blocks : 0);
  return response;
}

Answer<v1::PreflightResponse> answer(const View& view, const v1::PreflightRequest& request) {
  if (const auto shape = validators::check(request.change()); !shape) {
    return std::unexpected(refusal(shape.error()));
  }
  v1::PreflightResponse response;
  response.set_height(view.height());
  *response.mutable_verdict() = verdict_of(validators::preflight(
      view.state(), validators::as_set_change(request.change()), Height{view.height()}));
  const auto proposed = validators::check_proposed(request.change(), view.state());
  if (!proposed) *response.mutable_error() = detail_of(proposed.error(), 0);
  return response;
}

Answer<v1::ListEquivocationsResponse> answer(const View& view,
                                             const v1::ListEquivocationsRequest& request) {
  v1::ListEquivocationsResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Equivocation>(view.state(), Key{Table::Equivocations}, request.page_token(),
                                     page_size(request.page_size()),
                                     [&](const v1::Equivocation& equivocation) {
                                       *response.add_equivocations() = equivocation;
                                       return true;
                                     });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
