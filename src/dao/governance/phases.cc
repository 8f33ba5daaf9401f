// Owns: how time moves a proposal (section 7's table of states): the end of every block, and the
// due items. Total: what a rule refuses here is recorded and moves the proposal (G-12.3).
#include <algorithm>

#include "base/assert.h"
#include "dao/constitution.h"
#include "dao/governance/ballots.h"
#include "dao/governance/casting.h"
#include "dao/governance/execution.h"
#include "dao/governance/governance.h"
#include "dao/governance/least_track.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "dao/membership/membership.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

// Records that one sweep deletes (section 12, class 4).
constexpr std::size_t kSweepMax = 128;

v1::Outcome judge(const Overlay& state, const Moment& moment, const v1::Proposal& proposal) {
  v1::Outcome outcome =
      verdict(proposal.effective(), tallies(state, proposal), decision_of(proposal));
  outcome.set_at_ms(moment.now_ms());
  outcome.set_height(moment.block.height.value());
  return outcome;
}

// Late support prolongs voting once, so that it can be answered (G-7.7, G-8.14).
void note_support(const Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  if (proposal.support_seen()) return;
  if (!support_reached(proposal.effective(), tallies(state, proposal), proposal.scheme())) return;
  proposal.set_support_seen(true);
  const std::uint64_t now = moment.now_ms();
  const std::uint64_t end = proposal.phase_until_ms() + credit_ms(proposal, state, now);
  const std::uint64_t extension = proposal.effective().rules().extension_ms();
  if (proposal.state() != v1::PROPOSAL_STATE_VOTING || proposal.extended() || end <= now ||
      end - now >= extension) {
    return;
  }
  proposal.set_extended(true);
  proposal.set_phase_until_ms(now + extension);
  // The credit is in the new end already.
  proposal.set_outage_seen_ms(outage_total_ms(state, now));
  emit(moment.events, v1::EVENT_KIND_VOTING_EXTENDED, {*AccountId::from(proposal.proposer())},
       {{v1::EVENT_FIELD_PROPOSAL, proposal.id()},
        {v1::EVENT_FIELD_UNTIL_MS, proposal.phase_until_ms()}},
       true);
}

void note_passing(const Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  const v1::Outcome outcome = judge(state, moment, proposal);
  const bool passing = outcome.verdict() == v1::VERDICT_PASS;
  const bool same = std::ranges::equal(outcome.winners(), proposal.passing_winners());
  if (passing && (!proposal.passing() || !same)) {
    proposal.set_passing_since_ms(moment.now_ms());
    proposal.set_passing_outage_ms(outage_total_ms(state, moment.now_ms()));
  }
  proposal.set_passing(passing);
  *proposal.mutable_passing_winners() = outcome.winners();
}

// REJECTED or VETOED, with the outcome and what becomes of the deposits (G-7.4, G-8.18).
void defeat(Overlay& state, const Moment& moment, v1::Proposal& proposal, v1::Outcome outcome) {
  const bool vetoed = outcome.verdict() == v1::VERDICT_VETO;
  const Fate fate = outcome.slashed() ? Fate::Slash : Fate::Refund;
  *proposal.mutable_outcome() = std::move(outcome);
  finish(state, moment, proposal, vetoed ? v1::PROPOSAL_STATE_VETOED : v1::PROPOSAL_STATE_REJECTED);
  settle(state, moment, proposal, fate);
}

// The delay before execution grows with the opposition (G-7.9).
void lock(Overlay& state, const Moment& moment, v1::Proposal& proposal, v1::Outcome outcome) {
  const v1::EffectiveTrack& track = proposal.effective();
  const auto against = opposition(track, tallies(state, proposal), proposal.scheme());
  const std::uint64_t delay = timelock_ms({.lo_bp = track.opposition_lo_bp(),
                                           .hi_bp = track.opposition_hi_bp(),
                                           .min_ms = track.rules().timelock_min_ms(),
                                           .max_ms = track.rules().timelock_max_ms()},
                                          against);
  *proposal.mutable_outcome() = std::move(outcome);
  proposal.set_eta_ms(moment.now_ms() + delay);
  proposal.set_grace_until_ms(proposal.eta_ms() + track.rules().grace_ms());
  const Hash id = execution_id(moment.block.chain_id, proposal.id(), proposal.version());
  proposal.set_execution_id(id.to_string());
  emit(moment.events, v1::EVENT_KIND_PROPOSAL_PASSED, {*AccountId::from(proposal.proposer())},
       {{v1::EVENT_FIELD_PROPOSAL, proposal.id()}});
  enter(state, moment, proposal, v1::PROPOSAL_STATE_TIMELOCK, proposal.eta_ms());
  settle(state, moment, proposal, Fate::Refund);
}

