// Owns: a light client answers as an honest node would, and a node that lies gets nowhere with it.
#include "salus/light_client.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "dao/a_dao.h"
#include "queries/errors.h"
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
    if (refusal) return queries::to_status(*refusal);
    if (refusals_left > 0) {
      --refusals_left;
      return queries::to_status(queries::refusal(queries::RpcError::EpochOutOfRange));
    }
    grpc::ClientContext context;
    const grpc::Status done = honest_->ProveQuery(&context, *request, response);
    bend(*response);
    return done;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    *response = status;
    return grpc::Status::OK;
  }
  // The proven records but those that `is_hidden` names, with a proof of their own.
  void hide(v1::ProveQueryResponse& response,
            const std::function<bool(const std::string& key)>& is_hidden) {
    v1::GetProofRequest request;
    for (const auto& part : response.states()) {
      for (const auto& record : part.records()) {
        if (!is_hidden(record.key())) request.add_keys(record.key());
      }
    }
    grpc::ClientContext context;
    v1::GetProofResponse proof;
    ASSERT_TRUE(honest_->GetProof(&context, request, &proof).ok());
    response.clear_states();
    *response.add_states() = proof.state();
  }

  const std::string& endpoint() const { return endpoint_; }
  std::function<void(v1::ProveQueryResponse&)> bend = [](v1::ProveQueryResponse&) {};
  // Said instead of a proof.
  std::optional<queries::Refusal> refusal;
  // It has not entered the epoch yet, so many times.
  int refusals_left = 0;
  v1::GetStatusResponse status;

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
  const auto expect_same = [&](const auto& request, Worth worth) {
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
    EXPECT_EQ(verifier.standing().worth, worth) << request.GetTypeName();
    EXPECT_EQ(verifier.standing().height.value(), proven->height());
  };
  expect_same(balance(), Worth::Whole);
  v1::GetProposalRequest proposal;
  proposal.set_proposal(1);
  expect_same(proposal, Worth::Whole);
  v1::WhyRequest why;
  why.set_proposal(1);
  expect_same(why, Worth::Whole);
  v1::GetMemberRequest member;
  member.set_account(node_.chain().person("mira").to_string());
  expect_same(member, Worth::Whole);
  v1::GetParameterRequest parameter;
  parameter.set_name("accounts.window");
  expect_same(parameter, Worth::Whole);
  expect_same(v1::GetValidatorSetRequest{}, Worth::Whole);
  expect_same(v1::ListFundsRequest{}, Worth::Computed);
  expect_same(v1::ListProposalsRequest{}, Worth::Whole);
  expect_same(v1::ListAssetsRequest{}, Worth::Records);
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
  EXPECT_EQ(verifier.standing().worth, Worth::Whole);
  fresh.seal({});
  const auto after = verifier.query(v1::ListFundsRequest{});
  ASSERT_TRUE(after.has_value()) << after.error().name;
  EXPECT_EQ(after->height(), 0U);
  EXPECT_EQ(verifier.standing().worth, Worth::Computed);
}

// A node could show the state of genesis, labelled as proven, by saying that it proves nothing yet.
TEST_F(LightClientTest, does_not_fall_back_to_genesis_once_a_block_was_seen) {
  LyingNode liar{node_};
  Client client = connect(liar.endpoint());
  LightClient verifier = light(client);
  ASSERT_TRUE(verifier.query(balance()).has_value());
  EXPECT_EQ(verifier.seen(), Height{2});
  liar.refusal = queries::refusal(queries::RpcError::NotYetCertified);
  const auto answered = verifier.query(balance());
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind, Error::Kind::Unproven);
  EXPECT_EQ(answered.error().name, "NodeBehind");
  // Whoever kept what was seen, or a later set, is as safe after a restart.
  LightClient kept{client, verifier.trusted(), node_.chain().genesis_bytes(), Height{1}};
  EXPECT_EQ(kept.query(balance()).error().name, "NodeBehind");
  TrustedSet later = verifier.trusted();
  later.epoch = Epoch{1};
  LightClient advanced{client, later, node_.chain().genesis_bytes()};
  EXPECT_EQ(advanced.query(balance()).error().name, "NodeBehind");
}

// Regression: where an epoch ended, a node that entered the next one a moment after the node asked
// before refused the read, and so did the CLI.
TEST_F(LightClientTest, waits_a_moment_for_a_node_that_has_not_entered_the_trusted_epoch) {
  LyingNode liar{node_};
  Client client = connect(liar.endpoint());
  LightClient verifier = light(client);
  liar.refusals_left = 3;
  EXPECT_TRUE(verifier.query(balance()).has_value());
  EXPECT_EQ(liar.refusals_left, 0);
  // One that stays behind is told from one that keeps no such old epoch.
  TrustedSet later = verifier.trusted();
  later.epoch = Epoch{1};
  LightClient ahead{client, later, node_.chain().genesis_bytes()};
  EXPECT_EQ(ahead.query(balance()).error().name, "EpochBehind");
  liar.status.set_epoch(1);
  EXPECT_EQ(ahead.query(balance()).error().name, "EpochBehind");
  liar.refusal = queries::refusal(queries::RpcError::EpochOutOfRange);
  liar.status.set_epoch(2);
  EXPECT_EQ(ahead.query(balance()).error().name, "EpochOutOfRange");
}

