// Owns: how a proposal comes to be heard: Submit, TopUp, Endorse, and Cancel by its proposer (G-7.1
// to G-7.4, G-7.11, G-7.12).
#include <algorithm>
#include <set>

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/membership/membership.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr int kActionsOfOptionMax = 16;
constexpr int kActionsMax = 32;
constexpr std::size_t kPayloadBytesMax = 64 * 1'024;
constexpr int kPrerequisitesMax = 4;

// An ACTIVE member with weight signs.
Outcome require_weight(const Overlay& state, const ActionContext& context) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!membership::is_active(state, context.signer, context.now_ms())) {
    return refuse(Error::NotMember);
  }
  if (power::weight_now(state, context.signer).units == 0) return refuse(Error::NoWeight);
  return {};
}

// What can be known of an action before anybody votes on it (G-7.1, G-6.1, G-9.4).
Outcome check_frozen(const v1::Action& action, const Overlay& state, const Dispatch& dispatch) {
  if (!dispatch.accepts_dao(action)) return refuse(Error::ActionNotAllowed);
  if (auto outcome = dispatch.check(action); !outcome) return outcome;
  if (action.has_set_parameter()) {
    return constitution::check_change(action.set_parameter(), state);
  }
  if (action.has_pay()) {
    const auto payee = AccountId::from(action.pay().payee());
    if (!payee || !accounts::is_open(state, *payee)) return refuse(Error::PayeeUnknown);
  }
  return {};
}

Outcome check_frozen(const v1::Submit& action, const Overlay& state, const Dispatch& dispatch) {
  for (const v1::ProposalOption& option : action.options()) {
    for (const v1::Action& frozen : option.actions()) {
      if (auto outcome = check_frozen(frozen, state, dispatch); !outcome) return outcome;
    }
  }
  const bool known = std::ranges::all_of(action.prerequisites(), [&](std::uint64_t id) {
    return find_proposal(state, id).has_value();
  });
  if (!known) return refuse(Error::ProposalUnknown);
  if (interested(action.options()).size() > static_cast<std::size_t>(kRecusedMax)) {
    return refuse(Error::TooManyInterested);
  }
  return {};
}

Outcome check_limits(const Overlay& state, const ActionContext& context, const v1::Track& lead,
                     const v1::Payload& payload) {
  if (lead.propose_roles() != 0 &&
      (membership::live_roles(state, context.signer, context.now_ms()) & lead.propose_roles()) ==
          0) {
    return refuse(Error::NotAuthorized);
  }
  if (auto outcome = check_duplicate(payload, context.now_ms(),
                                     constitution::value(state, "governance.resubmit_bar"));
      !outcome) {
    return outcome;
  }
  return check_open({.open = open_of_member(state, context.signer),
                     .max = constitution::value(state, "governance.max_open_per_member")},
                    {.open = open_of_track(state, lead.id()), .max = lead.max_open()});
}

v1::Proposal draft(const v1::Submit& action, const ActionContext& context, const Hash& payload) {
  v1::Proposal proposal;
  proposal.set_version(1);
  proposal.set_proposer(context.signer.to_string());
  proposal.set_scheme(action.scheme());
  *proposal.mutable_options() = action.options();
  proposal.set_payload_hash(payload.to_string());
  proposal.set_text_hash(action.text_hash());
  *proposal.mutable_prerequisites() = action.prerequisites();
  // Interest stands in the frozen actions, so it is known before the first ballot (G-7.10).
  for (const AccountId& account : interested(action.options())) {
    proposal.add_recused(account.to_string());
  }
  return proposal;
}

void add_deposit(v1::Proposal& proposal, const AccountId& account, std::uint64_t amount) {
  for (v1::Deposit& deposit : *proposal.mutable_deposits()) {
    if (deposit.account() != account.to_string()) continue;
    deposit.set_amount(deposit.amount() + amount);
    return;
  }
  v1::Deposit* deposit = proposal.add_deposits();
  deposit->set_account(account.to_string());
  deposit->set_amount(amount);
}

std::uint64_t paid(const v1::Proposal& proposal) {
  std::uint64_t sum = 0;
  for (const v1::Deposit& deposit : proposal.deposits()) sum += deposit.amount();
  return sum;
}

