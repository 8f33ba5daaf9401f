// Owns: the channels to the nodes of one network, and which of them is in use.
#include "salus/client.h"

#include <grpcpp/grpcpp.h>

#include <atomic>

#include "client/status.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "salus/v1/operator_service.grpc.pb.h"
#include "salus/v1/query_service.grpc.pb.h"
#include "salus/v1/transactions_service.grpc.pb.h"

namespace salus::client {

namespace {

// A block may carry several MiB of transactions and as much of results.
constexpr int kAnswerBytesMax = 32 * 1024 * 1024;
// Beyond the node's own wait, so that its answer is seen rather than our deadline.
constexpr std::chrono::milliseconds kDeadlineSlack{2'000};

struct Node {
  std::string endpoint;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Transactions::Stub> transactions;
  std::unique_ptr<v1::Chain::Stub> chain;
  std::unique_ptr<v1::Accounts::Stub> accounts;
  std::unique_ptr<v1::Assets::Stub> assets;
  std::unique_ptr<v1::Membership::Stub> membership;
  std::unique_ptr<v1::Governance::Stub> governance;
  std::unique_ptr<v1::Treasury::Stub> treasury;
  std::unique_ptr<v1::Validators::Stub> validators;
  std::unique_ptr<v1::Operator::Stub> operators;
};

Node make_node(const std::string& endpoint, const std::string& tls_roots) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  // Two clients of one process shall not share a connection: a load generator wants several.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto credentials =
      tls_roots.empty()
          ? grpc::InsecureChannelCredentials()
          : grpc::SslCredentials(
                {.pem_root_certs = tls_roots, .pem_private_key = {}, .pem_cert_chain = {}});
  auto channel = grpc::CreateCustomChannel(endpoint, credentials, arguments);
  return {.endpoint = endpoint,
          .channel = channel,
          .transactions = v1::Transactions::NewStub(channel),
          .chain = v1::Chain::NewStub(channel),
          .accounts = v1::Accounts::NewStub(channel),
          .assets = v1::Assets::NewStub(channel),
          .membership = v1::Membership::NewStub(channel),
          .governance = v1::Governance::NewStub(channel),
          .treasury = v1::Treasury::NewStub(channel),
          .validators = v1::Validators::NewStub(channel),
          .operators = v1::Operator::NewStub(channel)};
}

// A submission that was finalized and refused is a refusal for the caller.
Result<v1::SubmitTransactionResponse, Error> outcome_of(v1::SubmitTransactionResponse response) {
  if (response.has_error()) {
    return std::unexpected(error_from_detail(response.error(), Error::Kind::Refused));
  }
  return response;
}

v1::SubmitTransactionRequest submission(std::string transaction, v1::SubmitWait wait) {
  v1::SubmitTransactionRequest request;
  request.set_transaction(std::move(transaction));
  request.set_wait(wait);
  return request;
}

}  // namespace

struct Client::Impl {
  Options options;
  std::vector<Node> nodes;
  std::atomic<std::size_t> current = 0;

  const Node& node(std::size_t attempt) const {
    return nodes[(current.load() + attempt) % nodes.size()];
  }
  // The next node takes over for everybody; a no-op when another thread moved on already.
  void leave(const Node& node) {
    std::size_t index = static_cast<std::size_t>(&node - nodes.data());
    current.compare_exchange_strong(index, (index + 1) % nodes.size());
  }
  void set_deadline(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + options.timeout + kDeadlineSlack);
  }

  // Asks node after node until one answers. Every method may be repeated: reads change nothing, and
  // a transaction counts once whatever the number of its submissions.
  template <typename Response, typename Stub, typename Request>
  Result<Response, Error> call(std::unique_ptr<Stub> Node::* stub,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               const Request& request) {
    Error error;
    for (std::size_t attempt = 0; attempt < nodes.size(); ++attempt) {
      const Node& used = node(0);
      grpc::ClientContext context;
      set_deadline(context);
      Response response;
      const grpc::Status status = ((*(used.*stub)).*method)(&context, request, &response);
      if (status.ok()) return response;
      error = error_from_status(status, used.endpoint);
      // Also of a node that was reached and says that it starts or stops.
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE) break;
      leave(used);
    }
    return std::unexpected(std::move(error));
  }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client, Error> Client::connect(Options options) {
  if (options.endpoints.empty()) {
    return std::unexpected(Error{.kind = Error::Kind::Unreachable,
                                 .name = "NoEndpoint",
                                 .module = "client",
                                 .sentence = "No node was named. Give at least one HOST:PORT."});
  }
  auto impl = std::make_unique<Impl>();
  for (const std::string& endpoint : options.endpoints) {
    impl->nodes.push_back(make_node(endpoint, options.tls_roots));
  }
  impl->options = std::move(options);
  return Client{std::move(impl)};
}

