// Owns: how the parts of a node start, what they call each other, and how they end.
#include "node/node.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <future>

#include "node/version.h"
#include "replica/facts.h"
#include "storage/recovery.h"
#include "upkeep/divergence.h"

namespace salus::node {

namespace {

// The driver's strand and the links' share them.
constexpr std::size_t kIoThreads = 2;
// A busy chain is logged this often, not each block.
constexpr std::uint64_t kProgressMs = 10'000;
constexpr std::chrono::seconds kWatchEvery{1};
// An operator's question waits for one turn of the driver; longer means that the node is stuck.
constexpr std::chrono::seconds kStatusWait{2};

std::size_t verify_threads(const Config& config) {
  if (config.verify_threads != 0) return config.verify_threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

v1::NodeMode mode_of(const replica::Standing& standing) {
  if (standing.halted) return v1::NODE_MODE_HALTED;
  if (standing.highest_claim > standing.finalized.next()) return v1::NODE_MODE_CATCHING_UP;
  return standing.mode == consensus::Mode::Voting ? v1::NODE_MODE_VALIDATOR
                                                  : v1::NODE_MODE_OBSERVER;
}

// Of an earlier run. Unreadable is as good as absent: it is only named, not used.
std::string find_divergence_report(const std::filesystem::path& folder) {
  std::string latest;
  std::error_code error;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool is_report = name.starts_with("divergence-") && name.ends_with(".json");
    const std::string path = at->path().string();
    // A height with more digits is the higher one.
    if (is_report && std::pair{path.size(), path} > std::pair{latest.size(), latest}) latest = path;
  }
  return latest;
}

}  // namespace

Result<std::unique_ptr<Node>, StartError> Node::start(const Config& config) {
  auto begun = start_from(config);
  if (!begun) return std::unexpected(begun.error());
  for (const std::string& note : begun->notes) spdlog::warn("{}", note);
  const ledger::Tip& tip = begun->ledger.finalized();
  spdlog::info(
      "Starting {}. chain={} network={} class={} height={} state_root={}", config.name,
      begun->disk->genesis.chain_id.to_hex(), begun->disk->genesis.document.network(),
      begun->disk->genesis.document.class_() == v1::GENESIS_CLASS_TEST ? "TEST" : "PRODUCTION",
      tip.height.value(), tip.state_root.to_hex());
  std::unique_ptr<Node> node{new Node{config, std::move(*begun)}};
  if (const auto opened = node->open_links(); !opened) return std::unexpected(opened.error());
  if (const auto opened = node->open_rpc(); !opened) return std::unexpected(opened.error());
  return node;
}

Node::Node(const Config& config, Start start)
    : config_(config),
      disk_(std::move(start.disk)),
      work_(boost::asio::make_work_guard(io_)),
      strand_(boost::asio::make_strand(io_)),
      welcome_(replica::validator_set(start.ledger.finalized()),
               former_members(start.ledger, *disk_->store, clock_.wall()), clock_.mono()),
      status_{.name = config_.name, .version = kVersion, .epoch = {}, .view = {}},
      watch_timer_(io_),
      signals_(io_) {
  net::NetConfig net;
  net.listen_host = config_.p2p_listen.host;
  net.listen_port = config_.p2p_listen.port;
  const consensus::ValidatorSet set = replica::validator_set(start.ledger.finalized());
  for (const PeerConfig& peer : config_.peers) {
    net.peers.push_back({.node = peer.node_key,
                         .host = peer.address.host,
                         .port = peer.address.port,
                         .name = peer.name,
                         .validator = set.find(peer.node_key).has_value()});
  }
  links_ = std::make_unique<net::TlsTransport>(
      io_, strand_, disk_->node_key, disk_->genesis.chain_id, std::move(net),
      net::Callbacks{
          .on_frame =
              [this](const NodeId& from, FrameType type, Bytes payload, net::Receipt receipt) {
                driver_->receive({.from = from, .type = type, .payload = std::move(payload)},
                                 std::move(receipt));
              },
          // The transport logs links itself.
          .on_link_up = [this](const NodeId& peer) { driver_->link_up(peer); },
          .on_link_down = [this](const NodeId& peer, net::LinkEnd) { driver_->link_down(peer); }});
  backups_ = std::make_unique<Backups>(*disk_->store);
  driver_ =
      std::make_unique<Driver>(io_, strand_, parts(),
                               replica::Replica{start.config, *disk_->store,
                                                std::move(start.ledger), std::move(start.recovery)},
                               verify_threads(config_));
  pruner_ = std::make_unique<Pruner>(*disk_->store, disk_->genesis.chain_id,
                                     Retention{.states = config_.retained_states,
                                               .blocks = config_.retained_blocks,
                                               .events = config_.retained_events,
                                               .archive = config_.archive});
  submissions_ = std::make_unique<Submissions>(
      io_, strand_, [this](replica::Event event) { driver_->queue(std::move(event)); });
  publish(driver_->replica().standing(), driver_->counters());
  divergence_report_ = find_divergence_report(disk_->folder.path());
  divergence_sentence_ = upkeep::sentence_of_report(divergence_report_);
}

Node::~Node() { close(); }

DriverParts Node::parts() {
  return {.clock = clock_,
          .store = *disk_->store,
          .log = disk_->journal,
          .signer = disk_->guard ? &*disk_->guard : nullptr,
          .transport = *links_,
          .punish = [this](const NodeId& peer) { links_->punish(peer); },
          .snapshot = [this] { return disk_->store->snapshot(); },
          .discard_journal =
              [this](LogPosition before) {
                const auto discarded = disk_->journal.discard_files_before(before);
                if (!discarded) stop_for_storage(discarded.error().reason);
              },
          .journal_alarm =
              [this] {
                disk_->journal.reserve_when_half_full();
                return disk_->journal.reserve_alarm();
              },
          .make_journal = [this](const replica::EpochStart& start) { make_journal(start); },
          .discard_epochs =
              [this](Epoch epoch) {
                const auto done = storage::discard_epochs_before(disk_->folder.journal(), epoch);
                if (!done) stop_for_storage(storage::sentence(done.error()));
              },
          .ready_guard = [this](const replica::EpochStart& start) { ready_guard(start); },
          .enter_epoch = [this](const replica::EpochStart& start) { enter_epoch(start); },
          .restrict_key = [this](replica::Restriction kind) { return restrict_key(kind); },
          .publish = [this](const replica::Standing& standing,
                            const DriverCounters& counters) { publish(standing, counters); },
          .on_reply = [this](const replica::Reply& reply) { submissions_->on_reply(reply); },
          .on_finalized = [this](Height height) { on_finalized(height); },
          .on_divergence =
              [this](const replica::Divergence& divergence) { report_divergence(divergence); },
          .on_halted = [this] { on_halted(); }};
}

// Beside the strand, where the log is.
void Node::make_journal(const replica::EpochStart& start) {
  const storage::JournalIdentity identity{.chain_id = disk_->genesis.chain_id,
                                          .epoch = start.epoch};
  if (!start.votes) {
    auto journal = storage::open_observer_journal(disk_->folder.journal(), identity,
                                                  disk_->journal_options, start.before);
    if (!journal) stop_for_storage(journal.error().reason);
    disk_->journal = std::move(*journal);
    return;
  }
  const storage::Path folder = storage::epoch_folder(disk_->folder.journal(), start.epoch);
  auto journal = storage::FileLog::create(folder, identity, start.before, disk_->journal_options);
  // A start sets aside what was begun with a ledger that is lost (S9), so it is a stranger's.
  if (!journal) stop_for_storage(journal.error().reason + " Start the node again.");
  disk_->journal = std::move(*journal);
}

// Where the guard is. A key that votes for the first time goes on above the stages of the one
// before it; else a crash between its first syncs would look like amnesia (S9).
void Node::ready_guard(const replica::EpochStart& start) {
  if (!disk_->guard) return;
  storage::SignGuard& guard = *disk_->guard;
  Result<void, SignError> done;
  if (start.ends_restriction) {
    done = guard.end_restriction_after_reseat(start.epoch, start.before);
  } else if (start.votes && !guard.restriction() && guard.stage() < start.before) {
    done = guard.adopt(start.before, LogPosition{}, start.epoch, {});
  }
  if (!done) stop_for_storage(done.error().reason);
}

Result<std::string, SignError> Node::restrict_key(replica::Restriction kind) {
  if (!disk_->guard) return std::string{};
  const auto restricted =
      disk_->guard->restrict(kind == replica::Restriction::Twin ? storage::RestrictionKind::Twin
                                                                : storage::RestrictionKind::Amnesia,
                             random_nonce());
  if (!restricted) return std::unexpected(restricted.error());
  return disk_->guard->restriction()->nonce.to_string();
}

void Node::enter_epoch(const replica::EpochStart& start) {
  if (start.ends_restriction && disk_->guard) {
    spdlog::info("This validator votes again: it was reseated. epoch={}", start.epoch.value());
  }
  welcome_.begin(start.set, clock_.mono());
  links_->set_validators(welcome_.nodes());
}

Result<void, StartError> Node::open_links() {
  // The strand is not running yet: nothing else touches the links.
  if (const auto started = links_->start(); !started) {
    return std::unexpected(StartError{started.error().reason});
  }
  links_->set_validators(welcome_.nodes());
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  boost::asio::post(strand_, [this] {
    driver_->start();
    keep_watch();
  });
  for (std::size_t i = 0; i < kIoThreads; ++i) {
    threads_.emplace_back([this] { io_.run(); });
  }
  return {};
}

template <typename Question>
auto Node::ask(Question question) -> std::optional<decltype(question())> {
  // Shared: an answer that comes too late still has a place to go.
  const auto answer = std::make_shared<std::promise<decltype(question())>>();
  auto future = answer->get_future();
  boost::asio::post(strand_, [answer, question] { answer->set_value(question()); });
  if (future.wait_for(kStatusWait) != std::future_status::ready) return std::nullopt;
  return future.get();
}

Result<void, StartError> Node::open_rpc() {
  // Found on disk: then not even the first call is answered.
  is_halted_ = ask([this] { return driver_->replica().is_halted(); }).value_or(false);
  auto server = rpc::Server::start(
      backend(), {.listen = config_.rpc_listen.to_string(), .tls_certificate = {}, .tls_key = {}});
  if (!server) return std::unexpected(StartError{server.error().reason});
  server_ = std::move(*server);
  if (!config_.operator_listen.empty()) {
    auto operator_server = rpc::OperatorServer::start(
        {.situation = [this] { return ask([this] { return situation(); }); },
         .node_name = config_.name,
         .begin_backup = [this](const std::string& folder) { return backups_->begin(folder); },
         .backup_status = [this] { return backups_->status(); }},
        config_.operator_listen.substr(std::string_view{"unix:"}.size()));
    if (!operator_server) return std::unexpected(StartError{operator_server.error().reason});
    operator_server_ = std::move(*operator_server);
  }
  if (config_.metrics_listen) {
    auto metrics_server = MetricsServer::start(
        *config_.metrics_listen, [this] { return ask([this] { return measurements(); }); });
    if (!metrics_server) return std::unexpected(StartError{metrics_server.error().reason});
    metrics_server_ = std::move(*metrics_server);
  }
  boost::asio::post(strand_, [this] {
    serving_ = server_.get();
    serving_->set_ready(!is_halted_);
  });
  spdlog::info("Serving clients on {} and nodes on {}:{}.", config_.rpc_listen.to_string(),
               config_.p2p_listen.host, links_->listen_port());
  return {};
}

rpc::Backend Node::backend() {
  return {.submit =
              [this](Bytes transaction, bool wait_finalized, rpc::Backend::Deadline deadline,
                     std::function<void(rpc::SubmitOutcome)> done) {
                boost::asio::post(
                    strand_, [this, transaction = std::move(transaction), wait_finalized, deadline,
                              done = std::move(done)]() mutable {
                      submissions_->submit(std::move(transaction), wait_finalized, deadline,
                                           std::move(done));
                    });
              },
          .snapshot = [this] { return disk_->store->snapshot(); },
          .status = [this] { return status(); },
          .is_halted = [this] { return is_halted_.load(); },
          .subscribe =
              [this](std::function<void(Height)> finalized) {
                const std::lock_guard lock{subscribers_mutex_};
                subscribers_.emplace(next_subscriber_, std::move(finalized));
                return next_subscriber_++;
              },
          .unsubscribe =
              [this](std::uint64_t subscription) {
                const std::lock_guard lock{subscribers_mutex_};
                subscribers_.erase(subscription);
              },
          .chain_id = disk_->genesis.chain_id,
          .network = disk_->genesis.document.network(),
          .genesis = disk_->genesis.bytes};
}

rpc::NodeStatus Node::status() {
  const std::lock_guard lock{status_mutex_};
  return status_;
}

void Node::publish(const replica::Standing& standing, const DriverCounters& counters) {
  const std::lock_guard lock{status_mutex_};
  status_.epoch = standing.epoch;
  status_.view = standing.view;
  status_.mode = mode_of(standing);
  status_.peers_linked = static_cast<std::uint32_t>(standing.links);
  status_.mempool_transactions = static_cast<std::uint32_t>(standing.waiting_transactions);
  status_.disk_syncs = counters.syncs;
}

replica::Situation Node::situation() {
  replica::Situation out = driver_->replica().situation();
  // Of now, not of the last turn: an idle chain has few.
  out.now = clock_.mono();
  const DriverTimes& times = driver_->times();
  out.around.sync_p50_us = times.sync.percentile_us(50);
  out.around.sync_p99_us = times.sync.percentile_us(99);
  out.around.execution_p99_us = times.execution.percentile_us(99);
  if (times.batch_since) {
    const auto age = std::chrono::steady_clock::now() - *times.batch_since;
    out.around.batch_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(age).count());
  }
  out.around.blocks_last_10_s = watch_.blocks_last_10_s();
  out.around.divergence_report = divergence_report_;
  out.around.divergence_sentence = divergence_sentence_;
  for (const net::LinkStatus& link : links_->links()) {
    out.around.link_errors.insert_or_assign(link.node, link.last_error);
  }
  return out;
}

