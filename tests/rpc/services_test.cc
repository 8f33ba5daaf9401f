// Owns: every method of every service, called over a real connection: that it is served, and what
// it refuses by which name and status.
#include <google/protobuf/descriptor.h>

#include "queries/errors.h"
#include "rpc/a_service.h"

namespace salus::rpc {
namespace {

using Files = std::vector<std::string>;
const Files kPublic = {"salus/v1/chain_service.proto", "salus/v1/query_service.proto",
                       "salus/v1/transactions_service.proto"};
const Files kOperator = {"salus/v1/operator_service.proto"};

std::vector<const google::protobuf::ServiceDescriptor*> services_of(const Files& files) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const std::string& file : files) {
    const auto* descriptor = pool->FindFileByName(file);
    for (int i = 0; i < descriptor->service_count(); ++i) {
      services.push_back(descriptor->service(i));
    }
  }
  return services;
}

// Of the public listener, unless others are asked for.
std::vector<std::string> all_paths(const Files& files = kPublic) {
  std::vector<std::string> paths;
  for (const auto* service : services_of(files)) {
    for (int i = 0; i < service->method_count(); ++i) {
      paths.push_back("/" + service->full_name() + "/" + service->method(i)->name());
    }
  }
  return paths;
}

TEST(AccessTable, has_a_row_for_each_method_and_no_other) {
  const auto paths = all_paths();
  const auto operator_paths = all_paths(kOperator);
  for (const std::string& path : paths) {
    ASSERT_NE(find_access(path), nullptr) << path;
    EXPECT_NE(find_access(path)->authentication, Authentication::OperatorSocket) << path;
  }
  for (const std::string& path : operator_paths) {
    ASSERT_NE(find_access(path), nullptr) << path;
    EXPECT_EQ(find_access(path)->authentication, Authentication::OperatorSocket) << path;
  }
  EXPECT_EQ(access_table().size(), paths.size() + operator_paths.size());
  EXPECT_EQ(find_access("/salus.v1.Chain/NoSuchMethod"), nullptr);
  for (const MethodAccess& access : access_table()) {
    EXPECT_GT(concurrent_max(access.rate), 0U) << access.path;
    EXPECT_LE(access.request_bytes_max, kRequestBytesMax) << access.path;
  }
}

