// Owns: Vote and DeclareConflict, and the power they move between stances.
#include "dao/governance/casting.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "dao/governance/ballots.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/power/delegation.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using power::Hops;
using state::Key;
using state::Overlay;
using state::Table;

Key stance_key(std::uint64_t proposal, const AccountId& account) {
  return Key{Table::Stances}.u64(proposal).bytes(account.view());
}

v1::Stance stance_of(const Overlay& state, std::uint64_t proposal, const AccountId& account) {
  if (auto stance = find_stance(state, proposal, account)) return std::move(*stance);
  v1::Stance stance;
  stance.set_proposal(proposal);
  stance.set_account(account.to_string());
  return stance;
}

Hops taken(const v1::Stance& stance) { return {stance.taken1(), stance.taken2(), stance.taken3()}; }

// One proposal in the chamber of one voter: power never leaves a chamber, so one tally is enough.
struct Booth {
  Overlay& state;
  const v1::Proposal& proposal;
  v1::Tally& tally;

  void count(Sign sign, const AccountId& account, const v1::Stance& stance) const {
    if (!stance.cast() || is_recused(proposal, account)) return;
    count_ballot(tally, sign, proposal.scheme(), carried(state, proposal, account, stance),
                 ballot_of(stance));
  }

  // Takes `flow` of `from` back from whoever it reached, as far as the first voters on its way: at
  // most 84 stances (G-5.10).
  void withdraw(const AccountId& from, const Hops& flow) const {
    if (flow == Hops{}) return;
    for (const power::Edge& edge :
         power::live_edges_at(state, from, proposal.lead(), proposal.power_snapshot())) {
      const Hops arrived = power::over_edge(flow, edge.share);
      v1::Stance stance = stance_of(state, proposal.id(), edge.to);
      count(Sign::Minus, edge.to, stance);
      stance.set_taken1(stance.taken1() + arrived[0]);
      stance.set_taken2(stance.taken2() + arrived[1]);
      stance.set_taken3(stance.taken3() + arrived[2]);
      state::put(state, stance_key(proposal.id(), edge.to), stance);
      count(Sign::Plus, edge.to, stance);
      const bool stops = stance.cast() || is_recused(proposal, edge.to);
      if (!stops) withdraw(edge.to, power::onward(arrived));
    }
  }

  // What a member stops from flowing on once he speaks for himself: his weight, and what reached
  // him and was not taken back before.
  void withdraw_all(const AccountId& account, std::uint64_t units, const v1::Stance& stance) const {
    if (!counts_delegations(proposal)) return;
    const Hops received =
        power::received_at(state, account, proposal.lead(), proposal.power_snapshot());
    const Hops gone = taken(stance);
    withdraw(account, {units * power::kMicro, received[0] - gone[0], received[1] - gone[1]});
  }
};

}  // namespace

Outcome check_voting(const v1::Proposal& proposal, const Overlay& state, std::uint64_t now_ms,
                     bool wholly_against) {
  const bool too_early = proposal.state() == v1::PROPOSAL_STATE_SUBMITTED ||
                         proposal.state() == v1::PROPOSAL_STATE_NOTICE;
  if (too_early) return refuse(Error::VotingNotOpen);
  if (!is_voting(proposal.state())) return refuse(Error::VotingClosed);
  if (now_ms >= proposal.phase_until_ms() + credit_ms(proposal, state, now_ms)) {
    return refuse(Error::VotingClosed);
  }
  if (proposal.state() == v1::PROPOSAL_STATE_OBJECTION && !wholly_against) {
    return refuse(Error::OnlyAgainst);
  }
  return {};
}

std::optional<v1::Stance> find_stance(const Overlay& state, std::uint64_t proposal,
                                      const AccountId& account) {
  return state::find<v1::Stance>(state, stance_key(proposal, account));
}

bool is_recused(const v1::Proposal& proposal, const AccountId& account) {
  return std::ranges::find(proposal.recused(), account.to_string()) != proposal.recused().end();
}

