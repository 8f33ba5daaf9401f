// Owns: nodes that link over loopback in one process, and strangers who speak what bytes they like.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/frame.h"
#include "net/transport.h"

namespace salus::net {

using namespace std::chrono_literals;

crypto::KeyPair key(std::uint8_t number);
NodeId node_id(std::uint8_t number);
ChainId chain(std::uint8_t number);
std::uint16_t free_port();

// Polls; false if it did not come true in time.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within = 5s);

// Threads that run handlers until the end of the test.
class Workers {
 public:
  explicit Workers(int threads = 3);
  ~Workers();
  boost::asio::io_context io;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::jthread> threads_;
};

struct Received {
  NodeId from;
  FrameType type;
  Bytes payload;
};

// A transport with its driver's strand and a record of what it was told.
class TestNode {
 public:
  TestNode(Workers& workers, std::uint8_t number, NetConfig config, ChainId chain_id = chain(1));
  ~TestNode();

  NodeId id() const { return node_id(number_); }
  std::uint16_t port() {
    return on_driver<std::uint16_t>([](auto& net) { return net.listen_port(); });
  }
  void stop();
  // Returns the receipts that were hoarded.
  void hand_back();
  void send(const NodeId& to, FrameType type, Bytes payload);
  bool is_linked(const NodeId& peer) {
    return on_driver<bool>([&](auto& net) { return net.is_linked(peer); });
  }
  LinkStatus status(const NodeId& peer);
  std::uint64_t refused(LinkEnd why);
  std::uint64_t ended(LinkEnd why);
  std::vector<Received> received() const;
  std::size_t received_count() const;
  int ups() const;
  int downs() const;
  std::vector<LinkEnd> down_reasons() const;

  template <typename T>
  T on_driver(const std::function<T(TlsTransport&)>& ask) {
    std::promise<T> answer;
    boost::asio::post(driver_, [&] {
      if constexpr (std::is_void_v<T>) {
        ask(*transport_);
        answer.set_value();
      } else {
        answer.set_value(ask(*transport_));
      }
    });
    return answer.get_future().get();
  }

  // Runs inside on_frame, on the driver's strand.
  std::function<void(TlsTransport&, const Received&)> when_received;
  // Frames stay unhandled: their receipts are kept.
  std::atomic<bool> hoards = false;

 private:
  std::uint8_t number_;
  boost::asio::strand<boost::asio::io_context::executor_type> driver_;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::vector<Receipt> receipts_;
  std::vector<LinkEnd> downs_;
  int ups_ = 0;
  std::unique_ptr<TlsTransport> transport_;
};

PeerAddress peer_at(std::uint8_t number, std::uint16_t port);
NetConfig listening(std::uint16_t port, std::vector<PeerAddress> peers = {});

// A TLS client that holds a node key and blocks; for what no correct node says.
class Stranger {
 public:
  // Connects and completes the handshake; failed() says whether it could.
  Stranger(std::uint16_t port, std::uint8_t key_number);
  Stranger(std::uint16_t port, boost::asio::ssl::context& tls);
  bool failed() const { return failed_; }
  void say(std::uint8_t type, ByteView payload) { say_bytes(encode_frame(type, payload)); }
  void say_bytes(ByteView bytes);
  void say_hello(ChainId chain_id = chain(1), std::uint64_t instance = 1);
  // The next frame; nullopt when the connection is over.
  std::optional<Frame> hear();
  // Reads on until a Goodbye, and returns its reason; nullopt if there was none.
  std::optional<LinkEnd> hear_goodbye();

 private:
  void connect(std::uint16_t port);

  boost::asio::io_context io_;
  std::unique_ptr<boost::asio::ssl::context> own_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  bool failed_ = true;
};

// Sends `bytes` in the clear and returns whether the other side closed within `within`.
bool is_closed_after(std::uint16_t port, std::string_view bytes, std::chrono::milliseconds within);

}  // namespace salus::net
