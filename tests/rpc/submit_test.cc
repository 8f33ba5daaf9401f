// Owns: a submission is answered exactly once, with what became of it; the node's own troubles are
// told by name; health and reflection are there for programs that know nothing of us.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <thread>

#include "rpc/a_node.h"
#include "rpc/gate.h"
#include "rpc/services.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "salus/v1/query_service.pb.h"
#include "salus/v1/transactions_service.grpc.pb.h"

namespace salus::rpc {
namespace {

using test::ANode;
using test::call;
using test::detail_of;
using test::name_of;

v1::SubmitTransactionRequest submission(const Validated<wire::Transaction>& transaction,
                                        v1::SubmitWait wait) {
  v1::SubmitTransactionRequest request;
  request.set_transaction(transaction->raw());
  request.set_wait(wait);
  return request;
}

struct Submitted {
  grpc::Status status;
  v1::SubmitTransactionResponse response;
};
Submitted submit(ANode& node, const v1::SubmitTransactionRequest& request) {
  Submitted out;
  grpc::ClientContext context;
  const auto stub = v1::Transactions::NewStub(node.channel());
  out.status = stub->SubmitTransaction(&context, request, &out.response);
  return out;
}

TEST(Submit, answers_at_admission) {
  ANode node;
  const auto transaction = node.chain().transfer(0, 0);
  const auto submitted = submit(node, submission(transaction, v1::SUBMIT_WAIT_ADMITTED));
  ASSERT_TRUE(submitted.status.ok());
  EXPECT_EQ(submitted.response.tx_id(), transaction->id().to_string());
  EXPECT_EQ(submitted.response.status(), v1::TRANSACTION_STATUS_WAITING);
  EXPECT_FALSE(submitted.response.has_result());
}

TEST(Submit, says_why_it_was_not_admitted) {
  ANode node;
  ASSERT_TRUE(
      submit(node, submission(node.chain().transfer(0, 0), v1::SUBMIT_WAIT_ADMITTED)).status.ok());
  const auto again =
      submit(node, submission(node.chain().transfer(0, 0), v1::SUBMIT_WAIT_ADMITTED));
  EXPECT_EQ(again.status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(name_of(again.status), "AlreadyKnown");
  const auto gap =
      submit(node, submission(node.chain().transfer(0, 500), v1::SUBMIT_WAIT_FINALIZED));
  EXPECT_EQ(gap.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(name_of(gap.status), "SequenceGap");
  EXPECT_EQ(detail_of(gap.status).module(), "accounts");
  const auto malformed = submit(node, v1::SubmitTransactionRequest{});
  EXPECT_EQ(malformed.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(name_of(malformed.status), "Malformed");
}

// Submits from threads of their own and makes blocks until both are answered.
TEST(Submit, waits_for_the_block_and_tells_what_the_transaction_did) {
  ANode node;
  Submitted applied;
  Submitted refused;
  std::atomic<int> answered = 0;
  std::thread one{[&] {
    applied = submit(node, submission(node.chain().transfer(0, 0), v1::SUBMIT_WAIT_FINALIZED));
    ++answered;
  }};
  std::thread two{[&] {
    refused =
        submit(node, submission(node.chain().transfer(1, 0, 2'000'000), v1::SUBMIT_WAIT_FINALIZED));
    ++answered;
  }};
  while (answered < 2) node.seal();
  one.join();
  two.join();
  ASSERT_TRUE(applied.status.ok());
  EXPECT_EQ(applied.response.status(), v1::TRANSACTION_STATUS_FINALIZED);
  EXPECT_GT(applied.response.height(), 0U);
  EXPECT_FALSE(applied.response.has_error());
  EXPECT_GT(applied.response.result().events_size(), 0);
  // Finalized without effect: the call went well, the transaction did not.
  ASSERT_TRUE(refused.status.ok());
  EXPECT_EQ(refused.response.status(), v1::TRANSACTION_STATUS_FINALIZED);
  EXPECT_EQ(refused.response.error().name(), "InsufficientFunds");
}

TEST(Submit, that_the_client_gave_up_is_cancelled_and_its_late_answer_goes_nowhere) {
  ANode node;
  node.hold_submissions();
  grpc::ClientContext context;
  v1::SubmitTransactionResponse response;
  const auto stub = v1::Transactions::NewStub(node.channel());
  std::thread caller{[&] {
    const auto request = submission(node.chain().transfer(0, 0), v1::SUBMIT_WAIT_FINALIZED);
    EXPECT_EQ(stub->SubmitTransaction(&context, request, &response).error_code(),
              grpc::StatusCode::CANCELLED);
  }};
  while (node.held() == 0) std::this_thread::yield();
  context.TryCancel();
  caller.join();
}

TEST(Server, ends_waiting_submissions_when_it_stops) {
  ANode node;
  node.hold_submissions();
  std::thread caller{[&] {
    const auto ended =
        submit(node, submission(node.chain().transfer(0, 0), v1::SUBMIT_WAIT_FINALIZED));
    EXPECT_FALSE(ended.status.ok());
  }};
  while (node.held() == 0) std::this_thread::yield();
  node.stop_server();
  caller.join();
  // The node still holds the answer that nobody waits for; it goes after the server.
}

// Seen: the node keeps the answer of a cancelled submission until its transaction is final, also
// beyond the server; its place in the gate was given back to a gate that was gone.
TEST(Gate, may_go_before_its_tickets) {
  auto gate = std::make_unique<Gate>();
  auto ticket = gate->enter(RateClass::Write);
  ASSERT_TRUE(ticket);
  gate.reset();
  ticket.reset();
}

TEST(Gate, lets_in_as_many_of_a_class_as_the_table_says_and_takes_places_back) {
  Gate gate;
  for (std::size_t index = 0; index < kRateClasses; ++index) {
    const auto rate = static_cast<RateClass>(index);
    std::vector<Gate::Ticket> tickets;
    for (std::uint32_t i = 0; i < concurrent_max(rate); ++i) {
      auto ticket = gate.enter(rate);
      ASSERT_TRUE(ticket);
      tickets.push_back(std::move(*ticket));
    }
    EXPECT_FALSE(gate.enter(rate));
    EXPECT_FALSE(gate.enter(rate));
    tickets.pop_back();
    EXPECT_TRUE(gate.enter(rate));
  }
}

// Four requests that cost nothing to send could keep every light client from reading.
TEST(Gate, counts_a_proof_of_a_read_apart_from_one_of_an_execution) {
  Gate gate;
  v1::ProveQueryRequest read;
  read.set_request_type("salus.v1.GetAccountRequest");
  v1::ProveQueryRequest simulation;
  simulation.set_request_type("salus.v1.SimulateActionsRequest");
  std::vector<Gate::Ticket> tickets;
  for (std::uint32_t i = 0; i < concurrent_max(RateClass::Simulate); ++i) {
    auto ticket = admit(gate, simulation);
    ASSERT_TRUE(ticket.has_value());
    tickets.push_back(std::move(*ticket));
  }
  EXPECT_FALSE(admit(gate, simulation).has_value());
  EXPECT_FALSE(admit(gate, v1::SimulateActionsRequest{}).has_value());
  EXPECT_TRUE(admit(gate, read).has_value());
  read.set_request_type("nothing of ours");
  EXPECT_TRUE(admit(gate, read).has_value());
}

TEST(Server, that_has_no_ledger_yet_says_so_and_still_tells_its_status) {
  ANode node;
  node.pretend_to_start();
  const grpc::Status status = call(node.channel(), "/salus.v1.Chain/GetGenesis", "");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(name_of(status), "NodeStarting");
  std::string bytes;
  ASSERT_TRUE(call(node.channel(), "/salus.v1.Chain/GetStatus", "", &bytes).ok());
  v1::GetStatusResponse told;
  ASSERT_TRUE(told.ParseFromString(bytes));
  EXPECT_EQ(told.height(), 0U);
  EXPECT_EQ(told.node_name(), "v1");
}

TEST(Server, does_not_share_its_port) {
  ANode node;
  const auto second = Server::start(
      node.backend(), {.listen = node.endpoint(), .tls_certificate = {}, .tls_key = {}});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().reason.find(node.endpoint()), std::string::npos);
}

TEST(Server, refuses_an_address_that_is_none_and_a_key_that_is_none) {
  ANode node;
  for (const char* address : {"", "127.0.0.1:notaport"}) {
    EXPECT_FALSE(
        Server::start(node.backend(), {.listen = address, .tls_certificate = {}, .tls_key = {}})
            .has_value())
        << address;
  }
  EXPECT_FALSE(Server::start(node.backend(), {.listen = "127.0.0.1:0",
                                              .tls_certificate = "no certificate",
                                              .tls_key = "no key"})
                   .has_value());
}

// grpc.health.v1.HealthCheckResponse: field 1, SERVING = 1, NOT_SERVING = 2.
TEST(Server, answers_the_standard_health_service) {
  ANode node;
  std::string bytes;
  ASSERT_TRUE(call(node.channel(), "/grpc.health.v1.Health/Check", "", &bytes).ok());
  EXPECT_EQ(bytes, "\x08\x01");
  node.server().set_ready(false);
  ASSERT_TRUE(call(node.channel(), "/grpc.health.v1.Health/Check", "", &bytes).ok());
  EXPECT_EQ(bytes, "\x08\x02");
  // A service that nobody knows: field 1 is its name.
  EXPECT_EQ(call(node.channel(), "/grpc.health.v1.Health/Check", "\x0a\x01x").error_code(),
            grpc::StatusCode::NOT_FOUND);
}

// grpc.reflection.v1alpha.ServerReflectionRequest: field 7 asks for the list of services.
TEST(Server, tells_its_services_by_reflection) {
  ANode node;
  grpc::GenericStub stub{node.channel()};
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(
      &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto wait = [&] { return queue.Next(&tag, &ok) && ok; };
  stream->StartCall(nullptr);
  ASSERT_TRUE(wait());
  const grpc::Slice slice{std::string{"\x3a\x01*"}};
  stream->Write(grpc::ByteBuffer{&slice, 1}, nullptr);
  ASSERT_TRUE(wait());
  grpc::ByteBuffer received;
  stream->Read(&received, nullptr);
  ASSERT_TRUE(wait());
  grpc::Slice whole;
  ASSERT_TRUE(received.DumpToSingleSlice(&whole).ok());
  const std::string text{whole.begin(), whole.end()};
  for (const char* service :
       {"salus.v1.Chain", "salus.v1.Transactions", "salus.v1.Accounts", "salus.v1.Assets",
        "salus.v1.Membership", "salus.v1.Governance", "salus.v1.Treasury", "salus.v1.Validators",
        "grpc.health.v1.Health"}) {
    EXPECT_NE(text.find(service), std::string::npos) << service;
  }
  context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  wait();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
}

}  // namespace
}  // namespace salus::rpc
