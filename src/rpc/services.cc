// Owns: the services that read.
#include "rpc/services.h"

#include "dao/application.h"
#include "rpc/answer_now.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "salus/v1/query_service.grpc.pb.h"
#include "state/history.h"

namespace salus::rpc {

namespace {

// To prove what an execution would do is to execute it: through here it is no cheaper to ask for.
RateClass rate_of(const MethodAccess& access, const google::protobuf::Message& request) {
  const auto* proof = dynamic_cast<const v1::ProveQueryRequest*>(&request);
  if (proof == nullptr) return access.rate;
  const MethodAccess* proven = find_access_of_request(proof->request_type());
  return proven != nullptr && proven->rate == RateClass::Simulate ? proven->rate : access.rate;
}

}  // namespace

Answer<Gate::Ticket> admit(Gate& gate, const google::protobuf::Message& request) {
  const MethodAccess& access = get_access_of_request(request.GetDescriptor()->full_name());
  if (request.ByteSizeLong() > access.request_bytes_max) {
    return std::unexpected(refusal(RpcError::RequestTooLarge));
  }
  auto ticket = gate.enter(rate_of(access, request));
  if (!ticket) return std::unexpected(refusal(RpcError::TooManyRequests));
  return std::move(*ticket);
}

// C31: no state reads, and nothing is taken.
Answer<Gate::Ticket> admit(const Shared& shared, const google::protobuf::Message& request) {
  if (shared.backend.is_halted()) return std::unexpected(refusal(RpcError::NodeHalted));
  return admit(shared.gate, request);
}

namespace {

using Reactor = grpc::ServerUnaryReactor;
using Context = grpc::CallbackServerContext;

#define SALUS_READ(method)                                              \
  Reactor* method(Context* context, const v1::method##Request* request, \
                  v1::method##Response* response) override {            \
    return answer_now(shared_, context, *request, response);            \
  }

class AccountsService : public v1::Accounts::CallbackService {
 public:
  explicit AccountsService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetAccount)
  SALUS_READ(GetRecovery)
  SALUS_READ(ListGuarded)

 private:
  Shared shared_;
};

class AssetsService : public v1::Assets::CallbackService {
 public:
  explicit AssetsService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetAsset)
  SALUS_READ(ListAssets)
  SALUS_READ(GetBalance)
  SALUS_READ(ListBalances)
  SALUS_READ(GetSchedule)
  SALUS_READ(ListSchedules)
  SALUS_READ(GetVested)
  SALUS_READ(GetStake)

 private:
  Shared shared_;
};

class MembershipService : public v1::Membership::CallbackService {
 public:
  explicit MembershipService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetMember)
  SALUS_READ(ListMembers)
  SALUS_READ(GetApplication)
  SALUS_READ(ListApplications)
  SALUS_READ(GetChamber)
  SALUS_READ(ListChambers)
  SALUS_READ(ListOffices)
  SALUS_READ(GetCredential)
  SALUS_READ(ListCredentials)
  SALUS_READ(ListDefences)
  SALUS_READ(GetWeightHistory)
  SALUS_READ(GetAct)
  SALUS_READ(ListActs)
  SALUS_READ(ListSentinels)

 private:
  Shared shared_;
};

class GovernanceService : public v1::Governance::CallbackService {
 public:
  explicit GovernanceService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetProposal)
  SALUS_READ(ListProposals)
  SALUS_READ(GetTally)
  SALUS_READ(GetBallot)
  SALUS_READ(ListBallots)
  SALUS_READ(Why)
  SALUS_READ(GetPower)
  SALUS_READ(ListTracks)
  SALUS_READ(GetTrack)
  SALUS_READ(ListParameters)
  SALUS_READ(GetParameter)
  SALUS_READ(SimulateActions)
  SALUS_READ(GetDelegation)
  SALUS_READ(ListDelegates)
  SALUS_READ(ListDelegators)
  SALUS_READ(NeedsMe)
  SALUS_READ(ExportProposal)
  SALUS_READ(Timeline)
  SALUS_READ(ExecutionStatus)
  SALUS_READ(GetEffectiveTrack)
  SALUS_READ(GetParameterHistory)
  SALUS_READ(ListPauses)

 private:
  Shared shared_;
};

