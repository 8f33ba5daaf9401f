// Owns: the weight of a member is written here and nowhere else (G-4.1, G-4.2, G-4.10).
#include "dao/membership/records.h"

#include "base/assert.h"
#include "dao/assets/stakes.h"
#include "dao/constitution.h"
#include "dao/power/power.h"

namespace salus::dao::membership {

namespace {

constexpr v1::CredentialKind kKinds[] = {
    v1::CREDENTIAL_KIND_CLINICIAN,   v1::CREDENTIAL_KIND_RESEARCHER, v1::CREDENTIAL_KIND_SPONSOR,
    v1::CREDENTIAL_KIND_INSTITUTION, v1::CREDENTIAL_KIND_CUSTODIAN,  v1::CREDENTIAL_KIND_AUDITOR};
constexpr Role kOffices[] = {Role::Treasurer, Role::Operator, Role::Sentinel};

// H-4.1, without organisations.
bool is_live(const state::Overlay& state, const v1::Credential& credential, std::uint64_t now_ms) {
  return credential.state() == v1::CREDENTIAL_STATE_LIVE && credential.from_ms() <= now_ms &&
         now_ms < credential.until_ms() && !is_void(state, credential);
}

bool counts_as_member(v1::MemberState state) {
  return state == v1::MEMBER_STATE_PROBATION || state == v1::MEMBER_STATE_ACTIVE ||
         state == v1::MEMBER_STATE_SUSPENDED;
}

}  // namespace

AccountId id_of(std::string_view bytes) {
  const auto id = AccountId::from(bytes);
  SALUS_ASSERT(id.has_value(), "an account id was checked before it is used");
  return *id;
}

Outcome check_id(std::string_view bytes) {
  if (bytes.size() != AccountId::kSize) return refuse(Error::Limit);
  return {};
}

Bytes office_ref(const AccountId& account, std::uint32_t role) {
  ByteWriter out;
  out.bytes(account.view());
  out.u8(static_cast<std::uint8_t>(role));
  return std::move(out).out();
}

state::Key member_key(const AccountId& account) {
  return state::Key(state::Table::Members).bytes(account.view());
}
state::Key application_key(const AccountId& account) {
  return state::Key(state::Table::Applications).bytes(account.view());
}
state::Key nullifier_key(std::string_view nullifier) {
  return state::Key(state::Table::Nullifiers).bytes(as_bytes(nullifier));
}
state::Key credential_key(std::uint64_t id) {
  return state::Key(state::Table::Credentials).u64(id);
}
state::Key credentials_of_key(const AccountId& account, v1::CredentialKind kind) {
  return state::Key(state::Table::CredentialsOf)
      .bytes(account.view())
      .u8(static_cast<std::uint8_t>(kind));
}
state::Key issuer_key(const AccountId& account) {
  return state::Key(state::Table::Issuers).bytes(account.view());
}
state::Key issued_key(const AccountId& issuer, std::uint64_t number) {
  return state::Key(state::Table::IssuedBy).bytes(issuer.view()).u64(number);
}
state::Key office_key(const AccountId& account, std::uint32_t role) {
  return state::Key(state::Table::Offices)
      .bytes(account.view())
      .u8(static_cast<std::uint8_t>(role));
}
state::Key chamber_key(std::uint32_t chamber) {
  return state::Key(state::Table::Chambers).u8(static_cast<std::uint8_t>(chamber));
}

std::optional<v1::Member> find_member(const state::Overlay& state, const AccountId& account) {
  return state::find<v1::Member>(state, member_key(account));
}

bool is_member(const state::Overlay& state, const AccountId& account) {
  const auto member = find_member(state, account);
  return member && counts_as_member(member->state());
}

// The stored state decides: an end that is due takes effect with the due work of the block.
bool is_active(const state::Overlay& state, const AccountId& account, std::uint64_t /*now_ms*/) {
  const auto member = find_member(state, account);
  return member && member->state() == v1::MEMBER_STATE_ACTIVE;
}

std::optional<v1::Chamber> find_chamber(const state::Overlay& state, std::uint32_t chamber) {
  if (chamber == 0 || chamber > kChambersMax) return std::nullopt;
  return state::find<v1::Chamber>(state, chamber_key(chamber));
}

std::vector<v1::Chamber> chambers(const state::Overlay& state) {
  std::vector<v1::Chamber> all;
  for (std::uint32_t id = 1; id <= kChambersMax; ++id) {
    auto chamber = find_chamber(state, id);
    if (chamber) all.push_back(std::move(*chamber));
  }
  return all;
}

std::optional<v1::Application> find_application(const state::Overlay& state,
                                                const AccountId& account) {
  return state::find<v1::Application>(state, application_key(account));
}

std::optional<v1::Credential> find_credential(const state::Overlay& state, std::uint64_t id) {
  return state::find<v1::Credential>(state, credential_key(id));
}

std::optional<v1::Office> find_office(const state::Overlay& state, const AccountId& account,
                                      std::uint32_t role) {
  return state::find<v1::Office>(state, office_key(account, role));
}

void put_member(state::Overlay& state, const v1::Member& member) {
  const AccountId account = id_of(member.account());
  const auto before = find_member(state, account);
  count_member(state, before ? before->state() : v1::MEMBER_STATE_UNSPECIFIED, member.state());
  state::put(state, member_key(account), member);
}

void drop_member(state::Overlay& state, const AccountId& account) {
  const auto before = find_member(state, account);
  if (!before) return;
  count_member(state, before->state(), v1::MEMBER_STATE_UNSPECIFIED);
  state::erase(state, member_key(account));
}

void put_application(state::Overlay& state, const v1::Application& application) {
  state::put(state, application_key(id_of(application.account())), application);
}

Role role_of(v1::CredentialKind kind) {
  switch (kind) {
    case v1::CREDENTIAL_KIND_CLINICIAN:
      return Role::Clinician;
    case v1::CREDENTIAL_KIND_RESEARCHER:
      return Role::Researcher;
    case v1::CREDENTIAL_KIND_SPONSOR:
      return Role::Sponsor;
    case v1::CREDENTIAL_KIND_INSTITUTION:
      return Role::Institution;
    case v1::CREDENTIAL_KIND_CUSTODIAN:
      return Role::Custodian;
    case v1::CREDENTIAL_KIND_AUDITOR:
      return Role::Auditor;
    default:
      SALUS_ASSERT(false, "the kind of a credential was checked before");
  }
  return Role::Auditor;
}

std::vector<std::uint64_t> credentials_of(const state::Overlay& state, const AccountId& account,
                                          v1::CredentialKind kind) {
  std::vector<std::uint64_t> ids;
  const auto stored = state.get(credentials_of_key(account, kind).str());
  if (!stored) return ids;
  ByteReader in(as_bytes(*stored));
  while (in.ok() && in.left() > 0) ids.push_back(in.u64());
  SALUS_ASSERT(in.done(), "a list of credential ids does not parse: the ledger is corrupt");
  return ids;
}

void put_credentials_of(state::Overlay& state, const AccountId& account, v1::CredentialKind kind,
                        const std::vector<std::uint64_t>& ids) {
  const std::string key = credentials_of_key(account, kind).str();
  if (ids.empty()) return state.erase(key);
  ByteWriter out;
  for (const std::uint64_t id : ids) out.u64(id);
  state.put(key, std::string{as_chars(out.out())});
}

std::uint32_t shown_roles(const state::Overlay& state, const AccountId& account,
                          std::uint64_t now_ms) {
  std::uint32_t roles = 0;
  for (const v1::CredentialKind kind : kKinds) {
    // Any live one of a kind serves.
    for (const std::uint64_t id : credentials_of(state, account, kind)) {
      const auto credential = find_credential(state, id);
      if (credential && is_live(state, *credential, now_ms)) roles |= bit(role_of(kind));
    }
  }
  return roles;
}

std::uint32_t live_roles(const state::Overlay& state, const AccountId& account,
                         std::uint64_t now_ms) {
  const auto member = find_member(state, account);
  if (!member || member->state() != v1::MEMBER_STATE_ACTIVE) return 0;
  std::uint32_t roles = shown_roles(state, account, now_ms);
  if (member->patient()) roles |= bit(Role::Patient);
  if (find_issuer(state, account)) roles |= bit(Role::Issuer);
  for (const Role role : kOffices) {
    const auto office = find_office(state, account, static_cast<std::uint32_t>(role));
    if (office && office->from_ms() <= now_ms && now_ms < office->until_ms()) roles |= bit(role);
  }
  return roles;
}

namespace {

// The roles that lead to a chamber.
std::uint32_t placing_roles(const state::Overlay& state, const v1::Member& member,
                            std::uint64_t now_ms) {
  const std::uint32_t shown = shown_roles(state, id_of(member.account()), now_ms);
  return member.patient() ? shown | bit(Role::Patient) : shown;
}

}  // namespace

std::optional<v1::Chamber> chamber_for(const state::Overlay& state, std::uint32_t roles,
                                       std::uint32_t seats) {
  std::optional<v1::Chamber> best;
  for (v1::Chamber& chamber : chambers(state)) {
    if ((chamber.roles() & roles) == 0) continue;
    if (chamber.rule() == v1::CHAMBER_RULE_SEAT && seats == 0) continue;
    if (!best || chamber.precedence() > best->precedence()) best = std::move(chamber);
  }
  return best;
}

std::uint64_t weight_in(const state::Overlay& state, const v1::Chamber& chamber,
                        const v1::Member& member) {
  switch (chamber.rule()) {
    case v1::CHAMBER_RULE_SEAT:
      return member.seats();
    case v1::CHAMBER_RULE_STAKE:
      return assets::staked(state, id_of(member.account())) /
             constitution::value(state, "membership.stake_unit");
    default:
      return 1;
  }
}

void open_if_reached(state::Overlay& state, std::uint32_t chamber_id, const Change& change) {
  auto chamber = find_chamber(state, chamber_id);
  if (!chamber || chamber->opened()) return;
  const std::uint32_t members = power::total_now(state, chamber_id).members;
  if (members < chamber->min_members()) return;
  chamber->set_opened(true);
  state::put(state, chamber_key(chamber_id), *chamber);
  emit(change.events, v1::EVENT_KIND_CHAMBER_OPENED, {},
       {{v1::EVENT_FIELD_CHAMBER, chamber_id}, {v1::EVENT_FIELD_COUNT, members}});
}

namespace {

// A chamber is at its bound (G-8.23): who is in it keeps what he weighs there, and who comes is in
// it without weight.
void keep_within_bound(state::Overlay& state, v1::Member member, const power::Weight& now) {
  if (now.units == 0) return;
  if (now.chamber == member.chamber()) {
    member.set_weight(now.units);
    return put_member(state, member);
  }
  const auto left = power::set_weight(state, id_of(member.account()), member.chamber(), 0);
  SALUS_ASSERT(left.has_value(), "no chamber is too full for nothing");
}

}  // namespace

void settle_weight(state::Overlay& state, const v1::Member& member, const Change& change) {
  put_member(state, member);
  const AccountId account = id_of(member.account());
  const bool counts = member.state() == v1::MEMBER_STATE_ACTIVE && member.chamber() != 0 &&
                      change.now_ms >= member.weight_from_ms();
  const std::uint64_t units = counts ? member.weight() : 0;
  const power::Weight now = power::weight_now(state, account);
  const bool same = now.units == units && (units == 0 || now.chamber == member.chamber());
  if (same) return;
  if (!power::set_weight(state, account, member.chamber(), units)) {
    return keep_within_bound(state, member, now);
  }
  if (units > 0) open_if_reached(state, member.chamber(), change);
}

void regain_weight(state::Overlay& state, const v1::Member& member, const Change& change) {
  const auto chamber = find_chamber(state, member.chamber());
  const std::uint32_t roles = placing_roles(state, member, change.now_ms);
  const bool fits = chamber && (chamber->roles() & roles) != 0 &&
                    weight_in(state, *chamber, member) == member.weight();
  return fits || member.chamber() == 0 ? settle_weight(state, member, change)
                                       : reweigh(state, member, change);
}

void start_probation(state::Overlay& state, v1::Member& member, std::uint64_t now_ms) {
  stop_probation(state, member);
  member.set_weight_from_ms(now_ms + constitution::value(state, "membership.probation"));
  due::schedule(state, due::Class::Lapses, member.weight_from_ms(), due::Kind::ProbationEnd,
                as_bytes(member.account()));
}

void stop_probation(state::Overlay& state, const v1::Member& member) {
  due::cancel(state, due::Class::Lapses, member.weight_from_ms(), due::Kind::ProbationEnd,
              as_bytes(member.account()));
}

void reweigh(state::Overlay& state, v1::Member member, const Change& change) {
  const std::uint32_t roles = placing_roles(state, member, change.now_ms);
  const auto chamber = chamber_for(state, roles, member.seats());
  if (!chamber) {
    // A probation that runs goes on: at its end he is ACTIVE without a chamber.
    member.set_chamber(0);
    member.set_weight(0);
  } else {
    const bool moved = member.chamber() != chamber->id();
    member.set_chamber(chamber->id());
    member.set_weight(weight_in(state, *chamber, member));
    if (moved) start_probation(state, member, change.now_ms);
  }
  settle_weight(state, member, change);
}

void roles_changed(state::Overlay& state, const AccountId& account, const Change& change) {
  const auto member = find_member(state, account);
  if (member && counts_as_member(member->state())) return reweigh(state, *member, change);

  auto application = find_application(state, account);
  if (!application) return;
  const std::uint32_t attested = application->attested() & bit(Role::Patient);
  application->set_attested(attested |
                            (shown_roles(state, account, change.now_ms) & application->roles()));
  put_application(state, *application);
  if (change.now_ms >= application->until_ms()) return;
  complete_if_ready(state, *application, false, 0, change);
}

void put_member_at_genesis(state::Overlay& state, const AccountId& account, std::uint32_t roles,
                           ByteView nullifier, std::uint32_t seats, std::uint64_t now_ms) {
  for (const v1::CredentialKind kind : kKinds) {
    if ((roles & bit(role_of(kind))) == 0) continue;
    v1::Credential credential;
    credential.set_id(state::take_number(state, state::Key(state::Table::MembershipCounters)));
    credential.set_account(account.to_string());
    credential.set_kind(kind);
    credential.set_from_ms(now_ms);
    credential.set_until_ms(kWithoutEnd);
    credential.set_state(v1::CREDENTIAL_STATE_LIVE);
    state::put(state, credential_key(credential.id()), credential);
    put_credentials_of(state, account, kind, {credential.id()});
  }

  v1::Member member;
  member.set_account(account.to_string());
  member.set_state(v1::MEMBER_STATE_ACTIVE);
  member.set_patient((roles & bit(Role::Patient)) != 0);
  member.set_nullifier(std::string{as_chars(nullifier)});
  member.set_joined_ms(now_ms);
  member.set_weight_from_ms(now_ms);
  member.set_seats(seats);
  const auto chamber = chamber_for(state, roles, seats);
  if (chamber) {
    member.set_chamber(chamber->id());
    member.set_weight(weight_in(state, *chamber, member));
  }
  state.put(nullifier_key(member.nullifier()).str(), member.account());
  std::vector<v1::Event> unheard;
  settle_weight(state, member, {.now_ms = now_ms, .events = unheard});
}

void add_obligation(state::Overlay& state, const AccountId& account) {
  auto member = find_member(state, account);
  if (!member) return;
  member->set_obligations(member->obligations() + 1);
  put_member(state, *member);
}

void end_obligation(state::Overlay& state, const AccountId& account) {
  auto member = find_member(state, account);
  if (!member || member->obligations() == 0) return;
  member->set_obligations(member->obligations() - 1);
  put_member(state, *member);
}

}  // namespace salus::dao::membership
