// Owns: who may stand for the set: a node whose two keys were shown to be held, and were never used
// before by anybody (KeyReused); and the proof that it is there and follows this chain (C47).
#include "base/assert.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "dao/constitution.h"
#include "dao/membership/membership.h"
#include "dao/validators/digests.h"
#include "dao/validators/keys.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

constexpr std::size_t kOrgBytes = 32;

bool holds_operator_office(const state::Overlay& state, const ActionContext& context) {
  const std::uint32_t roles = membership::live_roles(state, context.signer, context.now_ms());
  return (roles & membership::bit(membership::Role::Operator)) != 0;
}

// A retired operator, or one that took its nomination back, registers anew.
bool may_register(const std::optional<v1::Validator>& earlier) {
  return !earlier || earlier->state() == v1::VALIDATOR_STATE_RETIRED ||
         earlier->state() == v1::VALIDATOR_STATE_WITHDRAWN;
}

v1::Validator nominee(const v1::RegisterNominee& action, const ActionContext& context) {
  v1::Validator validator;
  v1::ValidatorInfo& info = *validator.mutable_info();
  info.set_operator_account(context.signer.to_string());
  info.set_validator_key(action.validator_key());
  info.set_node_key(action.node_key());
  info.set_org(action.org());
  info.set_name(action.name());
  validator.set_state(v1::VALIDATOR_STATE_NOMINEE);
  validator.set_registered_height(context.block.height.value());
  return validator;
}

Bytes tagged(std::string_view tag, const ChainId& chain_id, ByteView content) {
  ByteWriter out;
  out.bytes(crypto::padded_tag(tag));
  out.bytes(chain_id.view());
  out.bytes(content);
  return std::move(out).out();
}

}  // namespace

Bytes key_proof(const ChainId& chain_id, const AccountId& operator_account,
                std::string_view validator_key, std::string_view node_key) {
  ByteWriter content;
  content.bytes(operator_account.view());
  content.bytes(as_bytes(validator_key));
  content.bytes(as_bytes(node_key));
  return tagged("salus.valproof.1", chain_id, content.out());
}

Bytes ready_proof(const ChainId& chain_id, std::uint64_t height, std::string_view digest) {
  ByteWriter content;
  content.u64(height);
  content.bytes(as_bytes(digest));
  return tagged("salus.ready.1", chain_id, content.out());
}

Bytes reseat_proof(const ChainId& chain_id, std::string_view nonce) {
  return tagged("salus.reseat.1", chain_id, as_bytes(nonce));
}

bool signed_by(std::string_view key, const Bytes& message, std::string_view signature) {
  const auto public_key = PublicKey::from(key);
  const auto parsed = Signature::from(signature);
  return public_key && parsed && crypto::verify(*public_key, message, *parsed);
}

Outcome check_new_keys(const NewKeys& keys) {
  if (keys.validator_key.size() != PublicKey::kSize || keys.node_key.size() != PublicKey::kSize) {
    return refuse(Error::Malformed);
  }
  if (keys.validator_proof.size() != Signature::kSize ||
      keys.node_proof.size() != Signature::kSize) {
    return refuse(Error::ProofInvalid);
  }
  if (keys.validator_key == keys.node_key) return refuse(Error::KeyReused);
  return {};
}

Outcome prove_new_keys(const NewKeys& keys, const ActionContext& context,
                       const state::Overlay& state) {
  if (is_key_used(state, keys.validator_key) || is_key_used(state, keys.node_key)) {
    return refuse(Error::KeyReused);
  }
  const Bytes message =
      key_proof(context.block.chain_id, context.signer, keys.validator_key, keys.node_key);
  const bool held = signed_by(keys.validator_key, message, keys.validator_proof) &&
                    signed_by(keys.node_key, message, keys.node_proof);
  if (!held) return refuse(Error::ProofInvalid);
  return {};
}

Outcome check(const v1::RegisterNominee& action) {
  if (!action.org().empty() && action.org().size() != kOrgBytes) return refuse(Error::Malformed);
  if (!is_name(action.name())) return refuse(Error::CodeInvalid);
  return check_new_keys(keys_of(action));
}

Outcome apply(const v1::RegisterNominee& action, ActionContext& context, state::Overlay& state) {
  if (!holds_operator_office(state, context)) return refuse(Error::NotAuthorized);
  if (!may_register(find_validator(state, context.signer))) {
    return refuse(Error::AlreadyRegistered);
  }
  const auto owner = owner_of_name(state, action.name());
  if (owner && *owner != context.signer) return refuse(Error::CodeInUse);
  if (auto outcome = prove_new_keys(keys_of(action), context, state); !outcome) return outcome;

  const v1::Validator validator = nominee(action, context);
  put_validator(state, validator);
  claim_keys(state, validator.info());
  claim_name(state, validator.info());
  // What an earlier node showed says nothing of this one.
  erase_liveness(state, context.signer);
  bind_operator(state, context.signer);
  emit(context.events, v1::EVENT_KIND_NOMINEE_REGISTERED, {context.signer}, {});
  return {};
}

Outcome check(const v1::ProveReady& action) {
  if (action.digest().size() != Digest::kSize) return refuse(Error::Malformed);
  if (action.signature().size() != Signature::kSize) return refuse(Error::ProofInvalid);
  return {};
}

Outcome apply(const v1::ProveReady& action, ActionContext& context, state::Overlay& state) {
  const auto validator = find_validator(state, context.signer);
  if (may_register(validator)) return refuse(Error::NomineeUnknown);
  const auto digest = find_digest(state, context.block, action.height());
  const bool matches = digest && digest->to_string() == action.digest();
  if (auto outcome = check_ready(context.block.height.value(), action.height(),
                                 constitution::value(state, "consensus.ready_window"), matches);
      !outcome) {
    return outcome;
  }
  const Bytes message = ready_proof(context.block.chain_id, action.height(), action.digest());
  // The node of keys to come shows that it is there before the set hangs on it (G-10.2).
  const auto new_key = key_to_come(state, *validator);
  const bool of_new_key = new_key && signed_by(*new_key, message, action.signature());
  if (!of_new_key && !signed_by(validator->info().validator_key(), message, action.signature())) {
    return refuse(Error::ProofInvalid);
  }

  const std::uint64_t height = context.block.height.value();
  auto liveness = find_liveness(state, context.signer).value_or(v1::ValidatorLiveness{});
  if (of_new_key) {
    liveness.set_new_key_ready_height(height);
  } else {
    liveness.set_last_ready_height(height);
  }
  put_liveness(state, context.signer, liveness);
  emit(context.events, v1::EVENT_KIND_READY_PROVEN, {context.signer},
       {{v1::EVENT_FIELD_HEIGHT, action.height()}});
  return {};
}

}  // namespace salus::dao::validators
