// Owns: one strand that steps the replica and carries its effects out through the seams. Disk and
// signatures run beside the strand: a turn never waits for either, and nothing is sent before what
// it rests on is durable (consensus.md, section 11). A failing disk stops the process (S5).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/seams/clock.h"
#include "base/seams/log.h"
#include "base/seams/signer.h"
#include "base/seams/store.h"
#include "base/seams/transport.h"
#include "node/inbox.h"
#include "node/samples.h"
#include "node/verify_pool.h"
#include "replica/events.h"
#include "replica/replica.h"

namespace salus::node {

struct DriverCounters {
  std::uint64_t turns = 0;
  std::uint64_t stages = 0;
  std::uint64_t batches = 0;
  // What was asked of the disk: one for a stage's records, one for its votes, one for a batch.
  std::uint64_t syncs = 0;
  std::uint64_t refused_bulk = 0;
  // Frames that broke the protocol or held a wrong signature; each cost its sender the link.
  std::uint64_t bad_frames = 0;
};

// The seams, and what is not one of them. All outlive the driver.
struct DriverParts {
  const Clock& clock;
  Store& store;
  Log& log;
  // Null for an observer or a restricted key; the core then never votes.
  Signer* signer;
  Transport& transport;
  std::function<void(const NodeId& peer)> punish;
  // The store as it is at the call, for reads beside the strand; nothing is served without it.
  std::function<std::unique_ptr<const Store>()> snapshot = {};
  // The journal has one caller, the thread that appends to `log`; these four run there too.
  // Removes journal files that end before a position.
  std::function<void(LogPosition before)> discard_journal;
  // Why no next journal file is reserved, if none is (S16).
  std::function<std::optional<std::string>()> journal_alarm = {};
  // An epoch begins (C44, C45), between stages: makes its folder and puts its journal in the place
  // of `log`.
  std::function<void(const replica::EpochStart& start)> make_journal = {};
  // Removes the folders before an epoch that has a final block.
  std::function<void(Epoch epoch)> discard_epochs = {};
  // Brings the guard into the epoch, on the signer's thread, once its journal is there.
  std::function<void(const replica::EpochStart& start)> ready_guard = {};
  // On the strand, when both are ready.
  std::function<void(const replica::EpochStart& start)> enter_epoch = {};
  // Writes a restriction into the guard, on the signer's thread, and answers its nonce. After an
  // error the node stops.
  std::function<Result<std::string, SignError>(replica::Restriction kind)> restrict_key;
  // On the strand, in each turn: after what it asks of the disk, and before anybody is told of it.
  std::function<void(const replica::Standing& standing, const DriverCounters& counters)> publish =
      {};
  std::function<void(const replica::Reply& reply)> on_reply;
  std::function<void(Height finalized)> on_finalized;
  // On the strand, once; the node votes no more.
  std::function<void(const replica::Divergence& divergence)> on_divergence = {};
  // The same of every halt, also of one that a start found on disk.
  std::function<void()> on_halted = {};
};

// How long things take, since the start.
struct DriverTimes {
  // From handing out a stage to its being durable.
  Samples sync;
  // From asking for a block's check to its answer; in ms, the wait for its parent included.
  Samples check;
  // A block's execution.
  Samples execution;
  // From entering a view to leaving it. Long while the chain is idle.
  Samples view;
  // When the ledger's batch on its way to the disk was handed out.
  std::optional<std::chrono::steady_clock::time_point> batch_since;
};

class Driver {
 public:
  using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;

  Driver(boost::asio::io_context& io, Strand strand, DriverParts parts, replica::Replica replica,
         std::size_t verify_threads);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // On the strand: the first turn.
  void start();
  // On the strand: queues an event of the node's own for the next turn.
  void queue(replica::Event event);
  // On the strand: what peers do. A frame keeps its receipt until it was stepped.
  void link_up(const NodeId& peer);
  void link_down(const NodeId& peer);
  void receive(replica::FrameIn frame, net::Receipt receipt);
  // On the strand: no further turn begins.
  void halt();
  // From any other thread, after halt(): joins the threads beside the strand.
  void join();

  // On the strand.
  const replica::Replica& replica() const { return replica_; }
  const DriverCounters& counters() const { return counters_; }
  const DriverTimes& times() const { return times_; }
  const Inbox& inbox() const { return inbox_; }

 private:
  // Steps at most this many events, so that early effects of the first do not wait for the last.
  static constexpr std::size_t kEventsPerTurn = 256;
  static constexpr std::size_t kServingMax = 64;

  void schedule_turn();
  void turn();
  bool has_events() const { return !queue_.empty() || !inbox_.is_empty(); }
  void step_next();
  void carry_out(replica::Effects effects);
  void restrict_key(replica::Restriction kind);
  void verify(replica::Verification verification);
  void write_stage(replica::StageOut stage);
  void write_batch(replica::BatchOut batch);
  void serve(const replica::ServePart& order);
  void begin_epoch(replica::EpochStart start);
  void note_stage(View highest);
  void note_journal_space(std::optional<std::string> alarm);
  void ask_space_later();
  void discard_old_journal();
  void arm_deadline();
  void time_view();
  void tell(const replica::Notice& notice);

  Strand strand_;
  DriverParts parts_;
  replica::Replica replica_;
  // The node's own: as many as its disk, its clients and its verify pool may have under way.
  std::deque<replica::Event> queue_;
  Inbox inbox_;
  std::uint64_t steps_ = 0;
  bool turn_scheduled_ = false;
  bool halted_ = false;
  bool halt_told_ = false;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer space_timer_;
  bool asks_space_ = false;
  // Numbers the questions: one about the journal of an epoch that is over has no answer.
  std::uint64_t space_question_ = 0;
  std::optional<MonoMs> armed_;
  DriverCounters counters_;
  DriverTimes times_;
  // The view at the end of the last turn, and since when.
  std::pair<Epoch, View> view_;
  std::chrono::steady_clock::time_point view_since_ = std::chrono::steady_clock::now();

  // Journal positions with the highest view of what lies before them, for discarding.
  struct Mark {
    LogPosition end;
    View highest;
  };
  std::deque<Mark> marks_;
  bool stage_out_ = false;
  // Where the log ended when its thread last said so: the log itself is that thread's.
  LogPosition log_end_;
  // Offers and parts of states that are being read for joiners.
  std::size_t serving_ = 0;
  // What was said of it last.
  std::optional<std::string> journal_alarm_;
  // Begun, and without a final block: the journals before it are still there.
  std::optional<Epoch> young_epoch_;

  boost::asio::thread_pool log_thread_{1};
  boost::asio::thread_pool sign_thread_{1};
  boost::asio::thread_pool store_thread_{1};
  boost::asio::thread_pool serve_thread_{1};
  VerifyPool verify_pool_;
};

// Logs the reason and ends the process at once: after a failed write nobody knows what is on the
// disk, and the next start finds out (S5).
[[noreturn]] void stop_for_storage(const std::string& reason);

}  // namespace salus::node
