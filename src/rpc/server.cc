// Owns: how the listener is set up and taken down.
#include "rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <mutex>

#include "rpc/access_table.h"
#include "rpc/gate.h"
#include "rpc/services.h"
#include "rpc/subscriptions.h"

namespace salus::rpc {

namespace {

// All connections together; beyond it gRPC slows them down.
constexpr std::size_t kMemoryBytesMax = std::size_t{256} * 1024 * 1024;
// Calls of one connection at once.
constexpr int kStreamsPerConnectionMax = 1'024;
// A subscriber that vanished without a word is noticed after the sum of both.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
constexpr std::chrono::milliseconds kStopMax{2'000};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const ServerOptions& options) {
  if (options.tls_certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back(
      {.private_key = options.tls_key, .cert_chain = options.tls_certificate});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct Server::Impl {
  explicit Impl(Backend given) : backend(std::move(given)) {}

  Backend backend;
  Gate gate;
  Subscriptions subscriptions{backend, gate};
  std::vector<std::unique_ptr<grpc::Service>> services =
      make_services({.backend = backend, .gate = gate, .subscriptions = subscriptions});
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::mutex mutex;
  bool is_stopped = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>, ServerError> Server::start(Backend backend,
                                                           const ServerOptions& options) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto impl = std::make_unique<Impl>(std::move(backend));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, credentials_of(options), &impl->port);
  // The method's own limit is checked with a typed refusal; what is over every limit is not even
  // read.
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * kRequestBytesMax));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // Two nodes on one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota{"rpc"};
  quota.Resize(kMemoryBytesMax);
  builder.SetResourceQuota(quota);
  for (const auto& service : impl->services) builder.RegisterService(service.get());

  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    impl->subscriptions.stop();
    return std::unexpected(
        ServerError{"The gRPC listener could not be opened at " + options.listen +
                    ". Check that the address belongs to this machine, that no other program "
                    "uses the port ([rpc] listen), and that certificate and key fit together."});
  }
  std::unique_ptr<Server> server{new Server{std::move(impl)}};
  server->set_ready(false);
  return server;
}

std::uint16_t Server::port() const { return static_cast<std::uint16_t>(impl_->port); }

void Server::set_ready(bool ready) {
  const std::lock_guard lock{impl_->mutex};
  if (impl_->is_stopped) return;
  impl_->server->GetHealthCheckService()->SetServingStatus(ready);
}

void Server::stop() {
  if (impl_->server == nullptr) return;
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->is_stopped = true;
  }
  impl_->subscriptions.stop();
  impl_->server->Shutdown(std::chrono::system_clock::now() + kStopMax);
  impl_->server->Wait();
  impl_->server.reset();
}

}  // namespace salus::rpc
