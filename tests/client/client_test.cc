// Owns: one way to talk to a network: every answer and every refusal reaches the caller by name, a
// node that can't answer is left for the next one, and no call is lost between.
#include "salus/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "rpc/a_node.h"

namespace salus::client {
namespace {

using test::ANode;

// A port of loopback that is bound and where nobody listens, for as long as this lives.
class DeadPort {
 public:
  DeadPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, raw, size), 0);
    EXPECT_EQ(::getsockname(socket_, raw, &size), 0);
    endpoint_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~DeadPort() { ::close(socket_); }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  const std::string& endpoint() const { return endpoint_; }

 private:
  int socket_;
  std::string endpoint_;
};

Client connect(std::vector<std::string> endpoints,
               std::chrono::milliseconds timeout = std::chrono::seconds{30}) {
  auto client =
      Client::connect({.endpoints = std::move(endpoints), .timeout = timeout, .tls_roots = {}});
  EXPECT_TRUE(client.has_value());
  return std::move(*client);
}

v1::Transaction envelope(const Validated<wire::Transaction>& transaction) {
  v1::Transaction out;
  EXPECT_TRUE(out.ParseFromString(transaction->raw()));
  return out;
}

TEST(Client, needs_an_endpoint) {
  const auto client = Client::connect({.endpoints = {}, .tls_roots = {}});
  ASSERT_FALSE(client.has_value());
  EXPECT_EQ(client.error().kind, Error::Kind::Unreachable);
  EXPECT_EQ(client.error().name, "NoEndpoint");
}

TEST(Client, says_where_nobody_answers) {
  const DeadPort dead;
  Client client = connect({dead.endpoint()});
  const auto answer = client.query(v1::GetStatusRequest{});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Error::Kind::Unreachable);
  EXPECT_EQ(answer.error().name, "Unreachable");
  EXPECT_EQ(answer.error().module, "client");
  EXPECT_NE(answer.error().sentence.find(dead.endpoint()), std::string::npos);
}

TEST(Client, asks_the_next_node_and_stays_with_it) {
  const DeadPort dead;
  ANode node;
  Client client = connect({dead.endpoint(), node.endpoint()});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.query(v1::GetStatusRequest{}).has_value());
  EXPECT_TRUE(
      client.submit(envelope(node.chain().transfer(0, 0)), v1::SUBMIT_WAIT_ADMITTED).has_value());
}

TEST(Client, goes_on_when_its_node_ends) {
  auto first = std::make_unique<ANode>();
  ANode second;
  Client client = connect({first->endpoint(), second.endpoint()});
  ASSERT_TRUE(client.query(v1::GetStatusRequest{}).has_value());
  first.reset();
  EXPECT_TRUE(client.query(v1::GetStatusRequest{}).has_value());
}

// Seen: a node that says that it is not ready was asked for ever, though another one was named.
TEST(Client, leaves_a_node_that_is_not_ready) {
  ANode starting;
  starting.pretend_to_start();
  ANode ready;
  Client client = connect({starting.endpoint(), ready.endpoint()});
  EXPECT_TRUE(client.query(v1::GetGenesisRequest{}).has_value());
  Client alone = connect({starting.endpoint()});
  const auto answer = alone.query(v1::GetGenesisRequest{});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().name, "NodeStarting");
  EXPECT_EQ(answer.error().kind, Error::Kind::Refused);
}

TEST(Client, tells_refusals_of_the_rules_from_records_that_are_not_there) {
  ANode node;
  Client client = connect({node.endpoint()});
  v1::GetAccountRequest request;
  request.set_account(std::string(32, 'x'));
  const auto unknown = client.query(request);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, Error::Kind::NotFound);
  EXPECT_EQ(unknown.error().name, "AccountUnknown");
  EXPECT_EQ(unknown.error().module, "accounts");
  EXPECT_EQ(unknown.error().code, static_cast<std::uint32_t>(v1::ERROR_CODE_ACCOUNT_UNKNOWN));
  request.set_account("short");
  const auto invalid = client.query(request);
  ASSERT_FALSE(invalid.has_value());
  EXPECT_EQ(invalid.error().kind, Error::Kind::Refused);
  EXPECT_EQ(invalid.error().name, "ArgumentInvalid");
  EXPECT_EQ(invalid.error().sentence, "account has 5 bytes; it needs 32.");
}