void start_notice(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  const auto effective = effective_track(state, proposal.options(), proposal.scheme());
  SALUS_ASSERT(effective.has_value(), "tracks never go while proposals may need them (G-6.9)");
  enter(state, moment, proposal, v1::PROPOSAL_STATE_NOTICE,
        moment.now_ms() + effective->rules().notice_ms());
}

Key endorsement_key(std::uint64_t proposal, const AccountId& account) {
  return Key{Table::Endorsements}.u64(proposal).bytes(account.view());
}

}  // namespace

Outcome check(const v1::Submit& action) {
  if (action.scheme() == v1::SCHEME_UNSPECIFIED) return refuse(Error::SchemeNotAllowed);
  if (action.scheme() != v1::SCHEME_YES_NO) return refuse(Error::NotYet);
  if (action.options_size() != 1) return refuse(Error::OptionsInvalid);
  if (action.text_hash().size() != Hash::kSize) return refuse(Error::Limit);
  if (action.by_endorsement() && action.deposit() != 0) return refuse(Error::DepositExceeds);

  if (action.prerequisites_size() > kPrerequisitesMax) return refuse(Error::Limit);
  const std::set<std::uint64_t> distinct(action.prerequisites().begin(),
                                         action.prerequisites().end());
  if (distinct.size() != static_cast<std::size_t>(action.prerequisites_size())) {
    return refuse(Error::Limit);
  }

  int actions = 0;
  std::size_t bytes = 0;
  for (const v1::ProposalOption& option : action.options()) {
    if (option.actions_size() > kActionsOfOptionMax) return refuse(Error::TooManyProposalActions);
    actions += option.actions_size();
    bytes += option.ByteSizeLong();
    for (const v1::Action& frozen : option.actions()) {
      if (frozen.kind_case() == v1::Action::KIND_NOT_SET) return refuse(Error::ActionInvalid);
    }
  }
  if (actions > kActionsMax) return refuse(Error::TooManyProposalActions);
  if (bytes > kPayloadBytesMax) return refuse(Error::PayloadTooLarge);
  return {};
}

Result<Terms, Error> terms_of(const Options& options, v1::Scheme scheme, const ChainId& chain_id,
                              const Overlay& state) {
  const auto effective = effective_track(state, options, scheme);
  if (!effective) return std::unexpected(effective.error());
  // Deposit and limits are the lead track's own (G-7.2, G-7.12), whatever joined it.
  auto lead = constitution::find_track(state, effective->rules().id());
  if (!lead) return std::unexpected(Error::TrackUnknown);

  const Hash hash = payload_hash(chain_id, scheme, options);
  v1::Payload payload = payload_of(state, hash.to_string());
  const Throttle throttle{.step = constitution::value(state, "governance.throttle_step"),
                          .open = open_of_track(state, lead->id()),
                          .failures = payload.failures()};
  const std::uint64_t deposit = required_deposit(lead->deposit(), throttle);
  const std::uint32_t endorsers = needed_endorsers(lead->endorsers(), throttle);
  return Terms{.lead = std::move(*lead),
               .payload_hash = hash,
               .payload = std::move(payload),
               .deposit = deposit,
               .endorsers = endorsers};
}

Outcome apply(const v1::Submit& action, ActionContext& context, Overlay& state,
              const Dispatch& dispatch) {
  if (auto outcome = require_weight(state, context); !outcome) return outcome;
  if (auto outcome = check_frozen(action, state, dispatch); !outcome) return outcome;
  const auto terms = terms_of(action.options(), action.scheme(), context.block.chain_id, state);
  if (!terms) return refuse(terms.error());
  if (auto outcome = check_limits(state, context, terms->lead, terms->payload); !outcome) {
    return outcome;
  }
  if (auto outcome =
          check_first_deposit(terms->deposit, constitution::value(state, "governance.initial_bp"),
                              action.deposit(), action.by_endorsement());
      !outcome) {
    return outcome;
  }

  v1::Proposal proposal = draft(action, context, terms->payload_hash);
  proposal.set_id(take_proposal_id(state));
  proposal.set_lead(terms->lead.id());
  proposal.set_deposit_required(terms->deposit);
  proposal.set_endorsers_needed(terms->endorsers);
  if (action.deposit() > 0) {
    if (auto outcome = assets::escrow_in(state, context.signer, v1::ESCROW_OWNER_PROPOSAL,
                                         proposal.id(), assets::kNative, action.deposit());
        !outcome) {
      return outcome;
    }
    add_deposit(proposal, context.signer, action.deposit());
  }
  const Moment moment{.block = context.block, .events = context.events};
  open_proposal(state, moment, proposal);
  if (paid(proposal) == terms->deposit) start_notice(state, moment, proposal);
  put_proposal(state, proposal);
  return {};
}

