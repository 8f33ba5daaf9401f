// Owns: every change of a balance, an escrow or a supply goes through the four functions `debit`,
// `credit`, `escrow_in`, `escrow_out` of this file (G-3.1, G-3.2).
#include "dao/assets/assets.h"

#include <map>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/schedules.h"
#include "dao/assets/stakes.h"
#include "dao/constitution.h"
#include "state/record.h"

namespace salus::dao::assets {

namespace {

// The minting window of G-8.16.
constexpr std::uint64_t kMintWindowMs = 365ULL * 86'400'000ULL;

state::Key asset_key(std::uint32_t asset) { return state::Key(state::Table::Assets).u32(asset); }

state::Key balance_key(const AccountId& account, std::uint32_t asset) {
  return state::Key(state::Table::Balances).bytes(account.view()).u32(asset);
}

state::Key escrow_key(v1::EscrowOwner owner, std::uint64_t owner_id, std::uint32_t asset) {
  return state::Key(state::Table::Escrows)
      .u8(static_cast<std::uint8_t>(owner))
      .u64(owner_id)
      .u32(asset);
}

void set_balance(state::Overlay& state, const AccountId& account, std::uint32_t asset,
                 std::uint64_t amount) {
  const state::Key key = balance_key(account, asset);
  if (amount == 0) return state::erase(state, key);
  v1::Balance record;
  record.set_account(account.to_string());
  record.set_asset(asset);
  record.set_amount(amount);
  state::put(state, key, record);
}

Outcome debit(state::Overlay& state, const AccountId& account, std::uint32_t asset,
              std::uint64_t amount) {
  const auto left = checked_sub(balance(state, account, asset), amount);
  if (!left) return refuse(Error::InsufficientFunds);
  set_balance(state, account, asset, *left);
  return {};
}

// Cannot overflow: no balance is above the supply, and the supply fits.
void credit(state::Overlay& state, const AccountId& account, std::uint32_t asset,
            std::uint64_t amount) {
  const auto sum = checked_add(balance(state, account, asset), amount);
  SALUS_ASSERT(sum.has_value(), "a balance is never above its supply (G-3.1)");
  set_balance(state, account, asset, *sum);
}

Outcome check_amount(std::uint64_t amount) {
  if (amount == 0) return refuse(Error::AmountZero);
  return {};
}

// Native only: floor(window_supply * mint_cap_bp / 10000) a window (G-8.16).
Outcome use_mint_window(const state::Overlay& state, v1::Asset& asset, std::uint64_t amount,
                        std::uint64_t now_ms) {
  if (now_ms >= asset.window_from_ms() + kMintWindowMs) {
    asset.set_window_from_ms(now_ms);
    asset.set_window_supply(asset.supply());
    asset.set_window_minted(0);
  }
  const auto cap = mul_div_floor(asset.window_supply(),
                                 constitution::value(state, "assets.mint_cap_bp"), 10'000);
  const auto minted = checked_add(asset.window_minted(), amount);
  if (!cap || !minted || *minted > *cap) return refuse(Error::MintCap);
  asset.set_window_minted(*minted);
  return {};
}

}  // namespace

std::optional<v1::Asset> find_asset(const state::Overlay& state, std::uint32_t asset) {
  return state::find<v1::Asset>(state, asset_key(asset));
}

std::uint64_t balance(const state::Overlay& state, const AccountId& account, std::uint32_t asset) {
  return state::find_or_default<v1::Balance>(state, balance_key(account, asset)).amount();
}

Outcome move(state::Overlay& state, const AccountId& from, const AccountId& to, std::uint32_t asset,
             std::uint64_t amount) {
  if (!find_asset(state, asset)) return refuse(Error::AssetUnknown);
  if (amount == 0) return refuse(Error::AmountZero);
  if (from == to) return refuse(Error::SelfTransfer);

  const Outcome taken = debit(state, from, asset, amount);
  if (!taken) return taken;
  credit(state, to, asset, amount);
  return {};
}

Outcome escrow_in(state::Overlay& state, const AccountId& from, v1::EscrowOwner owner,
                  std::uint64_t owner_id, std::uint32_t asset, std::uint64_t amount) {
  if (!find_asset(state, asset)) return refuse(Error::AssetUnknown);
  if (amount == 0) return refuse(Error::AmountZero);
  auto escrow = state::find_or_default<v1::Escrow>(state, escrow_key(owner, owner_id, asset));
  const auto in = checked_add(escrow.in(), amount);
  if (!in) return refuse(Error::Overflow);

  const Outcome taken = debit(state, from, asset, amount);
  if (!taken) return taken;
  escrow.set_owner(owner);
  escrow.set_owner_id(owner_id);
  escrow.set_asset(asset);
  escrow.set_in(*in);
  state::put(state, escrow_key(owner, owner_id, asset), escrow);
  return {};
}

Outcome escrow_out(state::Overlay& state, v1::EscrowOwner owner, std::uint64_t owner_id,
                   std::uint32_t asset, const AccountId& to, std::uint64_t amount) {
  if (amount == 0) return refuse(Error::AmountZero);
  if (escrowed(state, owner, owner_id, asset) < amount) return refuse(Error::InsufficientFunds);
  const state::Key key = escrow_key(owner, owner_id, asset);
  auto escrow = state::find_or_default<v1::Escrow>(state, key);
  escrow.set_out(escrow.out() + amount);
  state::put(state, key, escrow);
  credit(state, to, asset, amount);
  return {};
}

std::uint64_t escrowed(const state::Overlay& state, v1::EscrowOwner owner, std::uint64_t owner_id,
                       std::uint32_t asset) {
  const auto escrow = state::find_or_default<v1::Escrow>(state, escrow_key(owner, owner_id, asset));
  return escrow.in() - escrow.out();
}

std::vector<v1::Balance> balances(const state::Overlay& state, const AccountId& account) {
  std::vector<v1::Balance> held;
  const std::string prefix = state::Key(state::Table::Balances).bytes(account.view()).str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    held.push_back(state::decode<v1::Balance>(value));
    return true;
  });
  return held;
}

