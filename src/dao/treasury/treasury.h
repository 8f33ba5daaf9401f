// Owns: money leaves a fund only by an action of an executed proposal, once for each obligation
// (G-9.1, G-9.5), and at once only to somebody known: to anybody else it waits until it is accepted
// (G-9.4). For each fund and asset, in - out = balance (G-9.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

Outcome check(const v1::CreateFund& action);
Outcome check(const v1::MoveFunds& action);
Outcome check(const v1::Donate& action);
Outcome check(const v1::Pay& action);
Outcome check(const v1::AcceptPayout& action);
Outcome check(const v1::MarkPayee& action);

// By the DAO only: NotAuthorized otherwise.
Outcome apply(const v1::CreateFund& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::MoveFunds& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Pay& action, ActionContext& context, state::Overlay& state);
// By any account.
Outcome apply(const v1::Donate& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::AcceptPayout& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::MarkPayee& action, ActionContext& context, state::Overlay& state);

// Due item PayoutExpiry: what nobody accepted goes back to its fund. Total (G-12.3).
void expire_payout(state::Overlay& state, const BlockContext& block, ByteView ref,
                   std::vector<v1::Event>& events);

std::optional<v1::Payout> find_payout(const state::Overlay& state, std::uint64_t id);
std::optional<std::uint64_t> find_payout_by_origin(const state::Overlay& state, const Hash& origin);
std::optional<v1::PayeeMark> find_mark(const state::Overlay& state, const AccountId& account);
// An ACTIVE member or an account with a PayeeMark (G-9.4).
bool is_known_payee(const state::Overlay& state, const AccountId& account, std::uint64_t now_ms);

// Genesis: funds with ids 1, 2, ... and distinct codes, 1 = `general`; writes the funds and credits
// their native balances (assets stand already, their windows open afterwards). The reason
// otherwise.
Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const ChainId& chain_id, state::Overlay& state);

// G-9.1 to G-9.3, G-9.5. Iterates.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::treasury