Outcome check(const v1::TopUp& action) {
  if (action.amount() == 0) return refuse(Error::AmountZero);
  return {};
}

Outcome apply(const v1::TopUp& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!membership::is_active(state, context.signer, context.now_ms())) {
    return refuse(Error::NotMember);
  }
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (proposal->state() != v1::PROPOSAL_STATE_SUBMITTED ||
      context.now_ms() >= proposal->phase_until_ms()) {
    return refuse(Error::TooLate);
  }
  const auto complete = check_top_up(proposal->deposit_required(), paid(*proposal), action.amount(),
                                     constitution::value(state, "governance.topup_min_bp"));
  if (!complete) return std::unexpected(complete.error());
  const auto is_his = [&](const v1::Deposit& d) {
    return d.account() == context.signer.to_string();
  };
  if (proposal->deposits_size() >= kDepositorsMax &&
      std::ranges::none_of(proposal->deposits(), is_his)) {
    return refuse(Error::TooManyDepositors);
  }

  if (auto outcome = assets::escrow_in(state, context.signer, v1::ESCROW_OWNER_PROPOSAL,
                                       proposal->id(), assets::kNative, action.amount());
      !outcome) {
    return outcome;
  }
  add_deposit(*proposal, context.signer, action.amount());
  emit(context.events, v1::EVENT_KIND_DEPOSIT_TOPPED_UP, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, proposal->id()}, {v1::EVENT_FIELD_AMOUNT, action.amount()}});
  if (*complete) start_notice(state, {.block = context.block, .events = context.events}, *proposal);
  put_proposal(state, *proposal);
  return {};
}

Outcome check(const v1::Endorse&) { return {}; }

Outcome apply(const v1::Endorse& action, ActionContext& context, Overlay& state) {
  if (auto outcome = require_weight(state, context); !outcome) return outcome;
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (proposal->proposer() == context.signer.to_string()) return refuse(Error::NotAuthorized);
  if (proposal->state() != v1::PROPOSAL_STATE_SUBMITTED ||
      context.now_ms() >= proposal->phase_until_ms()) {
    return refuse(Error::TooLate);
  }
  const Key key = endorsement_key(proposal->id(), context.signer);
  const auto earlier = state::find<v1::Endorsement>(state, key);
  if (earlier && earlier->version() == proposal->version()) return refuse(Error::AlreadyEndorsed);

  v1::Endorsement endorsement;
  endorsement.set_proposal(proposal->id());
  endorsement.set_version(proposal->version());
  endorsement.set_account(context.signer.to_string());
  state::put(state, key, endorsement);
  proposal->set_endorsed(proposal->endorsed() + 1);
  emit(context.events, v1::EVENT_KIND_PROPOSAL_ENDORSED, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, proposal->id()}, {v1::EVENT_FIELD_COUNT, proposal->endorsed()}});
  if (proposal->endorsed() >= proposal->endorsers_needed()) {
    start_notice(state, {.block = context.block, .events = context.events}, *proposal);
  }
  put_proposal(state, *proposal);
  return {};
}

Outcome check(const v1::Cancel&) { return {}; }

Outcome apply(const v1::Cancel& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!membership::is_active(state, context.signer, context.now_ms())) {
    return refuse(Error::NotMember);
  }
  auto proposal = find_proposal(state, action.proposal());
  if (!proposal) return refuse(Error::ProposalUnknown);
  if (proposal->proposer() != context.signer.to_string()) return refuse(Error::NotProposer);
  if (proposal->state() != v1::PROPOSAL_STATE_SUBMITTED &&
      proposal->state() != v1::PROPOSAL_STATE_NOTICE) {
    return refuse(Error::TooLate);
  }
  const Moment moment{.block = context.block, .events = context.events};
  finish(state, moment, *proposal, v1::PROPOSAL_STATE_CANCELLED);
  settle(state, moment, *proposal, Fate::Fee);
  put_proposal(state, *proposal);
  return {};
}

}  // namespace salus::dao::governance
