// Owns: money is neither made nor lost by moving it. For each asset, supply = balances + escrows
// (G-3.1); only Mint and Burn change supply; every debit is checked before any credit (G-3.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/assets.pb.h"
#include "state/overlay.h"

namespace salus::dao::assets {

inline constexpr std::uint32_t kNative = 0;
// Bits of Asset.flags.
inline constexpr std::uint32_t kTransferable = 1;
inline constexpr std::uint32_t kMembersOnly = 2;
inline constexpr std::uint32_t kBurnable = 4;
inline constexpr std::uint32_t kDecimalsMax = 9;
inline constexpr std::uint32_t kNativeDecimals = 6;

std::optional<v1::Asset> find_asset(const state::Overlay& state, std::uint32_t asset);
// Base units that `account` holds and may spend; 0 where there is no record.
std::uint64_t balance(const state::Overlay& state, const AccountId& account, std::uint32_t asset);

// Moves between balances, whole or not at all: AssetUnknown, AmountZero, SelfTransfer,
// InsufficientFunds. Flags and authority are the caller's.
Outcome move(state::Overlay& state, const AccountId& from, const AccountId& to, std::uint32_t asset,
             std::uint64_t amount);

// Binds money to one object, and frees it again. Only the module that owns the object calls these
// (G-3.2). Out of an escrow never comes more than went in: InsufficientFunds.
Outcome escrow_in(state::Overlay& state, const AccountId& from, v1::EscrowOwner owner,
                  std::uint64_t owner_id, std::uint32_t asset, std::uint64_t amount);
Outcome escrow_out(state::Overlay& state, v1::EscrowOwner owner, std::uint64_t owner_id,
                   std::uint32_t asset, const AccountId& to, std::uint64_t amount);
// What lies there: in - out.
std::uint64_t escrowed(const state::Overlay& state, v1::EscrowOwner owner, std::uint64_t owner_id,
                       std::uint32_t asset);

// Whether both ends are members, for MEMBERS_ONLY; the dispatcher knows.
struct Ends {
  bool from_is_member;
  bool to_is_member;
};
// NotTransferable, MembersOnly.
Outcome check_transferable(const v1::Asset& asset, const Ends& ends);
Outcome check(const v1::Transfer& action);
Outcome apply(const v1::Transfer& action, const Ends& ends, ActionContext& context,
              state::Overlay& state);
Outcome check(const v1::Mint& action);
Outcome apply(const v1::Mint& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Burn& action);
Outcome apply(const v1::Burn& action, ActionContext& context, state::Overlay& state);
// By the DAO (issue.cc).
Outcome check(const v1::CreateAsset& action);
Outcome apply(const v1::CreateAsset& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SetAsset& action);
Outcome apply(const v1::SetAsset& action, ActionContext& context, state::Overlay& state);

// All of them, ascending by id.
std::vector<v1::Asset> all(const state::Overlay& state);
// What an account holds, ascending by asset; a fund's account too.
std::vector<v1::Balance> balances(const state::Overlay& state, const AccountId& account);

// A new asset, whose first minting window opens now. Genesis: assets first, then every amount; the
// supply grows with them. False if the supply would pass max_supply.
void put_at_genesis(state::Overlay& state, v1::Asset asset, std::uint64_t now_ms);
bool credit_at_genesis(state::Overlay& state, const AccountId& account, std::uint32_t asset,
                       std::uint64_t amount);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::assets
