// Owns: proof that proofs hold for what a state has and lacks, at every height, and for nothing
// else: each changed bit, key or value is refused.
#include "state/proof.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "state/a_state.h"
#include "state/prove.h"

namespace salus::state {
namespace {

using test::AState;
using test::naive_root;
using test::Pairs;

Root root_of_pairs(const Pairs& pairs) {
  return *Root::from(ByteView{*parse_hex(naive_root(pairs))});
}

std::vector<Claim> claims_of(const std::vector<std::string>& keys, const Pairs& pairs) {
  std::vector<Claim> out;
  for (const std::string& key : keys) {
    const auto found = pairs.find(key);
    out.push_back({key, std::nullopt});
    if (found != pairs.end()) out.back().value = found->second;
  }
  return out;
}

AState a_state_of(const Pairs& pairs) {
  AState state;
  TreeChanges changes;
  for (const auto& [key, value] : pairs) changes[key] = value;
  state.block(changes);
  return state;
}

Pairs pairs_to(int count) {
  Pairs out;
  for (int i = 0; i < count; ++i) out["key" + std::to_string(i)] = "value" + std::to_string(i);
  return out;
}

TEST(Proof, holds_for_random_keys_at_every_height) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random{seed};
    AState state;
    const std::uint64_t keys = 1 + random() % 300;
    for (int i = 0; i < 12; ++i) state.random_block(random, keys);
    for (Height at{0}; at <= state.tip(); at = at.next()) {
      const Pairs& pairs = state.pairs_at(at);
      for (int round = 0; round < 8; ++round) {
        std::set<std::string> chosen;
        for (std::uint64_t count = 1 + random() % 20; count > 0; --count) {
          chosen.insert("key" + std::to_string(random() % (keys + 5)));
        }
        const std::vector<std::string> sorted{chosen.begin(), chosen.end()};
        const auto nodes = prove(state.pages_at(at), sorted);
        ASSERT_TRUE(nodes);
        const Root root = root_of_pairs(pairs);
        ASSERT_TRUE(verify(root, claims_of(sorted, pairs), *nodes)) << "seed " << seed;
        // A lie about any one key is found.
        auto lie = claims_of(sorted, pairs);
        Claim& one = lie[random() % lie.size()];
        one.value = one.value && random() % 2 == 0 ? std::nullopt
                                                   : std::optional<std::string_view>{"a lie"};
        ASSERT_FALSE(verify(root, lie, *nodes)) << "seed " << seed;
      }
    }
  }
}

