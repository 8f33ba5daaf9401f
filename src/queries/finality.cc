// Owns: the two.
#include "queries/finality.h"

#include <google/protobuf/util/json_util.h>

#include "base/assert.h"
#include "salus/v1/chain.pb.h"
#include "sync/finality.h"

namespace salus::queries {

namespace {

RpcError rpc_error(sync::ProveError error) {
  switch (error) {
    case sync::ProveError::NotKept:
      return RpcError::BlockNotFinalized;
    case sync::ProveError::EpochOutOfRange:
      return RpcError::EpochOutOfRange;
    case sync::ProveError::TooLong:
      return RpcError::ProofTooLarge;
  }
  SALUS_ASSERT(false, "every error has its refusal");
  return RpcError::ProofTooLarge;
}

}  // namespace

Answer<v1::FinalityProof> prove_finality(const ledger::Reader& chain, Height height, Epoch from) {
  auto proof = sync::prove_finality(chain, height, from);
  if (!proof) return std::unexpected(refusal(rpc_error(proof.error())));
  return std::move(*proof);
}

std::optional<WallMs> genesis_time(const std::string& genesis_document) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis_document, &document);
  if (!parsed.ok()) return std::nullopt;
  return WallMs{document.time_ms()};
}

}  // namespace salus::queries