Measurements Node::measurements() {
  return {.situation = situation(),
          .counters = driver_->counters(),
          .times = driver_->times(),
          .finality = submissions_->finality()};
}

void Node::on_finalized(Height height) {
  pruner_->consider(height);
  log_progress(height);
  const std::lock_guard lock{subscribers_mutex_};
  for (const auto& [subscription, call] : subscribers_) call(height);
}

void Node::log_progress(Height height) {
  const std::uint64_t now = clock_.mono().value();
  if (logged_ms_ != 0 && now - logged_ms_ < kProgressMs) return;
  logged_ms_ = now;
  const replica::ReplicaStatus status = driver_->replica().status();
  spdlog::info("Finalized. height={} state_root={} view={} links={} waiting={}", height.value(),
               status.tip.state_root.to_hex().substr(0, 16), status.consensus.view.value(),
               status.links, status.waiting_transactions);
}

// The node has stopped voting: nothing waits for the strand while this is written.
void Node::report_divergence(const replica::Divergence& divergence) {
  const auto report = upkeep::describe(divergence, *disk_->store);
  const auto path =
      upkeep::write_report(report, divergence.height.previous(), disk_->folder.path());
  if (path) divergence_report_ = path->string();
  // An earlier run may have found the record already.
  divergence_sentence_ = path ? upkeep::sentence_of_report(*path) : report.sentence;
  spdlog::error("{} {}", report.sentence,
                path ? "All that this node knows of it: " + path->string()
                     : "No report could be written: " + path.error().reason);
}

