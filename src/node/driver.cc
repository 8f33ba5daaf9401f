// Owns: the turns of a node.
#include "node/driver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "base/assert.h"
#include "storage/journal_format.h"

namespace salus::node {

namespace {

// Of measurements only; the replica's time comes from its seam.
using Clock = std::chrono::steady_clock;

std::uint64_t us_since(Clock::time_point then) {
  const auto span = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - then);
  return static_cast<std::uint64_t>(span.count());
}

// A mark each so many bytes of journal is fine enough to discard whole files by.
constexpr std::uint64_t kMarkBytes = std::uint64_t{1} << 20U;
// Exit code of a node whose disk failed (sysexits: I/O error).
constexpr int kExitStorage = 74;
constexpr std::chrono::milliseconds kAskSpaceAfter{500};

// What both halves of a stage answer; the later one reports to the strand.
struct StageAnswer {
  std::atomic<int> open = 0;
  const Clock::time_point since = Clock::now();
  Result<void, LogError> logged;
  LogPosition log_end;
  std::optional<std::string> journal_alarm;
  Result<std::vector<Signature>, SignError> signatures = std::vector<Signature>{};
};

}  // namespace

void stop_for_storage(const std::string& reason) {
  spdlog::critical("The node stops: its disk failed. {}", reason);
  spdlog::shutdown();
  std::_Exit(kExitStorage);
}

Driver::Driver(boost::asio::io_context& io, Strand strand, DriverParts parts,
               replica::Replica replica, std::size_t verify_threads)
    : strand_(std::move(strand)),
      parts_(std::move(parts)),
      replica_(std::move(replica)),
      timer_(io),
      space_timer_(io),
      log_end_(parts_.log.durable_end()),
      verify_pool_(verify_threads, [this](std::vector<replica::Verified> answers) {
        boost::asio::post(strand_, [this, answers = std::move(answers)]() mutable {
          for (replica::Verified& answer : answers) queue(std::move(answer));
        });
      }) {}

Driver::~Driver() { join(); }

void Driver::start() { schedule_turn(); }

void Driver::queue(replica::Event event) {
  if (halted_) return;
  queue_.push_back(std::move(event));
  schedule_turn();
}

void Driver::link_up(const NodeId& peer) {
  if (halted_) return;
  inbox_.link_up(peer);
  schedule_turn();
}

void Driver::link_down(const NodeId& peer) {
  if (halted_) return;
  inbox_.link_down(peer);
  schedule_turn();
}

void Driver::receive(replica::FrameIn frame, net::Receipt receipt) {
  if (halted_) return;
  inbox_.add(std::move(frame), std::move(receipt));
  schedule_turn();
}

void Driver::halt() {
  halted_ = true;
  queue_.clear();
  inbox_.clear();
  timer_.cancel();
  space_timer_.cancel();
}

void Driver::join() {
  verify_pool_.stop();
  log_thread_.join();
  sign_thread_.join();
  store_thread_.join();
  serve_thread_.join();
}

void Driver::schedule_turn() {
  if (turn_scheduled_ || halted_) return;
  turn_scheduled_ = true;
  boost::asio::post(strand_, [this] { turn(); });
}

void Driver::turn() {
  turn_scheduled_ = false;
  if (halted_) return;
  ++counters_.turns;
  replica_.step(replica::Tick{.mono = parts_.clock.mono(), .wall = parts_.clock.wall()});
  for (std::size_t i = 0; i < kEventsPerTurn && has_events(); ++i) step_next();
  carry_out(replica_.take_effects());
  // Execution runs while the stage is on its way to the disk.
  if (replica_.has_work()) {
    const auto since = Clock::now();
    replica_.work();
    times_.execution.add(us_since(since));
    carry_out(replica_.take_effects());
  }
  if (replica_.is_halted() && !std::exchange(halt_told_, true) && parts_.on_halted) {
    parts_.on_halted();
  }
  if (has_events() || replica_.has_work()) schedule_turn();
  arm_deadline();
  time_view();
}

// The node's own events and what peers sent, by turns: a flood of one does not delay the other.
// Most frames make an event of the node's own, so where those pile up fewer frames are taken, and
// peers, who get their receipts later, send less.
void Driver::step_next() {
  const std::uint64_t share = queue_.size() > kEventsPerTurn ? 8 : 2;
  const bool is_peers_turn = ++steps_ % share == 0;
  if (inbox_.is_empty() || (!is_peers_turn && !queue_.empty())) {
    replica::Event event = std::move(queue_.front());
    queue_.pop_front();
    return replica_.step(std::move(event));
  }
  Inbox::Arrival arrival = inbox_.take();
  replica_.step(std::move(arrival.event));
}

void Driver::time_view() {
  const std::pair view{replica_.epoch(), replica_.view()};
  if (view == view_) return;
  if (view.first == view_.first && view_.second > View{}) times_.view.add(us_since(view_since_));
  view_ = view;
  view_since_ = Clock::now();
}

