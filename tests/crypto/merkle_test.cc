// Owns: the golden roots of list trees (computed by an independent Python program), and the promise
// that no two lists share a root.
#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "crypto/hash.h"

namespace salus::crypto {
namespace {

std::vector<Hash> leaves(std::uint8_t count) {
  std::vector<Hash> out;
  for (std::uint8_t i = 0; i < count; ++i) out.push_back(hash("salus.tx.1", Bytes{i}));
  return out;
}

TEST(MerkleRoot, has_golden_values) {
  struct Case {
    std::uint8_t count;
    const char* root;
  };
  constexpr Case kCases[] = {
      {0, "f8c187e7876c07988e3ecce96b96e607b5b08dda71574cd30b51c5b9b1d54e43"},
      {1, "07d93da9d325db26f5b8fb1fd1db67379c9ad54d37af19a28a65e53c428bb711"},
      {2, "4956ca36e7d055451c0c015fdc5cb47d0b710f486f6a9923a5ff03b59b994ab1"},
      {3, "38e906b35b991854402a29cb8523b7b6d0dc7b6c142ff78ff2ce333ae83db3dd"},
      {4, "03fc27cdc087abbfacd4c75accaaee19aca6b3c154b17e63c00172778801d113"},
      {5, "f1c578027382c76eb6dc9663164d5f4bd129cdca0a71fc434c5c7f1fc686e877"},
      {7, "d60e1c4deff4ec7e7f1db016197a5030dab722ba7ef544a7c7c364ce0168f5fc"},
      {8, "27deac204538c68cf4185d90f2adc28742bfd08b4ac2d9295c9ac0c15c89d0d5"},
  };
  for (const Case& row : kCases) {
    EXPECT_EQ(merkle_root(leaves(row.count)).to_hex(), row.root) << int{row.count};
  }
}

TEST(MerkleRoot, differs_for_every_count_and_order) {
  std::set<Root> roots;
  for (std::uint8_t count = 0; count < 40; ++count) roots.insert(merkle_root(leaves(count)));
  EXPECT_EQ(roots.size(), 40U);
  auto swapped = leaves(5);
  std::swap(swapped[1], swapped[3]);
  EXPECT_NE(merkle_root(swapped), merkle_root(leaves(5)));
}

TEST(MerkleRoot, of_one_zero_leaf_is_not_the_root_of_nothing) {
  EXPECT_NE(merkle_root(std::vector<Hash>{Hash{}}), merkle_root({}));
}

}  // namespace
}  // namespace salus::crypto
