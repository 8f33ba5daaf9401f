// Owns: one payment out of a fund, made once under one origin (G-9.5). At once to somebody known;
// to anybody else it waits in escrow until he takes it, so that a slip of the pen costs time and
// not money (G-9.4).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

// The one obligation that an action of a batch makes: BLAKE2b-256(`salus.origin.v1` | execution id
// | action index u32). No other action and no second run has it.
Hash origin_of(const ActionContext& context);
// That a joint act makes: BLAKE2b-256(`salus.origin.v1` | chain id | act id u64).
Hash origin_of_act(const ChainId& chain_id, std::uint64_t act);

// What to pay; the caller charged the budget.
struct Order {
  std::uint32_t fund;
  std::uint32_t asset;
  std::uint64_t amount;
  AccountId payee;
  std::uint32_t category;
  Hash origin;
  std::uint64_t proposal = 0;
  std::uint32_t budget = 0;
  std::uint64_t period_index = 0;
  std::uint64_t act = 0;
};
// FundUnknown, PayeeUnknown, AlreadyPaid, AssetUnknown, MembersOnly, FundShort.
Outcome pay(const Order& order, ActionContext& context, state::Overlay& state);

// A payee that a fund may promise money to: PayeeUnknown, AssetUnknown, MembersOnly.
Outcome check_payee(const state::Overlay& state, const AccountId& payee, std::uint32_t asset);

// An ACTIVE member or an account with a PayeeMark (G-9.4).
bool is_known_payee(const state::Overlay& state, const AccountId& account, std::uint64_t now_ms);
std::optional<v1::PayeeMark> find_mark(const state::Overlay& state, const AccountId& account);

std::optional<v1::Payout> find_payout(const state::Overlay& state, std::uint64_t id);
std::optional<std::uint64_t> find_payout_by_origin(const state::Overlay& state, const Hash& origin);

}  // namespace salus::dao::treasury
