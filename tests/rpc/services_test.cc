// Owns: every method of every service, called over a real connection: what it answers, and what it
// refuses by which name and status.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "dao/a_dao.h"
#include "queries/errors.h"
#include "queries/paging.h"
#include "rpc/a_node.h"
#include "rpc/access_table.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "salus/v1/operator_service.grpc.pb.h"
#include "salus/v1/query_service.grpc.pb.h"
#include "salus/v1/transactions_service.grpc.pb.h"

namespace salus::rpc {
namespace {

using dao::test::kSecond;
using dao::test::kToken;
using queries::kPageSizeStandard;
using queries::last_id;
using queries::page_size;
using test::ANode;
using test::call;
using test::detail_of;
using test::name_of;

// A node with a proposal that is being voted on, ballots, a credential, an application, an office
// and a payout: something for every method to find. One for all tests here, which only read it.
class Services : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    node_ = new ANode;
    ANode& node = *node_;
    node.seal({node.chain().transfer(0, 0), node.chain().transfer(1, 0, 2'000'000)});
    node.apply("registry",
               dao::test::issue(node.chain().person("chen"), v1::CREDENTIAL_KIND_CLINICIAN,
                                dao::test::kGenesisMs + 400'000'000'000));
    node.apply("zed", dao::test::ask_admission("zed", 1));
    node.apply("mira", test::submit_payment(node.chain().person("ada")));
    node.apply("noor", test::submit_payment(node.chain().person("kofi")));
    node.pass_ms(11 * kSecond);
    for (const char* name : {"mira", "noor", "pavel", "chen", "hope", "anne"}) {
      node.apply(name, test::vote_yes(1));
    }
  }
  static void TearDownTestSuite() {
    delete node_;
    node_ = nullptr;
  }

  // Answers of a method by its own request: `ask<v1::GetAsset>("Assets", request, response)`.
  template <typename Request, typename Response>
  grpc::Status ask(const Request& request, Response& response) {
    std::string bytes;
    const MethodAccess& access = get_access_of_request(Request::descriptor()->full_name());
    const grpc::Status status =
        call(node_->channel(), std::string{access.path}, request.SerializeAsString(), &bytes);
    if (status.ok()) {
      EXPECT_TRUE(response.ParseFromString(bytes));
    }
    return status;
  }
  static std::string person(std::string_view name) {
    return node_->chain().person(name).to_string();
  }
  static std::uint64_t tip() { return node_->chain().ledger().finalized().height.value(); }

  static ANode* node_;
};
ANode* Services::node_ = nullptr;

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

// An id field is number 1 in all of them but GetBallot and ListPayouts.
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

TEST_F(Services, tell_status_and_genesis) {
  v1::GetStatusResponse status;
  ASSERT_TRUE(ask(v1::GetStatusRequest{}, status).ok());
  EXPECT_EQ(status.chain_id(), node_->chain().chain_id().to_string());
  EXPECT_EQ(status.network(), "test-dao");
  EXPECT_EQ(status.class_(), v1::GENESIS_CLASS_TEST);
  EXPECT_EQ(status.height(), tip());
  EXPECT_EQ(status.digest(), node_->chain().tip().to_string());
  EXPECT_EQ(status.state_root(), node_->chain().ledger().finalized().state_root.to_string());
  EXPECT_EQ(status.time_ms(), node_->chain().ledger().finalized().time.value());
  EXPECT_EQ(status.view(), 9U);
  EXPECT_EQ(status.mode(), v1::NODE_MODE_VALIDATOR);
  EXPECT_EQ(status.peers_linked(), 3U);
  EXPECT_EQ(status.mempool_transactions(), 4U);
  EXPECT_EQ(status.disk_syncs(), 5U);
  EXPECT_EQ(status.node_name(), "v1");
  EXPECT_EQ(status.version(), "1.2.3");
  v1::GetGenesisResponse genesis;
  ASSERT_TRUE(ask(v1::GetGenesisRequest{}, genesis).ok());
  EXPECT_EQ(genesis.document(), node_->chain().genesis_bytes());
  EXPECT_EQ(genesis.chain_id(), node_->chain().chain_id().to_string());
}

TEST_F(Services, tell_blocks_the_latest_without_a_height) {
  v1::GetBlockRequest request;
  v1::GetBlockResponse response;
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.block().header().height(), tip());
  request.set_height(1);
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.height(), tip());
  EXPECT_EQ(response.block().transactions_size(), 2);
  EXPECT_EQ(response.block().certificate(), "a certificate");
  for (const std::uint64_t height : {tip() + 1, ~std::uint64_t{0}}) {
    request.set_height(height);
    EXPECT_EQ(name_of(ask(request, response)), "BlockNotFinalized");
  }
}

