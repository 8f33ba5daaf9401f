// Owns: the driver on real files: what it promised is found by the next start, whatever moment the
// process ends at, and a failing disk ends the process with its reason (S5).
#include "node/driver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "consensus/codec.h"
#include "node/a_network_of_one.h"
#include "node/system_clock.h"
#include "replica/situation.h"

namespace salus::node {
namespace {

// Exit code of a process that the test ends by itself, as a kill would.
constexpr int kKilled = 9;
constexpr int kExitStorage = 74;

class NoPeers final : public Transport {
 public:
  void send(const NodeId&, FrameType, ByteView) override {}
  void broadcast(FrameType, ByteView) override {}
};

// Passes on to the real thing, after what the test has to say about it.
class TestStore final : public Store {
 public:
  TestStore(Store& inner, std::function<Result<void, StoreError>()> before_write)
      : inner_(inner), before_write_(std::move(before_write)) {}

  std::optional<std::string> get(std::string_view key) const override { return inner_.get(key); }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    inner_.scan(prefix, from, visit);
  }
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override {
    if (auto said = before_write_(); !said) return said;
    return inner_.write(batch);
  }

 private:
  Store& inner_;
  std::function<Result<void, StoreError>()> before_write_;
};

class FailingLog final : public Log {
 public:
  explicit FailingLog(Log& inner) : inner_(inner) {}
  LogPosition durable_end() const override { return inner_.durable_end(); }
  [[nodiscard]] Result<void, LogError> append_and_sync(ByteView) override {
    return std::unexpected(LogError{"journal/00000001: no space left on device."});
  }

 private:
  Log& inner_;
};

// The process ends when so many stages are on the disk.
class LastLog final : public Log {
 public:
  LastLog(Log& inner, int stages) : inner_(inner), left_(stages) {}
  LogPosition durable_end() const override { return inner_.durable_end(); }
  [[nodiscard]] Result<void, LogError> append_and_sync(ByteView stage) override {
    auto written = inner_.append_and_sync(stage);
    if (--left_ == 0) std::_Exit(kKilled);
    return written;
  }

 private:
  Log& inner_;
  int left_;
};

// Says which threads come to it once it is in use.
class WatchedLog final : public Log {
 public:
  explicit WatchedLog(Log& inner) : inner_(inner) {}
  LogPosition durable_end() const override {
    const std::lock_guard lock{mutex_};
    if (!callers_.empty()) callers_.insert(std::this_thread::get_id());
    return inner_.durable_end();
  }
  [[nodiscard]] Result<void, LogError> append_and_sync(ByteView stage) override {
    note_caller();
    return inner_.append_and_sync(stage);
  }
  void note_caller() {
    const std::lock_guard lock{mutex_};
    callers_.insert(std::this_thread::get_id());
  }
  std::size_t callers() const {
    const std::lock_guard lock{mutex_};
    return callers_.size();
  }

