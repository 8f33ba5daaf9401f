// Owns: transactions that bring proposals up to their vote, and after it: submissions of every
// scheme with what decide() draws, deposits, endorsements, amendments, appeals, retries.
#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/governance/least_track.h"
#include "dao/governance/proposals.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using governance::find_proposal;

// Open ones beyond this wait for their votes too long.
constexpr std::uint64_t kOpenMax = 5;

// One to three actions, mostly one; sometimes none: a resolution.
void add_option(const Pen& pen, google::protobuf::RepeatedPtrField<v1::ProposalOption>& options) {
  v1::ProposalOption& option = *options.Add();
  if (pen.percent(4)) return;
  const std::uint64_t count = pen.percent(75) ? 1 : 1 + pen.below(3);
  for (std::uint64_t tries = 0; tries < 6 * count; ++tries) {
    if (static_cast<std::uint64_t>(option.actions_size()) == count) return;
    if (auto action = decide(pen)) *option.add_actions() = std::move(*action);
  }
}

v1::Scheme a_scheme(const Pen& pen) {
  static constexpr v1::Scheme kOthers[] = {v1::SCHEME_OPTIMISTIC, v1::SCHEME_CHOICE,
                                           v1::SCHEME_APPROVAL, v1::SCHEME_QUADRATIC};
  return pen.percent(80) ? v1::SCHEME_YES_NO : pen.chance.of(kOthers);
}

template <typename Content>
void fill_content(const Pen& pen, Content& content) {
  content.set_scheme(a_scheme(pen));
  const bool several = content.scheme() >= v1::SCHEME_CHOICE;
  for (std::uint64_t i = several ? 2 + pen.below(2) : 1; i > 0; --i) {
    add_option(pen, *content.mutable_options());
  }
  if (content.scheme() >= v1::SCHEME_APPROVAL) content.set_winners(1 + pen.chance.small(2));
  content.set_text_hash(pen.a_hash());
  if (pen.percent(4)) {
    content.add_prerequisites(1 + pen.below(governance::last_proposal_id(pen.state()) + 1));
  }
}

bool is_urgent_only(const v1::Submit& submit) {
  return std::ranges::all_of(submit.options(), [](const v1::ProposalOption& option) {
    return !option.actions().empty() &&
           std::ranges::all_of(option.actions(), governance::is_urgent);
  });
}

