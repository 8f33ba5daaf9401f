// Owns: the living, and what is looked at meanwhile.
#include "support/lives/life.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/governance/proposals.h"
#include "dao/validators/validators.h"
#include "state/record.h"
#include "state/table.h"
#include "state/tree.h"
#include "support/lives/genesis.h"

namespace salus::dao::lives {

namespace {

constexpr std::uint64_t kExpiryHeights = 100;
// A life that broke goes on no longer; whoever reads needs the first lines.
constexpr std::size_t kBrokenMax = 10;

Hash hash_of(std::string_view tag, std::uint64_t number) {
  ByteWriter out;
  out.u64(number);
  return crypto::hash(tag, out.out());
}

}  // namespace

Life::Life(std::uint64_t seed)
    : seed_(seed),
      drawer_(seed * 2, people_),
      chance_(seed * 2 + 1),
      chain_id_(ChainId{hash_of("salus.test.chain", seed).bytes}),
      store_(std::make_unique<salus::test::MemoryStore>()),
      state_(std::make_unique<state::Overlay>(*store_, "s")) {
  begin();
}

void Life::begin() {
  SALUS_ASSERT(crypto::initialise(), "signatures start");
  const std::vector<test::Person> people = everybody();
  const v1::GenesisDocument document = a_document(people, seed_ % 2 == 1);
  now_ms_ = document.time_ms();
  const auto written = apply_genesis(document, chain_id_, *state_);
  if (!written) return breaks("genesis: " + written.error().reason);
  for (std::size_t i = 0; i < people.size(); ++i) {
    const v1::GenesisAccount& account = document.accounts(static_cast<int>(i));
    people_.add(people[i].name, accounts::account_id(chain_id_, as_bytes(account.nonce()),
                                                     account.keys(), account.threshold()));
    people_.key(people[i].name + " validator");
    people_.key(people[i].name + " node");
  }
}

BlockContext Life::block() const {
  const v1::ValidatorSet set = validators::current_set(*state_);
  const auto n = static_cast<std::uint64_t>(set.validators_size());
  return {.chain_id = chain_id_,
          .height = height_,
          .time = WallMs{now_ms_},
          .parent_digest = Digest{hash_of("salus.test.block", height_.value()).bytes},
          .proposer = ValidatorIndex{static_cast<std::uint16_t>(height_.value() % n)}};
}

void Life::breaks(std::string what) {
  if (broken_.size() == kBrokenMax) return;
  broken_.push_back("step " + std::to_string(step_) + ", height " +
                    std::to_string(height_.value()) + ": " + std::move(what));
}

void Life::live(std::uint64_t steps) {
  for (const std::uint64_t end = step_ + steps; step_ < end && broken_.empty();) {
    const std::uint64_t transactions = 1 + std::max(chance_.below(8), chance_.below(8));
    for (std::uint64_t i = 0; i < transactions && step_ < end; ++i) transact();
    end_block();
  }
}

void Life::transact() {
  ++step_;
  const Move move =
      drawer_.draw({.state = *state_, .chain_id = chain_id_, .height = height_, .now_ms = now_ms_});
  const auto account = accounts::find_account(*state_, move.signer);
  std::vector<PublicKey> signers;
  for (const crypto::KeyPair* key : people_.signers_of(*account)) {
    signers.push_back(key->public_key());
  }
  v1::TxBody body;
  body.set_chain_id(chain_id_.to_string());
  body.set_account(move.signer.to_string());
  body.set_sequence(account->next_sequence());
  body.set_expiry_height(height_.value() + kExpiryHeights);
  body.set_auth_version(account->auth_version());
  for (const v1::Action& action : move.actions) *body.add_actions() = action;
  switch (chance_.below(200)) {
    case 0:
      if (account->next_sequence() > 0) body.set_sequence(account->next_sequence() - 1);
      break;
    case 1:
      body.set_sequence(account->next_sequence() + 1);
      break;
    case 2:
      body.set_auth_version(account->auth_version() + 1);
      break;
    case 3:
      signers.push_back(people_.key("a stranger").public_key());
      break;
    case 4:
      signers.push_back(signers.front());
      break;
    default:
      break;
  }

  if (const Outcome shape = check(body); !shape) {
    count(move, false);
    return refuse_at_the_door(shape);
  }
  const Outcome authentic = check_authentic(*state_, body, signers, height_, 1);
  const bool is_next = body.sequence() == account->next_sequence();
  if (!authentic) {
    count(move, false);
    return refuse_at_the_door(authentic);
  }
  if (!is_next) return breaks("G-2.3: a sequence that is not the next one passes the door");

  state::Overlay attempt = state_->branch();
  const TxId id{hash_of("salus.test.tx", step_).bytes};
  const v1::TxResult result = execute(block(), id, body, signers, attempt);
  const bool accepted = result.code() == v1::ERROR_CODE_UNSPECIFIED;
  count(move, accepted);
  if (!accepted) {
    ++refusals_[std::string{name(static_cast<Error>(result.code()))}];
    check_refused(body, attempt);
  }
  const auto after = accounts::find_account(attempt, move.signer);
  if (!after || after->next_sequence() != account->next_sequence() + 1) {
    breaks("G-2.4: a transaction in a block does not use exactly one sequence");
  }
  if (accepted && body.auth_version() != account->auth_version()) {
    breaks("G-2: a transaction for other keys applies");
  }
  state_->adopt(std::move(attempt));
  for (const v1::Event& event : result.events()) note_executed(event);
}

void Life::count(const Move& move, bool accepted) {
  for (const v1::Action& action : move.actions) {
    Count& of = counts_[action.kind_case()];
    ++of.drawn;
    if (accepted) ++of.accepted;
    const auto& options =
        action.has_submit() ? action.submit().options() : action.amend().options();
    for (const v1::ProposalOption& option : options) {
      for (const v1::Action& frozen : option.actions()) {
        if (accepted) ++counts_[frozen.kind_case()].proposed;
      }
    }
  }
}

void Life::refuse_at_the_door(const Outcome& why) { ++refusals_[std::string{name(why.error())}]; }

// G-1.5: a refused transaction is refused whole and uses up its sequence.
void Life::check_refused(const v1::TxBody& body, const state::Overlay& attempt) {
  const state::Key key = state::Key{state::Table::Accounts}.bytes(as_bytes(body.account()));
  if (attempt.changes().size() != 1 || !attempt.changes().contains(key.str())) {
    return breaks("G-1.5: a refused transaction changed more than its account");
  }
  auto before = *state::find<v1::Account>(*state_, key);
  before.set_next_sequence(before.next_sequence() + 1);
  if (state::encode(before) != attempt.get(key.str())) {
    breaks("G-1.5: a refused transaction changed more than a sequence");
  }
}

void Life::note_executed(const v1::Event& event) {
  if (event.kind() != v1::EVENT_KIND_PROPOSAL_EXECUTED) return;
  for (const v1::EventAttribute& attribute : event.attributes()) {
    if (attribute.field() != v1::EVENT_FIELD_PROPOSAL) continue;
    const auto proposal = governance::find_proposal(*state_, attribute.value());
    if (!proposal) return breaks("a proposal that nobody knows was executed");
    for (const v1::ProposalOption& option : governance::winning_options(*proposal)) {
      for (const v1::Action& action : option.actions()) ++counts_[action.kind_case()].executed;
    }
  }
}

void Life::end_block() {
  const EndOfBlock end = dao::end_block(block(), *state_);
  for (const v1::Event& event : end.events) note_executed(event);
  for (std::string& what : broken_invariants(*state_)) breaks(std::move(what));
  height_ = height_.next();
  // Mostly seconds; now and then nobody comes for a while, and rarely for very long.
  const std::uint64_t what = chance_.below(1'000);
  if (what == 0) now_ms_ += chance_.below(100 * membership::kDayMs);
  if (what < 4) now_ms_ += chance_.below(20 * membership::kDayMs);
  if (what < 30) now_ms_ += chance_.below(150 * kSecond);
  now_ms_ += chance_.below(6 * kSecond);
}

std::map<std::string, std::uint64_t> Life::ends() const {
  std::map<std::string, std::uint64_t> all;
  for (std::uint64_t id = governance::last_proposal_id(*state_); id > 0; --id) {
    const auto proposal = governance::find_proposal(*state_, id);
    ++all[v1::ProposalState_Name(proposal->state()).substr(sizeof("PROPOSAL_STATE_") - 1)];
    if (proposal->failure_code() == 0) continue;
    ++all["failed by " + std::string{name(static_cast<Error>(proposal->failure_code()))}];
  }
  return all;
}

Root Life::root() const { return state::root_of_all(state_->changes()); }

}  // namespace salus::dao::lives
