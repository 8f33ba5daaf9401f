// Owns: what a new pair of keys must show before anything hangs on it: that nobody used either
// before, and that the operator holds both.
#pragma once

#include <string_view>

#include "dao/context.h"
#include "dao/error.h"
#include "state/overlay.h"

namespace salus::dao::validators {

// The fields that RegisterNominee and Rekey share; views into the action.
struct NewKeys {
  std::string_view validator_key;
  std::string_view node_key;
  std::string_view validator_proof;
  std::string_view node_proof;
};
template <typename Action>
NewKeys keys_of(const Action& action) {
  return {.validator_key = action.validator_key(),
          .node_key = action.node_key(),
          .validator_proof = action.validator_proof(),
          .node_proof = action.node_proof()};
}

// Lengths, and that they are two: Malformed, ProofInvalid, KeyReused.
Outcome check_new_keys(const NewKeys& keys);
// KeyReused, ProofInvalid.
Outcome prove_new_keys(const NewKeys& keys, const ActionContext& context,
                       const state::Overlay& state);
bool signed_by(std::string_view key, const Bytes& message, std::string_view signature);

}  // namespace salus::dao::validators