void fill_deposit(const Pen& pen, v1::Submit& submit) {
  if (pen.percent(12)) return submit.set_by_endorsement(true);
  const auto terms =
      governance::terms_of(submit.options(), submit.scheme(), pen.view.chain_id, pen.state());
  std::uint64_t deposit = terms ? terms->deposit : 1 + pen.below(1'000);
  // On urgent nothing is joined, so its deposit is its own.
  if (submit.urgent()) {
    if (const auto urgent = constitution::find_track(pen.state(), "urgent"))
      deposit = urgent->deposit();
  }
  if (pen.percent(12)) deposit = deposit / 4 + pen.below(deposit);
  submit.set_deposit(deposit);
}

MaybeMove submit(const Pen& pen) {
  const auto is_open = [](const v1::Proposal& one) { return governance::is_open(one.state()); };
  std::uint64_t open = 0;
  const std::uint64_t last = governance::last_proposal_id(pen.state());
  for (std::uint64_t id = last > 24 ? last - 23 : 1; id <= last; ++id) {
    if (is_open(*find_proposal(pen.state(), id))) ++open;
  }
  if (open >= kOpenMax) return std::nullopt;
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  const auto vetoed = pen.a_proposal(
      [](const v1::Proposal& one) { return one.state() == v1::PROPOSAL_STATE_VETOED; });
  const auto again = pen.a_proposal([](const v1::Proposal&) { return true; });
  if (vetoed && pen.percent(30)) {
    submit.set_appeal_of(vetoed->id());
    submit.set_scheme(vetoed->scheme());
    *submit.mutable_options() = vetoed->options();
    submit.set_winners(vetoed->winners());
    submit.set_text_hash(pen.a_hash());
  } else if (again && pen.percent(4)) {
    submit.set_scheme(again->scheme());
    *submit.mutable_options() = again->options();
    submit.set_winners(again->winners());
    submit.set_text_hash(pen.a_hash());
  } else {
    fill_content(pen, submit);
  }
  std::optional<AccountId> proposer;
  if (submit.scheme() == v1::SCHEME_YES_NO && is_urgent_only(submit) && pen.percent(80)) {
    submit.set_urgent(true);
    proposer = pen.holder_of(membership::Role::Sentinel);
  }
  fill_deposit(pen, submit);
  return by(proposer ? *proposer : pen.a_member(), std::move(action));
}

std::optional<v1::Proposal> a_submitted(const Pen& pen) {
  return pen.a_proposal(
      [](const v1::Proposal& one) { return one.state() == v1::PROPOSAL_STATE_SUBMITTED; });
}

MaybeMove top_up(const Pen& pen) {
  const auto proposal = a_submitted(pen);
  if (!proposal) return std::nullopt;
  std::uint64_t missing = proposal->deposit_required();
  for (const v1::Deposit& deposit : proposal->deposits()) {
    missing -= std::min(missing, deposit.amount());
  }
  v1::Action action;
  action.mutable_top_up()->set_proposal(proposal->id());
  action.mutable_top_up()->set_amount(pen.percent(60) ? missing : pen.below(missing + 2));
  return by(pen.a_member(), std::move(action));
}

MaybeMove endorse(const Pen& pen) {
  const auto proposal = a_submitted(pen);
  if (!proposal) return std::nullopt;
  v1::Action action;
  action.mutable_endorse()->set_proposal(proposal->id());
  return by(pen.a_member(), std::move(action));
}

std::optional<v1::Proposal> one_before_its_vote(const Pen& pen) {
  return pen.a_proposal([&](const v1::Proposal& one) {
    return one.state() == v1::PROPOSAL_STATE_SUBMITTED || one.state() == v1::PROPOSAL_STATE_NOTICE;
  });
}

MaybeMove amend(const Pen& pen) {
  const auto proposal = one_before_its_vote(pen);
  if (!proposal) return std::nullopt;
  v1::Action action;
  action.mutable_amend()->set_proposal(proposal->id());
  fill_content(pen, *action.mutable_amend());
  const auto proposer = pen.known(proposal->proposer());
  return by(proposer && pen.percent(95) ? *proposer : pen.a_member(), std::move(action));
}

MaybeMove cancel(const Pen& pen) {
  const auto proposal = one_before_its_vote(pen);
  if (!proposal) return std::nullopt;
  v1::Action action;
  action.mutable_cancel()->set_proposal(proposal->id());
  const auto proposer = pen.known(proposal->proposer());
  return by(proposer && pen.percent(95) ? *proposer : pen.a_member(), std::move(action));
}

MaybeMove retry(const Pen& pen) {
  const auto proposal = pen.a_proposal([&](const v1::Proposal& one) {
    return one.state() == v1::PROPOSAL_STATE_FAILED ||
           (one.state() == v1::PROPOSAL_STATE_EXECUTED && pen.percent(1));
  });
  if (!proposal) return std::nullopt;
  v1::Action action;
  action.mutable_retry_execution()->set_proposal(proposal->id());
  return by(pen.a_member(), std::move(action));
}

}  // namespace

MaybeMove draw_of_proposals(const Pen& pen) {
  switch (pen.below(20)) {
    case 0:
      return amend(pen);
    case 1:
      return pen.percent(40) ? cancel(pen) : std::nullopt;
    case 2:
    case 3:
      return retry(pen);
    case 4:
    case 5:
      return top_up(pen);
    case 6:
    case 7:
    case 8:
      return endorse(pen);
    default:
      return submit(pen);
  }
}

}  // namespace salus::dao::lives
