// Owns: the making of a genesis document and what follows from it.
#include "sim/genesis.h"

#include <fmt/format.h>

#include <memory>

#include "base/assert.h"
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
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

std::vector<dao::test::Person> people(std::size_t n) {
  auto list = dao::test::everybody();
  for (std::size_t i = 0; i < n; ++i) list.push_back({fmt::format("operator {}", i), 0, 0, 0});
  return list;
}

v1::GenesisDocument make_document(std::size_t n, const ParameterList& wishes) {
  const auto everybody = people(n);
  v1::GenesisDocument document = dao::test::a_document(everybody);
  document.clear_validators();
  for (std::size_t i = 0; i < n; ++i) {
    v1::GenesisValidator& validator = *document.add_validators();
    validator.set_operator_account(static_cast<std::uint32_t>(everybody.size() - n + i));
    validator.set_name(fmt::format("v{}", i));
    validator.set_validator_key(dao::test::key_of(validator_key_name(i)).public_key().to_string());
    validator.set_node_key(dao::test::key_of(fmt::format("v{} node", i)).public_key().to_string());
  }
  ParameterList parameters = wishes;
  parameters.emplace_back("validators.min", 1);
  for (const auto& [name, value] : parameters) {
    v1::Parameter& parameter = *document.add_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
  }
  return document;
}

Genesis make(std::size_t n, const ParameterList& parameters) {
  SALUS_ASSERT(crypto::initialise(), "signatures start");
  const v1::GenesisDocument document = make_document(n, parameters);
  const std::string bytes = state::encode(document);
  auto batch = ledger::make_genesis(document, as_bytes(bytes));
  SALUS_ASSERT(batch.has_value(), batch ? "" : batch.error().reason);
  storage::MemoryStore store;
  SALUS_ASSERT(store.write(*batch).has_value(), "memory holds a genesis");

  Genesis out{.batch = std::move(*batch),
              .chain_id = ledger::chain_id_of(as_bytes(bytes)),
              .set = replica::validator_set(ledger::Ledger::open(store)->finalized()),
              .accounts = {},
              .sequences = {}};
  const ledger::Reader reader{store};
  const state::Overlay state = reader.state();
  const auto everybody = people(n);
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

std::string validator_key_name(std::size_t validator) {
  return fmt::format("v{} validator", validator);
}

const Genesis& genesis_of(std::size_t n, const ParameterList& parameters) {
  thread_local std::map<std::pair<std::size_t, ParameterList>, std::unique_ptr<Genesis>> made;
  const std::pair wish{n, parameters};
  if (const auto found = made.find(wish); found != made.end()) return *found->second;
  // Networks hold references: what is remembered is never dropped, and a wish too many is a mistake
  // of the caller, who draws parameters from too wide a range.
  SALUS_ASSERT(made.size() < kRememberedMax, "a sweep draws few shapes of chains");
  return *(made[wish] = std::make_unique<Genesis>(make(n, parameters)));
}

}  // namespace salus::sim
