// Owns: two nodes that know each other have one link, whatever happens in between.
#include "net/transport.h"

#include <gtest/gtest.h>

#include <latch>

#include "harness.h"

namespace salus::net {
namespace {

constexpr FrameType kAllTypes[] = {FrameType::Vote,       FrameType::Certificate, FrameType::Block,
                                   FrameType::Fetch,      FrameType::Answer,      FrameType::Status,
                                   FrameType::Transaction};

bool linked(TestNode& a, TestNode& b) { return a.is_linked(b.id()) && b.is_linked(a.id()); }

TEST(Transport, carries_every_type_at_its_largest_both_ways) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));

  std::size_t sent = 0;
  for (const FrameType type : kAllTypes) {
    Bytes payload(*payload_cap(wire_type(type)), static_cast<std::uint8_t>(type));
    payload.back() = 0x5A;
    a.send(b.id(), type, payload);
    b.send(a.id(), type, payload);
    ++sent;
    ASSERT_TRUE(
        eventually([&] { return a.received_count() == sent && b.received_count() == sent; }, 10s));
    for (TestNode* node : {&a, &b}) {
      const Received last = node->received().back();
      EXPECT_EQ(last.type, type);
      EXPECT_EQ(last.payload, payload);
      EXPECT_EQ(last.from, node == &a ? b.id() : a.id());
    }
  }
  EXPECT_EQ(a.ups(), 1);
  EXPECT_EQ(a.downs(), 0);
}

TEST(Transport, keeps_the_order_of_one_class_and_counts_what_it_carried) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));

  for (std::uint8_t i = 0; i < 200; ++i) a.send(b.id(), FrameType::Vote, Bytes{i});
  ASSERT_TRUE(eventually([&] { return b.received_count() == 200; }));
  const auto received = b.received();
  for (std::uint8_t i = 0; i < 200; ++i) EXPECT_EQ(received[i].payload, Bytes{i});

  EXPECT_GE(a.status(b.id()).frames_out, 200U);
  EXPECT_GE(b.status(a.id()).bytes_in, 200U * 6);
  EXPECT_NE(a.status(b.id()).dialled_by_us, b.status(a.id()).dialled_by_us);
  EXPECT_EQ(b.status(a.id()).name, "node 1");
}

TEST(Transport, measures_the_round_trip) {
  Workers workers;
  NetConfig config = listening(0, {peer_at(2, 0)});
  config.limits.ping_ms = 50;
  TestNode a{workers, 1, config};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  EXPECT_TRUE(eventually([&] { return a.status(b.id()).rtt_us > 0; }));
}

TEST(Transport, drops_a_frame_of_our_own_above_its_cap) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));

  a.send(b.id(), FrameType::Vote, Bytes(kVoteBytesMax + 1));
  a.send(b.id(), FrameType::Vote, Bytes(kVoteBytesMax));
  ASSERT_TRUE(eventually([&] { return b.received_count() == 1; }));
  EXPECT_EQ(b.received().front().payload.size(), kVoteBytesMax);
  EXPECT_EQ(a.on_driver<std::uint64_t>([](auto& net) { return net.counters().oversized_out; }), 1U);
}

TEST(Transport, refuses_whoever_answers_with_another_key) {
  Workers workers;
  TestNode impostor{workers, 3, listening(0, {peer_at(1, 0)})};
  TestNode a{workers, 1, listening(0, {peer_at(2, impostor.port())})};
  ASSERT_TRUE(eventually([&] { return a.refused(LinkEnd::WrongIdentity) > 0; }));
  EXPECT_FALSE(a.is_linked(node_id(2)));
  EXPECT_FALSE(a.is_linked(node_id(3)));
  EXPECT_NE(a.status(node_id(2)).last_error.find("another key"), std::string::npos);
  EXPECT_EQ(impostor.ups(), 0);
}

TEST(Transport, refuses_a_node_it_does_not_know_and_tells_it_why) {
  Workers workers;
  TestNode a{workers, 1, listening(0)};
  TestNode unknown{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return a.refused(LinkEnd::NotAllowed) > 0; }));
  ASSERT_TRUE(eventually([&] { return !unknown.status(a.id()).last_error.empty(); }));
  EXPECT_NE(unknown.status(a.id()).last_error.find("neither a validator"), std::string::npos);
  EXPECT_EQ(unknown.ups(), 0);
}

