// Owns: a proposal's times: what state still knows of the past, and what is ahead if nothing
// changes (governance.md, section 7).
#include <algorithm>

#include "dao/constitution.h"
#include "dao/governance/execution.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "dao/pauses/pauses.h"
#include "queries/proposal_facts.h"
#include "queries/queries.h"
#include "queries/why_text.h"
#include "queries/words.h"
#include "state/record.h"

namespace salus::queries {

namespace {

namespace governance = dao::governance;

std::uint64_t retry_gap(const View& view) {
  return dao::constitution::value(view.state(), "governance.retry_gap");
}

class Entries {
 public:
  Entries(const v1::ProposalExport& facts, v1::TimelineResponse& out) : facts_(facts), out_(out) {}

  void past(std::uint64_t at_ms, const std::string& what) { add(at_ms, false, what); }
  void ahead(std::uint64_t at_ms, const std::string& what) { add(at_ms, true, what); }

 private:
  void add(std::uint64_t at_ms, bool is_ahead, const std::string& what) {
    if (at_ms == 0) return;
    v1::TimelineEntry& entry = *out_.add_entries();
    entry.set_at_ms(at_ms);
    entry.set_ahead(is_ahead);
    entry.set_sentence(what);
  }

  const v1::ProposalExport& facts_;
  v1::TimelineResponse& out_;
};

std::string verdict_word(const v1::Outcome& outcome) {
  if (outcome.verdict() == v1::VERDICT_PASS) return "decided: passed";
  return outcome.verdict() == v1::VERDICT_VETO ? "decided: vetoed" : "decided: rejected";
}

std::string phase_word(v1::ProposalState state) {
  // Of the states that a proposal can be in; others have no phase.
  switch (state) {
    case v1::PROPOSAL_STATE_NOTICE:
      return "notice began";
    case v1::PROPOSAL_STATE_VOTING:
      return "voting began";
    case v1::PROPOSAL_STATE_CONFIRMING:
      return "voting goes on until it has passed for long enough";
    case v1::PROPOSAL_STATE_OBJECTION:
      return "time to object began";
    case v1::PROPOSAL_STATE_TIMELOCK:
      return "timelock began";
    case v1::PROPOSAL_STATE_FAILED:
      return "execution failed";
    case v1::PROPOSAL_STATE_EXECUTED:
      return "executed";
    case v1::PROPOSAL_STATE_LAPSED:
      return "lapsed: too little deposit and too few endorsers";
    case v1::PROPOSAL_STATE_CANCELLED:
      return "cancelled";
    case v1::PROPOSAL_STATE_EXPIRED:
      return "expired: not executed in time";
    default:
      return {};
  }
}

void add_past(const v1::ProposalExport& facts, Entries& entries) {
  const v1::Proposal& p = facts.proposal();
  entries.past(p.submitted_ms(), p.version() > 1
                                     ? "submitted, now in version " + std::to_string(p.version())
                                     : "submitted");
  if (p.has_outcome()) {
    entries.past(p.outcome().at_ms(), verdict_word(p.outcome()));
  }
  if (p.attempts() > 0 && p.state() != v1::PROPOSAL_STATE_EXECUTED) {
    entries.past(p.last_attempt_ms(), "execution tried, attempt " + std::to_string(p.attempts()));
  }
  const std::string phase = phase_word(p.state());
  const bool told = p.state() == v1::PROPOSAL_STATE_FAILED;
  if (!phase.empty() && !told) entries.past(p.phase_from_ms(), phase);
}

// From the end of voting on: objection, timelock, execution.
void add_after_voting(const v1::ProposalExport& facts, std::uint64_t end, Entries& entries) {
  const v1::Proposal& p = facts.proposal();
  const v1::Track& rules = p.effective().rules();
  std::uint64_t at = end;
  if (rules.objection_ms() > 0 && p.state() != v1::PROPOSAL_STATE_OBJECTION) {
    at += rules.objection_ms();
    entries.ahead(at, "if it passes: time to object ends");
  }
  const std::vector<v1::Tally> tallies{facts.tallies().begin(), facts.tallies().end()};
  const std::uint64_t delay =
      governance::timelock_ms({.lo_bp = p.effective().opposition_lo_bp(),
                               .hi_bp = p.effective().opposition_hi_bp(),
                               .min_ms = rules.timelock_min_ms(),
                               .max_ms = rules.timelock_max_ms()},
                              governance::opposition(p.effective(), tallies, p.scheme()));
  entries.ahead(at + delay, "if it passes: executes");
  entries.ahead(at + delay + rules.grace_ms(), "may no longer execute");
}

void add_ahead(const View& view, const v1::ProposalExport& facts, Entries& entries) {
  const v1::Proposal& p = facts.proposal();
  const std::uint64_t end = p.phase_until_ms() + facts.credit_ms();
  switch (p.state()) {
    case v1::PROPOSAL_STATE_SUBMITTED:
      return entries.ahead(end, "lapses without deposit or endorsers");
    case v1::PROPOSAL_STATE_NOTICE:
      return entries.ahead(end, "voting begins");
    case v1::PROPOSAL_STATE_VOTING:
      entries.ahead(end, "voting ends");
      return add_after_voting(facts, end, entries);
    case v1::PROPOSAL_STATE_CONFIRMING:
      entries.ahead(end, "voting ends if it still passes");
      return add_after_voting(facts, end, entries);
    case v1::PROPOSAL_STATE_OBJECTION:
      entries.ahead(end, "time to object ends");
      return add_after_voting(facts, end, entries);
    case v1::PROPOSAL_STATE_TIMELOCK:
      entries.ahead(p.eta_ms(), "executes");
      return entries.ahead(p.grace_until_ms(), "may no longer execute");
    case v1::PROPOSAL_STATE_FAILED:
      entries.ahead(p.last_attempt_ms() + retry_gap(view), "may be retried from");
      return entries.ahead(p.grace_until_ms(), "may no longer execute");
    default:
      return;
  }
}

bool may_run(v1::ProposalState state) {
  return state == v1::PROPOSAL_STATE_TIMELOCK || state == v1::PROPOSAL_STATE_FAILED;
}

std::string status_sentence(const v1::ExecutionStatusResponse& status) {
  if (status.state() == v1::PROPOSAL_STATE_EXECUTED) {
    return "Executed at height " + std::to_string(status.execution().height()) +
           ", whole and once.";
  }
  if (status.paused_until_ms() != 0) {
    return "It waits: one of its actions is paused until " + spell_time(status.paused_until_ms()) +
           " UTC.";
  }
  if (!status.waits_for().empty()) {
    return "It waits for proposal " + std::to_string(status.waits_for(0)) + ".";
  }
  if (status.state() == v1::PROPOSAL_STATE_TIMELOCK) {
    return "It executes at " + spell_time(status.eta_ms()) + " UTC.";
  }
  if (status.state() == v1::PROPOSAL_STATE_FAILED) {
    return "The last attempt was refused: " + status.failure().sentence() +
           " Any member may retry from " + spell_time(status.retry_from_ms()) + " UTC until " +
           spell_time(status.grace_until_ms()) + " UTC.";
  }
  return governance::is_terminal(status.state()) ? "It was not executed and never will be."
                                                 : "It is not decided yet.";
}

}  // namespace

Answer<v1::TimelineResponse> answer(const View& view, const v1::TimelineRequest& request) {
  const auto facts = facts_of(view, request.proposal());
  if (!facts) return std::unexpected(facts.error());
  v1::TimelineResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  response.set_state(facts->proposal().state());
  Entries entries{*facts, response};
  add_past(*facts, entries);
  add_ahead(view, *facts, entries);
  std::ranges::stable_sort(*response.mutable_entries(), {}, &v1::TimelineEntry::at_ms);
  return response;
}

Answer<v1::ExecutionStatusResponse> answer(const View& view,
                                           const v1::ExecutionStatusRequest& request) {
  const auto proposal = governance::find_proposal(view.state(), request.proposal());
  if (!proposal) {
    return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::ExecutionStatusResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  response.set_state(proposal->state());
  response.set_attempts(proposal->attempts());
  response.set_grace_until_ms(proposal->grace_until_ms());
  if (!proposal->execution_id().empty()) {
    v1::Execution& execution = *response.mutable_execution();
    execution = state::find_or_default<v1::Execution>(
        view.state(),
        state::Key{state::Table::Executions}.bytes(as_bytes(proposal->execution_id())));
    execution.set_id(proposal->execution_id());
    if (execution.state() == v1::EXECUTION_STATE_UNSPECIFIED) {
      execution.set_state(v1::EXECUTION_STATE_PENDING);
    }
  }
  if (proposal->state() == v1::PROPOSAL_STATE_TIMELOCK) response.set_eta_ms(proposal->eta_ms());
  if (proposal->state() == v1::PROPOSAL_STATE_FAILED) {
    response.set_retry_from_ms(proposal->last_attempt_ms() + retry_gap(view));
    *response.mutable_failure() =
        detail_of(static_cast<dao::Error>(proposal->failure_code()), proposal->failure_action());
  }
  if (may_run(proposal->state())) {
    response.set_paused_until_ms(
        governance::paused_until(view.state(), *proposal, view.now_ms()).value_or(0));
    for (const std::uint64_t earlier : proposal->prerequisites()) {
      const auto found = governance::find_proposal(view.state(), earlier);
      if (!found || found->state() != v1::PROPOSAL_STATE_EXECUTED) {
        response.add_waits_for(earlier);
      }
    }
  }
  response.set_sentence(status_sentence(response));
  return response;
}

}  // namespace salus::queries
