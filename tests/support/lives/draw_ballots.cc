// Owns: transactions of voters: ballots of every scheme by those who have not spoken yet, changes
// of mind, recusals, delegations. Each proposal has a mood of its own, so that some pass, some fail
// and some are vetoed.
#include "dao/governance/proposals.h"
#include "dao/power/delegation.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using state::Key;
using state::Table;

bool has_ballot(const Pen& pen, std::uint64_t proposal, const AccountId& account) {
  const auto stance =
      state::find<v1::Stance>(pen.state(), Key{Table::Stances}.u64(proposal).bytes(account.view()));
  return stance && stance->cast();
}

// In VOTING, CONFIRMING or OBJECTION; mostly one whose time is not over.
std::optional<v1::Proposal> a_voted_one(const Pen& pen) {
  std::vector<std::uint64_t> open;
  const std::string table = Key{Table::OpenProposals}.str();
  pen.state().scan(table, table, [&](std::string_view key, std::string_view) {
    open.push_back(ByteReader{as_bytes(key.substr(table.size()))}.u64());
    return true;
  });
  if (open.empty()) return std::nullopt;
  auto proposal = governance::find_proposal(pen.state(), pen.chance.of(open));
  const bool is_over = pen.now() >= proposal->phase_until_ms();
  if (is_over && pen.percent(95)) return std::nullopt;
  return proposal;
}

// Who may vote on it and has not yet; first of chambers that have not spoken at all, because each
// of them has to agree.
std::optional<AccountId> a_voter(const Pen& pen, const v1::Proposal& proposal, bool changes_mind) {
  const auto& recused = proposal.recused();
  const auto may_vote = [&](const AccountId& account) {
    return power::weight_at(pen.state(), account, proposal.power_snapshot()).units > 0 &&
           (std::ranges::find(recused, account.to_string()) == recused.end() || pen.percent(1)) &&
           changes_mind == has_ballot(pen, proposal.id(), account);
  };
  const auto is_missed = [&](const AccountId& account) {
    const power::Weight weight = power::weight_at(pen.state(), account, proposal.power_snapshot());
    if (weight.units == 0) return false;
    const auto tally = governance::find_tally(pen.state(), proposal.id(), weight.chamber);
    return tally && tally->voters() == 0 && may_vote(account);
  };
  if (!changes_mind) {
    if (const auto missed = pen.somebody(is_missed)) return missed;
  }
  return pen.somebody(may_vote);
}

v1::Choice a_choice(const Pen& pen, const v1::Proposal& proposal) {
  if (proposal.state() == v1::PROPOSAL_STATE_OBJECTION) {
    return pen.percent(50) ? v1::CHOICE_VETO : v1::CHOICE_NO;
  }
  static constexpr v1::Choice kAny[] = {v1::CHOICE_YES, v1::CHOICE_NO, v1::CHOICE_ABSTAIN,
                                        v1::CHOICE_VETO, v1::CHOICE_YES};
  if (!pen.style.keeps_network && pen.percent(8)) return pen.chance.of(kAny);
  switch (pen.style.keeps_network ? 0 : proposal.id() % 9) {
    case 6:
      return v1::CHOICE_NO;
    case 7:
      return pen.percent(75) ? v1::CHOICE_YES : v1::CHOICE_VETO;
    default:
      return v1::CHOICE_YES;
  }
}

void add_part(const Pen& pen, v1::Choice choice, std::uint32_t option, v1::Vote& vote) {
  v1::BallotPart& part = *vote.add_parts();
  part.set_choice(choice);
  part.set_option(option);
  part.set_part(1 + pen.chance.small(9));
}

