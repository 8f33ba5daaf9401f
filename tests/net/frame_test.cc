// Owns: the bytes of a frame, and that no claim of a length costs memory above its type's cap.
#include "net/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "net/link_end.h"

namespace salus::net {
namespace {

Hello a_hello() {
  Hello hello;
  hello.chain.bytes.fill(0xC4);
  hello.instance = 0x0102030405060708;
  return hello;
}

Bytes hello_frame() { return encode_frame(kHelloFrame, encode_hello(a_hello())); }

// What a reader that was greeted says to a bare header.
std::optional<LinkEnd> answer_to(std::uint8_t type, std::uint32_t length) {
  FrameReader reader;
  std::vector<Frame> out;
  EXPECT_FALSE(reader.feed(hello_frame(), out));
  ByteWriter header;
  header.u8(type);
  header.u32(length);
  return reader.feed(header.out(), out);
}

TEST(Frame, is_a_type_a_big_endian_length_and_the_payload) {
  EXPECT_EQ(hex(encode_frame(wire_type(FrameType::Fetch), as_bytes("abc"))), "0400000003616263");
  EXPECT_EQ(hex(encode_frame(kGoodbyeFrame, Bytes{6})), "f30000000106");
}

TEST(Frame, of_a_hello_has_golden_bytes) {
  std::string chain;
  for (int i = 0; i < 32; ++i) chain += "c4";
  EXPECT_EQ(hex(hello_frame()), "f00000002a0001" + chain + "0102030405060708");
}

TEST(Frame, is_refused_one_byte_above_the_cap_of_its_type) {
  struct Case {
    const char* name;
    std::uint8_t type;
    std::uint32_t cap;
  };
  constexpr Case kCases[] = {
      {.name = "vote", .type = 1, .cap = 256},
      {.name = "certificate", .type = 2, .cap = 9 * 1024},
      {.name = "block", .type = 3, .cap = 8 * 1024 * 1024 + 64 * 1024},
      {.name = "fetch", .type = 4, .cap = 256},
      {.name = "answer", .type = 5, .cap = 9 * 1024 * 1024},
      {.name = "status", .type = 6, .cap = 64 * 1024},
      {.name = "transaction", .type = 7, .cap = 80 * 1024},
      {.name = "hello", .type = 240, .cap = 256},
      {.name = "ping", .type = 241, .cap = 8},
      {.name = "pong", .type = 242, .cap = 8},
      {.name = "goodbye", .type = 243, .cap = 1},
  };
  for (const Case& row : kCases) {
    EXPECT_EQ(answer_to(row.type, row.cap), std::nullopt) << row.name;
    EXPECT_EQ(answer_to(row.type, row.cap + 1), LinkEnd::OversizedFrame) << row.name;
    EXPECT_EQ(answer_to(row.type, 0xFFFFFFFF), LinkEnd::OversizedFrame) << row.name;
  }
}

TEST(Frame, of_an_unknown_type_is_refused) {
  for (const int type : {0, 8, 100, 239, 244, 255}) {
    EXPECT_EQ(answer_to(static_cast<std::uint8_t>(type), 0), LinkEnd::UnknownFrame) << type;
  }
}

TEST(Frame, before_the_hello_is_refused) {
  for (int type = 0; type < 256; ++type) {
    FrameReader reader;
    std::vector<Frame> out;
    const auto refused = reader.feed(encode_frame(static_cast<std::uint8_t>(type), {}), out);
    const bool first = type == kHelloFrame || type == kGoodbyeFrame;
    EXPECT_EQ(!refused, first) << type;
  }
}

TEST(FrameReader, finds_the_same_frames_however_the_stream_is_cut) {
  std::mt19937_64 chance{20'240'607};
  for (int round = 0; round < 200; ++round) {
    Bytes stream = hello_frame();
    std::vector<Bytes> sent;
    for (int i = 0; i < 20; ++i) {
      Bytes payload(chance() % 257);
      for (auto& byte : payload) byte = static_cast<std::uint8_t>(chance());
      const Bytes frame = encode_frame(wire_type(FrameType::Vote), payload);
      stream.insert(stream.end(), frame.begin(), frame.end());
      sent.push_back(std::move(payload));
    }
    FrameReader reader;
    std::vector<Frame> out;
    for (ByteView left{stream}; !left.empty();) {
      const std::size_t cut = std::min<std::size_t>(left.size(), 1 + chance() % 300);
      ASSERT_FALSE(reader.feed(left.first(cut), out)) << "seed 20240607 round " << round;
      left = left.subspan(cut);
    }
    ASSERT_EQ(out.size(), sent.size() + 1) << "seed 20240607 round " << round;
    for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(out[i + 1].payload, sent[i]);
  }
}

TEST(FrameReader, survives_noise_and_never_holds_more_than_came) {
  std::mt19937_64 chance{7};
  for (int round = 0; round < 2'000; ++round) {
    FrameReader reader;
    std::vector<Frame> out;
    ASSERT_FALSE(reader.feed(hello_frame(), out));
    Bytes noise(1 + chance() % 400);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(chance() % 9);
    if (reader.feed(noise, out)) continue;
    std::size_t held = 0;
    for (const Frame& frame : out) held += frame.payload.size();
    EXPECT_LE(held, noise.size() + encode_hello(a_hello()).size()) << "seed 7 round " << round;
  }
}

TEST(Hello, is_judged_by_version_first_then_layout_then_chain) {
  const ChainId chain = a_hello().chain;
  Hello read;
  EXPECT_EQ(check_hello(encode_hello(a_hello()), chain, read), std::nullopt);
  EXPECT_EQ(read.instance, a_hello().instance);

  Hello later = a_hello();
  later.version = 2;
  EXPECT_EQ(check_hello(encode_hello(later), chain, read), LinkEnd::WrongVersion);
  EXPECT_EQ(check_hello(Bytes{0, 2, 99}, chain, read), LinkEnd::WrongVersion);
  EXPECT_EQ(check_hello(Bytes{0, 1, 99}, chain, read), LinkEnd::MalformedFrame);
  EXPECT_EQ(check_hello({}, chain, read), LinkEnd::MalformedFrame);
  EXPECT_EQ(check_hello(encode_hello(a_hello()), ChainId{}, read), LinkEnd::WrongChain);

  Bytes longer = encode_hello(a_hello());
  longer.push_back(0);
  EXPECT_EQ(check_hello(longer, chain, read), LinkEnd::MalformedFrame);
}

TEST(LinkEnd, has_a_sentence_for_each_reason_and_none_for_strangers) {
  for (int value = 1; value <= kLinkEndLast; ++value) {
    const auto end = parse_link_end(static_cast<std::uint8_t>(value));
    ASSERT_TRUE(end) << value;
    EXPECT_TRUE(sentence(*end).ends_with('.')) << value;
  }
  EXPECT_FALSE(parse_link_end(0));
  EXPECT_FALSE(parse_link_end(kLinkEndLast + 1));
}

}  // namespace
}  // namespace salus::net
