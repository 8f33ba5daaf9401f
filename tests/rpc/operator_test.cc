// Owns: the operator's socket: who may open it, what its answers say about a situation, and what it
// refuses.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "replica/diagnosis.h"
#include "rpc/a_node.h"
#include "rpc/operator_answers.h"
#include "rpc/operator_server.h"
#include "salus/v1/operator_service.grpc.pb.h"
#include "support/temp_folder.h"

namespace salus::rpc {
namespace {

using test::call;
using test::name_of;

NodeId node_of(std::size_t number) {
  NodeId out;
  out.bytes[0] = static_cast<std::uint8_t>(number + 1);
  return out;
}

// Validator ada of three; bea is linked and leads view 9 with a candidate, cyd is gone.
replica::Situation a_situation() {
  replica::Situation out;
  out.now = MonoMs{50'000};
  out.is_validator = true;
  out.set_hash.bytes.fill(0x11);
  out.finalized_at = MonoMs{42'000};
  out.heartbeat_at = MonoMs{51'000};
  out.around.sync_p50_us = 900;
  out.around.sync_p99_us = 4'000;
  out.around.link_errors[node_of(2)] = "The address does not answer. Check that the peer runs.";
  out.status.tip.height = Height{70};
  out.status.waiting_transactions = 2;
  consensus::CoreStatus& core = out.status.consensus;
  core.own_index = ValidatorIndex{0};
  core.quorum = 3;
  core.heard = 2;
  core.heard_needed = 2;
  core.heard_enough = true;
  core.epoch = Epoch{1};
  core.view = View{9};
  core.leader = ValidatorIndex{1};
  core.entered = MonoMs{48'000};
  core.ready = MonoMs{49'500};
  core.delay_ms = 500;
  core.backoff = 2;
  core.leader_deadline = MonoMs{50'500};
  core.view_deadline = MonoMs{49'900};
  core.trigger = consensus::Trigger::ViewTimeout;
  core.waiting = consensus::Waiting::Nullification;
  core.finalized = View{7};
  core.open_fetches = 1;
  core.seen = {View{9}, View{9}, View{4}};
  core.absent = {ValidatorIndex{2}};
  core.views.push_back(
      {.view = View{9},
       .leader = ValidatorIndex{1},
       .candidate =
           consensus::Candidate{
               .epoch = Epoch{1}, .view = View{9}, .parent = View{8}, .digest = {}},
       .notarize = {ValidatorIndex{1}},
       .nullify = {ValidatorIndex{0}},
       .finalize = {}});
  const char* const names[] = {"ada", "bea", "cyd"};
  for (std::size_t i = 0; i < 3; ++i) {
    out.members.push_back({.name = names[i], .node = node_of(i), .own = i == 0, .linked = i == 1});
  }
  out.members[1].said = replica::PeerStatus{.at = MonoMs{49'600},
                                            .epoch = Epoch{1},
                                            .view = View{9},
                                            .finalized = View{7},
                                            .height = Height{70},
                                            .votes = true,
                                            .clock_offset_ms = -5};
  return out;
}

class OperatorSocket : public ::testing::Test {
 protected:
  OperatorSocket() {
    auto server = OperatorServer::start(
        {.situation = [this] { return situation_; }, .node_name = "st-anne"}, socket_);
    EXPECT_TRUE(server) << (server ? "" : server.error().reason);
    server_ = std::move(*server);
    channel_ = grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials());
  }

  salus::testing::TempFolder folder_;
  std::string socket_ = (folder_.path() / "operator.sock").string();
  std::optional<replica::Situation> situation_ = a_situation();
  std::unique_ptr<OperatorServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(OperatorSocket, is_for_the_nodes_own_user_only) {
  struct stat found{};
  ASSERT_EQ(stat(socket_.c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(OperatorSocket, answers_each_method_as_the_pure_functions_do) {
  using google::protobuf::util::MessageDifferencer;
  const auto stub = v1::Operator::NewStub(channel_);
  {
    grpc::ClientContext context;
    v1::ConsensusStatusResponse response;
    ASSERT_TRUE(stub->ConsensusStatus(&context, {}, &response).ok());
    EXPECT_TRUE(MessageDifferencer::Equals(response, consensus_status(*situation_, "st-anne")));
  }
  {
    grpc::ClientContext context;
    v1::ConsensusVotesResponse response;
    ASSERT_TRUE(stub->ConsensusVotes(&context, {}, &response).ok());
    EXPECT_TRUE(MessageDifferencer::Equals(response, consensus_votes(*situation_)));
  }
  grpc::ClientContext context;
  v1::WhyStalledResponse response;
  ASSERT_TRUE(stub->WhyStalled(&context, {}, &response).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(response, why_stalled(*situation_)));
}

TEST_F(OperatorSocket, refuses_by_name_what_it_cannot_answer) {
  situation_.reset();
  for (const char* method :
       {"ConsensusStatus", "ConsensusVotes", "WhyStalled", "Backup", "BackupProgress"}) {
    const std::string path = std::string{"/salus.v1.Operator/"} + method;
    EXPECT_EQ(name_of(call(channel_, path, "")), "NodeStarting") << path;
    const std::string filler =
        "\xfa\x7f" + std::string("\x80\x80\x05", 3) + std::string(81'920, 'x');
    EXPECT_EQ(name_of(call(channel_, path, filler)), "RequestTooLarge") << path;
  }
}

TEST(OperatorBackups, are_begun_and_told_and_refused_by_name) {
  salus::testing::TempFolder folder;
  const std::string socket = (folder.path() / "operator.sock").string();
  std::optional<BackupRefusal> refused;
  std::string asked;
  BackupStatus status{.stage = v1::BACKUP_STAGE_DONE, .folder = "/backup", .files = 3};
  status.height = Height{70};
  const auto server = OperatorServer::start(
      {.situation = [] { return std::optional{a_situation()}; },
       .node_name = "st-anne",
       .begin_backup = [&](const std::string& wanted) -> Result<void, BackupRefusal> {
         asked = wanted;
         if (refused) return std::unexpected(*refused);
         return {};
       },
       .backup_status = [&] { return status; }},
      socket);
  ASSERT_TRUE(server);
  const auto channel = grpc::CreateChannel("unix:" + socket, grpc::InsecureChannelCredentials());
  const std::string path = "/salus.v1.Operator/Backup";
  v1::BackupRequest request;
  request.set_folder("/backup");
  EXPECT_TRUE(call(channel, path, request.SerializeAsString()).ok());
  EXPECT_EQ(asked, "/backup");

  const auto stub = v1::Operator::NewStub(channel);
  grpc::ClientContext context;
  v1::BackupProgressResponse progress;
  ASSERT_TRUE(stub->BackupProgress(&context, {}, &progress).ok());
  EXPECT_EQ(progress.stage(), v1::BACKUP_STAGE_DONE);
  EXPECT_EQ(progress.height(), 70U);
  EXPECT_EQ(progress.files(), 3U);
  EXPECT_EQ(progress.digest().size(), 32U);

  refused = BackupRefusal{BackupRefusal::Kind::Running, "wait"};
  EXPECT_EQ(name_of(call(channel, path, request.SerializeAsString())), "BackupRunning");
  refused = BackupRefusal{BackupRefusal::Kind::FolderUnfit, "exists"};
  EXPECT_EQ(name_of(call(channel, path, request.SerializeAsString())), "BackupFolderUnfit");
  EXPECT_EQ(name_of(call(channel, path, "")), "ArgumentInvalid");
  request.set_folder(std::string(1'025, 'x'));
  EXPECT_EQ(name_of(call(channel, path, request.SerializeAsString())), "ArgumentInvalid");
}

TEST_F(OperatorSocket, serves_nothing_else) {
  EXPECT_EQ(call(channel_, "/salus.v1.Chain/GetStatus", "").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(OperatorSocket, is_opened_again_where_a_killed_node_left_one) {
  server_.reset();
  // A file of that name outlives a kill.
  const auto again = OperatorServer::start(
      {.situation = [] { return std::optional{a_situation()}; }, .node_name = "st-anne"}, socket_);
  ASSERT_TRUE(again);
  const auto fresh = grpc::CreateChannel("unix:" + socket_, grpc::InsecureChannelCredentials());
  EXPECT_TRUE(call(fresh, "/salus.v1.Operator/WhyStalled", "").ok());
}

TEST(OperatorSocketPath, that_is_too_long_or_nowhere_is_refused_with_the_key_to_change) {
  const OperatorBackend backend{.situation = [] { return std::optional{a_situation()}; },
                                .node_name = "st-anne"};
  const auto too_long = OperatorServer::start(backend, "/" + std::string(200, 'x'));
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().reason.find("at most 107 bytes"), std::string::npos);
  const auto nowhere = OperatorServer::start(backend, "/nowhere-at-all/operator.sock");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().reason.find("[operator] listen"), std::string::npos);
}

TEST(OperatorAnswers, tell_the_status) {
  const v1::ConsensusStatusResponse status = consensus_status(a_situation(), "st-anne");
  EXPECT_EQ(status.node_name(), "st-anne");
  EXPECT_EQ(status.mode(), v1::CONSENSUS_MODE_VOTING);
  EXPECT_EQ(status.observing(), v1::OBSERVING_UNSPECIFIED);
  EXPECT_EQ(status.epoch(), 1U);
  EXPECT_EQ(status.view(), 9U);
  EXPECT_EQ(status.view_ms(), 2'000U);
  EXPECT_EQ(status.leader(), "bea");
  EXPECT_EQ(status.delay_ms(), 500U);
  EXPECT_EQ(status.backoff(), 2U);
  EXPECT_EQ(status.leader_deadline_ms(), 500);
  EXPECT_EQ(status.view_deadline_ms(), -100);
  EXPECT_EQ(status.trigger(), v1::NULLIFY_TRIGGER_VIEW_TIMEOUT);
  EXPECT_EQ(status.wait(), v1::CONSENSUS_WAIT_NULLIFICATION);
  EXPECT_EQ(status.finalized_view(), 7U);
  EXPECT_EQ(status.height(), 70U);
  EXPECT_EQ(status.finalized_ago_ms(), 8'000U);
  EXPECT_EQ(status.links_up(), 1U);
  EXPECT_EQ(status.links_needed(), 2U);
  EXPECT_EQ(status.validators(), 3U);
  EXPECT_EQ(status.quorum(), 3U);
  EXPECT_EQ(status.sync_p50_us(), 900U);
  EXPECT_EQ(status.sync_p99_us(), 4'000U);
  EXPECT_EQ(status.open_fetches(), 1U);
  EXPECT_EQ(status.set_hash(), std::string(32, '\x11'));
  EXPECT_EQ(status.mempool_transactions(), 2U);
  EXPECT_EQ(status.heartbeat_in_ms(), 1'000U);
}

TEST(OperatorAnswers, tell_the_votes_one_row_a_validator) {
  const v1::ConsensusVotesResponse votes = consensus_votes(a_situation());
  ASSERT_EQ(votes.views_size(), 1);
  EXPECT_EQ(votes.views(0).view(), 9U);
  EXPECT_EQ(votes.views(0).leader_index(), 1U);
  ASSERT_EQ(votes.validators_size(), 3);
  const v1::ValidatorRow& own = votes.validators(0);
  EXPECT_TRUE(own.own());
  EXPECT_TRUE(own.linked());
  EXPECT_EQ(own.view(), 9U);
  EXPECT_EQ(own.height(), 70U);
  EXPECT_FALSE(own.has_heard_ago_ms());
  EXPECT_EQ(own.cells(0), "X");
  const v1::ValidatorRow& up = votes.validators(1);
  EXPECT_TRUE(up.linked());
  EXPECT_EQ(up.heard_ago_ms(), 400U);
  EXPECT_EQ(up.clock_offset_ms(), -5);
  EXPECT_EQ(up.cells(0), "P");
  const v1::ValidatorRow& down = votes.validators(2);
  EXPECT_FALSE(down.linked());
  EXPECT_TRUE(down.absent());
  EXPECT_FALSE(down.has_clock_offset_ms());
  EXPECT_TRUE(down.link_error().starts_with("The address does not answer."));
  EXPECT_EQ(down.cells(0), "");
}

TEST(OperatorAnswers, tell_the_verdict_of_the_one_table) {
  const replica::Situation situation = a_situation();
  const v1::WhyStalledResponse why = why_stalled(situation);
  const replica::Verdict verdict = replica::diagnose(situation);
  EXPECT_EQ(why.verdict(), v1::STALL_VERDICT_LINKS);
  EXPECT_FALSE(why.well());
  EXPECT_EQ(why.sentence(), verdict.sentence);
  EXPECT_EQ(why.remedy(), verdict.remedy);
  EXPECT_EQ(why.height(), 70U);
}

}  // namespace
}  // namespace salus::rpc
