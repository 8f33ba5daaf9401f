// Owns: the reads of tracks and parameters, and under which rules a proposal would run.
#include "dao/constitution.h"

#include <algorithm>

#include "dao/application.h"
#include "dao/dispatcher.h"
#include "dao/governance/deposits.h"
#include "dao/governance/proposals.h"
#include "dao/governance/rules.h"
#include "dao/interest.h"
#include "queries/queries.h"

namespace salus::queries {

namespace {

namespace governance = dao::governance;

constexpr int kActionsMax = 32;

std::string unit_name(dao::constitution::Unit unit) {
  switch (unit) {
    case dao::constitution::Unit::Span:
      return "ms";
    case dao::constitution::Unit::Heights:
      return "heights";
    case dao::constitution::Unit::Count:
      return "count";
  }
  return {};
}

// What submission would refuse whatever the state says (G-7.1).
Answer<void> check_options(const governance::Options& options) {
  int actions = 0;
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) {
      if (++actions > kActionsMax) {
        return std::unexpected(refusal(dao::Error::TooManyProposalActions));
      }
      const dao::Access* access = dao::find_access(action.kind_case());
      if (access == nullptr) return std::unexpected(refusal(dao::Error::ActionInvalid));
      if (!access->dao) return std::unexpected(refusal(dao::Error::ActionNotAllowed));
      const auto checked = dao::check_action(action);
      if (!checked) return std::unexpected(refusal(checked.error()));
    }
  }
  return {};
}

Answer<void> add_least_tracks(const View& view, const governance::Options& options,
                              std::uint32_t winners, v1::GetEffectiveTrackResponse& response) {
  for (int o = 0; o < options.size(); ++o) {
    for (int a = 0; a < options.at(o).actions_size(); ++a) {
      const auto least =
          governance::least_track(view.state(), options.at(o).actions(a), options, winners);
      if (!least) return std::unexpected(refusal(least.error()));
      v1::ActionTrack& row = *response.add_actions();
      row.set_option(static_cast<std::uint32_t>(o) + 1);
      row.set_action(static_cast<std::uint32_t>(a));
      row.set_track(least->code());
    }
  }
  return {};
}

}  // namespace

Answer<v1::ListTracksResponse> answer(const View& view, const v1::ListTracksRequest&) {
  v1::ListTracksResponse response;
  response.set_height(view.height());
  for (v1::Track& track : dao::constitution::tracks(view.state())) {
    *response.add_tracks() = std::move(track);
  }
  return response;
}

Answer<v1::GetTrackResponse> answer(const View& view, const v1::GetTrackRequest& request) {
  auto track = dao::constitution::find_track(view.state(), request.track());
  if (!track) {
    return std::unexpected(refusal(dao::Error::TrackUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetTrackResponse response;
  response.set_height(view.height());
  *response.mutable_track() = std::move(*track);
  return response;
}

Answer<v1::ListParametersResponse> answer(const View& view,
                                          const v1::ListParametersRequest& request) {
  v1::ListParametersResponse response;
  response.set_height(view.height());
  for (const auto& rule : dao::constitution::rules()) {
    if (!rule.name.starts_with(request.prefix())) continue;
    v1::Parameter& parameter = *response.add_parameters();
    parameter.set_name(std::string{rule.name});
    parameter.set_value(dao::constitution::value(view.state(), rule.name));
  }
  return response;
}

Answer<v1::GetParameterResponse> answer(const View& view, const v1::GetParameterRequest& request) {
  const dao::constitution::Rule* rule = dao::constitution::find_rule(request.name());
  if (rule == nullptr) {
    return std::unexpected(refusal(dao::Error::ParameterUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetParameterResponse response;
  response.set_height(view.height());
  response.mutable_parameter()->set_name(request.name());
  response.mutable_parameter()->set_value(dao::constitution::value(view.state(), request.name()));
  const auto bounds =
      dao::constitution::bounds_in(dao::genesis_class(view.state()), rule->unit, rule->bounds);
  response.set_min(bounds.min);
  response.set_max(bounds.max);
  response.set_standard(rule->standard);
  response.set_unit(unit_name(rule->unit));
  return response;
}

Answer<v1::GetParameterHistoryResponse> answer(const View& view,
                                               const v1::GetParameterHistoryRequest& request) {
  if (dao::constitution::find_rule(request.name()) == nullptr) {
    return std::unexpected(refusal(dao::Error::ParameterUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetParameterHistoryResponse response;
  response.set_height(view.height());
  response.set_value(dao::constitution::value(view.state(), request.name()));
  *response.mutable_history() = dao::constitution::history(view.state(), request.name());
  response.mutable_history()->set_name(request.name());
  return response;
}

Answer<v1::GetEffectiveTrackResponse> answer(const View& view,
                                             const v1::GetEffectiveTrackRequest& request) {
  if (const auto passes = check_options(request.options()); !passes) {
    return std::unexpected(passes.error());
  }
  const v1::Scheme scheme =
      request.scheme() == v1::SCHEME_UNSPECIFIED ? v1::SCHEME_YES_NO : request.scheme();
  const std::uint32_t winners = std::max(request.winners(), 1U);
  auto effective = governance::effective_track(view.state(), request.options(),
                                               {.scheme = scheme,
                                                .winners = winners,
                                                .appeal = request.appeal(),
                                                .urgent = request.urgent()});
  if (!effective) return std::unexpected(refusal(effective.error()));

  v1::GetEffectiveTrackResponse response;
  response.set_height(view.height());
  if (!request.urgent()) {
    const auto added = add_least_tracks(view, request.options(), winners, response);
    if (!added) return std::unexpected(added.error());
  }
  const Hash payload = governance::payload_hash(view.chain().chain_id(), scheme, request.winners(),
                                                request.options());
  const v1::Track& lead = effective->rules();
  const governance::Throttle throttle{
      .step = dao::constitution::value(view.state(), "governance.throttle_step"),
      .open = governance::open_of_track(view.state(), lead.id()),
      .failures = governance::payload_of(view.state(), payload.to_string()).failures()};
  response.set_deposit_required(governance::required_deposit(lead.deposit(), throttle));
  response.set_endorsers_needed(governance::needed_endorsers(lead.endorsers(), throttle));
  for (const AccountId& account : dao::interested(request.options(), view.state())) {
    response.add_interested(account.to_string());
  }
  *response.mutable_effective() = std::move(*effective);
  return response;
}

}  // namespace salus::queries
