// Owns: a gRPC status becomes an Error that says who refused, why, and what to do.
#pragma once

#include <grpcpp/support/status.h>

#include "salus/client.h"
#include "salus/v1/error_detail.pb.h"

namespace salus::client {

Error error_from_detail(const v1::ErrorDetail& detail, Error::Kind kind);
Error error_from_status(const grpc::Status& status, const std::string& endpoint);

}  // namespace salus::client
