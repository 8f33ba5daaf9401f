// Owns: the one encoding of votes and certificates, on the wire and on disk (consensus.md, section
// 2). A decoder accepts exactly the bytes that the encoder writes, and nothing is allocated before
// the length is known to fit.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "consensus/types.h"

namespace salus::consensus {

inline constexpr std::size_t kVoteBytes = 123;
inline constexpr std::size_t kNullifyBytes = 83;
inline constexpr std::size_t kSignedVoteBytes = 104;
inline constexpr std::size_t kSignedNullifyBytes = 64;
// kind, epoch, view, parent, digest, n, bitmap and signatures of 128 validators.
inline constexpr std::size_t kCertificateBytesMax =
    1 + 8 + 8 + 8 + 32 + 2 + kValidatorsMax / 8 + 64 * kValidatorsMax;
static_assert(kCertificateBytesMax == 8'267, "the bound of consensus.md, section 10");

Bytes encode(const Vote& vote);
Bytes encode(const Certificate& certificate);

// Shape only: length, kind, ranges, bitmap. The result is still to be validated.
Result<Vote, Refusal> decode_vote(ByteView bytes);
Result<Certificate, Refusal> decode_certificate(ByteView bytes);

// Decode, then validate: what a driver calls on bytes from a peer or a disk. With `from`, a vote
// that came on another link than its signer's is refused before its signature is looked at.
Result<Validated<Vote>, Refusal> validate_vote(ByteView bytes, const VoteContext& context);
Result<Validated<Vote>, Refusal> validate_vote(ByteView bytes, const VoteContext& context,
                                               const NodeId& from);
Result<Validated<Certificate>, Refusal> validate_certificate(ByteView bytes,
                                                             const VoteContext& context);

// The bytes that a validator key signs: tag, chain, epoch, view, and for notarize and finalize the
// parent view and digest.
Bytes signed_bytes(const ChainId& chain_id, const Subject& subject);

struct SignedSubject {
  ChainId chain_id;
  Subject subject;

  auto operator<=>(const SignedSubject&) const = default;
};

// The inverse of signed_bytes, for a guard that is handed bytes to sign.
Result<SignedSubject, Refusal> parse_signed_bytes(ByteView bytes);

}  // namespace salus::consensus
