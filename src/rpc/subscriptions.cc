// Owns: the streams of events and their one waker.
#include "rpc/subscriptions.h"

#include <optional>

namespace salus::rpc {

namespace {

using Writer = grpc::ServerWriteReactor<v1::SubscribeEventsResponse>;

// A call that is refused before it becomes a stream.
class RefusedStream : public Writer {
 public:
  explicit RefusedStream(const Refusal& refusal) { Finish(to_status(refusal)); }
  void OnDone() override { delete this; }
};

}  // namespace

// At every moment exactly one of these is true: a thread is advancing, a write is in flight, the
// stream sleeps, or it is finished. Whoever takes it out of sleep advances it.
class EventStream : public Writer, public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Subscriptions& owner, EventCursor cursor, Gate::Ticket ticket)
      : owner_(owner), cursor_(std::move(cursor)), ticket_(std::move(ticket)) {}

  void start() { advance(); }

  // New blocks may be readable.
  void wake() {
    {
      const std::lock_guard lock{mutex_};
      news_ = true;
      if (state_ != State::Asleep) return;
      state_ = State::Busy;
    }
    advance();
  }

  void end(const grpc::Status& status) {
    {
      const std::lock_guard lock{mutex_};
      if (!end_) end_ = status;
      if (state_ != State::Asleep) return;
      state_ = State::Finished;
    }
    Finish(*end_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return finish(grpc::Status::CANCELLED);
    advance();
  }
  void OnCancel() override { end(grpc::Status::CANCELLED); }
  void OnDone() override { owner_.forget(*this); }

 private:
  enum class State { Busy, Asleep, Finished };

  void finish(const grpc::Status& status) {
    {
      const std::lock_guard lock{mutex_};
      state_ = State::Finished;
    }
    Finish(status);
  }

  // Writes the next message, or falls asleep. Busy, and no write in flight.
  void advance() {
    while (true) {
      {
        const std::lock_guard lock{mutex_};
        news_ = false;
        if (owner_.backend_.is_halted() && !end_) end_ = to_status(refusal(RpcError::NodeHalted));
        if (end_) {
          state_ = State::Finished;
          break;
        }
      }
      if (auto message = next_message()) {
        message_ = std::move(*message);
        StartWrite(&message_);
        return;
      }
      const std::lock_guard lock{mutex_};
      if (cursor_.refused() && !end_) end_ = to_status(*cursor_.refused());
      if (news_ || end_) continue;
      state_ = State::Asleep;
      return;
    }
    Finish(*end_);
  }

  std::optional<v1::SubscribeEventsResponse> next_message() {
    const auto view = queries::View::open(owner_.backend_.snapshot());
    if (!view) return std::nullopt;
    return cursor_.step(*view);
  }

  Subscriptions& owner_;
  EventCursor cursor_;
  v1::SubscribeEventsResponse message_;
  std::mutex mutex_;
  State state_ = State::Busy;
  bool news_ = false;
  std::optional<grpc::Status> end_;
  Gate::Ticket ticket_;
};

Subscriptions::Subscriptions(const Backend& backend, Gate& gate) : backend_(backend), gate_(gate) {
  waker_ = std::thread{[this] { run(); }};
  subscription_ = backend_.subscribe([this](Height) {
    const std::lock_guard lock{mutex_};
    news_ = true;
    woken_.notify_one();
  });
}

Subscriptions::~Subscriptions() { stop(); }

void Subscriptions::stop() {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    stopping_ = true;
    woken_.notify_one();
  }
  backend_.unsubscribe(subscription_);
  waker_.join();
}

grpc::ServerWriteReactor<v1::SubscribeEventsResponse>* Subscriptions::open(
    const v1::SubscribeEventsRequest& request) {
  const MethodAccess& access = get_access_of_request(request.GetDescriptor()->full_name());
  if (request.ByteSizeLong() > access.request_bytes_max) {
    return new RefusedStream{refusal(RpcError::RequestTooLarge)};
  }
  if (backend_.is_halted()) return new RefusedStream{refusal(RpcError::NodeHalted)};
  auto filter = EventFilter::make(request);
  if (!filter) return new RefusedStream{filter.error()};
  const auto view = queries::View::open(backend_.snapshot());
  if (!view) return new RefusedStream{view.error()};
  auto ticket = gate_.enter(access.rate);
  if (!ticket) return new RefusedStream{refusal(RpcError::TooManySubscriptions)};

  // Genesis has no events: the first block that can is 1.
  const Height from{request.has_from() ? std::max<std::uint64_t>(request.from().height(), 1)
                                       : view->height() + 1};
  const auto stream = std::make_shared<EventStream>(
      *this, EventCursor{std::move(*filter), from, request.from().index()}, std::move(*ticket));
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return new RefusedStream{refusal(RpcError::NodeStopping)};
    streams_.push_back(stream);
  }
  stream->start();
  return stream.get();
}

void Subscriptions::run() {
  while (true) {
    std::list<std::shared_ptr<EventStream>> streams;
    bool stopping = false;
    {
      std::unique_lock lock{mutex_};
      woken_.wait(lock, [this] { return news_ || stopping_; });
      news_ = false;
      stopping = stopping_;
      streams = streams_;
    }
    for (const auto& stream : streams) {
      if (stopping) {
        stream->end(to_status(refusal(RpcError::NodeStopping)));
      } else {
        stream->wake();
      }
    }
    if (stopping) return;
  }
}

void Subscriptions::forget(const EventStream& stream) {
  std::shared_ptr<EventStream> last;
  const std::lock_guard lock{mutex_};
  for (auto it = streams_.begin(); it != streams_.end(); ++it) {
    if (it->get() != &stream) continue;
    last = std::move(*it);
    streams_.erase(it);
    break;
  }
}

}  // namespace salus::rpc
