// Owns: how a set change comes to wait: by an operator for itself, or by the DAO for anybody. What
// the pre-flight refuses is refused here; what it lets wait waits in the queue (G-10.3).
#include <algorithm>
#include <set>

#include "dao/validators/keys.h"
#include "dao/validators/preflight.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

using state::Overlay;

constexpr std::size_t kNonceBytes = 16;

bool is_member(const v1::ValidatorSet& set, std::string_view operator_account) {
  const auto found =
      std::ranges::find(set.validators(), operator_account, &v1::ValidatorInfo::operator_account);
  return found != set.validators().end();
}

v1::SetChange own_change(const ActionContext& context, v1::SetChangeCause cause) {
  v1::SetChange change;
  change.set_cause(cause);
  change.set_by(context.signer.to_string());
  return change;
}

// A sitting validator without a change of its own: ValidatorUnknown, LeaveQueued, ChangeOpen.
Outcome check_own(const Overlay& state, const AccountId& signer) {
  const auto validator = find_validator(state, signer);
  if (validator && validator->state() == v1::VALIDATOR_STATE_LEAVING) {
    return refuse(Error::LeaveQueued);
  }
  if (!validator || !is_member(coming_set(state), signer.to_string())) {
    return refuse(Error::ValidatorUnknown);
  }
  const v1::SetChangeQueue queue = set_changes(state);
  if (const v1::SetChange* open = change_of(queue, signer)) {
    return refuse(removes(*open, signer) ? Error::LeaveQueued : Error::ChangeOpen);
  }
  if (is_full(queue)) return refuse(Error::QueueFull);
  return {};
}

Outcome check_preflight(const Overlay& state, const v1::SetChange& change) {
  // Q1, Q3 and Q5 do not ask for the height.
  const Preflight judged = preflight(state, change, Height{});
  if (judged.refusal() != nullptr) return refuse(Error::SetChangeInvalid);
  return {};
}

Outcome take_nomination_back(const v1::Validator& nominee, ActionContext& context, Overlay& state) {
  // What the DAO voted cannot happen any more, so it does not stay in the queue.
  const v1::SetChangeQueue queue = set_changes(state);
  if (const v1::SetChange* change = change_of(queue, context.signer)) {
    dequeue(state, change->id(), context.events);
  }
  v1::Validator withdrawn = nominee;
  withdrawn.set_state(v1::VALIDATOR_STATE_WITHDRAWN);
  put_validator(state, withdrawn);
  release_operator(state, context.signer);
  emit(context.events, v1::EVENT_KIND_NOMINEE_WITHDRAWN, {context.signer}, {});
  return {};
}

Outcome check_added(const Overlay& state, const v1::NomineeRef& nominee) {
  const auto validator = find_validator(state, id_of(nominee.operator_account()));
  if (!validator || validator->info().validator_key() != nominee.validator_key()) {
    return refuse(Error::NomineeUnknown);
  }
  if (validator->state() == v1::VALIDATOR_STATE_QUEUED) return refuse(Error::ChangeOpen);
  if (validator->state() != v1::VALIDATOR_STATE_NOMINEE) return refuse(Error::NomineeUnknown);
  return {};
}

Outcome check_removed(const Overlay& state, const std::string& operator_account) {
  const AccountId id = id_of(operator_account);
  const v1::SetChangeQueue queue = set_changes(state);
  const v1::SetChange* open = change_of(queue, id);
  if (open != nullptr && removes(*open, id)) return refuse(Error::LeaveQueued);
  if (is_member(coming_set(state), operator_account)) return {};
  const auto validator = find_validator(state, id);
  const bool leaves = validator && validator->state() == v1::VALIDATOR_STATE_LEAVING;
  return refuse(leaves ? Error::LeaveQueued : Error::ValidatorUnknown);
}

}  // namespace

Outcome check(const v1::Rekey& action) { return check_new_keys(keys_of(action)); }

Outcome apply(const v1::Rekey& action, ActionContext& context, Overlay& state) {
  if (auto outcome = check_own(state, context.signer); !outcome) return outcome;
  // One that is pending has left the queue; its keys come first.
  if (key_to_come(state, *find_validator(state, context.signer))) {
    return refuse(Error::ChangeOpen);
  }
  if (auto outcome = prove_new_keys(keys_of(action), context, state); !outcome) return outcome;

  v1::SetChange change = own_change(context, v1::SET_CHANGE_CAUSE_REKEY);
  v1::ValidatorRekey& rekey = *change.add_rekey();
  rekey.set_operator_account(context.signer.to_string());
  rekey.set_validator_key(action.validator_key());
  rekey.set_node_key(action.node_key());
  if (auto outcome = check_preflight(state, change); !outcome) return outcome;

  v1::ValidatorInfo claimed;
  claimed.set_operator_account(context.signer.to_string());
  claimed.set_validator_key(action.validator_key());
  claimed.set_node_key(action.node_key());
  claim_keys(state, claimed);
  enqueue(state, context.block, std::move(change), context.events);
  return {};
}

