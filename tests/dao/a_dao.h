// Owns: a small DAO in memory for tests: genesis of class TEST, members with deterministic keys,
// and a block that tests fill, end and look at. Everything runs through the production application.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "dao/application.h"
#include "dao/membership/membership.h"
#include "state/memory_store.h"

namespace salus::dao::test {

// Roles and chambers of the document below.
inline constexpr std::uint32_t kPatients = 1;
inline constexpr std::uint32_t kClinicians = 2;
inline constexpr std::uint32_t kResearchers = 3;
inline constexpr std::uint32_t kInstitutions = 4;
inline constexpr std::uint64_t kGenesisMs = 1'700'000'000'000;
// Base units of one native token.
inline constexpr std::uint64_t kToken = 1'000'000;

// The key of a name: the same in every run.
crypto::KeyPair key_of(std::string_view name);
// The nullifier of a name.
std::string nullifier_of(std::string_view name);
ChainId chain_id();
// An action list for readability: actions(transfer(...), burn(...)).
template <typename... Actions>
std::vector<v1::Action> actions(const Actions&... list) {
  return {list...};
}

// Who is in the document. The index of a name is its place in `names`.
struct Person {
  std::string name;
  std::uint32_t roles = 0;  // 0: an account without membership
  std::uint32_t seats = 0;
  std::uint64_t tokens = 0;
};
// mira, noor, pavel: patients. chen, diaz: clinicians. ada, kofi: researchers. hope (3 seats),
// anne (2 seats): institutions. registry: an issuer of everything, no member. olga, omar, otto,
// oona: operators of validators v1 to v4. zed: an account and nothing else.
std::vector<Person> everybody();
// A document that apply_genesis accepts; tests change what they are about.
v1::GenesisDocument a_document(const std::vector<Person>& people = everybody());
// With the spans of the whole document in seconds: notice 10, voting 100, extension 20,
// confirmation 10, objection 0 (large: 10), timelock 10 to 20, grace 1000; probation 14 s.
inline constexpr std::uint64_t kSecond = 1'000;

// What a transaction did, readable in a failing test.
struct Applied {
  v1::TxResult result;

  bool ok() const { return result.code() == v1::ERROR_CODE_UNSPECIFIED; }
  // "Ok", or the name of the refusal.
  std::string error() const;
  // Whether an event of `kind` is among its events.
  bool told(v1::EventKind kind) const;
};

class Dao {
 public:
  explicit Dao(const v1::GenesisDocument& document = a_document(),
               const std::vector<Person>& people = everybody());

  // One transaction of `name`, signed by his key, in the present block.
  Applied apply(std::string_view name, const v1::Action& action);
  Applied apply_all(std::string_view name, const std::vector<v1::Action>& list);
  // The same by a sentence: dao.as("mira").apply(action).
  struct As {
    Dao& dao;
    std::string name;
    Applied apply(const v1::Action& action) const { return dao.apply(name, action); }
  };
  As as(std::string_view name) { return {*this, std::string{name}}; }
  // With the authority of the DAO, as an executing proposal would: "Ok" or the name of the refusal.
  std::string apply_as_dao(const v1::Action& action);

  // Moves the time of the present block.
  void advance_ms(std::uint64_t ms) { now_ms_ += ms; }
  // Ends the present block, checks every invariant, and begins the next one at the same time.
  EndOfBlock end_block();
  // Both: what is due `ms` from now has happened.
  EndOfBlock pass_ms(std::uint64_t ms);

  state::Overlay& state() { return *state_; }
  const state::Overlay& state() const { return *state_; }
  std::uint64_t now_ms() const { return now_ms_; }
  Height height() const { return height_; }
  BlockContext block() const;
  AccountId account(std::string_view name) const;
  // Lets a name that another test device opened act by apply().
  void know(std::string_view name, const AccountId& id) { ids_[std::string{name}] = id; }
  std::uint64_t next_sequence(std::string_view name) const;
  v1::TxBody body(std::string_view name, const std::vector<v1::Action>& list) const;
  std::uint64_t tokens(std::string_view name) const;
  v1::Member member(std::string_view name) const;
  // All events of ended blocks since the last call.
  std::vector<v1::Event> take_events();

 private:
  std::unique_ptr<salus::test::MemoryStore> store_;
  std::unique_ptr<state::Overlay> state_;
  std::map<std::string, AccountId, std::less<>> ids_;
  std::uint64_t now_ms_ = kGenesisMs;
  Height height_{1};
  std::uint64_t executions_ = 0;
  std::vector<v1::Event> events_;
};

// Actions, by their names.
v1::Action transfer(const AccountId& to, std::uint64_t amount, std::uint32_t asset = 0);
v1::Action mint(const AccountId& to, std::uint64_t amount, std::uint32_t asset = 0);
v1::Action burn(std::uint64_t amount, std::uint32_t asset = 0);
v1::Action ask_admission(std::string_view name, std::uint32_t roles);
v1::Action attest(const AccountId& account, std::uint32_t roles);
v1::Action vouch(const AccountId& account);
v1::Action withdraw_application();
v1::Action refuse_application(const AccountId& account);
v1::Action admit(const AccountId& account, std::uint32_t seats = 0);
v1::Action exit_dao();
v1::Action issue(const AccountId& account, v1::CredentialKind kind, std::uint64_t until_ms);
v1::Action revoke(std::uint64_t credential);
v1::Action set_issuer(const AccountId& account, std::uint32_t roles, std::uint32_t per_day);
v1::Action grant_office(const AccountId& account, membership::Role role, std::uint64_t term_ms);
v1::Action end_office(const AccountId& account, membership::Role role);
v1::Action suspend(const AccountId& account, std::uint64_t until_ms);
v1::Action reinstate(const AccountId& account);
v1::Action expel(const AccountId& account, std::uint64_t bar_ms = 0);

// An AccountKey of a name, with everything allowed.
v1::AccountKey account_key(std::string_view name, std::uint32_t weight = 1,
                           std::uint32_t scope = 255);
// Sorts keys as the chain wants them.
void sort_keys(google::protobuf::RepeatedPtrField<v1::AccountKey>& keys);

}  // namespace salus::dao::test
