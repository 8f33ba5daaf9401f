// Owns: the steps of a block, and the validators' signatures.
#include "upkeep/a_ledger.h"

#include <google/protobuf/util/json_util.h>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/accounts/accounts.h"
#include "dao/validators/validators.h"
#include "ledger/genesis.h"
#include "ledger/prune.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "state/chunk.h"
#include "state/prune.h"
#include "sync/snapshot_join.h"
#include "wire/transaction.h"

namespace salus::upkeep::test {

namespace {

constexpr const char* kOperators[] = {"olga", "omar", "otto", "oona"};

std::string genesis_text() {
  std::string out;
  const auto done = google::protobuf::util::MessageToJsonString(dao::test::a_document(), &out);
  SALUS_ASSERT(done.ok(), "a document is JSON");
  return out;
}

std::unique_ptr<storage::RocksStore> open(const storage::Path& data_folder) {
  auto store = storage::RocksStore::open(data_folder / "ledger");
  SALUS_ASSERT(store.has_value(), store ? "" : store.error().reason);
  return std::move(*store);
}

}  // namespace

ALedger::ALedger(const storage::Path& data_folder) : folder_(data_folder) {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  SALUS_ASSERT(storage::make_folder(folder_).has_value(), "a folder can be made");
  store_ = open(folder_);
  const std::string text = genesis_text();
  v1::GenesisDocument document;
  SALUS_ASSERT(google::protobuf::util::JsonStringToMessage(text, &document).ok(), "it parses");
  const auto genesis = ledger::make_genesis(document, as_bytes(text));
  SALUS_ASSERT(genesis.has_value(), genesis ? "" : genesis.error().reason);
  SALUS_ASSERT(store_->write(*genesis).has_value(), "the disk holds");
  auto ledger = ledger::Ledger::open(*store_);
  SALUS_ASSERT(ledger.has_value(), "a ledger was written");
  ledger_.emplace(std::move(*ledger));
}

AccountId ALedger::account(std::string_view name) const {
  google::protobuf::RepeatedPtrField<v1::AccountKey> keys;
  *keys.Add() = dao::test::account_key(name);
  return dao::accounts::account_id(chain_id(),
                                   as_bytes(dao::test::nullifier_of(name).substr(0, 16)), keys, 1);
}

Validated<wire::Transaction> ALedger::sign(std::string_view name,
                                           const std::vector<v1::Action>& actions) {
  v1::TxBody body;
  body.set_chain_id(chain_id().to_string());
  body.set_account(account(name).to_string());
  body.set_sequence(sequences_[std::string{name}]++);
  body.set_expiry_height(100'000);
  for (const v1::Action& action : actions) *body.add_actions() = action;
  v1::Transaction envelope;
  envelope.set_body(body.SerializeAsString());
  const crypto::KeyPair key = dao::test::key_of(name);
  v1::TxSignature& signature = *envelope.add_signatures();
  signature.set_key(key.public_key().to_string());
  signature.set_signature(key.sign(wire::signed_bytes(envelope.body())).to_string());
  const std::string raw = envelope.SerializeAsString();
  auto transaction = wire::Transaction::decode_and_verify(as_bytes(raw));
  SALUS_ASSERT(transaction.has_value(), "tests sign properly");
  return std::move(*transaction);
}

Digest ALedger::extend(const Digest& parent,
                       const std::vector<Validated<wire::Transaction>>& content) {
  const auto* parent_block = ledger_->find(parent);
  const std::uint64_t parent_ms =
      parent_block != nullptr ? (*parent_block)->header().time.value() : tip().time.value();
  const auto set = replica::validator_set(tip());
  view_ = view_.next();
  const ledger::Built built =
      ledger_->build({.epoch = Epoch{tip().validators.epoch()},
                      .view = view_,
                      .proposer = set.leader_of(Epoch{tip().validators.epoch()}, view_),
                      .parent = parent,
                      .time = WallMs{parent_ms + 1'000},
                      .transactions = content});
  SALUS_ASSERT(built.left_out.empty(), "tests count sequences properly");
  const Digest digest = built.block->digest();
  SALUS_ASSERT(ledger_->add(built.block) && ledger_->execute(digest), "what we build executes");
  views_[digest] = view_;
  return digest;
}

// By three of the four.
Bytes ALedger::finalization_of(const Digest& digest, View view) const {
  const auto set = replica::validator_set(tip());
  consensus::Certificate certificate;
  certificate.subject = consensus::finalize({.epoch = Epoch{tip().validators.epoch()},
                                             .view = view,
                                             .parent = view.previous(),
                                             .digest = digest});
  certificate.set_size = static_cast<std::uint16_t>(set.size());
  const Bytes bytes = consensus::signed_bytes(chain_id(), certificate.subject);
  for (const char* name : kOperators) {
    const crypto::KeyPair key = dao::test::key_of(std::string{name} + " validator");
    if (certificate.signatures.size() == set.quorum()) break;
    certificate.signatures.emplace(*set.find(key.public_key()), key.sign(bytes));
  }
  return consensus::encode(certificate);
}

void ALedger::finalize(const std::vector<Digest>& path) {
  const Bytes certificate = finalization_of(path.back(), views_.at(path.back()));
  for (const Digest& digest : path) {
    SALUS_ASSERT(store_->write(ledger_->prepare_finalize(digest, certificate)).has_value(),
                 "the disk holds");
  }
  for (const Digest& digest : path) ledger_->confirm_finalized(digest);
}

void ALedger::add_blocks(std::size_t count, std::size_t transfers) {
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Validated<wire::Transaction>> content;
    for (std::size_t k = 0; k < transfers; ++k) {
      content.push_back(sign("mira", {dao::test::transfer(account("noor"), 1)}));
    }
    finalize({extend(tip().digest, content)});
  }
}

void ALedger::add_block(std::string_view name, const std::vector<v1::Action>& actions) {
  finalize({extend(tip().digest, {sign(name, actions)})});
}

void ALedger::add_segment(std::size_t count) {
  std::vector<Digest> path;
  for (std::size_t i = 0; i < count; ++i) {
    const Digest& parent = path.empty() ? tip().digest : path.back();
    path.push_back(extend(parent, {sign("mira", {dao::test::transfer(account("noor"), 1)})}));
  }
  finalize(path);
}

void ALedger::end_epoch(std::string_view operated_by, char nonce) {
  v1::Action action;
  v1::Reseat& reseat = *action.mutable_reseat();
  reseat.set_nonce(std::string(16, nonce));
  const Bytes message = dao::validators::reseat_proof(chain_id(), reseat.nonce());
  reseat.set_signature(
      dao::test::key_of(std::string{operated_by} + " validator").sign(message).to_string());
  const std::uint64_t before = tip().validators.epoch();
  add_block(operated_by, {action});
  for (int blocks = 0; tip().validators.epoch() == before; ++blocks) {
    SALUS_ASSERT(blocks < 40, "an epoch with a pending set ends");
    add_blocks(1, 0);
  }
}

void ALedger::forget(Height block, Height results, Height state) {
  for (bool done = false; !done;) {
    const auto step = ledger::prune_chain(*store_, {.block = block, .results = results}, 100);
    SALUS_ASSERT(store_->write(step.batch).has_value(), "the disk holds");
    done = step.done;
  }
  for (bool done = state == Height{0}; !done;) {
    const auto step = state::prune_state(*store_, state, 100);
    SALUS_ASSERT(store_->write(step.batch).has_value(), "the disk holds");
    done = step.done;
  }
}

void ALedger::close() {
  ledger_.reset();
  store_.reset();
}

namespace {

// Answers as an honest peer would.
void answer(sync::SnapshotJoin& join, const sync::SnapshotJoin::Request& request,
            const ledger::Reader& origin, std::uint64_t every) {
  if (std::holds_alternative<sync::FetchSnapshot>(request.message)) {
    join.on_answer(request.to,
                   sync::SnapshotAnswer{sync::make_offer(origin, every).value_or(Bytes{})});
    return;
  }
  const auto& asked = std::get<sync::FetchPart>(request.message);
  sync::PartAnswer part{.height = asked.height, .path = asked.path, .part = {}};
  part.part = *state::make_chunk(*origin.pages_at(asked.height), *origin.state_at(asked.height),
                                 asked.path, {.records = 20, .bytes = 10'000});
  join.on_answer(request.to, part);
}

}  // namespace

void join_by_snapshot(ALedger& origin, const storage::Path& data_folder, std::uint64_t every,
                      Height last) {
  ALedger fresh{data_folder};
  const sync::TrustedSet genesis{
      .chain_id = fresh.chain_id(), .epoch = Epoch{0}, .validators = fresh.tip().validators};
  Store& store = fresh.store();
  const ledger::Reader theirs{origin.store()};
  sync::SnapshotJoin join{store, genesis};
  NodeId peer;
  peer.bytes.fill(1);
  join.link_up(peer);
  for (std::uint64_t now = 0; !join.is_done(); now += 100) {
    join.tick(MonoMs{now});
    const auto effects = join.take_effects();
    if (!effects.batch.writes.empty()) {
      SALUS_ASSERT(store.write(effects.batch).has_value(), "the disk holds");
      join.batch_written();
    }
    for (const auto& request : effects.requests) answer(join, request, theirs, every);
  }
  auto ledger = ledger::Ledger::open(store);
  SALUS_ASSERT(ledger.has_value(), "a snapshot is a ledger");
  for (Height height = ledger->finalized().height.next(); height <= last; height = height.next()) {
    const auto stored = theirs.stored_block(height);
    auto block = ledger::Block::decode_and_verify(as_bytes(stored->bytes));
    SALUS_ASSERT(block.has_value(), "the origin is right");
    const Digest digest = (*block)->digest();
    SALUS_ASSERT(ledger->add(std::move(*block)) && ledger->execute(digest), "it follows");
    SALUS_ASSERT(store.write(ledger->prepare_finalize(digest, stored->certificate)).has_value(),
                 "the disk holds");
    ledger->confirm_finalized(digest);
  }
}

std::map<std::string, std::string> all_entries(const storage::Path& data_folder) {
  std::map<std::string, std::string> out;
  open(data_folder)->scan({}, {}, [&](std::string_view key, std::string_view value) {
    return out.emplace(key, value), true;
  });
  return out;
}

void tamper(const storage::Path& data_folder, const std::string& key,
            const std::optional<std::string>& value) {
  const auto store = open(data_folder);
  StoreBatch batch;
  batch.writes.emplace_back(key, value);
  SALUS_ASSERT(store->write(batch).has_value(), "the disk holds");
}

std::optional<std::string> read_key(const storage::Path& data_folder, const std::string& key) {
  return open(data_folder)->get(key);
}

}  // namespace salus::upkeep::test