TEST(Proof, shares_what_several_keys_need) {
  const Pairs pairs = pairs_to(1'000);
  const AState state = a_state_of(pairs);
  std::vector<std::string> keys;
  std::size_t apart = 0;
  for (const auto& [key, value] : pairs) {
    if (keys.size() == 100) break;
    keys.push_back(key);
    apart += prove(state.pages_at(Height{1}), std::vector{key})->size();
  }
  const auto nodes = prove(state.pages_at(Height{1}), keys);
  ASSERT_TRUE(nodes);
  EXPECT_TRUE(verify(root_of_pairs(pairs), claims_of(keys, pairs), *nodes));
  EXPECT_LT(nodes->size() * 2, apart);
}

// Present, absent by an empty slot, absent by another leaf, and all of them together.
TEST(Proof, with_any_bit_changed_is_refused) {
  const Pairs pairs = pairs_to(40);
  const AState state = a_state_of(pairs);
  const Root root = root_of_pairs(pairs);
  std::set<std::uint8_t> kinds;
  std::vector<std::vector<std::string>> asked;
  for (int i = 0; i < 30; ++i) asked.push_back({"absent" + std::to_string(i)});
  asked.push_back({"key7"});
  asked.push_back({"absent1", "absent2", "key1", "key11", "key30", "other"});
  for (const auto& keys : asked) {
    const Bytes nodes = *prove(state.pages_at(Height{1}), keys);
    const auto claims = claims_of(keys, pairs);
    ASSERT_TRUE(verify(root, claims, nodes));
    for (std::size_t bit = 0; bit < nodes.size() * 8; ++bit) {
      Bytes changed = nodes;
      changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
      ASSERT_FALSE(verify(root, claims, changed)) << keys.front() << " bit " << bit;
    }
    for (std::size_t length = 0; length < nodes.size(); ++length) {
      ASSERT_FALSE(verify(root, claims, ByteView{nodes}.first(length)));
    }
    Bytes longer = nodes;
    longer.push_back(0);
    EXPECT_EQ(verify(root, claims, longer).error(), ProofError::Malformed);
    for (std::size_t bit = 0; bit < 256; ++bit) {
      Root other = root;
      other.bytes[bit / 8] = static_cast<std::uint8_t>(other.bytes[bit / 8] ^ (1U << (bit % 8)));
      ASSERT_EQ(verify(other, claims, nodes).error(), ProofError::OtherRoot);
    }
  }
}

TEST(Proof, with_any_bit_of_a_key_or_value_changed_is_refused) {
  const Pairs pairs = pairs_to(40);
  const AState state = a_state_of(pairs);
  const Root root = root_of_pairs(pairs);
  const Bytes nodes = *prove(state.pages_at(Height{1}), std::vector<std::string>{"key7"});
  for (std::size_t bit = 0; bit < 8 * 4; ++bit) {
    std::string key = "key7";
    key[bit / 8] = static_cast<char>(key[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify(root, std::vector<Claim>{{key, "value7"}}, nodes));
  }
  for (std::size_t bit = 0; bit < 8 * 6; ++bit) {
    std::string value = "value7";
    value[bit / 8] = static_cast<char>(value[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(verify(root, std::vector<Claim>{{"key7", value}}, nodes).error(),
              ProofError::OtherRoot);
  }
}

TEST(Proof, of_an_empty_state_says_that_all_is_absent) {
  const AState state;
  const auto nodes = prove(state.pages_at(Height{0}), std::vector<std::string>{"a", "b"});
  ASSERT_TRUE(nodes);
  EXPECT_EQ(hex(*nodes), "00");
  EXPECT_TRUE(verify(Root{}, claims_of({"a", "b"}, {}), *nodes));
}

TEST(Proof, refuses_each_wrong_form_by_its_name) {
  const Pairs pairs = pairs_to(40);
  const AState state = a_state_of(pairs);
  const Pages pages = state.pages_at(Height{1});
  const Root root = root_of_pairs(pairs);
  const Bytes nodes = *prove(pages, std::vector<std::string>{"key7"});
  const std::vector<Claim> present{{"key7", "value7"}};
  const std::string long_key(kProofKeyBytesMax + 1, 'k');

  EXPECT_EQ(verify(root, {}, nodes).error(), ProofError::NoKeys);
  EXPECT_EQ(prove(pages, {}).error(), ProofError::NoKeys);
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kProofKeysMax; ++i) many.push_back("key" + std::to_string(1000 + i));
  EXPECT_EQ(prove(pages, many).error(), ProofError::TooManyKeys);
  EXPECT_EQ(verify(root, claims_of(many, pairs), nodes).error(), ProofError::TooManyKeys);
  EXPECT_EQ(prove(pages, std::vector{long_key}).error(), ProofError::KeyTooLong);
  EXPECT_EQ(verify(root, claims_of({long_key}, pairs), nodes).error(), ProofError::KeyTooLong);
  for (const auto& keys : {std::vector<std::string>{"b", "a"}, {"a", "a"}}) {
    EXPECT_EQ(prove(pages, keys).error(), ProofError::KeysUnordered);
    EXPECT_EQ(verify(root, claims_of(keys, pairs), nodes).error(), ProofError::KeysUnordered);
  }
  EXPECT_EQ(verify(root, present, Bytes(kProofBytesMax + 1)).error(), ProofError::TooLarge);
  EXPECT_EQ(verify(root, present, {}).error(), ProofError::Malformed);
  EXPECT_EQ(verify(root, present, Bytes{4}).error(), ProofError::Malformed);
  EXPECT_EQ(verify(root, present, Bytes{0}).error(), ProofError::ClaimContradicted);
  EXPECT_EQ(verify(root, {{{"key7", std::nullopt}}}, nodes).error(), ProofError::ClaimContradicted);
  EXPECT_EQ(verify(Root{}, present, nodes).error(), ProofError::OtherRoot);
  for (int error = 0; error <= static_cast<int>(ProofError::OtherRoot); ++error) {
    EXPECT_GT(sentence(static_cast<ProofError>(error)).size(), 20U);
  }
}

// A leaf that is said to be somewhere else than its own path, and a way that never ends.
TEST(Proof, refuses_nodes_that_cannot_be_there) {
  const Hash key = key_hash("a");
  Hash elsewhere = key;
  elsewhere.bytes[0] = static_cast<std::uint8_t>(elsewhere.bytes[0] ^ 0x80U);
  ByteWriter out;
  out.u8(3);
  const bool is_right = bit_of(key, 0);
  if (is_right) out.bytes(Hash{}.view());
  out.u8(2);
  out.bytes(elsewhere.view());
  out.bytes(Hash{}.view());
  if (!is_right) out.bytes(Hash{}.view());
  EXPECT_EQ(verify(Root{}, claims_of({"a"}, {}), out.out()).error(), ProofError::Malformed);

  ByteWriter deep;
  for (std::size_t depth = 0; depth <= kDepthMax; ++depth) {
    deep.u8(3);
    if (depth < kDepthMax && bit_of(key, depth)) deep.bytes(Hash{}.view());
  }
  EXPECT_EQ(verify(Root{}, claims_of({"a"}, {}), deep.out()).error(), ProofError::Malformed);
}

}  // namespace
}  // namespace salus::state
