// Owns: a node that serves bad parts of a true snapshot: lying-peer CONFIG, the configuration of a
// node whose data folder lies still. It links like that node, offers what its ledger holds, and
// changes one bit of each part that it is asked for. Ends with its standard input.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "ledger/reader.h"
#include "net/transport.h"
#include "node/config.h"
#include "node/genesis_file.h"
#include "node/start.h"
#include "replica/events.h"
#include "storage/rocks_store.h"
#include "sync/messages.h"
#include "sync/snapshot.h"

namespace salus::test {
namespace {

class LyingPeer {
 public:
  LyingPeer(const node::Config& config, const crypto::KeyPair& node_key, const ChainId& chain_id,
            const storage::RocksStore& store)
      : every_(config.snapshot_every), store_(store), strand_(boost::asio::make_strand(io_)) {
    net::NetConfig net;
    net.listen_host = config.p2p_listen.host;
    net.listen_port = config.p2p_listen.port;
    for (const node::PeerConfig& peer : config.peers) {
      net.peers.push_back({.node = peer.node_key,
                           .host = peer.address.host,
                           .port = peer.address.port,
                           .name = peer.name,
                           .validator = false});
    }
    links_ = std::make_unique<net::TlsTransport>(
        io_, strand_, node_key, chain_id, std::move(net),
        net::Callbacks{.on_frame = [this](const NodeId& from, FrameType type, const Bytes& payload,
                                          const net::Receipt&) { on_frame(from, type, payload); },
                       .on_link_up = [](const NodeId&) {},
                       .on_link_down = [](const NodeId&, net::LinkEnd) {}});
  }

  int run() {
    if (const auto started = links_->start(); !started) {
      fmt::print(stderr, "lying-peer: {}\n", started.error().reason);
      return 1;
    }
    std::thread thread{[this] { io_.run(); }};
    std::string line;
    while (std::getline(std::cin, line)) continue;
    boost::asio::post(strand_, [this] { links_->stop(); });
    thread.join();
    return 0;
  }

 private:
  void on_frame(const NodeId& from, FrameType type, const Bytes& payload) {
    const auto message = type == FrameType::Fetch ? sync::decode_fetch(payload) : std::nullopt;
    if (!message) return;
    if (std::holds_alternative<sync::FetchSnapshot>(*message)) {
      auto offer = sync::make_offer(ledger::Reader{store_}, every_).value_or(Bytes{});
      links_->send(from, FrameType::Answer,
                   sync::encode(sync::AnswerMessage{sync::SnapshotAnswer{std::move(offer)}}));
    } else if (const auto* part = std::get_if<sync::FetchPart>(&*message)) {
      // The last byte is one of a record's.
      Bytes answer =
          replica::make_part_answer(store_, {.to = from, .asked = *part, .snapshot_every = every_});
      answer.back() ^= 1U;
      links_->send(from, FrameType::Answer, answer);
      fmt::print("lied about a part of height {}\n", part->height.value());
      std::fflush(stdout);
    }
  }

  std::uint64_t every_;
  const storage::RocksStore& store_;
  boost::asio::io_context io_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  std::unique_ptr<net::TlsTransport> links_;
};

int run(const std::string& path) {
  const auto refuse = [](const std::string& reason) {
    fmt::print(stderr, "lying-peer: {}\n", reason);
    return 1;
  };
  const auto config = node::load_config(path);
  if (!config) return refuse(config.error().reason);
  const auto genesis = node::load_genesis(config->genesis);
  if (!genesis) return refuse(genesis.error().reason);
  const auto key = node::load_node_key(*config);
  if (!key) return refuse(key.error().reason);
  const auto store = storage::RocksStore::open_to_read(storage::Path{config->data_dir} / "ledger");
  if (!store) return refuse(store.error().reason);
  return LyingPeer{*config, *key, genesis->chain_id, **store}.run();
}

}  // namespace
}  // namespace salus::test

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: lying-peer CONFIG\n");
    return 2;
  }
  if (!salus::crypto::initialise()) return 1;
  return salus::test::run(argv[1]);
}