TEST(Transport, admits_validators_and_lets_them_go_with_the_set) {
  Workers workers;
  TestNode a{workers, 1, listening(0)};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return a.refused(LinkEnd::NotAllowed) > 0; }));

  a.on_driver<void>([](auto& net) { net.set_validators({node_id(1), node_id(2)}); });
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));
  EXPECT_TRUE(a.status(b.id()).validator);

  a.on_driver<void>([](auto& net) { net.set_validators({node_id(1)}); });
  ASSERT_TRUE(eventually([&] { return a.downs() == 1 && b.downs() == 1; }));
  EXPECT_EQ(a.down_reasons().front(), LinkEnd::NotAllowed);
  EXPECT_EQ(b.down_reasons().front(), LinkEnd::RefusedByPeer);
}

TEST(Transport, admits_explicitly_allowed_nodes) {
  Workers workers;
  NetConfig config = listening(0);
  config.allowed = {node_id(2)};
  TestNode a{workers, 1, config};
  TestNode observer{workers, 2, listening(0, {peer_at(1, a.port())})};
  EXPECT_TRUE(eventually([&] { return linked(a, observer); }));
}

TEST(Transport, refuses_another_chain_and_tells_it_why) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())}), chain(2)};
  ASSERT_TRUE(eventually([&] { return a.refused(LinkEnd::WrongChain) > 0; }));
  ASSERT_TRUE(eventually([&] { return !b.status(a.id()).last_error.empty(); }));
  EXPECT_NE(b.status(a.id()).last_error.find("another chain"), std::string::npos);
  EXPECT_EQ(a.ups() + b.ups(), 0);
}

TEST(Transport, settles_two_dials_towards_each_other_on_one_link) {
  Workers workers;
  for (int round = 0; round < 50; ++round) {
    const std::uint16_t port_a = free_port();
    const std::uint16_t port_b = free_port();
    TestNode a{workers, 1, listening(port_a, {peer_at(2, port_b)})};
    TestNode b{workers, 2, listening(port_b, {peer_at(1, port_a)})};
    const auto settled = [&] {
      return linked(a, b) && a.status(b.id()).dialled_by_us != b.status(a.id()).dialled_by_us;
    };
    ASSERT_TRUE(eventually(settled)) << "round " << round;
    std::this_thread::sleep_for(20ms);
    ASSERT_TRUE(eventually(settled)) << "round " << round;
    EXPECT_EQ(a.ups() - a.downs(), 1) << "round " << round;
    a.send(b.id(), FrameType::Vote, Bytes{1});
    b.send(a.id(), FrameType::Vote, Bytes{2});
    ASSERT_TRUE(eventually([&] { return a.received_count() > 0 && b.received_count() > 0; }))
        << "round " << round;
  }
}

TEST(Transport, links_a_restarted_peer_again_quickly_and_for_ever) {
  Workers workers;
  const std::uint16_t port_a = free_port();
  const std::uint16_t port_b = free_port();
  TestNode a{workers, 1, listening(port_a, {peer_at(2, port_b)})};
  for (int life = 0; life < 5; ++life) {
    TestNode b{workers, 2, listening(port_b, {peer_at(1, port_a)})};
    ASSERT_TRUE(eventually([&] { return linked(a, b); }, 1s)) << "life " << life;
  }
  ASSERT_TRUE(eventually([&] { return !a.is_linked(node_id(2)); }));
  std::this_thread::sleep_for(500ms);
  TestNode b{workers, 2, listening(port_b, {peer_at(1, port_a)})};
  EXPECT_TRUE(eventually([&] { return linked(a, b); }, 1s));
}

TEST(Transport, dials_a_peer_that_only_listens_until_it_is_there) {
  Workers workers;
  const std::uint16_t port = free_port();
  TestNode a{workers, 1, listening(0, {peer_at(2, port)})};
  std::this_thread::sleep_for(400ms);
  EXPECT_FALSE(a.is_linked(node_id(2)));
  EXPECT_FALSE(a.status(node_id(2)).last_error.empty());
  TestNode b{workers, 2, listening(port, {peer_at(1, 0)})};
  EXPECT_TRUE(eventually([&] { return linked(a, b); }, 3s));
}