Outcome check_transferable(const v1::Asset& asset, const Ends& ends) {
  if ((asset.flags() & kTransferable) == 0) return refuse(Error::NotTransferable);
  const bool both_members = ends.from_is_member && ends.to_is_member;
  if ((asset.flags() & kMembersOnly) != 0 && !both_members) return refuse(Error::MembersOnly);
  return {};
}

Outcome check(const v1::Transfer& action) {
  if (action.to().size() != AccountId::kSize) return refuse(Error::Limit);
  return check_amount(action.amount());
}

Outcome apply(const v1::Transfer& action, const Ends& ends, ActionContext& context,
              state::Overlay& state) {
  const AccountId to = *AccountId::from(action.to());
  const auto asset = find_asset(state, action.asset());
  if (!asset) return refuse(Error::AssetUnknown);
  // A fund has no account record either: giving to one is Donate (G-9.3).
  if (!accounts::is_open(state, to)) return refuse(Error::PayeeUnknown);
  if (auto outcome = check_transferable(*asset, ends); !outcome) return outcome;

  const Outcome moved = move(state, context.signer, to, action.asset(), action.amount());
  if (!moved) return moved;
  emit(context.events, v1::EVENT_KIND_TRANSFERRED, {context.signer, to},
       {{v1::EVENT_FIELD_ASSET, action.asset()}, {v1::EVENT_FIELD_AMOUNT, action.amount()}});
  return {};
}

Outcome check(const v1::Mint& action) {
  if (action.to().size() != AccountId::kSize) return refuse(Error::Limit);
  return check_amount(action.amount());
}

