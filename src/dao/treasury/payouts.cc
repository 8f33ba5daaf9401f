// Owns: the states of a payout. WAITING -> PAID | EXPIRED | CANCELLED, and nothing moves twice.
#include "dao/treasury/payouts.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "dao/membership/membership.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

const Key kPayoutCounter = Key{Table::TreasuryCounters}.u8(1);

Key payout_key(std::uint64_t id) { return Key{Table::Payouts}.u64(id); }
Key origin_key(const Hash& origin) { return Key{Table::PayoutsByOrigin}.bytes(origin.view()); }
Key mark_key(const AccountId& account) { return Key{Table::PayeeMarks}.bytes(account.view()); }
Key of_key(const AccountId& payee, std::uint64_t id) {
  return Key{Table::PayoutsOf}.bytes(payee.view()).u64(id);
}

void put_payout(Overlay& state, const v1::Payout& payout) {
  state::put(state, payout_key(payout.id()), payout);
}

AccountId payee_of(const v1::Payout& payout) {
  const auto payee = AccountId::from(payout.payee());
  SALUS_ASSERT(payee.has_value(), "a stored payout names its payee");
  return *payee;
}

v1::Fund fund_of(const Overlay& state, const v1::Payout& payout) {
  const auto fund = find_fund(state, payout.fund());
  SALUS_ASSERT(fund.has_value(), "funds never go");
  return *fund;
}

// G-9.3: payee, category, origin (by payout and proposal or act) and the balance after.
void tell(const Overlay& state, std::vector<v1::Event>& events, v1::EventKind kind,
          const v1::Payout& payout) {
  emit(events, kind, {payee_of(payout)},
       {{v1::EVENT_FIELD_PAYOUT, payout.id()},
        {v1::EVENT_FIELD_FUND, payout.fund()},
        {v1::EVENT_FIELD_ASSET, payout.asset()},
        {v1::EVENT_FIELD_AMOUNT, payout.amount()},
        {v1::EVENT_FIELD_CATEGORY, payout.category()},
        {v1::EVENT_FIELD_PROPOSAL, payout.proposal()},
        {v1::EVENT_FIELD_BALANCE, free_of(state, fund_of(state, payout), payout.asset())},
        {v1::EVENT_FIELD_UNTIL_MS, payout.until_ms()}},
       true);
}

Booking booking_of(const v1::Payout& payout, v1::FundEntryKind kind) {
  return {.fund = payout.fund(),
          .asset = payout.asset(),
          .amount = payout.amount(),
          .kind = kind,
          .ref = payout.id(),
          .account = payout.payee(),
          .category = payout.category(),
          .origin = payout.origin()};
}

v1::Payout make_payout(const Order& order, std::uint64_t id, std::uint64_t now_ms) {
  v1::Payout payout;
  payout.set_id(id);
  payout.set_fund(order.fund);
  payout.set_asset(order.asset);
  payout.set_amount(order.amount);
  payout.set_payee(order.payee.to_string());
  payout.set_category(order.category);
  payout.set_origin(order.origin.to_string());
  payout.set_proposal(order.proposal);
  payout.set_budget(order.budget);
  payout.set_period_index(order.period_index);
  payout.set_act(order.act);
  payout.set_at_ms(now_ms);
  return payout;
}

// Written PAID before the money moves (G-9.5).
Outcome pay_now(Overlay& state, ActionContext& context, const v1::Fund& fund, v1::Payout payout) {
  payout.set_state(v1::PAYOUT_STATE_PAID);
  put_payout(state, payout);
  if (auto outcome =
          assets::move(state, account_of(fund), payee_of(payout), payout.asset(), payout.amount());
      !outcome) {
    return outcome;
  }
  tell(state, context.events, v1::EVENT_KIND_PAYOUT_PAID, payout);
  return {};
}

