// Owns: the reading of gRPC statuses and their details.
#include "client/status.h"

namespace salus::client {

namespace {

Error::Kind kind_of(grpc::StatusCode code) {
  // gRPC has more codes than reasons that a caller can act on differently.
  switch (code) {
    case grpc::StatusCode::NOT_FOUND:
      return Error::Kind::NotFound;
    case grpc::StatusCode::UNAVAILABLE:
      return Error::Kind::Unreachable;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Error::Kind::TimedOut;
    default:
      return Error::Kind::Refused;
  }
}

}  // namespace

Error error_from_detail(const v1::ErrorDetail& detail, Error::Kind kind) {
  return {.kind = kind,
          .code = detail.code(),
          .name = detail.name(),
          .module = detail.module(),
          .sentence = detail.sentence(),
          .action_index = detail.action_index()};
}

Error error_from_status(const grpc::Status& status, const std::string& endpoint) {
  v1::RpcStatus details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      v1::ErrorDetail detail;
      if (!any.UnpackTo(&detail)) continue;
      // A node that says by itself that it is not ready was reached.
      return error_from_detail(detail, status.error_code() == grpc::StatusCode::NOT_FOUND
                                           ? Error::Kind::NotFound
                                           : Error::Kind::Refused);
    }
  }

  Error error{.kind = kind_of(status.error_code()), .module = "client"};
  switch (error.kind) {
    case Error::Kind::Unreachable:
      error.name = "Unreachable";
      error.sentence = "No node answers at " + endpoint +
                       ". Check that it runs and that the address is its [rpc] listen address.";
      break;
    case Error::Kind::TimedOut:
      error.name = "TimedOut";
      error.sentence = "The node at " + endpoint +
                       " did not answer in time. A submitted transaction may still be finalized: "
                       "ask for it by its id.";
      break;
    case Error::Kind::NotFound:
    case Error::Kind::Refused:
    case Error::Kind::Unproven:
      error.name = "Refused";
      error.sentence = "The node at " + endpoint + " refused the call: " + status.error_message();
      break;
  }
  return error;
}

}  // namespace salus::client
