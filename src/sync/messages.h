// Owns: the bytes of Fetch, Answer and Status frames (docs/formats.md, "Peer messages"). A decoder
// accepts exactly what the encoder writes, and no count or length is believed before it fits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "consensus/event.h"
#include "state/page.h"

namespace salus::sync {

// Asks for what settles a view (consensus.md, C33, C34).
struct FetchCertificate {
  Epoch epoch;
  View view;
  consensus::FetchKind kind = consensus::FetchKind::Any;
  bool operator==(const FetchCertificate&) const = default;
};
// Asks for a block's bytes; answered by a Block frame (C37).
struct FetchBlock {
  Digest digest;
  bool operator==(const FetchBlock&) const = default;
};
// Asks for finalized blocks from this height on.
struct FetchChain {
  Height from;
  bool operator==(const FetchChain&) const = default;
};
// Asks for a snapshot to join by, and for a part of its state; answered with nothing in it by a
// node that has none, or does not keep that state.
struct FetchSnapshot {
  bool operator==(const FetchSnapshot&) const = default;
};
struct FetchPart {
  Height height;
  state::Path path;
  bool operator==(const FetchPart&) const = default;
};
// Asks for the ends of epochs from this one on, for who joins a chain of more of them than an offer
// carries.
struct FetchEpochs {
  Epoch from;
  bool operator==(const FetchEpochs&) const = default;
};
using FetchMessage =
    std::variant<FetchCertificate, FetchBlock, FetchChain, FetchSnapshot, FetchPart, FetchEpochs>;

// At most 64 certificates an answer (consensus.md, section 10).
inline constexpr std::size_t kAnswerCertificatesMax = 64;
// An answer with blocks stops growing at 1 MiB; one block alone may be larger.
inline constexpr std::size_t kAnswerBytesSoftMax = std::size_t{1} << 20U;
inline constexpr std::size_t kAnswerBlocksMax = 256;
inline constexpr std::size_t kOfferBytesMax = std::size_t{8} << 20U;
// Ends of epochs, in an answer and in an offer; they stop growing at 1 MiB as well.
inline constexpr std::size_t kAnswerEpochEndsMax = 256;
// One of 128 validators has some 40 KiB.
inline constexpr std::size_t kEpochEndBytesMax = std::size_t{256} << 10U;
// A frame takes no more (net/frame.h).
inline constexpr std::size_t kAnswerBytesMax = std::size_t{9} << 20U;

// Certificates, each in its one encoding.
struct CertificatesAnswer {
  std::vector<Bytes> certificates;
  bool operator==(const CertificatesAnswer&) const = default;
};
// Consecutive finalized blocks, oldest first, and the finalization of the last one. Without blocks:
// the finalization that ends a segment too large for an answer, to be fetched by digest (C37).
struct ChainAnswer {
  Bytes certificate;
  std::vector<Bytes> blocks;
  bool operator==(const ChainAnswer&) const = default;
};
// An offer (sync/snapshot.h), at most kOfferBytesMax.
struct SnapshotAnswer {
  Bytes offer;
  bool operator==(const SnapshotAnswer&) const = default;
};
// A part of the state after `height` (state/chunk.h), at most state::kChunkBytesMax.
struct PartAnswer {
  Height height;
  state::Path path;
  Bytes part;
  bool operator==(const PartAnswer&) const = default;
};
// The blocks from the height that was asked for on, or the block of the digest that was asked for,
// are not here any more: pruned, or never fetched. Those from `lowest` on are. Whoever reads it
// asks another peer, or joins by a snapshot.
struct PrunedAnswer {
  Height lowest;
  bool operator==(const PrunedAnswer&) const = default;
};
// How the epochs from `from` on ended, one after the other, each a v1::EpochEnd; none where they
// have not, or are not here.
struct EpochsAnswer {
  Epoch from;
  std::vector<Bytes> ends;
  bool operator==(const EpochsAnswer&) const = default;
};
using AnswerMessage = std::variant<CertificatesAnswer, ChainAnswer, SnapshotAnswer, PartAnswer,
                                   PrunedAnswer, EpochsAnswer>;

// Where the sender is. Proves nothing.
struct StatusMessage {
  Epoch epoch;
  View view;
  View finalized;
  Height height;
  // A consensus::Mode.
  std::uint8_t mode = 0;
  WallMs wall;
  // The newest votes of the receiver that the sender holds, each in its one encoding; at most 3.
  std::vector<Bytes> votes_of_receiver;
  bool operator==(const StatusMessage&) const = default;
};
inline constexpr std::size_t kStatusVotesMax = 3;

Bytes encode(const FetchMessage& message);
Bytes encode(const AnswerMessage& message);
Bytes encode(const StatusMessage& message);
// nullopt: malformed; the sender is punished (consensus.md, section 10).
std::optional<FetchMessage> decode_fetch(ByteView bytes);
std::optional<AnswerMessage> decode_answer(ByteView bytes);
std::optional<StatusMessage> decode_status(ByteView bytes);

}  // namespace salus::sync
