// Owns: the spelling of bytes. A layout that reads back differently, or a reader that runs past its
// end, fails here before it reaches a signed byte.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <random>

namespace salus {
namespace {

using Name = FixedBytes<struct NameTag, 4>;

TEST(Hex, spells_lower_case_and_reads_either) {
  const Bytes bytes = {0x00, 0x7f, 0xab, 0xff};
  EXPECT_EQ(hex(bytes), "007fabff");
  EXPECT_EQ(parse_hex("007FabFF"), bytes);
  EXPECT_EQ(parse_hex(""), Bytes{});
}

TEST(Hex, refuses_what_is_not_hexadecimal) {
  for (const std::string_view text : {"0", "0g", "zz", " 00", "0x00", "00 "}) {
    EXPECT_EQ(parse_hex(text), std::nullopt) << text;
  }
}

TEST(Hex, of_random_bytes_reads_back) {
  std::mt19937_64 random{20240601};
  for (int round = 0; round < 200; ++round) {
    Bytes bytes(random() % 70);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    EXPECT_EQ(parse_hex(hex(bytes)), bytes) << "round " << round;
  }
}

TEST(FixedBytes, exists_only_at_its_length) {
  EXPECT_TRUE(Name::from(std::string_view{"abcd"}).has_value());
  EXPECT_FALSE(Name::from(std::string_view{"abc"}).has_value());
  EXPECT_FALSE(Name::from(std::string_view{"abcde"}).has_value());
  EXPECT_EQ(Name::from_hex("61626364"), Name::from(std::string_view{"abcd"}));
  EXPECT_FALSE(Name::from_hex("616263").has_value());
}

TEST(FixedBytes, is_zero_until_filled_and_orders_by_bytes) {
  EXPECT_TRUE(Name{}.is_zero());
  const Name low = *Name::from(std::string_view{"aaaa"});
  const Name high = *Name::from(std::string_view{"aaab"});
  EXPECT_FALSE(low.is_zero());
  EXPECT_LT(low, high);
  EXPECT_EQ(low.to_hex(), "61616161");
  EXPECT_EQ(low.to_string(), "aaaa");
}

TEST(ByteWriter, writes_big_endian) {
  ByteWriter out;
  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090a0b0c0d0e0f);
  out.bytes(as_bytes("xy"));
  out.sized(as_bytes("abc"));
  EXPECT_EQ(hex(out.out()),
            "0102030405060708090a0b0c0d0e0f"
            "7879"
            "00000003616263");
}

TEST(ByteReader, reads_what_was_written) {
  ByteWriter out;
  out.u8(7);
  out.u16(300);
  out.u32(70'000);
  out.u64(1ULL << 40U);
  out.sized(as_bytes("mira"));
  out.bytes(as_bytes("abcd"));
  ByteReader in{out.out()};
  EXPECT_EQ(in.u8(), 7);
  EXPECT_EQ(in.u16(), 300);
  EXPECT_EQ(in.u32(), 70'000U);
  EXPECT_EQ(in.u64(), 1ULL << 40U);
  EXPECT_EQ(as_chars(in.sized(4)), "mira");
  EXPECT_EQ(in.fixed<Name>().to_string(), "abcd");
  EXPECT_TRUE(in.done());
}

TEST(ByteReader, gives_zeros_after_a_short_read_and_stays_failed) {
  const Bytes three = {1, 2, 3};
  ByteReader in{three};
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, is_not_done_while_bytes_are_left) {
  const Bytes two = {1, 2};
  ByteReader in{two};
  EXPECT_EQ(in.u8(), 1);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.left(), 1U);
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, refuses_a_claimed_length_over_the_cap_or_over_what_is_there) {
  ByteWriter out;
  out.sized(as_bytes("abcdef"));
  ByteReader capped{out.out()};
  EXPECT_TRUE(capped.sized(5).empty());
  EXPECT_FALSE(capped.ok());
  const Bytes lie = {0xff, 0xff, 0xff, 0xff, 1};
  ByteReader short_of{lie};
  EXPECT_TRUE(short_of.sized(0xffffffff).empty());
  EXPECT_FALSE(short_of.ok());
}

}  // namespace
}  // namespace salus
