// Owns: one node, wired by hand. Members are built downwards and destroyed upwards: the list is the
// shutdown plan. Clients go first, then links, then the driver, then the disk.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "net/transport.h"
#include "node/backups.h"
#include "node/config.h"
#include "node/driver.h"
#include "node/metrics.h"
#include "node/pruner.h"
#include "node/start.h"
#include "node/submissions.h"
#include "node/system_clock.h"
#include "node/watch.h"
#include "node/welcome.h"
#include "rpc/operator_server.h"
#include "rpc/server.h"

namespace salus::node {

class Node {
 public:
  // Everything is up when it returns: recovery done, links dialling, clients served.
  static Result<std::unique_ptr<Node>, StartError> start(const Config& config);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Blocks until SIGINT or SIGTERM, then everything is closed in order.
  void run();

 private:
  Node(const Config& config, Start start);
  [[nodiscard]] Result<void, StartError> open_links();
  [[nodiscard]] Result<void, StartError> open_rpc();
  DriverParts parts();
  void make_journal(const replica::EpochStart& start);
  void ready_guard(const replica::EpochStart& start);
  Result<std::string, SignError> restrict_key(replica::Restriction kind);
  rpc::Backend backend();
  // Any thread, without waiting for the strand.
  rpc::NodeStatus status();
  // On the strand.
  void publish(const replica::Standing& standing, const DriverCounters& counters);
  replica::Situation situation();
  Measurements measurements();
  // Answers `question` on the strand, for any other thread; nothing when the strand is stuck.
  template <typename Question>
  auto ask(Question question) -> std::optional<decltype(question())>;
  void on_finalized(Height height);
  void log_progress(Height height);
  void keep_watch();
  void report_divergence(const replica::Divergence& divergence);
  void on_halted();
  void enter_epoch(const replica::EpochStart& start);
  void close();

  Config config_;
  std::unique_ptr<Disk> disk_;
  SystemClock clock_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Driver::Strand strand_;
  std::unique_ptr<net::TlsTransport> links_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<Submissions> submissions_;
  std::unique_ptr<Pruner> pruner_;
  Welcome welcome_;
  // Who waits for finalized heights; called under the mutex, so that unsubscribe() can promise
  // that no call runs after it.
  std::mutex subscribers_mutex_;
  std::map<std::uint64_t, std::function<void(Height)>> subscribers_;
  std::uint64_t next_subscriber_ = 1;
  // As of the last turn; any client may ask for it as often as it likes.
  std::mutex status_mutex_;
  rpc::NodeStatus status_;
  std::uint64_t logged_ms_ = 0;
  // Of a divergence, in this run or an earlier one; empty if there is none.
  std::string divergence_report_;
  std::string divergence_sentence_;
  // Diverged, or saw two certificates contradict each other: nothing of the store is told (C31).
  std::atomic<bool> is_halted_ = false;
  // Of the strand: set once clients are served.
  rpc::Server* serving_ = nullptr;
  Watch watch_;
  boost::asio::steady_timer watch_timer_;
  boost::asio::signal_set signals_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Backups> backups_;
  // Built last, and stopped first: no client waits on a replica that has ended.
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::OperatorServer> operator_server_;
  std::unique_ptr<MetricsServer> metrics_server_;
};

}  // namespace salus::node
