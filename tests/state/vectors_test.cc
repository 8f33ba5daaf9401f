// Owns: proof that proofs and parts are those of tests/vectors/proofs.json, which an independent
// program computed from docs/formats.md: a changed byte is a changed protocol.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "crypto/merkle.h"
#include "state/a_state.h"
#include "state/chunk.h"
#include "state/proof.h"
#include "state/prove.h"

namespace salus::state {
namespace {

using nlohmann::json;

std::string chars_of(const json& text) {
  return std::string{as_chars(*parse_hex(text.get<std::string>()))};
}
Hash hash_of_text(const json& text) { return *Hash::from_hex(text.get<std::string>()); }

test::AState a_state_of(const json& pairs) {
  test::AState state;
  TreeChanges changes;
  for (const auto& [key, value] : pairs.items()) changes[chars_of(key)] = chars_of(value);
  state.block(changes);
  return state;
}

json state_proof(const json& in) {
  const test::AState state = a_state_of(in["pairs"]);
  std::vector<std::string> keys;
  for (const auto& key : in["keys"]) keys.push_back(chars_of(key));
  const Bytes nodes = *prove(state.pages_at(state.tip()), keys);
  std::vector<Claim> claims;
  for (const std::string& key : keys) {
    const auto found = state.pairs_at(state.tip()).find(key);
    claims.push_back({key, std::nullopt});
    if (found != state.pairs_at(state.tip()).end()) claims.back().value = found->second;
  }
  EXPECT_TRUE(verify(state.root(), claims, nodes));
  return {{"root", state.root().to_hex()}, {"nodes", hex(nodes)}};
}

json part(const json& in) {
  const test::AState state = a_state_of(in["pairs"]);
  Path path;
  for (const auto& slot : in["path"]) path = path.child(slot.get<std::uint8_t>());
  const StateAt records{state.store(), state.tip()};
  const Bytes bytes = *make_chunk(state.pages_at(state.tip()), records, path,
                                  {.records = in["records"].get<std::size_t>()});
  EXPECT_TRUE(Chunk::verify({path, hash_of_text(in["hash"])}, bytes));
  return {{"bytes", hex(bytes)}};
}

json merkle_path(const json& in) {
  std::vector<Hash> leaves;
  for (const auto& leaf : in["leaves"]) leaves.push_back(hash_of_text(leaf));
  const auto index = in["index"].get<std::size_t>();
  json siblings = json::array();
  const auto path = crypto::merkle_siblings(leaves, index);
  for (const Hash& sibling : path) siblings.push_back(sibling.to_hex());
  const Root root = crypto::merkle_root(leaves);
  EXPECT_EQ(crypto::merkle_root_from(leaves[index], index, leaves.size(), path), root);
  return {{"root", root.to_hex()}, {"siblings", siblings}};
}

TEST(ProofVectors, all_hold) {
  const std::map<std::string, json (*)(const json&)> evals{
      {"state_proof", state_proof}, {"part", part}, {"merkle_path", merkle_path}};
  std::ifstream file{std::string{SALUS_SOURCE_DIR} + "/tests/vectors/proofs.json"};
  const json document = json::parse(file);
  ASSERT_EQ(document["format"], "salus.vectors.proofs.v1");
  for (const auto& vector : document["vectors"]) {
    const auto eval = evals.find(vector["eval"].get<std::string>());
    ASSERT_NE(eval, evals.end()) << vector["id"];
    EXPECT_EQ(eval->second(vector["in"]), vector["out"]) << vector["id"];
  }
}

}  // namespace
}  // namespace salus::state
