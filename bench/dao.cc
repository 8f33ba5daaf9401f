// Owns: DAOs of all sizes in stores of their own, and turns taken between them so that a busy
// moment of the machine strikes each.
#include "dao.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/application.h"
#include "dao/governance/proposals.h"
#include "dao/membership/records.h"
#include "dao/power/power.h"
#include "measures.h"
#include "state/layout.h"
#include "state/overlay.h"
#include "state/table.h"
#include "storage/memory_store.h"
#include "storage/rocks_store.h"

namespace salus::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFillMembers = 20'000;
constexpr std::size_t kRememberedReads = 16'384;
constexpr std::uint64_t kGenesisMs = 1'700'000'000'000;
constexpr std::uint64_t kSecond = 1'000;
constexpr std::uint64_t kToken = 1'000'000;
constexpr std::uint32_t kPatients = 1;
constexpr std::uint32_t kPatientRole = 1;
constexpr std::uint32_t kFund = 1;

double us_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

ChainId chain_id() { return ChainId{crypto::hash("bench.chain", {}).bytes}; }

// The account of a number; its one key has the same bytes, as nothing here verifies a signature.
AccountId account_of(std::uint64_t number) {
  ByteWriter out;
  out.u64(number);
  return AccountId{crypto::hash("bench.member", out.out()).bytes};
}

std::string nullifier_of(const AccountId& id) {
  return crypto::hash("bench.nullifier", id.view()).to_string();
}

void add_account(v1::GenesisDocument& document, std::string_view name) {
  v1::GenesisAccount& account = *document.add_accounts();
  v1::AccountKey& key = *account.add_keys();
  key.set_key(crypto::hash("bench.key", as_bytes(name)).to_string());
  key.set_weight(1);
  key.set_scope(255);
  account.set_threshold(1);
  account.set_nonce(crypto::hash("bench.nonce", as_bytes(name)).to_string().substr(0, 16));
}

void add_parameter(v1::GenesisDocument& document, const char* name, std::uint64_t value) {
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(name);
  parameter.set_value(value);
}

