// Owns: an accredited issuer's word on an account, for a time. Weight follows the credential on
// which a chamber rests, at issue, revocation and end (G-4.5). An issuer never speaks of itself.
#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

void forget(state::Overlay& state, const v1::Credential& credential) {
  const AccountId account = id_of(credential.account());
  std::vector<std::uint64_t> ids = credentials_of(state, account, credential.kind());
  std::erase(ids, credential.id());
  put_credentials_of(state, account, credential.kind(), ids);
}

}  // namespace

Outcome use_issuer_quota(state::Overlay& state, const AccountId& issuer, std::uint64_t now_ms) {
  auto record = find_issuer(state, issuer);
  if (!record) return refuse(Error::NotIssuer);
  const auto day = static_cast<std::uint32_t>(now_ms / kDayMs);
  if (record->day() != day) record->set_used(0);
  record->set_day(day);
  const std::uint64_t most = std::min<std::uint64_t>(
      record->per_day(), constitution::value(state, "membership.attest_per_day"));
  if (record->used() >= most) return refuse(Error::IssuerQuota);
  record->set_used(record->used() + 1);
  state::put(state, issuer_key(issuer), *record);
  return {};
}

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
  if (over || credential->state() != v1::CREDENTIAL_STATE_LIVE) {
    return refuse(Error::CredentialInactive);
  }

  credential->set_state(v1::CREDENTIAL_STATE_REVOKED);
  state::put(state, credential_key(action.id()), *credential);
  due::cancel_if_queued(state, due::Class::Lapses, credential->until_ms(), due::Kind::CredentialEnd,
                        due::ref_of(action.id()));
  forget(state, *credential);
  const AccountId account = id_of(credential->account());
  emit(context.events, v1::EVENT_KIND_CREDENTIAL_REVOKED, {context.signer, account},
       {{v1::EVENT_FIELD_CREDENTIAL, action.id()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(credential->kind())}},
       true);
  roles_changed(state, account, {context.now_ms(), context.events});
  return {};
}

void end_credential(state::Overlay& state, const BlockContext& block, ByteView ref,
                    Events& events) {
  const auto credential = find_credential(state, due::id_of(ref));
  if (!credential || block.time.value() < credential->until_ms()) return;
  if (credential->state() != v1::CREDENTIAL_STATE_LIVE) return;
  forget(state, *credential);
  const AccountId account = id_of(credential->account());
  emit(events, v1::EVENT_KIND_CREDENTIAL_ENDED, {account},
       {{v1::EVENT_FIELD_CREDENTIAL, credential->id()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(credential->kind())}},
       true);
  roles_changed(state, account, {block.time.value(), events});
}

}  // namespace salus::dao::membership
