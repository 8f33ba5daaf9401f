// Owns: how a member's roles become his chamber, and his chamber his weight (G-4.1, G-4.2). The
// inner header of this folder: the files that change members all end in `reweigh`.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dao/due.h"
#include "dao/membership/membership.h"
#include "state/record.h"

namespace salus::dao::membership {

// An account id that a check or a record of our own vouches for.
AccountId id_of(std::string_view bytes);
Outcome check_id(std::string_view bytes);
Bytes office_ref(const AccountId& account, std::uint32_t role);

state::Key member_key(const AccountId& account);
state::Key application_key(const AccountId& account);
state::Key nullifier_key(std::string_view nullifier);
state::Key credential_key(std::uint64_t id);
state::Key credentials_of_key(const AccountId& account, v1::CredentialKind kind);
state::Key issuer_key(const AccountId& account);
state::Key office_key(const AccountId& account, std::uint32_t role);
state::Key chamber_key(std::uint32_t chamber);

state::Key issued_key(const AccountId& issuer, std::uint64_t number);

// The one writer of members: keeps the counters by state (G-4.11).
void put_member(state::Overlay& state, const v1::Member& member);
void drop_member(state::Overlay& state, const AccountId& account);
void count_member(state::Overlay& state, v1::MemberState before, v1::MemberState after);
void count_office(state::Overlay& state, std::uint32_t role, int step);
void count_issuer(state::Overlay& state, int step);
void put_application(state::Overlay& state, const v1::Application& application);

Role role_of(v1::CredentialKind kind);
// Roles shown by live credentials, for members and applicants alike.
std::uint32_t shown_roles(const state::Overlay& state, const AccountId& account,
                          std::uint64_t now_ms);
// Ids of the credentials of a kind that were not ended, oldest first.
std::vector<std::uint64_t> credentials_of(const state::Overlay& state, const AccountId& account,
                                          v1::CredentialKind kind);
void put_credentials_of(state::Overlay& state, const AccountId& account, v1::CredentialKind kind,
                        const std::vector<std::uint64_t>& ids);

// The chamber of highest precedence among `roles`; one of rule SEAT takes only who has seats.
std::optional<v1::Chamber> chamber_for(const state::Overlay& state, std::uint32_t roles,
                                       std::uint32_t seats);
// PERSON 1, SEAT the seats, STAKE floor(locked / membership.stake_unit) (G-4.1).
std::uint64_t weight_in(const state::Overlay& state, const v1::Chamber& chamber,
                        const v1::Member& member);

// Issued by an ended issuer after its `void_after`: not live, even before the walk comes by.
bool is_void(const state::Overlay& state, const v1::Credential& credential);
// Gives a credential its number among those of its issuer.
void note_issued(state::Overlay& state, const AccountId& issuer, std::uint64_t credential);

// Where and when a change happens, and who hears of it.
struct Change {
  std::uint64_t now_ms;
  std::vector<v1::Event>& events;
};

// Writes the member with the weight that his state, chamber and time give, and nothing else does
// (G-4.10). Opens a chamber that reaches its least number for the first time (G-6.8).
void settle_weight(state::Overlay& state, const v1::Member& member, const Change& change);
// The same where the member had no weight for a time: a vote may have removed his chamber since, or
// changed whom it takes and how they weigh (G-4.11). Then he is placed anew.
void regain_weight(state::Overlay& state, const v1::Member& member, const Change& change);
// Latches the chamber that reaches its least number (G-6.8).
void open_if_reached(state::Overlay& state, std::uint32_t chamber_id, const Change& change);
// Ends a credential for ever and weighs its holder anew.
void revoke(state::Overlay& state, v1::Credential credential, const Change& change);
// After roles changed: another chamber starts a probation (G-4.2), the same one keeps the weight.
void reweigh(state::Overlay& state, v1::Member member, const Change& change);
// The same for an account that may be a member, an applicant or neither.
void roles_changed(state::Overlay& state, const AccountId& account, const Change& change);

void start_probation(state::Overlay& state, v1::Member& member, std::uint64_t now_ms);
void stop_probation(state::Overlay& state, const v1::Member& member);

// Admits the applicant if nothing is missing any more (G-4.3). `by_dao` is AdmitMember.
bool complete_if_ready(state::Overlay& state, const v1::Application& application, bool by_dao,
                       std::uint32_t seats, const Change& change);

// Ends every office of an account, with an event each.
void end_offices(state::Overlay& state, const AccountId& account, const Change& change);

}  // namespace salus::dao::membership
