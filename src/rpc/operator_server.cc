// Owns: the operator's socket and the service behind it.
#include "rpc/operator_server.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>

#include "rpc/gate.h"
#include "rpc/operator_answers.h"
#include "rpc/services.h"
#include "salus/v1/operator_service.grpc.pb.h"

namespace salus::rpc {

namespace {

constexpr std::chrono::milliseconds kStopMax{2'000};
// No file system takes a longer path than four times this.
constexpr std::size_t kFolderBytesMax = 1'024;
// What the kernel takes, without the closing zero.
constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

std::unexpected<ServerError> refuse(const std::string& socket, const std::string& why) {
  return std::unexpected(ServerError{"The operator's socket can't be opened at " + socket + ": " +
                                     why + " See [operator] listen."});
}

}  // namespace

struct OperatorServer::Impl final : v1::Operator::CallbackService {
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  explicit Impl(OperatorBackend given) : backend(std::move(given)) {}

  template <typename Request, typename Response, typename Describe>
  Reactor* answer(Context* context, const Request& request, Response* response,
                  const Describe& describe) {
    Reactor* reactor = context->DefaultReactor();
    const auto ticket = admit(gate, request);
    if (!ticket) {
      reactor->Finish(to_status(ticket.error()));
      return reactor;
    }
    const auto situation = backend.situation();
    if (!situation) {
      reactor->Finish(to_status(refusal(RpcError::NodeStarting)));
      return reactor;
    }
    *response = describe(*situation);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  Reactor* ConsensusStatus(Context* context, const v1::ConsensusStatusRequest* request,
                           v1::ConsensusStatusResponse* response) override {
    return answer(context, *request, response, [this](const replica::Situation& situation) {
      return consensus_status(situation, backend.node_name);
    });
  }
  Reactor* ConsensusVotes(Context* context, const v1::ConsensusVotesRequest* request,
                          v1::ConsensusVotesResponse* response) override {
    return answer(context, *request, response, consensus_votes);
  }
  Reactor* WhyStalled(Context* context, const v1::WhyStalledRequest* request,
                      v1::WhyStalledResponse* response) override {
    return answer(context, *request, response, why_stalled);
  }

  Reactor* Backup(Context* context, const v1::BackupRequest* request,
                  v1::BackupResponse* /*response*/) override {
    return serve(context, *request, [&]() -> Answer<void> {
      if (request->folder().empty() || request->folder().size() > kFolderBytesMax) {
        return std::unexpected(
            refusal(RpcError::ArgumentInvalid, "folder has 1 to 1,024 bytes; it is a path."));
      }
      const auto begun = backend.begin_backup(request->folder());
      if (begun) return {};
      const bool runs = begun.error().kind == BackupRefusal::Kind::Running;
      return std::unexpected(
          refusal(runs ? RpcError::BackupRunning : RpcError::BackupFolderUnfit,
                  begun.error().reason));
    });
  }
  Reactor* BackupProgress(Context* context, const v1::BackupProgressRequest* request,
                          v1::BackupProgressResponse* response) override {
    return serve(context, *request, [&]() -> Answer<void> {
      *response = backup_progress(backend.backup_status());
      return {};
    });
  }

  // What needs no situation.
  template <typename Request, typename Act>
  Reactor* serve(Context* context, const Request& request, const Act& act) {
    Reactor* reactor = context->DefaultReactor();
    const auto ticket = admit(gate, request);
    if (!ticket) {
      reactor->Finish(to_status(ticket.error()));
      return reactor;
    }
    if (!backend.begin_backup || !backend.backup_status) {
      reactor->Finish(to_status(refusal(RpcError::NodeStarting)));
      return reactor;
    }
    const Answer<void> done = act();
    reactor->Finish(done ? grpc::Status::OK : to_status(done.error()));
    return reactor;
  }

  OperatorBackend backend;
  Gate gate;
  std::unique_ptr<grpc::Server> server;
};

OperatorServer::OperatorServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OperatorServer::~OperatorServer() { stop(); }

Result<std::unique_ptr<OperatorServer>, ServerError> OperatorServer::start(
    OperatorBackend backend, const std::string& socket) {
  if (socket.size() > kSocketPathMax) {
    return refuse(socket, "a socket's path has at most " + std::to_string(kSocketPathMax) +
                              " bytes, and this one has " + std::to_string(socket.size()) +
                              ". Choose a shorter path.");
  }
  auto impl = std::make_unique<Impl>(std::move(backend));
  grpc::ServerBuilder builder;
  int bound = 0;
  builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials(), &bound);
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * kRequestBytesMax));
  builder.RegisterService(impl.get());
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || bound == 0) {
    return refuse(socket, "the folder must exist and belong to this user.");
  }
  std::unique_ptr<OperatorServer> server{new OperatorServer{std::move(impl)}};
  if (chmod(socket.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return refuse(socket, "its mode can't be set to 0600.");
  }
  return server;
}

void OperatorServer::stop() {
  if (impl_->server == nullptr) return;
  impl_->server->Shutdown(std::chrono::system_clock::now() + kStopMax);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace salus::rpc
