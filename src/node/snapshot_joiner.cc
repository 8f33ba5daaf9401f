// Owns: the links, the disk thread and the timer around a snapshot join.
#include "node/snapshot_joiner.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>

#include "dao/application.h"
#include "ledger/reader.h"
#include "net/transport.h"
#include "node/driver.h"
#include "node/system_clock.h"
#include "state/nothing_stored.h"
#include "sync/messages.h"
#include "sync/snapshot_join.h"

namespace salus::node {

namespace {

constexpr std::uint64_t kProgressMs = 2'000;

Result<sync::TrustedSet, StartError> genesis_set(const Genesis& genesis) {
  const state::NothingStored nothing;
  state::Overlay state{nothing, {}};
  const auto applied = dao::apply_genesis(genesis.document, genesis.chain_id, state);
  if (!applied) return std::unexpected(StartError{applied.error().reason});
  return sync::TrustedSet{
      .chain_id = genesis.chain_id, .epoch = Epoch{0}, .validators = dao::validator_set(state)};
}

// All but the signal handler runs on the strand.
class Joiner {
 public:
  Joiner(const Config& config, const crypto::KeyPair& node_key, const ChainId& chain_id,
         Store& store, sync::TrustedSet genesis)
      : store_(store),
        strand_(boost::asio::make_strand(io_)),
        timer_(io_),
        signals_(io_),
        join_(store, std::move(genesis)) {
    net::NetConfig net;
    net.listen_host = config.p2p_listen.host;
    net.listen_port = config.p2p_listen.port;
    for (const PeerConfig& peer : config.peers) {
      net.peers.push_back({.node = peer.node_key,
                           .host = peer.address.host,
                           .port = peer.address.port,
                           .name = peer.name,
                           .validator = false});
    }
    links_ = std::make_unique<net::TlsTransport>(
        io_, strand_, node_key, chain_id, std::move(net),
        net::Callbacks{.on_frame = [this](const NodeId& from, FrameType type, Bytes payload,
                                          const net::Receipt&) { on_frame(from, type, payload); },
                       .on_link_up =
                           [this](const NodeId& peer) {
                             join_.link_up(peer);
                             step();
                           },
                       .on_link_down =
                           [this](const NodeId& peer, net::LinkEnd) {
                             join_.link_down(peer);
                             step();
                           }});
  }

  // True once it is done.
  Result<bool, StartError> run() {
    if (const auto started = links_->start(); !started) {
      return std::unexpected(StartError{started.error().reason});
    }
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait(boost::asio::bind_executor(strand_, [this](auto error, int) {
      if (!error) close();
    }));
    boost::asio::post(strand_, [this] { step(); });
    io_.run();
    store_thread_.join();
    return join_.is_done();
  }

 private:
  void on_frame(const NodeId& from, FrameType type, const Bytes& payload) {
    if (type != FrameType::Answer) return;
    const auto message = sync::decode_answer(payload);
    if (!message) return links_->punish(from);
    if (const auto* offer = std::get_if<sync::SnapshotAnswer>(&*message)) {
      join_.on_answer(from, *offer);
    } else if (const auto* part = std::get_if<sync::PartAnswer>(&*message)) {
      join_.on_answer(from, *part);
    } else if (const auto* epochs = std::get_if<sync::EpochsAnswer>(&*message)) {
      join_.on_answer(from, *epochs);
    }
    step();
  }

  void step() {
    if (closed_) return;
    join_.tick(clock_.mono());
    auto effects = join_.take_effects();
    for (const NodeId& peer : effects.punished) {
      spdlog::warn(
          "A peer sent a part of the snapshot that is not of it; it is not asked again. peer={}",
          peer.to_hex().substr(0, 12));
      links_->punish(peer);
    }
    for (const auto& request : effects.requests) {
      links_->send(request.to, FrameType::Fetch, sync::encode(request.message));
    }
    if (!effects.batch.writes.empty()) write(std::move(effects.batch));
    report();
    if (join_.is_done()) return close();
    arm();
  }

  void write(StoreBatch batch) {
    boost::asio::post(store_thread_, [this, batch = std::move(batch)] {
      const auto written = store_.write(batch);
      if (!written) stop_for_storage(written.error().reason);
      boost::asio::post(strand_, [this] {
        join_.batch_written();
        step();
      });
    });
  }

  void report() {
    const auto progress = join_.progress();
    const std::uint64_t now = clock_.mono().value();
    if (!join_.is_done() && now < reported_ms_ + kProgressMs) return;
    reported_ms_ = now;
    if (!progress.height) {
      spdlog::info("Joining by snapshot: no peer has offered one yet. peers={}", progress.peers);
      return;
    }
    spdlog::info(
        "Joining by snapshot. height={} parts={} records={} known_to_be_missing={} peers={}",
        progress.height->value(), progress.parts, progress.records, progress.wanted,
        progress.peers);
  }

  // At the next deadline, and now and then for the report.
  void arm() {
    const std::uint64_t now = clock_.mono().value();
    std::uint64_t at = now + kProgressMs;
    if (const auto deadline = join_.deadline()) at = std::min(at, deadline->value());
    timer_.expires_after(std::chrono::milliseconds{at > now ? at - now : 1});
    timer_.async_wait(boost::asio::bind_executor(strand_, [this](auto error) {
      if (!error) step();
    }));
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    timer_.cancel();
    signals_.cancel();
    links_->stop();
  }

  Store& store_;
  SystemClock clock_;
  boost::asio::io_context io_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  boost::asio::thread_pool store_thread_{1};
  boost::asio::steady_timer timer_;
  boost::asio::signal_set signals_;
  std::unique_ptr<net::TlsTransport> links_;
  sync::SnapshotJoin join_;
  std::uint64_t reported_ms_ = 0;
  bool closed_ = false;
};

}  // namespace

Result<bool, StartError> join_by_snapshot(const Config& config) {
  auto books = open_store(config);
  if (!books) return std::unexpected(books.error());
  const bool is_joining = sync::is_joining(*books->store);
  if (!is_joining && ledger::Reader{*books->store}.tip().height > Height{0}) return true;
  auto node_key = load_node_key(config);
  if (!node_key) return std::unexpected(node_key.error());
  auto genesis = genesis_set(books->genesis);
  if (!genesis) return std::unexpected(genesis.error());
  spdlog::info("Joining by snapshot{}. chain={}",
               is_joining ? ", where an earlier start left off" : "",
               books->genesis.chain_id.to_hex());
  Joiner joiner{config, *node_key, books->genesis.chain_id, *books->store, std::move(*genesis)};
  auto done = joiner.run();
  if (done && *done) spdlog::info("The snapshot is whole. Blocks follow from here.");
  return done;
}

}  // namespace salus::node
