// Owns: the only initialisation there is (G-1.7): a document that breaks a rule is refused whole,
// with its place and its reason, before anything can run on it.
#include <map>
#include <set>

#include "dao/accounts/accounts.h"
#include "dao/application.h"
#include "dao/assets/assets.h"
#include "dao/codes.h"
#include "dao/constitution.h"
#include "dao/governance/governance.h"
#include "dao/membership/membership.h"
#include "dao/treasury/treasury.h"
#include "dao/validators/validators.h"
#include "state/record.h"

namespace salus::dao {

namespace {

using Flaw = std::optional<std::string>;
using Ids = std::vector<AccountId>;

constexpr std::uint32_t kFormat = 1;
// The end of the year 9999: no span that is added to a block's time passes 64 bits.
constexpr std::uint64_t kTimeMsMax = 253'402'300'799'999;
constexpr int kAccountsMax = 100'000;
constexpr std::size_t kNullifierBytes = 32;

state::Key network_key() { return state::Key(state::Table::Network); }

// "members[3]", to say where in the document something is wrong.
std::string at(std::string_view list, int index) {
  return std::string{list} + "[" + std::to_string(index) + "]";
}

Flaw check_index(const Ids& ids, std::uint32_t account, const std::string& place) {
  if (account < ids.size()) return std::nullopt;
  return place + ": there is no account " + std::to_string(account);
}

Flaw put_network(const v1::GenesisDocument& document, state::Overlay& state) {
  if (document.format() != kFormat) return "format: this version reads format 1";
  if (!is_code(document.network())) return "network: not 1 to 32 of [a-z0-9-]";
  if (document.class_() != v1::GENESIS_CLASS_PRODUCTION &&
      document.class_() != v1::GENESIS_CLASS_TEST) {
    return "class: neither PRODUCTION nor TEST";
  }
  if (document.time_ms() == 0) return "time_ms: missing";
  if (document.time_ms() > kTimeMsMax) return "time_ms: after the year 9999";
  v1::GenesisDocument network;
  network.set_format(document.format());
  network.set_network(document.network());
  network.set_class_(document.class_());
  network.set_time_ms(document.time_ms());
  state::put(state, network_key(), network);
  return std::nullopt;
}

Flaw put_accounts(const v1::GenesisDocument& document, const ChainId& chain_id, Ids& ids,
                  state::Overlay& state) {
  if (document.accounts().empty()) return "accounts: at least one is needed";
  if (document.accounts_size() > kAccountsMax) return "accounts: more than 100000";
  for (int i = 0; i < document.accounts_size(); ++i) {
    const v1::GenesisAccount& given = document.accounts(i);
    const std::string place = at("accounts", i);
    const Outcome keys = accounts::check_keys(given.keys(), given.threshold());
    if (!keys) return place + ": " + std::string{sentence(keys.error())};
    if (given.nonce().size() != accounts::kNonceBytes)
      return place + ": its nonce has not 16 bytes";
    const AccountId id =
        accounts::account_id(chain_id, as_bytes(given.nonce()), given.keys(), given.threshold());
    if (accounts::find_account(state, id)) return place + ": the same as an earlier one";
    accounts::put_at_genesis(state, id, given.keys(), given.threshold());
    ids.push_back(id);
  }
  return std::nullopt;
}

Flaw put_assets(const v1::GenesisDocument& document, state::Overlay& state) {
  if (document.assets().empty()) return "assets: the native asset is missing";
  std::set<std::string> codes;
  for (int i = 0; i < document.assets_size(); ++i) {
    const v1::Asset& asset = document.assets(i);
    const std::string place = at("assets", i);
    if (i == 0 && asset.id() != assets::kNative) return place + ": the native asset 0 comes first";
    if (i > 0 && asset.id() <= document.assets(i - 1).id()) return place + ": ids must ascend";
    if (!is_code(asset.code())) return place + ": its code is not 1 to 32 of [a-z0-9-]";
    if (!codes.insert(asset.code()).second) return place + ": its code is used twice";
    const bool decimals_fit = asset.id() == assets::kNative
                                  ? asset.decimals() == assets::kNativeDecimals
                                  : asset.decimals() <= assets::kDecimalsMax;
    if (!decimals_fit) return place + ": decimals are 6 for the native asset, else at most 9";
    const std::uint32_t known = assets::kTransferable | assets::kMembersOnly | assets::kBurnable;
    if ((asset.flags() & ~known) != 0) return place + ": an unknown flag is set";
    if (asset.max_supply() == 0) return place + ": max_supply is missing";
    // An issuer's id contains the chain id, which is the hash of this document.
    if (!asset.issuer().empty()) return place + ": at genesis the issuer is the DAO";
    const bool computed = asset.supply() != 0 || asset.window_from_ms() != 0 ||
                          asset.window_supply() != 0 || asset.window_minted() != 0;
    if (computed) return place + ": supply and window are computed and must be left 0";
    assets::put_at_genesis(state, asset, document.time_ms());
  }
  return std::nullopt;
}

Flaw put_chambers(const v1::GenesisDocument& document, state::Overlay& state) {
  std::set<std::string> codes;
  std::set<std::uint32_t> precedences;
  for (int i = 0; i < document.chambers_size(); ++i) {
    const v1::Chamber& chamber = document.chambers(i);
    const std::string place = at("chambers", i);
    if (const auto flaw = membership::chamber_flaw(chamber)) return place + ": " + *flaw;
    if (i > 0 && chamber.id() <= document.chambers(i - 1).id()) return place + ": ids must ascend";
    if (!codes.insert(chamber.code()).second) return place + ": its code is used twice";
    if (!precedences.insert(chamber.precedence()).second) {
      return place + ": another chamber has its precedence";
    }
    membership::put_chamber_at_genesis(state, chamber);
  }
  return std::nullopt;
}

Flaw check_member(const v1::GenesisMember& member, const state::Overlay& state,
                  const std::string& place) {
  std::uint32_t placed = 0;
  std::uint32_t seated = 0;
  for (const v1::Chamber& chamber : membership::chambers(state)) {
    placed |= chamber.roles();
    if (chamber.rule() == v1::CHAMBER_RULE_SEAT) seated |= chamber.roles();
  }
  if (member.roles() == 0 || (member.roles() & ~placed) != 0) {
    return place + ": its roles have no place in a chamber";
  }
  if (member.nullifier().size() != kNullifierBytes) {
    return place + ": its nullifier has not 32 bytes";
  }
  const bool needs_seats = (member.roles() & seated) != 0;
  if (needs_seats != (member.seats() > 0) || member.seats() > membership::kSeatsMax) {
    return place + ": seats are 1 to 1000 for roles of a SEAT chamber, 0 for others";
  }
  return std::nullopt;
}

Flaw put_members(const v1::GenesisDocument& document, const Ids& ids, state::Overlay& state) {
  std::set<std::string> nullifiers;
  for (int i = 0; i < document.members_size(); ++i) {
    const v1::GenesisMember& member = document.members(i);
    const std::string place = at("members", i);
    if (auto flaw = check_index(ids, member.account(), place)) return flaw;
    if (auto flaw = check_member(member, state, place)) return flaw;
    const AccountId& id = ids[member.account()];
    if (membership::find_member(state, id)) return place + ": its account is a member already";
    if (!nullifiers.insert(member.nullifier()).second) {
      return place + ": its nullifier is used twice";
    }
    membership::put_member_at_genesis(state, id, member.roles(), as_bytes(member.nullifier()),
                                      member.seats(), document.time_ms());
  }
  return std::nullopt;
}

Flaw put_issuers(const v1::GenesisDocument& document, const Ids& ids, state::Overlay& state) {
  for (int i = 0; i < document.issuers_size(); ++i) {
    const v1::GenesisIssuer& given = document.issuers(i);
    const std::string place = at("issuers", i);
    if (auto flaw = check_index(ids, given.account(), place)) return flaw;
    const AccountId& id = ids[given.account()];
    const std::uint32_t attestable =
        membership::bit(membership::Role::Patient) | membership::kCredentialRoles;
    if (given.roles() == 0 || (given.roles() & ~attestable) != 0) {
      return place + ": its roles cannot be attested";
    }
    if (given.per_day() == 0 ||
        given.per_day() > constitution::value(state, "membership.attest_per_day")) {
      return place + ": per_day is 1 to membership.attest_per_day";
    }
    if (membership::find_issuer(state, id)) return place + ": its account is an issuer already";
    v1::Issuer issuer;
    issuer.set_account(id.to_string());
    issuer.set_roles(given.roles());
    issuer.set_per_day(given.per_day());
    membership::put_issuer_at_genesis(state, issuer);
  }
  return std::nullopt;
}

Flaw put_offices(const v1::GenesisDocument& document, const Ids& ids, state::Overlay& state) {
  for (int i = 0; i < document.offices_size(); ++i) {
    const v1::GenesisOffice& given = document.offices(i);
    const std::string place = at("offices", i);
    if (auto flaw = check_index(ids, given.account(), place)) return flaw;
    const AccountId& id = ids[given.account()];
    if (!membership::is_member(state, id)) return place + ": its holder is no member";
    const bool office = given.role() < 32 && ((1U << given.role()) & membership::kOfficeRoles) != 0;
    if (!office) return place + ": its role is not treasurer, operator or sentinel";
    const std::uint64_t longest = constitution::value(state, "membership.office_term_max");
    if (given.until_ms() <= document.time_ms() || given.until_ms() - document.time_ms() > longest) {
      return place + ": its term is not within membership.office_term_max";
    }
    if (membership::find_office(state, id, given.role())) return place + ": it is given twice";
    v1::Office record;
    record.set_account(id.to_string());
    record.set_role(given.role());
    record.set_from_ms(document.time_ms());
    record.set_until_ms(given.until_ms());
    membership::put_office_at_genesis(state, record);
  }
  return std::nullopt;
}

Flaw put_balances(const v1::GenesisDocument& document, const Ids& ids, state::Overlay& state) {
  for (int i = 0; i < document.balances_size(); ++i) {
    const v1::GenesisBalance& given = document.balances(i);
    const std::string place = at("balances", i);
    if (auto flaw = check_index(ids, given.account(), place)) return flaw;
    const AccountId& id = ids[given.account()];
    if (given.amount() == 0) return place + ": its amount is 0";
    if (!assets::find_asset(state, given.asset())) return place + ": there is no such asset";
    if (assets::balance(state, id, given.asset()) != 0) return place + ": it is given twice";
    if (!assets::credit_at_genesis(state, id, given.asset(), given.amount())) {
      return place + ": the supply would pass max_supply";
    }
  }
  return std::nullopt;
}

// What a module's own writer says of the document.
Flaw flaw_of(const Result<void, std::string>& result) {
  if (result) return std::nullopt;
  return result.error();
}

Flaw put_all(const v1::GenesisDocument& document, const ChainId& chain_id, state::Overlay& state) {
  Ids ids;
  if (auto flaw = put_network(document, state)) return flaw;
  if (auto flaw = put_accounts(document, chain_id, ids, state)) return flaw;
  if (auto flaw = put_assets(document, state)) return flaw;
  if (auto flaw = put_chambers(document, state)) return flaw;
  if (auto flaw = flaw_of(constitution::put_at_genesis(document, state))) return flaw;
  if (auto flaw = put_members(document, ids, state)) return flaw;
  if (auto flaw = put_issuers(document, ids, state)) return flaw;
  if (auto flaw = put_offices(document, ids, state)) return flaw;
  if (auto flaw = put_balances(document, ids, state)) return flaw;
  if (auto flaw = flaw_of(treasury::put_at_genesis(document, chain_id, state))) return flaw;
  governance::put_at_genesis(state, document.time_ms());
  return flaw_of(validators::put_at_genesis(document, ids, state));
}

}  // namespace

Result<void, GenesisError> apply_genesis(const v1::GenesisDocument& document,
                                         const ChainId& chain_id, state::Overlay& state) {
  if (state.contains(network_key().str())) {
    return std::unexpected(GenesisError{.reason = "the state has had its genesis"});
  }
  state::Overlay attempt = state.branch();
  if (auto flaw = put_all(document, chain_id, attempt)) {
    return std::unexpected(GenesisError{.reason = std::move(*flaw)});
  }
  state.adopt(std::move(attempt));
  return {};
}

v1::GenesisClass genesis_class(const state::Overlay& state) {
  return state::find_or_default<v1::GenesisDocument>(state, network_key()).class_();
}

}  // namespace salus::dao
