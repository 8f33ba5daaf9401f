// Owns: the books of streams.
#include "dao/treasury/streams.h"

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/acts/acts.h"
#include "dao/assets/schedules.h"
#include "dao/due.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key stream_key(std::uint64_t schedule) { return Key{Table::Streams}.u64(schedule); }

v1::Schedule schedule_of(const Overlay& state, const v1::Stream& stream) {
  const auto schedule = assets::find_schedule(state, stream.schedule());
  SALUS_ASSERT(schedule.has_value(), "a stream is a schedule, and schedules never go");
  return *schedule;
}

Booking booking_of(const v1::Stream& stream, const v1::Schedule& schedule, std::uint64_t amount,
                   v1::FundEntryKind kind) {
  return {.fund = stream.fund(),
          .asset = schedule.asset(),
          .amount = amount,
          .kind = kind,
          .ref = schedule.id(),
          .account = schedule.payee(),
          .category = schedule.category(),
          .origin = schedule.origin()};
}

void tell(const Overlay& state, std::vector<v1::Event>& events, v1::EventKind kind,
          const v1::Stream& stream, const v1::Schedule& schedule, std::uint64_t amount) {
  const auto fund = find_fund(state, stream.fund());
  SALUS_ASSERT(fund.has_value(), "funds never go");
  emit(events, kind, {*AccountId::from(schedule.payee())},
       {{v1::EVENT_FIELD_SCHEDULE, schedule.id()},
        {v1::EVENT_FIELD_FUND, stream.fund()},
        {v1::EVENT_FIELD_ASSET, schedule.asset()},
        {v1::EVENT_FIELD_AMOUNT, amount},
        {v1::EVENT_FIELD_CATEGORY, schedule.category()},
        {v1::EVENT_FIELD_PROPOSAL, stream.proposal()},
        {v1::EVENT_FIELD_BALANCE, free_of(state, *fund, schedule.asset())}},
       true);
}

// What a schedule that ended paid and returned, in the books of its fund and budget.
void book_end(Overlay& state, const BlockContext& block, const v1::Stream& stream,
              const assets::Settled& settled) {
  const v1::Schedule schedule = schedule_of(state, stream);
  keep_promise(state, stream.fund(), schedule.asset(), settled.paid);
  if (settled.returned == 0) return;
  book_return(state, book_time(block),
              booking_of(stream, schedule, settled.returned, v1::FUND_ENTRY_KIND_STREAM_BACK));
  credit_back(state, stream.budget(), stream.period_index(), settled.returned, block.time.value());
}

// By the holders of the budget that it was charged to.
Result<bool, Error> sign_cancel(const v1::Stream& stream, const v1::Schedule& schedule,
                                const v1::CancelStream& action, ActionContext& context,
                                Overlay& state) {
  const auto budget = find_budget(state, stream.budget());
  if (!budget) return refuse(Error::NotAuthorized);
  const auto holds = [&](const AccountId& account) {
    return is_holder(state, *budget, account, context.now_ms());
  };
  if (!holds(context.signer)) return refuse(Error::NotHolder);
  v1::Action content;
  *content.mutable_cancel_stream() = action;
  const auto progress = acts::sign(
      {.content = content,
       .needed = budget->needed(),
       .entitled = holds,
       .conflicted =
           [&](const AccountId& account) { return account.to_string() == schedule.payee(); }},
      context, state);
  if (!progress) return refuse(progress.error());
  return progress->step == acts::Step::Reached;
}

}  // namespace

Outcome check(const v1::OpenStream& action) {
  if (!AccountId::from(action.payee())) return refuse(Error::PayeeUnknown);
  return assets::check_points(action.points(), action.total());
}

