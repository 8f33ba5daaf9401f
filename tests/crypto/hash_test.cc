// Owns: the golden values of on-chain hashing. They were computed by Python's hashlib.blake2b, so
// a change of tag padding, digest length or order fails here.
#include "crypto/hash.h"

#include <gtest/gtest.h>

namespace salus::crypto {
namespace {

TEST(Hash, is_blake2b_256_over_padded_tag_and_content) {
  EXPECT_EQ(hash("salus.block.1", as_bytes("")).to_hex(),
            "8004cb6513ea04b1e0d18abe508cd6fec2410e7b28c68c9548dabf93973cb14c");
  EXPECT_EQ(hash("salus.block.1", as_bytes("abc")).to_hex(),
            "267d5860622f3be718d3d05ec3639f40114ddffeed1bc366eb7d120d2cb38f0f");
  EXPECT_EQ(hash("salus.genesis.1", as_bytes("abc")).to_hex(),
            "bada22e436efdd7d0003648e2c723036aeb952ac32c8f207e00e6b333cb59ffa");
  EXPECT_EQ(hash("sixteen.letters.", as_bytes("abc")).to_hex(),
            "2ec77b4197451dd87d9cfe487d4dfd031f9e4d0c1438b385af2cf6ca69a5495c");
}

TEST(Hash, separates_kinds_by_tag) {
  EXPECT_NE(hash("salus.block.1", as_bytes("abc")), hash("salus.tx.1", as_bytes("abc")));
  // The padding is part of the tag, so content cannot continue it.
  EXPECT_NE(hash("salus.tx.1", as_bytes("1")), hash("salus.tx.11", as_bytes("")));
}

TEST(Tag, is_padded_with_zeros_to_sixteen_bytes) {
  const auto tag = padded_tag("salus.tx.1");
  EXPECT_EQ(hex(tag), "73616c75732e74782e31000000000000");
}

TEST(TagDeathTest, of_seventeen_characters_is_a_bug_of_ours) {
  EXPECT_DEATH(padded_tag("salus.much.too.lo"), "at most 16 characters");
}

}  // namespace
}  // namespace salus::crypto