TEST_F(Services, tell_transactions_with_result_and_error) {
  v1::GetTransactionRequest request;
  v1::GetTransactionResponse response;
  request.set_tx_id(node_->chain().transfer(0, 0)->id().to_string());
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.record().height(), 1U);
  EXPECT_EQ(response.record().index(), 0U);
  EXPECT_FALSE(response.record().has_error());
  EXPECT_EQ(response.record().transaction().signatures_size(), 1);
  request.set_tx_id(node_->chain().transfer(1, 0, 2'000'000)->id().to_string());
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.record().index(), 1U);
  EXPECT_EQ(response.record().error().name(), "InsufficientFunds");
  EXPECT_EQ(response.record().error().module(), "assets");
}

TEST_F(Services, try_a_transaction_without_its_signatures) {
  v1::SimulateTransactionRequest request;
  v1::SimulateTransactionResponse response;
  v1::TxBody body = test::transfer_body(node_->chain().chain_id(), node_->chain().account(2),
                                        node_->chain().account(3), 0);
  const auto simulated = [&] {
    request.set_body(body.SerializeAsString());
    return name_of(ask(request, response));
  };
  EXPECT_EQ(simulated(), "Ok");
  EXPECT_EQ(response.result().code(), v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_GT(response.result().events_size(), 0);
  body.mutable_actions(0)->mutable_transfer()->set_amount(2'000'000);
  EXPECT_EQ(simulated(), "Ok");
  EXPECT_EQ(response.error().name(), "InsufficientFunds");
  body.set_sequence(99);
  EXPECT_EQ(simulated(), "SequenceGap");
  body.set_account(std::string(32, 'x'));
  EXPECT_EQ(simulated(), "AccountUnknown");
  body.set_chain_id(std::string(32, 'x'));
  EXPECT_EQ(simulated(), "WrongChain");
  request.set_body("\xff");
  EXPECT_EQ(name_of(ask(request, response)), "Malformed");
  request.set_body(body.SerializeAsString() + "\xfa\x7f\x01x");
  EXPECT_EQ(name_of(ask(request, response)), "UnknownField");
  request.set_body(std::string((64 << 10U) + 1, 'x'));
  EXPECT_EQ(name_of(ask(request, response)), "TooLarge");
  // It changed nothing.
  v1::GetTransactionRequest get;
  v1::GetTransactionResponse got;
  get.set_tx_id(node_->chain().transfer(2, 0)->id().to_string());
  EXPECT_EQ(name_of(ask(get, got)), "NotFound");
}

TEST_F(Services, tell_accounts_and_assets) {
  v1::GetAccountRequest request;
  v1::GetAccountResponse account;
  request.set_account(node_->chain().account(0).to_string());
  ASSERT_TRUE(ask(request, account).ok());
  EXPECT_EQ(account.account().next_sequence(), 1U);
  EXPECT_EQ(account.account().keys_size(), 1);
  v1::GetAssetResponse asset;
  ASSERT_TRUE(ask(v1::GetAssetRequest{}, asset).ok());
  EXPECT_EQ(asset.asset().code(), "salus");
  v1::ListAssetsResponse assets;
  ASSERT_TRUE(ask(v1::ListAssetsRequest{}, assets).ok());
  EXPECT_EQ(assets.assets_size(), 3);
  v1::GetBalanceRequest of_two;
  of_two.set_account(node_->chain().account(2).to_string());
  v1::GetBalanceResponse balance;
  ASSERT_TRUE(ask(of_two, balance).ok());
  EXPECT_EQ(balance.balance().amount(), 1'000'000U);
  of_two.set_asset(7);
  ASSERT_TRUE(ask(of_two, balance).ok());
  EXPECT_EQ(balance.balance().amount(), 0U);
  EXPECT_EQ(balance.balance().asset(), 7U);
  v1::ListBalancesRequest list;
  list.set_account(node_->chain().account(2).to_string());
  v1::ListBalancesResponse balances;
  ASSERT_TRUE(ask(list, balances).ok());
  ASSERT_EQ(balances.balances_size(), 1);
  EXPECT_EQ(balances.balances(0).amount(), 1'000'000U);
}

TEST_F(Services, tell_members_chambers_offices_and_credentials) {
  v1::GetMemberRequest request;
  request.set_account(person("mira"));
  v1::GetMemberResponse member;
  ASSERT_TRUE(ask(request, member).ok());
  EXPECT_EQ(member.member().chamber(), dao::test::kPatients);
  v1::ListMembersRequest of_chamber;
  of_chamber.set_chamber(dao::test::kResearchers);
  v1::ListMembersResponse members;
  ASSERT_TRUE(ask(of_chamber, members).ok());
  EXPECT_EQ(members.members_size(), 2);
  of_chamber.Clear();
  of_chamber.set_state(v1::MEMBER_STATE_SUSPENDED);
  ASSERT_TRUE(ask(of_chamber, members).ok());
  EXPECT_EQ(members.members_size(), 0);
  v1::GetApplicationRequest applied;
  applied.set_account(person("zed"));
  v1::GetApplicationResponse application;
  ASSERT_TRUE(ask(applied, application).ok());
  v1::ListApplicationsResponse applications;
  ASSERT_TRUE(ask(v1::ListApplicationsRequest{}, applications).ok());
  EXPECT_EQ(applications.applications_size(), 1);
  v1::GetChamberRequest clinicians;
  clinicians.set_chamber(dao::test::kClinicians);
  v1::GetChamberResponse chamber;
  ASSERT_TRUE(ask(clinicians, chamber).ok());
  EXPECT_EQ(chamber.chamber().chamber().code(), "clinicians");
  EXPECT_EQ(chamber.chamber().members(), 2U);
  v1::ListChambersResponse chambers;
  ASSERT_TRUE(ask(v1::ListChambersRequest{}, chambers).ok());
  EXPECT_EQ(chambers.chambers_size(), 4);
  v1::ListOfficesRequest offices_of;
  offices_of.set_account(person("mira"));
  v1::ListOfficesResponse offices;
  ASSERT_TRUE(ask(offices_of, offices).ok());
  EXPECT_EQ(offices.offices_size(), 0);
  v1::ListCredentialsRequest credentials_of;
  credentials_of.set_account(person("chen"));
  v1::ListCredentialsResponse credentials;
  ASSERT_TRUE(ask(credentials_of, credentials).ok());
  ASSERT_GT(credentials.credentials_size(), 0);
  v1::GetCredentialRequest by_id;
  by_id.set_credential(credentials.credentials(0).id());
  v1::GetCredentialResponse credential;
  ASSERT_TRUE(ask(by_id, credential).ok());
  EXPECT_EQ(credential.credential().account(), person("chen"));
}

TEST_F(Services, tell_proposals_ballots_and_why) {
  v1::GetProposalRequest request;
  request.set_proposal(1);
  v1::GetProposalResponse proposal;
  ASSERT_TRUE(ask(request, proposal).ok());
  EXPECT_EQ(proposal.proposal().state(), v1::PROPOSAL_STATE_VOTING);
  EXPECT_EQ(proposal.now_ms(), node_->chain().ledger().finalized().time.value());
  v1::ListProposalsRequest list;
  v1::ListProposalsResponse proposals;
  ASSERT_TRUE(ask(list, proposals).ok());
  ASSERT_EQ(proposals.proposals_size(), 2);
  // The newest first.
  EXPECT_EQ(proposals.proposals(0).id(), 2U);
  list.set_page_size(1);
  ASSERT_TRUE(ask(list, proposals).ok());
  ASSERT_EQ(proposals.proposals_size(), 1);
  list.set_page_token(proposals.next_page_token());
  ASSERT_TRUE(ask(list, proposals).ok());
  ASSERT_EQ(proposals.proposals_size(), 1);
  EXPECT_EQ(proposals.proposals(0).id(), 1U);
  EXPECT_EQ(proposals.next_page_token(), "");
  list.Clear();
  list.set_state(v1::PROPOSAL_STATE_EXECUTED);
  ASSERT_TRUE(ask(list, proposals).ok());
  EXPECT_EQ(proposals.proposals_size(), 0);
  v1::GetTallyRequest of_one;
  of_one.set_proposal(1);
  v1::GetTallyResponse tally;
  ASSERT_TRUE(ask(of_one, tally).ok());
  EXPECT_EQ(tally.tallies_size(), 4);
  v1::GetBallotRequest mine;
  mine.set_proposal(1);
  mine.set_account(person("mira"));
  v1::GetBallotResponse ballot;
  ASSERT_TRUE(ask(mine, ballot).ok());
  EXPECT_EQ(ballot.ballot().parts(0).choice(), v1::CHOICE_YES);
  v1::ListBallotsRequest all;
  all.set_proposal(1);
  v1::ListBallotsResponse ballots;
  ASSERT_TRUE(ask(all, ballots).ok());
  EXPECT_EQ(ballots.ballots_size(), 6);
  v1::WhyRequest why;
  why.set_proposal(1);
  v1::WhyResponse reasons;
  ASSERT_TRUE(ask(why, reasons).ok());
  EXPECT_FALSE(reasons.decided());
  ASSERT_GT(reasons.sentences_size(), 1);
  EXPECT_EQ(reasons.sentences_size(), reasons.outcome().lines_size() + 1);
  EXPECT_EQ(reasons.sentences(0), "As it stands it passes.");
}

TEST_F(Services, tell_power_tracks_and_parameters) {
  v1::GetPowerRequest request;
  request.set_account(person("hope"));
  v1::GetPowerResponse power;
  ASSERT_TRUE(ask(request, power).ok());
  EXPECT_EQ(power.chamber(), dao::test::kInstitutions);
  EXPECT_EQ(power.reason(), v1::NO_POWER_REASON_UNSPECIFIED);
  EXPECT_GT(power.weight(), 0U);
  request.set_proposal(1);
  ASSERT_TRUE(ask(request, power).ok());
  EXPECT_GT(power.weight(), 0U);
  request.set_proposal(99);
  EXPECT_EQ(name_of(ask(request, power)), "ProposalUnknown");
  request.Clear();
  request.set_account(std::string(32, 'x'));
  ASSERT_TRUE(ask(request, power).ok());
  EXPECT_EQ(power.reason(), v1::NO_POWER_REASON_NOT_MEMBER);
  v1::ListTracksResponse tracks;
  ASSERT_TRUE(ask(v1::ListTracksRequest{}, tracks).ok());
  v1::GetTrackRequest by_id;
  by_id.set_track(tracks.tracks(0).id());
  v1::GetTrackResponse track;
  ASSERT_TRUE(ask(by_id, track).ok());
  EXPECT_EQ(track.track().code(), tracks.tracks(0).code());
  v1::ListParametersRequest prefix;
  prefix.set_prefix("accounts.");
  v1::ListParametersResponse parameters;
  ASSERT_TRUE(ask(prefix, parameters).ok());
  ASSERT_GT(parameters.parameters_size(), 1);
  for (const auto& parameter : parameters.parameters()) {
    EXPECT_TRUE(parameter.name().starts_with("accounts.")) << parameter.name();
  }
  v1::GetParameterRequest by_name;
  by_name.set_name("accounts.open_per_day");
  v1::GetParameterResponse parameter;
  ASSERT_TRUE(ask(by_name, parameter).ok());
  EXPECT_EQ(parameter.parameter().value(), 2U);
}

TEST_F(Services, try_the_actions_of_a_proposal) {
  v1::SimulateActionsRequest request;
  v1::SimulateActionsResponse response;
  // A resolution has no actions, and a deposit all the same.
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.lead_track(), "standard");
  EXPECT_GT(response.deposit_required(), 0U);
  *request.add_actions() =
      test::submit_payment(node_->chain().person("ada")).submit().options(0).actions(0);
  *request.add_actions() = request.actions(0);
  request.mutable_actions(1)->mutable_pay()->set_fund(2);
  ASSERT_TRUE(ask(request, response).ok());
  ASSERT_EQ(response.actions_size(), 2);
  EXPECT_TRUE(response.actions(0).ok());
  EXPECT_FALSE(response.actions(1).ok());
  EXPECT_EQ(response.actions(1).error().action_index(), 1U);
  EXPECT_EQ(response.lead_track(), "spend");
  for (int i = 2; i < 33; ++i) *request.add_actions() = request.actions(0);
  EXPECT_EQ(name_of(ask(request, response)), "ArgumentInvalid");
}

