// Owns: funds, donations and payouts.
#include "dao/treasury/treasury.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "dao/membership/membership.h"
#include "dao/treasury/funds.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key payout_key(std::uint64_t id) { return Key{Table::Payouts}.u64(id); }
Key origin_key(const Hash& origin) { return Key{Table::PayoutsByOrigin}.bytes(origin.view()); }
Key mark_key(const AccountId& account) { return Key{Table::PayeeMarks}.bytes(account.view()); }
const Key kPayoutCounter = Key{Table::TreasuryCounters}.u8(1);
const Key kFundCounter = Key{Table::TreasuryCounters}.u8(2);

bool is_code(std::string_view code) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !code.empty() && code.size() <= 32 && std::ranges::all_of(code, allowed);
}

void put_fund(Overlay& state, const ChainId& chain_id, std::uint32_t id, std::string code,
              std::uint32_t purpose) {
  v1::Fund fund;
  fund.set_id(id);
  fund.set_code(std::move(code));
  fund.set_purpose(purpose);
  fund.set_account(accounts::fund_account(chain_id, id).to_string());
  state::put(state, Key{Table::Funds}.u32(id), fund);
}

void put_payout(Overlay& state, const v1::Payout& payout) {
  state::put(state, payout_key(payout.id()), payout);
}

// The one obligation that an action of a batch makes: no other action and no second run has it.
Hash origin_of(const ActionContext& context) {
  ByteWriter out;
  out.bytes(context.execution_id.view());
  out.u32(context.action_index);
  return crypto::hash("salus.origin.v1", out.out());
}

void tell(std::vector<v1::Event>& events, v1::EventKind kind, const v1::Payout& payout,
          std::uint64_t balance) {
  emit(events, kind, {*AccountId::from(payout.payee())},
       {{v1::EVENT_FIELD_PAYOUT, payout.id()},
        {v1::EVENT_FIELD_FUND, payout.fund()},
        {v1::EVENT_FIELD_ASSET, payout.asset()},
        {v1::EVENT_FIELD_AMOUNT, payout.amount()},
        {v1::EVENT_FIELD_CATEGORY, payout.category()},
        {v1::EVENT_FIELD_PROPOSAL, payout.proposal()},
        {v1::EVENT_FIELD_BALANCE, balance},
        {v1::EVENT_FIELD_UNTIL_MS, payout.until_ms()}},
       true);
}

// Nothing lies in a fund that the books do not know, and the other way round.
Outcome check_free(const Overlay& state, const v1::Fund& fund, std::uint32_t asset,
                   std::uint64_t amount) {
  if (!assets::find_asset(state, asset)) return refuse(Error::AssetUnknown);
  if (assets::balance(state, account_of(fund), asset) < amount) return refuse(Error::FundShort);
  return {};
}

v1::Payout make_payout(const v1::Pay& action, const ActionContext& context, std::uint64_t id,
                       const Hash& origin) {
  v1::Payout payout;
  payout.set_id(id);
  payout.set_fund(action.fund());
  payout.set_asset(action.asset());
  payout.set_amount(action.amount());
  payout.set_payee(action.payee());
  payout.set_category(action.category());
  payout.set_origin(origin.to_string());
  payout.set_proposal(context.proposal);
  return payout;
}

// Written PAID before the money moves (G-9.5).
Outcome pay_now(Overlay& state, ActionContext& context, const v1::Fund& fund, v1::Payout payout) {
  payout.set_state(v1::PAYOUT_STATE_PAID);
  put_payout(state, payout);
  if (auto outcome = assets::move(state, account_of(fund), *AccountId::from(payout.payee()),
                                  payout.asset(), payout.amount());
      !outcome) {
    return outcome;
  }
  tell(context.events, v1::EVENT_KIND_PAYOUT_PAID, payout,
       assets::balance(state, account_of(fund), payout.asset()));
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
  due::schedule(state, due::Class::Lapses, payout.until_ms(), due::Kind::PayoutExpiry, payout.id());
  tell(context.events, v1::EVENT_KIND_PAYOUT_WAITING, payout,
       assets::balance(state, account_of(fund), payout.asset()));
  return {};
}

}  // namespace

Outcome check(const v1::CreateFund& action) {
  if (!is_code(action.code())) return refuse(Error::CodeInvalid);
  return {};
}

Outcome apply(const v1::CreateFund& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  if (find_fund(state, action.code())) return refuse(Error::CodeInUse);
  const auto id = static_cast<std::uint32_t>(state::take_number(state, kFundCounter));
  put_fund(state, context.block.chain_id, id, action.code(), action.purpose());
  emit(context.events, v1::EVENT_KIND_FUND_CREATED, {},
       {{v1::EVENT_FIELD_FUND, id}, {v1::EVENT_FIELD_PROPOSAL, context.proposal}});
  return {};
}

