// Owns: what strangers and broken peers send costs them their connection and us next to nothing.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <random>

#include "harness.h"

namespace salus::net {
namespace {

NetConfig knowing_node_2() { return listening(0, {peer_at(2, 0)}); }

TEST(Hostile, noise_and_http_are_closed_and_counted) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  EXPECT_TRUE(is_closed_after(a.port(), "GET / HTTP/1.1\r\nHost: salus\r\n\r\n", 2s));
  EXPECT_TRUE(is_closed_after(a.port(), std::string(4'000, '\xFF'), 2s));
  std::mt19937_64 chance{3};
  for (int i = 0; i < 50; ++i) {
    std::string noise(600, '\0');
    for (char& byte : noise) byte = static_cast<char>(chance());
    EXPECT_TRUE(is_closed_after(a.port(), noise, 2s)) << "seed 3 round " << i;
  }
  EXPECT_TRUE(eventually([&] { return a.refused(LinkEnd::HandshakeFailed) == 52; }));

  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  EXPECT_TRUE(eventually([&] { return a.is_linked(b.id()); }));
}

TEST(Hostile, silence_ends_at_the_deadline) {
  Workers workers;
  NetConfig config = knowing_node_2();
  config.limits.setup_ms_max = 300;
  TestNode a{workers, 1, config};
  EXPECT_TRUE(is_closed_after(a.port(), "", 2s));
  Stranger mute{a.port(), 2};
  EXPECT_FALSE(mute.failed());
  EXPECT_FALSE(mute.hear());
  EXPECT_TRUE(eventually([&] { return a.refused(LinkEnd::TooSlow) == 2; }));
}

TEST(Hostile, older_tls_no_certificate_other_keys_and_other_protocols_get_no_link) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  using Context = boost::asio::ssl::context;

  Context old{Context::tls};
  SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_2_VERSION);
  EXPECT_TRUE((Stranger{a.port(), old}.failed()));

  // In TLS 1.3 the client is done before the server has looked at its certificate.
  const unsigned char alpn[] = "\x07salus/1";
  Context bare{Context::tls};
  SSL_CTX_set_alpn_protos(bare.native_handle(), alpn, 8);
  Stranger nameless{a.port(), bare};
  EXPECT_FALSE(nameless.hear());

  const unsigned char other[] = "\x02h2";
  Context web{Context::tls};
  SSL_CTX_set_alpn_protos(web.native_handle(), other, 3);
  EXPECT_TRUE((Stranger{a.port(), web}.failed()));

  EXPECT_TRUE(eventually([&] { return a.refused(LinkEnd::HandshakeFailed) == 3; }));
  EXPECT_EQ(a.ups(), 0);
}

TEST(Hostile, a_client_without_our_protocol_name_gets_no_link) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  boost::asio::ssl::context plain{boost::asio::ssl::context::tls};
  Stranger stranger{a.port(), plain};
  EXPECT_FALSE(stranger.hear());
  EXPECT_TRUE(eventually([&] { return a.refused(LinkEnd::HandshakeFailed) == 1; }));
}

TEST(Hostile, another_version_is_told_so) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  Stranger later{a.port(), 2};
  later.say(kHelloFrame, Bytes{0, 2, 7, 7, 7});
  EXPECT_EQ(later.hear_goodbye(), LinkEnd::WrongVersion);
  EXPECT_EQ(a.status(node_id(2)).punished_ms, 0U);
}

TEST(Hostile, breaches_close_the_link_and_are_punished) {
  struct Case {
    const char* name;
    Bytes bytes;
    LinkEnd end;
  };
  const Case cases[] = {
      {"a vote above its cap", {1, 0, 0, 1, 1}, LinkEnd::OversizedFrame},
      {"a block of 4 GiB", {3, 0xFF, 0xFF, 0xFF, 0xFF}, LinkEnd::OversizedFrame},
      {"an unknown type", {99, 0, 0, 0, 0}, LinkEnd::UnknownFrame},
      {"a second hello", encode_frame(kHelloFrame, encode_hello({})), LinkEnd::MalformedFrame},
      {"a short ping", encode_frame(kPingFrame, Bytes{1}), LinkEnd::MalformedFrame},
  };
  for (const Case& row : cases) {
    Workers workers;
    TestNode a{workers, 1, knowing_node_2()};
    Stranger peer{a.port(), 2};
    peer.say_hello();
    ASSERT_TRUE(eventually([&] { return a.ups() == 1; })) << row.name;
    peer.say_bytes(row.bytes);
    EXPECT_EQ(peer.hear_goodbye(), row.end) << row.name;
    EXPECT_TRUE(eventually([&] { return a.ended(row.end) == 1; })) << row.name;
    EXPECT_GT(a.status(node_id(2)).punished_ms, 0U) << row.name;

    Stranger again{a.port(), 2};
    again.say_hello();
    EXPECT_EQ(again.hear_goodbye(), LinkEnd::Punished) << row.name;
  }
}