// Before anything more is sent to a client. Those who listen for blocks are told why none comes.
void Node::on_halted() {
  is_halted_ = true;
  if (serving_ != nullptr) serving_->set_ready(false);
  const Height tip = driver_->replica().status().tip.height;
  const std::lock_guard lock{subscribers_mutex_};
  for (const auto& [subscription, call] : subscribers_) call(tip);
}

void Node::keep_watch() {
  watch_timer_.expires_after(kWatchEvery);
  watch_timer_.async_wait(
      boost::asio::bind_executor(strand_, [this](boost::system::error_code error) {
        if (error) return;
        const auto line = watch_.look(situation());
        if (line) spdlog::warn("{}", *line);
        if (welcome_.expire(clock_.mono())) links_->set_validators(welcome_.nodes());
        keep_watch();
      }));
}

void Node::run() {
  std::promise<int> stop;
  signals_.async_wait([&stop](boost::system::error_code error, int signal) {
    if (!error) stop.set_value(signal);
  });
  const int signal = stop.get_future().get();
  spdlog::info("Stopping on signal {}.", signal);
  close();
}

void Node::close() {
  metrics_server_.reset();
  operator_server_.reset();
  backups_.reset();
  if (server_) server_->stop();
  if (threads_.empty()) return;
  std::promise<void> closed;
  boost::asio::post(strand_, [this, &closed] {
    watch_timer_.cancel();
    submissions_->stop();
    links_->stop();
    driver_->halt();
    closed.set_value();
  });
  closed.get_future().wait();
  driver_->join();
  signals_.cancel();
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  server_.reset();
  spdlog::info("Stopped.");
}

}  // namespace salus::node