Result<v1::SubmitTransactionResponse, Error> Client::submit(const v1::Transaction& transaction,
                                                            v1::SubmitWait wait) {
  return submit_bytes(transaction.SerializeAsString(), wait);
}

Result<v1::SubmitTransactionResponse, Error> Client::submit_bytes(std::string transaction,
                                                                  v1::SubmitWait wait) {
  auto response = impl_->call(&Node::transactions, &v1::Transactions::Stub::SubmitTransaction,
                              submission(std::move(transaction), wait));
  if (!response) return response;
  return outcome_of(std::move(*response));
}

void Client::submit_async(const v1::Transaction& transaction, v1::SubmitWait wait,
                          std::function<void(Result<v1::SubmitTransactionResponse, Error>)> done) {
  struct Call {
    grpc::ClientContext context;
    v1::SubmitTransactionRequest request;
    v1::SubmitTransactionResponse response;
    std::string endpoint;
  };
  // gRPC borrows the three messages until it calls back: the callback owns them, hence shared.
  auto call = std::make_shared<Call>();
  const Node& used = impl_->node(0);
  impl_->set_deadline(call->context);
  call->request = submission(transaction.SerializeAsString(), wait);
  call->endpoint = used.endpoint;
  used.transactions->async()->SubmitTransaction(
      &call->context, &call->request, &call->response,
      [call, done = std::move(done)](const grpc::Status& status) {
        if (status.ok()) return done(outcome_of(std::move(call->response)));
        done(std::unexpected(error_from_status(status, call->endpoint)));
      });
}

Result<void, Error> Client::subscribe(
    const v1::SubscribeEventsRequest& request,
    const std::function<bool(const v1::SubscribeEventsResponse&)>& visit) {
  const Node& used = impl_->node(0);
  grpc::ClientContext context;
  const auto reader = used.chain->SubscribeEvents(&context, request);
  v1::SubscribeEventsResponse message;
  while (reader->Read(&message)) {
    if (visit(message)) continue;
    context.TryCancel();
    while (reader->Read(&message)) continue;
    // Our own cancellation is not an error, and its status says nothing else.
    static_cast<void>(reader->Finish());
    return {};
  }
  const grpc::Status status = reader->Finish();
  if (status.ok()) return {};
  Error error = error_from_status(status, used.endpoint);
  if (error.kind == Error::Kind::Unreachable) impl_->leave(used);
  return std::unexpected(std::move(error));
}

#define SALUS_QUERY(service, field, method)                                               \
  Result<v1::method##Response, Error> Client::query(const v1::method##Request& request) { \
    return impl_->call(&Node::field, &v1::service::Stub::method, request);                \
  }
