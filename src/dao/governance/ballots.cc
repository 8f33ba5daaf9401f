// Owns: Vote and DeclareConflict.
#include "dao/governance/ballots.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/assert.h"
#include "dao/governance/governance.h"
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
using Parts = google::protobuf::RepeatedPtrField<v1::BallotPart>;

Key stances_key(std::uint64_t proposal) { return Key{Table::Stances}.u64(proposal); }
Key stance_key(std::uint64_t proposal, const AccountId& account) {
  return stances_key(proposal).bytes(account.view());
}

// In the order of allocation: yes, no, abstain, veto (G-8.2).
std::vector<v1::BallotPart> in_order(const Parts& parts) {
  std::vector<v1::BallotPart> sorted(parts.begin(), parts.end());
  std::ranges::sort(sorted, {}, [](const v1::BallotPart& p) { return p.choice(); });
  return sorted;
}

bool is_against(v1::Choice choice) { return choice == v1::CHOICE_NO || choice == v1::CHOICE_VETO; }

void add(v1::Tally& tally, v1::Choice choice, Sign sign, std::uint64_t amount) {
  const auto moved = [&](std::uint64_t counter) {
    SALUS_ASSERT(sign == Sign::Plus || counter >= amount,
                 "a counter holds what each ballot put into it (G-5.12)");
    return sign == Sign::Plus ? counter + amount : counter - amount;
  };
  switch (choice) {
    case v1::CHOICE_YES:
      return tally.set_yes(moved(tally.yes()));
    case v1::CHOICE_NO:
      return tally.set_no(moved(tally.no()));
    case v1::CHOICE_ABSTAIN:
      return tally.set_abstain(moved(tally.abstain()));
    case v1::CHOICE_VETO:
      return tally.set_veto(moved(tally.veto()));
    default:
      SALUS_ASSERT(false, "a stored ballot has known choices only");
  }
}

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

void count_ballot(v1::Tally& tally, Sign sign, std::uint64_t power, const Parts& parts) {
  const auto sorted = in_order(parts);
  std::vector<std::uint64_t> shares;
  for (const v1::BallotPart& part : sorted) shares.push_back(part.part());
  const auto pieces = split(power, shares);
  for (std::size_t i = 0; i < sorted.size(); ++i) add(tally, sorted[i].choice(), sign, pieces[i]);
  tally.set_voters(sign == Sign::Plus ? tally.voters() + 1 : tally.voters() - 1);
}

void recuse(Overlay& state, const v1::Proposal& proposal, const AccountId& account) {
  const power::Weight weight = power::weight_at(state, account, proposal.power_snapshot());
  auto tally = find_tally(state, proposal.id(), weight.chamber);
  if (weight.units == 0 || !tally) return;
  const std::uint64_t power = weight.units * power::kMicro;
  if (const auto stance = find_stance(state, proposal.id(), account)) {
    count_ballot(*tally, Sign::Minus, power, stance->parts());
  }
  tally->set_recused(tally->recused() + power);
  tally->set_recused_members(tally->recused_members() + 1);
  put_tally(state, *tally);
}

bool sweep_stances(Overlay& state, std::uint64_t proposal, std::size_t max) {
  std::vector<std::string> keys;
  bool more = false;
  const std::string prefix = stances_key(proposal).str();
  state.scan(prefix, prefix, [&](std::string_view key, std::string_view) {
    more = keys.size() == max;
    if (!more) keys.emplace_back(key);
    return !more;
  });
  for (std::string& key : keys) state.erase(std::move(key));
  return more;
}

Outcome check(const v1::Vote& action) {
  std::vector<std::uint64_t> shares;
  std::set<int> choices;
  for (const v1::BallotPart& part : action.parts()) {
    if (part.choice() < v1::CHOICE_YES || part.choice() > v1::CHOICE_VETO) {
      return refuse(Error::BallotInvalid);
    }
    shares.push_back(part.part());
    choices.insert(part.choice());
  }
  if (!parts_are_valid(shares) || choices.size() != shares.size()) {
    return refuse(Error::BallotInvalid);
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
  const bool against = std::ranges::all_of(
      action.parts(), [](const v1::BallotPart& part) { return is_against(part.choice()); });
  if (auto outcome = check_voting(*proposal, state, context.now_ms(), against); !outcome) {
    return outcome;
  }
  const power::Weight weight = power::weight_at(state, context.signer, proposal->power_snapshot());
  auto tally = find_tally(state, proposal->id(), weight.chamber);
  if (weight.units == 0 || !tally) return refuse(Error::NoPower);
  if (is_recused(*proposal, context.signer)) return refuse(Error::Recused);
  auto stance = find_stance(state, proposal->id(), context.signer);
  if (stance && stance->changes() >= kBallotChangesMax) return refuse(Error::TooManyChanges);

  const std::uint64_t power = weight.units * power::kMicro;
  if (stance) {
    count_ballot(*tally, Sign::Minus, power, stance->parts());
    stance->set_changes(stance->changes() + 1);
  } else {
    stance.emplace();
    stance->set_proposal(proposal->id());
    stance->set_account(context.signer.to_string());
  }
  *stance->mutable_parts() = action.parts();
  stance->set_at_ms(context.now_ms());
  stance->set_reason_hash(action.reason_hash());
  count_ballot(*tally, Sign::Plus, power, stance->parts());

  state::put(state, stance_key(proposal->id(), context.signer), *stance);
  put_tally(state, *tally);
  mark_changed(state, proposal->id());
  std::vector<EventNumber> numbers{{v1::EVENT_FIELD_PROPOSAL, proposal->id()},
                                   {v1::EVENT_FIELD_CHAMBER, weight.chamber},
                                   {v1::EVENT_FIELD_WEIGHT, weight.units}};
  for (const v1::BallotPart& part : stance->parts()) {
    numbers.push_back({v1::EVENT_FIELD_CHOICE, static_cast<std::uint64_t>(part.choice())});
    numbers.push_back({v1::EVENT_FIELD_PART, part.part()});
  }
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