TEST_F(Services, tell_funds_and_payouts) {
  v1::GetFundRequest request;
  request.set_fund(1);
  v1::GetFundResponse fund;
  ASSERT_TRUE(ask(request, fund).ok());
  EXPECT_EQ(fund.fund().fund().code(), "general");
  ASSERT_EQ(fund.fund().holdings_size(), 1);
  EXPECT_EQ(fund.fund().holdings(0).balance(), 100'000 * kToken);
  v1::ListFundsResponse funds;
  ASSERT_TRUE(ask(v1::ListFundsRequest{}, funds).ok());
  EXPECT_EQ(funds.funds_size(), 2);
  v1::ListPayoutsResponse payouts;
  ASSERT_TRUE(ask(v1::ListPayoutsRequest{}, payouts).ok());
  EXPECT_EQ(payouts.payouts_size(), 0);
}

TEST_F(Services, tell_validators_and_who_proposed) {
  v1::GetValidatorSetResponse set;
  ASSERT_TRUE(ask(v1::GetValidatorSetRequest{}, set).ok());
  EXPECT_EQ(set.set().validators_size(), 4);
  v1::GetLivenessResponse liveness;
  ASSERT_TRUE(ask(v1::GetLivenessRequest{}, liveness).ok());
  ASSERT_EQ(liveness.validators_size(), 4);
  EXPECT_EQ(liveness.validators(1).last_proposed_height(), tip());
  EXPECT_EQ(liveness.validators(0).last_proposed_height(), 0U);
}

// Pages: as many as asked for, at most 200, each record once, in order, until the token is empty.
TEST_F(Services, list_every_record_once_whatever_the_page) {
  v1::ListMembersResponse whole;
  ASSERT_TRUE(ask(v1::ListMembersRequest{}, whole).ok());
  // Zed, who applied, is one too.
  EXPECT_EQ(whole.members_size(), 10);
  EXPECT_EQ(whole.next_page_token(), "");
  for (std::uint32_t size = 1; size <= 10; ++size) {
    v1::ListMembersRequest request;
    request.set_page_size(size);
    std::vector<std::string> seen;
    do {
      v1::ListMembersResponse page;
      ASSERT_TRUE(ask(request, page).ok());
      EXPECT_LE(page.members_size(), static_cast<int>(size));
      for (const auto& member : page.members()) seen.push_back(member.account());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && seen.size() <= 10);
    ASSERT_EQ(seen.size(), 10U) << size;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i], whole.members(static_cast<int>(i)).account()) << size;
    }
  }
}

