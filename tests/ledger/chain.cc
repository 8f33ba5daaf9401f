// Owns: the genesis of the small chain and the steps of a block.
#include "ledger/chain.h"

#include <google/protobuf/util/json_util.h>

#include "consensus/codec.h"
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"

namespace salus::test {

namespace {

std::string nonce_of(std::size_t index) { return std::string(16, static_cast<char>(index + 1)); }
std::uint8_t key_of(std::size_t index) { return static_cast<std::uint8_t>(index + 1); }

v1::AccountKey full_key(const PublicKey& public_key) {
  v1::AccountKey key;
  key.set_key(public_key.to_string());
  key.set_weight(1);
  key.set_scope(255);
  return key;
}

AccountId id_of(const ChainId& chain_id, std::string_view nonce, const PublicKey& public_key) {
  google::protobuf::RepeatedPtrField<v1::AccountKey> keys;
  *keys.Add() = full_key(public_key);
  return dao::accounts::account_id(chain_id, as_bytes(nonce), keys, 1);
}

}  // namespace

v1::GenesisDocument small_genesis() {
  v1::GenesisDocument document = dao::test::a_document();
  for (std::size_t i = 0; i < kAccounts; ++i) {
    const int index = document.accounts_size();
    auto* account = document.add_accounts();
    *account->add_keys() = full_key(key_pair(key_of(i)).public_key());
    account->set_threshold(1);
    account->set_nonce(nonce_of(i));
    auto* balance = document.add_balances();
    balance->set_account(static_cast<std::uint32_t>(index));
    balance->set_amount(1'000'000);
  }
  return document;
}

Chain::Chain(const v1::GenesisDocument& document, Papers papers)
    : papers_(papers), genesis_bytes_("the small chain") {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  if (papers == Papers::Real) {
    genesis_bytes_.clear();
    const auto printed = google::protobuf::util::MessageToJsonString(document, &genesis_bytes_);
    SALUS_ASSERT(printed.ok(), "a document can be printed");
  }
  chain_id_ = ledger::chain_id_of(as_bytes(genesis_bytes_));
  const auto genesis = ledger::make_genesis(document, as_bytes(genesis_bytes_));
  SALUS_ASSERT(genesis.has_value(), genesis ? "" : genesis.error().reason);
  SALUS_ASSERT(store_.write(*genesis).has_value(), "memory holds");
  reopen();
}

void Chain::reopen() {
  auto opened = ledger::Ledger::open(store_);
  SALUS_ASSERT(opened.has_value(), "a ledger was written");
  ledger_.reset();
  ledger_.emplace(std::move(*opened));
}

AccountId Chain::account(std::size_t index) const {
  return id_of(chain_id_, nonce_of(index), key_pair(key_of(index)).public_key());
}

AccountId Chain::person(std::string_view name) const {
  return id_of(chain_id_, dao::test::nullifier_of(name).substr(0, 16),
               dao::test::key_of(name).public_key());
}

Validated<wire::Transaction> Chain::transfer(std::size_t from, std::uint64_t sequence,
                                             std::uint64_t amount) const {
  v1::TxBody body =
      transfer_body(chain_id_, account(from), account((from + 1) % kAccounts), sequence);
  body.mutable_actions(0)->mutable_transfer()->set_amount(amount);
  return signed_transaction(body, {key_of(from)});
}

Digest Chain::extend(const Digest& parent, std::vector<Validated<wire::Transaction>> transactions,
                     std::uint64_t view) {
  const auto* parent_block = ledger_->find(parent);
  const std::uint64_t parent_ms = parent_block != nullptr ? (*parent_block)->header().time.value()
                                                          : ledger_->finalized().time.value();
  // Real validators take turns, which shows that they are there (C46).
  const std::uint64_t turn = ledger_->finalized().height.value() % 4;
  const ValidatorIndex proposer{papers_ == Papers::Real ? static_cast<std::uint16_t>(turn)
                                                        : std::uint16_t{1}};
  const ledger::Built built =
      ledger_->build({.epoch = Epoch{ledger_->finalized().validators.epoch()},
                      .view = View{view},
                      .proposer = proposer,
                      .parent = parent,
                      .time = WallMs{parent_ms + step_ms_},
                      .transactions = transactions});
  SALUS_ASSERT(ledger_->add(built.block), "there is room");
  SALUS_ASSERT(check(*built.block).is_valid(), "what we build is valid");
  SALUS_ASSERT(ledger_->execute(built.block->digest()), "what is valid executes");
  return built.block->digest();
}

ledger::CheckInput Chain::input_for(const ledger::Block& block) const {
  return {.epoch = block.header().epoch,
          .view = block.header().view,
          .parent = block.header().parent,
          .proposer = block.header().proposer,
          .purpose = ledger::Purpose::Notarize,
          .wall = block.header().time,
          .clock_ahead_ms = 0};
}

void Chain::finalize(const Digest& digest) {
  const Bytes certificate =
      papers_ == Papers::Real ? certificate_of(digest) : Bytes{'a', ' ', 'c', 'e', 'r', 't', 'i',
                                                               'f', 'i', 'c', 'a', 't', 'e'};
  const StoreBatch batch = ledger_->prepare_finalize(digest, certificate);
  SALUS_ASSERT(store_.write(batch).has_value(), "memory holds");
  ledger_->confirm_finalized(digest);
}

Bytes Chain::certificate_of(const Digest& digest, std::size_t missing) const {
  const ledger::Header& header = (*ledger_->find(digest))->header();
  const consensus::Subject subject = consensus::finalize(
      {.epoch = header.epoch, .view = header.view, .parent = View{0}, .digest = digest});
  const Bytes message = consensus::signed_bytes(chain_id_, subject);
  const auto& validators = ledger_->finalized().validators.validators();
  const auto count = static_cast<std::size_t>(validators.size());
  consensus::Certificate certificate{
      .subject = subject, .set_size = static_cast<std::uint16_t>(count), .signatures = {}};
  for (std::size_t i = 0; i + missing < count; ++i) {
    const std::string& node = validators[static_cast<int>(i)].name();
    const std::string person = node.substr(0, node.rfind("-node"));
    certificate.signatures.emplace(ValidatorIndex{static_cast<std::uint16_t>(i)},
                                   dao::test::key_of(person + " validator").sign(message));
  }
  return consensus::encode(certificate);
}

}  // namespace salus::test
