// Owns: setting up, reading and ending; link_io.cc writes and keeps alive.
#include "net/link.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/tls.h"

namespace salus::net {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using tcp = asio::ip::tcp;

namespace {

// A vote waits for what the kernel already holds: keep that short.
constexpr int kUnsentInKernelBytes = 128 << 10;
// Waiting for a token wakes no more often than this.
constexpr milliseconds kTokenWait{20};
constexpr std::int64_t kTokenMilli = 1'000;

// Best effort: a link without these options is slower, not wrong.
void tune(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  using UnsentMax = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
  socket.set_option(UnsentMax{kUnsentInKernelBytes}, ignored);
}

bool is_rated(std::uint8_t type) {
  return type == wire_type(FrameType::Vote) || type == wire_type(FrameType::Certificate) ||
         type == wire_type(FrameType::Fetch) || type == wire_type(FrameType::Status);
}

}  // namespace

Link::Link(tcp::socket socket, asio::ssl::context& tls, const NetLimits& limits, const Hello& ours,
           std::optional<NodeId> expected, LinkEvents events)
    : stream_(std::move(socket), tls),
      resolver_(stream_.get_executor()),
      timer_(stream_.get_executor()),
      token_timer_(stream_.get_executor()),
      limits_(limits),
      ours_(ours),
      expected_(expected),
      events_(std::move(events)),
      outbox_(limits),
      deadline_(Clock::now() + milliseconds{limits.setup_ms_max}),
      tokens_milli_(limits.consensus_frames_burst * kTokenMilli),
      tokens_at_(Clock::now()) {}

void Link::dial(std::string host, std::uint16_t port) {
  asio::post(stream_.get_executor(), [self = shared_from_this(), host = std::move(host), port] {
    if (self->state_ != State::SettingUp) return;
    self->tick();
    // An address needs no resolver, and so no thread of the system's.
    ErrorCode not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
      self->connect(tcp::resolver::results_type::create(tcp::endpoint{address, port}, host, ""));
      return;
    }
    self->resolver_.async_resolve(host, std::to_string(port),
                                  [self](const ErrorCode& error, const auto& endpoints) {
                                    if (self->state_ != State::SettingUp) return;
                                    if (error) return self->finish_on(error);
                                    self->connect(endpoints);
                                  });
  });
}

void Link::accept() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->state_ != State::SettingUp) return;
    self->tick();
    self->handshake();
  });
}

void Link::connect(const tcp::resolver::results_type& endpoints) {
  asio::async_connect(stream_.next_layer(), endpoints,
                      [self = shared_from_this()](const ErrorCode& error, const tcp::endpoint&) {
                        if (self->state_ != State::SettingUp) return;
                        if (error) return self->finish_on(error);
                        self->handshake();
                      });
}

void Link::handshake() {
  tune(stream_.next_layer());
  const auto role = is_dialler() ? asio::ssl::stream_base::client : asio::ssl::stream_base::server;
  stream_.async_handshake(
      role, [self = shared_from_this()](const ErrorCode& error) { self->on_handshake(error); });
}

void Link::on_handshake(const ErrorCode& error) {
  if (state_ != State::SettingUp) return;
  if (error) return finish(LinkEnd::HandshakeFailed, error.message());

  SSL* session = stream_.native_handle();
  proved_ = proved_node(session);
  if (!proved_ || !speaks_salus(session)) return finish(LinkEnd::HandshakeFailed, "");

  state_ = State::AwaitsHello;
  heard_at_ = progress_at_ = pinged_at_ = Clock::now();
  if (expected_ && *expected_ != *proved_) return end_with_word(LinkEnd::WrongIdentity);
  if (is_dialler()) say(kHelloFrame, encode_hello(ours_));
  read();
}

void Link::open() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->state_ != State::AwaitsHub) return;
    self->state_ = State::Open;
    if (!self->is_dialler()) self->say(kHelloFrame, encode_hello(self->ours_));
    self->pump();
    self->process();
  });
}

void Link::handled(std::size_t frames, std::size_t bytes) {
  asio::post(stream_.get_executor(), [self = shared_from_this(), frames, bytes] {
    self->waiting_frames_ -= frames;
    self->waiting_bytes_ -= bytes;
    // The silence of a peer that was not read is ours.
    if (!self->reading_) self->heard_at_ = Clock::now();
    self->read();
  });
}