TEST(Hostile, frames_before_the_hello_end_the_connection) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  Stranger hasty{a.port(), 2};
  hasty.say(wire_type(FrameType::Vote), Bytes{1});
  EXPECT_EQ(hasty.hear_goodbye(), LinkEnd::MalformedFrame);
  EXPECT_EQ(a.received_count(), 0U);
}

TEST(Hostile, a_peer_that_falls_silent_is_noticed) {
  Workers workers;
  NetConfig config = knowing_node_2();
  config.limits.ping_ms = 100;
  config.limits.silent_ms_max = 500;
  TestNode a{workers, 1, config};
  Stranger mute{a.port(), 2};
  mute.say_hello();
  ASSERT_TRUE(eventually([&] { return a.ups() == 1; }));
  ASSERT_TRUE(eventually([&] { return a.downs() == 1; }, 2s));
  EXPECT_EQ(a.down_reasons().front(), LinkEnd::Silent);
}

TEST(Hostile, a_peer_that_takes_nothing_is_noticed) {
  Workers workers;
  NetConfig config = knowing_node_2();
  config.limits.stalled_ms_max = 500;
  TestNode a{workers, 1, config};
  Stranger full{a.port(), 2};
  full.say_hello();
  ASSERT_TRUE(eventually([&] { return a.ups() == 1; }));
  for (int i = 0; i < 3; ++i) a.send(node_id(2), FrameType::Answer, Bytes(kAnswerBytesMax));
  ASSERT_TRUE(eventually([&] { return a.downs() == 1; }));
  EXPECT_EQ(a.down_reasons().front(), LinkEnd::Stalled);
}

// The driver says when it is done with a frame; that it has it is not enough.
TEST(Hostile, a_peer_whose_frames_wait_for_the_driver_is_not_read_and_the_others_are) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0), peer_at(3, 0)})};
  a.hoards = true;
  Stranger flooder{a.port(), 2};
  Stranger other{a.port(), 3};
  flooder.say_hello();
  other.say_hello();
  ASSERT_TRUE(eventually([&] { return a.ups() == 2; }));

  constexpr std::size_t kFrames = 20'000;
  constexpr std::size_t kReadBytes = std::size_t{16} << 10U;
  const Bytes frame = encode_frame(wire_type(FrameType::Answer), Bytes(14));
  Bytes flood;
  for (std::size_t i = 0; i < kFrames; ++i) flood.insert(flood.end(), frame.begin(), frame.end());
  std::jthread flooding{[&] { flooder.say_bytes(flood); }};
  const std::size_t least = NetLimits{}.inbound_frames_max;
  ASSERT_TRUE(eventually([&] { return a.received_count() >= least; }));
  other.say(wire_type(FrameType::Vote), Bytes{5});
  EXPECT_TRUE(eventually([&] { return a.received().back().from == node_id(3); }));
  const std::size_t most = least + kReadBytes / frame.size() + 1;
  EXPECT_FALSE(eventually([&] { return a.received_count() > most + 1; }, 300ms));

  EXPECT_TRUE(eventually([&] {
    a.hand_back();
    return a.received_count() == kFrames + 1;
  })) << "nothing is lost";
}

TEST(Hostile, a_restarted_peer_replaces_the_link_of_its_last_life) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  Stranger first{a.port(), 2};
  first.say_hello(chain(1), 1);
  ASSERT_TRUE(eventually([&] { return a.ups() == 1; }));
  Stranger second{a.port(), 2};
  second.say_hello(chain(1), 2);
  ASSERT_TRUE(eventually([&] { return a.ups() == 2; }));
  EXPECT_EQ(first.hear_goodbye(), LinkEnd::Replaced);
  EXPECT_EQ(a.down_reasons(), std::vector{LinkEnd::Replaced});
  second.say(wire_type(FrameType::Vote), Bytes{5});
  EXPECT_TRUE(eventually([&] { return a.received_count() == 1; }));
}

TEST(Hostile, a_crowd_of_half_open_connections_does_not_keep_the_honest_one_out) {
  Workers workers;
  TestNode a{workers, 1, knowing_node_2()};
  boost::asio::io_context io;
  std::vector<boost::asio::ip::tcp::socket> crowd;
  const auto join = [&] {
    crowd.emplace_back(io).connect({boost::asio::ip::address_v4::loopback(), a.port()});
  };
  for (int i = 0; i < 200; ++i) join();
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  for (int i = 0; i < 10; ++i) join();
  EXPECT_TRUE(eventually([&] { return a.is_linked(b.id()) && b.is_linked(a.id()); }, 2s));
  // 210 came, 32 of one source may stay, and one of those that were there was honest.
  EXPECT_TRUE(eventually([&] { return a.refused(LinkEnd::Evicted) >= 210 - 32; }));
}

}  // namespace
}  // namespace salus::net