Outcome check(const v1::MoveFunds& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  if (action.from() == action.to()) return refuse(Error::SameFund);
  return {};
}

Outcome apply(const v1::MoveFunds& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  const auto from = find_fund(state, action.from());
  const auto to = find_fund(state, action.to());
  if (!from || !to) return refuse(Error::FundUnknown);
  if (auto outcome = check_free(state, *from, action.asset(), action.amount()); !outcome) {
    return outcome;
  }
  if (auto outcome =
          assets::move(state, account_of(*from), account_of(*to), action.asset(), action.amount());
      !outcome) {
    return outcome;
  }
  book_out(state, from->id(), action.asset(), action.amount());
  book_in(state, to->id(), action.asset(), action.amount());
  emit(context.events, v1::EVENT_KIND_FUNDS_MOVED, {account_of(*from), account_of(*to)},
       {{v1::EVENT_FIELD_FUND, from->id()},
        {v1::EVENT_FIELD_ASSET, action.asset()},
        {v1::EVENT_FIELD_AMOUNT, action.amount()},
        {v1::EVENT_FIELD_PROPOSAL, context.proposal},
        {v1::EVENT_FIELD_BALANCE, assets::balance(state, account_of(*from), action.asset())}});
  return {};
}

Outcome check(const v1::Donate& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  return {};
}

Outcome apply(const v1::Donate& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  const auto fund = find_fund(state, action.fund());
  if (!fund) return refuse(Error::FundUnknown);
  if (auto outcome =
          assets::move(state, context.signer, account_of(*fund), action.asset(), action.amount());
      !outcome) {
    return outcome;
  }
  book_in(state, fund->id(), action.asset(), action.amount());
  emit(context.events, v1::EVENT_KIND_DONATED, {context.signer},
       {{v1::EVENT_FIELD_FUND, fund->id()},
        {v1::EVENT_FIELD_ASSET, action.asset()},
        {v1::EVENT_FIELD_AMOUNT, action.amount()},
        {v1::EVENT_FIELD_BALANCE, assets::balance(state, account_of(*fund), action.asset())}});
  return {};
}

Outcome check(const v1::Pay& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  if (!AccountId::from(action.payee())) return refuse(Error::PayeeUnknown);
  return {};
}

Outcome apply(const v1::Pay& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  const auto fund = find_fund(state, action.fund());
  if (!fund) return refuse(Error::FundUnknown);
  const AccountId payee = *AccountId::from(action.payee());
  if (!accounts::is_open(state, payee)) return refuse(Error::PayeeUnknown);
  const Hash origin = origin_of(context);
  if (find_payout_by_origin(state, origin)) return refuse(Error::AlreadyPaid);
  if (auto outcome = check_free(state, *fund, action.asset(), action.amount()); !outcome) {
    return outcome;
  }

  const std::uint64_t id = state::take_number(state, kPayoutCounter);
  state.put(origin_key(origin).str(), Key{Table::Payouts}.u64(id).str().substr(1));
  book_out(state, fund->id(), action.asset(), action.amount());
  v1::Payout payout = make_payout(action, context, id, origin);
  return is_known_payee(state, payee, context.now_ms())
             ? pay_now(state, context, *fund, std::move(payout))
             : let_wait(state, context, *fund, std::move(payout));
}

Outcome check(const v1::AcceptPayout&) { return {}; }

