// Owns: a transaction applies whole or not at all (G-1.5) and always uses its sequence (G-2.4); the
// end of a block is total and bounded (section 12).
#include "dao/application.h"

#include "dao/accounts/accounts.h"
#include "dao/accounts/recovery.h"
#include "dao/acts/acts.h"
#include "dao/assets/assets.h"
#include "dao/assets/stakes.h"
#include "dao/constitution.h"
#include "dao/dispatcher.h"
#include "dao/due.h"
#include "dao/governance/governance.h"
#include "dao/governance/least_track.h"
#include "dao/membership/membership.h"
#include "dao/pauses/pauses.h"
#include "dao/power/delegation.h"
#include "dao/power/power.h"
#include "dao/treasury/treasury.h"
#include "dao/validators/upgrades.h"
#include "dao/validators/validators.h"

namespace salus::dao {

namespace {

constexpr int kActionsMax = 16;
// One sweep of at most 128 records a block (section 12, class 4).
constexpr std::uint64_t kUpkeepPerBlock = 1;

struct Refusal {
  Error error;
  std::uint32_t action_index;
};

// Every action in order on one overlay. The keys that signed are judged by the account as it was
// when the transaction began, so a rotation cannot lift what follows it.
Result<void, Refusal> apply_all(const BlockContext& block, const v1::TxBody& body,
                                const v1::Account& account, const AccountId& id,
                                const std::vector<PublicKey>& signers,
                                std::vector<v1::Event>& events, state::Overlay& state) {
  for (int i = 0; i < body.actions_size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    const v1::Action& action = body.actions(i);
    // An earlier action, or transaction of the block, may have closed it for ever.
    if (!accounts::is_open(state, id)) return std::unexpected(Refusal{Error::AccountClosed, index});
    Outcome outcome = check_action(action);
    if (!outcome) return std::unexpected(Refusal{outcome.error(), index});
    const Access* access = find_access(action.kind_case());
    if (!access->member) return std::unexpected(Refusal{Error::NotAuthorized, index});
    outcome = accounts::authorise(account, signers, scope_of(action, *access, state));
    if (!outcome) return std::unexpected(Refusal{outcome.error(), index});

    ActionContext context{.block = block,
                          .authority = Authority::Member,
                          .signer = id,
                          .proposal = 0,
                          .execution_id = {},
                          .action_index = index,
                          .events = events};
    outcome = apply_action(action, context, state);
    if (!outcome) return std::unexpected(Refusal{outcome.error(), index});
  }
  return {};
}

void run_item(const v1::DueItem& item, const BlockContext& block, state::Overlay& state,
              std::vector<v1::Event>& events) {
  const ByteView ref = as_bytes(item.ref());
  const auto kind = static_cast<due::Kind>(item.kind());
  switch (kind) {
    case due::Kind::ApplicationLapse:
      return membership::lapse_application(state, block, ref, events);
    case due::Kind::ProbationEnd:
      return membership::end_probation(state, block, ref, events);
    case due::Kind::SuspensionEnd:
      return membership::end_suspension(state, block, ref, events);
    case due::Kind::OfficeEnd:
      return membership::end_office(state, block, ref, events);
    case due::Kind::CredentialEnd:
      return membership::end_credential(state, block, ref, events);
    case due::Kind::IssuerWalk:
      return membership::walk_issuer(state, block, ref, events);
    case due::Kind::DelegationEnd:
      return power::end_delegation(state, ref, events);
    case due::Kind::ActLapse:
      return acts::lapse_act(state, block, ref, events);
    case due::Kind::PayoutExpiry:
      return treasury::expire_payout(state, block, ref, events);
    case due::Kind::RecoveryEnd:
      return accounts::end_recovery(state, block, ref, events);
    case due::Kind::RecoveryChange:
      return accounts::change_recovery(state, block, ref, events);
    case due::Kind::ScheduleLapse:
      return treasury::lapse_schedule(state, block, ref, events);
    case due::Kind::StakeReturn:
      return assets::return_stake(state, block, ref, events);
    case due::Kind::BudgetEnd:
      return treasury::end_budget(state, block, ref, events);
    case due::Kind::GrantLapse:
      return treasury::lapse_grant(state, block, ref, events);
    case due::Kind::ProposalLapse:
    case due::Kind::VotingStart:
    case due::Kind::PhaseEnd:
    case due::Kind::Execution:
    case due::Kind::GraceEnd:
    case due::Kind::StanceSweep:
      return governance::on_due(kind, ref, block, state, events, dispatch());
  }
}

// Whether a start must wait: a class 0 item of its time or an earlier one is still queued (G-12.2).
bool must_wait(const state::Overlay& state, const v1::DueItem& item, due::Class due_class) {
  return due_class == due::Class::Starts &&
         due::first_due(state, due::Class::Lapses, item.at_ms()).has_value();
}

// At most `items_max`; the rest keep their places (G-12.1). True if any ran.
bool run_class(const BlockContext& block, due::Class due_class, std::uint64_t items_max,
               state::Overlay& state, std::vector<v1::Event>& events) {
  bool ran = false;
  for (std::uint64_t i = 0; i < items_max; ++i) {
    const auto item = due::first_due(state, due_class, block.time.value());
    if (!item || must_wait(state, *item, due_class)) break;
    // Whole or not at all: an item's changes reach the state together (G-12.3).
    state::Overlay attempt = state.branch();
    due::remove(attempt, *item);
    run_item(*item, block, attempt, events);
    state.adopt(std::move(attempt));
    ran = true;
  }
  return ran;
}

governance::Options one_option(const std::vector<v1::Action>& actions) {
  governance::Options options;
  v1::ProposalOption& option = *options.Add();
  for (const v1::Action& action : actions) *option.add_actions() = action;
  return options;
}

void append(std::vector<std::string>& all, std::vector<std::string> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Outcome check(const v1::TxBody& body) {
  if (body.chain_id().size() != ChainId::kSize || body.account().size() != AccountId::kSize) {
    return refuse(Error::Malformed);
  }
  if (body.actions_size() == 0) return refuse(Error::NoActions);
  if (body.actions_size() > kActionsMax) return refuse(Error::TooManyActions);
  for (const v1::Action& action : body.actions()) {
    const Outcome checked = check_action(action);
    if (!checked) return checked;
  }
  return {};
}

Outcome check_authentic(const state::Overlay& state, const v1::TxBody& body,
                        const std::vector<PublicKey>& signers, Height height,
                        std::uint64_t window) {
  const auto id = AccountId::from(body.account());
  if (!id) return refuse(Error::Malformed);
  const auto account = accounts::find_account(state, *id);
  if (!account) return refuse(Error::AccountUnknown);
  if (account->state() != v1::ACCOUNT_STATE_OPEN) return refuse(Error::AccountClosed);
  const Outcome known = accounts::check_signers(*account, signers);
  if (!known) return known;

  // A block takes the next sequence only; how long a transaction may wait is admission's question.
  std::optional<std::uint64_t> ttl_max;
  if (window > 1) ttl_max = constitution::value(state, "accounts.ttl_max");
  return accounts::check_sequence(
      {.next = account->next_sequence(), .window = window, .height = height, .ttl_max = ttl_max},
      body.sequence(), body.expiry_height());
}

v1::TxResult execute(const BlockContext& block, const TxId& id, const v1::TxBody& body,
                     const std::vector<PublicKey>& signers, state::Overlay& state) {
  v1::TxResult result;
  result.set_tx_id(id.to_string());
  const auto refused = [&result](Error error, std::uint32_t index) {
    result.set_code(static_cast<v1::ErrorCode>(error));
    result.set_action_index(index);
    return result;
  };
  const auto signer = AccountId::from(body.account());
  auto account = signer ? accounts::find_account(state, *signer) : std::nullopt;
  // The ledger lets no such transaction into a block (check_authentic).
  if (!account) return refused(Error::AccountUnknown, 0);

  account->set_next_sequence(account->next_sequence() + 1);
  accounts::put_account(state, *account);
  if (body.auth_version() != account->auth_version()) {
    return refused(Error::AuthVersionStale, 0);
  }

  state::Overlay attempt = state.branch();
  std::vector<v1::Event> events;
  const auto applied = apply_all(block, body, *account, *signer, signers, events, attempt);
  if (!applied) return refused(applied.error().error, applied.error().action_index);
  state.adopt(std::move(attempt));
  for (v1::Event& event : events) *result.add_events() = std::move(event);
  return result;
}

EndOfBlock end_block(const BlockContext& block, state::Overlay& state) {
  EndOfBlock end;
  validators::record_block(state, block);
  end.active = governance::close_block(block, state, end.events);

  struct Bound {
    due::Class due_class;
    std::uint64_t items_max;
  };
  const Bound bounds[] = {
      {due::Class::Lapses, constitution::value(state, "governance.due_lapses")},
      {due::Class::Ends, constitution::value(state, "governance.due_ends")},
      {due::Class::Starts, constitution::value(state, "governance.due_starts")},
      {due::Class::Executions, constitution::value(state, "governance.due_executions")},
      {due::Class::Upkeep, kUpkeepPerBlock},
  };
  for (const Bound& bound : bounds) {
    const bool ran = run_class(block, bound.due_class, bound.items_max, state, end.events);
    end.active = end.active || ran;
  }
  // Last, so that it sees every change that this block queued (C39).
  const bool turned = validators::turn_sets(state, block, end.events);
  const bool upgraded = validators::turn_upgrade(state, block, end.events);
  end.active = end.active || turned || upgraded;
  return end;
}

v1::ValidatorSet validator_set(const state::Overlay& state) {
  return validators::current_set(state);
}

std::optional<v1::ValidatorSet> pending_set(const state::Overlay& state) {
  return validators::pending_set(state);
}

std::optional<v1::ValidatorSet> set_of_epoch(const state::Overlay& state, Epoch epoch) {
  return validators::set_of_epoch(state, epoch);
}

std::uint32_t protocol_version(const state::Overlay& state) {
  return validators::protocol_version(state);
}

std::optional<UpgradeNotice> coming_upgrade(const state::Overlay& state) {
  const auto upgrade = validators::scheduled_upgrade(state);
  if (!upgrade) return std::nullopt;
  return UpgradeNotice{.version = upgrade->version(),
                       .manifest_hash = *Hash::from(upgrade->manifest_hash()),
                       .from_height = Height{upgrade->from_height()}};
}

std::optional<UpgradeNotice> active_upgrade(const state::Overlay& state) {
  const auto upgrade = validators::active_upgrade(state);
  if (!upgrade) return std::nullopt;
  return UpgradeNotice{.version = upgrade->version(),
                       .manifest_hash = *Hash::from(upgrade->manifest_hash()),
                       .from_height = Height{upgrade->active_height()}.next()};
}

bool set_change_waits(const state::Overlay& state) { return validators::set_change_waits(state); }

std::uint64_t parameter(const state::Overlay& state, std::string_view name) {
  return constitution::value(state, name);
}

std::optional<std::uint64_t> next_due_ms(const state::Overlay& state) {
  return due::next_due_ms(state);
}

Result<SubmissionTerms, Error> submission_terms(const ChainId& chain_id,
                                                const std::vector<v1::Action>& actions,
                                                const state::Overlay& state) {
  const auto terms = governance::terms_of(one_option(actions), v1::SCHEME_YES_NO, chain_id, state);
  if (!terms) return std::unexpected(terms.error());
  return SubmissionTerms{.lead = terms->lead.code(), .deposit = terms->deposit};
}

Simulation simulate_as_dao(const BlockContext& block, const std::vector<v1::Action>& actions,
                           std::uint32_t window_track, const state::Overlay& state) {
  Simulation simulation;
  state::Overlay attempt = state.branch();
  std::vector<v1::Event> events;
  for (const v1::Action& action : actions) {
    Outcome outcome = check_action(action);
    if (outcome) {
      // Each action sees what those before it changed (G-9.10); a refused one leaves nothing.
      state::Overlay step = attempt.branch();
      ActionContext context{.block = block,
                            .authority = Authority::Dao,
                            .signer = {},
                            .proposal = 0,
                            .execution_id = {},
                            .action_index = static_cast<std::uint32_t>(simulation.actions.size()),
                            .events = events};
      outcome = apply_action(action, context, step);
      if (outcome) attempt.adopt(std::move(step));
    }
    simulation.actions.push_back(outcome);
  }
  for (const auto& [key, after] : attempt.changes()) {
    auto before = state.get(key);
    if (before == after) continue;
    simulation.changes.push_back({.key = key, .before = std::move(before), .after = after});
  }
  // By the caps before the batch, as an execution is charged before its first action.
  state::Overlay charged = state.branch();
  simulation.batch =
      governance::charge_windows(charged, window_track, one_option(actions), block.time.value());
  return simulation;
}

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  std::vector<std::string> broken;
  append(broken, accounts::broken_invariants(state));
  append(broken, assets::broken_invariants(state));
  append(broken, power::broken_invariants(state));
  append(broken, acts::broken_invariants(state));
  append(broken, membership::broken_invariants(state));
  append(broken, constitution::broken_invariants(state));
  append(broken, pauses::broken_invariants(state));
  append(broken, governance::broken_invariants(state));
  append(broken, treasury::broken_invariants(state));
  append(broken, validators::broken_invariants(state));
  append(broken, validators::broken_upgrade_invariants(state));
  return broken;
}

}  // namespace salus::dao