// As a node that has just joined by a snapshot says until its next block.
TEST_F(LightClientTest, falls_back_to_genesis_only_where_the_node_has_no_block_either) {
  LyingNode liar{node_};
  Client client = connect(liar.endpoint());
  liar.refusal = queries::refusal(queries::RpcError::StateUncertified);
  EXPECT_EQ(light(client).query(balance()).error().name, "StateUncertified");
  liar.refusal = queries::refusal(queries::RpcError::NotYetCertified);
  liar.status.set_height(9);
  EXPECT_EQ(light(client).query(balance()).error().name, "NotYetCertified");
  // What nobody can know better at a first contact: the answer says of which height it is.
  liar.status.set_height(0);
  LightClient verifier = light(client);
  ASSERT_TRUE(verifier.query(balance()).has_value());
  EXPECT_EQ(verifier.standing().height, Height{0});
}

TEST_F(LightClientTest, believes_no_absence_without_a_proof) {
  LyingNode liar{node_};
  Client client = connect(liar.endpoint());
  for (const auto& said :
       {queries::refusal(dao::Error::AccountUnknown, grpc::StatusCode::NOT_FOUND),
        queries::refusal(dao::Error::AccountUnknown, grpc::StatusCode::FAILED_PRECONDITION),
        queries::refusal(queries::RpcError::HeightPruned),
        queries::Refusal{grpc::StatusCode::NOT_FOUND, {}}}) {
    liar.refusal = said;
    const auto answered = light(client).query(balance());
    ASSERT_FALSE(answered.has_value());
    EXPECT_EQ(answered.error().kind, Error::Kind::Unproven);
    EXPECT_EQ(answered.error().name, "AnswerUnproven");
  }
  // A number of the node's own, and the words of another error.
  liar.refusal = queries::refusal(queries::RpcError::NodeStopping);
  liar.refusal->detail.set_name("AccountUnknown");
  liar.refusal->detail.set_sentence("There is no such account.");
  const auto answered = light(client).query(balance());
  EXPECT_EQ(answered.error().kind, Error::Kind::Refused);
  EXPECT_EQ(answered.error().name, "NodeStopping");
  EXPECT_EQ(answered.error().sentence, queries::sentence(queries::RpcError::NodeStopping));
}

TEST_F(LightClientTest, says_when_an_answer_is_older_than_one_before) {
  Client client = connect(node_.endpoint());
  LightClient ahead{client, *trust_genesis(node_.chain().genesis_bytes(), node_.chain().chain_id()),
                    node_.chain().genesis_bytes(), Height{7}};
  ASSERT_TRUE(ahead.query(balance()).has_value());
  EXPECT_TRUE(ahead.standing().is_older);
  EXPECT_EQ(ahead.seen(), Height{7});
  LightClient verifier = light(client);
  ASSERT_TRUE(verifier.query(balance()).has_value());
  EXPECT_FALSE(verifier.standing().is_older);
}

// What a range leaves out shows in no proof: here the due item of the proposal that is cancelled.
// It is looked up by its key, so that it is missed.
TEST_F(LightClientTest, refuses_and_outlives_a_node_that_leaves_a_due_item_out) {
  LyingNode liar{node_};
  bool hidden = false;
  liar.bend = [&](v1::ProveQueryResponse& response) {
    liar.hide(response, [&](const std::string& key) {
      const bool is_due = key.starts_with(static_cast<char>(state::Table::DueByTime));
      hidden = hidden || is_due;
      return is_due;
    });
  };
  Client client = connect(liar.endpoint());
  LightClient verifier = light(client);
  v1::SimulateActionsRequest request;
  request.add_actions()->mutable_cancel_proposal()->set_proposal(1);
  const auto answered = verifier.query(request);
  EXPECT_TRUE(hidden);
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().name, "RecordMissing");
}

// Chain, sequence and expiry of what is signed are verified, whatever the node says of itself.
TEST_F(LightClientTest, a_session_signs_for_the_trusted_chain_and_a_verified_height) {
  LyingNode liar{node_};
  liar.status.set_chain_id(std::string(32, 'x'));
  liar.status.set_height(1'000'000);
  Client client = connect(liar.endpoint());
  LightClient verifier = light(client);
  const SigningKey key = SigningKey::generate();
  const auto session = Session::open(verifier, node_.chain().account(0), {&key});
  ASSERT_TRUE(session.has_value()) << session.error().name;
  const v1::TxBody body = session->body({});
  EXPECT_EQ(body.chain_id(), node_.chain().chain_id().to_string());
  EXPECT_EQ(body.sequence(), 1U);
  EXPECT_EQ(body.expiry_height(), verifier.standing().height.value() + Session::kExpiryHeights);
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
