// Owns: money that becomes due over time (G-3.3 to G-3.5). What is promised lies in the schedule's
// escrow from the first moment; the payee takes what is due when he likes, never more; whoever
// cancels pays first what is due.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dao/assets/assets.h"

namespace salus::dao::assets {

inline constexpr int kPointsMin = 2;
inline constexpr int kPointsMax = 16;
// Bits of Schedule.cancel_by.
inline constexpr std::uint32_t kCancelBySource = 1;
inline constexpr std::uint32_t kCancelByDao = 2;

using Points = google::protobuf::RepeatedPtrField<v1::SchedulePoint>;

// G-3.4: AmountZero, PointsUnordered, PointsFalling, ScheduleShort.
Outcome check_points(const Points& points, std::uint64_t total);
// G-3.3, floored: what is not due yet stays in the escrow. The points pass check_points.
std::uint64_t vested(const Points& points, std::uint64_t at_ms);
// Due and not paid yet; 0 unless RUNNING.
std::uint64_t claimable(const v1::Schedule& schedule, std::uint64_t now_ms);

Outcome check(const v1::OpenSchedule& action);
Outcome apply(const v1::OpenSchedule& action, const Ends& ends, ActionContext& context,
              state::Overlay& state);
Outcome apply(const v1::AcceptSchedule& action, ActionContext& context, state::Overlay& state);

// For treasury, whose streams are schedules of a fund: the caller checked the source and books it.
struct Opening {
  AccountId source;
  AccountId payee;
  std::uint32_t asset;
  std::uint64_t total;
  const Points& points;
  std::uint32_t cancel_by;
  std::uint32_t category;
  std::string origin;
};
// The id. PayeeUnknown, SelfTransfer, AssetUnknown, InsufficientFunds.
Result<std::uint64_t, Error> open_schedule(const Opening& opening, ActionContext& context,
                                           state::Overlay& state);
// What the payee got: ScheduleUnknown, NotPayee, ScheduleClosed, OverClaim, AmountZero.
Result<std::uint64_t, Error> claim(const v1::ClaimSchedule& action, ActionContext& context,
                                   state::Overlay& state);
// NotCancellable unless the signer is the source and SOURCE is set, or the DAO and DAO is set.
Outcome check_may_cancel(const v1::Schedule& schedule, const ActionContext& context);
// What went where when a schedule ended.
struct Settled {
  std::uint64_t paid = 0;
  std::uint64_t returned = 0;
};
// Whoever may cancel was checked. ScheduleClosed.
Result<Settled, Error> cancel_schedule(v1::Schedule schedule, ActionContext& context,
                                       state::Overlay& state);
// Due item ScheduleLapse; nothing if it moved on. Total.
std::optional<Settled> lapse_schedule(state::Overlay& state, const BlockContext& block,
                                      std::uint64_t id, std::vector<v1::Event>& events);

std::optional<v1::Schedule> find_schedule(const state::Overlay& state, std::uint64_t id);

void add_broken_schedules(const state::Overlay& state, std::vector<std::string>& broken);

}  // namespace salus::dao::assets
