// Owns: opening funds, moving money between them, gifts to them; what genesis puts in.
#include "dao/treasury/treasury.h"

#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/codes.h"

namespace salus::dao::treasury {

using state::Overlay;

Outcome check(const v1::CreateFund& action) {
  if (!is_code(action.code())) return refuse(Error::CodeInvalid);
  return {};
}

Outcome apply(const v1::CreateFund& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  if (find_fund(state, action.code())) return refuse(Error::CodeInUse);
  const auto id = take_fund_number(state);
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
  const BookTime when = book_time(context.block);
  const std::string origin = origin_of(context).to_string();
  book_out(state, when,
           {.fund = from->id(),
            .asset = action.asset(),
            .amount = action.amount(),
            .kind = v1::FUND_ENTRY_KIND_MOVED_OUT,
            .ref = to->id(),
            .account = to->account(),
            .origin = origin});
  book_in(state, when,
          {.fund = to->id(),
           .asset = action.asset(),
           .amount = action.amount(),
           .kind = v1::FUND_ENTRY_KIND_MOVED_IN,
           .ref = from->id(),
           .account = from->account(),
           .origin = origin});
  emit(context.events, v1::EVENT_KIND_FUNDS_MOVED, {account_of(*from), account_of(*to)},
       {{v1::EVENT_FIELD_FUND, from->id()},
        {v1::EVENT_FIELD_ASSET, action.asset()},
        {v1::EVENT_FIELD_AMOUNT, action.amount()},
        {v1::EVENT_FIELD_PROPOSAL, context.proposal},
        {v1::EVENT_FIELD_BALANCE, free_of(state, *from, action.asset())}});
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
  book_in(state, book_time(context.block),
          {.fund = fund->id(),
           .asset = action.asset(),
           .amount = action.amount(),
           .kind = v1::FUND_ENTRY_KIND_DONATION,
           .account = context.signer.to_string()});
  emit(context.events, v1::EVENT_KIND_DONATED, {context.signer},
       {{v1::EVENT_FIELD_FUND, fund->id()},
        {v1::EVENT_FIELD_ASSET, action.asset()},
        {v1::EVENT_FIELD_AMOUNT, action.amount()},
        {v1::EVENT_FIELD_BALANCE, free_of(state, *fund, action.asset())}});
  return {};
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
    if (take_fund_number(state) != fund.id()) {
      return std::unexpected(place + "ids must be 1, 2, 3, ... in this order");
    }
    put_fund(state, chain_id, fund.id(), fund.code(), fund.purpose());
    if (fund.amount() == 0) continue;
    const AccountId account = accounts::fund_account(chain_id, fund.id());
    if (!assets::credit_at_genesis(state, account, assets::kNative, fund.amount())) {
      return std::unexpected(place + "the supply would pass its limit");
    }
    book_in(state, {.at_ms = document.time_ms(), .height = 0},
            {.fund = fund.id(),
             .asset = assets::kNative,
             .amount = fund.amount(),
             .kind = v1::FUND_ENTRY_KIND_GENESIS});
  }
  return {};
}

}  // namespace salus::dao::treasury
