// Owns: the genesis of the small chain and the steps of a block.
#include "ledger/chain.h"

#include "dao/accounts/accounts.h"

namespace salus::test {

namespace {

std::string nonce_of(std::size_t index) { return std::string(16, static_cast<char>(index + 1)); }
std::uint8_t key_of(std::size_t index) { return static_cast<std::uint8_t>(index + 1); }

v1::AccountKey full_key(std::uint8_t number) {
  v1::AccountKey key;
  key.set_key(key_pair(number).public_key().to_string());
  key.set_weight(1);
  key.set_scope(255);
  return key;
}

}  // namespace

v1::GenesisDocument small_genesis() {
  v1::GenesisDocument document;
  document.set_format(1);
  document.set_network("small");
  document.set_class_(v1::GENESIS_CLASS_TEST);
  document.set_time_ms(kGenesisMs);
  auto* native = document.add_assets();
  native->set_code("sal");
  native->set_decimals(6);
  native->set_max_supply(1'000'000'000);
  native->set_flags(1);
  for (std::size_t i = 0; i < kAccounts; ++i) {
    auto* account = document.add_accounts();
    *account->add_keys() = full_key(key_of(i));
    account->set_threshold(1);
    account->set_nonce(nonce_of(i));
    auto* balance = document.add_balances();
    balance->set_account(static_cast<std::uint32_t>(i));
    balance->set_amount(1'000'000);
    auto* validator = document.add_validators();
    validator->set_operator_account(static_cast<std::uint32_t>(i));
    validator->set_validator_key(
        key_pair(static_cast<std::uint8_t>(100 + i)).public_key().to_string());
    validator->set_node_key(key_pair(static_cast<std::uint8_t>(200 + i)).public_key().to_string());
    validator->set_name("v" + std::to_string(i));
  }
  auto* fund = document.add_funds();
  fund->set_id(1);
  fund->set_code("general");
  fund->set_purpose(1);
  return document;
}

Chain::Chain() : genesis_bytes_("the small chain") {
  chain_id_ = ledger::chain_id_of(as_bytes(genesis_bytes_));
  const auto genesis = ledger::make_genesis(small_genesis(), as_bytes(genesis_bytes_));
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
  google::protobuf::RepeatedPtrField<v1::AccountKey> keys;
  *keys.Add() = full_key(key_of(index));
  return dao::accounts::account_id(chain_id_, as_bytes(nonce_of(index)), keys, 1);
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
  const ledger::Built built = ledger_->build({.epoch = Epoch{0},
                                              .view = View{view},
                                              .proposer = ValidatorIndex{1},
                                              .parent = parent,
                                              .time = WallMs{parent_ms + 1},
                                              .transactions = transactions});
  SALUS_ASSERT(ledger_->add(built.block), "there is room");
  SALUS_ASSERT(check(*built.block).is_valid(), "what we build is valid");
  SALUS_ASSERT(ledger_->execute(built.block->digest()), "what is valid executes");
  return built.block->digest();
}

ledger::CheckInput Chain::input_for(const ledger::Block& block) const {
  return {.epoch = Epoch{0},
          .view = block.header().view,
          .parent = block.header().parent,
          .proposer = ValidatorIndex{1},
          .purpose = ledger::Purpose::Notarize,
          .wall = block.header().time,
          .clock_ahead_ms = 0};
}

void Chain::finalize(const Digest& digest) {
  const StoreBatch batch = ledger_->prepare_finalize(digest, as_bytes("a certificate"));
  SALUS_ASSERT(store_.write(batch).has_value(), "memory holds");
  ledger_->confirm_finalized(digest);
}

}  // namespace salus::test
