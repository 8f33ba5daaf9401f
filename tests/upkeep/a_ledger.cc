// Owns: the steps of a block, and the validators' signatures.
#include "upkeep/a_ledger.h"

#include <google/protobuf/util/json_util.h>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/accounts/accounts.h"
#include "ledger/genesis.h"
#include "replica/facts.h"
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

void ALedger::close() {
  ledger_.reset();
  store_.reset();
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