bool counts_delegations(const v1::Proposal& proposal) {
  return proposal.effective().rules().delegation() && proposal.scheme() != v1::SCHEME_QUADRATIC;
}

std::uint64_t carried(const Overlay& state, const v1::Proposal& proposal, const AccountId& account,
                      const v1::Stance& stance) {
  const std::uint64_t snapshot = proposal.power_snapshot();
  std::uint64_t power = power::weight_at(state, account, snapshot).units * power::kMicro;
  if (!counts_delegations(proposal)) return power;
  const Hops received = power::received_at(state, account, proposal.lead(), snapshot);
  const Hops gone = taken(stance);
  for (std::size_t i = 0; i < power::kHopsMax; ++i) {
    SALUS_ASSERT(gone[i] <= received[i], "no more is taken back than was received (G-5.12)");
    power += received[i] - gone[i];
  }
  return power;
}

Result<power::Weight, Error> cast(Overlay& state, const v1::Proposal& proposal,
                                  const AccountId& account, const v1::Vote& ballot,
                                  std::uint64_t now_ms) {
  const power::Weight weight = power::weight_at(state, account, proposal.power_snapshot());
  auto tally = find_tally(state, proposal.id(), weight.chamber);
  if (weight.units == 0 || !tally) return refuse(Error::NoPower);
  if (is_recused(proposal, account)) return refuse(Error::Recused);
  v1::Stance stance = stance_of(state, proposal.id(), account);
  if (stance.changes() + 1 >= kBallotsMax) return refuse(Error::TooManyChanges);

  const Booth booth{.state = state, .proposal = proposal, .tally = *tally};
  booth.count(Sign::Minus, account, stance);
  const bool first = !stance.cast();
  if (!first) stance.set_changes(stance.changes() + 1);
  stance.set_cast(true);
  *stance.mutable_parts() = ballot.parts();
  *stance.mutable_options() = ballot.options();
  *stance.mutable_votes() = ballot.votes();
  stance.set_at_ms(now_ms);
  stance.set_reason_hash(ballot.reason_hash());
  state::put(state, stance_key(proposal.id(), account), stance);
  booth.count(Sign::Plus, account, stance);
  if (first) {
    booth.withdraw_all(account, weight.units, stance);
    power::note_ballot(state, account);
  }
  put_tally(state, *tally);
  return weight;
}

void recuse(Overlay& state, const v1::Proposal& proposal, const AccountId& account) {
  const power::Weight weight = power::weight_at(state, account, proposal.power_snapshot());
  auto tally = find_tally(state, proposal.id(), weight.chamber);
  if (weight.units == 0 || !tally) return;
  const v1::Stance stance = stance_of(state, proposal.id(), account);
  const Booth booth{.state = state, .proposal = proposal, .tally = *tally};
  booth.count(Sign::Minus, account, stance);
  // Whoever cast a ballot took his power back from his delegates already.
  if (!stance.cast()) booth.withdraw_all(account, weight.units, stance);
  tally->set_recused(tally->recused() + weight.units * power::kMicro);
  tally->set_recused_members(tally->recused_members() + 1);
  put_tally(state, *tally);
}

bool sweep(Overlay& state, std::uint64_t proposal, std::size_t max) {
  std::vector<std::string> keys;
  bool more = false;
  for (const Table table : {Table::Stances, Table::Endorsements}) {
    const std::string prefix = Key{table}.u64(proposal).str();
    state.scan(prefix, prefix, [&](std::string_view key, std::string_view) {
      more = keys.size() == max;
      if (!more) keys.emplace_back(key);
      return !more;
    });
  }
  for (std::string& key : keys) state.erase(std::move(key));
  return more;
}

