// Owns: what a peer sends faster than the replica takes it waits in the peer's own socket.
//
// Frames once left their link's inbound budget when they were queued for the driver, not when it
// was done with them. The queue had no limit: a peer that sent answers nobody had asked for, faster
// than they were stepped, took the node's memory, and all others' votes waited behind them.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "net/harness.h"
#include "node/a_network_of_one.h"
#include "node/driver.h"
#include "node/system_clock.h"
#include "sync/messages.h"

namespace salus::node {
namespace {

constexpr std::uint8_t kFlooder = 2;
constexpr std::uint8_t kOther = 3;

// Each turn reads it: a replica that is slower than the links.
class SlowClock final : public Clock {
 public:
  MonoMs mono() const override {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    return real_.mono();
  }
  WallMs wall() const override { return real_.wall(); }

 private:
  SystemClock real_;
};

// What one read of a link brings at most.
constexpr std::size_t kReadBytes = std::size_t{16} << 10U;

// Of a kind that no rate limits and nothing punishes.
Bytes a_frame() {
  const Bytes payload = sync::encode(sync::AnswerMessage{sync::PrunedAnswer{Height{1}}});
  return net::encode_frame(net::wire_type(FrameType::Answer), payload);
}

// A lone validator with real links, whose driver is slow.
class ALinkedNode {
 public:
  explicit ALinkedNode(Start start)
      : disk_(std::move(start.disk)),
        strand_(boost::asio::make_strand(workers_.io)),
        links_(
            workers_.io, strand_, disk_->node_key, disk_->genesis.chain_id,
            net::listening(0, {net::peer_at(kFlooder, 0), net::peer_at(kOther, 0)}),
            {.on_frame =
                 [this](const NodeId& from, FrameType type, Bytes payload, net::Receipt receipt) {
                   driver_->receive({.from = from, .type = type, .payload = std::move(payload)},
                                    std::move(receipt));
                 },
             .on_link_up = [this](const NodeId& peer) { driver_->link_up(peer); },
             .on_link_down = [this](const NodeId& peer,
                                    net::LinkEnd) { driver_->link_down(peer); }}) {
    DriverParts parts{.clock = clock_,
                      .store = *disk_->store,
                      .log = disk_->journal,
                      .signer = &*disk_->guard,
                      .transport = links_,
                      .punish =
                          [this](const NodeId& peer) {
                            if (peer == net::node_id(kOther)) heard = true;
                          },
                      .discard_journal = [](LogPosition) {},
                      .restrict_key = {},
                      .on_reply = [](const replica::Reply&) {},
                      .on_finalized = [](Height) {}};
    driver_ = std::make_unique<Driver>(
        workers_.io, strand_, std::move(parts),
        replica::Replica{start.config, *disk_->store, std::move(start.ledger),
                         std::move(start.recovery)},
        /*verify_threads=*/1);
    on_strand([this] {
      EXPECT_TRUE(links_.start());
      driver_->start();
    });
  }

  ~ALinkedNode() {
    on_strand([this] {
      links_.stop();
      driver_->halt();
    });
    driver_->join();
    // What its threads told the strand last.
    on_strand([] {});
  }

  template <typename Work>
  auto on_strand(Work work) -> decltype(work()) {
    std::packaged_task<decltype(work())()> task{work};
    auto done = task.get_future();
    boost::asio::post(strand_, [task = std::move(task)]() mutable { task(); });
    return done.get();
  }

  std::uint16_t port() {
    return on_strand([this] { return links_.listen_port(); });
  }
  bool is_linked(std::uint8_t number) {
    return on_strand([&] { return links_.is_linked(net::node_id(number)); });
  }
  std::size_t waiting(std::uint8_t number) {
    return on_strand([&] { return driver_->inbox().count(net::node_id(number)); });
  }

  // The other peer's vote was judged.
  std::atomic<bool> heard = false;

 private:
  std::unique_ptr<Disk> disk_;
  SlowClock clock_;
  net::Workers workers_;
  Driver::Strand strand_;
  net::TlsTransport links_;
  std::unique_ptr<Driver> driver_;
};

TEST(Flood, of_one_peer_waits_in_its_own_socket_and_delays_nobody_elses_vote) {
  ANetworkOfOne network;
  Start start = network.start();
  const ChainId chain = start.disk->genesis.chain_id;
  ALinkedNode node{std::move(start)};
  net::Stranger flooder{node.port(), kFlooder};
  net::Stranger other{node.port(), kOther};
  flooder.say_hello(chain);
  other.say_hello(chain);
  ASSERT_TRUE(net::eventually([&] { return node.is_linked(kFlooder) && node.is_linked(kOther); }));

  const Bytes frame = a_frame();
  Bytes flood;
  while (flood.size() < kReadBytes) flood.insert(flood.end(), frame.begin(), frame.end());
  std::atomic<bool> over = false;
  std::jthread flooding{[&] {
    while (!over) flooder.say_bytes(flood);
  }};
  const net::NetLimits limits;
  const std::size_t most = limits.inbound_frames_max + kReadBytes / frame.size() + 1;
  std::size_t peak = 0;
  const auto look = [&] { peak = std::max(peak, node.waiting(kFlooder)); };
  EXPECT_TRUE(net::eventually([&] {
    look();
    return peak >= limits.inbound_frames_max;
  })) << "the flood is faster than the replica";
  // A wrong one, as the judgement is seen then.
  other.say(net::wire_type(FrameType::Vote), Bytes{1});
  EXPECT_TRUE(net::eventually([&] {
    look();
    return node.heard.load();
  }));
  for (int turns = 0; turns < 20; ++turns) look();
  EXPECT_LE(peak, most);
  over = true;
}

}  // namespace
}  // namespace salus::node
