// Owns: the constitution and the people of a devnet. Its spans are seconds; every other rule is the
// production one (G-6.10).
#include <fmt/format.h>

#include "apps/salus/devnet.h"
#include "crypto/hash.h"

namespace salus::cli {

namespace {

constexpr std::uint64_t kToken = 1'000'000;
constexpr std::uint64_t kSecond = 1'000;
constexpr std::uint32_t kPatient = 1U << 0U;
constexpr std::uint32_t kClinician = 1U << 3U;
constexpr std::uint32_t kResearcher = 1U << 4U;
constexpr std::uint32_t kInstitution = 1U << 6U;
// Number of the office, as in GenesisOffice.
constexpr std::uint32_t kOperatorOffice = 11;
constexpr std::uint64_t kOfficeTerm = 300 * 86'400 * kSecond;

std::string derived(std::string_view what, std::string_view name) {
  return crypto::hash(what, as_bytes(name)).to_string();
}

void add_chamber(v1::GenesisDocument& document, std::uint32_t id, const char* code,
                 v1::ChamberRule rule, std::uint32_t roles, std::uint32_t precedence,
                 v1::Admission admission) {
  v1::Chamber& chamber = *document.add_chambers();
  chamber.set_id(id);
  chamber.set_code(code);
  chamber.set_rule(rule);
  chamber.set_roles(roles);
  chamber.set_precedence(precedence);
  chamber.set_admission(admission);
  chamber.set_min_members(1);
}

struct TrackShape {
  std::uint32_t id;
  const char* code;
  std::uint32_t rank;
  std::uint64_t deposit;
  std::uint64_t cap;
  std::uint32_t approval_bp;
  // Clinicians and researchers are heard only.
  bool two_chambers;
  // Options as well as yes and no, and time to object for what spends much (section 6).
  bool every_scheme = false;
  std::uint64_t objection_ms = 0;
};

void add_track(v1::GenesisDocument& document, const TrackShape& shape, std::uint64_t voting_ms) {
  v1::Track& track = *document.add_tracks();
  track.set_id(shape.id);
  track.set_code(shape.code);
  track.set_rank(shape.rank);
  // Yes/no; with every scheme choice, approval and quadratic too.
  track.set_schemes(shape.every_scheme ? 1U | 4U | 8U | 16U : 1U);
  track.set_delegation(true);
  track.set_objection_ms(shape.objection_ms);
  for (std::uint32_t id = 1; id <= 4; ++id) {
    const bool outer = id == 1 || id == 4;
    v1::TrackChamber& chamber = *track.add_chambers();
    chamber.set_chamber(id);
    chamber.set_mode(shape.two_chambers && !outer ? v1::CHAMBER_MODE_ADVISORY
                                                  : v1::CHAMBER_MODE_REQUIRED);
    chamber.set_approval_bp(shape.approval_bp);
    chamber.set_support_bp(id == 4 ? 3'000 : 300);
    chamber.set_min_approval_bp(id == 4 ? 2'000 : 200);
    if (id == 1 && shape.id == 8) chamber.set_reserved_veto_bp(3'334);
    chamber.set_if_small(outer ? v1::IF_SMALL_FAIL : v1::IF_SMALL_SKIP);
  }
  track.set_notice_ms(1 * kSecond);
  track.set_voting_ms(voting_ms);
  track.set_extension_ms(voting_ms / 3);
  track.set_confirmation_ms(1 * kSecond);
  track.set_timelock_min_ms(2 * kSecond);
  track.set_timelock_max_ms(4 * kSecond);
  track.set_grace_ms(120 * kSecond);
  track.set_deposit(shape.deposit * kToken);
  track.set_endorsers(2);
  track.set_max_open(32);
  track.set_window_ms(3'600 * kSecond);
  track.set_group_veto(true);
  if (shape.cap == 0) return;
  v1::SpendCap& cap = *track.add_spend_caps();
  cap.set_per_proposal(shape.cap * kToken);
  cap.set_per_window(4 * shape.cap * kToken);
}

void set_parameter(v1::GenesisDocument& document, const char* name, std::uint64_t value) {
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(name);
  parameter.set_value(value);
}

std::uint32_t add_account(v1::GenesisDocument& document, const std::string& name,
                          const PublicKey& key) {
  v1::GenesisAccount& account = *document.add_accounts();
  v1::AccountKey& account_key = *account.add_keys();
  account_key.set_key(key.to_string());
  account_key.set_weight(1);
  account_key.set_scope(255);
  account.set_threshold(1);
  account.set_nonce(derived("salus.devnet.acc", name).substr(0, 16));
  return static_cast<std::uint32_t>(document.accounts_size() - 1);
}

void add_people(v1::GenesisDocument& document, const std::map<std::string, PublicKey>& keys) {
  for (const DevnetPerson& person : devnet_people()) {
    const std::uint32_t index = add_account(document, person.name, keys.at(person.name));
    if (person.tokens > 0) {
      v1::GenesisBalance& balance = *document.add_balances();
      balance.set_account(index);
      balance.set_amount(person.tokens * kToken);
    }
    if (person.roles != 0) {
      v1::GenesisMember& member = *document.add_members();
      member.set_account(index);
      member.set_roles(person.roles);
      member.set_nullifier(derived("salus.devnet.nul", person.name));
      member.set_seats(person.seats);
    }
    if (std::string_view{person.name} != "issuer") continue;
    v1::GenesisIssuer& issuer = *document.add_issuers();
    issuer.set_account(index);
    issuer.set_roles(kPatient | kClinician | kResearcher | kInstitution);
    issuer.set_per_day(10'000);
  }
}

// Who runs a node is a member with the office of operator, so that a nominee can register.
std::uint32_t add_operator(v1::GenesisDocument& document, const std::string& name,
                           const PublicKey& key) {
  const std::uint32_t index = add_account(document, name, key);
  v1::GenesisMember& member = *document.add_members();
  member.set_account(index);
  member.set_roles(kResearcher);
  member.set_nullifier(derived("salus.devnet.nul", name));
  v1::GenesisOffice& office = *document.add_offices();
  office.set_account(index);
  office.set_role(kOperatorOffice);
  office.set_until_ms(document.time_ms() + kOfficeTerm);
  return index;
}

void add_fund(v1::GenesisDocument& document, std::uint32_t id, const char* code,
              std::uint64_t tokens) {
  v1::GenesisFund& fund = *document.add_funds();
  fund.set_id(id);
  fund.set_code(code);
  fund.set_amount(tokens * kToken);
}

}  // namespace

const std::vector<DevnetPerson>& devnet_people() {
  static const std::vector<DevnetPerson> people{{"mira", kPatient, 0, 10'000},
                                                {"noor", kPatient, 0, 10'000},
                                                {"tomas", kPatient, 0, 1'000},
                                                {"lena", kClinician, 0, 10'000},
                                                {"ravi", kResearcher, 0, 10'000},
                                                {"meridian", kInstitution, 3, 100'000},
                                                {"stanne", kInstitution, 2, 50'000},
                                                {"issuer", 0, 0, 100},
                                                {"ines", 0, 0, 500},
                                                {"jonas", 0, 0, 500}};
  return people;
}

std::string operator_name(std::size_t node) { return fmt::format("operator{}", node); }

v1::GenesisDocument devnet_genesis(const std::map<std::string, PublicKey>& keys,
                                   const std::vector<DevnetNode>& nodes, std::size_t validators,
                                   std::uint64_t time_ms, std::uint64_t voting_ms) {
  v1::GenesisDocument document;
  document.set_format(1);
  document.set_network("devnet");
  document.set_class_(v1::GENESIS_CLASS_TEST);
  document.set_time_ms(time_ms);
  v1::Asset& native = *document.add_assets();
  native.set_code("salus");
  native.set_decimals(6);
  native.set_max_supply(1'000'000'000 * kToken);
  native.set_flags(1);

  add_chamber(document, 1, "patients", v1::CHAMBER_RULE_PERSON, kPatient, 1, v1::ADMISSION_ATTEST);
  add_chamber(document, 2, "clinicians", v1::CHAMBER_RULE_PERSON, kClinician, 3,
              v1::ADMISSION_ATTEST);
  add_chamber(document, 3, "researchers", v1::CHAMBER_RULE_PERSON, kResearcher, 2,
              v1::ADMISSION_VOUCH);
  add_chamber(document, 4, "institutions", v1::CHAMBER_RULE_SEAT, kInstitution, 4,
              v1::ADMISSION_VOTE);

  for (const TrackShape& shape :
       {TrackShape{2, "standard", 20, 20, 0, 5'000, true, true},
        TrackShape{3, "spend", 30, 20, 50'000, 5'000, true, true},
        TrackShape{4, "large", 50, 100, 1'000'000, 5'500, false, true, 4 * kSecond},
        TrackShape{5, "people", 60, 50, 0, 6'000, false},
        TrackShape{6, "network", 40, 50, 0, 6'000, false},
        TrackShape{8, "constitution", 80, 200, 0, 6'667, false}}) {
    add_track(document, shape, voting_ms);
  }

  // What a person at a terminal would wait for.
  set_parameter(document, "membership.probation", 2 * kSecond);
  set_parameter(document, "membership.defence", 1 * kSecond);
  set_parameter(document, "governance.retry_gap", 2 * kSecond);
  set_parameter(document, "governance.resubmit_bar", 0);
  set_parameter(document, "governance.max_open_per_member", 16);
  set_parameter(document, "consensus.delta_ms", 250);
  set_parameter(document, "consensus.heartbeat_ms", 10 * kSecond);

  add_people(document, keys);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string name = operator_name(i + 1);
    const std::uint32_t index = add_operator(document, name, keys.at(name));
    if (i >= validators) continue;
    v1::GenesisValidator& validator = *document.add_validators();
    validator.set_operator_account(index);
    validator.set_validator_key(nodes[i].validator_key.to_string());
    validator.set_node_key(nodes[i].node_key.to_string());
    validator.set_name(nodes[i].name);
  }
  add_fund(document, 1, "general", 5'000);
  add_fund(document, 2, "research", 500);
  return document;
}

}  // namespace salus::cli
