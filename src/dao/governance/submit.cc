// Owns: how a proposal comes to be heard: Submit, TopUp, Endorse, and Cancel by its proposer (G-7.1
// to G-7.4, G-7.11, G-7.12).
#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/governance/drafting.h"
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

Outcome check_limits(const Overlay& state, const ActionContext& context, const Terms& terms,
                     const v1::Submit& action) {
  if (auto outcome = check_roles(state, context, terms.lead, action.urgent()); !outcome) {
    return outcome;
  }
  const Resubmission spans{.bar_ms = constitution::value(state, "governance.resubmit_bar")};
  if (auto outcome = check_duplicate(terms.payload, context.now_ms(), spans, action.appeal_of());
      !outcome) {
    return outcome;
  }
  // A track may have more open than a later vote allows it, so the whole is asked too (X4).
  if (open_of_all_tracks(state) >= power::kLiveMax) return refuse(Error::TrackFull);
  return check_open({.open = open_of_member(state, context.signer),
                     .max = constitution::value(state, "governance.max_open_per_member")},
                    {.open = open_of_track(state, terms.lead.id()), .max = terms.lead.max_open()});
}

v1::Proposal draft(const v1::Submit& action, const ActionContext& context, const Hash& payload,
                   const std::vector<AccountId>& interested) {
  v1::Proposal proposal;
  proposal.set_version(1);
  proposal.set_proposer(context.signer.to_string());
  proposal.set_scheme(action.scheme());
  proposal.set_winners(action.winners());
  proposal.set_appeal_of(action.appeal_of());
  proposal.set_urgent(action.urgent());
  proposal.set_by_endorsement(action.by_endorsement());
  *proposal.mutable_options() = action.options();
  proposal.set_payload_hash(payload.to_string());
  proposal.set_text_hash(action.text_hash());
  *proposal.mutable_prerequisites() = action.prerequisites();
  // Interest stands in the frozen actions, so it is known before the first ballot (G-7.10).
  for (const AccountId& account : interested) proposal.add_recused(account.to_string());
  return proposal;
}

// Who has money here does not close his account before it is settled (section 2).
void add_deposit(Overlay& state, v1::Proposal& proposal, const AccountId& account,
                 std::uint64_t amount) {
  for (v1::Deposit& deposit : *proposal.mutable_deposits()) {
    if (deposit.account() != account.to_string()) continue;
    deposit.set_amount(deposit.amount() + amount);
    return;
  }
  v1::Deposit* deposit = proposal.add_deposits();
  deposit->set_account(account.to_string());
  deposit->set_amount(amount);
  accounts::add_obligation(state, account);
}

Key endorsement_key(std::uint64_t proposal, const AccountId& account) {
  return Key{Table::Endorsements}.u64(proposal).bytes(account.view());
}

}  // namespace

Outcome check(const v1::Submit& action) {
  if (auto outcome = check_shape(content_of(action)); !outcome) return outcome;
  if (action.by_endorsement() && action.deposit() != 0) return refuse(Error::DepositExceeds);
  return {};
}

Outcome apply(const v1::Submit& action, ActionContext& context, Overlay& state,
              const Dispatch& dispatch) {
  if (auto outcome = require_weight(state, context); !outcome) return outcome;
  const Content content = content_of(action);
  const std::uint64_t next_id = last_proposal_id(state) + 1;
  if (auto outcome = check_content(content, next_id, state, dispatch); !outcome) return outcome;
  const auto terms =
      terms_of(content, {.appeal = action.appeal_of() != 0, .urgent = action.urgent()},
               context.block.chain_id, state);
  if (!terms) return refuse(terms.error());
  if (auto outcome = check_limits(state, context, *terms, action); !outcome) return outcome;
  if (auto outcome =
          check_first_deposit(terms->deposit, constitution::value(state, "governance.initial_bp"),
                              action.deposit(), action.by_endorsement());
      !outcome) {
    return outcome;
  }

  v1::Proposal proposal =
      draft(action, context, terms->payload_hash, dispatch.interested(action.options(), state));
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
    add_deposit(state, proposal, context.signer, action.deposit());
  }
  const Moment moment{.block = context.block, .events = context.events};
  open_proposal(state, moment, proposal);
  if (paid(proposal) == terms->deposit) {
    if (auto outcome = start_notice(state, moment, proposal); !outcome) return outcome;
  }
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
  add_deposit(state, *proposal, context.signer, action.amount());
  emit(context.events, v1::EVENT_KIND_DEPOSIT_TOPPED_UP, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, proposal->id()}, {v1::EVENT_FIELD_AMOUNT, action.amount()}});
  if (*complete) {
    const Moment moment{.block = context.block, .events = context.events};
    if (auto outcome = start_notice(state, moment, *proposal); !outcome) return outcome;
  }
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
    const Moment moment{.block = context.block, .events = context.events};
    if (auto outcome = start_notice(state, moment, *proposal); !outcome) return outcome;
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
