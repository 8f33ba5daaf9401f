// Owns: one way to talk to a network: connect to any of its nodes, sign, submit, wait, ask. Every
// refusal comes back as an Error with a name and a sentence; nothing throws. A node that does not
// answer is left for the next one of the list.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "salus/signing.h"
#include "salus/v1/chain_service.pb.h"
#include "salus/v1/operator_service.pb.h"
#include "salus/v1/query_service.pb.h"
#include "salus/v1/transactions_service.pb.h"

namespace salus::client {

struct Error {
  enum class Kind : std::uint8_t {
    Refused,      // by the rules of the network, or by the node
    NotFound,     // no such record
    Unreachable,  // no node of the list answers
    TimedOut,     // the deadline passed; a submission may still be finalized
    Unproven,     // the answer does not lead to what the validators certified (salus/verify.h)
  };
  Kind kind = Kind::Refused;
  // An ErrorCode, or from 900 one of the node's own; 0 for what the client found out by itself.
  std::uint32_t code = 0;
  // `InsufficientFunds`, `assets`: as documents spell them.
  std::string name = {};
  std::string module = {};
  // What is wrong and what to do.
  std::string sentence = {};
  // Which action of the transaction was refused.
  std::uint32_t action_index = 0;
};

struct Options {
  // HOST:PORT of nodes of one network; the first that answers is used.
  std::vector<std::string> endpoints = {"127.0.0.1:7401"};
  // For each call but subscriptions.
  std::chrono::milliseconds timeout{30'000};
  // PEM of the authorities that nodes' certificates are checked against; empty = no TLS.
  std::string tls_roots;
};

// Thread-safe, but for moves.
class Client {
 public:
  // Opens no connection yet: the first call does. Refused when there is no endpoint.
  static Result<Client, Error> connect(Options options);

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Transactions. With FINALIZED a transaction that was finalized and refused is an Error.
  Result<v1::SubmitTransactionResponse, Error> submit(const v1::Transaction& transaction,
                                                      v1::SubmitWait wait);
  // The bytes of a transaction that was signed elsewhere, as they are.
  Result<v1::SubmitTransactionResponse, Error> submit_bytes(std::string transaction,
                                                            v1::SubmitWait wait);
  // The same without blocking; `done` runs on a thread of the library and must not block.
  void submit_async(const v1::Transaction& transaction, v1::SubmitWait wait,
                    std::function<void(Result<v1::SubmitTransactionResponse, Error>)> done);

