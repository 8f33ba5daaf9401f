// Owns: the way from a gRPC call to an answer: find its row in the access table, check its size,
// take a place in its class, answer from one view. Handlers run on gRPC's threads and never wait.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <vector>

#include "rpc/backend.h"
#include "rpc/gate.h"
#include "rpc/refusals.h"
#include "rpc/subscriptions.h"

namespace salus::rpc {

// What the services share; outlives them.
struct Shared {
  const Backend& backend;
  Gate& gate;
  Subscriptions& subscriptions;
};

// One object a service, to be registered with a server builder.
std::vector<std::unique_ptr<grpc::Service>> make_services(const Shared& shared);
std::unique_ptr<grpc::Service> make_transactions(const Shared& shared);

// Whether a request may be answered at all; the ticket is held while it is. TooManyRequests,
// RequestTooLarge.
Answer<Gate::Ticket> admit(Gate& gate, const google::protobuf::Message& request);
// The same of what tells something of the chain, or is to change it: NodeHalted as well.
Answer<Gate::Ticket> admit(const Shared& shared, const google::protobuf::Message& request);

}  // namespace salus::rpc
