// Owns: the keys of the module's records, and the queue of set changes with the states that follow
// it.
#include "dao/validators/records.h"

#include <algorithm>

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/membership/membership.h"

namespace salus::dao::validators {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr std::size_t kNameMax = 32;

Key current_key() { return Key(Table::ValidatorSets); }
Key pending_key() { return Key(Table::PendingSet); }
Key queue_key() { return Key(Table::SetChanges); }
Key past_key(std::uint64_t epoch) {
  return Key(Table::PastSets).u8(static_cast<std::uint8_t>(epoch % kSetsKept));
}
Key validator_key(const AccountId& id) { return Key(Table::Validators).bytes(id.view()); }
Key liveness_key(const AccountId& id) { return Key(Table::ValidatorLiveness).bytes(id.view()); }
Key used_key(std::string_view key) { return Key(Table::ValidatorKeys).bytes(as_bytes(key)); }
Key name_key(std::string_view name) { return Key(Table::ValidatorNames).bytes(as_bytes(name)); }

void move(Overlay& state, const AccountId& id, v1::ValidatorState from, v1::ValidatorState to) {
  auto validator = find_validator(state, id);
  if (!validator || validator->state() != from) return;
  validator->set_state(to);
  put_validator(state, *validator);
}

void forget_new_key(Overlay& state, const AccountId& id) {
  auto liveness = find_liveness(state, id);
  if (!liveness || liveness->new_key_ready_height() == 0) return;
  liveness->clear_new_key_ready_height();
  put_liveness(state, id, *liveness);
}

std::vector<AccountId> named(const v1::SetChange& change) {
  std::vector<AccountId> ids;
  if (const auto by = AccountId::from(change.by())) ids.push_back(*by);
  for (const v1::NomineeRef& nominee : change.add()) {
    ids.push_back(id_of(nominee.operator_account()));
  }
  for (const std::string& removed : change.remove()) {
    const AccountId id = id_of(removed);
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

}  // namespace

AccountId id_of(std::string_view operator_account) {
  const auto id = AccountId::from(operator_account);
  SALUS_ASSERT(id.has_value(), "a record of our own names an account by 32 bytes");
  return *id;
}

v1::ValidatorSet current_set(const Overlay& state) {
  return state::find_or_default<v1::ValidatorSet>(state, current_key());
}

std::optional<v1::ValidatorSet> pending_set(const Overlay& state) {
  return state::find<v1::ValidatorSet>(state, pending_key());
}

std::optional<v1::ValidatorSet> set_of_epoch(const Overlay& state, Epoch epoch) {
  v1::ValidatorSet current = current_set(state);
  if (epoch.value() == current.epoch()) return current;
  if (epoch.value() > current.epoch() || current.epoch() - epoch.value() >= kSetsKept) {
    return std::nullopt;
  }
  return state::find<v1::ValidatorSet>(state, past_key(epoch.value()));
}

v1::ValidatorSet coming_set(const Overlay& state) {
  auto pending = pending_set(state);
  return pending ? std::move(*pending) : current_set(state);
}

void put_current_set(Overlay& state, const v1::ValidatorSet& set) {
  state::put(state, current_key(), set);
}

void put_pending_set(Overlay& state, const v1::ValidatorSet& set) {
  state::put(state, pending_key(), set);
}

void erase_pending_set(Overlay& state) { state::erase(state, pending_key()); }

void put_past_set(Overlay& state, const v1::ValidatorSet& set) {
  state::put(state, past_key(set.epoch()), set);
}

std::optional<v1::Validator> find_validator(const Overlay& state,
                                            const AccountId& operator_account) {
  return state::find<v1::Validator>(state, validator_key(operator_account));
}

void put_validator(Overlay& state, const v1::Validator& validator) {
  state::put(state, validator_key(id_of(validator.info().operator_account())), validator);
}

std::optional<v1::ValidatorLiveness> find_liveness(const Overlay& state,
                                                   const AccountId& operator_account) {
  return state::find<v1::ValidatorLiveness>(state, liveness_key(operator_account));
}

void put_liveness(Overlay& state, const AccountId& operator_account,
                  const v1::ValidatorLiveness& liveness) {
  state::put(state, liveness_key(operator_account), liveness);
}

void erase_liveness(Overlay& state, const AccountId& operator_account) {
  state::erase(state, liveness_key(operator_account));
}

bool is_key_used(const Overlay& state, std::string_view key) {
  return state.contains(used_key(key).str());
}

void claim_keys(Overlay& state, const v1::ValidatorInfo& info) {
  state.put(used_key(info.validator_key()).str(), info.operator_account());
  state.put(used_key(info.node_key()).str(), info.operator_account());
}

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, allowed);
}

