// Owns: proof that genesis is written whole or refused with its place (G-1.7, G-6.10).
#include <functional>

#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/power/power.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;

std::string reason_of(const v1::GenesisDocument& document) {
  salus::test::MemoryStore store;
  state::Overlay state(store, "s");
  const auto written = apply_genesis(document, chain_id(), state);
  if (written) return "";
  EXPECT_TRUE(state.changes().empty()) << "a refused document leaves nothing";
  return written.error().reason;
}

TEST(Genesis, writes_members_with_weight_and_money_that_adds_up) {
  const Dao dao;
  EXPECT_EQ(broken_invariants(dao.state()), std::vector<std::string>{});
  EXPECT_EQ(genesis_class(dao.state()), v1::GENESIS_CLASS_TEST);
  EXPECT_EQ(power::weight_now(dao.state(), dao.account("hope")).units, 3U);
  EXPECT_EQ(power::total_now(dao.state(), kPatients).members, 3U);
  EXPECT_EQ(power::total_now(dao.state(), kInstitutions).units, 5U);
  const auto fund = accounts::fund_account(chain_id(), 1);
  EXPECT_EQ(assets::balance(dao.state(), fund, 0), 100'000 * kToken);
  EXPECT_EQ(assets::find_asset(dao.state(), 0)->supply(), 109'500 * kToken);
  EXPECT_EQ(parameter(dao.state(), "membership.probation"), 14 * kSecond);
  EXPECT_EQ(validator_set(dao.state()).validators(1).name(), "omar-node");
  EXPECT_EQ(accounts::find_account(dao.state(), dao.account("olga"))->obligations(), 1U);
  const std::uint32_t roles = membership::live_roles(dao.state(), dao.account("chen"), kGenesisMs);
  EXPECT_EQ(roles, bit(Role::Clinician));
}

TEST(Genesis, refuses_each_flaw_with_its_place) {
  struct Case {
    const char* name;
    std::function<void(v1::GenesisDocument&)> spoil;
    const char* reason;
  };
  using Document = v1::GenesisDocument;
  const Case cases[] = {
      {"format", [](Document& d) { d.set_format(2); }, "format: this version reads format 1"},
      {"network", [](Document& d) { d.set_network("Test"); }, "network: "},
      {"class", [](Document& d) { d.clear_class_(); }, "class: "},
      {"time", [](Document& d) { d.set_time_ms(0); }, "time_ms: "},
      {"time of no calendar", [](Document& d) { d.set_time_ms(~std::uint64_t{0}); }, "time_ms: "},
      {"no account", [](Document& d) { d.clear_accounts(); }, "accounts: "},
      {"lock-out", [](Document& d) { d.mutable_accounts(1)->set_threshold(9); }, "accounts[1]: "},
      {"nonce", [](Document& d) { d.mutable_accounts(1)->set_nonce("n"); }, "accounts[1]: "},
      {"same account", [](Document& d) { *d.mutable_accounts(1) = d.accounts(0); },
       "accounts[1]: the same"},
      {"no native asset", [](Document& d) { d.clear_assets(); }, "assets: the native"},
      {"native not first", [](Document& d) { d.mutable_assets()->SwapElements(0, 1); },
       "assets[0]: the native"},
      {"asset order", [](Document& d) { d.mutable_assets()->SwapElements(1, 2); },
       "assets[2]: ids"},
      {"asset code", [](Document& d) { d.mutable_assets(1)->set_code("salus"); },
       "assets[1]: its code is used"},
      {"decimals", [](Document& d) { d.mutable_assets(0)->set_decimals(2); }, "assets[0]: dec"},
      {"flags", [](Document& d) { d.mutable_assets(0)->set_flags(8); }, "assets[0]: an unknown"},
      {"no max supply", [](Document& d) { d.mutable_assets(0)->set_max_supply(0); },
       "assets[0]: max_supply"},
      {"supply given", [](Document& d) { d.mutable_assets(0)->set_supply(1); },
       "assets[0]: supply"},
      {"issuer given", [](Document& d) { d.mutable_assets(1)->set_issuer("x"); },
       "assets[1]: at genesis"},
      {"over supply", [](Document& d) { d.mutable_assets(0)->set_max_supply(1); },
       "balances[0]: the supply"},
      {"chamber id", [](Document& d) { d.mutable_chambers(0)->set_id(9); }, "chambers[0]: its id"},
      {"chamber order", [](Document& d) { d.mutable_chambers()->SwapElements(0, 1); },
       "chambers[1]: ids"},
      {"chamber code", [](Document& d) { d.mutable_chambers(0)->set_code(""); },
       "chambers[0]: its code"},
      {"chamber rule", [](Document& d) { d.mutable_chambers(0)->clear_rule(); },
       "chambers[0]: its rule"},
      {"chamber admission", [](Document& d) { d.mutable_chambers(0)->clear_admission(); },
       "chambers[0]: its admission"},
      {"seats by attestation",
       [](Document& d) { d.mutable_chambers(3)->set_admission(v1::ADMISSION_ATTEST); },
       "chambers[3]: a chamber of rule SEAT"},
      {"chamber roles", [](Document& d) { d.mutable_chambers(0)->set_roles(bit(Role::Issuer)); },
       "chambers[0]: its roles"},
      {"precedence", [](Document& d) { d.mutable_chambers(1)->set_precedence(1); },
       "chambers[1]: another"},
      {"min members", [](Document& d) { d.mutable_chambers(0)->set_min_members(0); },
       "chambers[0]: min_members"},
      {"opened", [](Document& d) { d.mutable_chambers(0)->set_opened(true); },
       "chambers[0]: opened"},
      {"parameter", [](Document& d) { d.mutable_parameters(0)->set_name("nothing"); },
       "there is no parameter"},
      {"bounds", [](Document& d) { d.mutable_parameters(0)->set_value(~std::uint64_t{0}); },
       "parameter membership.probation"},
      {"track names no chamber",
       [](Document& d) {
         d.mutable_chambers()->RemoveLast();
         d.mutable_members()->RemoveLast();
         d.mutable_members()->RemoveLast();
       },
       "track standard: names a chamber"},
      {"member index", [](Document& d) { d.mutable_members(0)->set_account(99); },
       "members[0]: there is no account 99"},
      {"member twice", [](Document& d) { d.mutable_members(1)->set_account(0); },
       "members[1]: its account"},
      {"member without role", [](Document& d) { d.mutable_members(0)->set_roles(0); },
       "members[0]: its roles"},
      {"nullifier", [](Document& d) { d.mutable_members(0)->set_nullifier("n"); },
       "members[0]: its nullifier has"},
      {"nullifier twice",
       [](Document& d) { d.mutable_members(1)->set_nullifier(d.members(0).nullifier()); },
       "members[1]: its nullifier is"},
      {"seats of a person", [](Document& d) { d.mutable_members(0)->set_seats(1); },
       "members[0]: seats"},
      {"no seats", [](Document& d) { d.mutable_members(7)->set_seats(0); }, "members[7]: seats"},
      {"issuer index", [](Document& d) { d.mutable_issuers(0)->set_account(99); },
       "issuers[0]: there is no"},
      {"issuer roles", [](Document& d) { d.mutable_issuers(0)->set_roles(0); },
       "issuers[0]: its roles"},
      {"issuer quota", [](Document& d) { d.mutable_issuers(0)->set_per_day(0); },
       "issuers[0]: per_day"},
      {"issuer twice", [](Document& d) { *d.add_issuers() = d.issuers(0); },
       "issuers[1]: its account"},
      {"office of a stranger",
       [](Document& d) {
         d.add_offices()->set_account(14);
         d.mutable_offices(0)->set_role(10);
         d.mutable_offices(0)->set_until_ms(kGenesisMs + 1);
       },
       "offices[0]: its holder"},
      {"office role",
       [](Document& d) {
         d.add_offices()->set_role(3);
         d.mutable_offices(0)->set_until_ms(kGenesisMs + 1);
       },
       "offices[0]: its role"},
      {"office term",
       [](Document& d) {
         d.add_offices()->set_role(10);
         d.mutable_offices(0)->set_until_ms(kGenesisMs);
       },
       "offices[0]: its term"},
      {"office twice",
       [](Document& d) {
         d.add_offices()->set_role(10);
         d.mutable_offices(0)->set_until_ms(kGenesisMs + 1);
         *d.add_offices() = d.offices(0);
       },
       "offices[1]: it is given twice"},
      {"balance index", [](Document& d) { d.mutable_balances(0)->set_account(99); },
       "balances[0]: there is no account"},
      {"balance of nothing", [](Document& d) { d.mutable_balances(0)->set_amount(0); },
       "balances[0]: its amount"},
      {"balance asset", [](Document& d) { d.mutable_balances(0)->set_asset(99); },
       "balances[0]: there is no such asset"},
      {"balance twice", [](Document& d) { d.mutable_balances(1)->set_account(0); },
       "balances[1]: it is given twice"},
      {"operator index", [](Document& d) { d.mutable_validators(0)->set_operator_account(99); },
       "validator olga-node: there is no account"},
      {"no validator", [](Document& d) { d.clear_validators(); }, "the validator set is empty"},
      {"too few validators", [](Document& d) { d.mutable_validators()->RemoveLast(); },
       "constraint X8"},
      {"validator key twice",
       [](Document& d) { d.mutable_validators(1)->set_node_key(d.validators(0).validator_key()); },
       "validator omar-node: a key is used twice"},
      {"short validator key", [](Document& d) { d.mutable_validators(1)->set_node_key("k"); },
       "validator omar-node: a key has not"},
      {"validator name", [](Document& d) { d.mutable_validators(1)->set_name("olga-node"); },
       "validator olga-node: its name is used twice"},
      {"operator twice",
       [](Document& d) {
         d.mutable_validators(1)->set_operator_account(d.validators(0).operator_account());
       },
       "validator omar-node: its operator"},
  };
  for (const Case& row : cases) {
    v1::GenesisDocument document = a_document();
    row.spoil(document);
    const std::string reason = reason_of(document);
    EXPECT_TRUE(reason.starts_with(row.reason)) << row.name << ": " << reason;
  }
}

TEST(Genesis, of_production_keeps_the_compiled_spans) {
  v1::GenesisDocument document = a_document();
  document.set_class_(v1::GENESIS_CLASS_PRODUCTION);
  EXPECT_NE(reason_of(document), "");
}

}  // namespace
}  // namespace salus::dao::test
