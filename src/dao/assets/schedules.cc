// Owns: the states of a schedule. An account that pays, or has accepted, is bound until it ends;
// who was only named is not, so nobody can be kept from closing his account.
#include "dao/assets/schedules.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "state/record.h"

namespace salus::dao::assets {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key schedule_key(std::uint64_t id) { return Key{Table::Schedules}.u64(id); }
Key of_key(const AccountId& account, std::uint64_t id) {
  return Key{Table::SchedulesOf}.bytes(account.view()).u64(id);
}
Key counter_key() { return Key{Table::AssetCounters}.u8(1); }

void put_schedule(Overlay& state, const v1::Schedule& schedule) {
  state::put(state, schedule_key(schedule.id()), schedule);
}

AccountId id_of(const std::string& bytes) {
  const auto id = AccountId::from(bytes);
  SALUS_ASSERT(id.has_value(), "a stored account id has 32 bytes");
  return *id;
}

// A fund has no account record and never closes.
void bind(Overlay& state, const AccountId& account) {
  if (accounts::find_account(state, account)) accounts::add_obligation(state, account);
}

void unbind(Overlay& state, const AccountId& account) {
  if (accounts::find_account(state, account)) accounts::end_obligation(state, account);
}

bool is_pending(const v1::Schedule& schedule) {
  return schedule.state() == v1::SCHEDULE_STATE_PENDING;
}
bool is_running(const v1::Schedule& schedule) {
  return schedule.state() == v1::SCHEDULE_STATE_RUNNING;
}

void tell(std::vector<v1::Event>& events, v1::EventKind kind, const v1::Schedule& schedule,
          std::uint64_t amount, std::uint64_t returned = 0) {
  emit(events, kind, {id_of(schedule.source()), id_of(schedule.payee())},
       {{v1::EVENT_FIELD_SCHEDULE, schedule.id()},
        {v1::EVENT_FIELD_ASSET, schedule.asset()},
        {v1::EVENT_FIELD_AMOUNT, amount},
        {v1::EVENT_FIELD_RETURNED, returned},
        {v1::EVENT_FIELD_CATEGORY, schedule.category()},
        {v1::EVENT_FIELD_UNTIL_MS, schedule.until_ms()}},
       true);
}

void move_out(Overlay& state, const v1::Schedule& schedule, const std::string& to,
              std::uint64_t amount) {
  if (amount == 0) return;
  const auto moved = escrow_out(state, v1::ESCROW_OWNER_SCHEDULE, schedule.id(), schedule.asset(),
                                id_of(to), amount);
  SALUS_ASSERT(moved.has_value(), "an open schedule's escrow holds total - claimed (G-3.5)");
}

// Frees whoever was bound, and leaves nothing in the escrow.
Settled end(Overlay& state, v1::Schedule& schedule, v1::ScheduleState end_state,
            std::uint64_t paid) {
  const bool accepted = is_running(schedule);
  const Settled settled{.paid = paid, .returned = schedule.total() - schedule.claimed() - paid};
  schedule.set_claimed(schedule.claimed() + paid);
  schedule.set_state(end_state);
  put_schedule(state, schedule);
  move_out(state, schedule, schedule.payee(), settled.paid);
  move_out(state, schedule, schedule.source(), settled.returned);
  unbind(state, id_of(schedule.source()));
  if (accepted) unbind(state, id_of(schedule.payee()));
  return settled;
}

// A schedule that is the signer's to take from.
Result<v1::Schedule, Error> get_of_payee(const Overlay& state, std::uint64_t id,
                                         const AccountId& payee) {
  auto schedule = find_schedule(state, id);
  if (!schedule) return refuse(Error::ScheduleUnknown);
  if (schedule->payee() != payee.to_string()) return refuse(Error::NotPayee);
  return std::move(*schedule);
}

}  // namespace

Outcome check_points(const Points& points, std::uint64_t total) {
  if (points.size() < kPointsMin || points.size() > kPointsMax) {
    return refuse(Error::ScheduleShort);
  }
  if (total == 0) return refuse(Error::AmountZero);
  if (points[0].sum() != 0) return refuse(Error::PointsUnordered);
  for (int i = 1; i < points.size(); ++i) {
    if (points[i].at_ms() <= points[i - 1].at_ms()) return refuse(Error::PointsUnordered);
    if (points[i].sum() < points[i - 1].sum()) return refuse(Error::PointsFalling);
  }
  if (points[points.size() - 1].sum() != total) return refuse(Error::ScheduleShort);
  return {};
}