Outcome apply(const v1::OpenStream& action, ActionContext& context, Overlay& state) {
  const auto fund = find_fund(state, action.fund());
  if (!fund) return refuse(Error::FundUnknown);
  const AccountId payee = *AccountId::from(action.payee());
  if (auto outcome = check_payee(state, payee, action.asset()); !outcome) return outcome;
  if (auto outcome = check_free(state, *fund, action.asset(), action.total()); !outcome) {
    return outcome;
  }
  v1::Stream stream;
  stream.set_fund(action.fund());
  stream.set_proposal(context.proposal);
  if (action.budget() != 0) {
    const auto budget = charged(state,
                                {.budget = action.budget(),
                                 .fund = action.fund(),
                                 .asset = action.asset(),
                                 .amount = action.total(),
                                 .payee = payee},
                                context.now_ms());
    if (!budget) return refuse(budget.error());
    put_budget(state, *budget);
    stream.set_budget(budget->id());
    stream.set_period_index(budget->period_index());
  }

  const auto id = assets::open_schedule({.source = account_of(*fund),
                                         .payee = payee,
                                         .asset = action.asset(),
                                         .total = action.total(),
                                         .points = action.points(),
                                         .cancel_by = assets::kCancelByDao,
                                         .category = action.category(),
                                         .origin = origin_of(context).to_string()},
                                        context, state);
  if (!id) return refuse(id.error());
  stream.set_schedule(*id);
  state::put(state, stream_key(*id), stream);
  const v1::Schedule schedule = schedule_of(state, stream);
  book_out(state, book_time(context.block),
           booking_of(stream, schedule, action.total(), v1::FUND_ENTRY_KIND_STREAM));
  promise(state, action.fund(), action.asset(), action.total());
  tell(state, context.events, v1::EVENT_KIND_STREAM_OPENED, stream, schedule, action.total());
  return {};
}

Outcome apply(const v1::CancelStream& action, ActionContext& context, Overlay& state) {
  const auto stream = find_stream(state, action.schedule());
  if (!stream) return refuse(Error::ScheduleUnknown);
  const v1::Schedule schedule = schedule_of(state, *stream);
  const bool open = schedule.state() == v1::SCHEDULE_STATE_PENDING ||
                    schedule.state() == v1::SCHEDULE_STATE_RUNNING;
  if (!open) return refuse(Error::ScheduleClosed);
  if (context.authority != Authority::Dao) {
    const auto reached = sign_cancel(*stream, schedule, action, context, state);
    if (!reached) return refuse(reached.error());
    if (!*reached) return {};
  }
  const auto settled = assets::cancel_schedule(schedule, context, state);
  if (!settled) return refuse(settled.error());
  book_end(state, context.block, *stream, *settled);
  tell(state, context.events, v1::EVENT_KIND_STREAM_CANCELLED, *stream, schedule,
       settled->returned);
  return {};
}

Outcome apply(const v1::ClaimSchedule& action, ActionContext& context, Overlay& state) {
  const auto paid = assets::claim(action, context, state);
  if (!paid) return refuse(paid.error());
  if (const auto stream = find_stream(state, action.schedule())) {
    keep_promise(state, stream->fund(), schedule_of(state, *stream).asset(), *paid);
  }
  return {};
}

Outcome apply(const v1::CancelSchedule& action, ActionContext& context, Overlay& state) {
  const auto schedule = assets::find_schedule(state, action.schedule());
  if (!schedule) return refuse(Error::ScheduleUnknown);
  // Its fund keeps books: CancelStream.
  if (find_stream(state, schedule->id())) return refuse(Error::NotCancellable);
  if (auto outcome = assets::check_may_cancel(*schedule, context); !outcome) return outcome;
  const auto settled = assets::cancel_schedule(*schedule, context, state);
  return settled ? Outcome{} : refuse(settled.error());
}

void lapse_schedule(Overlay& state, const BlockContext& block, ByteView ref,
                    std::vector<v1::Event>& events) {
  const std::uint64_t id = due::id_of(ref);
  const auto settled = assets::lapse_schedule(state, block, id, events);
  if (!settled) return;
  if (const auto stream = find_stream(state, id)) book_end(state, block, *stream, *settled);
}

std::optional<v1::Stream> find_stream(const Overlay& state, std::uint64_t schedule) {
  return state::find<v1::Stream>(state, stream_key(schedule));
}

}  // namespace salus::dao::treasury
