// Owns: execution, its retry, and the governance actions that only the DAO applies.
#include "dao/governance/execution.h"

#include <algorithm>
#include <utility>

#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/membership/membership.h"
#include "dao/pauses/pauses.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key execution_key(std::string_view id) { return Key{Table::Executions}.bytes(as_bytes(id)); }

struct BatchFailure {
  Error error;
  std::uint32_t action;
};

// Marks the batch as done before its first action runs, so that it cannot run twice, not even from
// inside itself.
Outcome mark_done(Overlay& attempt, const Moment& moment, const v1::Proposal& proposal) {
  auto execution =
      state::find_or_default<v1::Execution>(attempt, execution_key(proposal.execution_id()));
  if (execution.state() == v1::EXECUTION_STATE_DONE) return refuse(Error::AlreadyExecuted);
  execution.set_id(proposal.execution_id());
  execution.set_state(v1::EXECUTION_STATE_DONE);
  execution.set_height(moment.block.height.value());
  state::put(attempt, execution_key(proposal.execution_id()), execution);
  return {};
}

Outcome prepare(Overlay& attempt, const Moment& moment, const v1::Proposal& proposal) {
  if (auto outcome = mark_done(attempt, moment, proposal); !outcome) return outcome;
  const bool ready = std::ranges::all_of(proposal.prerequisites(), [&](std::uint64_t id) {
    const auto earlier = find_proposal(attempt, id);
    return earlier && earlier->state() == v1::PROPOSAL_STATE_EXECUTED;
  });
  if (!ready) return refuse(Error::PredecessorNotExecuted);
  return charge_windows(attempt, proposal.window_track(), winning_options(proposal),
                        moment.now_ms());
}

Result<void, BatchFailure> run(Overlay& attempt, const Moment& moment, const v1::Proposal& proposal,
                               const Dispatch& dispatch) {
  if (auto outcome = prepare(attempt, moment, proposal); !outcome) {
    return std::unexpected(BatchFailure{.error = outcome.error(), .action = 0});
  }
  std::uint32_t index = 0;
  for (const v1::ProposalOption& option : winning_options(proposal)) {
    for (const v1::Action& action : option.actions()) {
      ActionContext context{.block = moment.block,
                            .authority = Authority::Dao,
                            .signer = {},
                            .proposal = proposal.id(),
                            .execution_id = *Hash::from(proposal.execution_id()),
                            .action_index = index,
                            .events = moment.events};
      if (auto outcome = dispatch.apply(action, context, attempt); !outcome) {
        return std::unexpected(BatchFailure{.error = outcome.error(), .action = index});
      }
      ++index;
    }
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> paused_until(const Overlay& state, const v1::Proposal& proposal,
                                          std::uint64_t now_ms) {
  std::optional<std::uint64_t> latest;
  for (const v1::ProposalOption& option : winning_options(proposal)) {
    for (const v1::Action& action : option.actions()) {
      const auto until = pauses::paused_until(state, action.kind_case(), now_ms);
      if (until) latest = std::max(*until, latest.value_or(*until));
    }
  }
  return latest;
}

void execute(Overlay& state, const Moment& moment, v1::Proposal proposal,
             const Dispatch& dispatch) {
  proposal.set_attempts(proposal.attempts() + 1);
  proposal.set_last_attempt_ms(moment.now_ms());
  proposal.set_held(false);

  Overlay attempt = state.branch();
  std::vector<v1::Event> events;
  const Moment inside{.block = moment.block, .events = events};
  v1::Proposal done = proposal;
  done.clear_failure_code();
  done.clear_failure_action();
  finish(attempt, inside, done, v1::PROPOSAL_STATE_EXECUTED);
  put_proposal(attempt, done);
  const auto outcome = run(attempt, inside, done, dispatch);
  if (outcome) {
    state.adopt(std::move(attempt));
    std::ranges::move(events, std::back_inserter(moment.events));
    return;
  }
  proposal.set_failure_code(static_cast<std::uint32_t>(outcome.error().error));
  proposal.set_failure_action(outcome.error().action);
  enter(state, moment, proposal, v1::PROPOSAL_STATE_FAILED, proposal.grace_until_ms());
  put_proposal(state, proposal);
}

Outcome check(const v1::RetryExecution&) { return {}; }

Outcome apply(const v1::RetryExecution& action, ActionContext& context, Overlay& state,
              const Dispatch& dispatch) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!membership::is_active(state, context.signer, context.now_ms())) {
    return refuse(Error::NotMember);
  }
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (proposal->state() == v1::PROPOSAL_STATE_EXECUTED) return refuse(Error::AlreadyExecuted);
  // Held in TIMELOCK by a pause that the DAO ended early: its time had come.
  const bool held = proposal->state() == v1::PROPOSAL_STATE_TIMELOCK && proposal->held();
  if ((proposal->state() != v1::PROPOSAL_STATE_FAILED && !held) ||
      context.now_ms() >= proposal->grace_until_ms()) {
    return refuse(Error::NotRetryable);
  }
  if (!held && context.now_ms() - proposal->last_attempt_ms() <
                   constitution::value(state, "governance.retry_gap")) {
    return refuse(Error::RetryTooSoon);
  }
  if (paused_until(state, *proposal, context.now_ms())) return refuse(Error::ActionPaused);
  execute(state, {.block = context.block, .events = context.events}, std::move(*proposal),
          dispatch);
  return {};
}

Outcome check(const v1::CancelProposal&) { return {}; }

Outcome apply(const v1::CancelProposal& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (is_terminal(proposal->state())) return refuse(Error::TooLate);
  const Moment moment{.block = context.block, .events = context.events};
  finish(state, moment, *proposal, v1::PROPOSAL_STATE_CANCELLED);
  settle(state, moment, *proposal, Fate::Refund);
  put_proposal(state, *proposal);
  return {};
}

Outcome check(const v1::SetParameter& action) {
  if (constitution::find_rule(action.name()) == nullptr) return refuse(Error::ParameterUnknown);
  return {};
}

}  // namespace salus::dao::governance