SALUS_QUERY(Transactions, transactions, SimulateTransaction)
SALUS_QUERY(Transactions, transactions, GetTransaction)
SALUS_QUERY(Transactions, transactions, ListAccountTransactions)
SALUS_QUERY(Chain, chain, GetStatus)
SALUS_QUERY(Chain, chain, GetGenesis)
SALUS_QUERY(Chain, chain, GetBlock)
SALUS_QUERY(Chain, chain, GetFinality)
SALUS_QUERY(Chain, chain, GetProof)
SALUS_QUERY(Chain, chain, ProveQuery)
SALUS_QUERY(Chain, chain, GetReceipt)
SALUS_QUERY(Accounts, accounts, GetAccount)
SALUS_QUERY(Accounts, accounts, GetRecovery)
SALUS_QUERY(Accounts, accounts, ListGuarded)
SALUS_QUERY(Assets, assets, GetAsset)
SALUS_QUERY(Assets, assets, ListAssets)
SALUS_QUERY(Assets, assets, GetBalance)
SALUS_QUERY(Assets, assets, ListBalances)
SALUS_QUERY(Assets, assets, GetSchedule)
SALUS_QUERY(Assets, assets, ListSchedules)
SALUS_QUERY(Assets, assets, GetVested)
SALUS_QUERY(Assets, assets, GetStake)
SALUS_QUERY(Membership, membership, GetMember)
SALUS_QUERY(Membership, membership, ListMembers)
SALUS_QUERY(Membership, membership, GetApplication)
SALUS_QUERY(Membership, membership, ListApplications)
SALUS_QUERY(Membership, membership, GetChamber)
SALUS_QUERY(Membership, membership, ListChambers)
SALUS_QUERY(Membership, membership, ListOffices)
SALUS_QUERY(Membership, membership, GetCredential)
SALUS_QUERY(Membership, membership, ListCredentials)
SALUS_QUERY(Membership, membership, ListDefences)
SALUS_QUERY(Membership, membership, GetWeightHistory)
SALUS_QUERY(Membership, membership, GetAct)
SALUS_QUERY(Membership, membership, ListActs)
SALUS_QUERY(Membership, membership, ListSentinels)
SALUS_QUERY(Governance, governance, GetProposal)
SALUS_QUERY(Governance, governance, ListProposals)
SALUS_QUERY(Governance, governance, GetTally)
SALUS_QUERY(Governance, governance, GetBallot)
SALUS_QUERY(Governance, governance, ListBallots)
SALUS_QUERY(Governance, governance, Why)
SALUS_QUERY(Governance, governance, GetPower)
SALUS_QUERY(Governance, governance, ListTracks)
SALUS_QUERY(Governance, governance, GetTrack)
SALUS_QUERY(Governance, governance, ListParameters)
SALUS_QUERY(Governance, governance, GetParameter)
SALUS_QUERY(Governance, governance, SimulateActions)
SALUS_QUERY(Governance, governance, GetDelegation)
SALUS_QUERY(Governance, governance, ListDelegates)
SALUS_QUERY(Governance, governance, ListDelegators)
SALUS_QUERY(Governance, governance, NeedsMe)
SALUS_QUERY(Governance, governance, ExportProposal)
SALUS_QUERY(Governance, governance, Timeline)
SALUS_QUERY(Governance, governance, ExecutionStatus)
SALUS_QUERY(Governance, governance, GetEffectiveTrack)
SALUS_QUERY(Governance, governance, GetParameterHistory)
SALUS_QUERY(Governance, governance, ListPauses)
SALUS_QUERY(Treasury, treasury, GetFund)
SALUS_QUERY(Treasury, treasury, ListFunds)
SALUS_QUERY(Treasury, treasury, GetPayout)
SALUS_QUERY(Treasury, treasury, ListPayouts)
SALUS_QUERY(Treasury, treasury, GetBudget)
SALUS_QUERY(Treasury, treasury, ListBudgets)
SALUS_QUERY(Treasury, treasury, BudgetUse)
SALUS_QUERY(Treasury, treasury, GetGrant)
SALUS_QUERY(Treasury, treasury, ListGrants)
SALUS_QUERY(Treasury, treasury, ListStreams)
SALUS_QUERY(Treasury, treasury, FundLedger)
SALUS_QUERY(Treasury, treasury, CategoryTotals)
SALUS_QUERY(Treasury, treasury, Forecast)
SALUS_QUERY(Treasury, treasury, WhyPaid)
SALUS_QUERY(Validators, validators, GetValidatorSet)
SALUS_QUERY(Validators, validators, GetLiveness)
SALUS_QUERY(Validators, validators, GetSet)
SALUS_QUERY(Validators, validators, ListValidators)
SALUS_QUERY(Validators, validators, GetValidator)
SALUS_QUERY(Validators, validators, ListSetChanges)
SALUS_QUERY(Validators, validators, Preflight)
SALUS_QUERY(Validators, validators, ListEquivocations)
SALUS_QUERY(Validators, validators, GetUpgrade)
SALUS_QUERY(Operator, operators, ConsensusStatus)
SALUS_QUERY(Operator, operators, ConsensusVotes)
SALUS_QUERY(Operator, operators, WhyStalled)
SALUS_QUERY(Operator, operators, Backup)
SALUS_QUERY(Operator, operators, BackupProgress)
#undef SALUS_QUERY

}  // namespace salus::client
