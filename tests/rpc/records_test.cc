// Owns: what each read of a record answers.
#include "consensus/codec.h"
#include "queries/errors.h"
#include "rpc/a_service.h"

namespace salus::rpc {
namespace {

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
  const auto certificate = consensus::decode_certificate(as_bytes(response.block().certificate()));
  ASSERT_TRUE(certificate.has_value());
  EXPECT_EQ(certificate->subject.candidate.digest.to_string(), response.block().header().digest());
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
  request.clear_actions();
  for (int i = 0; i < 15; ++i) request.add_others();
  request.set_winners(16);
  EXPECT_TRUE(ask(request, response).ok());
  request.add_others();
  EXPECT_EQ(name_of(ask(request, response)), "ArgumentInvalid");
  request.mutable_others()->RemoveLast();
  request.set_winners(17);
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
  // They take turns on the small chain.
  for (std::uint64_t ago = 0; ago < 4; ++ago) {
    const std::uint64_t height = tip() - ago;
    EXPECT_EQ(liveness.validators(static_cast<int>((height - 1) % 4)).last_proposed_height(),
              height);
  }
}

// Pages: as many as asked for, at most 200, each record once, in order, until the token is empty.

}  // namespace
}  // namespace salus::rpc
