// Owns: the payload layouts of the journal, written and read side by side.
#include "consensus/journal_record.h"

#include <utility>

namespace salus::consensus {

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

Bytes encode_candidate(const CandidateRecord& record) {
  ByteWriter out;
  out.u64(record.candidate.epoch.value());
  out.u64(record.candidate.view.value());
  out.u64(record.candidate.parent.value());
  out.bytes(record.candidate.digest.view());
  out.bytes(record.block);
  return std::move(out).out();
}

Bytes encode_halt(const HaltRecord& record) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(record.reason));
  out.u64(record.epoch.value());
  out.u64(record.view.value());
  return std::move(out).out();
}

Result<Record, RecordError> decode_own_vote(ByteView payload, const ChainId& chain_id,
                                            Epoch epoch) {
  const auto parsed = parse_signed_bytes(payload);
  if (!parsed) return std::unexpected(RecordError::Malformed);
  if (parsed->chain_id != chain_id) return std::unexpected(RecordError::OtherChain);
  if (parsed->subject.epoch() != epoch) return std::unexpected(RecordError::OtherEpoch);
  return OwnVoteRecord{parsed->subject};
}

Result<Record, RecordError> decode_certificate_record(ByteView payload, Epoch epoch) {
  auto certificate = decode_certificate(payload);
  if (!certificate) return std::unexpected(RecordError::Malformed);
  if (certificate->subject.epoch() != epoch) return std::unexpected(RecordError::OtherEpoch);
  return CertificateRecord{*std::move(certificate)};
}

Result<Record, RecordError> decode_candidate(ByteView payload, Epoch epoch) {
  ByteReader in{payload};
  CandidateRecord record;
  record.candidate.epoch = Epoch{in.u64()};
  record.candidate.view = View{in.u64()};
  record.candidate.parent = View{in.u64()};
  record.candidate.digest = in.fixed<Digest>();
  if (!in.ok() || record.candidate.view == View{}) return std::unexpected(RecordError::Malformed);
  if (record.candidate.epoch != epoch) return std::unexpected(RecordError::OtherEpoch);
  const ByteView block = in.bytes(in.left());
  record.block.assign(block.begin(), block.end());
  return record;
}

Result<Record, RecordError> decode_halt(ByteView payload, Epoch epoch) {
  ByteReader in{payload};
  const std::uint8_t reason = in.u8();
  HaltRecord record;
  record.epoch = Epoch{in.u64()};
  record.view = View{in.u64()};
  if (!in.done()) return std::unexpected(RecordError::Malformed);
  if (reason == static_cast<std::uint8_t>(HaltReason::SafetyViolated)) {
    record.reason = HaltReason::SafetyViolated;
  } else if (reason == static_cast<std::uint8_t>(HaltReason::Diverged)) {
    record.reason = HaltReason::Diverged;
  } else {
    return std::unexpected(RecordError::Malformed);
  }
  if (record.epoch != epoch) return std::unexpected(RecordError::OtherEpoch);
  return record;
}

}  // namespace

std::string_view sentence(RecordError error) {
  switch (error) {
    case RecordError::UnknownType:
      return "A journal record was refused: its type is unknown. A later version may have written "
             "it; start that version.";
    case RecordError::Malformed:
      return "A journal record was refused: its payload is malformed. The journal is damaged.";
    case RecordError::TooLarge:
      return "A journal record was refused: its payload is larger than any record can be.";
    case RecordError::OtherChain:
      return "A journal record was refused: it belongs to another chain. Check the data folder.";
    case RecordError::OtherEpoch:
      return "A journal record was refused: it belongs to another epoch than its folder.";
  }
  std::unreachable();
}

RecordType type_of(const Record& record) {
  return std::visit(Overloaded{
                        [](const OwnVoteRecord&) { return RecordType::OwnVote; },
                        [](const CertificateRecord&) { return RecordType::Certificate; },
                        [](const CandidateRecord&) { return RecordType::Candidate; },
                        [](const HaltRecord&) { return RecordType::Halt; },
                    },
                    record);
}

Bytes encode_payload(const ChainId& chain_id, const Record& record) {
  return std::visit(
      Overloaded{
          [&](const OwnVoteRecord& vote) { return signed_bytes(chain_id, vote.subject); },
          [](const CertificateRecord& held) { return encode(held.certificate); },
          [](const CandidateRecord& candidate) { return encode_candidate(candidate); },
          [](const HaltRecord& halt) { return encode_halt(halt); },
      },
      record);
}

Result<Record, RecordError> decode_payload(std::uint8_t type, ByteView payload,
                                           const ChainId& chain_id, Epoch epoch) {
  if (payload.size() > kRecordPayloadBytesMax) return std::unexpected(RecordError::TooLarge);
  if (type == static_cast<std::uint8_t>(RecordType::OwnVote)) {
    return decode_own_vote(payload, chain_id, epoch);
  }
  if (type == static_cast<std::uint8_t>(RecordType::Certificate)) {
    return decode_certificate_record(payload, epoch);
  }
  if (type == static_cast<std::uint8_t>(RecordType::Candidate)) {
    return decode_candidate(payload, epoch);
  }
  if (type == static_cast<std::uint8_t>(RecordType::Halt)) return decode_halt(payload, epoch);
  return std::unexpected(RecordError::UnknownType);
}

}  // namespace salus::consensus
