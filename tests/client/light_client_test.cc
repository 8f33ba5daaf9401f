// Owns: a light client answers as an honest node would, and a node that lies gets nowhere with it.
#include "salus/light_client.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "dao/a_dao.h"
#include "rpc/a_node.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "state/table.h"

namespace salus::client {
namespace {

using test::ANode;
using test::Papers;

// Passes on what an honest node proves, bent as a test says.
class LyingNode final : public v1::Chain::Service {
 public:
  explicit LyingNode(const ANode& honest) : honest_(v1::Chain::NewStub(honest.channel())) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    endpoint_ = "127.0.0.1:" + std::to_string(port);
  }
  ~LyingNode() override { server_->Shutdown(); }

  grpc::Status ProveQuery(grpc::ServerContext*, const v1::ProveQueryRequest* request,
                          v1::ProveQueryResponse* response) override {
    grpc::ClientContext context;
    const grpc::Status status = honest_->ProveQuery(&context, *request, response);
    bend(*response);
    return status;
  }

  const std::string& endpoint() const { return endpoint_; }
  std::function<void(v1::ProveQueryResponse&)> bend = [](v1::ProveQueryResponse&) {};

 private:
  std::unique_ptr<v1::Chain::Stub> honest_;
  std::unique_ptr<grpc::Server> server_;
  std::string endpoint_;
};

Client connect(const std::string& endpoint) {
  auto client = Client::connect(
      {.endpoints = {endpoint}, .timeout = std::chrono::seconds{30}, .tls_roots = {}});
  SALUS_ASSERT(client.has_value(), "an endpoint is given");
  return std::move(*client);
}

class LightClientTest : public testing::Test {
 protected:
  LightClientTest() {
    node_.seal({node_.chain().transfer(0, 0, 5)});
    node_.apply("mira", test::submit_payment(node_.chain().person("ada")));
    node_.seal({});
  }
  LightClient light(Client& client) {
    return LightClient{client,
                       *trust_genesis(node_.chain().genesis_bytes(), node_.chain().chain_id()),
                       node_.chain().genesis_bytes()};
  }
  v1::GetBalanceRequest balance() {
    v1::GetBalanceRequest request;
    request.set_account(node_.chain().account(1).to_string());
    return request;
  }
  // The name of the error that a bent proof of a balance ends in.
  std::string when_bent(const std::function<void(v1::ProveQueryResponse&)>& bend) {
    LyingNode liar{node_};
    liar.bend = bend;
    Client client = connect(liar.endpoint());
    LightClient verifier = light(client);
    const auto answered = verifier.query(balance());
    if (answered) return "Ok";
    EXPECT_EQ(answered.error().kind, Error::Kind::Unproven);
    return answered.error().name;
  }

  ANode node_{Papers::Real};
};

TEST_F(LightClientTest, computes_what_an_honest_node_answers) {
  Client client = connect(node_.endpoint());
  LightClient verifier = light(client);
  const auto expect_same = [&](const auto& request, bool is_whole) {
    auto proven = verifier.query(request);
    auto said = client.query(request);
    ASSERT_TRUE(proven.has_value()) << request.GetTypeName() << proven.error().name;
    EXPECT_EQ(proven->height() + 1, said->height());
    said->set_height(proven->height());
    // The time of the latest block, in answers that have it.
    const auto* now = said->GetDescriptor()->FindFieldByName("now_ms");
    if (now != nullptr)
      said->GetReflection()->SetUInt64(&*said, now, verifier.standing().time.value());
    EXPECT_EQ(proven->SerializeAsString(), said->SerializeAsString()) << request.GetTypeName();
    EXPECT_EQ(verifier.standing().is_whole, is_whole) << request.GetTypeName();
    EXPECT_EQ(verifier.standing().height.value(), proven->height());
  };
  expect_same(balance(), true);
  v1::GetProposalRequest proposal;
  proposal.set_proposal(1);
  expect_same(proposal, true);
  v1::WhyRequest why;
  why.set_proposal(1);
  expect_same(why, true);
  v1::GetMemberRequest member;
  member.set_account(node_.chain().person("mira").to_string());
  expect_same(member, true);
  v1::GetParameterRequest parameter;
  parameter.set_name("accounts.window");
  expect_same(parameter, true);
  expect_same(v1::GetValidatorSetRequest{}, true);
  expect_same(v1::ListFundsRequest{}, false);
  expect_same(v1::ListProposalsRequest{}, true);
}

TEST_F(LightClientTest, proves_that_something_is_not_there) {
  Client client = connect(node_.endpoint());
  LightClient verifier = light(client);
  v1::GetProposalRequest request;
  request.set_proposal(99);
  const auto answered = verifier.query(request);
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind, Error::Kind::NotFound);
  EXPECT_EQ(answered.error().name, "ProposalUnknown");
}

TEST_F(LightClientTest, needs_no_proof_of_the_state_of_genesis) {
  ANode fresh{Papers::Real};
  Client client = connect(fresh.endpoint());
  LightClient verifier{client,
                       *trust_genesis(fresh.chain().genesis_bytes(), fresh.chain().chain_id()),
                       fresh.chain().genesis_bytes()};
  const auto answered = verifier.query(v1::ListFundsRequest{});
  ASSERT_TRUE(answered.has_value()) << answered.error().name;
  EXPECT_EQ(answered->height(), 0U);
  EXPECT_TRUE(verifier.standing().is_whole);
  fresh.seal({});
  const auto after = verifier.query(v1::ListFundsRequest{});
  ASSERT_TRUE(after.has_value()) << after.error().name;
  EXPECT_EQ(after->height(), 0U);
  EXPECT_FALSE(verifier.standing().is_whole);
}

TEST_F(LightClientTest, waits_until_what_was_written_is_certified) {
  Client client = connect(node_.endpoint());
  LightClient verifier = light(client);
  node_.seal({node_.chain().transfer(0, 1, 9)});
  std::thread later{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    node_.seal({});
  }};
  const auto answered = verifier.query(balance());
  later.join();
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->balance().amount(), 1'000'014U);
}

TEST_F(LightClientTest, refuses_every_lie) {
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse&) {}), "Ok");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) {
              v1::Balance rich;
              v1::ProvenRecord* held = nullptr;
              for (auto& record : *response.mutable_states(0)->mutable_records()) {
                if (record.key().starts_with(static_cast<char>(state::Table::Balances))) {
                  held = &record;
                }
              }
              ASSERT_NE(held, nullptr);
              ASSERT_TRUE(rich.ParseFromString(held->value()));
              rich.set_amount(rich.amount() + 1);
              held->set_value(rich.SerializeAsString());
            }),
            "StateUnproven");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) { response.clear_states(); }),
            "RecordMissing");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) {
              auto& certificate =
                  *response.mutable_finality()->mutable_header()->mutable_certificate();
              certificate.back() = static_cast<char>(certificate.back() ^ 1);
            }),
            "CertificateInvalid");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) {
              response.set_block_header(response.finality().header().headers(0));
            }),
            "HeadersUnlinked");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) { response.clear_block_header(); }),
            "HeaderMalformed");
  EXPECT_EQ(when_bent([](v1::ProveQueryResponse& response) { response.clear_finality(); }),
            "HeaderMalformed");
}

}  // namespace
}  // namespace salus::client
