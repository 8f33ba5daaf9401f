// Owns: how a set follows another (C39 to C41): one change at a time, the oldest that passes, at a
// block that every node knows from the state before it. Nothing here can fail.
#include <algorithm>

#include "dao/constitution.h"
#include "dao/validators/preflight.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

using state::Overlay;

const v1::ValidatorInfo* member_of(const v1::ValidatorSet& set, std::string_view operator_account) {
  const auto found =
      std::ranges::find(set.validators(), operator_account, &v1::ValidatorInfo::operator_account);
  return found == set.validators().end() ? nullptr : &*found;
}

void retire_key(v1::Validator& validator, const std::string& key) {
  auto* old = validator.mutable_old_keys();
  if (static_cast<std::uint32_t>(old->size()) == kOldKeysMax) old->erase(old->begin());
  *old->Add() = key;
}

// Of the new keys nothing is known but the proof that let them in: the old node's blocks say
// nothing of the new one (G-10.2).
void change_keys(Overlay& state, const AccountId& id, v1::Validator& validator) {
  retire_key(validator, validator.info().validator_key());
  const auto old = find_liveness(state, id).value_or(v1::ValidatorLiveness{});
  v1::ValidatorLiveness liveness;
  liveness.set_last_ready_height(old.new_key_ready_height());
  put_liveness(state, id, liveness);
}

// A member of the new set: its keys are those of the set, its state follows the queue.
void seat(Overlay& state, const v1::ValidatorInfo& info, const v1::SetChangeQueue& queue,
          Events& events) {
  const AccountId id = id_of(info.operator_account());
  auto validator = find_validator(state, id).value_or(v1::Validator{});
  if (validator.info().validator_key() != info.validator_key()) {
    change_keys(state, id, validator);
  }
  *validator.mutable_info() = info;
  const bool joins = validator.state() == v1::VALIDATOR_STATE_QUEUED;
  if (validator.state() != v1::VALIDATOR_STATE_FAULTY) {
    const v1::SetChange* change = change_of(queue, id);
    const bool leaves = change != nullptr && removes(*change, id);
    validator.set_state(leaves ? v1::VALIDATOR_STATE_LEAVING : v1::VALIDATOR_STATE_ACTIVE);
  }
  put_validator(state, validator);
  if (joins) emit(events, v1::EVENT_KIND_VALIDATOR_ACTIVATED, {id}, {}, true);
}

void unseat(Overlay& state, const v1::ValidatorInfo& info, Events& events) {
  const AccountId id = id_of(info.operator_account());
  auto validator = find_validator(state, id).value_or(v1::Validator{});
  validator.set_state(v1::VALIDATOR_STATE_RETIRED);
  put_validator(state, validator);
  release_operator(state, id);
  emit(events, v1::EVENT_KIND_VALIDATOR_RETIRED, {id}, {}, true);
}

// C41: executing the boundary block ends with current = pending, pending = none, epoch + 1.
void cross_boundary(Overlay& state, const BlockContext& block, v1::ValidatorSet next,
                    Events& events) {
  const v1::ValidatorSet last = current_set(state);
  const v1::SetChangeQueue queue = set_changes(state);
  next.set_opened_height(block.height.value());
  put_past_set(state, last);
  put_current_set(state, next);
  erase_pending_set(state);
  emit(events, v1::EVENT_KIND_EPOCH_STARTED, {},
       {{v1::EVENT_FIELD_EPOCH, next.epoch()},
        {v1::EVENT_FIELD_COUNT, static_cast<std::uint64_t>(next.validators_size())}});
  for (const v1::ValidatorInfo& info : next.validators()) {
    const v1::ValidatorInfo* before = member_of(last, info.operator_account());
    const bool moves = before == nullptr || before->validator_key() != info.validator_key();
    if (moves) seat(state, info, queue, events);
  }
  for (const v1::ValidatorInfo& info : last.validators()) {
    if (member_of(next, info.operator_account()) == nullptr) unseat(state, info, events);
  }
}

// Removals for equivocation found no room when the evidence came.
void queue_owed(Overlay& state, const BlockContext& block, Events& events) {
  v1::SetChangeQueue queue = set_changes(state);
  if (queue.owed().empty()) return;
  const v1::ValidatorSet coming = coming_set(state);
  while (!queue.owed().empty() && !is_full(queue)) {
    const AccountId id = id_of(queue.owed(0));
    queue.mutable_owed()->erase(queue.mutable_owed()->begin());
    put_queue(state, queue);
    if (member_of(coming, id.to_string()) != nullptr && change_of(queue, id) == nullptr) {
      v1::SetChange change;
      change.add_remove(id.to_string());
      change.set_cause(v1::SET_CHANGE_CAUSE_EVIDENCE);
      enqueue(state, block, std::move(change), events);
    }
    queue = set_changes(state);
  }
}

// Writes what each change waits for; the place of the first that passes, or the queue's end.
int judge_queue(const Overlay& state, const BlockContext& block, const v1::ValidatorSet& before,
                v1::SetChangeQueue& queue) {
  int first = queue.changes_size();
  for (int i = queue.changes_size() - 1; i >= 0; --i) {
    v1::SetChange& change = *queue.mutable_changes(i);
    const Preflight judged = preflight(state, before, change, block.height);
    const PreflightLine* obstacle = judged.obstacle();
    change.set_waits(obstacle == nullptr ? v1::PREFLIGHT_RULE_UNSPECIFIED : obstacle->rule);
    if (obstacle == nullptr) first = i;
  }
  return first;
}

// C39: the oldest that passes, once the epoch has `epoch_blocks_min` blocks. A boundary block only
// says what each change waits for under the new set (C41).
bool take_change(Overlay& state, const BlockContext& block, bool at_boundary, Events& events) {
  const v1::SetChangeQueue before = set_changes(state);
  if (before.changes().empty()) return false;
  v1::SetChangeQueue queue = before;
  const v1::ValidatorSet current = current_set(state);
  const int first = judge_queue(state, block, current, queue);
  const std::uint64_t blocks = block.height.value() - current.opened_height();
  const bool ripe = blocks >= constitution::value(state, "consensus.epoch_blocks_min");
  if (at_boundary || !ripe || first == queue.changes_size()) {
    if (state::encode(queue) != state::encode(before)) put_queue(state, queue);
    return false;
  }

  const v1::SetChange change = queue.changes(first);
  queue.mutable_changes()->erase(queue.mutable_changes()->begin() + first);
  put_queue(state, queue);
  put_pending_set(state, changed(state, current, change));
  emit(events, v1::EVENT_KIND_SET_CHANGE_PENDING, {},
       {{v1::EVENT_FIELD_CHANGE, change.id()}, {v1::EVENT_FIELD_EPOCH, current.epoch() + 1}}, true);
  return true;
}

}  // namespace

bool set_change_waits(const Overlay& state) {
  if (pending_set(state)) return true;
  const v1::SetChangeQueue queue = set_changes(state);
  const auto only_its_turn = [](const v1::SetChange& change) {
    return change.waits() == v1::PREFLIGHT_RULE_UNSPECIFIED;
  };
  return std::ranges::any_of(queue.changes(), only_its_turn);
}

bool turn_sets(Overlay& state, const BlockContext& block, Events& events) {
  // Only this step writes a pending set, so one that is here was there in the parent's state.
  auto pending = pending_set(state);
  if (pending) cross_boundary(state, block, std::move(*pending), events);
  queue_owed(state, block, events);
  const bool taken = take_change(state, block, pending.has_value(), events);
  return pending.has_value() || taken;
}

}  // namespace salus::dao::validators
