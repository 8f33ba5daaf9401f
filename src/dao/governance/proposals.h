// Owns: the records of proposals and what hangs on their state: the due item, the counters of open
// ones, the power snapshot, the payload and the deposits all follow a change of state in one place,
// so none of them can be forgotten (G-7.17, G-12.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/governance/deposits.h"
#include "dao/governance/rules.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

inline constexpr int kRecusedMax = 32;

std::optional<v1::Proposal> find_proposal(const state::Overlay& state, std::uint64_t id);
void put_proposal(state::Overlay& state, const v1::Proposal& proposal);
// Takes the next id.
std::uint64_t take_proposal_id(state::Overlay& state);
// The last id that was given; 0 = none.
std::uint64_t last_proposal_id(const state::Overlay& state);

// SUBMITTED to OBJECTION: counts for the limits of G-7.12.
bool is_open(v1::ProposalState state);
// VOTING, CONFIRMING, OBJECTION: the power snapshot is live and there are tallies.
bool is_voting(v1::ProposalState state);
bool is_terminal(v1::ProposalState state);

// Tallies of a proposal, one for each chamber of its effective track, in that order.
std::vector<v1::Tally> tallies(const state::Overlay& state, const v1::Proposal& proposal);
std::optional<v1::Tally> find_tally(const state::Overlay& state, std::uint64_t proposal,
                                    std::uint32_t chamber);
void put_tally(state::Overlay& state, const v1::Tally& tally);

// Proposals in VOTING, CONFIRMING or OBJECTION; a marked one has counters or recusals that changed
// in this block (G-7.7).
void mark_changed(state::Overlay& state, std::uint64_t proposal);
std::vector<std::uint64_t> take_changed(state::Overlay& state);

// Counters of G-7.12.
std::uint32_t open_of_track(const state::Overlay& state, std::uint32_t track);
std::uint64_t open_of_all_tracks(const state::Overlay& state);
std::uint32_t open_of_member(const state::Overlay& state, const AccountId& account);
v1::Payload payload_of(const state::Overlay& state, std::string_view payload_hash);

// `outage_total` as the block at `now_ms` sees it, whether or not the clock has moved on yet
// (G-7.8).
std::uint64_t outage_total_ms(const state::Overlay& state, std::uint64_t now_ms);
void move_outage_clock(state::Overlay& state, std::uint64_t now_ms);
// What a phase that is running has to be prolonged by.
std::uint64_t credit_ms(const v1::Proposal& proposal, const state::Overlay& state,
                        std::uint64_t now_ms);

// Where a change of state happens: when and where, and who is told.
struct Moment {
  const BlockContext& block;
  std::vector<v1::Event>& events;

  std::uint64_t now_ms() const { return block.time.value(); }
};

// A new proposal enters SUBMITTED: counters, payload, due item.
void open_proposal(state::Overlay& state, const Moment& moment, v1::Proposal& proposal);
// Into a timed state: sets phase and due item. `until_ms` is its end.
void enter(state::Overlay& state, const Moment& moment, v1::Proposal& proposal,
           v1::ProposalState next, std::uint64_t until_ms);
// Into a state that has an outcome already and keeps its due item at `until_ms`: TIMELOCK, FAILED.
// Or into a terminal state: the last due item is the sweep of its ballots, if there are any.
void finish(state::Overlay& state, const Moment& moment, v1::Proposal& proposal,
            v1::ProposalState end);
// Moves the due item of a proposal whose state stays.
void reschedule(state::Overlay& state, v1::Proposal& proposal, std::uint64_t at_ms);
// The due item was taken out of the queue.
void forget_due(v1::Proposal& proposal);

// Back to SUBMITTED with new content and a new deposit window (Amend): what hangs on lead track and
// payload moves along. The content of `next` is set; its state, times and due item are the old
// ones.
void reopen(state::Overlay& state, const Moment& moment, const v1::Proposal& old,
            v1::Proposal& next);

// Deposits go back, or part of them to fund general, once (G-7.4).
void settle(state::Overlay& state, const Moment& moment, v1::Proposal& proposal, Fate fate);

// G-7.1: equal payloads have equal hashes; texts do not enter.
Hash payload_hash(const ChainId& chain_id, v1::Scheme scheme, std::uint32_t winners,
                  const Options& options);
// G-7.13.
Hash execution_id(const ChainId& chain_id, std::uint64_t proposal, std::uint32_t version);
// How it wants to be decided.
Ask ask_of(const v1::Proposal& proposal);
// The options whose actions run if it executes.
Options winning_options(const v1::Proposal& proposal);
// Decides ties; fixed before the first ballot.
Hash lot(const ChainId& chain_id, std::uint64_t proposal, const Digest& parent_digest);

}  // namespace salus::dao::governance