void fill_ballot(const Pen& pen, const v1::Proposal& proposal, v1::Vote& vote) {
  const auto options = static_cast<std::uint64_t>(proposal.options_size());
  // Most have one favourite, so that it wins.
  const std::uint64_t favourite = 1 + proposal.id() % options;
  const auto option =
      static_cast<std::uint32_t>(pen.percent(80) ? favourite : 1 + pen.below(options + 1));
  switch (proposal.scheme()) {
    case v1::SCHEME_CHOICE:
      if (pen.percent(90)) return add_part(pen, v1::CHOICE_OPTION, option, vote);
      return add_part(pen, v1::CHOICE_NONE, 0, vote);
    case v1::SCHEME_APPROVAL:
      for (std::uint32_t i = 1; i <= options; ++i) {
        if (i == favourite || pen.percent(30)) vote.add_options(i);
      }
      if (pen.percent(10)) vote.clear_options();
      return;
    case v1::SCHEME_QUADRATIC: {
      v1::OptionVotes& votes = *vote.add_votes();
      votes.set_option(pen.percent(90) ? option : 0);
      votes.set_votes(1 + pen.chance.small(10));
      return;
    }
    default:
      add_part(pen, a_choice(pen, proposal), 0, vote);
      if (pen.percent(10)) add_part(pen, v1::CHOICE_ABSTAIN, 0, vote);
      return;
  }
}

MaybeMove cast(const Pen& pen) {
  const auto proposal = a_voted_one(pen);
  if (!proposal) return std::nullopt;
  // Late objections are rare, or nothing would ever pass.
  if (proposal->state() == v1::PROPOSAL_STATE_OBJECTION && !pen.percent(10)) return std::nullopt;
  const auto voter = a_voter(pen, *proposal, pen.percent(5));
  if (!voter && pen.below(500) != 0) return std::nullopt;
  v1::Action action;
  v1::Vote& vote = *action.mutable_vote();
  vote.set_proposal(proposal->id());
  fill_ballot(pen, *proposal, vote);
  if (pen.percent(10)) vote.set_reason_hash(pen.a_hash());
  return by(voter ? *voter : pen.anybody(), std::move(action));
}

MaybeMove declare_conflict(const Pen& pen) {
  const auto proposal = a_voted_one(pen);
  if (!proposal || pen.style.keeps_network) return std::nullopt;
  v1::Action action;
  action.mutable_declare_conflict()->set_proposal(proposal->id());
  return by(pen.a_member(), std::move(action));
}

std::uint32_t a_track(const Pen& pen) {
  return pen.percent(70) ? 2 + pen.chance.small(2) : 1 + pen.chance.small(9);
}

// Others of his chamber who offer to vote for him, mostly.
MaybeMove delegate(const Pen& pen) {
  const AccountId who = pen.a_member();
  const std::uint32_t chamber = power::weight_now(pen.state(), who).chamber;
  std::set<AccountId> targets;
  for (std::uint64_t i = 1 + pen.below(3); i > 0; --i) {
    const auto delegate = pen.somebody([&](const AccountId& account) {
      const auto profile = power::find_profile(pen.state(), account);
      return account != who && profile && profile->open() &&
             power::weight_now(pen.state(), account).chamber == chamber;
    });
    if (delegate) targets.insert(*delegate);
  }
  if (targets.empty()) targets.insert(pen.anybody());
  v1::Action action;
  v1::SetDelegation& delegation = *action.mutable_set_delegation();
  delegation.set_track(a_track(pen));
  delegation.set_until_ms(pen.soon(400));
  for (const AccountId& to : targets) {
    v1::DelegationTarget& target = *delegation.add_targets();
    target.set_to(to.to_string());
    target.set_share(1 + pen.chance.small(pen.percent(90) ? 33 : 101));
  }
  return by(who, std::move(action));
}

MaybeMove clear_delegation(const Pen& pen) {
  const std::uint32_t track = a_track(pen);
  const auto who = pen.somebody([&](const AccountId& account) {
    const auto point = power::find_delegation(pen.state(), account, track);
    return point && point->targets_size() > 0;
  });
  if (!who) return std::nullopt;
  v1::Action action;
  action.mutable_clear_delegation()->set_track(track);
  return by(*who, std::move(action));
}

MaybeMove offer(const Pen& pen) {
  v1::Action action;
  action.mutable_set_delegate_profile()->set_open(pen.percent(80));
  action.mutable_set_delegate_profile()->set_statement_hash(pen.a_hash());
  return by(pen.a_member(), std::move(action));
}

}  // namespace

MaybeMove draw_of_ballots(const Pen& pen) {
  switch (pen.below(30)) {
    case 0:
      return pen.percent(25) ? declare_conflict(pen) : std::nullopt;
    case 1:
    case 2:
      return delegate(pen);
    case 3:
      return clear_delegation(pen);
    case 4:
      return offer(pen);
    default:
      return cast(pen);
  }
}

}  // namespace salus::dao::lives