// Nobody can answer while the chain stands still, so an outage is no time in which it passed: the
// moment moves by what it has not been credited yet, as the end of the phase does (G-7.8).
void credit_passing(const Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  if (!proposal.passing()) return;
  const std::uint64_t total = outage_total_ms(state, moment.now_ms());
  proposal.set_passing_since_ms(proposal.passing_since_ms() + total - proposal.passing_outage_ms());
  proposal.set_passing_outage_ms(total);
}

void end_phase(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  credit_passing(state, moment, proposal);
  v1::Outcome outcome = judge(state, moment, proposal);
  if (outcome.verdict() != v1::VERDICT_PASS) {
    return defeat(state, moment, proposal, std::move(outcome));
  }
  const v1::Track& rules = proposal.effective().rules();
  // passing_since is inside the phase: ballots are taken before its end only.
  const std::uint64_t passed_for =
      proposal.phase_until_ms() - std::min(proposal.phase_until_ms(), proposal.passing_since_ms());
  // Also where other options came first in the meantime: what wins has been winning for so long.
  if (proposal.state() != v1::PROPOSAL_STATE_OBJECTION && passed_for < rules.confirmation_ms()) {
    return enter(state, moment, proposal, v1::PROPOSAL_STATE_CONFIRMING,
                 proposal.passing_since_ms() + rules.confirmation_ms());
  }
  if (proposal.state() != v1::PROPOSAL_STATE_OBJECTION && rules.objection_ms() > 0) {
    return enter(state, moment, proposal, v1::PROPOSAL_STATE_OBJECTION,
                 moment.now_ms() + rules.objection_ms());
  }
  lock(state, moment, proposal, std::move(outcome));
}

v1::Tally open_tally(const Overlay& state, const v1::Proposal& proposal,
                     const v1::TrackChamber& rule) {
  const power::Total total = power::total_at(state, rule.chamber(), proposal.power_snapshot());
  v1::Tally tally;
  tally.set_proposal(proposal.id());
  tally.set_chamber(rule.chamber());
  tally.set_eligible(total.units * power::kMicro);
  tally.set_members(total.members);
  const auto chamber = membership::find_chamber(state, rule.chamber());
  if (chamber) tally.set_min_members(chamber->min_members());
  if (counts_options(proposal.scheme())) {
    for (int i = 0; i < proposal.options_size(); ++i) tally.add_options(0);
  }
  // A chamber that the present tracks name stays; these rules may be those of an earlier proposal.
  if (!chamber) {
    tally.set_left_out(true);
    return tally;
  }
  if (total.members >= chamber->min_members()) return tally;
  // Before it first opened even FAIL is SKIP, so that a young network can act (G-6.8).
  const bool fails = rule.if_small() == v1::IF_SMALL_FAIL && chamber->opened() &&
                     rule.mode() == v1::CHAMBER_MODE_REQUIRED;
  tally.set_too_small(fails);
  tally.set_left_out(!fails);
  return tally;
}

void start_voting(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  auto effective = effective_track(state, proposal.options(), ask_of(proposal));
  if (!effective) {
    // The tracks have changed so that nothing can decide it any more; that is nobody's spam.
    proposal.set_failure_code(static_cast<std::uint32_t>(effective.error()));
    finish(state, moment, proposal, v1::PROPOSAL_STATE_CANCELLED);
    return settle(state, moment, proposal, Fate::Refund);
  }
  *proposal.mutable_effective() = std::move(*effective);
  proposal.set_window_track(
      window_track(state, proposal.options(), std::max(proposal.winners(), 1U)));
  proposal.set_power_snapshot(power::take_snapshot(state));
  const Hash fixed = lot(moment.block.chain_id, proposal.id(), moment.block.parent_digest);
  proposal.set_lot(fixed.to_string());
  for (const v1::TrackChamber& chamber : proposal.effective().rules().chambers()) {
    put_tally(state, open_tally(state, proposal, chamber));
  }
  // One after the other: each stops what flows to him only once his own power is withdrawn.
  const auto recused = proposal.recused();
  proposal.clear_recused();
  for (const std::string& account : recused) {
    recuse(state, proposal, *AccountId::from(account));
    proposal.add_recused(account);
  }
  enter(state, moment, proposal, v1::PROPOSAL_STATE_VOTING,
        moment.now_ms() + proposal.effective().rules().voting_ms());
  note_support(state, moment, proposal);
  note_passing(state, moment, proposal);
}

