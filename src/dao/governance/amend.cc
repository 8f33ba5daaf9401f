// Owns: Amend: a proposal's content is replaced before anybody votes on it, and everything that was
// said about the old content is void but for the deposits (section 7).
#include <algorithm>
#include <set>
#include <string>

#include "dao/constitution.h"
#include "dao/governance/drafting.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/membership/membership.h"

namespace salus::dao::governance {

namespace {

using state::Overlay;

constexpr std::uint32_t kVersionsMax = 5;

Outcome check_amendable(const v1::Proposal& proposal, const ActionContext& context,
                        const Overlay& state) {
  if (proposal.proposer() != context.signer.to_string()) return refuse(Error::NotProposer);
  const bool submitted = proposal.state() == v1::PROPOSAL_STATE_SUBMITTED;
  if (!submitted && proposal.state() != v1::PROPOSAL_STATE_NOTICE) return refuse(Error::TooLate);
  // The block's time decides, even if the due item has not run yet (G-12.2); an outage stops the
  // clock of the notice (G-7.8).
  const std::uint64_t credit = submitted ? 0 : credit_ms(proposal, state, context.now_ms());
  if (context.now_ms() >= proposal.phase_until_ms() + credit) return refuse(Error::TooLate);
  if (proposal.version() >= kVersionsMax) return refuse(Error::VersionLimit);
  return {};
}

Outcome check_limits(const Overlay& state, const ActionContext& context, const Terms& terms,
                     const v1::Proposal& old) {
  if (auto outcome = check_roles(state, context, terms.lead, old.urgent()); !outcome) {
    return outcome;
  }
  if (terms.payload_hash.to_string() != old.payload_hash()) {
    // An appeal is of the payload that was vetoed.
    if (old.appeal_of() != 0) return refuse(Error::AppealInvalid);
    const Resubmission spans{.bar_ms = constitution::value(state, "governance.resubmit_bar")};
    if (auto outcome = check_duplicate(terms.payload, context.now_ms(), spans); !outcome) {
      return outcome;
    }
  }
  if (terms.lead.id() == old.lead()) return {};
  return check_open({.open = 0, .max = 1},
                    {.open = open_of_track(state, terms.lead.id()), .max = terms.lead.max_open()});
}

// Who declared a conflict himself stays recused; who was interested in the old content need not be.
void renew_recusals(const Options& before, const Overlay& state, const Dispatch& dispatch,
                    v1::Proposal& next) {
  std::set<std::string> recused(next.recused().begin(), next.recused().end());
  for (const AccountId& account : dispatch.interested(before, state)) {
    recused.erase(account.to_string());
  }
  for (const AccountId& account : dispatch.interested(next.options(), state)) {
    recused.insert(account.to_string());
  }
  next.clear_recused();
  for (const std::string& account : recused) next.add_recused(account);
}

}  // namespace

Outcome check(const v1::Amend& action) { return check_shape(content_of(action)); }

Outcome apply(const v1::Amend& action, ActionContext& context, Overlay& state,
              const Dispatch& dispatch) {
  if (auto outcome = require_weight(state, context); !outcome) return outcome;
  const auto old = find_proposal(state, action.proposal());
  if (!old) return refuse(Error::ProposalUnknown);
  if (auto outcome = check_amendable(*old, context, state); !outcome) return outcome;
  const Content content = content_of(action);
  if (auto outcome = check_content(content, old->id(), state, dispatch); !outcome) return outcome;
  const auto terms = terms_of(
      content, {.appeal = old->appeal_of() != 0, .urgent = old->urgent(), .leads_now = old->lead()},
      context.block.chain_id, state);
  if (!terms) return refuse(terms.error());
  if (auto outcome = check_limits(state, context, *terms, *old); !outcome) return outcome;

  v1::Proposal next = *old;
  next.set_version(old->version() + 1);
  next.set_lead(terms->lead.id());
  next.set_scheme(action.scheme());
  next.set_winners(action.winners());
  *next.mutable_options() = action.options();
  next.set_payload_hash(terms->payload_hash.to_string());
  next.set_text_hash(action.text_hash());
  *next.mutable_prerequisites() = action.prerequisites();
  next.set_deposit_required(terms->deposit);
  next.set_endorsers_needed(terms->endorsers);
  next.set_endorsed(0);
  renew_recusals(old->options(), state, dispatch, next);
  if (next.recused_size() > kRecusedMax) return refuse(Error::TooManyInterested);

  const Moment moment{.block = context.block, .events = context.events};
  emit(context.events, v1::EVENT_KIND_PROPOSAL_AMENDED, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, next.id()}, {v1::EVENT_FIELD_VERSION, next.version()}}, true);
  reopen(state, moment, *old, next);
  if (paid(next) >= terms->deposit) {
    if (auto outcome = start_notice(state, moment, next); !outcome) return outcome;
  }
  put_proposal(state, next);
  return {};
}

}  // namespace salus::dao::governance
