// Owns: writing, keeping alive, and the end of a link.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <utility>

#include "net/link.h"

namespace salus::net {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// What is joined into one write; a vote that comes meanwhile waits for no more than this or one
// large frame.
constexpr std::size_t kWriteBytes = std::size_t{64} << 10U;
// Above this, a buffer that carried a block is given back.
constexpr std::size_t kKeptBufferBytes = std::size_t{256} << 10U;
constexpr milliseconds kTick{250};
// How long an ending link waits for the peer to hear why.
constexpr milliseconds kGoodbyeWait{500};
constexpr milliseconds kProbeWait{1'000};

}  // namespace

void Link::push(FrameType type, EncodedFrame frame) {
  if (!outbox_.push(type, std::move(frame))) return;
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->pump(); });
}

void Link::say(std::uint8_t type, ByteView payload) {
  const Bytes frame = encode_frame(type, payload);
  own_.insert(own_.end(), frame.begin(), frame.end());
  pump();
}

void Link::pump() {
  if (writing_ || state_ == State::SettingUp || state_ == State::Closed) return;

  if (out_.capacity() > kKeptBufferBytes) out_.shrink_to_fit();
  out_ = std::exchange(own_, {});
  if (state_ == State::Open) meters_.frames_out += outbox_.take(kWriteBytes, out_);
  if (!out_.empty()) {
    writing_ = true;
    written_ = 0;
    progress_at_ = Clock::now();
    write_some();
    return;
  }
  if (state_ != State::Ending) return;
  // Everything is said. The peer closes when it has heard it.
  ErrorCode ignored;
  stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Link::write_some() {
  stream_.async_write_some(asio::buffer(out_) + written_,
                           [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                             if (self->state_ == State::Closed) return;
                             if (error) return self->finish_on(error);

                             self->meters_.bytes_out += size;
                             self->written_ += size;
                             self->progress_at_ = Clock::now();
                             if (self->written_ < self->out_.size()) return self->write_some();
                             self->writing_ = false;
                             self->out_.clear();
                             self->pump();
                           });
}

void Link::tick() {
  timer_.expires_after(kTick);
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (error || self->state_ == State::Closed) return;
    const auto now = Clock::now();
    self->check_pulse(now);
    if (self->state_ != State::Closed) self->tick();
  });
}

void Link::check_pulse(Clock::time_point now) {
  if (state_ == State::Ending) {
    if (now >= deadline_) finish(end_, "");
    return;
  }
  if (state_ != State::Open) {
    if (now >= deadline_) finish(LinkEnd::TooSlow, "");
    return;
  }
  const bool silent = reading_ && now - heard_at_ > milliseconds{limits_.silent_ms_max};
  if (silent || (probe_until_ && now > *probe_until_)) return finish(LinkEnd::Silent, "");
  if (writing_ && now - progress_at_ > milliseconds{limits_.stalled_ms_max}) {
    return finish(LinkEnd::Stalled, "");
  }
  if (now - pinged_at_ >= milliseconds{limits_.ping_ms}) ping(now);
}

void Link::ping(Clock::time_point now) {
  // A peer that does not even take our pings gets no pile of them.
  if (!own_.empty()) return;
  pinged_at_ = now;
  ByteWriter number;
  number.u64(++ping_number_);
  say(kPingFrame, number.out());
}

void Link::probe() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->state_ != State::Open || self->probe_until_) return;
    const auto now = Clock::now();
    if (self->reading_) self->probe_until_ = now + kProbeWait;
    self->ping(now);
  });
}

void Link::close(LinkEnd why) {
  asio::post(stream_.get_executor(),
             [self = shared_from_this(), why] { self->end_with_word(why); });
}

void Link::abort(LinkEnd why) {
  asio::post(stream_.get_executor(), [self = shared_from_this(), why] { self->finish(why, ""); });
}

void Link::end_with_word(LinkEnd why) {
  if (state_ == State::Closed || state_ == State::Ending) return;
  if (!proved_) return finish(why, "");

  state_ = State::Ending;
  end_ = why;
  deadline_ = Clock::now() + kGoodbyeWait;
  outbox_.shut();
  arrived_.clear();
  const std::array<std::uint8_t, 1> reason{static_cast<std::uint8_t>(why)};
  say(kGoodbyeFrame, reason);
  read();
}

void Link::finish_on(const ErrorCode& error) {
  if (state_ == State::Ending) return finish(end_, "");
  if (!proved_) return finish(LinkEnd::ConnectFailed, error.message());
  const bool plain = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  finish(LinkEnd::ClosedByPeer, plain ? std::string{} : error.message());
}

void Link::finish(LinkEnd why, std::string detail) {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  outbox_.shut();
  timer_.cancel();
  token_timer_.cancel();
  resolver_.cancel();
  ErrorCode ignored;
  stream_.next_layer().close(ignored);
  // The events hold the way back to the hub: with them goes the last reason to live.
  const LinkEvents events = std::exchange(events_, {});
  if (events.on_closed) events.on_closed(why, std::move(detail));
}

}  // namespace salus::net
