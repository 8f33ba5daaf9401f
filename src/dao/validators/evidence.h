// Owns: when two votes contradict each other (consensus.md, section 10: E1 to E3). The application
// reads the fixed layout of a vote by itself, so that it judges evidence without leaning upward on
// consensus/; tests hold both readers to the same vectors.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "salus/v1/validators.pb.h"

namespace salus::dao::validators {

enum class VoteKind : std::uint8_t { Notarize = 1, Nullify = 2, Finalize = 3 };

struct SignedVote {
  VoteKind kind = VoteKind::Notarize;
  ValidatorIndex signer;
  Epoch epoch;
  View view;
  // Zero for Nullify, which names a view only.
  View parent;
  Digest digest;
  Signature signature;
};

// Exactly 123 bytes, 83 for nullify; ordinals below 2^63, the view at least 1.
std::optional<SignedVote> decode_vote(ByteView bytes);
// What the validator's key signed.
Bytes signed_bytes(const ChainId& chain_id, const SignedVote& vote);
// By one signer in one epoch and view; nullopt = no contradiction.
std::optional<v1::EquivocationKind> contradiction(const SignedVote& first,
                                                  const SignedVote& second);

}  // namespace salus::dao::validators