// What no scheme's ballot is; the proposal's own scheme is asked when it is applied.
Outcome check(const v1::Vote& action) {
  const int forms = (action.parts().empty() ? 0 : 1) + (action.options().empty() ? 0 : 1) +
                    (action.votes().empty() ? 0 : 1);
  constexpr int kOptionsMax = 16;
  if (forms > 1 || action.options_size() > kOptionsMax || action.votes_size() > kOptionsMax) {
    return refuse(Error::BallotInvalid);
  }
  BallotRule rule{.scheme = v1::SCHEME_YES_NO, .options = kOptionsMax, .credits = 0};
  const bool names_options = std::ranges::any_of(action.parts(), [](const v1::BallotPart& part) {
    return part.choice() == v1::CHOICE_OPTION || part.choice() == v1::CHOICE_NONE;
  });
  if (names_options) rule.scheme = v1::SCHEME_CHOICE;
  if (!action.parts().empty()) {
    if (auto outcome = check_ballot(ballot_of(action), rule); !outcome) return outcome;
  }
  if (!action.reason_hash().empty() && action.reason_hash().size() != Hash::kSize) {
    return refuse(Error::Limit);
  }
  return {};
}

Outcome apply(const v1::Vote& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  const auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  const Ballot ballot = ballot_of(action);
  if (auto outcome =
          check_voting(*proposal, state, context.now_ms(), is_against(ballot, proposal->scheme()));
      !outcome) {
    return outcome;
  }
  if (auto outcome = check_ballot(ballot, ballot_rule(*proposal)); !outcome) return outcome;
  const auto weight = cast(state, *proposal, context.signer, action, context.now_ms());
  if (!weight) return refuse(weight.error());
  mark_changed(state, proposal->id());

  std::vector<EventNumber> numbers{{v1::EVENT_FIELD_PROPOSAL, proposal->id()},
                                   {v1::EVENT_FIELD_CHAMBER, weight->chamber},
                                   {v1::EVENT_FIELD_WEIGHT, weight->units}};
  for (const v1::BallotPart& part : ballot.parts) {
    numbers.push_back({v1::EVENT_FIELD_CHOICE, static_cast<std::uint64_t>(part.choice())});
    if (part.option() != 0) numbers.push_back({v1::EVENT_FIELD_OPTION, part.option()});
    numbers.push_back({v1::EVENT_FIELD_PART, part.part()});
  }
  for (const std::uint32_t option : ballot.options) {
    numbers.push_back({v1::EVENT_FIELD_OPTION, option});
  }
  for (const v1::OptionVotes& entry : ballot.votes) {
    numbers.push_back({v1::EVENT_FIELD_OPTION, entry.option()});
    numbers.push_back({v1::EVENT_FIELD_VOTES, entry.votes()});
  }
  // An event carries 16 numbers at most; a longer ballot stands whole in the stance.
  constexpr std::size_t kNumbersMax = 16;
  numbers.resize(std::min(numbers.size(), kNumbersMax));
  emit(context.events, v1::EVENT_KIND_BALLOT_CAST, {context.signer}, std::move(numbers));
  return {};
}

Outcome check(const v1::DeclareConflict&) { return {}; }

Outcome apply(const v1::DeclareConflict& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (!is_open(proposal->state())) return refuse(Error::VotingClosed);
  const bool voting = is_voting(proposal->state());
  if (voting) {
    if (auto outcome = check_voting(*proposal, state, context.now_ms(), true); !outcome) {
      return outcome;
    }
  }
  const power::Weight weight =
      voting ? power::weight_at(state, context.signer, proposal->power_snapshot())
             : power::weight_now(state, context.signer);
  if (weight.units == 0) return refuse(Error::NoPower);
  if (is_recused(*proposal, context.signer)) return refuse(Error::Recused);
  if (proposal->recused_size() >= kRecusedMax) return refuse(Error::TooManyInterested);

  if (voting) {
    recuse(state, *proposal, context.signer);
    mark_changed(state, proposal->id());
  }
  proposal->add_recused(context.signer.to_string());
  put_proposal(state, *proposal);
  emit(context.events, v1::EVENT_KIND_CONFLICT_DECLARED, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, proposal->id()}});
  return {};
}

}  // namespace salus::dao::governance