  // Reads: one for each method, chosen by its request.
  Result<v1::SimulateTransactionResponse, Error> query(
      const v1::SimulateTransactionRequest& request);
  Result<v1::GetTransactionResponse, Error> query(const v1::GetTransactionRequest& request);
  Result<v1::ListAccountTransactionsResponse, Error> query(
      const v1::ListAccountTransactionsRequest& request);
  Result<v1::GetStatusResponse, Error> query(const v1::GetStatusRequest& request);
  Result<v1::GetGenesisResponse, Error> query(const v1::GetGenesisRequest& request);
  Result<v1::GetBlockResponse, Error> query(const v1::GetBlockRequest& request);
  Result<v1::GetFinalityResponse, Error> query(const v1::GetFinalityRequest& request);
  Result<v1::GetProofResponse, Error> query(const v1::GetProofRequest& request);
  Result<v1::ProveQueryResponse, Error> query(const v1::ProveQueryRequest& request);
  Result<v1::GetReceiptResponse, Error> query(const v1::GetReceiptRequest& request);
  Result<v1::GetAccountResponse, Error> query(const v1::GetAccountRequest& request);
  Result<v1::GetRecoveryResponse, Error> query(const v1::GetRecoveryRequest& request);
  Result<v1::ListGuardedResponse, Error> query(const v1::ListGuardedRequest& request);
  Result<v1::GetAssetResponse, Error> query(const v1::GetAssetRequest& request);
  Result<v1::ListAssetsResponse, Error> query(const v1::ListAssetsRequest& request);
  Result<v1::GetBalanceResponse, Error> query(const v1::GetBalanceRequest& request);
  Result<v1::ListBalancesResponse, Error> query(const v1::ListBalancesRequest& request);
  Result<v1::GetScheduleResponse, Error> query(const v1::GetScheduleRequest& request);
  Result<v1::ListSchedulesResponse, Error> query(const v1::ListSchedulesRequest& request);
  Result<v1::GetVestedResponse, Error> query(const v1::GetVestedRequest& request);
  Result<v1::GetStakeResponse, Error> query(const v1::GetStakeRequest& request);
  Result<v1::GetMemberResponse, Error> query(const v1::GetMemberRequest& request);
  Result<v1::ListMembersResponse, Error> query(const v1::ListMembersRequest& request);
  Result<v1::GetApplicationResponse, Error> query(const v1::GetApplicationRequest& request);
  Result<v1::ListApplicationsResponse, Error> query(const v1::ListApplicationsRequest& request);
  Result<v1::GetChamberResponse, Error> query(const v1::GetChamberRequest& request);
  Result<v1::ListChambersResponse, Error> query(const v1::ListChambersRequest& request);
  Result<v1::ListOfficesResponse, Error> query(const v1::ListOfficesRequest& request);
  Result<v1::GetCredentialResponse, Error> query(const v1::GetCredentialRequest& request);
  Result<v1::ListCredentialsResponse, Error> query(const v1::ListCredentialsRequest& request);
  Result<v1::ListDefencesResponse, Error> query(const v1::ListDefencesRequest& request);
  Result<v1::GetWeightHistoryResponse, Error> query(const v1::GetWeightHistoryRequest& request);
  Result<v1::GetActResponse, Error> query(const v1::GetActRequest& request);
  Result<v1::ListActsResponse, Error> query(const v1::ListActsRequest& request);
  Result<v1::ListSentinelsResponse, Error> query(const v1::ListSentinelsRequest& request);
  Result<v1::GetProposalResponse, Error> query(const v1::GetProposalRequest& request);
  Result<v1::ListProposalsResponse, Error> query(const v1::ListProposalsRequest& request);
  Result<v1::GetTallyResponse, Error> query(const v1::GetTallyRequest& request);
  Result<v1::GetBallotResponse, Error> query(const v1::GetBallotRequest& request);
  Result<v1::ListBallotsResponse, Error> query(const v1::ListBallotsRequest& request);
  Result<v1::WhyResponse, Error> query(const v1::WhyRequest& request);
  Result<v1::GetPowerResponse, Error> query(const v1::GetPowerRequest& request);
  Result<v1::ListTracksResponse, Error> query(const v1::ListTracksRequest& request);
  Result<v1::GetTrackResponse, Error> query(const v1::GetTrackRequest& request);
  Result<v1::ListParametersResponse, Error> query(const v1::ListParametersRequest& request);
  Result<v1::GetParameterResponse, Error> query(const v1::GetParameterRequest& request);
  Result<v1::SimulateActionsResponse, Error> query(const v1::SimulateActionsRequest& request);
  Result<v1::GetDelegationResponse, Error> query(const v1::GetDelegationRequest& request);
  Result<v1::ListDelegatesResponse, Error> query(const v1::ListDelegatesRequest& request);
  Result<v1::ListDelegatorsResponse, Error> query(const v1::ListDelegatorsRequest& request);
  Result<v1::NeedsMeResponse, Error> query(const v1::NeedsMeRequest& request);
  Result<v1::ExportProposalResponse, Error> query(const v1::ExportProposalRequest& request);
  Result<v1::TimelineResponse, Error> query(const v1::TimelineRequest& request);
  Result<v1::ExecutionStatusResponse, Error> query(const v1::ExecutionStatusRequest& request);
  Result<v1::GetEffectiveTrackResponse, Error> query(const v1::GetEffectiveTrackRequest& request);
  Result<v1::GetParameterHistoryResponse, Error> query(
      const v1::GetParameterHistoryRequest& request);
  Result<v1::ListPausesResponse, Error> query(const v1::ListPausesRequest& request);
  Result<v1::GetFundResponse, Error> query(const v1::GetFundRequest& request);
  Result<v1::ListFundsResponse, Error> query(const v1::ListFundsRequest& request);
  Result<v1::GetPayoutResponse, Error> query(const v1::GetPayoutRequest& request);
  Result<v1::ListPayoutsResponse, Error> query(const v1::ListPayoutsRequest& request);
  Result<v1::GetBudgetResponse, Error> query(const v1::GetBudgetRequest& request);
  Result<v1::ListBudgetsResponse, Error> query(const v1::ListBudgetsRequest& request);
  Result<v1::BudgetUseResponse, Error> query(const v1::BudgetUseRequest& request);
  Result<v1::GetGrantResponse, Error> query(const v1::GetGrantRequest& request);
  Result<v1::ListGrantsResponse, Error> query(const v1::ListGrantsRequest& request);
  Result<v1::ListStreamsResponse, Error> query(const v1::ListStreamsRequest& request);
  Result<v1::FundLedgerResponse, Error> query(const v1::FundLedgerRequest& request);
  Result<v1::CategoryTotalsResponse, Error> query(const v1::CategoryTotalsRequest& request);
  Result<v1::ForecastResponse, Error> query(const v1::ForecastRequest& request);
  Result<v1::WhyPaidResponse, Error> query(const v1::WhyPaidRequest& request);
  Result<v1::GetValidatorSetResponse, Error> query(const v1::GetValidatorSetRequest& request);
  Result<v1::GetLivenessResponse, Error> query(const v1::GetLivenessRequest& request);
  Result<v1::GetSetResponse, Error> query(const v1::GetSetRequest& request);
  Result<v1::ListValidatorsResponse, Error> query(const v1::ListValidatorsRequest& request);
  Result<v1::GetValidatorResponse, Error> query(const v1::GetValidatorRequest& request);
  Result<v1::ListSetChangesResponse, Error> query(const v1::ListSetChangesRequest& request);
  Result<v1::PreflightResponse, Error> query(const v1::PreflightRequest& request);
  Result<v1::ListEquivocationsResponse, Error> query(const v1::ListEquivocationsRequest& request);
  Result<v1::GetUpgradeResponse, Error> query(const v1::GetUpgradeRequest& request);