class TreasuryService : public v1::Treasury::CallbackService {
 public:
  explicit TreasuryService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetFund)
  SALUS_READ(ListFunds)
  SALUS_READ(GetPayout)
  SALUS_READ(ListPayouts)
  SALUS_READ(GetBudget)
  SALUS_READ(ListBudgets)
  SALUS_READ(BudgetUse)
  SALUS_READ(GetGrant)
  SALUS_READ(ListGrants)
  SALUS_READ(ListStreams)
  SALUS_READ(FundLedger)
  SALUS_READ(CategoryTotals)
  SALUS_READ(Forecast)
  SALUS_READ(WhyPaid)

 private:
  Shared shared_;
};

class ValidatorsService : public v1::Validators::CallbackService {
 public:
  explicit ValidatorsService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetValidatorSet)
  SALUS_READ(GetLiveness)
  SALUS_READ(GetSet)
  SALUS_READ(ListValidators)
  SALUS_READ(GetValidator)
  SALUS_READ(ListSetChanges)
  SALUS_READ(Preflight)
  SALUS_READ(ListEquivocations)
  SALUS_READ(GetUpgrade)

 private:
  Shared shared_;
};

class ChainService : public v1::Chain::CallbackService {
 public:
  explicit ChainService(const Shared& shared) : shared_(shared) {}
  SALUS_READ(GetGenesis)
  SALUS_READ(GetBlock)
  SALUS_READ(GetFinality)
  SALUS_READ(GetProof)
  SALUS_READ(ProveQuery)
  SALUS_READ(GetReceipt)

  // Answered also while the node starts, and when it has halted: it is how one sees that.
  Reactor* GetStatus(Context* context, const v1::GetStatusRequest* request,
                     v1::GetStatusResponse* response) override {
    Reactor* reactor = context->DefaultReactor();
    const auto ticket = admit(shared_.gate, *request);
    if (!ticket) {
      reactor->Finish(to_status(ticket.error()));
      return reactor;
    }
    describe_node(*response);
    const auto view = queries::View::open(shared_.backend.snapshot());
    if (view) describe_chain(*view, *response);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<v1::SubscribeEventsResponse>* SubscribeEvents(
      Context* /*context*/, const v1::SubscribeEventsRequest* request) override {
    return shared_.subscriptions.open(*request);
  }

 private:
  void describe_node(v1::GetStatusResponse& response) const {
    const NodeStatus status = shared_.backend.status();
    response.set_chain_id(shared_.backend.chain_id.to_string());
    response.set_network(shared_.backend.network);
    response.set_epoch(status.epoch.value());
    response.set_view(status.view.value());
    response.set_mode(status.mode);
    response.set_peers_linked(status.peers_linked);
    response.set_node_name(status.name);
    response.set_version(status.version);
    response.set_mempool_transactions(status.mempool_transactions);
    response.set_disk_syncs(status.disk_syncs);
  }
  static void describe_chain(const queries::View& view, v1::GetStatusResponse& response) {
    response.set_class_(dao::genesis_class(view.state()));
    response.set_height(view.height());
    response.set_digest(view.tip().digest.to_string());
    response.set_state_root(view.tip().state_root.to_string());
    response.set_time_ms(view.now_ms());
    const ledger::Kept kept = view.chain().kept();
    response.set_lowest_block_height(kept.block.value());
    response.set_lowest_results_height(kept.results.value());
    response.set_lowest_state_height(state::load_horizon(view.store()).lowest.value());
  }

  Shared shared_;
};

#undef SALUS_READ

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> make_services(const Shared& shared) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(make_transactions(shared));
  services.push_back(std::make_unique<ChainService>(shared));
  services.push_back(std::make_unique<AccountsService>(shared));
  services.push_back(std::make_unique<AssetsService>(shared));
  services.push_back(std::make_unique<MembershipService>(shared));
  services.push_back(std::make_unique<GovernanceService>(shared));
  services.push_back(std::make_unique<TreasuryService>(shared));
  services.push_back(std::make_unique<ValidatorsService>(shared));
  return services;
}

}  // namespace salus::rpc
