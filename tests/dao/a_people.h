// Owns: the actions of joint acts, pauses, chambers, tracks, defences and upgrades, by their names.
#pragma once

#include <initializer_list>
#include <string>

#include "dao/a_dao.h"
#include "dao/a_proposal.h"
#include "dao/acts/acts.h"
#include "dao/membership/membership.h"
#include "salus/v1/action.pb.h"

namespace salus::dao::test {

inline v1::Action pause(std::initializer_list<v1::Action::KindCase> types, std::uint64_t span_ms) {
  v1::Action action;
  for (const auto type : types) {
    action.mutable_pause()->add_types(static_cast<std::uint32_t>(type));
  }
  action.mutable_pause()->set_span_ms(span_ms);
  return action;
}

inline v1::Action end_pause(std::uint64_t id) {
  v1::Action action;
  action.mutable_end_pause()->set_pause(id);
  return action;
}

inline v1::Action renew_charges() {
  v1::Action action;
  action.mutable_renew_charges();
  return action;
}

// By who read the act as it stands.
inline v1::Action co_sign(const Dao& dao, std::uint64_t id) {
  v1::Action action;
  action.mutable_co_sign()->set_act(id);
  const auto act = acts::find_act(dao.state(), id);
  action.mutable_co_sign()->set_content_hash(act ? act->content_hash() : std::string(32, '\0'));
  return action;
}

inline v1::Action withdraw_act(std::uint64_t id) {
  v1::Action action;
  action.mutable_withdraw_act()->set_act(id);
  return action;
}

inline v1::Action set_seats(const AccountId& account, std::uint32_t seats) {
  v1::Action action;
  action.mutable_set_seats()->set_account(account.to_string());
  action.mutable_set_seats()->set_seats(seats);
  return action;
}

inline v1::Action file_defence(std::uint64_t proposal, char text = 'd') {
  v1::Action action;
  action.mutable_file_defence()->set_proposal(proposal);
  action.mutable_file_defence()->set_statement_hash(std::string(32, text));
  return action;
}

inline v1::Action recheck(const AccountId& account) {
  v1::Action action;
  action.mutable_recheck()->set_account(account.to_string());
  return action;
}

inline v1::Action renew(std::uint64_t credential, std::uint64_t until_ms) {
  v1::Action action;
  action.mutable_renew_credential()->set_id(credential);
  action.mutable_renew_credential()->set_until_ms(until_ms);
  return action;
}

inline v1::Action suspend_credential(std::uint64_t credential) {
  v1::Action action;
  action.mutable_suspend_credential()->set_id(credential);
  return action;
}

inline v1::Action reinstate_credential(std::uint64_t credential) {
  v1::Action action;
  action.mutable_reinstate_credential()->set_id(credential);
  return action;
}

inline v1::Action end_issuer(const AccountId& account, std::uint64_t void_after_ms) {
  v1::Action action = set_issuer(account, 0, 0);
  action.mutable_set_issuer()->set_void_after_ms(void_after_ms);
  return action;
}

inline v1::Action set_track(const v1::Track& track, bool remove = false) {
  v1::Action action;
  *action.mutable_set_track()->mutable_track() = track;
  action.mutable_set_track()->set_remove(remove);
  return action;
}

// Of clinicians, before their own; no track names it.
inline v1::Chamber a_chamber_without_a_track() {
  v1::Chamber nurses;
  nurses.set_id(5);
  nurses.set_code("nurses");
  nurses.set_rule(v1::CHAMBER_RULE_PERSON);
  nurses.set_roles(membership::bit(membership::Role::Clinician));
  nurses.set_precedence(9);
  nurses.set_admission(v1::ADMISSION_ATTEST);
  nurses.set_min_members(1);
  return nurses;
}

inline v1::Action set_chamber(const v1::Chamber& chamber, bool remove = false) {
  v1::Action action;
  *action.mutable_set_chamber()->mutable_chamber() = chamber;
  action.mutable_set_chamber()->set_remove(remove);
  return action;
}

inline v1::Action schedule_upgrade(std::uint32_t version, std::uint64_t from_height) {
  v1::Action action;
  action.mutable_schedule_upgrade()->set_version(version);
  action.mutable_schedule_upgrade()->set_manifest_hash(std::string(32, 'm'));
  action.mutable_schedule_upgrade()->set_from_height(from_height);
  return action;
}

inline v1::Action cancel_upgrade(std::uint32_t version) {
  v1::Action action;
  action.mutable_cancel_upgrade()->set_version(version);
  return action;
}

inline v1::Action signal_ready(std::uint32_t version, bool withdraw = false) {
  v1::Action action;
  action.mutable_signal_ready()->set_version(version);
  action.mutable_signal_ready()->set_withdraw(withdraw);
  return action;
}

inline v1::Action pay_from_general(const AccountId& payee, std::uint64_t amount) {
  return pay(1, amount, payee);
}

// Everybody, with the office of sentinel for mira, noor and pavel.
inline v1::GenesisDocument a_watched_document(const std::vector<Person>& people = everybody()) {
  v1::GenesisDocument document = a_document(people);
  for (std::uint32_t i = 0; i < 3; ++i) {
    v1::GenesisOffice& office = *document.add_offices();
    office.set_account(i);
    office.set_role(static_cast<std::uint32_t>(membership::Role::Sentinel));
    office.set_until_ms(kGenesisMs + 300 * membership::kDayMs);
  }
  return document;
}

}  // namespace salus::dao::test
