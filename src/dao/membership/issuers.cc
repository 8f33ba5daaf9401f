// Owns: accreditations. An issuer's word counts while its accreditation stands; what an ended one
// issued from `void_after` on is void at once, and a walk of 256 credentials a block ends each and
// weighs its holder anew (G-4.5, H-4.1). Anybody may have a member weighed before it comes by.
#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

constexpr std::uint64_t kWalkPerBlock = 256;

void put_issuer(state::Overlay& state, const v1::Issuer& issuer) {
  state::put(state, issuer_key(id_of(issuer.account())), issuer);
}

Outcome end_issuer(const v1::SetIssuer& action, v1::Issuer issuer, std::uint64_t now_ms,
                   state::Overlay& state) {
  issuer.set_ended_ms(now_ms);
  issuer.set_roles(0);
  issuer.set_void_after_ms(action.void_after_ms());
  if (action.void_after_ms() != 0 && issuer.issued() > 0) {
    // From the newest back: the first that is old enough ends the walk.
    issuer.set_walk_next(issuer.issued());
    due::schedule(state, due::Class::Lapses, now_ms, due::Kind::IssuerWalk,
                  as_bytes(issuer.account()));
  }
  count_issuer(state, -1);
  put_issuer(state, issuer);
  return {};
}

Outcome accredit(const v1::SetIssuer& action, v1::Issuer issuer, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  if (!accounts::is_open(state, account)) return refuse(Error::AccountUnknown);
  if (action.per_day() > constitution::value(state, "membership.attest_per_day")) {
    return refuse(Error::Limit);
  }
  if (!find_issuer(state, account)) count_issuer(state, +1);
  // What was used today stays used, and what was issued keeps its number.
  issuer.set_account(action.account());
  issuer.set_roles(action.roles());
  issuer.set_per_day(action.per_day());
  issuer.set_ended_ms(0);
  issuer.set_void_after_ms(0);
  put_issuer(state, issuer);
  return {};
}

}  // namespace

std::optional<v1::Issuer> find_issuer_record(const state::Overlay& state,
                                             const AccountId& account) {
  return state::find<v1::Issuer>(state, issuer_key(account));
}

std::optional<v1::Issuer> find_issuer(const state::Overlay& state, const AccountId& account) {
  auto issuer = find_issuer_record(state, account);
  if (!issuer || issuer->roles() == 0) return std::nullopt;
  return issuer;
}

bool is_void(const state::Overlay& state, const v1::Credential& credential) {
  // Genesis vouches for its own.
  if (credential.issuer().empty()) return false;
  const auto issuer = find_issuer_record(state, id_of(credential.issuer()));
  if (!issuer || issuer->void_after_ms() == 0) return false;
  return credential.from_ms() >= issuer->void_after_ms();
}

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
  put_issuer(state, *record);
  return {};
}

void note_issued(state::Overlay& state, const AccountId& issuer, std::uint64_t credential) {
  auto record = find_issuer(state, issuer);
  record->set_issued(record->issued() + 1);
  put_issuer(state, *record);
  state.put(issued_key(issuer, record->issued()).str(),
            std::string{as_chars(due::ref_of(credential))});
}

Outcome check(const v1::SetIssuer& action) {
  const std::uint32_t attestable = bit(Role::Patient) | kCredentialRoles;
  if ((action.roles() & ~attestable) != 0) return refuse(Error::RoleUnknown);
  if (action.roles() != 0 && action.per_day() == 0) return refuse(Error::Limit);
  if (action.roles() != 0 && action.void_after_ms() != 0) return refuse(Error::Limit);
  return check_id(action.account());
}

Outcome apply(const v1::SetIssuer& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  const auto record = find_issuer_record(state, account);
  if (record && record->walk_next() != 0) return refuse(Error::WalkRunning);
  const bool ends = action.roles() == 0;
  if (ends && !find_issuer(state, account)) return refuse(Error::NotIssuer);
  const Outcome done = ends ? end_issuer(action, *record, context.now_ms(), state)
                            : accredit(action, record.value_or(v1::Issuer{}), state);
  if (!done) return done;
  emit(context.events, v1::EVENT_KIND_ISSUER_SET, {account},
       {{v1::EVENT_FIELD_ROLE, action.roles()}, {v1::EVENT_FIELD_COUNT, action.per_day()}}, true);
  return {};
}

void walk_issuer(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events) {
  const AccountId account = id_of(as_chars(ref));
  auto issuer = find_issuer_record(state, account);
  if (!issuer || issuer->walk_next() == 0) return;
  std::uint64_t next = issuer->walk_next();
  for (std::uint64_t seen = 0; seen < kWalkPerBlock && next > 0; ++seen, --next) {
    const auto stored = state.get(issued_key(account, next).str());
    const auto credential = find_credential(state, due::id_of(as_bytes(*stored)));
    if (credential->from_ms() < issuer->void_after_ms()) {
      next = 0;
      break;
    }
    if (credential->state() != v1::CREDENTIAL_STATE_REVOKED) {
      revoke(state, *credential, {block.time.value(), events});
    }
  }
  issuer->set_walk_next(next);
  put_issuer(state, *issuer);
  if (next == 0) return;
  // After now, so that the next piece waits for the next block.
  due::schedule(state, due::Class::Lapses, block.time.value() + 1, due::Kind::IssuerWalk,
                account.view());
}

Outcome check(const v1::Recheck& action) { return check_id(action.account()); }

Outcome apply(const v1::Recheck& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  if (!is_member(state, account) && !find_application(state, account)) {
    return refuse(Error::NotMember);
  }
  roles_changed(state, account, {context.now_ms(), context.events});
  emit(context.events, v1::EVENT_KIND_MEMBER_RECHECKED, {context.signer, account}, {});
  return {};
}

void put_issuer_at_genesis(state::Overlay& state, const v1::Issuer& issuer) {
  put_issuer(state, issuer);
  count_issuer(state, +1);
}

}  // namespace salus::dao::membership
