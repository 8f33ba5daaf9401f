// Owns: a proposal in one line: the governance and treasury actions by their names, and where a
// proposal of the test DAO stands. Everything runs through the production application.
#pragma once

#include <string>
#include <vector>

#include "dao/a_dao.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"

namespace salus::dao::test {

// What the tracks of a_document() ask for.
inline constexpr std::uint64_t kNoticeMs = 10 * kSecond;
inline constexpr std::uint64_t kVotingMs = 100 * kSecond;
inline constexpr std::uint64_t kExtensionMs = 20 * kSecond;
inline constexpr std::uint64_t kConfirmationMs = 10 * kSecond;
inline constexpr std::uint64_t kTimelockMinMs = 10 * kSecond;
inline constexpr std::uint64_t kTimelockMaxMs = 20 * kSecond;
inline constexpr std::uint64_t kGraceMs = 1'000 * kSecond;
inline constexpr std::uint64_t kStandardDeposit = 20 * kToken;

// Actions, by their names. A proposal of `frozen` actions with a full deposit on track *standard*
// or *spend* unless said otherwise.
v1::Action submit(const std::vector<v1::Action>& frozen, std::uint64_t deposit = kStandardDeposit);
v1::Action submit_by_endorsement(const std::vector<v1::Action>& frozen);
v1::Action top_up(std::uint64_t proposal, std::uint64_t amount);
v1::Action endorse(std::uint64_t proposal);
v1::Action cancel(std::uint64_t proposal);
v1::Action vote(std::uint64_t proposal, v1::Choice choice);
struct Part {
  v1::Choice choice;
  std::uint32_t part;
};
v1::Action vote(std::uint64_t proposal, const std::vector<Part>& parts);
v1::Action retry(std::uint64_t proposal);
v1::Action declare_conflict(std::uint64_t proposal);
v1::Action cancel_proposal(std::uint64_t proposal);
v1::Action set_parameter(std::string_view name, std::uint64_t from, std::uint64_t to);
v1::Action create_fund(std::string_view code);
v1::Action move_funds(std::uint32_t from, std::uint32_t to, std::uint64_t amount);
v1::Action donate(std::uint32_t fund, std::uint64_t amount);
v1::Action pay(std::uint32_t fund, std::uint64_t amount, const AccountId& payee);
v1::Action accept_payout(std::uint64_t payout);
v1::Action mark_payee();

v1::Proposal proposal(const Dao& dao, std::uint64_t id);
// "VOTING", without the prefix of the enum.
std::string state_of(const Dao& dao, std::uint64_t id);
// The rule that decided it: "APPROVAL"; "UNSPECIFIED" where it passed.
std::string rule_of(const Dao& dao, std::uint64_t id);
v1::Tally tally(const Dao& dao, std::uint64_t id, std::uint32_t chamber);
std::uint64_t fund_balance(const Dao& dao, std::uint32_t fund);

// Moves to `ms` after genesis, in the present block.
void advance_to(Dao& dao, std::uint64_t at_ms);
// The block at `at_ms` has ended.
void pass_to(Dao& dao, std::uint64_t at_ms);

// Submits with a full deposit and passes the notice: voting is open. Returns the id.
std::uint64_t open_voting(Dao& dao, std::string_view proposer,
                          const std::vector<v1::Action>& frozen,
                          std::uint64_t deposit = kStandardDeposit);
// Every member of the test DAO who may votes yes, in one block.
void all_vote_yes(Dao& dao, std::uint64_t id);
// The same, and voting passes: it stands in TIMELOCK.
void pass_vote(Dao& dao, std::uint64_t id);

// A DAO that is only its institutions, each weighing its seats, with one required chamber on track
// *standard*: thresholds can be met to one seat.
struct Seat {
  std::string name;
  std::uint32_t seats;
};
struct Rules {
  std::uint32_t approval_bp = 5'000;
  std::uint32_t support_bp = 300;
  std::uint32_t min_approval_bp = 200;
  std::uint32_t reserved_veto_bp = 0;
};
std::vector<Person> institutions(const std::vector<Seat>& seats);
v1::GenesisDocument a_chamber_of_seats(const std::vector<Person>& people, const Rules& rules = {});

}  // namespace salus::dao::test
