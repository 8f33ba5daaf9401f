// Owns: proof that the way from a leaf to a list's root holds for that leaf at that place alone.
#include <gtest/gtest.h>

#include "crypto/merkle.h"

namespace salus::crypto {
namespace {

std::vector<Hash> leaves_of(std::size_t count) {
  std::vector<Hash> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
    out[i].bytes[31] = static_cast<std::uint8_t>(count);
  }
  return out;
}

TEST(MerklePath, leads_from_every_leaf_to_the_root) {
  for (std::size_t count = 1; count <= 70; ++count) {
    const auto leaves = leaves_of(count);
    for (std::size_t index = 0; index < count; ++index) {
      const auto siblings = merkle_siblings(leaves, index);
      EXPECT_LE(siblings.size(), 7U);
      EXPECT_EQ(merkle_root_from(leaves[index], index, count, siblings), merkle_root(leaves))
          << index << " of " << count;
    }
  }
}

TEST(MerklePath, with_any_part_changed_leads_elsewhere) {
  const auto leaves = leaves_of(11);
  const Root root = merkle_root(leaves);
  for (std::size_t index = 0; index < leaves.size(); ++index) {
    const auto siblings = merkle_siblings(leaves, index);
    for (std::size_t other = 0; other < 16; ++other) {
      if (other != index) {
        EXPECT_NE(merkle_root_from(leaves[index], other, 11, siblings), root);
      }
      if (other != 11) {
        EXPECT_NE(merkle_root_from(leaves[index], index, other, siblings), root);
      }
    }
    for (std::size_t bit = 0; bit < 256 * (siblings.size() + 1); ++bit) {
      Hash leaf = leaves[index];
      auto changed = siblings;
      Hash& at = bit < 256 ? leaf : changed[bit / 256 - 1];
      at.bytes[bit % 256 / 8] =
          static_cast<std::uint8_t>(at.bytes[bit % 256 / 8] ^ (1U << bit % 8));
      ASSERT_NE(merkle_root_from(leaf, index, 11, changed), root);
    }
    auto longer = siblings;
    longer.emplace_back();
    EXPECT_FALSE(merkle_root_from(leaves[index], index, 11, longer));
    longer.resize(siblings.size() - 1);
    EXPECT_FALSE(merkle_root_from(leaves[index], index, 11, longer));
  }
  EXPECT_FALSE(merkle_root_from({}, 0, 0, {}));
  EXPECT_FALSE(merkle_root_from({}, ~std::uint64_t{0}, 1, {}));
}

}  // namespace
}  // namespace salus::crypto