void Link::read() {
  if (reading_ || !may_read()) return;
  reading_ = true;
  stream_.async_read_some(asio::buffer(in_),
                          [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                            self->on_read(error, size);
                          });
}

bool Link::may_read() {
  switch (state_) {
    case State::AwaitsHello:
    // An ending link is read to the end, unheard: closing over unread bytes would reset the
    // connection and lose the Goodbye.
    case State::Ending:
      return true;
    case State::Open:
      return waiting_frames_ < limits_.inbound_frames_max &&
             waiting_bytes_ < limits_.inbound_bytes_max && has_token();
    case State::SettingUp:
    case State::AwaitsHub:
    case State::Closed:
      return false;
  }
  return false;
}

bool Link::has_token() {
  const auto now = Clock::now();
  const auto passed = std::chrono::duration_cast<milliseconds>(now - tokens_at_);
  tokens_at_ += passed;
  const std::int64_t most = limits_.consensus_frames_burst * kTokenMilli;
  tokens_milli_ += passed.count() * limits_.consensus_frames_per_s;
  tokens_milli_ = std::min(tokens_milli_, most);
  if (tokens_milli_ >= kTokenMilli) return true;

  if (!std::exchange(awaits_token_, true)) {
    token_timer_.expires_after(kTokenWait);
    token_timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
      self->awaits_token_ = false;
      if (error) return;
      self->heard_at_ = Clock::now();
      self->read();
    });
  }
  return false;
}

void Link::on_read(const ErrorCode& error, std::size_t size) {
  reading_ = false;
  if (state_ == State::Closed) return;
  if (error) return finish_on(error);
  if (state_ == State::Ending) return read();

  meters_.bytes_in += size;
  heard_at_ = Clock::now();
  probe_until_.reset();
  if (const auto broken = reader_.feed(ByteView{in_}.first(size), arrived_)) {
    return end_with_word(*broken);
  }
  process();
}

void Link::process() {
  if (state_ == State::AwaitsHello && !arrived_.empty()) {
    const Frame first = std::move(arrived_.front());
    arrived_.erase(arrived_.begin());
    handle_hello(first);
  } else if (state_ == State::Open) {
    std::vector<Frame> batch;
    std::size_t bytes = 0;
    for (Frame& frame : std::exchange(arrived_, {})) {
      ++meters_.frames_in;
      if (is_link_frame(frame.type)) {
        if (!handle_own_frame(frame)) return;
        continue;
      }
      if (is_rated(frame.type)) tokens_milli_ -= kTokenMilli;
      bytes += frame.payload.size();
      batch.push_back(std::move(frame));
    }
    deliver(std::move(batch), bytes);
  }
  read();
}

void Link::deliver(std::vector<Frame> batch, std::size_t bytes) {
  if (batch.empty()) return;
  waiting_frames_ += batch.size();
  waiting_bytes_ += bytes;
  events_.on_frames(std::move(batch));
}

void Link::handle_hello(const Frame& frame) {
  if (frame.type == kGoodbyeFrame) {
    handle_own_frame(frame);
    return;
  }
  Hello theirs;
  if (const auto refused = check_hello(frame.payload, ours_.chain, theirs)) {
    return end_with_word(*refused);
  }
  state_ = State::AwaitsHub;
  events_.on_hello(*proved_, theirs.instance);
}

// False if the link ends by it.
bool Link::handle_own_frame(const Frame& frame) {
  if (frame.type == kPingFrame && frame.payload.size() == kPingBytes) {
    // One answer at a time: a peer that pings faster than it reads gets fewer.
    if (own_.empty()) say(kPongFrame, frame.payload);
    return true;
  }
  if (frame.type == kPongFrame && frame.payload.size() == kPingBytes) {
    const auto rtt = Clock::now() - pinged_at_;
    if (ByteReader{frame.payload}.u64() == ping_number_) {
      meters_.rtt_us = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(rtt).count());
    }
    return true;
  }
  if (frame.type == kGoodbyeFrame && frame.payload.size() == 1) {
    const auto why = parse_link_end(frame.payload.front());
    if (why == LinkEnd::Replaced) {
      finish(LinkEnd::Replaced, "");
      return false;
    }
    finish(LinkEnd::RefusedByPeer,
           std::string{why ? sentence(*why) : "Its reason is unknown to this version."});
    return false;
  }
  end_with_word(LinkEnd::MalformedFrame);
  return false;
}

}  // namespace salus::net
