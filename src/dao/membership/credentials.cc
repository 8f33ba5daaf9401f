// Owns: an accredited issuer's word on an account, for a time. Weight follows the credential on
// which a chamber rests, at issue, revocation and end (G-4.5). An issuer never speaks of itself.
#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

void forget(state::Overlay& state, const v1::Credential& credential) {
  const AccountId account = id_of(credential.account());
  std::vector<std::uint64_t> ids = credentials_of(state, account, credential.kind());
  std::erase(ids, credential.id());
  put_credentials_of(state, account, credential.kind(), ids);
}

void tell(const v1::Credential& credential, v1::EventKind kind, std::vector<AccountId> accounts,
          std::vector<v1::Event>& events) {
  emit(events, kind, std::move(accounts),
       {{v1::EVENT_FIELD_CREDENTIAL, credential.id()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(credential.kind())}},
       true);
}

// One that its issuer may still change: CredentialUnknown, NotAuthorized, CredentialInactive.
Result<v1::Credential, Error> own_credential(std::uint64_t id, const ActionContext& context,
                                             const state::Overlay& state) {
  auto credential = find_credential(state, id);
  if (!credential) return refuse(Error::CredentialUnknown);
  if (credential->issuer() != context.signer.to_string()) return refuse(Error::NotAuthorized);
  const std::uint32_t role = bit(role_of(credential->kind()));
  const auto issuer = find_issuer(state, context.signer);
  if (!issuer || (issuer->roles() & role) == 0) return refuse(Error::NotIssuer);
  const bool over = context.now_ms() >= credential->until_ms();
  if (over || credential->state() == v1::CREDENTIAL_STATE_REVOKED) {
    return refuse(Error::CredentialInactive);
  }
  return std::move(*credential);
}

// Between LIVE and SUSPENDED; weight follows at once (G-4.5).
Outcome set_state(v1::Credential credential, v1::CredentialState next, v1::EventKind kind,
                  ActionContext& context, state::Overlay& state) {
  credential.set_state(next);
  state::put(state, credential_key(credential.id()), credential);
  const AccountId account = id_of(credential.account());
  tell(credential, kind, {context.signer, account}, context.events);
  roles_changed(state, account, {context.now_ms(), context.events});
  return {};
}

}  // namespace

Outcome check(const v1::IssueCredential& action) {
  if (!v1::CredentialKind_IsValid(action.kind()) ||
      action.kind() == v1::CREDENTIAL_KIND_UNSPECIFIED) {
    return refuse(Error::CredentialUnknown);
  }
  if (action.until_ms() == kWithoutEnd) return refuse(Error::Limit);
  return check_id(action.account());
}

Outcome apply(const v1::IssueCredential& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  const std::uint32_t role = bit(role_of(action.kind()));
  const auto issuer = find_issuer(state, context.signer);
  if (!issuer || (issuer->roles() & role) == 0) return refuse(Error::NotIssuer);
  if (account == context.signer) return refuse(Error::SelfAttest);
  if (!accounts::is_open(state, account)) return refuse(Error::AccountUnknown);
  if (action.until_ms() <= context.now_ms()) return refuse(Error::CredentialInactive);
  std::vector<std::uint64_t> ids = credentials_of(state, account, action.kind());
  if (ids.size() >= kCredentialsOfKindMax) return refuse(Error::Limit);
  const Outcome within = use_issuer_quota(state, context.signer, context.now_ms());
  if (!within) return within;

  v1::Credential credential;
  credential.set_id(state::take_number(state, state::Key(state::Table::MembershipCounters)));
  credential.set_issuer(context.signer.to_string());
  credential.set_account(action.account());
  credential.set_kind(action.kind());
  credential.set_from_ms(context.now_ms());
  credential.set_until_ms(action.until_ms());
  credential.set_state(v1::CREDENTIAL_STATE_LIVE);
  state::put(state, credential_key(credential.id()), credential);
  ids.push_back(credential.id());
  put_credentials_of(state, account, action.kind(), ids);
  due::schedule(state, due::Class::Lapses, action.until_ms(), due::Kind::CredentialEnd,
                credential.id());
  note_issued(state, context.signer, credential.id());
  emit(context.events, v1::EVENT_KIND_CREDENTIAL_ISSUED, {context.signer, account},
       {{v1::EVENT_FIELD_CREDENTIAL, credential.id()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(action.kind())},
        {v1::EVENT_FIELD_UNTIL_MS, action.until_ms()}});
  roles_changed(state, account, {context.now_ms(), context.events});
  return {};
}

Outcome check(const v1::RevokeCredential& action) {
  if (action.id() == 0) return refuse(Error::CredentialUnknown);
  return {};
}

