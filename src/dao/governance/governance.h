// Owns: a proposal is a frozen list of typed actions that passes through its states once, decided
// by ballots weighed at one power snapshot, and executed at most once (governance.md, sections 7
// and 8). What it executes in other modules goes through `Dispatch` with authority Dao (G-1.8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/batch.h"
#include "dao/context.h"
#include "dao/due.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// Stateless limits. That of Submit checks the shape; the dispatcher checks each action in it.
Outcome check(const v1::Submit& action);
Outcome check(const v1::Amend& action);
Outcome check(const v1::TopUp& action);
Outcome check(const v1::Endorse& action);
Outcome check(const v1::Cancel& action);
Outcome check(const v1::Vote& action);
Outcome check(const v1::RetryExecution& action);
Outcome check(const v1::DeclareConflict& action);
Outcome check(const v1::CancelProposal& action);
Outcome check(const v1::SetParameter& action);

// By members (section 7, table of states).
Outcome apply(const v1::Submit& action, ActionContext& context, state::Overlay& state,
              const Dispatch& dispatch);
// NotProposer, TooLate, VersionLimit, and whatever its new content would be refused with.
Outcome apply(const v1::Amend& action, ActionContext& context, state::Overlay& state,
              const Dispatch& dispatch);
Outcome apply(const v1::TopUp& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Endorse& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Cancel& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::Vote& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::DeclareConflict& action, ActionContext& context, state::Overlay& state);
// A refused batch is a recorded attempt, not a refused transaction (G-7.14).
Outcome apply(const v1::RetryExecution& action, ActionContext& context, state::Overlay& state,
              const Dispatch& dispatch);

// What a submission would need now (G-7.2): of its lead track, with the throttle.
struct Terms {
  v1::Track lead;
  Hash payload_hash;
  v1::Payload payload;
  std::uint64_t deposit = 0;
  std::uint32_t endorsers = 0;
};
// TrackUnknown, SchemeNotAllowed, ActionNotAllowed.
Result<Terms, Error> terms_of(const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options,
                              v1::Scheme scheme, const ChainId& chain_id,
                              const state::Overlay& state);

// By the DAO only: NotAuthorized otherwise.
Outcome apply(const v1::CancelProposal& action, ActionContext& context, state::Overlay& state);

// At the end of each block, after its transactions and before any due item: moves the outage clock
// (G-7.8) and judges each proposal whose counters or recusals changed in this block (G-7.7). True
// if a proposal changed; the clock alone is bookkeeping (C27c).
bool close_block(const BlockContext& block, state::Overlay& state, std::vector<v1::Event>& events);

// A due item of kind ProposalLapse, VotingStart, PhaseEnd, Execution, GraceEnd or StanceSweep; the
// dispatcher has removed it. Total (G-12.3). `ref` is the proposal id, 8 bytes big-endian.
void on_due(due::Kind kind, ByteView ref, const BlockContext& block, state::Overlay& state,
            std::vector<v1::Event>& events, const Dispatch& dispatch);

// Genesis: the outage clock starts at `now_ms`.
void put_at_genesis(state::Overlay& state, std::uint64_t now_ms);

// Recounts tallies from ballots (G-5.12), counters of open proposals, live snapshots, due items and
// deposits (G-7.17, G-12.4), and stored outcomes (G-8.22). Iterates.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::governance
