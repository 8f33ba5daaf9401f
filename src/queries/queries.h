// Owns: the reads of every module as pure functions of a view: no gRPC, no threads, no clock. A
// record that does not exist is refused with the module's own error.
#pragma once

#include "queries/view.h"
#include "salus/v1/chain_service.pb.h"
#include "salus/v1/query_service.pb.h"
#include "salus/v1/transactions_service.pb.h"

namespace salus::queries {

// chain.cc
Answer<v1::GetGenesisResponse> answer(const View& view, const v1::GetGenesisRequest& request);
Answer<v1::GetBlockResponse> answer(const View& view, const v1::GetBlockRequest& request);
Answer<v1::GetTransactionResponse> answer(const View& view,
                                          const v1::GetTransactionRequest& request);
Answer<v1::ListAccountTransactionsResponse> answer(
    const View& view, const v1::ListAccountTransactionsRequest& request);
Answer<v1::SimulateTransactionResponse> answer(const View& view,
                                               const v1::SimulateTransactionRequest& request);

// prove.cc
Answer<v1::GetFinalityResponse> answer(const View& view, const v1::GetFinalityRequest& request);
Answer<v1::GetProofResponse> answer(const View& view, const v1::GetProofRequest& request);
Answer<v1::ProveQueryResponse> answer(const View& view, const v1::ProveQueryRequest& request);
Answer<v1::GetReceiptResponse> answer(const View& view, const v1::GetReceiptRequest& request);

// accounts.cc
Answer<v1::GetAccountResponse> answer(const View& view, const v1::GetAccountRequest& request);
Answer<v1::GetAssetResponse> answer(const View& view, const v1::GetAssetRequest& request);
Answer<v1::ListAssetsResponse> answer(const View& view, const v1::ListAssetsRequest& request);
Answer<v1::GetBalanceResponse> answer(const View& view, const v1::GetBalanceRequest& request);
Answer<v1::ListBalancesResponse> answer(const View& view, const v1::ListBalancesRequest& request);

// membership.cc
Answer<v1::GetMemberResponse> answer(const View& view, const v1::GetMemberRequest& request);
Answer<v1::ListMembersResponse> answer(const View& view, const v1::ListMembersRequest& request);
Answer<v1::GetApplicationResponse> answer(const View& view,
                                          const v1::GetApplicationRequest& request);
Answer<v1::ListApplicationsResponse> answer(const View& view,
                                            const v1::ListApplicationsRequest& request);
Answer<v1::GetChamberResponse> answer(const View& view, const v1::GetChamberRequest& request);
Answer<v1::ListChambersResponse> answer(const View& view, const v1::ListChambersRequest& request);
Answer<v1::ListOfficesResponse> answer(const View& view, const v1::ListOfficesRequest& request);
Answer<v1::GetCredentialResponse> answer(const View& view, const v1::GetCredentialRequest& request);
Answer<v1::ListCredentialsResponse> answer(const View& view,
                                           const v1::ListCredentialsRequest& request);

// governance.cc
Answer<v1::GetProposalResponse> answer(const View& view, const v1::GetProposalRequest& request);
Answer<v1::ListProposalsResponse> answer(const View& view, const v1::ListProposalsRequest& request);
Answer<v1::GetTallyResponse> answer(const View& view, const v1::GetTallyRequest& request);
Answer<v1::GetBallotResponse> answer(const View& view, const v1::GetBallotRequest& request);
Answer<v1::ListBallotsResponse> answer(const View& view, const v1::ListBallotsRequest& request);
Answer<v1::GetPowerResponse> answer(const View& view, const v1::GetPowerRequest& request);
Answer<v1::SimulateActionsResponse> answer(const View& view,
                                           const v1::SimulateActionsRequest& request);

// why.cc
Answer<v1::WhyResponse> answer(const View& view, const v1::WhyRequest& request);

// constitution.cc
Answer<v1::ListTracksResponse> answer(const View& view, const v1::ListTracksRequest& request);
Answer<v1::GetTrackResponse> answer(const View& view, const v1::GetTrackRequest& request);
Answer<v1::ListParametersResponse> answer(const View& view,
                                          const v1::ListParametersRequest& request);
Answer<v1::GetParameterResponse> answer(const View& view, const v1::GetParameterRequest& request);

// treasury.cc
Answer<v1::GetFundResponse> answer(const View& view, const v1::GetFundRequest& request);
Answer<v1::ListFundsResponse> answer(const View& view, const v1::ListFundsRequest& request);
Answer<v1::GetPayoutResponse> answer(const View& view, const v1::GetPayoutRequest& request);
Answer<v1::ListPayoutsResponse> answer(const View& view, const v1::ListPayoutsRequest& request);

// validators.cc
Answer<v1::GetValidatorSetResponse> answer(const View& view,
                                           const v1::GetValidatorSetRequest& request);
Answer<v1::GetLivenessResponse> answer(const View& view, const v1::GetLivenessRequest& request);
Answer<v1::GetSetResponse> answer(const View& view, const v1::GetSetRequest& request);
Answer<v1::ListValidatorsResponse> answer(const View& view,
                                          const v1::ListValidatorsRequest& request);
Answer<v1::GetValidatorResponse> answer(const View& view, const v1::GetValidatorRequest& request);
Answer<v1::ListSetChangesResponse> answer(const View& view,
                                          const v1::ListSetChangesRequest& request);
Answer<v1::PreflightResponse> answer(const View& view, const v1::PreflightRequest& request);
Answer<v1::ListEquivocationsResponse> answer(const View& view,
                                             const v1::ListEquivocationsRequest& request);

// power.cc
Answer<v1::GetDelegationResponse> answer(const View& view, const v1::GetDelegationRequest& request);
Answer<v1::ListDelegatesResponse> answer(const View& view, const v1::ListDelegatesRequest& request);
Answer<v1::ListDelegatorsResponse> answer(const View& view,
                                          const v1::ListDelegatorsRequest& request);
Answer<v1::NeedsMeResponse> answer(const View& view, const v1::NeedsMeRequest& request);

// proposal_times.cc
Answer<v1::TimelineResponse> answer(const View& view, const v1::TimelineRequest& request);
Answer<v1::ExecutionStatusResponse> answer(const View& view,
                                           const v1::ExecutionStatusRequest& request);

// why.cc (with why_text.cc)
Answer<v1::ExportProposalResponse> answer(const View& view,
                                          const v1::ExportProposalRequest& request);

// constitution.cc
Answer<v1::GetEffectiveTrackResponse> answer(const View& view,
                                             const v1::GetEffectiveTrackRequest& request);
Answer<v1::GetParameterHistoryResponse> answer(const View& view,
                                               const v1::GetParameterHistoryRequest& request);

// standing.cc
Answer<v1::ListDefencesResponse> answer(const View& view, const v1::ListDefencesRequest& request);
Answer<v1::GetWeightHistoryResponse> answer(const View& view,
                                            const v1::GetWeightHistoryRequest& request);

// safety.cc
Answer<v1::GetActResponse> answer(const View& view, const v1::GetActRequest& request);
Answer<v1::ListActsResponse> answer(const View& view, const v1::ListActsRequest& request);
Answer<v1::ListSentinelsResponse> answer(const View& view, const v1::ListSentinelsRequest& request);
Answer<v1::ListPausesResponse> answer(const View& view, const v1::ListPausesRequest& request);
Answer<v1::GetUpgradeResponse> answer(const View& view, const v1::GetUpgradeRequest& request);

// recovery.cc
Answer<v1::GetRecoveryResponse> answer(const View& view, const v1::GetRecoveryRequest& request);
Answer<v1::ListGuardedResponse> answer(const View& view, const v1::ListGuardedRequest& request);

// schedules.cc
Answer<v1::GetScheduleResponse> answer(const View& view, const v1::GetScheduleRequest& request);
Answer<v1::ListSchedulesResponse> answer(const View& view, const v1::ListSchedulesRequest& request);
Answer<v1::GetVestedResponse> answer(const View& view, const v1::GetVestedRequest& request);
Answer<v1::GetStakeResponse> answer(const View& view, const v1::GetStakeRequest& request);
Answer<v1::ListStreamsResponse> answer(const View& view, const v1::ListStreamsRequest& request);

// budgets.cc
Answer<v1::GetBudgetResponse> answer(const View& view, const v1::GetBudgetRequest& request);
Answer<v1::ListBudgetsResponse> answer(const View& view, const v1::ListBudgetsRequest& request);
Answer<v1::BudgetUseResponse> answer(const View& view, const v1::BudgetUseRequest& request);
Answer<v1::WhyPaidResponse> answer(const View& view, const v1::WhyPaidRequest& request);

// grants.cc
Answer<v1::GetGrantResponse> answer(const View& view, const v1::GetGrantRequest& request);
Answer<v1::ListGrantsResponse> answer(const View& view, const v1::ListGrantsRequest& request);

// books.cc
Answer<v1::FundLedgerResponse> answer(const View& view, const v1::FundLedgerRequest& request);
Answer<v1::CategoryTotalsResponse> answer(const View& view,
                                          const v1::CategoryTotalsRequest& request);
Answer<v1::ForecastResponse> answer(const View& view, const v1::ForecastRequest& request);

}  // namespace salus::queries
