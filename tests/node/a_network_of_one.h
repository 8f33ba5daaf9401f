// Owns: a network of one validator in a folder, for tests of the driver on real files.
#pragma once

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>

#include "dao/accounts/accounts.h"
#include "ledger/chain.h"
#include "node/start.h"
#include "state/record.h"
#include "storage/keystore.h"
#include "storage/validator_key.h"
#include "support/temp_folder.h"

namespace salus::node {

// A network of one validator in a folder.
class ANetworkOfOne {
 public:
  ANetworkOfOne() {
    config_.data_dir = (folder_ / "data").string();
    config_.validator_key = (folder_ / "validator.key").string();
    config_.node_key = (folder_ / "node.key").string();
    config_.genesis = (folder_ / "genesis.json").string();
    config_.journal_file_mib = 1;
    const auto validator =
        storage::create_validator_key(config_.validator_key, guard_path_of(config_.validator_key),
                                      /*passphrase=*/std::nullopt);
    const crypto::KeyPair node = storage::generate_key();
    EXPECT_TRUE(validator);
    EXPECT_TRUE(storage::save_unprotected_key(config_.node_key, node, storage::KeyPurpose::Node));

    v1::GenesisDocument document = test::small_genesis();
    document.mutable_validators()->DeleteSubrange(1, document.validators_size() - 1);
    document.mutable_validators(0)->set_validator_key(validator->to_string());
    document.mutable_validators(0)->set_node_key(node.public_key().to_string());
    v1::Parameter& least = *document.add_parameters();
    least.set_name("validators.min");
    least.set_value(1);
    std::string json;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(document, &json).ok());
    std::ofstream{config_.genesis} << json;
  }

  crypto::KeyPair validator_key() const {
    return *storage::load_key(config_.validator_key, storage::KeyPurpose::Validator, "");
  }

  Start start(bool observer = false) const {
    Config config = config_;
    if (observer) config.validator_key.clear();
    auto begun = start_from(config);
    EXPECT_TRUE(begun) << begun.error().reason;
    return std::move(*begun);
  }

 private:
  testing::TempFolder folder_;
  Config config_;
};

// The bytes of the first transfer of the small chain's account 0, which makes work for the chain.
inline Bytes a_transfer(const Start& start) {
  const v1::GenesisDocument& document = start.disk->genesis.document;
  const auto account = [&](int index) {
    // The small chain's own accounts are the last ones.
    const v1::GenesisAccount& entry =
        document.accounts(document.accounts_size() - static_cast<int>(test::kAccounts) + index);
    return dao::accounts::account_id(start.ledger.chain_id(), as_bytes(entry.nonce()), entry.keys(),
                                     entry.threshold());
  };
  const v1::TxBody body =
      test::transfer_body(start.ledger.chain_id(), account(0), account(1), /*sequence=*/0);
  const std::string raw = test::signed_raw(body, {1});
  const ByteView bytes = as_bytes(raw);
  return {bytes.begin(), bytes.end()};
}

}  // namespace salus::node
