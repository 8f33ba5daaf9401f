// Owns: signatures are put where they belong when a stage opens.
#include "consensus/effects.h"

#include "base/assert.h"

namespace salus::consensus {

Result<DurableToken, StageFailure> DurableToken::after(
    const Result<void, LogError>& logged, Result<std::vector<Signature>, SignError> signatures) {
  if (!logged) return std::unexpected(logged.error().reason);
  if (!signatures) return std::unexpected(signatures.error().reason);
  return DurableToken{*std::move(signatures)};
}

void complete(Late& late, std::span<const Signature> signatures) {
  auto* const send = std::get_if<SendVote>(&late);
  if (send == nullptr) return;
  SALUS_ASSERT(send->place < signatures.size(), "the signer returned too few signatures");
  send->vote.signature = signatures[send->place];
}

}  // namespace salus::consensus