Outcome apply(const v1::Mint& action, ActionContext& context, state::Overlay& state) {
  const AccountId to = *AccountId::from(action.to());
  auto asset = find_asset(state, action.asset());
  if (!asset) return refuse(Error::AssetUnknown);
  const bool by_dao = context.authority == Authority::Dao;
  const bool entitled =
      asset->issuer().empty() ? by_dao : !by_dao && asset->issuer() == context.signer.to_string();
  if (!entitled) return refuse(Error::NotAuthorized);
  if (!accounts::is_open(state, to)) return refuse(Error::PayeeUnknown);

  const auto supply = checked_add(asset->supply(), action.amount());
  if (!supply || *supply > asset->max_supply()) return refuse(Error::SupplyCap);
  if (action.asset() == kNative) {
    const Outcome within = use_mint_window(state, *asset, action.amount(), context.now_ms());
    if (!within) return within;
  }

  asset->set_supply(*supply);
  state::put(state, asset_key(action.asset()), *asset);
  credit(state, to, action.asset(), action.amount());
  emit(context.events, v1::EVENT_KIND_MINTED, {context.signer, to},
       {{v1::EVENT_FIELD_ASSET, action.asset()}, {v1::EVENT_FIELD_AMOUNT, action.amount()}});
  return {};
}

Outcome check(const v1::Burn& action) { return check_amount(action.amount()); }

Outcome apply(const v1::Burn& action, ActionContext& context, state::Overlay& state) {
  auto asset = find_asset(state, action.asset());
  if (!asset) return refuse(Error::AssetUnknown);
  if ((asset->flags() & kBurnable) == 0) return refuse(Error::NotBurnable);
  const Outcome taken = debit(state, context.signer, action.asset(), action.amount());
  if (!taken) return taken;
  asset->set_supply(asset->supply() - action.amount());
  state::put(state, asset_key(action.asset()), *asset);
  emit(context.events, v1::EVENT_KIND_BURNED, {context.signer},
       {{v1::EVENT_FIELD_ASSET, action.asset()}, {v1::EVENT_FIELD_AMOUNT, action.amount()}});
  return {};
}

void put_at_genesis(state::Overlay& state, v1::Asset asset, std::uint64_t now_ms) {
  asset.set_window_from_ms(now_ms);
  state::put(state, asset_key(asset.id()), asset);
}

bool credit_at_genesis(state::Overlay& state, const AccountId& account, std::uint32_t asset,
                       std::uint64_t amount) {
  auto record = find_asset(state, asset);
  if (!record) return false;
  const auto supply = checked_add(record->supply(), amount);
  if (!supply || *supply > record->max_supply()) return false;
  record->set_supply(*supply);
  // The first window opens on what genesis made.
  record->set_window_supply(*supply);
  state::put(state, asset_key(asset), *record);
  credit(state, account, asset, amount);
  return true;
}

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  std::vector<std::string> broken;
  std::map<std::uint32_t, U128> held;
  const std::string balances = state::Key(state::Table::Balances).str();
  state.scan(balances, balances, [&](std::string_view, std::string_view value) {
    const auto record = state::decode<v1::Balance>(value);
    if (record.amount() == 0) broken.push_back("a balance of nothing is not kept");
    held[record.asset()] += record.amount();
    return true;
  });
  const std::string escrows = state::Key(state::Table::Escrows).str();
  state.scan(escrows, escrows, [&](std::string_view, std::string_view value) {
    const auto record = state::decode<v1::Escrow>(value);
    if (record.out() > record.in()) broken.push_back("G-3.2: more left an escrow than came in");
    held[record.asset()] += U128{record.in()} - record.out();
    return true;
  });
  const std::string assets = state::Key(state::Table::Assets).str();
  state.scan(assets, assets, [&](std::string_view, std::string_view value) {
    const auto record = state::decode<v1::Asset>(value);
    const std::string named = " of asset " + std::to_string(record.id());
    if (held[record.id()] != record.supply()) {
      broken.push_back("G-3.1: balances and escrows do not add up to the supply" + named);
    }
    if (record.supply() > record.max_supply()) broken.push_back("supply above its cap" + named);
    held.erase(record.id());
    return true;
  });
  if (!held.empty()) broken.push_back("G-3.1: somebody holds an asset that does not exist");
  add_broken_schedules(state, broken);
  add_broken_stakes(state, broken);
  return broken;
}

}  // namespace salus::dao::assets