std::uint64_t vested(const Points& points, std::uint64_t at_ms) {
  if (at_ms < points[0].at_ms()) return 0;
  for (int i = 1; i < points.size(); ++i) {
    const v1::SchedulePoint& from = points[i - 1];
    const v1::SchedulePoint& to = points[i];
    if (at_ms >= to.at_ms()) continue;
    const auto grown =
        mul_div_floor(at_ms - from.at_ms(), to.sum() - from.sum(), to.at_ms() - from.at_ms());
    SALUS_ASSERT(grown.has_value(), "a part of a step is at most the step");
    return from.sum() + *grown;
  }
  return points[points.size() - 1].sum();
}

std::uint64_t claimable(const v1::Schedule& schedule, std::uint64_t now_ms) {
  return is_running(schedule) ? vested(schedule.points(), now_ms) - schedule.claimed() : 0;
}

Outcome check(const v1::OpenSchedule& action) {
  if (action.payee().size() != AccountId::kSize) return refuse(Error::Limit);
  if (action.cancel_by() > (kCancelBySource | kCancelByDao)) return refuse(Error::Limit);
  return check_points(action.points(), action.total());
}

Outcome apply(const v1::OpenSchedule& action, const Ends& ends, ActionContext& context,
              Overlay& state) {
  const auto asset = find_asset(state, action.asset());
  if (!asset) return refuse(Error::AssetUnknown);
  // A promise must not move what a transfer may not.
  if (auto outcome = check_transferable(*asset, ends); !outcome) return outcome;
  const auto id = open_schedule({.source = context.signer,
                                 .payee = id_of(action.payee()),
                                 .asset = action.asset(),
                                 .total = action.total(),
                                 .points = action.points(),
                                 .cancel_by = action.cancel_by(),
                                 .category = 0,
                                 .origin = {}},
                                context, state);
  if (!id) return refuse(id.error());
  return {};
}

Result<std::uint64_t, Error> open_schedule(const Opening& opening, ActionContext& context,
                                           Overlay& state) {
  if (!accounts::is_open(state, opening.payee)) return refuse(Error::PayeeUnknown);
  if (opening.source == opening.payee) return refuse(Error::SelfTransfer);
  v1::Schedule schedule;
  schedule.set_id(state::take_number(state, counter_key()));
  schedule.set_asset(opening.asset);
  schedule.set_source(opening.source.to_string());
  schedule.set_payee(opening.payee.to_string());
  schedule.set_total(opening.total);
  *schedule.mutable_points() = opening.points;
  schedule.set_state(v1::SCHEDULE_STATE_PENDING);
  schedule.set_cancel_by(opening.cancel_by);
  schedule.set_category(opening.category);
  schedule.set_origin(opening.origin);
  schedule.set_opened_ms(context.now_ms());
  schedule.set_until_ms(context.now_ms() +
                        constitution::value(state, "treasury.acceptance_window"));
  if (auto outcome = escrow_in(state, opening.source, v1::ESCROW_OWNER_SCHEDULE, schedule.id(),
                               opening.asset, opening.total);
      !outcome) {
    return refuse(outcome.error());
  }
  put_schedule(state, schedule);
  for (const AccountId& end : {opening.source, opening.payee}) {
    state.put(of_key(end, schedule.id()).str(), "");
  }
  bind(state, opening.source);
  due::schedule(state, due::Class::Lapses, schedule.until_ms(), due::Kind::ScheduleLapse,
                schedule.id());
  tell(context.events, v1::EVENT_KIND_SCHEDULE_OPENED, schedule, opening.total);
  return schedule.id();
}

Outcome apply(const v1::AcceptSchedule& action, ActionContext& context, Overlay& state) {
  auto schedule = get_of_payee(state, action.schedule(), context.signer);
  if (!schedule) return refuse(schedule.error());
  const bool open = is_pending(*schedule) && context.now_ms() < schedule->until_ms();
  if (!open) return refuse(Error::ScheduleClosed);
  due::cancel(state, due::Class::Lapses, schedule->until_ms(), due::Kind::ScheduleLapse,
              schedule->id());
  schedule->set_state(v1::SCHEDULE_STATE_RUNNING);
  put_schedule(state, *schedule);
  bind(state, context.signer);
  tell(context.events, v1::EVENT_KIND_SCHEDULE_ACCEPTED, *schedule, schedule->total());
  return {};
}

