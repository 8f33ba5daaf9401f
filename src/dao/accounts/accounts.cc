// Owns: the key rules of accounts (G-2.1 to G-2.5).
#include "dao/accounts/accounts.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "dao/accounts/recovery.h"
#include "dao/constitution.h"
#include "state/record.h"

namespace salus::dao::accounts {

namespace {

constexpr std::uint64_t kDayMs = 86'400'000;

state::Key account_key(const AccountId& id) {
  return state::Key(state::Table::Accounts).bytes(id.view());
}

state::Key quota_key(const AccountId& id) {
  return state::Key(state::Table::OpenQuotas).bytes(id.view());
}

std::uint32_t day_of(std::uint64_t now_ms) { return static_cast<std::uint32_t>(now_ms / kDayMs); }

// Openings of `member` today.
v1::OpenQuota quota_of(const state::Overlay& state, const AccountId& member, std::uint64_t now_ms) {
  auto quota = state::find_or_default<v1::OpenQuota>(state, quota_key(member));
  if (quota.day() != day_of(now_ms)) quota.set_used(0);
  quota.set_day(day_of(now_ms));
  return quota;
}

const v1::AccountKey* find_key(const v1::Account& account, const PublicKey& signer) {
  for (const v1::AccountKey& key : account.keys()) {
    if (key.key() == as_chars(signer.view())) return &key;
  }
  return nullptr;
}

}  // namespace

bool may_be_proofs(const Proofs& proofs) {
  return proofs.size() <= kKeysMax && std::ranges::all_of(proofs, [](const std::string& proof) {
           return proof.size() == Signature::kSize;
         });
}

bool proofs_hold(const Keys& keys, const Proofs& proofs, ByteView message) {
  if (proofs.size() != keys.size()) return false;
  for (int i = 0; i < keys.size(); ++i) {
    const auto key = PublicKey::from(keys[i].key());
    const auto proof = Signature::from(proofs[i]);
    if (!key || !proof || !crypto::verify(*key, message, *proof)) return false;
  }
  return true;
}

void write_keys(ByteWriter& out, const Keys& keys, std::uint32_t threshold) {
  out.u8(static_cast<std::uint8_t>(keys.size()));
  for (const v1::AccountKey& key : keys) {
    out.bytes(as_bytes(key.key()));
    out.u8(static_cast<std::uint8_t>(key.weight()));
    out.u32(key.scope());
  }
  out.u16(static_cast<std::uint16_t>(threshold));
}

AccountId account_id(const ChainId& chain_id, ByteView nonce, const Keys& keys,
                     std::uint32_t threshold) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.bytes(nonce);
  write_keys(out, keys, threshold);
  return AccountId{crypto::hash("salus.account.v1", out.out()).bytes};
}

AccountId fund_account(const ChainId& chain_id, std::uint32_t fund) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.u32(fund);
  return AccountId{crypto::hash("salus.fund.v1", out.out()).bytes};
}

Bytes open_proof(const AccountId& id) {
  ByteWriter out;
  out.bytes(crypto::padded_tag("salus.keyproof.1"));
  out.bytes(id.view());
  return std::move(out).out();
}

Bytes rotate_proof(const AccountId& id, std::uint32_t new_auth_version) {
  ByteWriter out;
  out.bytes(open_proof(id));
  out.u32(new_auth_version);
  return std::move(out).out();
}

Outcome check_keys(const Keys& keys, std::uint32_t threshold) {
  if (keys.empty() || keys.size() > kKeysMax || threshold == 0) return refuse(Error::KeysLockOut);
  std::uint32_t accounts_weight = 0;
  for (int i = 0; i < keys.size(); ++i) {
    const v1::AccountKey& key = keys[i];
    if (key.key().size() != PublicKey::kSize) return refuse(Error::Limit);
    if (key.weight() == 0 || key.weight() > kKeyWeightMax) return refuse(Error::KeysLockOut);
    if (key.scope() == 0 || key.scope() > kScopesAll) return refuse(Error::Limit);
    // Strictly ascending, so that equal key sets have one spelling and one id.
    if (i > 0 && key.key() <= keys[i - 1].key()) return refuse(Error::DuplicateKey);
    if ((key.scope() & kScopeAccounts) != 0) accounts_weight += key.weight();
  }
  // All other keys only add to the sum, so this is both halves of G-2.1.
  if (accounts_weight < threshold) return refuse(Error::KeysLockOut);
  return {};
}

std::optional<v1::Account> find_account(const state::Overlay& state, const AccountId& id) {
  return state::find<v1::Account>(state, account_key(id));
}

bool is_open(const state::Overlay& state, const AccountId& id) {
  const auto account = find_account(state, id);
  return account && account->state() == v1::ACCOUNT_STATE_OPEN;
}

void put_account(state::Overlay& state, const v1::Account& account) {
  state::put(state, state::Key(state::Table::Accounts).bytes(as_bytes(account.id())), account);
}

Outcome check_signers(const v1::Account& account, const std::vector<PublicKey>& signers) {
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (find_key(account, signers[i]) == nullptr) return refuse(Error::KeyUnknown);
    const auto begin = signers.begin();
    const auto here = begin + static_cast<std::ptrdiff_t>(i);
    if (std::find(begin, here, signers[i]) != here) return refuse(Error::DuplicateKey);
  }
  return {};
}

Outcome authorise(const v1::Account& account, const std::vector<PublicKey>& signers,
                  std::uint32_t scope) {
  const Outcome known = check_signers(account, signers);
  if (!known) return known;
  std::uint32_t weight = 0;
  for (const PublicKey& signer : signers) {
    const v1::AccountKey& key = *find_key(account, signer);
    if ((key.scope() & scope) != 0) weight += key.weight();
  }
  if (weight < account.threshold()) return refuse(Error::AuthInsufficient);
  return {};
}

