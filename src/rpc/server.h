// Owns: the node's one public listener. Services, health and reflection answer here, within the
// bounds of the access table; nobody's connection may take more than its share of memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "rpc/backend.h"

namespace salus::rpc {

struct ServerOptions {
  // HOST:PORT; port 0 takes a free one.
  std::string listen = "127.0.0.1:7401";
  // PEM of the node's certificate chain and key; both empty = no TLS, for loopback.
  std::string tls_certificate;
  std::string tls_key;
};

struct ServerError {
  // For the operator: what could not be opened, and what to do.
  std::string reason;
};

class Server {
 public:
  // Listens when it returns. `backend`'s functions stay callable until stop() has returned.
  static Result<std::unique_ptr<Server>, ServerError> start(Backend backend,
                                                            const ServerOptions& options);
  ~Server();

  std::uint16_t port() const;
  // What the standard health service says; false until this is called with true. Any thread; does
  // nothing after stop().
  void set_ready(bool ready);
  // Ends subscriptions and waiting calls and closes the listener; at most about two seconds. Also
  // done by the destructor.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace salus::rpc