TEST_F(Services, refuse_a_page_token_of_something_else) {
  const std::string foreign = "not a token";
  v1::ListMembersRequest members;
  members.set_page_token(foreign);
  v1::ListMembersResponse members_page;
  EXPECT_EQ(name_of(ask(members, members_page)), "PageTokenInvalid");
  v1::ListProposalsRequest proposals;
  proposals.set_page_token(foreign);
  v1::ListProposalsResponse proposals_page;
  EXPECT_EQ(name_of(ask(proposals, proposals_page)), "PageTokenInvalid");
  v1::ListAccountTransactionsRequest transactions;
  transactions.set_account(person("mira"));
  transactions.set_page_token(foreign);
  v1::ListAccountTransactionsResponse transactions_page;
  EXPECT_EQ(name_of(ask(transactions, transactions_page)), "PageTokenInvalid");
  v1::ListBalancesRequest balances;
  balances.set_account(person("mira"));
  v1::ListMembersRequest one;
  one.set_page_size(1);
  ASSERT_TRUE(ask(one, members_page).ok());
  balances.set_page_token(members_page.next_page_token());
  v1::ListBalancesResponse balances_page;
  EXPECT_EQ(name_of(ask(balances, balances_page)), "PageTokenInvalid");
}

TEST(Pages, are_no_larger_than_two_hundred) {
  EXPECT_EQ(page_size(0), kPageSizeStandard);
  EXPECT_EQ(page_size(1), 1U);
  EXPECT_EQ(page_size(200), 200U);
  EXPECT_EQ(page_size(201), 200U);
  EXPECT_EQ(page_size(~0U), 200U);
}

