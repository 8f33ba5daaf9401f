// Owns: the table of the node's own refusals, and how any refusal becomes a gRPC status.
#include "queries/errors.h"

#include "base/assert.h"

namespace salus::queries {

namespace {

struct Row {
  RpcError error;
  std::string_view name;
  grpc::StatusCode status;
  std::string_view sentence;
};

constexpr Row kRows[] = {
    {RpcError::ArgumentInvalid, "ArgumentInvalid", grpc::StatusCode::INVALID_ARGUMENT,
     "A field of the request is out of range. See its documentation in proto/salus/v1."},
    {RpcError::RequestTooLarge, "RequestTooLarge", grpc::StatusCode::INVALID_ARGUMENT,
     "The request is larger than this method takes. Split it."},
    {RpcError::TooManyRequests, "TooManyRequests", grpc::StatusCode::RESOURCE_EXHAUSTED,
     "The node answers as many requests of this kind as it may. Try again in a moment, or ask "
     "another node."},
    {RpcError::TooManySubscriptions, "TooManySubscriptions", grpc::StatusCode::RESOURCE_EXHAUSTED,
     "The node serves as many subscriptions as it may. Close one, or ask another node."},
    {RpcError::PageTokenInvalid, "PageTokenInvalid", grpc::StatusCode::INVALID_ARGUMENT,
     "The page token is not from an answer to this request. Start again without one."},
    {RpcError::NodeStarting, "NodeStarting", grpc::StatusCode::UNAVAILABLE,
     "The node is starting and has no state to read yet. Try again in a moment."},
    {RpcError::NodeStopping, "NodeStopping", grpc::StatusCode::UNAVAILABLE,
     "The node is stopping. Ask another node, or this one later."},
    {RpcError::BlockNotFinalized, "BlockNotFinalized", grpc::StatusCode::NOT_FOUND,
     "No block of this height is finalized here yet. See the latest: salus chain status."},
    {RpcError::NotYetCertified, "NotYetCertified", grpc::StatusCode::UNAVAILABLE,
     "No later block certifies this yet. Ask again in a moment."},
    {RpcError::EpochOutOfRange, "EpochOutOfRange", grpc::StatusCode::OUT_OF_RANGE,
     "The trusted epoch is later than the block, or more than 4096 before it. Ask with an epoch "
     "from the block's own down."},
    {RpcError::ProofTooLarge, "ProofTooLarge", grpc::StatusCode::RESOURCE_EXHAUSTED,
     "The proof would be larger than one answer may be. Ask for fewer records: a smaller page; or "
     "from a later epoch whose validators you trust."},
    {RpcError::QueryUnprovable, "QueryUnprovable", grpc::StatusCode::INVALID_ARGUMENT,
     "This request is not a read of the state. Only reads of the query services can be proven."},
    {RpcError::HeightPruned, "HeightPruned", grpc::StatusCode::NOT_FOUND,
     "This height was pruned here. Ask a node that keeps more, or an archive."},
    {RpcError::StateUncertified, "StateUncertified", grpc::StatusCode::UNAVAILABLE,
     "This node holds no certified state before its latest block yet: it has just joined by a "
     "snapshot. Ask again after the next block, or ask another node."},
    {RpcError::NodeHalted, "NodeHalted", grpc::StatusCode::UNAVAILABLE,
     "This node has stopped taking part: it contradicts a quorum of the validators, or saw one "
     "contradict itself, and what it holds may be wrong. Ask another node."},
    {RpcError::BackupRunning, "BackupRunning", grpc::StatusCode::FAILED_PRECONDITION,
     "This node makes another backup. Wait until it is done, then ask again."},
    {RpcError::BackupFolderUnfit, "BackupFolderUnfit", grpc::StatusCode::FAILED_PRECONDITION,
     "No backup can be made there. Name a folder that does not exist, in one that does."},
};

const Row& get_row(RpcError error) {
  for (const Row& row : kRows) {
    if (row.error == error) return row;
  }
  SALUS_ASSERT(false, "every refusal of rpc has a row");
  return kRows[0];
}

}  // namespace

std::string_view name(RpcError error) { return get_row(error).name; }
std::string_view sentence(RpcError error) { return get_row(error).sentence; }
grpc::StatusCode status_code(RpcError error) { return get_row(error).status; }

std::optional<RpcError> find_rpc_error(std::uint32_t code) {
  for (const Row& row : kRows) {
    if (static_cast<std::uint32_t>(row.error) == code) return row.error;
  }
  return std::nullopt;
}

Refusal refusal(RpcError error) { return refusal(error, sentence(error)); }

Refusal refusal(RpcError error, std::string_view what) {
  Refusal out{.status = status_code(error), .detail = {}};
  out.detail.set_code(static_cast<std::uint32_t>(error));
  out.detail.set_name(std::string{name(error)});
  out.detail.set_module("rpc");
  out.detail.set_sentence(std::string{what});
  return out;
}

Refusal refusal(dao::Error error) {
  return refusal(error, static_cast<grpc::StatusCode>(dao::status(error)));
}

Refusal refusal(dao::Error error, grpc::StatusCode status) {
  return {.status = status, .detail = detail_of(error, 0)};
}

std::string_view module_of(std::uint32_t code) {
  if (code < 140) return "transaction";
  if (code < 200) return "common";
  switch (code / 50) {
    case 4:
    case 5:
      return "accounts";
    case 6:
    case 7:
      return "assets";
    case 8:
    case 9:
      return "membership";
    case 10:
      return "power";
    case 11:
      return "constitution";
    case 12:
    case 13:
      return "governance";
    case 14:
    case 15:
      return "treasury";
    case 16:
    case 17:
      return "validators";
    default:
      return "rpc";
  }
}

v1::ErrorDetail detail_of(dao::Error error, std::uint32_t action_index) {
  v1::ErrorDetail detail;
  detail.set_code(static_cast<std::uint32_t>(error));
  detail.set_name(std::string{dao::name(error)});
  detail.set_module(std::string{module_of(detail.code())});
  detail.set_sentence(std::string{dao::sentence(error)});
  detail.set_action_index(action_index);
  return detail;
}

bool is_refused(const v1::TxResult& result) { return result.code() != v1::ERROR_CODE_UNSPECIFIED; }

v1::ErrorDetail detail_of(const v1::TxResult& result) {
  return detail_of(static_cast<dao::Error>(result.code()), result.action_index());
}

grpc::Status to_status(const Refusal& refusal) {
  v1::RpcStatus details;
  details.set_code(static_cast<int>(refusal.status));
  details.set_message(refusal.detail.sentence());
  details.add_details()->PackFrom(refusal.detail);
  return {refusal.status, refusal.detail.sentence(), details.SerializeAsString()};
}

}  // namespace salus::queries