Outcome let_wait(Overlay& state, ActionContext& context, const v1::Fund& fund, v1::Payout payout) {
  payout.set_state(v1::PAYOUT_STATE_WAITING);
  payout.set_until_ms(context.now_ms() + constitution::value(state, "treasury.acceptance_window"));
  put_payout(state, payout);
  if (auto outcome = assets::escrow_in(state, account_of(fund), v1::ESCROW_OWNER_PAYOUT,
                                       payout.id(), payout.asset(), payout.amount());
      !outcome) {
    return outcome;
  }
  promise(state, payout.fund(), payout.asset(), payout.amount());
  due::schedule(state, due::Class::Lapses, payout.until_ms(), due::Kind::PayoutExpiry, payout.id());
  tell(state, context.events, v1::EVENT_KIND_PAYOUT_WAITING, payout);
  return {};
}

// What waited goes back to its fund, and to its budget if the period still runs (G-9.6).
void give_back(Overlay& state, const BlockContext& block, v1::Payout& payout, v1::PayoutState end) {
  payout.set_state(end);
  put_payout(state, payout);
  const auto back = assets::escrow_out(state, v1::ESCROW_OWNER_PAYOUT, payout.id(), payout.asset(),
                                       account_of(fund_of(state, payout)), payout.amount());
  SALUS_ASSERT(back.has_value(), "a waiting payout lies in its escrow (G-9.2)");
  book_return(state, book_time(block), booking_of(payout, v1::FUND_ENTRY_KIND_PAYOUT_BACK));
  credit_back(state, payout.budget(), payout.period_index(), payout.amount(), block.time.value());
}

// One that may still be taken; the block's time decides, not the due queue (G-8.19).
Result<v1::Payout, Error> get_waiting(const Overlay& state, std::uint64_t id,
                                      std::uint64_t now_ms) {
  auto payout = find_payout(state, id);
  if (!payout) return refuse(Error::PayoutUnknown);
  if (payout->state() == v1::PAYOUT_STATE_PAID) return refuse(Error::AlreadyPaid);
  if (payout->state() != v1::PAYOUT_STATE_WAITING || now_ms >= payout->until_ms()) {
    return refuse(Error::PayoutClosed);
  }
  return std::move(*payout);
}

}  // namespace

Hash origin_of(const ActionContext& context) {
  ByteWriter out;
  out.bytes(context.execution_id.view());
  out.u32(context.action_index);
  return crypto::hash("salus.origin.v1", out.out());
}

Hash origin_of_act(const ChainId& chain_id, std::uint64_t act) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.u64(act);
  return crypto::hash("salus.origin.v1", out.out());
}

Outcome check_payee(const Overlay& state, const AccountId& payee, std::uint32_t asset) {
  if (!accounts::is_open(state, payee)) return refuse(Error::PayeeUnknown);
  const auto record = assets::find_asset(state, asset);
  if (!record) return refuse(Error::AssetUnknown);
  const bool members_only = (record->flags() & assets::kMembersOnly) != 0;
  if (members_only && !membership::is_member(state, payee)) return refuse(Error::MembersOnly);
  return {};
}

Outcome pay(const Order& order, ActionContext& context, Overlay& state) {
  const auto fund = find_fund(state, order.fund);
  if (!fund) return refuse(Error::FundUnknown);
  if (auto outcome = check_payee(state, order.payee, order.asset); !outcome) return outcome;
  if (find_payout_by_origin(state, order.origin)) return refuse(Error::AlreadyPaid);
  if (auto outcome = check_free(state, *fund, order.asset, order.amount); !outcome) {
    return outcome;
  }

  const std::uint64_t id = state::take_number(state, kPayoutCounter);
  state.put(origin_key(order.origin).str(), payout_key(id).str().substr(1));
  state.put(of_key(order.payee, id).str(), "");
  v1::Payout payout = make_payout(order, id, context.now_ms());
  book_out(state, book_time(context.block), booking_of(payout, v1::FUND_ENTRY_KIND_PAYOUT));
  return is_known_payee(state, order.payee, context.now_ms())
             ? pay_now(state, context, *fund, std::move(payout))
             : let_wait(state, context, *fund, std::move(payout));
}

