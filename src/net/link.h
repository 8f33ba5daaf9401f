// Owns: one connection, from the first byte to the last. It is either being set up under a
// deadline, open with keepalive and bounded in both directions, or ending; it reports its end
// exactly once. Lives on a strand of its own; the hub calls it from the driver's strand through the
// methods that say so. It never logs and decides nothing about who is welcome: the hub does.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/config.h"
#include "net/frame.h"
#include "net/link_end.h"
#include "net/outbox.h"

namespace salus::net {

// Called on the link's strand.
struct LinkEvents {
  // The peer proved `node` and its Hello is good. Answered by open() or close().
  std::function<void(const NodeId& node, std::uint64_t instance)> on_hello;
  // Frames of the transport's types, in order. Answered by handled() when the driver is done
  // with all of them.
  std::function<void(std::vector<Frame> frames)> on_frames;
  // Last of all; `detail` is the system's or the peer's word on it, or empty.
  std::function<void(LinkEnd end, std::string detail)> on_closed;
};

// What the link's strand counts and the driver's strand reads.
struct LinkMeters {
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> frames_in{0};
  std::atomic<std::uint64_t> frames_out{0};
  std::atomic<std::uint64_t> rtt_us{0};
};

// Shared: a session must outlive the handlers that Asio holds for it.
class Link : public std::enable_shared_from_this<Link> {
 public:
  using Clock = std::chrono::steady_clock;

  // `expected` pins the other side's key; an accepted connection has none and is judged by the hub.
  Link(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, const NetLimits& limits,
       const Hello& ours, std::optional<NodeId> expected, LinkEvents events);

  // One of the two, once. Any thread.
  void dial(std::string host, std::uint16_t port);
  void accept();

  // The hub takes the link: an accepted connection answers the Hello, and frames flow. Any thread.
  void open();
  // Ends the link. The peer is told why if it proved itself. Any thread, any number of times.
  void close(LinkEnd why);
  // Ends it without a word and without waiting.
  void abort(LinkEnd why);
  // The driver is done with so many frames of on_frames(). Any thread.
  void handled(std::size_t frames, std::size_t bytes);
  // The peer seems to think that this link is gone: unless it shows life soon, it is. Any thread.
  void probe();
  // Queues a frame; what comes before open() waits for it. Any thread.
  void push(FrameType type, EncodedFrame frame);

  const LinkMeters& meters() const { return meters_; }
  const Outbox& outbox() const { return outbox_; }

 private:
  enum class State : std::uint8_t { SettingUp, AwaitsHello, AwaitsHub, Open, Ending, Closed };
  using ErrorCode = boost::system::error_code;

  bool is_dialler() const { return expected_.has_value(); }

  void connect(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void handshake();
  void on_handshake(const ErrorCode& error);

  void read();
  void on_read(const ErrorCode& error, std::size_t size);
  void process();
  void handle_hello(const Frame& frame);
  bool handle_own_frame(const Frame& frame);
  void deliver(std::vector<Frame> batch, std::size_t bytes);
  bool may_read();
  bool has_token();

  void say(std::uint8_t type, ByteView payload);
  void pump();
  void write_some();

  void tick();
  void check_pulse(Clock::time_point now);
  void ping(Clock::time_point now);

  void end_with_word(LinkEnd why);
  void finish(LinkEnd why, std::string detail);
  void finish_on(const ErrorCode& error);

  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer token_timer_;
  const NetLimits limits_;
  const Hello ours_;
  const std::optional<NodeId> expected_;
  LinkEvents events_;
  LinkMeters meters_;
  Outbox outbox_;

  State state_ = State::SettingUp;
  // The reason of an end that is being said to the peer.
  LinkEnd end_ = LinkEnd::Stopped;
  std::optional<NodeId> proved_;
  Clock::time_point deadline_;

  FrameReader reader_;
  std::array<std::uint8_t, std::size_t{16} << 10U> in_{};
  // Cut from the stream and not yet looked at: at most what one read brings.
  std::vector<Frame> arrived_;
  bool reading_ = false;
  std::size_t waiting_frames_ = 0;
  std::size_t waiting_bytes_ = 0;
  // Tokens in thousandths, so that a millisecond adds a whole number. What one read brought too
  // much is a debt that is waited off.
  std::int64_t tokens_milli_;
  Clock::time_point tokens_at_;
  bool awaits_token_ = false;

  // Frames of the link itself; they go first.
  Bytes own_;
  Bytes out_;
  std::size_t written_ = 0;
  bool writing_ = false;

  Clock::time_point heard_at_;
  Clock::time_point progress_at_;
  Clock::time_point pinged_at_;
  std::uint64_t ping_number_ = 0;
  std::optional<Clock::time_point> probe_until_;
};

}  // namespace salus::net