TEST(Pages, find_the_end_of_a_numbered_list_by_point_reads) {
  for (std::uint64_t count = 0; count <= 70; ++count) {
    int reads = 0;
    const auto last = last_id([&](std::uint64_t id) {
      ++reads;
      return id <= count;
    });
    EXPECT_EQ(last, count);
    EXPECT_LE(reads, 16);
  }
}

TEST_F(Services, list_the_transactions_of_an_account_in_pages_of_at_most_a_hundred) {
  ANode node;
  std::vector<Validated<wire::Transaction>> many;
  for (std::uint64_t i = 0; i < 120; ++i) many.push_back(node.chain().transfer(0, i));
  node.seal(many);
  v1::ListAccountTransactionsRequest request;
  request.set_account(node.chain().account(0).to_string());
  const auto stub = v1::Transactions::NewStub(node.channel());
  const auto page = [&](std::uint32_t size, const std::string& token) {
    grpc::ClientContext context;
    v1::ListAccountTransactionsResponse response;
    request.set_page_size(size);
    request.set_page_token(token);
    EXPECT_TRUE(stub->ListAccountTransactions(&context, request, &response).ok());
    return response;
  };
  EXPECT_EQ(page(0, "").records_size(), 20);
  const auto first = page(1'000, "");
  EXPECT_EQ(first.records_size(), 100);
  const auto second = page(1'000, first.next_page_token());
  EXPECT_EQ(second.records_size(), 20);
  EXPECT_EQ(second.next_page_token(), "");
}

}  // namespace
}  // namespace salus::rpc
