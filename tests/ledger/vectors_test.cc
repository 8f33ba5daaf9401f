// Owns: proof that every layout is the one in tests/vectors/ledger.json, which an independent
// program computed: a changed byte is a changed protocol.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "crypto/merkle.h"
#include "ledger/body_codec.h"
#include "ledger/genesis.h"
#include "ledger/header.h"
#include "ledger/results.h"
#include "ledger/tip.h"
#include "state/record.h"
#include "state/tree.h"
#include "wire/block_frame.h"
#include "wire/transaction.h"

namespace salus::ledger {
namespace {

using nlohmann::json;

Bytes bytes_of(const json& text) { return *parse_hex(text.get<std::string>()); }
std::string chars_of(const json& text) { return std::string{as_chars(bytes_of(text))}; }
template <typename T>
T fixed_of(const json& text) {
  return *T::from(ByteView{bytes_of(text)});
}

json header(const json& in) {
  Header header;
  header.version = in["version"];
  header.chain_id = fixed_of<ChainId>(in["chain_id"]);
  header.epoch = Epoch{in["epoch"]};
  header.view = View{in["view"]};
  header.height = Height{in["height"]};
  header.parent = fixed_of<Digest>(in["parent"]);
  header.time = WallMs{in["time_ms"]};
  header.proposer = ValidatorIndex{in["proposer"].get<std::uint16_t>()};
  header.transactions_root = fixed_of<Root>(in["transactions_root"]);
  header.state_root = fixed_of<Root>(in["state_root"]);
  header.results_root = fixed_of<Root>(in["results_root"]);
  header.validator_set_hash = fixed_of<Hash>(in["validator_set_hash"]);
  const Bytes bytes = encode(header);
  EXPECT_EQ(decode_header(bytes), header);
  return {{"bytes", hex(bytes)}, {"digest", digest_of(bytes).to_hex()}};
}

json validator_set(const json& in) {
  v1::ValidatorSet set;
  for (const auto& pair : in["validators"]) {
    auto* validator = set.add_validators();
    validator->set_validator_key(chars_of(pair[0]));
    validator->set_node_key(chars_of(pair[1]));
  }
  return {{"hash", validator_set_hash(set).to_hex()}};
}

json body(const json& in) {
  std::vector<Bytes> raws;
  for (const auto& raw : in["transactions"]) raws.push_back(bytes_of(raw));
  const Bytes header_bytes = bytes_of(in["header"]);
  const std::string bytes = encode_body(header_bytes, {raws.begin(), raws.end()});
  v1::BlockBody proto;
  proto.set_header(chars_of(in["header"]));
  for (const auto& raw : in["transactions"]) proto.add_transactions(chars_of(raw));
  EXPECT_EQ(bytes, state::encode(proto));
  return {{"bytes", hex(as_bytes(bytes))}};
}

json transactions_root(const json& in) {
  std::vector<Hash> leaves;
  for (const auto& raw : in["transactions"]) leaves.push_back(wire::leaf_of(bytes_of(raw)));
  return {{"leaf", leaves[0].to_hex()}, {"root", crypto::merkle_root(leaves).to_hex()}};
}

json transaction_id(const json& in) {
  const std::string text = chars_of(in["body"]);
  return {{"id", wire::transaction_id(text).to_hex()}, {"signed", hex(wire::signed_bytes(text))}};
}

json results(const json& in) {
  v1::BlockResults out;
  json leaves = json::array();
  for (const auto& given : in["results"]) {
    auto* result = out.add_results();
    result->set_tx_id(chars_of(given["tx_id"]));
    result->set_code(static_cast<v1::ErrorCode>(given["code"].get<int>()));
    result->set_action_index(given["action_index"]);
    for (const auto& event : given["events"]) {
      *result->add_events() = state::decode<v1::Event>(chars_of(event));
    }
    leaves.push_back(result_leaf(*result).to_hex());
  }
  for (const auto& event : in["due_events"]) {
    *out.add_due_events() = state::decode<v1::Event>(chars_of(event));
  }
  return {{"leaves", leaves},
          {"due_leaf", due_leaf(out.due_events()).to_hex()},
          {"root", results_root(out).to_hex()}};
}

json state_root(const json& in) {
  state::TreeChanges changes;
  for (const auto& [key, value] : in["pairs"].items()) changes[chars_of(key)] = chars_of(value);
  return {{"root", state::root_of_all(changes).to_hex()}};
}

json tip(const json& in) {
  TipRecord tip;
  tip.height = Height{in["height"]};
  tip.digest = fixed_of<Digest>(in["digest"]);
  tip.epoch = Epoch{in["epoch"]};
  tip.view = View{in["view"]};
  tip.time = WallMs{in["time_ms"]};
  tip.state_root = fixed_of<Root>(in["state_root"]);
  tip.results_root = fixed_of<Root>(in["results_root"]);
  tip.active = in["active"];
  EXPECT_EQ(decode_tip(encode(tip)), tip);
  return {{"bytes", hex(as_bytes(encode(tip)))}};
}

json block_frame(const json& in) {
  wire::BlockFrame frame;
  frame.epoch = Epoch{in["epoch"]};
  frame.digest = fixed_of<Digest>(in["digest"]);
  const Bytes bytes = bytes_of(in["bytes"]);
  frame.bytes = bytes;
  return {{"bytes", hex(wire::encode(frame))}};
}

TEST(LedgerVectors, all_hold) {
  const std::map<std::string, json (*)(const json&)> evals{
      {"header", header},
      {"validator_set", validator_set},
      {"body", body},
      {"transactions_root", transactions_root},
      {"transaction_id", transaction_id},
      {"results", results},
      {"results_root_of_genesis",
       [](const json&) { return json{{"root", empty_results_root().to_hex()}}; }},
      {"state_root", state_root},
      {"tip", tip},
      {"chain_id",
       [](const json& in) {
         return json{{"chain_id", chain_id_of(bytes_of(in["genesis"])).to_hex()}};
       }},
      {"block_frame", block_frame},
  };
  std::ifstream file{std::string{SALUS_SOURCE_DIR} + "/tests/vectors/ledger.json"};
  const json document = json::parse(file);
  ASSERT_EQ(document["format"], "salus.vectors.ledger.v1");
  for (const auto& vector : document["vectors"]) {
    const auto eval = evals.find(vector["eval"].get<std::string>());
    ASSERT_NE(eval, evals.end()) << vector["id"];
    EXPECT_EQ(eval->second(vector["in"]), vector["out"]) << vector["id"];
  }
}

}  // namespace
}  // namespace salus::ledger
