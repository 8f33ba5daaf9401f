// Owns: what a validator set must be to be stored (G-10.5).
#include "dao/validators/validators.h"

#include <set>

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/membership/membership.h"
#include "state/record.h"

namespace salus::dao::validators {

namespace {

constexpr std::size_t kNameMax = 32;

state::Key set_key() { return state::Key(state::Table::ValidatorSets); }

state::Key liveness_key(std::string_view operator_account) {
  return state::Key(state::Table::ValidatorLiveness).bytes(as_bytes(operator_account));
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return false;
  for (const char c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!allowed) return false;
  }
  return true;
}

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

}  // namespace

v1::ValidatorSet current_set(const state::Overlay& state) {
  return state::find_or_default<v1::ValidatorSet>(state, set_key());
}

std::optional<v1::ValidatorLiveness> find_liveness(const state::Overlay& state,
                                                   const AccountId& operator_account) {
  return state::find<v1::ValidatorLiveness>(state, liveness_key(as_chars(operator_account.view())));
}

void record_proposal(state::Overlay& state, const BlockContext& block) {
  const v1::ValidatorSet set = current_set(state);
  const int index = block.proposer.value();
  if (index >= set.validators_size()) return;
  v1::ValidatorLiveness liveness;
  liveness.set_last_proposed_height(block.height.value());
  state::put(state, liveness_key(set.validators(index).operator_account()), liveness);
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

  state::put(state, set_key(), set);
  for (const v1::GenesisValidator& given : document.validators()) {
    const AccountId& id = ids[given.operator_account()];
    accounts::add_obligation(state, id);
    membership::add_obligation(state, id);
  }
  return {};
}

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  std::vector<std::string> broken;
  const v1::ValidatorSet set = current_set(state);
  if (const auto flaw = flaw_of(set)) broken.push_back("G-10.5: " + *flaw);
  return broken;
}

}  // namespace salus::dao::validators