  // Answered by a node's own socket only: connect to `unix:PATH`.
  Result<v1::ConsensusStatusResponse, Error> query(const v1::ConsensusStatusRequest& request);
  Result<v1::ConsensusVotesResponse, Error> query(const v1::ConsensusVotesRequest& request);
  Result<v1::WhyStalledResponse, Error> query(const v1::WhyStalledRequest& request);
  Result<v1::BackupResponse, Error> query(const v1::BackupRequest& request);
  Result<v1::BackupProgressResponse, Error> query(const v1::BackupProgressRequest& request);

  // Calls `visit` for each message in order until it returns false, or the stream breaks: then ask
  // again from the `next` of the last message. Blocks.
  Result<void, Error> subscribe(
      const v1::SubscribeEventsRequest& request,
      const std::function<bool(const v1::SubscribeEventsResponse&)>& visit);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class LightClient;

// Signs for one account, counting its sequence on from what the network said. One thread.
class Session {
 public:
  // How many heights a transaction stays valid, unless valid_for() says otherwise.
  static constexpr std::uint64_t kExpiryHeights = 200;

  // Asks the network for its chain id and for the account. `client` outlives the session; the keys
  // outlive it too, and reach the account's threshold.
  // A node that lies can so make it sign for another chain, or for as long as it likes.
  static Result<Session, Error> open(Client& client, const AccountId& account,
                                     std::vector<const SigningKey*> keys);
  // Takes chain, sequence, keys' version and height from what `light` trusts and verified: what is
  // signed is for that chain, and ends 200 heights after a state that was final.
  static Result<Session, Error> open(LightClient& light, const AccountId& account,
                                     std::vector<const SigningKey*> keys);

  const AccountId& account() const { return account_; }
  std::uint64_t next_sequence() const { return next_sequence_; }

  // For what is signed from now on; more than `accounts.ttl_max` is refused as TtlTooLong (G-2.3).
  void valid_for(std::uint64_t heights) { valid_for_ = heights; }
  // The body that the next transaction has; nothing is used up.
  v1::TxBody body(const std::vector<v1::Action>& actions) const;
  // Signs it and counts on.
  v1::Transaction sign(const std::vector<v1::Action>& actions);
  // sign() and Client::submit(). After an Error the sequence is asked for anew.
  Result<v1::SubmitTransactionResponse, Error> submit(const std::vector<v1::Action>& actions,
                                                      v1::SubmitWait wait);
  // Reads sequence, keys' version and height from the network again.
  Result<void, Error> refresh();

 private:
  Session(Client& client, const AccountId& account, std::vector<const SigningKey*> keys)
      : client_(&client), account_(account), keys_(std::move(keys)) {}

  Result<v1::GetAccountResponse, Error> read_account();

  Client* client_;
  // Where nothing is taken on a node's word.
  LightClient* light_ = nullptr;
  AccountId account_;
  std::vector<const SigningKey*> keys_;
  ChainId chain_id_;
  std::uint64_t next_sequence_ = 0;
  std::uint32_t auth_version_ = 0;
  std::uint64_t height_ = 0;
  std::uint64_t valid_for_ = kExpiryHeights;
};

}  // namespace salus::client
