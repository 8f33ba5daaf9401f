// Owns: proof that block frames are read within their bounds.
#include "wire/block_frame.h"

#include <gtest/gtest.h>

#include <random>

namespace salus::wire {
namespace {

BlockFrame a_frame(const Bytes& bytes) {
  BlockFrame frame;
  frame.epoch = Epoch{2};
  frame.digest.bytes.fill(3);
  frame.bytes = bytes;
  return frame;
}

TEST(BlockFrame, has_golden_bytes) {
  const Bytes bytes{'a', 'b', 'c'};
  EXPECT_EQ(hex(encode(a_frame(bytes))),
            "0000000000000002"
            "0303030303030303030303030303030303030303030303030303030303030303"
            "00000003616263");
}

TEST(BlockFrame, reads_back_what_was_written) {
  const Bytes bytes{'a', 'b', 'c'};
  const Bytes encoded = encode(a_frame(bytes));
  const auto decoded = decode_block_frame(encoded);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->epoch, Epoch{2});
  EXPECT_EQ(decoded->digest, a_frame(bytes).digest);
  EXPECT_EQ(Bytes(decoded->bytes.begin(), decoded->bytes.end()), bytes);
}

TEST(BlockFrame, is_refused_when_its_length_or_epoch_is_wrong) {
  const Bytes bytes{'a', 'b', 'c'};
  Bytes encoded = encode(a_frame(bytes));
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_FALSE(decode_block_frame(ByteView{encoded}.first(size))) << size;
  }
  Bytes longer = encoded;
  longer.push_back(0);
  EXPECT_FALSE(decode_block_frame(longer));
  Bytes far_epoch = encoded;
  far_epoch[0] = 0x80;
  EXPECT_FALSE(decode_block_frame(far_epoch));
  // A claim of 4 GiB is refused before anything is read.
  for (std::size_t i = 40; i < 44; ++i) encoded[i] = 0xff;
  EXPECT_FALSE(decode_block_frame(encoded));
}

}  // namespace
}  // namespace salus::wire
