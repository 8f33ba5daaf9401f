// Owns: what a validator set must be to be stored (G-10.5), at genesis and ever after, and the two
// facts that each block leaves behind: who built it, and which block it follows.
#include "dao/validators/validators.h"

#include <algorithm>
#include <map>
#include <set>

#include "dao/constitution.h"
#include "dao/validators/digests.h"
#include "dao/validators/preflight.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

// The sentence of the first thing that is wrong with a set.
std::optional<std::string> flaw_of(const v1::ValidatorSet& set) {
  if (set.validators().empty()) return "the validator set is empty";
  if (set.validators_size() > kValidatorsMax) return "there are more than 128 validators";
  std::set<std::string> keys;
  std::set<std::string> operators;
  std::set<std::string> names;
  for (const v1::ValidatorInfo& validator : set.validators()) {
    const std::string place = "validator " + validator.name() + ": ";
    if (!is_name(validator.name())) return place + "its name is not 1 to 32 of [a-z0-9-]";
    if (!names.insert(validator.name()).second) return place + "its name is used twice";
    for (const std::string* key : {&validator.validator_key(), &validator.node_key()}) {
      if (key->size() != PublicKey::kSize) return place + "a key has not 32 bytes";
      if (!keys.insert(*key).second) return place + "a key is used twice";
    }
    if (!operators.insert(validator.operator_account()).second) {
      return place + "its operator has another validator";
    }
  }
  return std::nullopt;
}

void put_first_validator(state::Overlay& state, const v1::ValidatorInfo& info) {
  v1::Validator validator;
  *validator.mutable_info() = info;
  validator.set_state(v1::VALIDATOR_STATE_ACTIVE);
  put_validator(state, validator);
  claim_keys(state, info);
  claim_name(state, info);
  bind_operator(state, id_of(info.operator_account()));
}

}  // namespace

void record_block(state::Overlay& state, const BlockContext& block) {
  put_digest(state, block);
  const v1::ValidatorSet set = current_set(state);
  const int index = block.proposer.value();
  if (index >= set.validators_size()) return;
  const AccountId id = id_of(set.validators(index).operator_account());
  auto liveness = find_liveness(state, id).value_or(v1::ValidatorLiveness{});
  liveness.set_last_proposed_height(block.height.value());
  put_liveness(state, id, liveness);
}

Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         const std::vector<AccountId>& ids, state::Overlay& state) {
  v1::ValidatorSet set;
  for (const v1::GenesisValidator& given : document.validators()) {
    if (given.operator_account() >= ids.size()) {
      return std::unexpected("validator " + given.name() + ": there is no account " +
                             std::to_string(given.operator_account()));
    }
    v1::ValidatorInfo& validator = *set.add_validators();
    validator.set_operator_account(ids[given.operator_account()].to_string());
    validator.set_validator_key(given.validator_key());
    validator.set_node_key(given.node_key());
    validator.set_name(given.name());
  }
  if (auto flaw = flaw_of(set)) return std::unexpected(std::move(*flaw));
  const auto size = static_cast<std::uint64_t>(set.validators_size());
  const std::uint64_t least = constitution::value(state, "validators.min");
  const std::uint64_t most = constitution::value(state, "validators.max");
  if (size < least || size > most) {
    return std::unexpected(std::to_string(size) + " validators are not within validators.min and " +
                           "validators.max");
  }

  put_current_set(state, set);
  for (const v1::ValidatorInfo& info : set.validators()) put_first_validator(state, info);
  return {};
}

namespace {

// Collects what does not hold.
struct Audit {
  const state::Overlay& state;
  std::vector<std::string> broken;