Outcome apply(const v1::AcceptPayout& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  auto payout = find_payout(state, action.payout());
  if (!payout) return refuse(Error::PayoutUnknown);
  if (payout->payee() != context.signer.to_string()) return refuse(Error::NotPayee);
  if (payout->state() == v1::PAYOUT_STATE_PAID) return refuse(Error::AlreadyPaid);
  if (payout->state() != v1::PAYOUT_STATE_WAITING || context.now_ms() >= payout->until_ms()) {
    return refuse(Error::PayoutClosed);
  }

  payout->set_state(v1::PAYOUT_STATE_PAID);
  put_payout(state, *payout);
  due::cancel(state, due::Class::Lapses, payout->until_ms(), due::Kind::PayoutExpiry, payout->id());
  if (auto outcome = assets::escrow_out(state, v1::ESCROW_OWNER_PAYOUT, payout->id(),
                                        payout->asset(), context.signer, payout->amount());
      !outcome) {
    return outcome;
  }
  const auto fund = find_fund(state, payout->fund());
  SALUS_ASSERT(fund.has_value(), "funds never go");
  tell(context.events, v1::EVENT_KIND_PAYOUT_PAID, *payout,
       assets::balance(state, account_of(*fund), payout->asset()));
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
  auto payout = find_payout(state, ByteReader{ref}.u64());
  if (!payout || payout->state() != v1::PAYOUT_STATE_WAITING ||
      block.time.value() < payout->until_ms()) {
    return;
  }
  const auto fund = find_fund(state, payout->fund());
  SALUS_ASSERT(fund.has_value(), "funds never go");
  payout->set_state(v1::PAYOUT_STATE_EXPIRED);
  put_payout(state, *payout);
  const auto back = assets::escrow_out(state, v1::ESCROW_OWNER_PAYOUT, payout->id(),
                                       payout->asset(), account_of(*fund), payout->amount());
  SALUS_ASSERT(back.has_value(), "a waiting payout lies in its escrow (G-9.2)");
  book_return(state, fund->id(), payout->asset(), payout->amount());
  tell(events, v1::EVENT_KIND_PAYOUT_EXPIRED, *payout,
       assets::balance(state, account_of(*fund), payout->asset()));
}

std::optional<v1::Payout> find_payout(const Overlay& state, std::uint64_t id) {
  return state::find<v1::Payout>(state, payout_key(id));
}

std::optional<std::uint64_t> find_payout_by_origin(const Overlay& state, const Hash& origin) {
  const auto stored = state.get(origin_key(origin).str());
  if (!stored) return std::nullopt;
  return ByteReader{as_bytes(*stored)}.u64();
}

std::optional<v1::PayeeMark> find_mark(const Overlay& state, const AccountId& account) {
  return state::find<v1::PayeeMark>(state, mark_key(account));
}

bool is_known_payee(const Overlay& state, const AccountId& account, std::uint64_t now_ms) {
  return membership::is_active(state, account, now_ms) || find_mark(state, account).has_value();
}

Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const ChainId& chain_id, Overlay& state) {
  if (document.funds_size() == 0 || document.funds(0).code() != "general") {
    return std::unexpected("the first fund must be `general`");
  }
  for (const v1::GenesisFund& fund : document.funds()) {
    const std::string place = "fund " + fund.code() + ": ";
    if (!is_code(fund.code()))
      return std::unexpected(place + "the code is not 1 to 32 of [a-z0-9-]");
    if (find_fund(state, fund.code())) return std::unexpected(place + "the code is in use");
    if (state::take_number(state, kFundCounter) != fund.id()) {
      return std::unexpected(place + "ids must be 1, 2, 3, ... in this order");
    }
    put_fund(state, chain_id, fund.id(), fund.code(), fund.purpose());
    if (fund.amount() == 0) continue;
    const AccountId account = accounts::fund_account(chain_id, fund.id());
    if (!assets::credit_at_genesis(state, account, assets::kNative, fund.amount())) {
      return std::unexpected(place + "the supply would pass its limit");
    }
    book_in(state, fund.id(), assets::kNative, fund.amount());
  }
  return {};
}

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  std::set<std::string> origins;
  const std::string payouts = Key{Table::Payouts}.str();
  state.scan(payouts, payouts, [&](std::string_view, std::string_view value) {
    const auto payout = state::decode<v1::Payout>(value);
    const std::string name = "payout " + std::to_string(payout.id());
    if (!origins.insert(payout.origin()).second) {
      broken.push_back("G-9.5: " + name + " shares its origin with another");
    }
    const std::uint64_t held =
        assets::escrowed(state, v1::ESCROW_OWNER_PAYOUT, payout.id(), payout.asset());
    const bool waiting = payout.state() == v1::PAYOUT_STATE_WAITING;
    if (held != (waiting ? payout.amount() : 0)) {
      broken.push_back("G-9.2: the escrow of " + name + " is not what it promises");
    }
    return true;
  });
  const std::string books = Key{Table::FundTotals}.str();
  state.scan(books, books, [&](std::string_view key, std::string_view value) {
    ByteReader reader{as_bytes(key.substr(1))};
    const std::uint32_t id = reader.u32();
    const std::uint32_t asset = reader.u32();
    const auto fund = find_fund(state, id);
    const auto totals = state::decode<v1::FundTotals>(value);
    if (!fund || totals.in() - totals.out() != assets::balance(state, account_of(*fund), asset)) {
      broken.push_back("G-9.3: in - out is not the balance of fund " + std::to_string(id));
    }
    return true;
  });
  return broken;
}

}  // namespace salus::dao::treasury
