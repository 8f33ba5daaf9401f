// Owns: an account is controlled by its keys and by nothing else. Its id is fixed by its first keys
// and never changes; its key set can always replace itself (G-2.1); its sequence grows by one with
// each of its transactions (G-2.4). Everything else hangs on the id (G-2.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/accounts.pb.h"
#include "state/overlay.h"

namespace salus::dao::accounts {

using Keys = google::protobuf::RepeatedPtrField<v1::AccountKey>;

inline constexpr int kKeysMax = 16;
inline constexpr std::uint32_t kKeyWeightMax = 255;
inline constexpr std::uint32_t kScopesAll = 255;
inline constexpr std::size_t kNonceBytes = 16;

// Bits of AccountKey.scope.
enum Scope : std::uint32_t {
  kScopeAccounts = 1,
  kScopeAssets = 2,
  kScopeMembership = 4,
  kScopeBallots = 8,
  kScopePropose = 16,
  kScopeTreasury = 32,
  kScopeValidators = 64,
  kScopeCare = 128,
};

// BLAKE2b-256(`salus.account.v1` | chain id | nonce 16 | count u8 | per key: key 32, weight u8,
// scope u32 | threshold u16). The keys pass check_keys.
AccountId account_id(const ChainId& chain_id, ByteView nonce, const Keys& keys,
                     std::uint32_t threshold);
// The keyless account of a fund (G-3.7): BLAKE2b-256(`salus.fund.v1` | chain id | fund id u32).
AccountId fund_account(const ChainId& chain_id, std::uint32_t fund);

// What each key signs to prove possession: tag `salus.keyproof.1` | account id, and for a rotation
// the new auth_version u32.
Bytes open_proof(const AccountId& id);
Bytes rotate_proof(const AccountId& id, std::uint32_t new_auth_version);
// One valid signature of each key over `message`, in the order of the keys.
using Proofs = google::protobuf::RepeatedPtrField<std::string>;
// As many as keys may be, and each as long as a signature.
bool may_be_proofs(const Proofs& proofs);
bool proofs_hold(const Keys& keys, const Proofs& proofs, ByteView message);
// count u8 | per key: key 32, weight u8, scope u32 | threshold u16, as ids and recoveries hash it.
void write_keys(ByteWriter& out, const Keys& keys, std::uint32_t threshold);

// G-2.1: 1 to 16 distinct ascending keys, each of weight 1 to 255; the sum of weights and that of
// the keys with scope *accounts* alone reach the threshold, which is at least 1.
Outcome check_keys(const Keys& keys, std::uint32_t threshold);

std::optional<v1::Account> find_account(const state::Overlay& state, const AccountId& id);
// Exists and is not closed.
bool is_open(const state::Overlay& state, const AccountId& id);
void put_account(state::Overlay& state, const v1::Account& account);

// G-2.2: every signer is a key of the account, none is listed twice, and the weights of those with
// `scope` reach the threshold.
Outcome authorise(const v1::Account& account, const std::vector<PublicKey>& signers,
                  std::uint32_t scope);
// The part of it that makes a block invalid (decisions.md): DuplicateKey and KeyUnknown.
Outcome check_signers(const v1::Account& account, const std::vector<PublicKey>& signers);

// G-2.3, with window 1 for a block. `ttl_max` counts at admission only.
struct SequenceRule {
  std::uint64_t next;
  std::uint64_t window;
  Height height;
  std::optional<std::uint64_t> ttl_max;
};
Outcome check_sequence(const SequenceRule& rule, std::uint64_t sequence,
                       std::uint64_t expiry_height);

// Who pays for an opening: decided by the dispatcher, which knows members and issuers.
enum class Opener : std::uint8_t {
  Member,  // accounts.open_per_day of the signer is used
  Issuer,  // the issuer's own quota was used
};
Outcome check(const v1::OpenAccount& action);
Outcome apply(const v1::OpenAccount& action, Opener opener, ActionContext& context,
              state::Overlay& state);
Outcome check(const v1::RotateKeys& action);
Outcome apply(const v1::RotateKeys& action, ActionContext& context, state::Overlay& state);
// Whether a member has an opening left today.
bool has_open_quota(const state::Overlay& state, const AccountId& member, std::uint64_t now_ms);

// What keeps an account open, as the modules above know it.
struct Bonds {
  bool holds_money;
  bool is_member;
  bool applies;
};
Outcome apply(const v1::CloseAccount& action, const Bonds& bonds, ActionContext& context,
              state::Overlay& state);

// Genesis: an account with its keys; `id` from account_id.
void put_at_genesis(state::Overlay& state, const AccountId& id, const Keys& keys,
                    std::uint32_t threshold);
// Binds an account to a thing of another module (validator, ...), so that it cannot close.
void add_obligation(state::Overlay& state, const AccountId& id);
// The other way; asserts that it is bound.
void end_obligation(state::Overlay& state, const AccountId& id);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::accounts