Outcome check_sequence(const SequenceRule& rule, std::uint64_t sequence,
                       std::uint64_t expiry_height) {
  if (sequence < rule.next) return refuse(Error::SequenceUsed);
  if (sequence - rule.next >= rule.window) return refuse(Error::SequenceGap);
  const std::uint64_t height = rule.height.value();
  if (height > expiry_height) return refuse(Error::Expired);
  if (rule.ttl_max && expiry_height - height > *rule.ttl_max) return refuse(Error::TtlTooLong);
  return {};
}

bool has_open_quota(const state::Overlay& state, const AccountId& member, std::uint64_t now_ms) {
  const std::uint64_t used = quota_of(state, member, now_ms).used();
  return used < constitution::value(state, "accounts.open_per_day");
}

Outcome check(const v1::OpenAccount& action) {
  if (action.nonce().size() != kNonceBytes) return refuse(Error::Limit);
  if (!may_be_proofs(action.proofs())) return refuse(Error::Limit);
  return check_keys(action.keys(), action.threshold());
}

Outcome apply(const v1::OpenAccount& action, Opener opener, ActionContext& context,
              state::Overlay& state) {
  const AccountId id = account_id(context.block.chain_id, as_bytes(action.nonce()), action.keys(),
                                  action.threshold());
  if (find_account(state, id)) return refuse(Error::AccountExists);
  if (!proofs_hold(action.keys(), action.proofs(), open_proof(id))) {
    return refuse(Error::ProofInvalid);
  }
  if (opener == Opener::Member) {
    if (!has_open_quota(state, context.signer, context.now_ms())) {
      return refuse(Error::OpenQuotaUsed);
    }
    v1::OpenQuota quota = quota_of(state, context.signer, context.now_ms());
    quota.set_used(quota.used() + 1);
    state::put(state, quota_key(context.signer), quota);
  }

  v1::Account account;
  account.set_id(id.to_string());
  *account.mutable_keys() = action.keys();
  account.set_threshold(action.threshold());
  account.set_opened_height(context.block.height.value());
  account.set_opened_by(context.signer.to_string());
  account.set_state(v1::ACCOUNT_STATE_OPEN);
  put_account(state, account);
  emit(context.events, v1::EVENT_KIND_ACCOUNT_OPENED, {context.signer, id}, {});
  return {};
}

Outcome check(const v1::RotateKeys& action) {
  if (!may_be_proofs(action.proofs())) return refuse(Error::Limit);
  return check_keys(action.keys(), action.threshold());
}

Outcome apply(const v1::RotateKeys& action, ActionContext& context, state::Overlay& state) {
  auto account = find_account(state, context.signer);
  if (!account) return refuse(Error::AccountUnknown);
  const std::uint32_t version = account->auth_version() + 1;
  if (!proofs_hold(action.keys(), action.proofs(), rotate_proof(context.signer, version))) {
    return refuse(Error::ProofInvalid);
  }
  *account->mutable_keys() = action.keys();
  account->set_threshold(action.threshold());
  account->set_auth_version(version);
  put_account(state, *account);
  emit(context.events, v1::EVENT_KIND_KEYS_ROTATED, {context.signer},
       {{v1::EVENT_FIELD_VERSION, version}}, true);
  return {};
}

Outcome apply(const v1::CloseAccount& /*action*/, const Bonds& bonds, ActionContext& context,
              state::Overlay& state) {
  auto account = find_account(state, context.signer);
  if (!account) return refuse(Error::AccountUnknown);
  const bool bound = bonds.holds_money || bonds.is_member || bonds.applies ||
                     account->obligations() > 0 || recovery_runs(state, context.signer);
  if (bound) return refuse(Error::AccountInUse);
  forget_plan(state, *account);
  account->set_state(v1::ACCOUNT_STATE_CLOSED);
  put_account(state, *account);
  emit(context.events, v1::EVENT_KIND_ACCOUNT_CLOSED, {context.signer}, {}, true);
  return {};
}

void put_at_genesis(state::Overlay& state, const AccountId& id, const Keys& keys,
                    std::uint32_t threshold) {
  v1::Account account;
  account.set_id(id.to_string());
  *account.mutable_keys() = keys;
  account.set_threshold(threshold);
  account.set_state(v1::ACCOUNT_STATE_OPEN);
  put_account(state, account);
}

void add_obligation(state::Overlay& state, const AccountId& id) {
  auto account = find_account(state, id);
  SALUS_ASSERT(account.has_value(), "an obligation binds an account that exists");
  account->set_obligations(account->obligations() + 1);
  put_account(state, *account);
}

void end_obligation(state::Overlay& state, const AccountId& id) {
  auto account = find_account(state, id);
  SALUS_ASSERT(account && account->obligations() > 0, "an obligation ends once");
  account->set_obligations(account->obligations() - 1);
  put_account(state, *account);
}

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  std::vector<std::string> broken;
  const std::string prefix = state::Key(state::Table::Accounts).str();
  state.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    const auto account = state::decode<v1::Account>(value);
    if (key.substr(1) != account.id()) broken.push_back("an account is stored under its id");
    if (!check_keys(account.keys(), account.threshold())) {
      broken.push_back("G-2.1: account " + hex(as_bytes(account.id())) + " could lock itself out");
    }
    return true;
  });
  add_broken_recoveries(state, broken);
  return broken;
}

}  // namespace salus::dao::accounts