Outcome check(const v1::Pay& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  if (!AccountId::from(action.payee())) return refuse(Error::PayeeUnknown);
  return {};
}

Outcome apply(const v1::Pay& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  return pay({.fund = action.fund(),
              .asset = action.asset(),
              .amount = action.amount(),
              .payee = *AccountId::from(action.payee()),
              .category = action.category(),
              .origin = origin_of(context),
              .proposal = context.proposal},
             context, state);
}

Outcome check(const v1::AcceptPayout&) { return {}; }

Outcome apply(const v1::AcceptPayout& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  const auto known = find_payout(state, action.payout());
  if (known && known->payee() != context.signer.to_string()) return refuse(Error::NotPayee);
  auto payout = get_waiting(state, action.payout(), context.now_ms());
  if (!payout) return refuse(payout.error());

  payout->set_state(v1::PAYOUT_STATE_PAID);
  put_payout(state, *payout);
  due::cancel(state, due::Class::Lapses, payout->until_ms(), due::Kind::PayoutExpiry, payout->id());
  if (auto outcome = assets::escrow_out(state, v1::ESCROW_OWNER_PAYOUT, payout->id(),
                                        payout->asset(), context.signer, payout->amount());
      !outcome) {
    return outcome;
  }
  keep_promise(state, payout->fund(), payout->asset(), payout->amount());
  tell(state, context.events, v1::EVENT_KIND_PAYOUT_PAID, *payout);
  return {};
}

Outcome apply(const v1::CancelPayout& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  auto payout = get_waiting(state, action.payout(), context.now_ms());
  if (!payout) return refuse(payout.error());
  due::cancel(state, due::Class::Lapses, payout->until_ms(), due::Kind::PayoutExpiry, payout->id());
  give_back(state, context.block, *payout, v1::PAYOUT_STATE_CANCELLED);
  tell(state, context.events, v1::EVENT_KIND_PAYOUT_CANCELLED, *payout);
  return {};
}

Outcome check(const v1::MarkPayee&) { return {}; }

Outcome apply(const v1::MarkPayee&, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  v1::PayeeMark mark;
  mark.set_account(context.signer.to_string());
  mark.set_at_ms(context.now_ms());
  state::put(state, mark_key(context.signer), mark);
  emit(context.events, v1::EVENT_KIND_PAYEE_MARKED, {context.signer}, {});
  return {};
}

void expire_payout(Overlay& state, const BlockContext& block, ByteView ref,
                   std::vector<v1::Event>& events) {
  auto payout = find_payout(state, due::id_of(ref));
  if (!payout || payout->state() != v1::PAYOUT_STATE_WAITING ||
      block.time.value() < payout->until_ms()) {
    return;
  }
  give_back(state, block, *payout, v1::PAYOUT_STATE_EXPIRED);
  tell(state, events, v1::EVENT_KIND_PAYOUT_EXPIRED, *payout);
}

std::optional<v1::Payout> find_payout(const Overlay& state, std::uint64_t id) {
  return state::find<v1::Payout>(state, payout_key(id));
}

std::optional<std::uint64_t> find_payout_by_origin(const Overlay& state, const Hash& origin) {
  const auto stored = state.get(origin_key(origin).str());
  if (!stored) return std::nullopt;
  return due::id_of(as_bytes(*stored));
}

std::optional<v1::PayeeMark> find_mark(const Overlay& state, const AccountId& account) {
  return state::find<v1::PayeeMark>(state, mark_key(account));
}

bool is_known_payee(const Overlay& state, const AccountId& account, std::uint64_t now_ms) {
  return membership::is_active(state, account, now_ms) || find_mark(state, account).has_value();
}

}  // namespace salus::dao::treasury
