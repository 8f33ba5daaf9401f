// Owns: what a proposal's content must be before anybody hears of it, the same for Submit and Amend
// (G-7.1, G-6.1, G-9.4).
#include "dao/governance/drafting.h"

#include <algorithm>
#include <set>

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/membership/membership.h"
#include "dao/power/power.h"

namespace salus::dao::governance {

namespace {

using state::Overlay;

constexpr int kActionsOfOptionMax = 16;
constexpr int kActionsMax = 32;
constexpr std::size_t kPayloadBytesMax = 64 * 1'024;
constexpr int kPrerequisitesMax = 4;
constexpr std::uint32_t kWinnersMax = 8;

// What can be known of an action before anybody votes on it.
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

// 1 option for yes/no; 2 to 15, approval 2 to 16, for the others (section 8).
bool has_valid_options(const Content& content) {
  const int count = content.options.size();
  switch (content.scheme) {
    case v1::SCHEME_CHOICE:
      return count >= 2 && count <= 15 && content.winners == 0;
    case v1::SCHEME_APPROVAL:
    case v1::SCHEME_QUADRATIC:
      return count >= 2 && count <= (content.scheme == v1::SCHEME_APPROVAL ? 16 : 15) &&
             content.winners >= 1 && content.winners <= kWinnersMax &&
             content.winners <= static_cast<std::uint32_t>(count);
    default:
      return count == 1 && content.winners == 0;
  }
}

}  // namespace

Outcome check_shape(const Content& content) {
  // An enum may hold any 32 bits, negative ones too.
  if (content.scheme < v1::SCHEME_YES_NO) return refuse(Error::SchemeNotAllowed);
  if (content.scheme > v1::SCHEME_QUADRATIC) return refuse(Error::NotYet);
  if (!has_valid_options(content)) return refuse(Error::OptionsInvalid);
  if (content.text_hash.size() != Hash::kSize) return refuse(Error::Limit);

  const std::set<std::uint64_t> distinct(content.prerequisites.begin(),
                                         content.prerequisites.end());
  if (content.prerequisites.size() > kPrerequisitesMax ||
      distinct.size() != static_cast<std::size_t>(content.prerequisites.size())) {
    return refuse(Error::Limit);
  }

  int actions = 0;
  std::size_t bytes = 0;
  for (const v1::ProposalOption& option : content.options) {
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

Outcome check_content(const Content& content, std::uint64_t id, const Overlay& state,
                      const Dispatch& dispatch) {
  for (const v1::ProposalOption& option : content.options) {
    for (const v1::Action& frozen : option.actions()) {
      if (auto outcome = check_frozen(frozen, state, dispatch); !outcome) return outcome;
    }
  }
  // Earlier ones only, so that no two wait for each other (G-7.16).
  const bool known = std::ranges::all_of(content.prerequisites, [&](std::uint64_t earlier) {
    return earlier < id && find_proposal(state, earlier).has_value();
  });
  if (!known) return refuse(Error::ProposalUnknown);
  if (dispatch.interested(content.options, state).size() > static_cast<std::size_t>(kRecusedMax)) {
    return refuse(Error::TooManyInterested);
  }
  return {};
}

Outcome require_weight(const Overlay& state, const ActionContext& context) {
  if (context.authority != Authority::Member) return refuse(Error::NotAuthorized);
  if (!membership::is_active(state, context.signer, context.now_ms())) {
    return refuse(Error::NotMember);
  }
  if (power::weight_now(state, context.signer).units == 0) return refuse(Error::NoWeight);
  return {};
}

Outcome check_roles(const Overlay& state, const ActionContext& context, const v1::Track& lead,
                    bool urgent) {
  using membership::bit;
  using membership::Role;
  const std::uint32_t roles = membership::live_roles(state, context.signer, context.now_ms());
  const std::uint32_t urgent_roles =
      bit(Role::Operator) | bit(Role::Sentinel) | bit(Role::Institution);
  if (lead.propose_roles() != 0 && (roles & lead.propose_roles()) == 0) {
    return refuse(Error::NotAuthorized);
  }
  if (urgent && (roles & urgent_roles) == 0) return refuse(Error::NotAuthorized);
  return {};
}

Result<Terms, Error> terms_of(const Content& content, const Kind& kind, const ChainId& chain_id,
                              const Overlay& state) {
  const auto effective = effective_track(state, content.options,
                                         {.scheme = content.scheme,
                                          .winners = std::max(content.winners, 1U),
                                          .appeal = kind.appeal,
                                          .urgent = kind.urgent});
  if (!effective) return std::unexpected(effective.error());
  // Deposit and limits are the lead track's own (G-7.2, G-7.12), whatever joined it.
  auto lead = constitution::find_track(state, effective->rules().id());
  if (!lead) return std::unexpected(Error::TrackUnknown);

  const Hash hash = payload_hash(chain_id, content.scheme, content.winners, content.options);
  v1::Payload payload = payload_of(state, hash.to_string());
  // What is amended does not crowd out itself.
  const std::uint32_t own = kind.leads_now == lead->id() ? 1 : 0;
  const Throttle throttle{.step = constitution::value(state, "governance.throttle_step"),
                          .open = open_of_track(state, lead->id()) - own,
                          .failures = payload.failures()};
  const std::uint64_t deposit = required_deposit(lead->deposit(), throttle);
  const std::uint32_t endorsers = needed_endorsers(lead->endorsers(), throttle);
  return Terms{.lead = std::move(*lead),
               .payload_hash = hash,
               .payload = std::move(payload),
               .deposit = deposit,
               .endorsers = endorsers};
}

Result<Terms, Error> terms_of(const Options& options, v1::Scheme scheme, const ChainId& chain_id,
                              const Overlay& state) {
  static const google::protobuf::RepeatedField<std::uint64_t> none;
  return terms_of(Content{.scheme = scheme,
                          .winners = 0,
                          .options = options,
                          .text_hash = {},
                          .prerequisites = none},
                  Kind{}, chain_id, state);
}

std::uint64_t paid(const v1::Proposal& proposal) {
  std::uint64_t sum = 0;
  for (const v1::Deposit& deposit : proposal.deposits()) sum += deposit.amount();
  return sum;
}

Outcome start_notice(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  const auto effective = effective_track(state, proposal.options(), ask_of(proposal));
  if (!effective) return refuse(effective.error());
  enter(state, moment, proposal, v1::PROPOSAL_STATE_NOTICE,
        moment.now_ms() + effective->rules().notice_ms());
  return {};
}

}  // namespace salus::dao::governance