TEST(Transport, joins_four_nodes_each_to_each) {
  Workers workers;
  std::vector<PeerAddress> peers;
  for (std::uint8_t i = 1; i <= 4; ++i) peers.push_back(peer_at(i, free_port()));
  std::vector<std::unique_ptr<TestNode>> nodes;
  for (std::uint8_t i = 1; i <= 4; ++i) {
    nodes.push_back(
        std::make_unique<TestNode>(workers, i, listening(peers[i - std::size_t{1}].port, peers)));
  }
  const auto meshed = [&] {
    for (auto& a : nodes) {
      for (auto& b : nodes) {
        if (a != b && !a->is_linked(b->id())) return false;
      }
    }
    return true;
  };
  ASSERT_TRUE(eventually(meshed));
  std::this_thread::sleep_for(100ms);
  ASSERT_TRUE(eventually(meshed));
  for (auto& node : nodes) {
    node->on_driver<void>([](auto& net) { net.broadcast(FrameType::Status, Bytes{9}); });
  }
  for (auto& node : nodes) {
    EXPECT_TRUE(eventually([&] { return node->received_count() == 3; }));
  }
}

TEST(Transport, holds_little_for_a_slow_reader_and_lets_votes_overtake) {
  Workers workers;
  constexpr std::size_t kBulkFrames = 200;
  constexpr std::size_t kBulkBytes = std::size_t{256} << 10U;
  NetConfig config = listening(0, {peer_at(2, 0)});
  config.limits.bulk_queue_bytes_max = std::size_t{16} << 20U;
  TestNode a{workers, 1, config};
  NetConfig slow = listening(0, {peer_at(1, a.port())});
  slow.limits.inbound_bytes_max = std::size_t{1} << 20U;
  TestNode b{workers, 2, slow};
  std::latch may_go_on{1};
  b.when_received = [&](TlsTransport&, const Received&) { may_go_on.wait(); };
  ASSERT_TRUE(eventually([&] { return a.is_linked(b.id()); }));

  for (std::size_t i = 0; i < kBulkFrames; ++i)
    a.send(b.id(), FrameType::Answer, Bytes(kBulkBytes));
  std::this_thread::sleep_for(300ms);
  const LinkStatus full = a.status(b.id());
  EXPECT_GT(full.dropped_bulk, 0U);
  EXPECT_LE(full.queued_bytes, config.limits.bulk_queue_bytes_max);
  EXPECT_GT(full.queued_bytes, config.limits.bulk_queue_bytes_max / 2);

  a.send(b.id(), FrameType::Vote, Bytes{1});
  may_go_on.count_down();
  const std::size_t arriving = kBulkFrames - full.dropped_bulk + 1;
  ASSERT_TRUE(eventually([&] { return b.received_count() == arriving; }, 10s));
  const auto received = b.received();
  const auto vote = std::find_if(received.begin(), received.end(),
                                 [](const Received& one) { return one.type == FrameType::Vote; });
  ASSERT_NE(vote, received.end());
  // All that still waited in our queue comes after it.
  EXPECT_GE(static_cast<std::size_t>(received.end() - vote), full.queued_bytes / kBulkBytes);
  EXPECT_EQ(a.downs(), 0);
}

TEST(Transport, reads_a_chatty_peer_slower_and_loses_nothing) {
  Workers workers;
  NetConfig config = listening(0, {peer_at(2, 0)});
  config.limits.consensus_frames_per_s = 1'000;
  config.limits.consensus_frames_burst = 200;
  TestNode a{workers, 1, config};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));

  constexpr std::size_t kVotes = 900;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kVotes; ++i) b.send(a.id(), FrameType::Vote, Bytes(200));
  ASSERT_TRUE(eventually([&] { return a.received_count() == kVotes; }));
  // The last read may run into debt by what it carries: 16 KiB, 80 such votes.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 500ms);
  EXPECT_EQ(a.downs(), 0);
}