TEST_F(Services, are_all_served) {
  for (const std::string& path : all_paths()) {
    if (path.ends_with("/SubscribeEvents")) continue;
    EXPECT_NE(call(node_->channel(), path, "").error_code(), grpc::StatusCode::UNIMPLEMENTED)
        << path;
  }
  EXPECT_EQ(call(node_->channel(), "/salus.v1.Chain/NoSuchMethod", "").error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

// C31: a diverged node tells nothing of its state and takes nothing; only where it stands.
TEST(HaltedNode, refuses_all_but_its_status) {
  ANode node;
  node.halt();
  for (const std::string& path : all_paths()) {
    if (path.ends_with("/SubscribeEvents")) continue;
    const grpc::Status status = call(node.channel(), path, "");
    EXPECT_EQ(name_of(status), path.ends_with("/GetStatus") ? "Ok" : "NodeHalted") << path;
  }
}

TEST_F(Services, of_the_operator_are_not_among_them) {
  for (const std::string& path : all_paths(kOperator)) {
    EXPECT_EQ(call(node_->channel(), path, "").error_code(), grpc::StatusCode::UNIMPLEMENTED)
        << path;
  }
}

TEST_F(Services, refuse_what_is_over_the_methods_size) {
  for (const MethodAccess& access : access_table()) {
    if (access.path.ends_with("/SubscribeEvents")) continue;
    if (access.authentication == Authentication::OperatorSocket) continue;
    // A field that nobody knows is kept and counted all the same.
    const std::string filler =
        "\xfa\x7f" + std::string("\x80\x80\x05", 3) + std::string(81'920, 'x');
    const grpc::Status status = call(node_->channel(), std::string{access.path}, filler);
    EXPECT_EQ(name_of(status), "RequestTooLarge") << access.path;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << access.path;
  }
}

TEST_F(Services, do_not_read_what_is_over_every_size) {
  const grpc::Status status =
      call(node_->channel(), "/salus.v1.Chain/GetStatus",
           "\xfa\x7f" + std::string("\x80\x80\x40", 3) + std::string(1 << 20U, 'x'));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Services, survive_requests_that_do_not_parse) {
  for (const std::string& path : all_paths()) {
    const grpc::Status status = call(node_->channel(), path, "\xff\xff\xff\xff\xff\xff\xff\xff");
    EXPECT_FALSE(status.ok()) << path;
  }
  EXPECT_TRUE(call(node_->channel(), "/salus.v1.Chain/GetStatus", "").ok());
}

// An id field is number 1 in all of them but GetBallot, ListPayouts and ListGrants.
TEST_F(Services, name_the_field_that_is_no_id_and_say_what_it_needs) {
  struct Case {
    const char* path;
    const char* field;
    std::string before = "";
    char tag = '\x0a';
  };
  const Case cases[] = {
      {"Transactions/GetTransaction", "tx_id"},
      {"Transactions/ListAccountTransactions", "account"},
      {"Accounts/GetAccount", "account"},
      {"Assets/GetBalance", "account"},
      {"Assets/ListBalances", "account"},
      {"Membership/GetMember", "account"},
      {"Membership/GetApplication", "account"},
      {"Membership/ListOffices", "account"},
      {"Membership/ListCredentials", "account"},
      {"Governance/GetPower", "account"},
      {"Governance/GetBallot", "account", "\x08\x01", '\x12'},
      {"Treasury/ListPayouts", "payee", "", '\x12'},
      {"Accounts/GetRecovery", "account"},
      {"Accounts/ListGuarded", "guardian"},
      {"Assets/ListSchedules", "account"},
      {"Assets/GetStake", "account"},
      {"Membership/GetWeightHistory", "account"},
      {"Governance/GetDelegation", "account"},
      {"Governance/ListDelegators", "delegate"},
      {"Governance/NeedsMe", "account"},
      {"Treasury/ListGrants", "account", "", '\x12'},
  };
  for (const Case& row : cases) {
    for (const std::size_t size : {1U, 31U, 33U}) {
      const std::string request =
          row.before + row.tag + static_cast<char>(size) + std::string(size, 'x');
      const grpc::Status status =
          call(node_->channel(), std::string{"/salus.v1."} + row.path, request);
      EXPECT_EQ(name_of(status), "ArgumentInvalid") << row.path;
      EXPECT_EQ(detail_of(status).module(), "rpc") << row.path;
      EXPECT_EQ(detail_of(status).sentence(),
                std::string{row.field} + " has " + std::to_string(size) + " bytes; it needs 32.")
          << row.path;
      EXPECT_EQ(status.error_message(), detail_of(status).sentence());
    }
  }
}

TEST_F(Services, say_by_name_and_status_that_there_is_no_such_record) {
  struct Case {
    const char* path;
    std::string request;
    const char* name;
    const char* module;
  };
  const std::string nobody = "\x0a\x20" + std::string(32, 'x');
  const std::string none = "\x08\xe7\x07";  // field 1 = 999
  const Case cases[] = {
      {"Transactions/GetTransaction", nobody, "NotFound", "common"},
      {"Accounts/GetAccount", nobody, "AccountUnknown", "accounts"},
      {"Assets/GetAsset", none, "AssetUnknown", "assets"},
      {"Assets/GetBalance", nobody + "\x10\xe7\x07", "AssetUnknown", "assets"},
      {"Membership/GetMember", nobody, "NotMember", "membership"},
      {"Membership/GetApplication", nobody, "ApplicationUnknown", "membership"},
      {"Membership/GetChamber", none, "ChamberUnknown", "membership"},
      {"Membership/GetCredential", none, "CredentialUnknown", "membership"},
      {"Governance/GetProposal", none, "ProposalUnknown", "governance"},
      {"Governance/GetTally", none, "ProposalUnknown", "governance"},
      {"Governance/GetBallot", none, "ProposalUnknown", "governance"},
      {"Governance/GetBallot", "\x08\x01\x12\x20" + std::string(32, 'x'), "NotFound", "common"},
      {"Governance/ListBallots", none, "ProposalUnknown", "governance"},
      {"Governance/Why", none, "ProposalUnknown", "governance"},
      {"Governance/GetTrack", none, "TrackUnknown", "constitution"},
      {"Governance/GetParameter", "\x0a\x01x", "ParameterUnknown", "constitution"},
      {"Treasury/GetFund", none, "FundUnknown", "treasury"},
      {"Treasury/GetPayout", none, "PayoutUnknown", "treasury"},
      {"Chain/GetBlock", none, "BlockNotFinalized", "rpc"},
  };
  for (const Case& row : cases) {
    const grpc::Status status =
        call(node_->channel(), std::string{"/salus.v1."} + row.path, row.request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND) << row.path;
    EXPECT_EQ(name_of(status), row.name) << row.path;
    EXPECT_EQ(detail_of(status).module(), row.module) << row.path;
    EXPECT_TRUE(detail_of(status).sentence().ends_with('.')) << row.path;
    EXPECT_GT(detail_of(status).code(), 0U) << row.path;
  }
}

}  // namespace
}  // namespace salus::rpc