void Driver::carry_out(replica::Effects effects) {
  // The disk first: it is what everybody waits for.
  if (effects.epoch) begin_epoch(std::move(*effects.epoch));
  if (effects.stage) write_stage(std::move(*effects.stage));
  for (const replica::Send& send : effects.sends) {
    if (send.to) {
      parts_.transport.send(*send.to, send.type, send.payload);
    } else {
      parts_.transport.broadcast(send.type, send.payload);
    }
  }
  if (effects.batch) write_batch(std::move(*effects.batch));
  if (parts_.publish) parts_.publish(replica_.standing(), counters_);
  for (const replica::ServePart& order : effects.serves) serve(order);
  for (replica::Verification& verification : effects.verifications) {
    verify(std::move(verification));
  }
  for (const replica::Punish& punishment : effects.punishments) {
    ++counters_.bad_frames;
    spdlog::debug("peer {} sent {}", punishment.peer.to_hex().substr(0, 12), punishment.what);
    parts_.punish(punishment.peer);
  }
  for (const replica::Notice& notice : effects.notices) tell(notice);
  for (const std::uint64_t ms : effects.checks_ms) times_.check.add(ms * 1'000);
  if (effects.divergence && parts_.on_divergence) parts_.on_divergence(*effects.divergence);
  if (effects.restriction) restrict_key(*effects.restriction);
  for (const replica::Reply& reply : effects.replies) parts_.on_reply(reply);
  if (effects.finalized) {
    parts_.on_finalized(*effects.finalized);
    discard_old_journal();
  }
}

// On the signer's thread: the guard has one caller at a time, and what was handed to it before is
// signed before.
void Driver::restrict_key(replica::Restriction kind) {
  boost::asio::post(sign_thread_, [this, kind] {
    Result<std::string, SignError> nonce = parts_.restrict_key(kind);
    if (!nonce) stop_for_storage(nonce.error().reason);
    boost::asio::post(strand_, [this, nonce = std::move(*nonce)]() mutable {
      queue(replica::KeyRestricted{.nonce = std::move(nonce)});
    });
  });
}

void Driver::verify(replica::Verification verification) {
  const std::optional<replica::TransactionSource> source = verification.source;
  if (verify_pool_.submit(std::move(verification))) return;
  ++counters_.refused_bulk;
  const auto* ticket = source ? std::get_if<replica::Ticket>(&*source) : nullptr;
  if (ticket == nullptr) return;
  parts_.on_reply({.ticket = *ticket,
                   .id = {},
                   .state = replica::SubmissionState::Refused,
                   .code = v1::ERROR_CODE_MEMPOOL_FULL,
                   .height = {},
                   .result = std::nullopt});
}

void Driver::write_stage(replica::StageOut stage) {
  ++counters_.stages;
  stage_out_ = true;
  // Shared by the two threads that fill it; the later one hands it to the strand.
  const auto answer = std::make_shared<StageAnswer>();
  const bool signs = !stage.votes.empty();
  const bool logs = !stage.records.empty();
  answer->open = (signs ? 1 : 0) + (logs ? 1 : 0);
  counters_.syncs += static_cast<std::uint64_t>(answer->open.load());
  const Stage number = stage.stage;
  const View highest = stage.highest_view;
  const auto finish = [this, answer, logs, number, highest] {
    if (--answer->open > 0) return;
    auto token = consensus::DurableToken::after(answer->logged, std::move(answer->signatures));
    if (!token) stop_for_storage(token.error());
    const auto since = answer->since;
    boost::asio::post(
        strand_, [this, answer, logs, number, highest, since, token = std::move(*token)]() mutable {
          stage_out_ = false;
          times_.sync.add(us_since(since));
          if (logs) log_end_ = answer->log_end;
          note_stage(highest);
          if (logs) note_journal_space(std::move(answer->journal_alarm));
          queue(replica::StageDurable{.stage = number, .token = std::move(token)});
        });
  };
  if (!logs && !signs) {
    // It only says again what is durable already.
    answer->open = 1;
    return finish();
  }
  const LogPosition before = log_end_;
  if (logs) {
    boost::asio::post(
        log_thread_, [this, answer, finish, number, records = std::move(stage.records)] {
          storage::StageWriter writer{number};
          for (const replica::EncodedRecord& record : records) {
            writer.add(static_cast<consensus::RecordType>(record.type), record.payload);
          }
          answer->logged = parts_.log.append_and_sync(std::move(writer).finish());
          answer->log_end = parts_.log.durable_end();
          if (parts_.journal_alarm) answer->journal_alarm = parts_.journal_alarm();
          finish();
        });
  }
  if (signs) {
    if (parts_.signer == nullptr) stop_for_storage("A vote was asked for without a sign guard.");
    boost::asio::post(sign_thread_,
                      [this, answer, finish, number, before, votes = std::move(stage.votes)] {
                        answer->signatures = parts_.signer->sign(number, before, votes);
                        finish();
                      });
  }
}

void Driver::write_batch(replica::BatchOut batch) {
  ++counters_.batches;
  ++counters_.syncs;
  times_.batch_since = Clock::now();
  boost::asio::post(store_thread_, [this, batch = std::move(batch.batch)] {
    const auto written = parts_.store.write(batch);
    if (!written) stop_for_storage(written.error().reason);
    boost::asio::post(strand_, [this] {
      times_.batch_since.reset();
      queue(replica::BatchDurable{});
    });
  });
}

// Reading thousands of records takes a while. What finds no room is asked for again by its joiner.
void Driver::serve(const replica::ServePart& order) {
  if (!parts_.snapshot || serving_ >= kServingMax) return;
  ++serving_;
  boost::asio::post(serve_thread_, [this, order] {
    const auto snapshot = parts_.snapshot();
    Bytes answer = replica::make_part_answer(*snapshot, order);
    boost::asio::post(strand_, [this, to = order.to, answer = std::move(answer)] {
      --serving_;
      if (!halted_) parts_.transport.send(to, FrameType::Answer, answer);
    });
  });
}

void Driver::begin_epoch(replica::EpochStart start) {
  SALUS_ASSERT(!stage_out_, "an epoch begins between stages");
  marks_.clear();
  young_epoch_ = start.epoch;
  ++space_question_;
  asks_space_ = false;
  space_timer_.cancel();
  boost::asio::post(log_thread_, [this, start = std::move(start)] {
    parts_.make_journal(start);
    const LogPosition end = parts_.log.durable_end();
    const auto alarm = parts_.journal_alarm ? parts_.journal_alarm() : std::nullopt;
    // The guard has one caller at a time.
    boost::asio::post(sign_thread_, [this, start, end, alarm] {
      parts_.ready_guard(start);
      boost::asio::post(strand_, [this, start, end, alarm] {
        if (halted_) return;
        log_end_ = end;
        parts_.enter_epoch(start);
        note_journal_space(alarm);
        queue(replica::JournalReady{});
      });
    });
  });
}

void Driver::note_stage(View highest) {
  const bool near = !marks_.empty() && log_end_.value() - marks_.back().end.value() < kMarkBytes;
  if (near && marks_.size() > 1) {
    marks_.back().highest = std::max(marks_.back().highest, highest);
    return;
  }
  if (!marks_.empty()) highest = std::max(highest, marks_.back().highest);
  marks_.push_back({.end = log_end_, .highest = highest});
}

void Driver::note_journal_space(std::optional<std::string> alarm) {
  if (alarm != journal_alarm_) {
    journal_alarm_ = alarm;
    queue(replica::JournalSpace{.alarm = std::move(alarm)});
  }
  if (journal_alarm_ && !asks_space_) ask_space_later();
}

// A node that waits for space writes nothing, so no write tells it that there is some.
void Driver::ask_space_later() {
  asks_space_ = true;
  const std::uint64_t question = ++space_question_;
  space_timer_.expires_after(kAskSpaceAfter);
  space_timer_.async_wait(
      boost::asio::bind_executor(strand_, [this, question](boost::system::error_code error) {
        if (error || halted_ || question != space_question_) return;
        boost::asio::post(log_thread_, [this, question] {
          auto alarm = parts_.journal_alarm();
          boost::asio::post(strand_, [this, question, alarm = std::move(alarm)]() mutable {
            if (question != space_question_) return;
            asks_space_ = false;
            note_journal_space(std::move(alarm));
          });
        });
      }));
}

// Journal files below the durable ledger go (S15): all they hold is final. A halted node keeps all
// of them; and the folders before a young epoch stay until its own journal has its first stage,
// which says again what must outlive them (C19, C31).
void Driver::discard_old_journal() {
  if (replica_.is_halted()) return;
  const View final = replica_.finalized_view_durable();
  if (young_epoch_ && final > View{} && !marks_.empty()) {
    const Epoch epoch = *std::exchange(young_epoch_, std::nullopt);
    boost::asio::post(log_thread_, [this, epoch] { parts_.discard_epochs(epoch); });
  }
  std::optional<LogPosition> before;
  while (marks_.size() > 1 && marks_.front().highest <= final) {
    before = marks_.front().end;
    marks_.pop_front();
  }
  if (!before) return;
  boost::asio::post(log_thread_, [this, end = *before] { parts_.discard_journal(end); });
}

void Driver::arm_deadline() {
  const MonoMs at = replica_.deadline();
  if (armed_ == at) return;
  armed_ = at;
  const std::uint64_t now = parts_.clock.mono().value();
  constexpr std::uint64_t kFarMs = 3'600'000;
  const std::uint64_t wait = at.value() > now ? std::min(at.value() - now, kFarMs) : 0;
  timer_.expires_after(std::chrono::milliseconds{wait});
  timer_.async_wait(boost::asio::bind_executor(strand_, [this](boost::system::error_code error) {
    if (error) return;
    armed_.reset();
    schedule_turn();
  }));
}

void Driver::tell(const replica::Notice& notice) {
  switch (notice.level) {
    case replica::Notice::Level::Info:
      return spdlog::info("{}", notice.text);
    case replica::Notice::Level::Warn:
      return spdlog::warn("{}", notice.text);
    case replica::Notice::Level::Error:
      return spdlog::error("{}", notice.text);
  }
}

}  // namespace salus::node
