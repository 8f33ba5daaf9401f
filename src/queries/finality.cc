// Owns: the sentences with heights in them.
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
  if (!proof && proof.error() == sync::ProveError::NotKept && height > Height{0} &&
      height <= chain.tip_height()) {
    return std::unexpected(refuse_pruned_block(chain));
  }
  if (!proof) return std::unexpected(refusal(rpc_error(proof.error())));
  return std::move(*proof);
}

Refusal refuse_pruned_block(const ledger::Reader& chain) {
  return refusal(RpcError::HeightPruned,
                 "This block is not kept here; the lowest that is has height " +
                     std::to_string(chain.kept().block.value()) +
                     ". Ask a node that keeps more, or import an archive: salus ledger import.");
}

Refusal refuse_pruned_results(const ledger::Reader& chain) {
  return refusal(
      RpcError::HeightPruned,
      "The results and events of this height are not kept here; the lowest that are have height " +
          std::to_string(chain.kept().results.value()) +
          ". Ask a node that keeps more, or import an archive: salus ledger import.");
}

Refusal refuse_unknown_transaction(const ledger::Reader& chain) {
  const Height lowest = chain.kept().block;
  if (lowest <= Height{1}) return refusal(dao::Error::NotFound);
  return refusal(RpcError::HeightPruned,
                 "No transaction of this id is in the blocks that are kept here, from height " +
                     std::to_string(lowest.value()) +
                     " on. Ask a node that keeps more: an earlier one would be pruned here.");
}

std::optional<WallMs> genesis_time(const std::string& genesis_document) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis_document, &document);
  if (!parsed.ok()) return std::nullopt;
  return WallMs{document.time_ms()};
}

}  // namespace salus::queries