Outcome apply(const v1::Leave&, ActionContext& context, Overlay& state) {
  const auto validator = find_validator(state, context.signer);
  const bool nominated = validator && (validator->state() == v1::VALIDATOR_STATE_NOMINEE ||
                                       validator->state() == v1::VALIDATOR_STATE_QUEUED);
  // One whose joining is pending already is as good as a member.
  if (nominated && !is_member(coming_set(state), context.signer.to_string())) {
    return take_nomination_back(*validator, context, state);
  }
  if (auto outcome = check_own(state, context.signer); !outcome) return outcome;
  v1::SetChange change = own_change(context, v1::SET_CHANGE_CAUSE_LEAVE);
  change.add_remove(context.signer.to_string());
  if (auto outcome = check_preflight(state, change); !outcome) return outcome;
  enqueue(state, context.block, std::move(change), context.events);
  return {};
}

Outcome check(const v1::ChangeSet& action) {
  if (action.add_size() + action.remove_size() == 0) return refuse(Error::Limit);
  if (action.add_size() > kNamesOfChangeMax || action.remove_size() > kNamesOfChangeMax) {
    return refuse(Error::Limit);
  }
  std::set<std::string_view> operators;
  for (const v1::NomineeRef& nominee : action.add()) {
    if (nominee.operator_account().size() != AccountId::kSize ||
        nominee.validator_key().size() != PublicKey::kSize) {
      return refuse(Error::Malformed);
    }
    if (!operators.insert(nominee.operator_account()).second) return refuse(Error::Limit);
  }
  for (const std::string& removed : action.remove()) {
    if (removed.size() != AccountId::kSize) return refuse(Error::Malformed);
    if (!operators.insert(removed).second) return refuse(Error::Limit);
  }
  return {};
}

Outcome check_proposed(const v1::ChangeSet& action, const Overlay& state) {
  for (const v1::NomineeRef& nominee : action.add()) {
    if (auto outcome = check_added(state, nominee); !outcome) return outcome;
  }
  for (const std::string& removed : action.remove()) {
    if (auto outcome = check_removed(state, removed); !outcome) return outcome;
  }
  return check_preflight(state, as_set_change(action));
}

Outcome apply(const v1::ChangeSet& action, ActionContext& context, Overlay& state) {
  if (auto outcome = check_proposed(action, state); !outcome) return outcome;
  // An operator cannot hold off its removal by a change of its own.
  for (const std::string& removed : action.remove()) {
    const v1::SetChangeQueue queue = set_changes(state);
    if (const v1::SetChange* own = change_of(queue, id_of(removed))) {
      dequeue(state, own->id(), context.events);
    }
  }
  if (is_full(set_changes(state))) return refuse(Error::QueueFull);
  v1::SetChange change = as_set_change(action);
  change.set_origin(context.execution_id.to_string());
  enqueue(state, context.block, std::move(change), context.events);
  return {};
}

Outcome apply(const v1::WithdrawChange& action, ActionContext& context, Overlay& state) {
  const v1::SetChangeQueue queue = set_changes(state);
  const auto found = std::ranges::find(queue.changes(), action.change(), &v1::SetChange::id);
  if (found == queue.changes().end()) return refuse(Error::ChangeUnknown);
  const bool own = found->by() == context.signer.to_string();
  if (context.authority != Authority::Dao && !own) return refuse(Error::NotAuthorized);
  dequeue(state, action.change(), context.events);
  return {};
}

Outcome check(const v1::Reseat& action) {
  if (action.nonce().size() != kNonceBytes) return refuse(Error::Malformed);
  if (action.signature().size() != Signature::kSize) return refuse(Error::ProofInvalid);
  return {};
}

Outcome apply(const v1::Reseat& action, ActionContext& context, Overlay& state) {
  if (auto outcome = check_own(state, context.signer); !outcome) return outcome;
  auto validator = find_validator(state, context.signer);
  const std::uint64_t height = context.block.height.value();
  const bool before = !validator->reseat_nonce().empty();
  if (before && height - validator->reseat_height() < kReseatHeights) {
    return refuse(Error::ReseatTooSoon);
  }
  const Bytes message = reseat_proof(context.block.chain_id, action.nonce());
  if (!signed_by(validator->info().validator_key(), message, action.signature())) {
    return refuse(Error::ProofInvalid);
  }
  validator->set_reseat_nonce(action.nonce());
  validator->set_reseat_epoch(current_set(state).epoch());
  validator->set_reseat_height(height);
  put_validator(state, *validator);
  enqueue(state, context.block, own_change(context, v1::SET_CHANGE_CAUSE_RESEAT), context.events);
  return {};
}

}  // namespace salus::dao::validators
