// Owns: one person, one membership, one chamber (G-4.1). A member's weight follows his state, his
// roles and his chamber, and is written to governance/power by nobody else (G-4.10). What happened
// before a power snapshot never changes a running vote (G-4.9).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/membership.pb.h"
#include "state/overlay.h"

namespace salus::dao::membership {

// Role numbers; a role's bit is 1 << number.
enum class Role : std::uint32_t {
  Patient = 0,
  Subject = 1,
  Delegate = 2,
  Clinician = 3,
  Researcher = 4,
  Sponsor = 5,
  Institution = 6,
  Custodian = 7,
  Issuer = 8,
  Auditor = 9,
  Treasurer = 10,
  Operator = 11,
  Sentinel = 12,
};
constexpr std::uint32_t bit(Role role) { return 1U << static_cast<std::uint32_t>(role); }
// Roles that one can ask for, each with a place in a chamber.
inline constexpr std::uint32_t kApplicableRoles =
    bit(Role::Patient) | bit(Role::Clinician) | bit(Role::Researcher) | bit(Role::Institution);
// Roles shown by a credential.
inline constexpr std::uint32_t kCredentialRoles = bit(Role::Clinician) | bit(Role::Researcher) |
                                                  bit(Role::Sponsor) | bit(Role::Institution) |
                                                  bit(Role::Custodian) | bit(Role::Auditor);
inline constexpr std::uint32_t kOfficeRoles =
    bit(Role::Treasurer) | bit(Role::Operator) | bit(Role::Sentinel);

inline constexpr std::uint32_t kChambersMax = 8;
inline constexpr std::uint32_t kSeatsMax = 1'000;
inline constexpr int kVouchersMax = 10;
inline constexpr int kAttestersMax = 10;
// Live credentials of one kind that one account may hold; any of them serves.
inline constexpr std::size_t kCredentialsOfKindMax = 4;
// Credentials of genesis do not end.
inline constexpr std::uint64_t kWithoutEnd = ~std::uint64_t{0};
inline constexpr std::uint64_t kDayMs = 86'400'000;
inline constexpr std::uint64_t kApplicationMs = 60 * kDayMs;
inline constexpr std::uint64_t kBarMsMax = 3'650 * kDayMs;
inline constexpr std::uint64_t kVouchAnswersForMs = 365 * kDayMs;
// A second suspension by case sooner is for the DAO to decide (G-4.8).
inline constexpr std::uint64_t kCaseAgainMs = 180 * kDayMs;

// G-8.17: what is needed must be reached.
constexpr bool reached(std::uint64_t have, std::uint64_t need) { return have >= need; }

std::optional<v1::Member> find_member(const state::Overlay& state, const AccountId& account);
// In PROBATION, ACTIVE or SUSPENDED.
bool is_member(const state::Overlay& state, const AccountId& account);
// ACTIVE: may act as M.
bool is_active(const state::Overlay& state, const AccountId& account, std::uint64_t now_ms);
// Bits of the roles and offices an ACTIVE member holds now; 0 for everybody else.
std::uint32_t live_roles(const state::Overlay& state, const AccountId& account,
                         std::uint64_t now_ms);
std::optional<v1::Chamber> find_chamber(const state::Overlay& state, std::uint32_t chamber);
// All of them, ascending by id: eight point reads.
std::vector<v1::Chamber> chambers(const state::Overlay& state);
std::optional<v1::Application> find_application(const state::Overlay& state,
                                                const AccountId& account);
std::optional<v1::Credential> find_credential(const state::Overlay& state, std::uint64_t id);
// Whose accreditation stands.
std::optional<v1::Issuer> find_issuer(const state::Overlay& state, const AccountId& account);
// Also of an ended one.
std::optional<v1::Issuer> find_issuer_record(const state::Overlay& state, const AccountId& account);
std::optional<v1::Office> find_office(const state::Overlay& state, const AccountId& account,
                                      std::uint32_t role);

// Counters (G-4.11): nothing reads all members to answer these.
v1::MemberCounts counts(const state::Overlay& state);
std::uint64_t members_in(const state::Overlay& state, v1::MemberState member_state);
// Of an office: treasurer, operator or sentinel.
std::uint64_t holders_of(const state::Overlay& state, Role office);

// The member whom an action is about: he is recused, his chamber is among the required ones, and he
// may file a defence (G-4.7). None for most actions.
std::optional<AccountId> concerned_member(const v1::Action& action);
// Where a member counts now, whatever his state; 0 for who is none.
std::uint32_t chamber_of(const state::Overlay& state, const AccountId& account);
std::optional<v1::Defence> find_defence(const state::Overlay& state, std::uint64_t proposal,
                                        const AccountId& account);

// Uses one of an issuer's attestations and openings of today: NotIssuer, IssuerQuota.
Outcome use_issuer_quota(state::Overlay& state, const AccountId& issuer, std::uint64_t now_ms);

// Admission (admission.cc).
Outcome check(const v1::Apply& action);
Outcome apply(const v1::Apply& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Attest& action);
Outcome apply(const v1::Attest& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Vouch& action);
Outcome apply(const v1::Vouch& action, ActionContext& context, state::Overlay& state);
Outcome apply(const v1::WithdrawApplication& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::RefuseApplication& action);
Outcome apply(const v1::RefuseApplication& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::AdmitMember& action);
Outcome apply(const v1::AdmitMember& action, ActionContext& context, state::Overlay& state);

// Chambers (chambers.cc). ChamberUnknown, ChamberInUse, OutOfBounds, Entrenched.
std::optional<std::string> chamber_flaw(const v1::Chamber& chamber);
Outcome check(const v1::SetChamber& action);
Outcome apply(const v1::SetChamber& action, ActionContext& context, state::Overlay& state);

// Standing of members (standing.cc, defence.cc).
Outcome apply(const v1::Exit& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SuspendMember& action);
Outcome apply(const v1::SuspendMember& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Reinstate& action);
Outcome apply(const v1::Reinstate& action, ActionContext& context, state::Overlay& state);
// A suspension by the verdict of a board's case, for whoever runs cases: SuspensionTooLong,
// SuspensionRepeated, AlreadySuspended. It is lifted by a case or by the DAO.
struct CaseSuspension {
  AccountId account;
  std::uint64_t until_ms = 0;
  std::uint32_t cause = 0;
};
Outcome suspend_by_case(const CaseSuspension& order, ActionContext& context, state::Overlay& state);
Outcome reinstate_by_case(const AccountId& account, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SetSeats& action);
Outcome apply(const v1::SetSeats& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::FileDefence& action);
// That the proposal, which has come to `version`, is open and about the signer, the dispatcher has
// looked up. DefenceFiled: he has answered this version.
Outcome apply(const v1::FileDefence& action, std::uint32_t version, ActionContext& context,
              state::Overlay& state);
// After a stake was locked or unlocked: weight in a STAKE chamber follows at once (G-4.1).
void stake_changed(const AccountId& account, ActionContext& context, state::Overlay& state);
Outcome check(const v1::ExpelMember& action);
Outcome apply(const v1::ExpelMember& action, ActionContext& context, state::Overlay& state);

// Credentials, issuers and offices (credentials.cc, issuers.cc, offices.cc).
Outcome check(const v1::IssueCredential& action);
Outcome apply(const v1::IssueCredential& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::RevokeCredential& action);
Outcome apply(const v1::RevokeCredential& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::RenewCredential& action);
Outcome apply(const v1::RenewCredential& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SuspendCredential& action);
Outcome apply(const v1::SuspendCredential& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::ReinstateCredential& action);
Outcome apply(const v1::ReinstateCredential& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::Recheck& action);
Outcome apply(const v1::Recheck& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::SetIssuer& action);
Outcome apply(const v1::SetIssuer& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::GrantOffice& action);
Outcome apply(const v1::GrantOffice& action, ActionContext& context, state::Overlay& state);
Outcome check(const v1::EndOffice& action);
Outcome apply(const v1::EndOffice& action, ActionContext& context, state::Overlay& state);

// Due work, class 0 (section 12). Total: an item whose record moved on does nothing.
using Events = std::vector<v1::Event>;
void lapse_application(state::Overlay& state, const BlockContext& block, ByteView ref,
                       Events& events);
void end_probation(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events);
void end_suspension(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events);
void end_office(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events);
void end_credential(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events);
// One piece of a walk over what an ended issuer issued; queues the next piece.
void walk_issuer(state::Overlay& state, const BlockContext& block, ByteView ref, Events& events);

// Genesis writers; the document was checked by dao/genesis.
void put_chamber_at_genesis(state::Overlay& state, const v1::Chamber& chamber);
void put_issuer_at_genesis(state::Overlay& state, const v1::Issuer& issuer);
void put_office_at_genesis(state::Overlay& state, const v1::Office& office);
// ACTIVE with weight at once; credentials for the professional roles, without end, by itself.
void put_member_at_genesis(state::Overlay& state, const AccountId& account, std::uint32_t roles,
                           ByteView nullifier, std::uint32_t seats, std::uint64_t now_ms);
// Binds a membership, so that it cannot exit; nothing for accounts that are no members.
void add_obligation(state::Overlay& state, const AccountId& account);
// The other way; nothing for memberships that began after the obligation.
void end_obligation(state::Overlay& state, const AccountId& account);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::membership
