// Owns: money leaves a fund only by an action of an executed proposal or of a budget's holders,
// once for each obligation (G-9.1, G-9.5), and at once only to somebody known: to anybody else it
// waits until it is accepted (G-9.4). For each fund and asset, in - out = balance (G-9.3), and what
// is promised lies in escrows (G-9.2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/context.h"
#include "dao/error.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/streams.h"
#include "salus/v1/assets.pb.h"
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
Outcome check(const v1::SetBudget& action);
Outcome check(const v1::SpendBudget& action);
Outcome check(const v1::AwardGrant& action);
Outcome check(const v1::ClaimTranche& action);
Outcome check(const v1::ApproveTranche& action);
Outcome check(const v1::ReturnTranche& action);
Outcome check(const v1::OpenStream& action);

// By the DAO only: the dispatcher asks nobody else.
Outcome apply(const v1::CreateFund& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::MoveFunds& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Pay& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::CancelPayout& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::SetBudget& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::RenewBudget& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::EndBudget& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::AwardGrant& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::OpenStream& action, ActionContext& context, state::Overlay& state);
// Joint acts of holders and of reviewers.
Outcome apply(const v1::SpendBudget& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::ApproveTranche& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::ReturnTranche& action, ActionContext& context, state::Overlay& state);
// By the DAO, or by a joint act of treasurers or holders.
Outcome apply(const v1::CancelGrant& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::CancelStream& action, ActionContext& context, state::Overlay& state);
// By any account, or by the payee.
Outcome apply(const v1::Donate& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::AcceptPayout& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::MarkPayee& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::AcceptGrant& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::ClaimTranche& action, ActionContext& context, state::Overlay& state);
// Of any schedule: a stream's fund keeps books of it.
Outcome apply(const v1::ClaimSchedule& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::CancelSchedule& action, ActionContext& context, state::Overlay& state);

// Due work, class 0. Total (G-12.3).
void expire_payout(state::Overlay& state, const BlockContext& block, ByteView ref,
                   std::vector<v1::Event>& events);
void end_budget(state::Overlay& state, const BlockContext& block, ByteView ref,
                std::vector<v1::Event>& events);
void lapse_grant(state::Overlay& state, const BlockContext& block, ByteView ref,
                 std::vector<v1::Event>& events);
void lapse_schedule(state::Overlay& state, const BlockContext& block, ByteView ref,
                    std::vector<v1::Event>& events);

// Genesis: funds with ids 1, 2, ... and distinct codes, 1 = `general`; writes the funds and credits
// their native balances (assets stand already, their windows open afterwards). The reason
// otherwise.
Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const ChainId& chain_id, state::Overlay& state);

// G-9.1 to G-9.7 and the due items of G-12.4. Iterates.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::treasury