 private:
  Log& inner_;
  mutable std::mutex mutex_;
  mutable std::set<std::thread::id> callers_;
};

class FailingSigner final : public Signer {
 public:
  [[nodiscard]] Result<std::vector<Signature>, SignError> sign(Stage, LogPosition,
                                                               const std::vector<Bytes>&) override {
    return std::unexpected(SignError{"validator.guard: input/output error."});
  }
};

struct Seams {
  Store* store = nullptr;
  Log* log = nullptr;
  Signer* signer = nullptr;
  std::function<void(LogPosition)> discard_journal = [](LogPosition) {};
  std::function<std::optional<std::string>()> journal_alarm = {};
  std::function<Result<std::string, SignError>(replica::Restriction)> restrict_key =
      [](replica::Restriction) { return std::string{}; };
  // Comes first.
  std::optional<replica::Event> event = std::nullopt;
  std::function<void(const replica::Standing&, const DriverCounters&)> publish = {};
  std::function<void(const replica::Reply&)> on_reply = [](const replica::Reply& reply) {
    EXPECT_NE(reply.state, replica::SubmissionState::Refused) << v1::ErrorCode_Name(reply.code);
  };
  std::function<void(const Driver&)> at_end = {};
};

// Runs a driver until `height` is durable. `seams` replace the disk's where given.
void run_until(Start start, Height height, std::optional<Bytes> transaction, Seams seams = {}) {
  Disk& disk = *start.disk;
  const std::unique_ptr<Disk> kept = std::move(start.disk);
  boost::asio::io_context io;
  auto work = boost::asio::make_work_guard(io);
  auto strand = boost::asio::make_strand(io);
  const SystemClock clock;
  NoPeers transport;
  std::promise<void> reached;
  bool told = false;
  Store& store = seams.store != nullptr ? *seams.store : *disk.store;
  Log& log = seams.log != nullptr ? *seams.log : disk.journal;
  Signer* signer = seams.signer;
  if (signer == nullptr && disk.guard) signer = &*disk.guard;
  Driver driver{
      io,
      strand,
      {.clock = clock,
       .store = store,
       .log = log,
       .signer = signer,
       .transport = transport,
       .punish = [](const NodeId&) {},
       .discard_journal = seams.discard_journal,
       .journal_alarm = seams.journal_alarm,
       .restrict_key = seams.restrict_key,
       .publish = seams.publish,
       .on_reply = seams.on_reply,
       .on_finalized =
           [&](Height finalized) {
             if (finalized >= height && !std::exchange(told, true)) reached.set_value();
           }},
      replica::Replica{start.config, store, std::move(start.ledger), std::move(start.recovery)},
      /*verify_threads=*/1};
  boost::asio::post(strand, [&] {
    driver.start();
    if (seams.event) driver.queue(std::move(*seams.event));
    if (transaction) {
      driver.queue(replica::Submission{.ticket = replica::Ticket{1},
                                       .transaction = std::move(*transaction)});
    }
  });
  std::thread thread{[&io] { io.run(); }};
  const bool done =
      reached.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready;
  EXPECT_TRUE(done) << "height " << height.value() << " was not reached";
  std::promise<void> halted;
  boost::asio::post(strand, [&] {
    if (seams.at_end) seams.at_end(driver);
    driver.halt();
    halted.set_value();
  });
  halted.get_future().wait();
  driver.join();
  work.reset();
  thread.join();
}

void log_to_stderr() {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
}

class DriverDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

// Ends a validator when so many of its stages are on the disk.
void die_behind(const ANetworkOfOne& network, int stages) {
  // A fork, whose network the parent goes on with.
  ::testing::FLAGS_gtest_death_test_style = "fast";
  const auto die = [&] {
    Start start = network.start();
    const Bytes transaction = a_transfer(start);
    LastLog log{start.disk->journal, stages};
    run_until(std::move(start), Height{2}, transaction, {.log = &log});
  };
  EXPECT_EXIT(die(), ::testing::ExitedWithCode(kKilled), "");
}

bool holds_a_finalization(const Start& start) {
  return std::ranges::any_of(start.recovery.consensus.certificates, [](const auto& held) {
    return held->subject.kind == consensus::VoteKind::Finalize;
  });
}

TEST_F(DriverDeathTest, goes_on_by_itself_after_an_end_behind_any_stage) {
  for (int stages = 1; stages <= 5; ++stages) {
    SCOPED_TRACE(::testing::Message() << stages << " stages");
    const ANetworkOfOne network;
    die_behind(network, stages);
    // No client and no peer asks for anything.
    run_until(network.start(), Height{1}, std::nullopt);
  }
}

// A finalization whose block never reached the ledger, and no vote to cast: such a node has
// something to say and nothing to write. That stage once never became durable, and the chain stood
// for ever.
TEST_F(DriverDeathTest, a_stage_that_has_nothing_to_write_is_durable_at_once) {
  bool met = false;
  for (int stages = 1; stages <= 5 && !met; ++stages) {
    const ANetworkOfOne network;
    die_behind(network, stages);
    Start as_observer = network.start(/*observer=*/true);
    met = as_observer.ledger.finalized().height == Height{0} && holds_a_finalization(as_observer);
    if (!met) continue;
    run_until(std::move(as_observer), Height{1}, std::nullopt);
  }
  EXPECT_TRUE(met);
}

TEST_F(DriverDeathTest, what_was_said_to_be_final_is_final_after_a_restart) {
  ANetworkOfOne network;
  Start first = network.start();
  const Bytes transaction = a_transfer(first);
  run_until(std::move(first), Height{1}, transaction);
  const Start again = network.start();
  EXPECT_GE(again.ledger.finalized().height, Height{1});
}

TEST_F(DriverDeathTest, a_ledger_that_cannot_be_written_stops_the_node_with_its_reason) {
  ANetworkOfOne network;
  const auto run = [&] {
    log_to_stderr();
    Start start = network.start();
    const Bytes transaction = a_transfer(start);
    TestStore store{*start.disk->store, []() -> Result<void, StoreError> {
                      return std::unexpected(StoreError{"ledger: no space left on device."});
                    }};
    run_until(std::move(start), Height{1}, transaction, {.store = &store});
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(kExitStorage),
              "The node stops: its disk failed. ledger: no space left on device");
}

TEST_F(DriverDeathTest, a_journal_that_cannot_be_written_stops_the_node_with_its_reason) {
  ANetworkOfOne network;
  const auto run = [&] {
    log_to_stderr();
    Start start = network.start();
    const Bytes transaction = a_transfer(start);
    FailingLog log{start.disk->journal};
    run_until(std::move(start), Height{1}, transaction, {.log = &log});
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(kExitStorage),
              "The node stops: its disk failed. journal/00000001: no space left");
}

TEST_F(DriverDeathTest, a_guard_that_cannot_be_written_stops_the_node_with_its_reason) {
  ANetworkOfOne network;
  const auto run = [&] {
    log_to_stderr();
    Start start = network.start();
    const Bytes transaction = a_transfer(start);
    FailingSigner signer;
    run_until(std::move(start), Height{1}, transaction, {.signer = &signer});
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(kExitStorage),
              "The node stops: its disk failed. validator.guard: input/output error");
}

// S16: what a node cannot be sure to write it does not offer.
// Nothing is written while it waits, so nothing but asking tells it that there is space again.
TEST_F(DriverDeathTest, a_lone_node_without_journal_space_waits_until_it_has_some) {
  const ANetworkOfOne network;
  Start start = network.start();
  const Bytes transaction = a_transfer(start);
  int asked = 0;
  std::uint64_t declined = 0;
  run_until(std::move(start), Height{2}, transaction,
            {.journal_alarm = [&]() -> std::optional<std::string> {
               if (++asked > 6) return std::nullopt;
               return "journal/epoch-0: no space left on device.";
             },
             .at_end =
                 [&](const Driver& driver) {
                   const replica::Situation situation = driver.replica().situation();
                   const auto& triggers = situation.status.consensus.counters.triggers;
                   declined = triggers[static_cast<std::size_t>(consensus::Trigger::Declined)];
                   EXPECT_FALSE(situation.journal_alarm) << "it has space again";
                 }});
  EXPECT_EQ(declined, 0U) << "nobody else would lead";
  EXPECT_GT(asked, 6);
}

// A vote of the own key that this disk does not know: the key is used elsewhere (S14).
replica::FrameIn a_foreign_vote(const ANetworkOfOne& network, const Start& start) {
  const consensus::Subject skip = consensus::nullify(Epoch{0}, View{1});
  const Bytes message = consensus::signed_bytes(start.ledger.chain_id(), skip);
  return {.from = start.config.own_node,
          .type = FrameType::Vote,
          .payload = consensus::encode(
              consensus::Vote{.subject = skip,
                              .signer = ValidatorIndex{0},
                              .signature = network.validator_key().sign(message)})};
}

// Files were once discarded, and the next epoch's journal put in its place, on the strand, while
// the log's own thread could be reserving a file: two threads in one journal, and a file of the
// epoch before became one of the next, whose stages went with the old folder.
TEST_F(DriverDeathTest, a_journal_has_one_caller_also_when_it_reserves_and_discards) {
  const ANetworkOfOne network;
  Start start = network.start();
  const Bytes transaction = a_transfer(start);
  WatchedLog log{start.disk->journal};
  std::atomic<int> discarded = 0;
  run_until(std::move(start), Height{2}, transaction,
            {.log = &log,
             .discard_journal =
                 [&](LogPosition) {
                   log.note_caller();
                   ++discarded;
                 },
             .journal_alarm = [&]() -> std::optional<std::string> {
               log.note_caller();
               return std::nullopt;
             }});
  EXPECT_GT(discarded, 0);
  EXPECT_EQ(log.callers(), 1U);
}

// Each question of a client for the node's status was once a turn of its own on the strand, and its
// thread waited for it. What is published must be as good: who was told of a block reads of it.
TEST_F(DriverDeathTest, a_status_is_published_in_each_turn_before_anybody_is_told_of_it) {
  const ANetworkOfOne network;
  Start start = network.start();
  const Bytes transaction = a_transfer(start);
  replica::Standing last;
  DriverCounters counted;
  bool finalized = false;
  run_until(std::move(start), Height{1}, transaction,
            {.publish =
                 [&](const replica::Standing& standing, const DriverCounters& counters) {
                   last = standing;
                   counted = counters;
                 },
             .on_reply =
                 [&](const replica::Reply& reply) {
                   if (reply.state == replica::SubmissionState::Admitted) {
                     EXPECT_EQ(last.waiting_transactions, 1U);
                   }
                   if (reply.state != replica::SubmissionState::Finalized) return;
                   finalized = true;
                   EXPECT_GE(last.finalized, reply.height);
                   EXPECT_EQ(last.waiting_transactions, 0U);
                 },
             .at_end =
                 [&](const Driver& driver) {
                   EXPECT_EQ(last.view, driver.replica().view());
                   EXPECT_EQ(last.mode, consensus::Mode::Voting);
                   EXPECT_FALSE(last.halted);
                   EXPECT_EQ(counted.syncs, driver.counters().syncs);
                 }});
  EXPECT_TRUE(finalized);
}

TEST_F(DriverDeathTest, a_restriction_that_cannot_be_written_stops_the_node_with_its_reason) {
  const ANetworkOfOne network;
  const auto run = [&] {
    log_to_stderr();
    Start start = network.start();
    const auto event = a_foreign_vote(network, start);
    run_until(std::move(start), Height{1}, std::nullopt,
              {.restrict_key = [](replica::Restriction kind) -> Result<std::string, SignError> {
                 EXPECT_EQ(kind, replica::Restriction::Twin);
                 return std::unexpected(SignError{"validator.guard: input/output error."});
               },
               .event = event});
  };
  EXPECT_EXIT(run(), ::testing::ExitedWithCode(kExitStorage),
              "The node stops: its disk failed. validator.guard: input/output error");
}

}  // namespace
}  // namespace salus::node