// Moves the end of a running phase by what the chain stood still (G-7.8). True if it is still
// ahead: the due item was put back at the new end.
bool moved_ahead(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  const std::uint64_t credit = credit_ms(proposal, state, moment.now_ms());
  proposal.set_outage_seen_ms(outage_total_ms(state, moment.now_ms()));
  const std::uint64_t until = proposal.phase_until_ms() + credit;
  proposal.set_phase_until_ms(until);
  if (proposal.state() == v1::PROPOSAL_STATE_TIMELOCK) {
    proposal.set_eta_ms(until);
    proposal.set_grace_until_ms(proposal.grace_until_ms() + credit);
  }
  if (until <= moment.now_ms()) return false;
  reschedule(state, proposal, until);
  return true;
}

void expire(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  finish(state, moment, proposal, v1::PROPOSAL_STATE_EXPIRED);
  settle(state, moment, proposal, Fate::Refund);
}

// While one of its action types is paused it waits for the end of the pause, and its grace moves by
// the same span (G-7.15). True if it waits.
bool held_by_pause(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  const auto until = paused_until(state, proposal, moment.now_ms());
  if (!until) return false;
  const std::uint64_t moved = *until - proposal.eta_ms();
  proposal.set_held(true);
  proposal.set_eta_ms(*until);
  proposal.set_phase_until_ms(*until);
  proposal.set_grace_until_ms(proposal.grace_until_ms() + moved);
  reschedule(state, proposal, *until);
  emit(moment.events, v1::EVENT_KIND_EXECUTION_HELD, {*AccountId::from(proposal.proposer())},
       {{v1::EVENT_FIELD_PROPOSAL, proposal.id()}, {v1::EVENT_FIELD_UNTIL_MS, *until}}, true);
  return true;
}

// TIMELOCK reached its eta, or slept through its grace: nothing executes at or after that (G-8.19).
void run_execution(Overlay& state, const Moment& moment, v1::Proposal& proposal,
                   const Dispatch& dispatch) {
  if (moment.now_ms() >= proposal.grace_until_ms()) {
    expire(state, moment, proposal);
    return put_proposal(state, proposal);
  }
  if (held_by_pause(state, moment, proposal)) return put_proposal(state, proposal);
  execute(state, moment, std::move(proposal), dispatch);
}

void sweep_some(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  if (sweep(state, proposal.id(), kSweepMax)) {
    // In the next block, behind what waits already.
    reschedule(state, proposal, moment.now_ms() + 1);
  }
}

}  // namespace

bool close_block(const BlockContext& block, Overlay& state, std::vector<v1::Event>& events) {
  const Moment moment{.block = block, .events = events};
  move_outage_clock(state, moment.now_ms());
  const std::vector<std::uint64_t> changed = take_changed(state);
  for (const std::uint64_t id : changed) {
    auto proposal = find_proposal(state, id);
    if (!proposal || !is_voting(proposal->state())) continue;
    note_support(state, moment, *proposal);
    note_passing(state, moment, *proposal);
    if (proposal->state() == v1::PROPOSAL_STATE_CONFIRMING && !proposal->passing()) {
      defeat(state, moment, *proposal, judge(state, moment, *proposal));
    }
    put_proposal(state, *proposal);
  }
  return !changed.empty();
}

void on_due(due::Kind kind, ByteView ref, const BlockContext& block, Overlay& state,
            std::vector<v1::Event>& events, const Dispatch& dispatch) {
  const Moment moment{.block = block, .events = events};
  auto proposal = find_proposal(state, ByteReader{ref}.u64());
  if (!proposal) return;
  forget_due(*proposal);
  switch (kind) {
    case due::Kind::ProposalLapse:
      finish(state, moment, *proposal, v1::PROPOSAL_STATE_LAPSED);
      settle(state, moment, *proposal, Fate::Fee);
      break;
    case due::Kind::VotingStart:
      if (!moved_ahead(state, moment, *proposal)) start_voting(state, moment, *proposal);
      break;
    case due::Kind::PhaseEnd:
      if (!moved_ahead(state, moment, *proposal)) end_phase(state, moment, *proposal);
      break;
    case due::Kind::Execution:
      if (!moved_ahead(state, moment, *proposal)) {
        return run_execution(state, moment, *proposal, dispatch);
      }
      break;
    case due::Kind::GraceEnd:
      expire(state, moment, *proposal);
      break;
    case due::Kind::StanceSweep:
      sweep_some(state, moment, *proposal);
      break;
    default:
      SALUS_ASSERT(false, "governance handles the due items of proposals only");
  }
  put_proposal(state, *proposal);
}

void put_at_genesis(Overlay& state, std::uint64_t now_ms) {
  v1::OutageClock clock;
  clock.set_last_block_ms(now_ms);
  state::put(state, Key{Table::OutageClock}, clock);
}

}  // namespace salus::dao::governance
