// Owns: our Ed25519 is RFC 8032's, refuses what weak implementations accept, and wipes what moved.
#include "crypto/ed25519.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace salus::crypto {
namespace {

Seed seed_of(std::string_view text) {
  const auto bytes = parse_hex(text);
  Seed out{};
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

class Ed25519 : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
};

TEST_F(Ed25519, signs_the_vectors_of_rfc_8032) {
  struct Case {
    const char* seed;
    const char* key;
    const char* message;
    const char* signature;
  };
  constexpr Case kCases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9"
       "b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "1"
       "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
  };
  for (const Case& row : kCases) {
    const KeyPair pair = KeyPair::from_seed(seed_of(row.seed));
    const Bytes message = *parse_hex(row.message);
    EXPECT_EQ(pair.public_key().to_hex(), row.key);
    EXPECT_EQ(pair.sign(message).to_hex(), row.signature);
    EXPECT_TRUE(verify(pair.public_key(), message, pair.sign(message)));
    EXPECT_EQ(pair.seed(), seed_of(row.seed));
  }
}

TEST_F(Ed25519, refuses_a_changed_message_key_or_signature) {
  Seed seed{};
  seed[0] = 1;
  const KeyPair pair = KeyPair::from_seed(seed);
  seed[0] = 2;
  const KeyPair other = KeyPair::from_seed(seed);
  const Bytes message = {1, 2, 3};
  const Signature good = pair.sign(message);
  EXPECT_FALSE(verify(pair.public_key(), Bytes{1, 2, 4}, good));
  EXPECT_FALSE(verify(other.public_key(), message, good));
  for (std::size_t at = 0; at < good.bytes.size(); ++at) {
    Signature bad = good;
    bad.bytes[at] ^= 0x40U;
    EXPECT_FALSE(verify(pair.public_key(), message, bad)) << at;
  }
}

TEST_F(Ed25519, refuses_a_second_spelling_of_a_signature) {
  Seed seed{};
  seed[5] = 9;
  const KeyPair pair = KeyPair::from_seed(seed);
  const Bytes message = {7};
  Signature twisted = pair.sign(message);
  // S + L, where L is the group order, little-endian: equal modulo L, hence a second spelling.
  const Bytes order =
      *parse_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = unsigned{twisted.bytes[32 + i]} + order[i] + carry;
    twisted.bytes[32 + i] = static_cast<std::uint8_t>(sum & 0xffU);
    carry = sum >> 8U;
  }
  EXPECT_FALSE(verify(pair.public_key(), message, twisted));
}

TEST_F(Ed25519, refuses_keys_of_small_order) {
  PublicKey identity;
  identity.bytes[0] = 1;
  Signature forged;
  forged.bytes[0] = 1;
  EXPECT_FALSE(verify(identity, Bytes{1}, forged));
  EXPECT_FALSE(verify(PublicKey{}, Bytes{1}, Signature{}));
}

TEST_F(Ed25519, wipes_the_pair_that_was_moved_from) {
  KeyPair first = KeyPair::from_seed(Seed{1});
  const KeyPair second = std::move(first);
  EXPECT_EQ(second.seed(), Seed{1});
  // Looking at the moved-from pair is the point of this test.
  EXPECT_EQ(first.seed(), Seed{});  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace salus::crypto
