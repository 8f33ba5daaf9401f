// Owns: every refusal that leaves over gRPC has one status code, a name, and a sentence that says
// what to do (H-0.9). Refusals of the rules are dao::Error; the node's own ones are below.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dao/error.h"
#include "salus/v1/error_detail.pb.h"
#include "salus/v1/tx.pb.h"

namespace salus::queries {

// Numbers are kept for ever; they follow those of v1::ErrorCode.
enum class RpcError : std::uint32_t {
  ArgumentInvalid = 901,
  RequestTooLarge = 902,
  TooManyRequests = 903,
  TooManySubscriptions = 904,
  PageTokenInvalid = 905,
  NodeStarting = 906,
  NodeStopping = 907,
  BlockNotFinalized = 908,
  NotYetCertified = 909,
  EpochOutOfRange = 910,
  ProofTooLarge = 911,
  QueryUnprovable = 912,
  HeightPruned = 913,
  StateUncertified = 914,
  NodeHalted = 915,
  BackupRunning = 920,
  BackupFolderUnfit = 921,
};
std::string_view name(RpcError error);
std::string_view sentence(RpcError error);
grpc::StatusCode status_code(RpcError error);
// nullopt for a number that is none of them.
std::optional<RpcError> find_rpc_error(std::uint32_t code);

// A refusal on its way out.
struct Refusal {
  grpc::StatusCode status;
  v1::ErrorDetail detail;
};
Refusal refusal(RpcError error);
// With what was wrong about this very request, e.g. "account has 31 bytes; it needs 32."
Refusal refusal(RpcError error, std::string_view what);
Refusal refusal(dao::Error error);
// A look-up that found nothing, for errors whose own status says something else.
Refusal refusal(dao::Error error, grpc::StatusCode status);

template <typename T>
using Answer = Result<T, Refusal>;

// Which module a code belongs to, e.g. `governance`; by its hundreds (types.proto).
std::string_view module_of(std::uint32_t code);
v1::ErrorDetail detail_of(dao::Error error, std::uint32_t action_index);
bool is_refused(const v1::TxResult& result);
v1::ErrorDetail detail_of(const v1::TxResult& result);

grpc::Status to_status(const Refusal& refusal);

}  // namespace salus::queries
