// Owns: proof that a digest names exactly one byte string, and that no other bytes become a block.
#include "ledger/block.h"

#include <gtest/gtest.h>

#include <random>

#include "crypto/merkle.h"
#include "salus/v1/chain.pb.h"
#include "state/record.h"
#include "wire/signed_transaction.h"

namespace salus::ledger {
namespace {

ChainId chain() { return *ChainId::from(std::string(32, 'c')); }
AccountId account(char fill) { return *AccountId::from(std::string(32, fill)); }
v1::TxBody a_body(std::uint64_t sequence = 0) {
  return test::transfer_body(chain(), account('a'), account('b'), sequence);
}

Header a_header() {
  Header header;
  header.chain_id = chain();
  header.view = View{1};
  header.height = Height{1};
  header.time = WallMs{1000};
  return header;
}

Validated<Block> a_block() {
  return Block::make(a_header(), {test::signed_transaction(a_body(0), {1}),
                                  test::signed_transaction(a_body(1), {1, 2})});
}

// The body of a header that names these very transactions, whatever they are.
std::string honest_body(const std::vector<std::string>& raws) {
  v1::BlockBody body;
  std::vector<Hash> leaves;
  for (const auto& raw : raws) {
    body.add_transactions(raw);
    leaves.push_back(wire::leaf_of(as_bytes(raw)));
  }
  Header header = a_header();
  header.transactions_root = crypto::merkle_root(leaves);
  body.set_header(std::string{as_chars(encode(header))});
  return state::encode(body);
}

BlockFault fault_of(const std::string& bytes) {
  const auto decoded = Block::decode_and_verify(as_bytes(bytes));
  EXPECT_FALSE(decoded.has_value());
  return decoded ? BlockFault{} : decoded.error();
}

TEST(Block, shows_its_head_whatever_follows) {
  const auto made = a_block();
  std::string bytes = made->bytes();
  bytes.back() ^= 1;
  bytes += "what belongs to no block";
  const auto head = Block::head_of(as_bytes(bytes));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header, made->header());
  EXPECT_EQ(head->digest, made->digest());
  EXPECT_FALSE(Block::head_of(as_bytes(bytes).first(kHeaderBytes)));
  EXPECT_FALSE(Block::head_of(as_bytes(bytes).subspan(1)));
  EXPECT_FALSE(Block::head_of({}));
}

TEST(Block, reads_back_what_was_made) {
  const auto made = a_block();
  const auto decoded = Block::decode_and_verify(as_bytes(made->bytes()));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ((*decoded)->digest(), made->digest());
  EXPECT_EQ((*decoded)->header(), made->header());
  EXPECT_EQ((*decoded)->bytes(), made->bytes());
  ASSERT_EQ((*decoded)->transactions().size(), 2U);
  EXPECT_EQ((*decoded)->transactions()[1].signers().size(), 2U);
  EXPECT_LE(made->bytes().size(), block_bytes_bound(2, made->transactions()[0].raw().size() +
                                                           made->transactions()[1].raw().size()));
}

TEST(Block, may_be_empty) {
  const auto made = Block::make(a_header(), {});
  EXPECT_TRUE(Block::decode_and_verify(as_bytes(made->bytes())).has_value());
}

// Who signed decides what a transaction may do, so another set of signatures is another block.
TEST(Block, with_other_signatures_of_the_same_transactions_has_another_digest) {
  const auto one = Block::make(a_header(), {test::signed_transaction(a_body(), {1})});
  const auto two = Block::make(a_header(), {test::signed_transaction(a_body(), {1, 2})});
  EXPECT_EQ(one->transactions()[0].id(), two->transactions()[0].id());
  EXPECT_NE(one->digest(), two->digest());
}

TEST(Block, is_invalid_for_ever_when_its_header_names_a_bad_transaction) {
  v1::Transaction wrong = test::signed_envelope(state::encode(a_body()), {1});
  wrong.mutable_signatures(0)->mutable_signature()->at(0) ^= 1;
  for (const std::string& raw : {std::string{"\xff\xff"}, state::encode(wrong)}) {
    const BlockFault fault = fault_of(honest_body({raw}));
    EXPECT_EQ(fault.kind, BlockFault::Kind::Invalid);
    EXPECT_FALSE(fault.digest.is_zero());
  }
}

TEST(Block, proves_nothing_when_its_transactions_are_not_the_headers) {
  v1::BlockBody body = state::decode<v1::BlockBody>(a_block()->bytes());
  body.mutable_transactions(0)->back() ^= 1;
  EXPECT_EQ(fault_of(state::encode(body)).kind, BlockFault::Kind::NotABlock);
  body.mutable_transactions()->RemoveLast();
  EXPECT_EQ(fault_of(state::encode(body)).kind, BlockFault::Kind::NotABlock);
}

TEST(Block, has_one_spelling_only) {
  // The length of the header, 230, in three bytes instead of two.
  std::string longer = a_block()->bytes();
  longer.replace(1, 2, std::string("\xe6\x81\x00", 3));
  EXPECT_EQ(fault_of(longer).kind, BlockFault::Kind::NotABlock);
  // An unknown field behind the last one.
  EXPECT_EQ(fault_of(a_block()->bytes() + "\x18\x01").kind, BlockFault::Kind::NotABlock);
}

TEST(Block, is_counted_before_memory_is_spent) {
  std::string many = Block::make(a_header(), {})->bytes();
  for (std::size_t i = 0; i <= kTransactionsPerBlockMax; ++i) many += std::string("\x12\x00", 2);
  EXPECT_EQ(fault_of(many).kind, BlockFault::Kind::NotABlock);
  EXPECT_EQ(fault_of(std::string(kBlockBytesMax + 1, '\x12')).kind, BlockFault::Kind::NotABlock);
}

TEST(Block, does_not_verify_again_what_is_known) {
  v1::Transaction wrong = test::signed_envelope(state::encode(a_body()), {1});
  wrong.mutable_signatures(0)->mutable_signature()->at(0) ^= 1;
  const std::string bytes = honest_body({state::encode(wrong)});
  auto decoded = Block::decode(as_bytes(bytes));
  ASSERT_TRUE(decoded.has_value());
  int asked = 0;
  const auto is_known = [&](const wire::Transaction& transaction) {
    ++asked;
    return transaction.raw() == state::encode(wrong);
  };
  EXPECT_TRUE(Block::verify(*decoded, is_known).has_value());
  EXPECT_EQ(asked, 1);
}

TEST(Block, of_mutated_bytes_is_refused_or_is_another_header) {
  std::mt19937_64 random{1};
  const auto made = a_block();
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = made->bytes();
    if (i % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
    }
    const auto decoded = Block::decode_and_verify(as_bytes(bytes));
    if (!decoded) continue;
    EXPECT_NE((*decoded)->digest(), made->digest()) << "seed 1, round " << i;
  }
}

TEST(Header, is_refused_unless_whole_and_below_the_end_of_ordinals) {
  const Bytes good = encode(a_header());
  EXPECT_FALSE(decode_header(ByteView{good}.first(kHeaderBytes - 1)));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_header(longer));
  // The first bytes of epoch, view, height and time.
  for (const std::size_t offset : {36U, 44U, 52U, 92U}) {
    Bytes far = good;
    far[offset] = 0x80;
    EXPECT_FALSE(decode_header(far)) << offset;
  }
}

}  // namespace
}  // namespace salus::ledger
