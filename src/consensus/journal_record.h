// Owns: the payload of each journal record (consensus.md, S6). The framing around it (length, crc,
// stage, type) is the journal's; what is decoded here is of one epoch, or refused (S17).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "consensus/codec.h"
#include "consensus/types.h"

namespace salus::consensus {

// Values are on disk.
enum class RecordType : std::uint8_t { OwnVote = 1, Certificate = 2, Candidate = 3, Halt = 4 };

// An own vote, by what it says; payload: its signed bytes.
struct OwnVoteRecord {
  Subject subject;
  bool operator==(const OwnVoteRecord&) const = default;
};

// Payload: the certificate's one encoding.
struct CertificateRecord {
  Certificate certificate;
  bool operator==(const CertificateRecord&) const = default;
};

// Payload: epoch, view, parent view, digest, then the bytes of the block. The core leaves `block`
// empty and the driver, who holds the bytes, fills it in before it appends (S3).
struct CandidateRecord {
  Candidate candidate;
  Bytes block;
  bool operator==(const CandidateRecord&) const = default;
};

// Values are on disk.
enum class HaltReason : std::uint8_t { SafetyViolated = 1, Diverged = 2 };

// Why this validator never votes again in this epoch (C19, C31). Payload: reason u8, epoch, view.
struct HaltRecord {
  HaltReason reason = HaltReason::SafetyViolated;
  Epoch epoch;
  View view;
  bool operator==(const HaltRecord&) const = default;
};

using Record = std::variant<OwnVoteRecord, CertificateRecord, CandidateRecord, HaltRecord>;

// The hard cap of block_bytes_max.
inline constexpr std::size_t kBlockBytesMax = std::size_t{8} << 20U;
inline constexpr std::size_t kCandidateHeadBytes = 8 + 8 + 8 + 32;
inline constexpr std::size_t kRecordPayloadBytesMax = kCandidateHeadBytes + kBlockBytesMax;

enum class RecordError : std::uint8_t { UnknownType, Malformed, TooLarge, OtherChain, OtherEpoch };
std::string_view sentence(RecordError error);

RecordType type_of(const Record& record);
Bytes encode_payload(const ChainId& chain_id, const Record& record);
// Shape, chain and epoch; a certificate's signatures are the caller's to validate.
Result<Record, RecordError> decode_payload(std::uint8_t type, ByteView payload,
                                           const ChainId& chain_id, Epoch epoch);

}  // namespace salus::consensus
