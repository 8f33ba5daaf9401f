// Owns: the reads of tracks and parameters.
#include "dao/constitution.h"

#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

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
  if (dao::constitution::find_rule(request.name()) == nullptr) {
    return std::unexpected(refusal(dao::Error::ParameterUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetParameterResponse response;
  response.set_height(view.height());
  response.mutable_parameter()->set_name(request.name());
  response.mutable_parameter()->set_value(dao::constitution::value(view.state(), request.name()));
  return response;
}

}  // namespace salus::queries