TEST(Client, submits_and_may_submit_again) {
  ANode node;
  Client client = connect({node.endpoint()});
  const v1::Transaction transaction = envelope(node.chain().transfer(0, 0));
  const auto first = client.submit(transaction, v1::SUBMIT_WAIT_ADMITTED);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->tx_id(), transaction_id(transaction).to_string());
  EXPECT_EQ(first->status(), v1::TRANSACTION_STATUS_WAITING);
  const auto again = client.submit(transaction, v1::SUBMIT_WAIT_ADMITTED);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().name, "AlreadyKnown");
  const auto garbage = client.submit_bytes("garbage", v1::SUBMIT_WAIT_ADMITTED);
  ASSERT_FALSE(garbage.has_value());
  EXPECT_EQ(garbage.error().name, "Malformed");
}

TEST(Client, makes_an_error_of_what_was_finalized_and_refused) {
  ANode node;
  Client client = connect({node.endpoint()});
  v1::TxBody body = test::transfer_body(node.chain().chain_id(), node.chain().account(0),
                                        node.chain().account(1), 0);
  *body.add_actions() = body.actions(0);
  body.mutable_actions(1)->mutable_transfer()->set_amount(2'000'000);
  const auto transaction = test::signed_transaction(body, {1});
  auto outcome = std::async(std::launch::async, [&] {
    return client.submit(envelope(transaction), v1::SUBMIT_WAIT_FINALIZED);
  });
  while (outcome.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready) {
    node.seal_what_waits();
  }
  const auto refused = outcome.get();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Error::Kind::Refused);
  EXPECT_EQ(refused.error().name, "InsufficientFunds");
  EXPECT_EQ(refused.error().action_index, 1U);
}

TEST(Client, says_when_the_answer_did_not_come_in_time) {
  ANode node;
  node.hold_submissions();
  Client client = connect({node.endpoint()}, std::chrono::milliseconds{1});
  const auto late = client.submit(envelope(node.chain().transfer(0, 0)), v1::SUBMIT_WAIT_FINALIZED);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, Error::Kind::TimedOut);
  EXPECT_EQ(late.error().name, "TimedOut");
}

TEST(Client, calls_back_from_an_asynchronous_submission_once) {
  ANode node;
  Client client = connect({node.endpoint()});
  for (const std::uint64_t sequence : {0U, 500U}) {
    std::promise<std::string> called;
    client.submit_async(envelope(node.chain().transfer(0, sequence)), v1::SUBMIT_WAIT_ADMITTED,
                        [&called](const auto& outcome) {
                          called.set_value(outcome ? "Ok" : outcome.error().name);
                        });
    EXPECT_EQ(called.get_future().get(), sequence == 0 ? "Ok" : "SequenceGap");
  }
}

TEST(Client, follows_events_until_the_visitor_has_enough) {
  ANode node;
  for (std::uint64_t i = 0; i < 5; ++i) node.seal({node.chain().transfer(0, i)});
  Client client = connect({node.endpoint()});
  v1::SubscribeEventsRequest request;
  request.mutable_from()->set_height(1);
  std::vector<std::uint64_t> heights;
  const auto ended = client.subscribe(request, [&](const v1::SubscribeEventsResponse& message) {
    if (message.has_placed()) heights.push_back(message.placed().at().height());
    *request.mutable_from() = message.next();
    return heights.size() < 3;
  });
  EXPECT_TRUE(ended.has_value());
  EXPECT_EQ(heights, (std::vector<std::uint64_t>{1, 2, 3}));
  // And goes on where it was.
  heights.clear();
  ASSERT_TRUE(client
                  .subscribe(request,
                             [&](const v1::SubscribeEventsResponse& message) {
                               if (message.has_placed()) {
                                 heights.push_back(message.placed().at().height());
                               }
                               return heights.size() < 2;
                             })
                  .has_value());
  EXPECT_EQ(heights, (std::vector<std::uint64_t>{4, 5}));
}

TEST(Client, tells_why_a_stream_broke) {
  ANode node;
  node.seal({node.chain().transfer(0, 0)});
  Client client = connect({node.endpoint()});
  v1::SubscribeEventsRequest request;
  request.set_account("short");
  const auto refused = client.subscribe(request, [](const auto&) { return true; });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().name, "ArgumentInvalid");

  request.Clear();
  request.mutable_from()->set_height(1);
  std::thread stopper;
  const auto broken = client.subscribe(request, [&](const auto& message) {
    if (message.has_placed()) stopper = std::thread{[&] { node.stop_server(); }};
    return true;
  });
  stopper.join();
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().name, "NodeStopping");
}

}  // namespace
}  // namespace salus::client