TEST(Transport, punishes_by_closing_and_refusing_and_forgives_in_time) {
  Workers workers;
  const std::uint16_t port_a = free_port();
  const std::uint16_t port_b = free_port();
  NetConfig config = listening(port_a, {peer_at(2, port_b)});
  config.limits.punish_ms_min = 300;
  config.limits.punish_ms_max = 500;
  TestNode a{workers, 1, config};
  TestNode b{workers, 2, listening(port_b, {peer_at(1, port_a)})};
  // Doubled from 300, and capped at 500.
  for (const auto& [least, most] : {std::pair{1, 300}, {301, 500}, {301, 500}}) {
    ASSERT_TRUE(eventually([&] { return linked(a, b); }));
    a.on_driver<void>([](auto& net) { net.punish(node_id(2)); });
    const LinkStatus status = a.status(b.id());
    EXPECT_FALSE(status.connected);
    EXPECT_GE(status.punished_ms, static_cast<std::uint64_t>(least));
    EXPECT_LE(status.punished_ms, static_cast<std::uint64_t>(most));
    EXPECT_TRUE(eventually([&] { return !b.is_linked(a.id()); }));
  }
  EXPECT_EQ(a.down_reasons().back(), LinkEnd::Punished);
}

TEST(Transport, delivers_nothing_more_of_a_peer_once_it_is_punished) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  a.when_received = [](TlsTransport& net, const Received& frame) { net.punish(frame.from); };
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));
  b.on_driver<void>([&](auto& net) {
    for (int i = 0; i < 100; ++i) net.send(a.id(), FrameType::Vote, Bytes{1});
  });
  ASSERT_TRUE(eventually([&] { return b.downs() == 1; }));
  EXPECT_EQ(a.received_count(), 1U);
}

TEST(Transport, may_be_stopped_from_inside_a_callback) {
  Workers workers;
  TestNode a{workers, 1, listening(0, {peer_at(2, 0)})};
  TestNode b{workers, 2, listening(0, {peer_at(1, a.port())})};
  a.when_received = [](TlsTransport& net, const Received&) { net.stop(); };
  ASSERT_TRUE(eventually([&] { return linked(a, b); }));
  for (int i = 0; i < 10; ++i) b.send(a.id(), FrameType::Vote, Bytes{1});
  ASSERT_TRUE(eventually([&] { return b.downs() >= 1; }));
  EXPECT_EQ(a.received_count(), 1U);
  EXPECT_EQ(a.downs(), 0);
}

TEST(Transport, leaves_no_work_behind_when_it_stops) {
  boost::asio::io_context io;
  const auto driver = boost::asio::make_strand(io);
  const std::uint16_t port_a = free_port();
  const std::uint16_t port_b = free_port();
  int ups = 0;
  const auto counting = [&] {
    return Callbacks{.on_frame = [](const NodeId&, FrameType, Bytes, const Receipt&) {},
                     .on_link_up = [&](const NodeId&) { ++ups; },
                     .on_link_down = [](const NodeId&, LinkEnd) {}};
  };
  TlsTransport a{io, driver, key(1), chain(1), listening(port_a, {peer_at(2, port_b)}), counting()};
  TlsTransport b{io,
                 driver,
                 key(2),
                 chain(1),
                 listening(port_b, {peer_at(1, port_a), peer_at(3, free_port())}),
                 counting()};
  ASSERT_TRUE(a.start());
  ASSERT_TRUE(b.start());
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (ups < 2 && std::chrono::steady_clock::now() < end) io.run_for(10ms);
  EXPECT_GE(ups, 2);

  a.stop();
  b.stop();
  const auto stopped = std::chrono::steady_clock::now();
  io.run();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 500ms);
}

TEST(Transport, says_why_it_cannot_listen) {
  boost::asio::io_context io;
  const auto attempt = [&](NetConfig config) {
    TlsTransport net{io, io.get_executor(), key(1), chain(1), std::move(config), {}};
    const auto started = net.start();
    EXPECT_FALSE(started);
    return started ? NetError{} : started.error();
  };
  NetConfig named;
  named.listen_host = "not an address";
  EXPECT_EQ(attempt(named).kind, NetErrorKind::BadListenAddress);

  boost::asio::ip::tcp::acceptor taken{io, {boost::asio::ip::address_v4::loopback(), 0}};
  const NetError error = attempt(listening(taken.local_endpoint().port()));
  EXPECT_EQ(error.kind, NetErrorKind::ListenFailed);
  EXPECT_NE(error.reason.find("port is free"), std::string::npos);
}

}  // namespace
}  // namespace salus::net
