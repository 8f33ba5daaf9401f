// Owns: offices, which the DAO gives to members for a term, and which end with it.
#include "dao/constitution.h"
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

constexpr Role kOffices[] = {Role::Treasurer, Role::Operator, Role::Sentinel};

bool is_office(std::uint32_t role) { return role < 32 && ((1U << role) & kOfficeRoles) != 0; }

void end_office_of(state::Overlay& state, const v1::Office& office,
                   std::vector<v1::Event>& events) {
  const AccountId account = id_of(office.account());
  state::erase(state, office_key(account, office.role()));
  count_office(state, office.role(), -1);
  due::cancel(state, due::Class::Lapses, office.until_ms(), due::Kind::OfficeEnd,
              office_ref(account, office.role()));
  emit(events, v1::EVENT_KIND_OFFICE_ENDED, {account}, {{v1::EVENT_FIELD_ROLE, office.role()}},
       true);
}

void put_office(state::Overlay& state, const v1::Office& office) {
  const AccountId account = id_of(office.account());
  if (!find_office(state, account, office.role())) count_office(state, office.role(), +1);
  state::put(state, office_key(account, office.role()), office);
  due::schedule(state, due::Class::Lapses, office.until_ms(), due::Kind::OfficeEnd,
                office_ref(account, office.role()));
}

}  // namespace

Outcome check(const v1::GrantOffice& action) {
  if (!is_office(action.role())) return refuse(Error::RoleUnknown);
  if (action.term_ms() == 0) return refuse(Error::Limit);
  return check_id(action.account());
}

Outcome apply(const v1::GrantOffice& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  if (!is_active(state, account, context.now_ms())) return refuse(Error::NotMember);
  if (action.term_ms() > constitution::value(state, "membership.office_term_max")) {
    return refuse(Error::OfficeTermTooLong);
  }
  // A new term replaces the one that runs.
  const auto running = find_office(state, account, action.role());
  if (running) {
    due::cancel(state, due::Class::Lapses, running->until_ms(), due::Kind::OfficeEnd,
                office_ref(account, action.role()));
  }
  v1::Office office;
  office.set_account(action.account());
  office.set_role(action.role());
  office.set_from_ms(context.now_ms());
  office.set_until_ms(context.now_ms() + action.term_ms());
  put_office(state, office);
  emit(context.events, v1::EVENT_KIND_OFFICE_GRANTED, {account},
       {{v1::EVENT_FIELD_ROLE, action.role()}, {v1::EVENT_FIELD_UNTIL_MS, office.until_ms()}},
       true);
  return {};
}

Outcome check(const v1::EndOffice& action) {
  if (!is_office(action.role())) return refuse(Error::RoleUnknown);
  return check_id(action.account());
}

Outcome apply(const v1::EndOffice& action, ActionContext& context, state::Overlay& state) {
  const AccountId account = id_of(action.account());
  if (context.authority != Authority::Dao && account != context.signer) {
    return refuse(Error::NotAuthorized);
  }
  const auto office = find_office(state, account, action.role());
  if (!office) return refuse(Error::OfficeUnknown);
  end_office_of(state, *office, context.events);
  return {};
}

void end_offices(state::Overlay& state, const AccountId& account, const Change& change) {
  for (const Role role : kOffices) {
    const auto office = find_office(state, account, static_cast<std::uint32_t>(role));
    if (office) end_office_of(state, *office, change.events);
  }
}

void end_office(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events) {
  ByteReader in(ref);
  const auto account = in.fixed<AccountId>();
  const std::uint32_t role = in.u8();
  const auto office = find_office(state, account, role);
  if (!office || block.time.value() < office->until_ms()) return;
  end_office_of(state, *office, events);
}

void put_office_at_genesis(state::Overlay& state, const v1::Office& office) {
  put_office(state, office);
}

}  // namespace salus::dao::membership