Result<std::uint64_t, Error> claim(const v1::ClaimSchedule& action, ActionContext& context,
                                   Overlay& state) {
  auto schedule = get_of_payee(state, action.schedule(), context.signer);
  if (!schedule) return refuse(schedule.error());
  if (!is_running(*schedule)) return refuse(Error::ScheduleClosed);
  const std::uint64_t free = claimable(*schedule, context.now_ms());
  if (action.amount() > free) return refuse(Error::OverClaim);
  const std::uint64_t amount = action.amount() == 0 ? free : action.amount();
  if (amount == 0) return refuse(Error::AmountZero);

  if (schedule->claimed() + amount == schedule->total()) {
    end(state, *schedule, v1::SCHEDULE_STATE_DONE, amount);
    tell(context.events, v1::EVENT_KIND_SCHEDULE_CLAIMED, *schedule, amount);
    tell(context.events, v1::EVENT_KIND_SCHEDULE_DONE, *schedule, schedule->total());
    return amount;
  }
  schedule->set_claimed(schedule->claimed() + amount);
  put_schedule(state, *schedule);
  move_out(state, *schedule, schedule->payee(), amount);
  tell(context.events, v1::EVENT_KIND_SCHEDULE_CLAIMED, *schedule, amount);
  return amount;
}

Outcome check_may_cancel(const v1::Schedule& schedule, const ActionContext& context) {
  const bool by_dao = context.authority == Authority::Dao;
  const bool may = by_dao ? (schedule.cancel_by() & kCancelByDao) != 0
                          : (schedule.cancel_by() & kCancelBySource) != 0 &&
                                schedule.source() == context.signer.to_string();
  return may ? Outcome{} : refuse(Error::NotCancellable);
}

Result<Settled, Error> cancel_schedule(v1::Schedule schedule, ActionContext& context,
                                       Overlay& state) {
  if (!is_pending(schedule) && !is_running(schedule)) return refuse(Error::ScheduleClosed);
  if (is_pending(schedule)) {
    // Nobody accepted, so nothing is owed to anybody.
    due::cancel(state, due::Class::Lapses, schedule.until_ms(), due::Kind::ScheduleLapse,
                due::ref_of(schedule.id()));
  }
  const std::uint64_t owed = claimable(schedule, context.now_ms());
  const Settled settled = end(state, schedule, v1::SCHEDULE_STATE_CANCELLED, owed);
  tell(context.events, v1::EVENT_KIND_SCHEDULE_CANCELLED, schedule, settled.paid, settled.returned);
  return settled;
}

std::optional<Settled> lapse_schedule(Overlay& state, const BlockContext& block, std::uint64_t id,
                                      std::vector<v1::Event>& events) {
  auto schedule = find_schedule(state, id);
  if (!schedule || !is_pending(*schedule) || block.time.value() < schedule->until_ms()) {
    return std::nullopt;
  }
  const Settled settled = end(state, *schedule, v1::SCHEDULE_STATE_LAPSED, 0);
  tell(events, v1::EVENT_KIND_SCHEDULE_LAPSED, *schedule, 0, settled.returned);
  return settled;
}

std::optional<v1::Schedule> find_schedule(const Overlay& state, std::uint64_t id) {
  return state::find<v1::Schedule>(state, schedule_key(id));
}

void add_broken_schedules(const Overlay& state, std::vector<std::string>& broken) {
  auto lapses = due::queued(state, due::Kind::ScheduleLapse);
  const std::uint64_t now_ms =
      state::find_or_default<v1::OutageClock>(state, Key{Table::OutageClock}).last_block_ms();
  const std::string prefix = Key{Table::Schedules}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto schedule = state::decode<v1::Schedule>(value);
    const std::string name = "schedule " + std::to_string(schedule.id());
    const bool open = is_pending(schedule) || is_running(schedule);
    const std::uint64_t held =
        escrowed(state, v1::ESCROW_OWNER_SCHEDULE, schedule.id(), schedule.asset());
    if (!check_points(schedule.points(), schedule.total())) {
      broken.push_back("G-3.4: the points of " + name + " do not fit");
    }
    if (schedule.claimed() > vested(schedule.points(), now_ms)) {
      broken.push_back("G-3.5: more of " + name + " was claimed than is vested");
    }
    if (schedule.claimed() > schedule.total() ||
        held != (open ? schedule.total() - schedule.claimed() : 0)) {
      broken.push_back("G-3.5: the escrow of " + name + " is not what it promises");
    }
    const Bytes ref = due::ref_of(schedule.id());
    const auto item = lapses.find({std::string{as_chars(ref)}, schedule.until_ms()});
    if (is_pending(schedule) != (item != lapses.end())) {
      broken.push_back("G-12.4: the lapse of " + name + " is not queued once");
    }
    if (item != lapses.end()) lapses.erase(item);
    return true;
  });
  if (!lapses.empty()) broken.emplace_back("G-12.4: a lapse without a pending schedule");
}

}  // namespace salus::dao::assets