Outcome apply(const v1::RevokeCredential& action, ActionContext& context, state::Overlay& state) {
  auto credential = find_credential(state, action.id());
  if (!credential) return refuse(Error::CredentialUnknown);
  const bool by_issuer =
      context.authority == Authority::Member && credential->issuer() == context.signer.to_string();
  if (context.authority != Authority::Dao && !by_issuer) return refuse(Error::NotAuthorized);
  const bool over = context.now_ms() >= credential->until_ms();
  if (over || credential->state() == v1::CREDENTIAL_STATE_REVOKED) {
    return refuse(Error::CredentialInactive);
  }
  revoke(state, *credential, {context.now_ms(), context.events});
  return {};
}

void revoke(state::Overlay& state, v1::Credential credential, const Change& change) {
  credential.set_state(v1::CREDENTIAL_STATE_REVOKED);
  state::put(state, credential_key(credential.id()), credential);
  due::cancel(state, due::Class::Lapses, credential.until_ms(), due::Kind::CredentialEnd,
              due::ref_of(credential.id()));
  forget(state, credential);
  const AccountId account = id_of(credential.account());
  // Genesis has no account.
  const AccountId issuer = AccountId::from(credential.issuer()).value_or(AccountId{});
  tell(credential, v1::EVENT_KIND_CREDENTIAL_REVOKED, {issuer, account}, change.events);
  roles_changed(state, account, change);
}

Outcome check(const v1::RenewCredential& action) {
  if (action.id() == 0) return refuse(Error::CredentialUnknown);
  if (action.until_ms() == kWithoutEnd) return refuse(Error::Limit);
  return {};
}

// Chamber and weight stay: nothing ends in between (G-4.2).
Outcome apply(const v1::RenewCredential& action, ActionContext& context, state::Overlay& state) {
  auto credential = own_credential(action.id(), context, state);
  if (!credential) return refuse(credential.error());
  if (action.until_ms() <= credential->until_ms()) return refuse(Error::CredentialInactive);
  due::cancel(state, due::Class::Lapses, credential->until_ms(), due::Kind::CredentialEnd,
              due::ref_of(action.id()));
  credential->set_until_ms(action.until_ms());
  credential->set_version(credential->version() + 1);
  state::put(state, credential_key(action.id()), *credential);
  due::schedule(state, due::Class::Lapses, action.until_ms(), due::Kind::CredentialEnd,
                action.id());
  const AccountId account = id_of(credential->account());
  emit(context.events, v1::EVENT_KIND_CREDENTIAL_RENEWED, {context.signer, account},
       {{v1::EVENT_FIELD_CREDENTIAL, action.id()}, {v1::EVENT_FIELD_UNTIL_MS, action.until_ms()}});
  return {};
}

Outcome check(const v1::SuspendCredential& action) {
  if (action.id() == 0) return refuse(Error::CredentialUnknown);
  return {};
}

Outcome apply(const v1::SuspendCredential& action, ActionContext& context, state::Overlay& state) {
  const auto credential = own_credential(action.id(), context, state);
  if (!credential) return refuse(credential.error());
  if (credential->state() != v1::CREDENTIAL_STATE_LIVE) return refuse(Error::CredentialInactive);
  return set_state(*credential, v1::CREDENTIAL_STATE_SUSPENDED, v1::EVENT_KIND_CREDENTIAL_SUSPENDED,
                   context, state);
}

Outcome check(const v1::ReinstateCredential& action) {
  if (action.id() == 0) return refuse(Error::CredentialUnknown);
  return {};
}

Outcome apply(const v1::ReinstateCredential& action, ActionContext& context,
              state::Overlay& state) {
  const auto credential = own_credential(action.id(), context, state);
  if (!credential) return refuse(credential.error());
  if (credential->state() != v1::CREDENTIAL_STATE_SUSPENDED) {
    return refuse(Error::CredentialInactive);
  }
  return set_state(*credential, v1::CREDENTIAL_STATE_LIVE, v1::EVENT_KIND_CREDENTIAL_REINSTATED,
                   context, state);
}

void end_credential(state::Overlay& state, const BlockContext& block, ByteView ref,
                    Events& events) {
  const auto credential = find_credential(state, due::id_of(ref));
  if (!credential || block.time.value() < credential->until_ms()) return;
  if (credential->state() == v1::CREDENTIAL_STATE_REVOKED) return;
  forget(state, *credential);
  const AccountId account = id_of(credential->account());
  emit(events, v1::EVENT_KIND_CREDENTIAL_ENDED, {account},
       {{v1::EVENT_FIELD_CREDENTIAL, credential->id()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(credential->kind())}},
       true);
  roles_changed(state, account, {block.time.value(), events});
}

}  // namespace salus::dao::membership