  void require(bool holds, const std::string& sentence) {
    if (!holds) broken.push_back(sentence);
  }
};

void audit_set(Audit& audit, const v1::ValidatorSet& set, const std::string& which) {
  if (const auto flaw = flaw_of(set)) audit.broken.push_back("G-10.5: " + which + ": " + *flaw);
}

bool is_member_state(v1::ValidatorState state) {
  return state == v1::VALIDATOR_STATE_ACTIVE || state == v1::VALIDATOR_STATE_LEAVING ||
         state == v1::VALIDATOR_STATE_FAULTY;
}

// G-10.5: records of members, and only theirs, say that they are.
void audit_records(Audit& audit) {
  const v1::ValidatorSet current = current_set(audit.state);
  std::map<std::string, const v1::ValidatorInfo*> members;
  for (const v1::ValidatorInfo& info : current.validators()) {
    members[info.operator_account()] = &info;
  }
  const v1::SetChangeQueue queue = set_changes(audit.state);
  const auto pending = pending_set(audit.state);
  const std::string prefix = state::Key(state::Table::Validators).str();
  audit.state.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    const auto validator = state::decode<v1::Validator>(value);
    const std::string& account = validator.info().operator_account();
    const std::string who = "validator " + validator.info().name();
    audit.require(key.substr(1) == account, who + " is stored under its operator");
    const auto member = members.find(account);
    audit.require(is_member_state(validator.state()) == (member != members.end()),
                  "G-10.5: " + who + " is a member iff its state says so");
    if (member != members.end()) {
      audit.require(member->second->validator_key() == validator.info().validator_key() &&
                        member->second->node_key() == validator.info().node_key(),
                    "G-10.5: " + who + " has the keys of the set");
      members.erase(member);
    }
    for (const std::string* used :
         {&validator.info().validator_key(), &validator.info().node_key()}) {
      audit.require(is_key_used(audit.state, *used), "G-10: the keys of " + who + " are claimed");
    }
    const AccountId id = id_of(account);
    const auto liveness = find_liveness(audit.state, id);
    const bool of_new_key = liveness && liveness->new_key_ready_height() > 0;
    audit.require(!of_new_key || key_to_come(audit.state, validator),
                  "G-10.2: a new key that " + who + " showed is to come");
    const v1::SetChange* change = change_of(queue, id);
    const bool in_pending =
        pending && std::ranges::any_of(pending->validators(), [&](const v1::ValidatorInfo& info) {
          return info.operator_account() == account;
        });
    if (validator.state() == v1::VALIDATOR_STATE_QUEUED) {
      audit.require(change != nullptr || in_pending, "G-10: " + who + " is QUEUED by a change");
    }
    if (validator.state() == v1::VALIDATOR_STATE_LEAVING) {
      const bool removed = (change != nullptr && removes(*change, id)) || (pending && !in_pending);
      audit.require(removed, "G-10: " + who + " is LEAVING by a change");
    }
    return true;
  });
  audit.require(members.empty(), "G-10.5: a member of the set has no record");
}

void audit_queue(Audit& audit) {
  const v1::SetChangeQueue queue = set_changes(audit.state);
  audit.require(queue.changes_size() <= kQueueMax, "G-10: the queue holds at most 16 changes");
  std::uint64_t last = 0;
  std::set<std::string> named;
  for (const v1::SetChange& change : queue.changes()) {
    audit.require(change.id() > last, "G-10: the queue is in order of age");
    last = change.id();
    for (const v1::NomineeRef& nominee : change.add()) {
      audit.require(named.insert(nominee.operator_account()).second,
                    "G-10: an operator is named by one change");
      const auto validator = find_validator(audit.state, id_of(nominee.operator_account()));
      audit.require(validator && validator->state() == v1::VALIDATOR_STATE_QUEUED &&
                        validator->info().validator_key() == nominee.validator_key(),
                    "G-10: an added nominee is QUEUED with the key that was voted on");
    }
    for (const std::string& removed : change.remove()) {
      audit.require(named.insert(removed).second, "G-10: an operator is named by one change");
    }
  }
}

}  // namespace

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  Audit audit{.state = state, .broken = {}};
  const v1::ValidatorSet current = current_set(state);
  audit_set(audit, current, "the current set");
  if (const auto pending = pending_set(state)) {
    audit_set(audit, *pending, "the pending set");
    audit.require(pending->epoch() == current.epoch() + 1, "C41: the pending set is the next one");
  }
  audit_records(audit);
  audit_queue(audit);
  return std::move(audit.broken);
}

}  // namespace salus::dao::validators
