// Owns: the plumbing of the tests of links.
#include "harness.h"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "net/tls.h"

namespace salus::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

// What the tests provoke is judged by counters; the log would drown the failure.
[[maybe_unused]] const bool kQuiet = [] {
  spdlog::set_level(spdlog::level::off);
  return true;
}();

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

}  // namespace

crypto::KeyPair key(std::uint8_t number) {
  static const bool ready = crypto::initialise();
  EXPECT_TRUE(ready);
  crypto::Seed seed{};
  seed[0] = number;
  return crypto::KeyPair::from_seed(seed);
}

NodeId node_id(std::uint8_t number) { return NodeId{key(number).public_key().bytes}; }

ChainId chain(std::uint8_t number) {
  ChainId out;
  out.bytes.fill(number);
  return out;
}

std::uint16_t free_port() {
  asio::io_context io;
  tcp::acceptor probe{io, loopback(0)};
  return probe.local_endpoint().port();
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return condition();
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

Workers::Workers(int threads) : work_(asio::make_work_guard(io)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io.run(); });
}

Workers::~Workers() {
  work_.reset();
  io.stop();
}

TestNode::TestNode(Workers& workers, std::uint8_t number, NetConfig config, ChainId chain_id)
    : number_(number), driver_(asio::make_strand(workers.io)) {
  Callbacks callbacks{
      .on_frame =
          [this](const NodeId& from, FrameType type, Bytes payload, Receipt receipt) {
            Received frame{from, type, std::move(payload)};
            if (when_received) when_received(*transport_, frame);
            const std::lock_guard lock{mutex_};
            received_.push_back(std::move(frame));
            if (hoards) receipts_.push_back(std::move(receipt));
          },
      .on_link_up =
          [this](const NodeId&) {
            const std::lock_guard lock{mutex_};
            ++ups_;
          },
      .on_link_down =
          [this](const NodeId&, LinkEnd reason) {
            const std::lock_guard lock{mutex_};
            downs_.push_back(reason);
          }};
  transport_ = std::make_unique<TlsTransport>(workers.io, driver_, key(number), chain_id,
                                              std::move(config), std::move(callbacks));
  const bool started = on_driver<bool>([](TlsTransport& net) { return net.start().has_value(); });
  EXPECT_TRUE(started);
}

// On the driver's strand, as the transport asks: the frame in work is done before its recorder
// goes.
TestNode::~TestNode() {
  std::promise<void> gone;
  asio::post(driver_, [&] {
    transport_.reset();
    gone.set_value();
  });
  gone.get_future().wait();
}

void TestNode::stop() {
  on_driver<void>([](TlsTransport& net) { net.stop(); });
}

void TestNode::send(const NodeId& to, FrameType type, Bytes payload) {
  on_driver<void>([&](TlsTransport& net) { net.send(to, type, payload); });
}

LinkStatus TestNode::status(const NodeId& peer) {
  for (const LinkStatus& status :
       on_driver<std::vector<LinkStatus>>([](TlsTransport& net) { return net.links(); })) {
    if (status.node == peer) return status;
  }
  return {};
}

void TestNode::hand_back() {
  const std::lock_guard lock{mutex_};
  receipts_.clear();
}

std::uint64_t TestNode::refused(LinkEnd why) {
  return on_driver<std::uint64_t>([&](TlsTransport& net) { return net.counters().refused[why]; });
}

std::uint64_t TestNode::ended(LinkEnd why) {
  return on_driver<std::uint64_t>([&](TlsTransport& net) { return net.counters().ended[why]; });
}

std::vector<Received> TestNode::received() const {
  const std::lock_guard lock{mutex_};
  return received_;
}

std::size_t TestNode::received_count() const {
  const std::lock_guard lock{mutex_};
  return received_.size();
}

int TestNode::ups() const {
  const std::lock_guard lock{mutex_};
  return ups_;
}

int TestNode::downs() const {
  const std::lock_guard lock{mutex_};
  return static_cast<int>(downs_.size());
}

std::vector<LinkEnd> TestNode::down_reasons() const {
  const std::lock_guard lock{mutex_};
  return downs_;
}

PeerAddress peer_at(std::uint8_t number, std::uint16_t port) {
  return {.node = node_id(number),
          .host = port == 0 ? "" : "127.0.0.1",
          .port = port,
          .name = "node " + std::to_string(number),
          .validator = true};
}

NetConfig listening(std::uint16_t port, std::vector<PeerAddress> peers) {
  NetConfig config;
  config.listen_port = port;
  config.peers = std::move(peers);
  return config;
}

Stranger::Stranger(std::uint16_t port, std::uint8_t key_number)
    : own_(make_tls_context(key(key_number))), stream_(io_, *own_) {
  connect(port);
}

Stranger::Stranger(std::uint16_t port, asio::ssl::context& tls) : stream_(io_, tls) {
  connect(port);
}

void Stranger::connect(std::uint16_t port) {
  boost::system::error_code error;
  stream_.next_layer().connect(loopback(port), error);
  if (!error) stream_.handshake(asio::ssl::stream_base::client, error);
  failed_ = static_cast<bool>(error);
}

void Stranger::say_bytes(ByteView bytes) {
  boost::system::error_code ignored;
  asio::write(stream_, asio::buffer(bytes.data(), bytes.size()), ignored);
}

void Stranger::say_hello(ChainId chain_id, std::uint64_t instance) {
  say(kHelloFrame, encode_hello({.chain = chain_id, .instance = instance}));
}

std::optional<Frame> Stranger::hear() {
  boost::system::error_code error;
  std::array<std::uint8_t, kFrameHeaderBytes> header{};
  asio::read(stream_, asio::buffer(header), error);
  if (error) return std::nullopt;
  ByteReader in{header};
  Frame frame;
  frame.type = in.u8();
  frame.payload.resize(in.u32());
  asio::read(stream_, asio::buffer(frame.payload), error);
  if (error) return std::nullopt;
  return frame;
}

std::optional<LinkEnd> Stranger::hear_goodbye() {
  while (const auto frame = hear()) {
    if (frame->type == kGoodbyeFrame) return parse_link_end(frame->payload.front());
  }
  return std::nullopt;
}

bool is_closed_after(std::uint16_t port, std::string_view bytes, std::chrono::milliseconds within) {
  asio::io_context io;
  tcp::socket socket{io};
  socket.connect(loopback(port));
  boost::system::error_code error;
  asio::write(socket, asio::buffer(bytes), error);
  const auto end = std::chrono::steady_clock::now() + within;
  std::array<char, 512> rest{};
  while (!error && std::chrono::steady_clock::now() < end) {
    pollfd wait{.fd = socket.native_handle(), .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 20) > 0) socket.read_some(asio::buffer(rest), error);
  }
  return static_cast<bool>(error);
}

}  // namespace salus::net