// One chamber of persons, one track; account 0 is the issuer, 1 the proposer.
v1::GenesisDocument document() {
  v1::GenesisDocument out;
  out.set_format(1);
  out.set_network("bench");
  out.set_class_(v1::GENESIS_CLASS_TEST);
  out.set_time_ms(kGenesisMs);
  v1::Asset& native = *out.add_assets();
  native.set_code("salus");
  native.set_decimals(6);
  native.set_max_supply(1'000'000'000 * kToken);
  native.set_flags(1);
  for (const char* name : {"issuer", "proposer", "operator"}) add_account(out, name);
  v1::GenesisIssuer& issuer = *out.add_issuers();
  issuer.set_roles(kPatientRole);
  issuer.set_per_day(10'000);
  v1::GenesisMember& proposer = *out.add_members();
  proposer.set_account(1);
  proposer.set_roles(kPatientRole);
  proposer.set_nullifier(crypto::hash("bench.nullifier", as_bytes("proposer")).to_string());
  v1::GenesisBalance& balance = *out.add_balances();
  balance.set_account(1);
  balance.set_amount(1'000'000 * kToken);
  v1::Chamber& chamber = *out.add_chambers();
  chamber.set_id(kPatients);
  chamber.set_code("patients");
  chamber.set_rule(v1::CHAMBER_RULE_PERSON);
  chamber.set_roles(kPatientRole);
  chamber.set_precedence(1);
  chamber.set_admission(v1::ADMISSION_ATTEST);
  chamber.set_min_members(1);
  // Every track that an action may ask for, with the same short spans.
  std::uint32_t rank = 0;
  for (const auto& [id, code] : {std::pair{2U, "standard"},
                                 {3U, "spend"},
                                 {4U, "large"},
                                 {5U, "people"},
                                 {6U, "network"},
                                 {8U, "constitution"}}) {
    v1::Track& track = *out.add_tracks();
    track.set_id(id);
    track.set_code(code);
    track.set_rank(rank += 10);
    track.set_schemes(1);
    v1::TrackChamber& rule = *track.add_chambers();
    rule.set_chamber(kPatients);
    rule.set_mode(v1::CHAMBER_MODE_REQUIRED);
    rule.set_approval_bp(6'667);
    rule.set_support_bp(10);
    rule.set_min_approval_bp(10);
    rule.set_if_small(v1::IF_SMALL_FAIL);
    if (id == 8) rule.set_reserved_veto_bp(3'334);
    track.set_notice_ms(10 * kSecond);
    track.set_voting_ms(1'000 * kSecond);
    track.set_timelock_min_ms(10 * kSecond);
    track.set_timelock_max_ms(20 * kSecond);
    track.set_grace_ms(3'600 * kSecond);
    track.set_deposit(20 * kToken);
    track.set_endorsers(2);
    track.set_max_open(32);
    track.set_delegation(true);
    track.set_window_ms(3'600 * kSecond);
  }
  add_parameter(out, "membership.probation", 14 * kSecond);
  add_parameter(out, "membership.defence", 1 * kSecond);
  add_parameter(out, "governance.retry_gap", 5 * kSecond);
  add_parameter(out, "validators.min", 1);
  add_parameter(out, "governance.max_open_per_member", 16);
  add_parameter(out, "governance.outage_gap", 86'400 * kSecond);
  v1::GenesisFund& fund = *out.add_funds();
  fund.set_id(kFund);
  fund.set_code("general");
  v1::GenesisValidator& validator = *out.add_validators();
  validator.set_operator_account(2);
  validator.set_name("bench");
  validator.set_validator_key(crypto::hash("bench.validator", {}).to_string());
  validator.set_node_key(crypto::hash("bench.node", {}).to_string());
  return out;
}

class SizedDao {
 public:
  SizedDao(std::uint64_t members, std::unique_ptr<storage::RocksStore> store)
      : members_(members),
        store_(std::move(store)),
        base_(*store_, std::string{state::kStatePrefix}, kRememberedReads) {
    row_.members = members;
  }

  std::optional<std::string> fill() {
    const v1::GenesisDocument genesis = document();
    state::Overlay start = base_.branch();
    if (const auto written = dao::apply_genesis(genesis, chain_id(), start); !written) {
      return written.error().reason;
    }
    for (int i = 0; i < genesis.accounts_size(); ++i) {
      const v1::GenesisAccount& account = genesis.accounts(i);
      named_.push_back(dao::accounts::account_id(chain_id(), as_bytes(account.nonce()),
                                                 account.keys(), account.threshold()));
      keys_.push_back(*PublicKey::from(account.keys(0).key()));
    }
    if (!keep(start)) return "The disk refuses to write.";
    const std::uint64_t founders = dao::power::total_now(start, kPatients).members;
    // A new member's own records are nowhere yet, so that only the shared ones are ever read: from
    // memory, and not from a large store.
    storage::MemoryStore common;
    share(start, /*is_genesis=*/true, common);
    for (std::uint64_t at = 0; at < members_; at += kFillMembers) {
      const state::Overlay before{common, std::string{state::kStatePrefix}};
      state::Overlay some = before.branch();
      for (std::uint64_t i = at; i < std::min(members_, at + kFillMembers); ++i)
        add_member(some, i);
      if (!keep(some)) return "The disk refuses to write.";
      share(some, /*is_genesis=*/false, common);
    }
    work_.emplace(base_.branch());
    SALUS_ASSERT(dao::power::total_now(*work_, kPatients).members == founders + members_,
                 "every member is counted");
    return std::nullopt;
  }

  // Opens proposals a second apart, so that each closes in a block of its own.
  std::optional<std::string> open(std::size_t proposals) {
    for (std::size_t i = 0; i < proposals; ++i) {
      v1::Action action;
      v1::Submit& submit = *action.mutable_submit();
      submit.set_scheme(v1::SCHEME_YES_NO);
      submit.set_text_hash(std::string(32, 't'));
      submit.set_deposit(1'000 * kToken);
      v1::CreateFund& fund = *submit.add_options()->add_actions()->mutable_create_fund();
      fund.set_code(fmt::format("fund-{}", i));
      // The exact deposit grows with the open ones: take what is asked for.
      const auto terms = dao::submission_terms(
          chain_id(), {submit.options(0).actions().begin(), submit.options(0).actions().end()},
          *work_);
      if (!terms) return std::string{dao::name(terms.error())};
      submit.set_deposit(terms->deposit);
      if (const auto refused = execute(named_[1], keys_[1], action)) return refused;
      pass(kSecond);
    }
    for (int i = 0; i < 20; ++i) pass(kSecond);
    return std::nullopt;
  }

  // A ballot of a member that nobody touched before, on each proposal in turn.
  std::optional<std::string> vote(std::mt19937_64& random, std::size_t proposals) {
    const std::uint64_t number = fresh(random);
    const AccountId id = account_of(number);
    v1::Action action;
    v1::Vote& vote = *action.mutable_vote();
    vote.set_proposal(1 + votes_us_.size() % proposals);
    v1::BallotPart& part = *vote.add_parts();
    part.set_choice(v1::CHOICE_YES);
    part.set_part(1);
    return execute(id, PublicKey{id.bytes}, action, &votes_us_);
  }

  std::optional<std::string> admit(std::uint64_t number) {
    const AccountId id = account_of(members_ + number);
    dao::accounts::put_account(*work_, account(id));
    v1::Action apply;
    apply.mutable_apply()->set_roles(kPatientRole);
    apply.mutable_apply()->set_nullifier(nullifier_of(id));
    if (const auto refused = execute(id, PublicKey{id.bytes}, apply)) return refused;
    v1::Action attest;
    attest.mutable_attest()->set_account(id.to_string());
    attest.mutable_attest()->set_roles(kPatientRole);
    return execute(named_[0], keys_[0], attest, &admits_us_);
  }

  // Up to a moment before the first vote ends.
  void begin_to_close() { pass(900 * kSecond); }
  // One second further: a vote ends in some of them.
  void close_some() {
    const auto first = open_now();
    now_ms_ += kSecond;
    warm([this](state::Overlay& dropped) { dao::end_block(block(), dropped); });
    const auto begin = Clock::now();
    dao::end_block(block(), *work_);
    const double us = us_since(begin);
    height_ = height_.next();
    if (open_now() < first) closes_us_.push_back(us);
  }
  std::size_t closed() const { return closes_us_.size(); }

  DaoRow row() {
    row_.vote_us = summarize(votes_us_).p50_ms;
    row_.close_us = summarize(closes_us_).p50_ms;
    row_.admit_us = summarize(admits_us_).p50_ms;
    return row_;
  }

 private:
  bool keep(const state::Overlay& changes) {
    StoreBatch batch;
    for (const auto& [key, value] : changes.changes()) {
      batch.writes.emplace_back(std::string{state::kStatePrefix} + key, value);
    }
    if (!store_->write(batch)) return false;
    base_.on_stored(changes);
    return true;
  }

  // What of `changes` is not of one member: all of genesis, and the sums.
  static void share(const state::Overlay& changes, bool is_genesis,
                    storage::MemoryStore& common) {
    StoreBatch batch;
    for (const auto& [key, value] : changes.changes()) {
      const auto table = static_cast<state::Table>(static_cast<std::uint8_t>(key.front()));
      const std::string place = std::string{state::kStatePrefix} + key;
      const bool is_sum = table == state::Table::Totals || table == state::Table::MemberCounts;
      if (is_sum || is_genesis || common.get(place)) batch.writes.emplace_back(place, value);
    }
    SALUS_ASSERT(common.write(batch).has_value(), "memory holds");
  }

  static v1::Account account(const AccountId& id) {
    v1::Account out;
    out.set_id(id.to_string());
    v1::AccountKey& key = *out.add_keys();
    key.set_key(id.to_string());
    key.set_weight(1);
    key.set_scope(255);
    out.set_threshold(1);
    out.set_state(v1::ACCOUNT_STATE_OPEN);
    return out;
  }

  // As an admission and its probation would leave him.
  static void add_member(state::Overlay& state, std::uint64_t number) {
    const AccountId id = account_of(number);
    dao::accounts::put_account(state, account(id));
    v1::Member member;
    member.set_account(id.to_string());
    member.set_state(v1::MEMBER_STATE_ACTIVE);
    member.set_patient(true);
    member.set_chamber(kPatients);
    member.set_weight(1);
    member.set_weight_from_ms(kGenesisMs);
    member.set_nullifier(nullifier_of(id));
    member.set_joined_ms(kGenesisMs);
    dao::membership::put_member(state, member);
    SALUS_ASSERT(dao::power::set_weight(state, id, kPatients, 1).has_value(),
                 "a member of the bench has weight");
  }

  std::uint64_t fresh(std::mt19937_64& random) {
    while (true) {
      const std::uint64_t number = random() % members_;
      if (voted_.insert(number).second) return number;
    }
  }

  dao::BlockContext block() const {
    return {.chain_id = chain_id(),
            .height = height_,
            .time = WallMs{now_ms_},
            .parent_digest = Digest{crypto::hash("bench.block", {}).bytes},
            .proposer = ValidatorIndex{0}};
  }

  void pass(std::uint64_t ms) {
    now_ms_ += ms;
    dao::end_block(block(), *work_);
    height_ = height_.next();
  }

  std::uint64_t open_now() const {
    std::uint64_t voting = 0;
    for (std::uint64_t id = 1; id <= dao::governance::last_proposal_id(*work_); ++id) {
      const auto proposal = dao::governance::find_proposal(*work_, id);
      if (proposal && proposal->state() == v1::PROPOSAL_STATE_VOTING) ++voting;
    }
    return voting;
  }

  // What is measured runs twice before on branches that are dropped: once for its records to be in
  // memory, and once so that the caches of the processor do not tell from where they came.
  template <typename Run>
  void warm(const Run& run) {
    for (int i = 0; i < 2; ++i) {
      state::Overlay dropped = work_->branch();
      run(dropped);
    }
  }

  // The refusal, if it is one.
  std::optional<std::string> execute(const AccountId& id, const PublicKey& key,
                                     const v1::Action& action,
                                     std::vector<double>* samples = nullptr) {
    const auto record = dao::accounts::find_account(*work_, id);
    v1::TxBody body;
    body.set_chain_id(chain_id().to_string());
    body.set_account(id.to_string());
    body.set_sequence(record->next_sequence());
    body.set_expiry_height(height_.value() + 100);
    body.set_auth_version(record->auth_version());
    *body.add_actions() = action;
    if (samples != nullptr) {
      warm([&](state::Overlay& dropped) {
        dao::execute(block(), TxId{}, body, {key}, dropped);
      });
    }
    const auto begin = Clock::now();
    const v1::TxResult result = dao::execute(block(), TxId{}, body, {key}, *work_);
    if (samples != nullptr) samples->push_back(us_since(begin));
    if (result.code() == 0) return std::nullopt;
    return std::string{dao::name(static_cast<dao::Error>(result.code()))};
  }

  std::uint64_t members_;
  std::unique_ptr<storage::RocksStore> store_;
  state::Overlay base_;
  std::optional<state::Overlay> work_;
  std::vector<AccountId> named_;
  std::vector<PublicKey> keys_;
  std::set<std::uint64_t> voted_;
  std::uint64_t now_ms_ = kGenesisMs;
  Height height_{1};
  std::vector<double> votes_us_;
  std::vector<double> closes_us_;
  std::vector<double> admits_us_;
  DaoRow row_;
};

}  // namespace

Result<DaoReport, NetworkError> run_dao(const DaoOptions& options) {
  std::filesystem::create_directories(options.folder);
  std::vector<std::unique_ptr<SizedDao>> sizes;
  const auto refuse = [](const std::string& reason) {
    return std::unexpected(NetworkError{"The measured DAO refuses: " + reason});
  };
  std::uint64_t members = 1'000;
  for (unsigned digits = 3; digits <= options.digits_max; digits += 2, members *= 100) {
    fmt::print(stderr, "Filling a DAO of {} members\n", members);
    auto store = storage::RocksStore::open(fmt::format("{}/{}", options.folder, members),
                                           {.block_cache_mib = options.cache_mib});
    if (!store) return std::unexpected(NetworkError{store.error().reason});
    sizes.push_back(std::make_unique<SizedDao>(members, std::move(*store)));
    if (const auto reason = sizes.back()->fill()) return refuse(*reason);
    if (const auto reason = sizes.back()->open(options.proposals)) return refuse(*reason);
  }
  fmt::print(stderr, "Measuring\n");
  std::mt19937_64 random{20'261'126};
  for (std::size_t i = 0; i < options.acts; ++i) {
    for (const auto& dao : sizes) {
      if (const auto reason = dao->vote(random, options.proposals)) return refuse(*reason);
      if (const auto reason = dao->admit(i)) return refuse(*reason);
    }
  }
  for (const auto& dao : sizes) dao->begin_to_close();
  constexpr int kSecondsUntilAllClosed = 200;
  for (int i = 0; i < kSecondsUntilAllClosed; ++i) {
    for (const auto& dao : sizes) dao->close_some();
  }
  DaoReport report{.ballots = options.acts / options.proposals, .rows = {}};
  for (const auto& dao : sizes) {
    if (dao->closed() != options.proposals) return refuse("a vote did not close by itself");
    report.rows.push_back(dao->row());
  }
  return report;
}

std::string as_table(const DaoReport& report) {
  std::string out = fmt::format(
      "Acts of a DAO by its size, medians; a vote closes over {} ballots\n"
      "{:>10} {:>9} {:>7} {:>10} {:>7} {:>10} {:>7}\n",
      report.ballots, "members", "vote us", "ratio", "close us", "ratio", "admit us", "ratio");
  const DaoRow& first = report.rows.front();
  for (const DaoRow& row : report.rows) {
    out += fmt::format("{:>10} {:>9.1f} {:>7.2f} {:>10.1f} {:>7.2f} {:>10.1f} {:>7.2f}\n",
                       row.members, row.vote_us, row.vote_us / first.vote_us, row.close_us,
                       row.close_us / first.close_us, row.admit_us, row.admit_us / first.admit_us);
  }
  return out;
}

std::string as_json(const DaoReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const DaoRow& row : report.rows) {
    rows.push_back({{"members", row.members},
                    {"vote_us", row.vote_us},
                    {"close_us", row.close_us},
                    {"admit_us", row.admit_us}});
  }
  return nlohmann::json{{"ballots", report.ballots}, {"rows", rows}}.dump(2) + "\n";
}

}  // namespace salus::bench