std::optional<AccountId> owner_of_name(const Overlay& state, std::string_view name) {
  const auto owner = state.get(name_key(name).str());
  if (!owner) return std::nullopt;
  return id_of(*owner);
}

void claim_name(Overlay& state, const v1::ValidatorInfo& info) {
  state.put(name_key(info.name()).str(), info.operator_account());
}

v1::SetChangeQueue set_changes(const Overlay& state) {
  return state::find_or_default<v1::SetChangeQueue>(state, queue_key());
}

void put_queue(Overlay& state, const v1::SetChangeQueue& queue) {
  if (queue.changes().empty() && queue.owed().empty()) return state::erase(state, queue_key());
  state::put(state, queue_key(), queue);
}

bool is_full(const v1::SetChangeQueue& queue) { return queue.changes_size() >= kQueueMax; }

bool removes(const v1::SetChange& change, const AccountId& operator_account) {
  return std::ranges::find(change.remove(), operator_account.to_string()) != change.remove().end();
}

const v1::SetChange* change_of(const v1::SetChangeQueue& queue, const AccountId& operator_account) {
  for (const v1::SetChange& change : queue.changes()) {
    const std::vector<AccountId> ids = named(change);
    if (std::ranges::find(ids, operator_account) != ids.end()) return &change;
  }
  return nullptr;
}

std::optional<std::string> key_to_come(const Overlay& state, const v1::Validator& validator) {
  const std::string& account = validator.info().operator_account();
  const v1::SetChangeQueue queue = set_changes(state);
  for (const v1::SetChange& change : queue.changes()) {
    for (const v1::ValidatorRekey& rekey : change.rekey()) {
      if (rekey.operator_account() == account) return rekey.validator_key();
    }
  }
  const auto pending = pending_set(state);
  if (!pending) return std::nullopt;
  for (const v1::ValidatorInfo& info : pending->validators()) {
    const bool moves = info.validator_key() != validator.info().validator_key();
    if (info.operator_account() == account && moves) return info.validator_key();
  }
  return std::nullopt;
}

void enqueue(Overlay& state, const BlockContext& block, v1::SetChange change, Events& events) {
  v1::SetChangeQueue queue = set_changes(state);
  SALUS_ASSERT(!is_full(queue), "who queues a change has looked for room");
  change.set_id(state::take_number(state, Key(Table::ValidatorCounters)));
  change.set_queued_height(block.height.value());
  *queue.add_changes() = change;
  put_queue(state, queue);
  for (const v1::NomineeRef& nominee : change.add()) {
    move(state, id_of(nominee.operator_account()), v1::VALIDATOR_STATE_NOMINEE,
         v1::VALIDATOR_STATE_QUEUED);
  }
  for (const std::string& removed : change.remove()) {
    move(state, id_of(removed), v1::VALIDATOR_STATE_ACTIVE, v1::VALIDATOR_STATE_LEAVING);
  }
  emit(events, v1::EVENT_KIND_SET_CHANGE_QUEUED, named(change),
       {{v1::EVENT_FIELD_CHANGE, change.id()},
        {v1::EVENT_FIELD_CAUSE, static_cast<std::uint64_t>(change.cause())}},
       true);
}

void dequeue(Overlay& state, std::uint64_t id, Events& events) {
  v1::SetChangeQueue queue = set_changes(state);
  auto* changes = queue.mutable_changes();
  const auto found = std::ranges::find(*changes, id, &v1::SetChange::id);
  SALUS_ASSERT(found != changes->end(), "who takes a change out has found it");
  const v1::SetChange change = *found;
  changes->erase(found);
  put_queue(state, queue);
  for (const v1::NomineeRef& nominee : change.add()) {
    move(state, id_of(nominee.operator_account()), v1::VALIDATOR_STATE_QUEUED,
         v1::VALIDATOR_STATE_NOMINEE);
  }
  for (const std::string& removed : change.remove()) {
    move(state, id_of(removed), v1::VALIDATOR_STATE_LEAVING, v1::VALIDATOR_STATE_ACTIVE);
  }
  for (const v1::ValidatorRekey& rekey : change.rekey()) {
    forget_new_key(state, id_of(rekey.operator_account()));
  }
  emit(events, v1::EVENT_KIND_SET_CHANGE_WITHDRAWN, named(change), {{v1::EVENT_FIELD_CHANGE, id}},
       true);
}

void bind_operator(Overlay& state, const AccountId& operator_account) {
  accounts::add_obligation(state, operator_account);
  membership::add_obligation(state, operator_account);
}

void release_operator(Overlay& state, const AccountId& operator_account) {
  accounts::end_obligation(state, operator_account);
  membership::end_obligation(state, operator_account);
}

}  // namespace salus::dao::validators
