// Owns: the reads of schedules, streams and stakes (G-3.3, G-3.5, G-9.9).
#include "queries/schedules.h"

#include "dao/assets/schedules.h"
#include "dao/assets/stakes.h"
#include "dao/treasury/streams.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

namespace assets = dao::assets;
using state::Key;
using state::Table;

v1::ScheduleInfo info_of(const View& view, const v1::Schedule& schedule) {
  v1::ScheduleInfo info;
  *info.mutable_schedule() = schedule;
  info.set_vested(assets::vested(schedule.points(), view.now_ms()));
  info.set_claimable(assets::claimable(schedule, view.now_ms()));
  if (auto stream = dao::treasury::find_stream(view.state(), schedule.id())) {
    *info.mutable_stream() = std::move(*stream);
  }
  return info;
}

Answer<v1::GetScheduleResponse> answer(const View& view, const v1::GetScheduleRequest& request) {
  const auto schedule = assets::find_schedule(view.state(), request.schedule());
  if (!schedule) {
    return std::unexpected(refusal(dao::Error::ScheduleUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetScheduleResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  *response.mutable_schedule() = info_of(view, *schedule);
  return response;
}

Answer<v1::ListSchedulesResponse> answer(const View& view,
                                         const v1::ListSchedulesRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  v1::ListSchedulesResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  const Key prefix = Key{Table::SchedulesOf}.bytes(id->view());
  auto next = walk_keys(view.state(), prefix, request.page_token(), page_size(request.page_size()),
                        [&](std::string_view suffix) {
                          ByteReader reader{as_bytes(suffix)};
                          const auto schedule = assets::find_schedule(view.state(), reader.u64());
                          if (schedule) *response.add_schedules() = info_of(view, *schedule);
                        });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetVestedResponse> answer(const View& view, const v1::GetVestedRequest& request) {
  const auto schedule = assets::find_schedule(view.state(), request.schedule());
  if (!schedule) {
    return std::unexpected(refusal(dao::Error::ScheduleUnknown, grpc::StatusCode::NOT_FOUND));
  }
  const std::uint64_t at = request.at_ms() == 0 ? view.now_ms() : request.at_ms();
  v1::GetVestedResponse response;
  response.set_height(view.height());
  response.set_vested(assets::vested(schedule->points(), at));
  response.set_claimed(schedule->claimed());
  return response;
}

Answer<v1::GetStakeResponse> answer(const View& view, const v1::GetStakeRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  v1::GetStakeResponse response;
  response.set_height(view.height());
  auto stake = assets::find_stake(view.state(), *id);
  if (!stake) return response;
  response.set_staked(assets::staked(view.state(), *id));
  response.set_escrowed(
      assets::escrowed(view.state(), v1::ESCROW_OWNER_STAKE, stake->id(), assets::kNative));
  *response.mutable_stake() = std::move(*stake);
  return response;
}

Answer<v1::ListStreamsResponse> answer(const View& view, const v1::ListStreamsRequest& request) {
  v1::ListStreamsResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  auto next = walk<v1::Stream>(view.state(), Key{Table::Streams}, request.page_token(),
                               page_size(request.page_size()), [&](const v1::Stream& stream) {
                                 if (request.fund() != 0 && stream.fund() != request.fund())
                                   return false;
                                 const auto schedule =
                                     assets::find_schedule(view.state(), stream.schedule());
                                 if (schedule) *response.add_streams() = info_of(view, *schedule);
                                 return schedule.has_value();
                               });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

}  // namespace salus::queries
