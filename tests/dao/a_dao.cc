// Owns: the document and the block of the test DAO.
#include "dao/a_dao.h"

#include <algorithm>

#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/dispatcher.h"

namespace salus::dao::test {

namespace {

using membership::bit;
using membership::Role;

constexpr std::string_view kOperators[] = {"olga", "omar", "otto", "oona"};

void add_parameter(v1::GenesisDocument& document, std::string_view name, std::uint64_t value) {
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(std::string{name});
  parameter.set_value(value);
}

struct ChamberRow {
  std::uint32_t id;
  const char* code;
  v1::ChamberRule rule;
  Role role;
  std::uint32_t precedence;
  v1::Admission admission;
};

void add_chambers(v1::GenesisDocument& document) {
  constexpr ChamberRow kRows[] = {
      {kPatients, "patients", v1::CHAMBER_RULE_PERSON, Role::Patient, 1, v1::ADMISSION_ATTEST},
      {kClinicians, "clinicians", v1::CHAMBER_RULE_PERSON, Role::Clinician, 3,
       v1::ADMISSION_ATTEST},
      {kResearchers, "researchers", v1::CHAMBER_RULE_PERSON, Role::Researcher, 2,
       v1::ADMISSION_VOUCH},
      {kInstitutions, "institutions", v1::CHAMBER_RULE_SEAT, Role::Institution, 4,
       v1::ADMISSION_VOTE}};
  for (const ChamberRow& row : kRows) {
    v1::Chamber& chamber = *document.add_chambers();
    chamber.set_id(row.id);
    chamber.set_code(row.code);
    chamber.set_rule(row.rule);
    chamber.set_roles(bit(row.role));
    chamber.set_precedence(row.precedence);
    chamber.set_admission(row.admission);
    chamber.set_min_members(1);
  }
}

struct TrackRow {
  std::uint32_t id;
  const char* code;
  std::uint32_t rank;
  std::uint64_t deposit;
  std::uint64_t cap;
  std::uint32_t approval_bp;
  bool delegation;
};

void add_track(v1::GenesisDocument& document, const TrackRow& row) {
  v1::Track& track = *document.add_tracks();
  track.set_id(row.id);
  track.set_code(row.code);
  track.set_rank(row.rank);
  track.set_schemes(1);
  for (std::uint32_t id = kPatients; id <= kInstitutions; ++id) {
    v1::TrackChamber& chamber = *track.add_chambers();
    chamber.set_chamber(id);
    // The spend track asks patients and institutions; the others are heard.
    const bool advisory = row.id == 3 && (id == kClinicians || id == kResearchers);
    chamber.set_mode(advisory ? v1::CHAMBER_MODE_ADVISORY : v1::CHAMBER_MODE_REQUIRED);
    chamber.set_approval_bp(row.approval_bp);
    chamber.set_support_bp(300);
    chamber.set_min_approval_bp(200);
    const bool fails = id == kPatients || id == kInstitutions;
    chamber.set_if_small(fails ? v1::IF_SMALL_FAIL : v1::IF_SMALL_SKIP);
    if (row.id == 8 && id == kPatients) chamber.set_reserved_veto_bp(3'334);
  }
  track.set_notice_ms(10 * kSecond);
  track.set_voting_ms(100 * kSecond);
  track.set_extension_ms(20 * kSecond);
  track.set_confirmation_ms(10 * kSecond);
  track.set_objection_ms(row.id == 4 ? 10 * kSecond : 0);
  track.set_timelock_min_ms(10 * kSecond);
  track.set_timelock_max_ms(20 * kSecond);
  track.set_grace_ms(1'000 * kSecond);
  track.set_deposit(row.deposit);
  track.set_endorsers(2);
  track.set_max_open(8);
  if (row.cap > 0) {
    v1::SpendCap& cap = *track.add_spend_caps();
    cap.set_per_proposal(row.cap);
    cap.set_per_window(4 * row.cap);
  }
  track.set_window_ms(1'000 * kSecond);
  track.set_delegation(row.delegation);
  track.set_group_veto(true);
}

void add_tracks(v1::GenesisDocument& document) {
  constexpr TrackRow kRows[] = {{2, "standard", 20, 20 * kToken, 0, 5'000, false},
                                {3, "spend", 30, 20 * kToken, 50'000 * kToken, 5'000, false},
                                {4, "large", 50, 100 * kToken, 1'000'000 * kToken, 5'500, false},
                                {5, "people", 60, 50 * kToken, 0, 6'000, false},
                                {6, "network", 40, 50 * kToken, 0, 6'000, false},
                                {8, "constitution", 80, 200 * kToken, 0, 6'667, false}};
  for (const TrackRow& row : kRows) add_track(document, row);
}

void add_people(v1::GenesisDocument& document, const std::vector<Person>& people) {
  for (std::size_t i = 0; i < people.size(); ++i) {
    const Person& person = people[i];
    const auto index = static_cast<std::uint32_t>(i);
    v1::GenesisAccount& account = *document.add_accounts();
    *account.add_keys() = account_key(person.name);
    account.set_threshold(1);
    account.set_nonce(nullifier_of(person.name).substr(0, 16));
    if (person.roles != 0) {
      v1::GenesisMember& member = *document.add_members();
      member.set_account(index);
      member.set_roles(person.roles);
      member.set_nullifier(nullifier_of(person.name));
      member.set_seats(person.seats);
    }
    if (person.tokens > 0) {
      v1::GenesisBalance& balance = *document.add_balances();
      balance.set_account(index);
      balance.set_amount(person.tokens * kToken);
    }
    if (person.name == "registry") {
      v1::GenesisIssuer& issuer = *document.add_issuers();
      issuer.set_account(index);
      issuer.set_roles(bit(Role::Patient) | membership::kCredentialRoles);
      issuer.set_per_day(1'000);
    }
    if (std::ranges::find(kOperators, person.name) == std::end(kOperators)) continue;
    v1::GenesisValidator& validator = *document.add_validators();
    validator.set_operator_account(index);
    validator.set_name(person.name + "-node");
    validator.set_validator_key(key_of(person.name + " validator").public_key().to_string());
    validator.set_node_key(key_of(person.name + " node").public_key().to_string());
  }
}

}  // namespace

crypto::KeyPair key_of(std::string_view name) {
  crypto::Seed seed;
  std::ranges::copy(crypto::hash("salus.test.key", as_bytes(name)).bytes, seed.begin());
  return crypto::KeyPair::from_seed(seed);
}

std::string nullifier_of(std::string_view name) {
  return crypto::hash("salus.test.null", as_bytes(name)).to_string();
}

ChainId chain_id() { return ChainId{crypto::hash("salus.test.chain", {}).bytes}; }

v1::AccountKey account_key(std::string_view name, std::uint32_t weight, std::uint32_t scope) {
  v1::AccountKey key;
  key.set_key(key_of(name).public_key().to_string());
  key.set_weight(weight);
  key.set_scope(scope);
  return key;
}

void sort_keys(google::protobuf::RepeatedPtrField<v1::AccountKey>& keys) {
  std::ranges::sort(keys, {}, [](const v1::AccountKey& key) { return key.key(); });
}

std::vector<Person> everybody() {
  return {{"mira", bit(Role::Patient), 0, 1'000},
          {"noor", bit(Role::Patient), 0, 1'000},
          {"pavel", bit(Role::Patient), 0, 0},
          {"chen", bit(Role::Clinician), 0, 1'000},
          {"diaz", bit(Role::Clinician) | bit(Role::Patient), 0, 0},
          {"ada", bit(Role::Researcher), 0, 1'000},
          {"kofi", bit(Role::Researcher), 0, 0},
          {"hope", bit(Role::Institution), 3, 5'000},
          {"anne", bit(Role::Institution), 2, 0},
          {"registry", 0, 0, 0},
          {"olga", 0, 0, 0},
          {"omar", 0, 0, 0},
          {"otto", 0, 0, 0},
          {"oona", 0, 0, 0},
          {"zed", 0, 0, 500}};
}

v1::GenesisDocument a_document(const std::vector<Person>& people) {
  v1::GenesisDocument document;
  document.set_format(1);
  document.set_network("test-dao");
  document.set_class_(v1::GENESIS_CLASS_TEST);
  document.set_time_ms(kGenesisMs);
  v1::Asset& native = *document.add_assets();
  native.set_code("salus");
  native.set_decimals(6);
  native.set_max_supply(100'000'000 * kToken);
  native.set_flags(assets::kTransferable | assets::kBurnable);
  v1::Asset& points = *document.add_assets();
  points.set_id(7);
  points.set_code("care-points");
  points.set_max_supply(1'000);
  points.set_flags(assets::kTransferable | assets::kMembersOnly);
  v1::Asset& badge = *document.add_assets();
  badge.set_id(8);
  badge.set_code("badge");
  badge.set_max_supply(1'000);
  add_people(document, people);
  add_chambers(document);
  add_tracks(document);
  add_parameter(document, "membership.probation", 14 * kSecond);
  add_parameter(document, "membership.defence", 1 * kSecond);
  add_parameter(document, "governance.retry_gap", 5 * kSecond);
  add_parameter(document, "governance.deposit_window", 60 * kSecond);
  add_parameter(document, "governance.stance_retention", 500 * kSecond);
  add_parameter(document, "treasury.acceptance_window", 100 * kSecond);
  add_parameter(document, "accounts.open_per_day", 2);
  v1::GenesisFund& general = *document.add_funds();
  general.set_id(1);
  general.set_code("general");
  general.set_purpose(1);
  general.set_amount(100'000 * kToken);
  v1::GenesisFund& research = *document.add_funds();
  research.set_id(2);
  research.set_code("research");
  research.set_purpose(2);
  return document;
}

std::string Applied::error() const { return std::string{name(static_cast<Error>(result.code()))}; }

bool Applied::told(v1::EventKind kind) const {
  return std::ranges::any_of(result.events(),
                             [&](const v1::Event& event) { return event.kind() == kind; });
}

Dao::Dao(const v1::GenesisDocument& document, const std::vector<Person>& people)
    : store_(std::make_unique<salus::test::MemoryStore>()),
      state_(std::make_unique<state::Overlay>(*store_, "s")) {
  EXPECT_TRUE(crypto::initialise());
  const auto written = apply_genesis(document, chain_id(), *state_);
  EXPECT_TRUE(written.has_value()) << written.error().reason;
  for (std::size_t i = 0; i < people.size(); ++i) {
    const v1::GenesisAccount& account = document.accounts(static_cast<int>(i));
    ids_[people[i].name] = accounts::account_id(chain_id(), as_bytes(account.nonce()),
                                                account.keys(), account.threshold());
  }
}

Applied Dao::apply(std::string_view name, const v1::Action& action) {
  return apply_all(name, {action});
}

Applied Dao::apply_all(std::string_view name, const std::vector<v1::Action>& list) {
  const std::vector<PublicKey> signers{key_of(name).public_key()};
  return {execute(block(), TxId{}, body(name, list), signers, *state_)};
}

std::string Dao::apply_as_dao(const v1::Action& action) {
  std::vector<v1::Event> events;
  const BlockContext here = block();
  ByteWriter execution;
  execution.u64(++executions_);
  ActionContext context{.block = here,
                        .authority = Authority::Dao,
                        .signer = {},
                        .proposal = 0,
                        .execution_id = crypto::hash("salus.test.exec", execution.out()),
                        .action_index = 0,
                        .events = events};
  Outcome outcome = check_action(action);
  state::Overlay attempt = state_->branch();
  if (outcome) outcome = apply_action(action, context, attempt);
  if (!outcome) return std::string{dao::name(outcome.error())};
  state_->adopt(std::move(attempt));
  events_.insert(events_.end(), events.begin(), events.end());
  return "Ok";
}

EndOfBlock Dao::end_block() {
  EndOfBlock end = dao::end_block(block(), *state_);
  height_ = height_.next();
  events_.insert(events_.end(), end.events.begin(), end.events.end());
  for (const std::string& broken : broken_invariants(*state_)) ADD_FAILURE() << broken;
  return end;
}

EndOfBlock Dao::pass_ms(std::uint64_t ms) {
  advance_ms(ms);
  return end_block();
}

BlockContext Dao::block() const {
  ByteWriter parent;
  parent.u64(height_.value());
  return {.chain_id = chain_id(),
          .height = height_,
          .time = WallMs{now_ms_},
          .parent_digest = Digest{crypto::hash("salus.test.block", parent.out()).bytes},
          .proposer = ValidatorIndex{static_cast<std::uint16_t>(height_.value() % 4)}};
}

AccountId Dao::account(std::string_view name) const {
  const auto found = ids_.find(name);
  EXPECT_NE(found, ids_.end()) << "nobody is called " << name;
  return found->second;
}

std::uint64_t Dao::next_sequence(std::string_view name) const {
  return accounts::find_account(*state_, account(name))->next_sequence();
}

v1::TxBody Dao::body(std::string_view name, const std::vector<v1::Action>& list) const {
  const auto record = accounts::find_account(*state_, account(name));
  v1::TxBody body;
  body.set_chain_id(chain_id().to_string());
  body.set_account(account(name).to_string());
  body.set_sequence(record->next_sequence());
  body.set_expiry_height(height_.value() + 100);
  body.set_auth_version(record->auth_version());
  for (const v1::Action& action : list) *body.add_actions() = action;
  return body;
}

std::uint64_t Dao::tokens(std::string_view name) const {
  return assets::balance(*state_, account(name), assets::kNative);
}

v1::Member Dao::member(std::string_view name) const {
  return membership::find_member(*state_, account(name)).value_or(v1::Member{});
}

std::vector<v1::Event> Dao::take_events() { return std::exchange(events_, {}); }

v1::Action transfer(const AccountId& to, std::uint64_t amount, std::uint32_t asset) {
  v1::Action action;
  action.mutable_transfer()->set_to(to.to_string());
  action.mutable_transfer()->set_asset(asset);
  action.mutable_transfer()->set_amount(amount);
  return action;
}

v1::Action mint(const AccountId& to, std::uint64_t amount, std::uint32_t asset) {
  v1::Action action;
  action.mutable_mint()->set_to(to.to_string());
  action.mutable_mint()->set_asset(asset);
  action.mutable_mint()->set_amount(amount);
  return action;
}

v1::Action burn(std::uint64_t amount, std::uint32_t asset) {
  v1::Action action;
  action.mutable_burn()->set_asset(asset);
  action.mutable_burn()->set_amount(amount);
  return action;
}

v1::Action ask_admission(std::string_view name, std::uint32_t roles) {
  v1::Action action;
  action.mutable_apply()->set_roles(roles);
  action.mutable_apply()->set_nullifier(nullifier_of(name));
  return action;
}

v1::Action attest(const AccountId& account, std::uint32_t roles) {
  v1::Action action;
  action.mutable_attest()->set_account(account.to_string());
  action.mutable_attest()->set_roles(roles);
  return action;
}

v1::Action vouch(const AccountId& account) {
  v1::Action action;
  action.mutable_vouch()->set_account(account.to_string());
  return action;
}

v1::Action withdraw_application() {
  v1::Action action;
  action.mutable_withdraw_application();
  return action;
}

v1::Action refuse_application(const AccountId& account) {
  v1::Action action;
  action.mutable_refuse_application()->set_account(account.to_string());
  return action;
}

v1::Action admit(const AccountId& account, std::uint32_t seats) {
  v1::Action action;
  action.mutable_admit_member()->set_account(account.to_string());
  action.mutable_admit_member()->set_seats(seats);
  return action;
}

v1::Action exit_dao() {
  v1::Action action;
  action.mutable_exit();
  return action;
}

v1::Action issue(const AccountId& account, v1::CredentialKind kind, std::uint64_t until_ms) {
  v1::Action action;
  action.mutable_issue_credential()->set_account(account.to_string());
  action.mutable_issue_credential()->set_kind(kind);
  action.mutable_issue_credential()->set_until_ms(until_ms);
  return action;
}

v1::Action revoke(std::uint64_t credential) {
  v1::Action action;
  action.mutable_revoke_credential()->set_id(credential);
  return action;
}

v1::Action set_issuer(const AccountId& account, std::uint32_t roles, std::uint32_t per_day) {
  v1::Action action;
  action.mutable_set_issuer()->set_account(account.to_string());
  action.mutable_set_issuer()->set_roles(roles);
  action.mutable_set_issuer()->set_per_day(per_day);
  return action;
}

v1::Action grant_office(const AccountId& account, membership::Role role, std::uint64_t term_ms) {
  v1::Action action;
  action.mutable_grant_office()->set_account(account.to_string());
  action.mutable_grant_office()->set_role(static_cast<std::uint32_t>(role));
  action.mutable_grant_office()->set_term_ms(term_ms);
  return action;
}

v1::Action end_office(const AccountId& account, membership::Role role) {
  v1::Action action;
  action.mutable_end_office()->set_account(account.to_string());
  action.mutable_end_office()->set_role(static_cast<std::uint32_t>(role));
  return action;
}

v1::Action suspend(const AccountId& account, std::uint64_t until_ms) {
  v1::Action action;
  action.mutable_suspend_member()->set_account(account.to_string());
  action.mutable_suspend_member()->set_until_ms(until_ms);
  return action;
}

v1::Action reinstate(const AccountId& account) {
  v1::Action action;
  action.mutable_reinstate()->set_account(account.to_string());
  return action;
}

v1::Action expel(const AccountId& account, std::uint64_t bar_ms) {
  v1::Action action;
  action.mutable_expel_member()->set_account(account.to_string());
  action.mutable_expel_member()->set_bar_ms(bar_ms);
  return action;
}

}  // namespace salus::dao::test
