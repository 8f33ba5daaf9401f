// Owns: the making of a genesis document and what follows from it.
#include "sim/genesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "base/assert.h"
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/membership/membership.h"
#include "ledger/genesis.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "state/record.h"
#include "storage/memory_store.h"

namespace salus::sim {

namespace {

// A sweep draws few shapes of chains.
constexpr std::size_t kRememberedMax = 4'096;
constexpr std::uint64_t kTermMs = 1'000'000'000;

// Operators of spares are members, so that they may nominate their nodes.
std::vector<dao::test::Person> people(std::size_t n, std::size_t spares) {
  auto list = dao::test::everybody();
  for (dao::test::Person& citizen : citizens()) list.push_back(std::move(citizen));
  for (std::size_t i = 0; i < n + spares; ++i) {
    const std::uint32_t roles = i < n ? 0U : dao::membership::bit(dao::membership::Role::Patient);
    list.push_back({fmt::format("operator {}", i), roles, 0, 0});
  }
  return list;
}

// Citizens hold every office, so that whatever asks for one can happen.
void add_offices_of_citizens(const std::vector<dao::test::Person>& people,
                             v1::GenesisDocument& document) {
  using dao::membership::Role;
  constexpr std::pair<std::string_view, Role> kHolders[] = {{"cara", Role::Sentinel},
                                                            {"carl", Role::Sentinel},
                                                            {"cyra", Role::Treasurer},
                                                            {"coro", Role::Treasurer},
                                                            {"cian", Role::Operator}};
  for (const auto& [name, role] : kHolders) {
    const auto at = std::ranges::find(people, name, &dao::test::Person::name);
    v1::GenesisOffice& office = *document.add_offices();
    office.set_account(static_cast<std::uint32_t>(at - people.begin()));
    office.set_role(static_cast<std::uint32_t>(role));
    office.set_until_ms(dao::test::kGenesisMs + kTermMs);
  }
}

void add_offices(v1::GenesisDocument& document, std::size_t first, std::size_t spares) {
  for (std::size_t i = 0; i < spares; ++i) {
    v1::GenesisOffice& office = *document.add_offices();
    office.set_account(static_cast<std::uint32_t>(first + i));
    office.set_role(static_cast<std::uint32_t>(dao::membership::Role::Operator));
    office.set_until_ms(dao::test::kGenesisMs + kTermMs);
  }
}

// A change of the set is decided within seconds.
void hurry(v1::GenesisDocument& document) {
  for (v1::Track& track : *document.mutable_tracks()) {
    track.set_notice_ms(1'000);
    track.set_voting_ms(4'000);
    track.set_extension_ms(500);
    track.set_confirmation_ms(300);
    track.set_objection_ms(0);
    track.set_timelock_min_ms(1'000);
    track.set_timelock_max_ms(1'000);
  }
}

v1::GenesisDocument make_document(std::size_t n, const ParameterList& wishes, std::size_t spares) {
  const auto everybody = people(n, spares);
  const std::size_t first_operator = everybody.size() - n - spares;
  v1::GenesisDocument document = dao::test::a_document(everybody);
  document.clear_validators();
  for (std::size_t i = 0; i < n; ++i) {
    v1::GenesisValidator& validator = *document.add_validators();
    validator.set_operator_account(static_cast<std::uint32_t>(first_operator + i));
    validator.set_name(fmt::format("v{}", i));
    validator.set_validator_key(dao::test::key_of(validator_key_name(i)).public_key().to_string());
    validator.set_node_key(dao::test::key_of(node_key_name(i)).public_key().to_string());
  }
  add_offices(document, first_operator + n, spares);
  add_offices_of_citizens(everybody, document);
  const bool has_upgrade = std::ranges::any_of(
      wishes, [](const auto& wish) { return wish.first == "validators.upgrade_notice"; });
  // Votes are taken.
  if (spares > 0 || has_upgrade) hurry(document);
  ParameterList parameters = wishes;
  parameters.emplace_back("validators.min", 1);
  for (const auto& [name, value] : parameters) {
    v1::Parameter& parameter = *document.add_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
  }
  return document;
}

Genesis make(std::size_t n, const ParameterList& parameters, std::size_t spares) {
  SALUS_ASSERT(crypto::initialise(), "signatures start");
  const v1::GenesisDocument document = make_document(n, parameters, spares);
  const std::string bytes = state::encode(document);
  auto batch = ledger::make_genesis(document, as_bytes(bytes));
  SALUS_ASSERT(batch.has_value(), batch ? "" : batch.error().reason);
  storage::MemoryStore store;
  SALUS_ASSERT(store.write(*batch).has_value(), "memory holds a genesis");

  Genesis out{.batch = std::move(*batch),
              .chain_id = ledger::chain_id_of(as_bytes(bytes)),
              .set = replica::validator_set(ledger::Ledger::open(store)->finalized()),
              .validators = {},
              .accounts = {},
              .sequences = {}};
  const ledger::Reader reader{store};
  out.validators = reader.tip().validators;
  const state::Overlay state = reader.state();
  const auto everybody = people(n, spares);
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    const v1::GenesisAccount& account = document.accounts(static_cast<int>(i));
    const AccountId id = dao::accounts::account_id(out.chain_id, as_bytes(account.nonce()),
                                                   account.keys(), account.threshold());
    out.accounts[everybody[i].name] = id;
    out.sequences[everybody[i].name] = dao::accounts::find_account(state, id)->next_sequence();
  }
  return out;
}

}  // namespace

std::vector<dao::test::Person> citizens() {
  using dao::membership::bit;
  using dao::membership::Role;
  constexpr std::uint64_t kTokens = 50'000;
  return {{"cara", bit(Role::Patient), 0, kTokens},
          {"carl", bit(Role::Patient), 0, kTokens},
          {"cyra", bit(Role::Clinician), 0, kTokens},
          {"cian", bit(Role::Researcher), 0, kTokens},
          {"coro", bit(Role::Institution), 1, kTokens},
          {"cora", 0, 0, kTokens},
          {"cruz", 0, 0, kTokens}};
}

std::string validator_key_name(std::size_t validator) {
  return fmt::format("v{} validator", validator);
}

std::string node_key_name(std::size_t validator) { return fmt::format("v{} node", validator); }

const Genesis& genesis_of(std::size_t n, const ParameterList& parameters, std::size_t spares) {
  using Wish = std::tuple<std::size_t, ParameterList, std::size_t>;
  thread_local std::map<Wish, std::unique_ptr<Genesis>> made;
  const Wish wish{n, parameters, spares};
  if (const auto found = made.find(wish); found != made.end()) return *found->second;
  // Networks hold references: what is remembered is never dropped, and a wish too many is a mistake
  // of the caller, who draws parameters from too wide a range.
  SALUS_ASSERT(made.size() < kRememberedMax, "a sweep draws few shapes of chains");
  return *(made[wish] = std::make_unique<Genesis>(make(n, parameters, spares)));
}

}  // namespace salus::sim
