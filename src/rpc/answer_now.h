// Owns: a read is admitted, answered from one view of now, and finished, in that order.
#pragma once

#include "queries/queries.h"
#include "rpc/services.h"

namespace salus::rpc {

template <typename Request, typename Response>
grpc::ServerUnaryReactor* answer_now(const Shared& shared, grpc::CallbackServerContext* context,
                                     const Request& request, Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto ticket = admit(shared, request);
  if (!ticket) {
    reactor->Finish(to_status(ticket.error()));
    return reactor;
  }
  const auto view = queries::View::open(shared.backend.snapshot());
  if (!view) {
    reactor->Finish(to_status(view.error()));
    return reactor;
  }
  auto answered = queries::answer(*view, request);
  if (answered) *response = std::move(*answered);
  reactor->Finish(answered ? grpc::Status::OK : to_status(answered.error()));
  return reactor;
}

}  // namespace salus::rpc
